//! The host binary: wires the crates up and holds no logic.

mod buttons;
mod cap;
mod channels;
mod demo;
mod flow;
mod importing;
mod job;
mod journal;
mod observe;
mod outside;
mod packet;
mod plugin;
mod sink;
mod town;
mod up;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Commands are made on one thread and let go on another: mimalloc is made for that, and a page of a thousand small texts costs less.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// 昌治 Changzhi: what a city looks after its places and settles its matters with.
#[derive(Parser)]
#[command(name = "changzhi", version, about)]
struct Cli {
    /// Settings file (TOML); see `changzhi settings`
    #[arg(long, global = true)]
    settings: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the host
    Up(up::Up),
    /// Bring data in
    #[command(subcommand)]
    Import(Import),
    /// Public alerts of other systems (CAP)
    #[command(subcommand)]
    Cap(cap::CapCommand),
    /// Check and read the journal of a host that is not running
    #[command(subcommand)]
    Journal(journal::Journal),
    /// Flows of matters: replay a source through them, report on them, export them
    #[command(subcommand)]
    Flow(flow::FlowCommand),
    /// Long work of a running host: start, list, watch, cancel
    #[command(subcommand)]
    Job(job::Job),
    /// Papers that carry the journal's proof
    #[command(subcommand)]
    Packet(packet::Packet),
    /// Look at a plugin's component
    #[command(subcommand)]
    Plugin(plugin::PluginCommand),
    /// Print every setting, or a settings file with the defaults
    Settings {
        /// Print a default file instead
        #[arg(long)]
        default: bool,
    },
}

#[derive(Subcommand)]
enum Import {
    /// Reports of another system, by a mapping file: CSV, CSV.gz, XLSX, JSON
    Reports(importing::Reports),
    /// Which division code took the place of which, and when: CSV, XLSX, JSON
    Codes(importing::Codes),
    /// Boundaries of divisions, of today or of before: GeoJSON
    Boundaries(importing::Boundaries),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(e) => {
            eprintln!("changzhi: {e:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    if let Command::Settings { default } = cli.command {
        print!("{}", if default { changzhi_settings::default_file() } else { changzhi_settings::document() });
        return Ok(ExitCode::SUCCESS);
    }
    if let Command::Job(job) = cli.command {
        return job.run();
    }
    let settings = changzhi_settings::Settings::load(cli.settings.as_deref())?;
    observe::start(&settings)?;
    match cli.command {
        Command::Up(up) => up.run(settings),
        Command::Import(Import::Reports(reports)) => reports.run(settings),
        Command::Import(Import::Codes(codes)) => codes.run(settings),
        Command::Import(Import::Boundaries(boundaries)) => boundaries.run(settings),
        Command::Cap(cap) => cap.run(settings),
        Command::Journal(journal) => journal.run(&settings),
        Command::Flow(flow) => flow.run(settings),
        Command::Packet(packet) => packet.run(&settings),
        Command::Plugin(plugin) => plugin.run(),
        Command::Job(_) | Command::Settings { .. } => Ok(ExitCode::SUCCESS),
    }
}
