//! `changzhi plugin`.

use anyhow::Context;
use changzhi_plugins::{Runtime, RuntimeOptions};
use clap::Subcommand;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum PluginCommand {
    /// Print what a component declares, or why it is refused
    Inspect { file: PathBuf },
}

impl PluginCommand {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let PluginCommand::Inspect { file } = self;
        let component = std::fs::read(&file).with_context(|| file.display().to_string())?;
        let runtime = Runtime::new(RuntimeOptions { cache_dir: None })?;
        let manifest = runtime.inspect(&component).with_context(|| format!("{} is refused", file.display()))?;
        println!("{}", serde_json::to_string_pretty(&manifest)?);
        Ok(ExitCode::SUCCESS)
    }
}
