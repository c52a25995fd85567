//! Every developer command: `cargo xtask --help` lists them.

mod bench;
mod dev;
mod needs;
mod plugins;
mod scaffold;
mod shell;
mod test;
mod up;
mod wit;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Developer commands of Changzhi")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds plugins and host, starts the demo city and prints its address and sign-ins.
    Up {
        /// A quicker build that runs slower.
        #[arg(long)]
        dev: bool,
        /// Passed on to `changzhi up`.
        #[arg(last = true)]
        rest: Vec<String>,
    },
    /// Format, interface, lints, plugins, and every test.
    Test {
        /// Only this step: needs, format, wit, lint, lint-plugins, plugins or tests.
        #[arg(long)]
        only: Option<String>,
    },
    /// Builds the plugins into target/plugins/.
    Plugins,
    /// Makes, checks or develops one plugin.
    Plugin {
        #[command(subcommand)]
        command: PluginCommand,
    },
    /// Compares wit/ with the newest frozen version and names every broken rule of wit/VERSIONING.md.
    WitCheck,
    /// Copies wit/ to wit/frozen/VERSION/.
    WitFreeze {
        /// Replaces a frozen folder that was not released yet.
        #[arg(long)]
        again: bool,
    },
    /// Runs the benchmarks and rewrites docs/benchmarks.md.
    Bench {
        /// `spine`.
        #[arg(default_value = "spine")]
        set: String,
    },
}

#[derive(Subcommand)]
enum PluginCommand {
    /// Scaffolds plugins/NAME: it builds, tests and loads unchanged.
    New { name: String },
    /// Builds it and has the host inspect it: a name under plugins/, or a .wasm file.
    Check { target: String },
    /// Rebuilds on save and swaps it into the running host.
    Dev {
        name: String,
        /// Address of the running host.
        #[arg(long, default_value = "http://127.0.0.1:8080", env = "CHANGZHI_URL")]
        url: String,
        /// API token of an administrator.
        #[arg(long, env = "CHANGZHI_TOKEN", hide_env_values = true)]
        token: String,
    },
}

fn main() -> ExitCode {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    match run(Cli::parse(), &root.canonicalize().unwrap_or(root)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli, root: &std::path::Path) -> Result<()> {
    match cli.command {
        Command::Up { dev, rest } => up::run(root, dev, &rest),
        Command::Test { only } => test::run(root, only.as_deref()),
        Command::Plugins => plugins::build_all(root),
        Command::Plugin { command } => match command {
            PluginCommand::New { name } => scaffold::new(root, &name),
            PluginCommand::Check { target } => plugins::check(root, &target),
            PluginCommand::Dev { name, url, token } => dev::run(root, &name, &url, &token),
        },
        Command::WitCheck => wit::check(root),
        Command::WitFreeze { again } => wit::freeze(root, again),
        Command::Bench { set } => bench::run(root, &set),
    }
}
