//! `changzhi journal`: the log of a host that is not running.

use anyhow::{Context, anyhow};
use changzhi_journal::{Export, FsDisk, Journal as _, Options, SegmentLog, export};
use changzhi_model::{Seq, Transaction};
use changzhi_settings::Settings;
use changzhi_world::World;
use clap::{Args, Subcommand};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Subcommand)]
pub enum Journal {
    /// Read every record, its checksum and its place in the chain
    Verify(Place),
    /// Write transactions as JSON lines; sealed fields stay sealed
    Export {
        #[command(flatten)]
        place: Place,
        /// File to write; standard output when not given
        #[arg(long)]
        out: Option<PathBuf>,
        /// Last transaction to write
        #[arg(long)]
        to: Option<u64>,
    },
    /// Fold the transactions into a world and print its state hash
    Replay {
        #[command(flatten)]
        place: Place,
        /// Last transaction to fold
        #[arg(long)]
        to: Option<u64>,
    },
}

#[derive(Args)]
pub struct Place {
    /// Data folder
    #[arg(long)]
    data: Option<PathBuf>,
}

impl Place {
    fn open(&self, settings: &Settings) -> anyhow::Result<SegmentLog> {
        let dir = self.data.clone().unwrap_or_else(|| settings.data.clone()).join("journal");
        anyhow::ensure!(dir.is_dir(), "{}: no journal is there; name the data folder with --data", dir.display());
        let (log, recovery) = SegmentLog::open(Arc::new(FsDisk::new(&dir)?), Options::default())?;
        for repair in &recovery.repairs {
            eprintln!("changzhi: journal mended: {repair:?}");
        }
        Ok(log)
    }
}

impl Journal {
    pub fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        match self {
            Journal::Verify(place) => verify(&place.open(settings)?),
            Journal::Export { place, out, to } => write(&place.open(settings)?, out, to),
            Journal::Replay { place, to } => replay(&place.open(settings)?, to),
        }
    }
}

fn verify(log: &SegmentLog) -> anyhow::Result<ExitCode> {
    let found = log.verify()?;
    println!("whole: {found:?}");
    log.close()?;
    Ok(ExitCode::SUCCESS)
}

fn write(log: &SegmentLog, out: Option<PathBuf>, to: Option<u64>) -> anyhow::Result<ExitCode> {
    let mut to_write: Box<dyn Write> = match &out {
        Some(file) => {
            Box::new(std::io::BufWriter::new(std::fs::File::create(file).with_context(|| file.display().to_string())?))
        }
        None => Box::new(std::io::stdout().lock()),
    };
    let decode = |_: Seq, bytes: &[u8]| -> Result<serde_json::Value, String> {
        let tx = Transaction::decode(bytes).map_err(|e| e.to_string())?;
        serde_json::to_value(tx).map_err(|e| e.to_string())
    };
    export(log, Seq(1), to.map(Seq), &Export::Decoded(&decode), &mut to_write)?;
    to_write.flush()?;
    log.close()?;
    Ok(ExitCode::SUCCESS)
}

fn replay(log: &SegmentLog, to: Option<u64>) -> anyhow::Result<ExitCode> {
    let mut world = World::new();
    let mut wrong = None;
    log.read(Seq(1), &mut |seq, bytes| {
        if to.is_some_and(|to| seq.0 > to) {
            return ControlFlow::Break(());
        }
        let applied = Transaction::decode(bytes)
            .map_err(|e| anyhow!("transaction {seq}: {e}"))
            .and_then(|tx| world.apply(seq, &tx).map_err(|e| anyhow!("{e}")));
        match applied {
            Ok(()) => ControlFlow::Continue(()),
            Err(e) => {
                wrong = Some(e);
                ControlFlow::Break(())
            }
        }
    })?;
    if let Some(e) = wrong {
        return Err(e);
    }
    println!("transactions {}", world.revision());
    println!("entities {}", world.len());
    println!("state hash {}", hex::encode(world.state_hash()));
    log.close()?;
    Ok(ExitCode::SUCCESS)
}
