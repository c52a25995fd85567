//! What stands where zeros should stand.

use crate::cursor::name;
use crate::frame::{find_magic, find_valid};
use crate::segments::Segment;
use crate::{DiskFile, JournalError};

const CHUNK: usize = 1 << 20;

/// First and last byte that is not zero in `from..to`. Price: reads it all, about 5 GB/s from memory.
pub(crate) fn written(file: &dyn DiskFile, index: u64, from: u64, to: u64) -> Result<Option<(u64, u64)>, JournalError> {
    let mut found: Option<(u64, u64)> = None;
    let mut chunk = Vec::new();
    let mut at = from;
    while at < to {
        read(file, index, &mut chunk, at, (at + CHUNK as u64).min(to))?;
        if let Some(first) = chunk.iter().position(|b| *b != 0) {
            let last = chunk.iter().rposition(|b| *b != 0).unwrap_or(first);
            found = Some((found.map_or(at + first as u64, |(f, _)| f), at + last as u64));
        }
        at += chunk.len() as u64;
    }
    Ok(found)
}

/// Where a frame with a valid checksum stands at or behind `from`. Loads the rest of the segment; only when it is not blank.
pub(crate) fn valid_frame(file: &dyn DiskFile, of: &Segment, from: u64) -> Result<Option<u64>, JournalError> {
    let mut rest = Vec::new();
    read(file, of.index, &mut rest, from, of.usable_end())?;
    Ok(find_valid(&rest, of.salt).map(|at| from + at as u64))
}

/// Where something that begins like a frame stands in `from..=last`.
pub(crate) fn any_frame(file: &dyn DiskFile, index: u64, from: u64, last: u64) -> Result<Option<u64>, JournalError> {
    let mut rest = Vec::new();
    read(file, index, &mut rest, from, (last + 1).max(from))?;
    let found = find_magic(&rest).next();
    Ok(found.map(|at| from + at as u64))
}

/// Durably writes zeros over `from..to`.
pub(crate) fn clear(file: &dyn DiskFile, index: u64, from: u64, to: u64) -> Result<(), JournalError> {
    let io = |e: std::io::Error| JournalError::io(format!("cannot clear the torn end of {}", name(index)), &e);
    let zeros = vec![0; CHUNK];
    let mut at = from;
    while at < to {
        let step = usize::try_from(to - at).unwrap_or(CHUNK).min(CHUNK);
        file.write_at(zeros.get(..step).unwrap_or_default(), at).map_err(io)?;
        at += step as u64;
    }
    file.sync_data().map_err(io)
}

fn read(file: &dyn DiskFile, index: u64, into: &mut Vec<u8>, from: u64, to: u64) -> Result<(), JournalError> {
    into.resize(usize::try_from(to - from).unwrap_or(usize::MAX), 0);
    file.read_at(into, from).map_err(|e| JournalError::io(format!("cannot read {} at byte {from}", name(index)), &e))
}
