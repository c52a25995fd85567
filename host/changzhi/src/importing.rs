//! `changzhi import`: reports of other systems, and how divisions were.

mod divisions;

use crate::sink::GateSink;
use crate::town;
use changzhi_data::{Import, Mapping, Progress};
use changzhi_settings::Settings;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::process::ExitCode;

pub use divisions::{Boundaries, Codes};

#[derive(Args)]
pub struct Reports {
    /// CSV, CSV.gz, XLSX, JSON or JSON lines
    file: PathBuf,
    /// Mapping of its columns (TOML); see data/mappings
    #[arg(long)]
    map: PathBuf,
    /// Data folder of a host that is not running
    #[arg(long)]
    data: Option<PathBuf>,
    /// Folder with the plugins' components
    #[arg(long)]
    plugins: Option<PathBuf>,
    /// Where the report and the rejected rows are kept; default: `imports` in the data folder
    #[arg(long)]
    out: Option<PathBuf>,
    /// Also write the report as JSON to this file
    #[arg(long)]
    report: Option<PathBuf>,
    /// Read, map and compare, but change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Reports {
    pub fn run(self, mut settings: Settings) -> anyhow::Result<ExitCode> {
        settings.data = self.data.unwrap_or(settings.data);
        settings.plugins = self.plugins.unwrap_or(settings.plugins);
        // The data folder is this process's alone: there is nobody beside it to be fair to.
        (settings.rate.token, settings.rate.account) = (0, 0);
        let mapping = Mapping::load(&self.map)?;
        let town = town::open(&settings)?;
        let sink = GateSink::new(&town)?;
        let mut import = Import::new(mapping, self.file);
        import.dry_run = self.dry_run;
        import.out = Some(self.out.unwrap_or_else(|| settings.data.join("imports")));
        let progress = Progress::default();
        let bar = ProgressBar::new(0)
            .with_style(ProgressStyle::with_template("{bar:32} {bytes}/{total_bytes} {msg} {elapsed}")?);
        let ticking = progress.clone();
        let report = import.run(&sink, &progress, &mut |rows| {
            bar.set_length(ticking.bytes_total());
            bar.set_position(ticking.bytes_done());
            bar.set_message(format!("{rows} rows"));
        });
        bar.finish();
        // Whatever came of it, what was acknowledged is closed cleanly.
        let closed = town.city.close();
        let report = report?;
        closed?;
        let locale = std::env::var("LANG").unwrap_or_default();
        print!("{}", report.text(if locale.starts_with("zh") { "zh-CN" } else { "en" }));
        if let Some(file) = self.report {
            std::fs::write(&file, serde_json::to_vec_pretty(&report)?)?;
        }
        Ok(if report.stopped.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}
