//! Snapshots, written off the live path.
//!
//! The `snapshot` thread folds a world of its own: the newest good snapshot plus the journal's tail up to the durable mark, and
//! writes that. The live world never pauses, and every snapshot is a replay that worked. Price: while it runs, the memory of a
//! second world. Written to a temporary name, synced, renamed, folder synced; the newest three are kept. A bad one means the one
//! before it and a longer replay.

use crate::open::OpenError;
use crate::options::SNAPSHOTS_KEPT;
use changzhi_journal::Journal;
use changzhi_model::{Fact, Seq, Transaction};
use changzhi_world::World;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

const ENDING: &str = "snap";

/// Snapshots of a folder, newest first.
fn listed(dir: &Path) -> Vec<(Seq, PathBuf)> {
    let mut all: Vec<(Seq, PathBuf)> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let path = entry.path();
            let seq = path.file_stem()?.to_str()?.parse().ok()?;
            (path.extension()? == ENDING).then_some((Seq(seq), path))
        })
        .collect();
    all.sort_by_key(|(seq, _)| std::cmp::Reverse(*seq));
    all
}

/// The newest snapshot that is whole and belongs to this journal, and why newer ones were passed over.
pub(crate) fn newest(dir: &Path, journal: &dyn Journal) -> (Option<(World, Seq)>, Vec<String>) {
    let mut passed = Vec::new();
    for (_, path) in listed(dir) {
        match load(&path, journal) {
            Ok(found) => return (Some(found), passed),
            Err(why) => {
                tracing::warn!(snapshot = %path.display(), why, "snapshot passed over; the one before it and a longer replay serve");
                passed.push(format!("{}: {why}", path.display()));
            }
        }
    }
    (None, passed)
}

fn load(path: &Path, journal: &dyn Journal) -> Result<(World, Seq), String> {
    let file = File::open(path).map_err(|e| e.to_string())?;
    let (world, seq, chain) =
        World::read_snapshot(&mut BufReader::with_capacity(1 << 20, file)).map_err(|e| e.to_string())?;
    match journal.chain_at(seq).map_err(|e| e.to_string())? {
        Some(here) if here == chain => Ok((world, seq)),
        Some(_) => Err(format!("it was taken from another journal: chain differs at {seq}")),
        None => Err(format!("it is ahead of the journal: {seq}")),
    }
}

/// Folds everything after the world's revision. Returns how many transactions.
pub(crate) fn replay(
    world: &mut World,
    journal: &dyn Journal,
    upto: Option<Seq>,
    mut each: impl FnMut(Seq, &Transaction),
) -> Result<u64, OpenError> {
    let from = world.revision().next();
    if upto.is_some_and(|upto| from > upto) {
        return Ok(0);
    }
    let mut count = 0;
    let mut wrong = None;
    journal.read(from, &mut |seq, bytes| {
        if upto.is_some_and(|upto| seq > upto) {
            return ControlFlow::Break(());
        }
        let step = Transaction::decode(bytes)
            .map_err(|e| e.to_string())
            .and_then(|tx| world.apply(seq, &tx).map(|()| tx).map_err(|e| e.to_string()));
        match step {
            Ok(tx) => {
                each(seq, &tx);
                count += 1;
                ControlFlow::Continue(())
            }
            Err(why) => {
                wrong = Some(OpenError::Replay { seq, why });
                ControlFlow::Break(())
            }
        }
    })?;
    match wrong {
        Some(e) => Err(e),
        None => Ok(count),
    }
}

/// Takes one snapshot at the durable mark. Returns its sequence, or `None` when the newest is already there.
pub(crate) fn take(dir: &Path, journal: &dyn Journal, fresh: impl FnOnce() -> World) -> Result<Option<Seq>, OpenError> {
    let target = journal.durable();
    if target == Seq::ZERO || listed(dir).first().is_some_and(|(seq, _)| *seq >= target) {
        return Ok(None);
    }
    let mut world = newest(dir, journal).0.map(|(world, _)| world).unwrap_or_else(fresh);
    replay(&mut world, journal, Some(target), |_, _| {})?;
    let chain = journal
        .chain_at(target)?
        .ok_or(OpenError::Replay { seq: target, why: "the journal has no chain there".into() })?;
    write(dir, &world, target, chain).map_err(|e| OpenError::Folder {
        what: "write a snapshot",
        path: dir.to_path_buf(),
        source: e,
    })?;
    Ok(Some(target))
}

fn write(dir: &Path, world: &World, seq: Seq, chain: [u8; 32]) -> std::io::Result<()> {
    fs::create_dir_all(dir)?;
    let temporary = dir.join(format!("{:020}.part", seq.0));
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&temporary)?);
    world.write_snapshot(seq, chain, &mut out).map_err(|e| std::io::Error::other(e.to_string()))?;
    out.flush()?;
    out.into_inner().map_err(|e| e.into_error())?.sync_all()?;
    fs::rename(&temporary, dir.join(format!("{:020}.{ENDING}", seq.0)))?;
    File::open(dir)?.sync_all()?;
    for (_, old) in listed(dir).into_iter().skip(SNAPSHOTS_KEPT) {
        fs::remove_file(old)?;
    }
    Ok(())
}

/// Subjects erased by a transaction.
pub(crate) fn erased(tx: &Transaction) -> impl Iterator<Item = changzhi_model::EntityId> + '_ {
    tx.facts.iter().filter_map(|fact| match fact {
        Fact::Erased { entity } => Some(*entity),
        _ => None,
    })
}
