//! Every developer command: `cargo xtask --help` lists them.

mod bench;
mod dev;
mod fuzz;
mod needs;
mod plugins;
mod running_host;
mod scaffold;
mod scaffold_check;
mod scratch;
mod shell;
mod shots;
mod test;
mod typeset;
mod up;
mod wit;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Developer commands of Changzhi")]
struct Cli {
    /// Works on the plugins of this workspace instead of the checkout's own; `plugin scratch` makes one.
    #[arg(long, global = true)]
    root: Option<PathBuf>,
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
        /// Only this step; a wrong one lists them.
        #[arg(long)]
        only: Option<String>,
    },
    /// Builds the plugins into target/plugins/.
    Plugins,
    /// Builds the program that sets pages as PDF and puts it beside the host.
    Typeset {
        /// Beside the quicker build of the host.
        #[arg(long)]
        dev: bool,
    },
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
    /// Fuzzes a reader of messages from outside, and says how many inputs it was given.
    Fuzz {
        /// `cap` or `edxl`.
        target: String,
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Takes pictures of the demo city and of the gallery into docs/shots.
    Shots,
    /// Runs the benchmarks of a set and rewrites its page under docs/.
    Bench {
        /// `spine`, `portal` or `routing`.
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
        #[command(flatten)]
        who: Who,
    },
    /// Lays out a workspace in an empty folder that shares this checkout's code and lock file: what is made there with
    /// `--root DIR` leaves the checkout as it is.
    Scratch { dir: PathBuf },
}

/// Who installs: an administrator of the whole city.
#[derive(clap::Args)]
struct Who {
    /// The login `cargo xtask up` printed.
    #[arg(long, default_value = "admin")]
    login: String,
    /// Its password.
    #[arg(long, env = "CHANGZHI_PASSWORD", hide_env_values = true, required_unless_present = "token")]
    password: Option<String>,
    /// An API token instead.
    #[arg(long, env = "CHANGZHI_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let root = cli.root.clone().unwrap_or_else(checkout);
    match run(cli, &root.canonicalize().unwrap_or(root)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::FAILURE
        }
    }
}

/// The checkout this program was built in: its host looks at components, whichever workspace they are of.
fn checkout() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    root.canonicalize().unwrap_or(root)
}

fn run(cli: Cli, root: &std::path::Path) -> Result<()> {
    match cli.command {
        Command::Up { dev, rest } => up::run(root, dev, &rest),
        Command::Test { only } => test::run(root, only.as_deref()),
        Command::Plugins => plugins::build_all(root),
        Command::Fuzz { target, seconds } => fuzz::run(root, &target, seconds),
        Command::Typeset { dev } => typeset::build(root, if dev { "dev" } else { "release" }),
        Command::Plugin { command } => match command {
            PluginCommand::New { name } => scaffold::new(root, &name),
            PluginCommand::Check { target } => plugins::check(root, &checkout(), &target),
            PluginCommand::Dev { name, url, who } => dev::run(root, &name, &running_host::Host::at(&url, who)),
            PluginCommand::Scratch { dir } => scratch::lay_out(root, &dir),
        },
        Command::WitCheck => wit::check(root),
        Command::WitFreeze { again } => wit::freeze(root, again),
        Command::Shots => shots::run(root),
        Command::Bench { set } => bench::run(root, &set),
    }
}
