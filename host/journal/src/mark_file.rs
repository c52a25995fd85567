//! The durable mark: how far the log is known to reach, outside the log itself.
//!
//! The file `head` has two slots of one block each, written in turn, so that a torn write leaves the other. Between opening
//! and closing neither slot says "clean"; after an orderly close both do. The mark lags behind the log by up to a second:
//! it is what tells a torn tail (past it) from lost records (before it).

use crate::block::{BLOCK, Block, Content, Mark};
use crate::error::RESTORE;
use crate::{Disk, DiskFile, JournalError};
use std::sync::Arc;

pub(crate) const HEAD: &str = "head";
pub(crate) const HEAD_NEW: &str = "head.tmp";

pub(crate) struct MarkFile {
    file: Arc<dyn DiskFile>,
    pub newest: Mark,
    /// The slot to write next.
    turn: u64,
    sync: bool,
}

impl MarkFile {
    /// A new file with both slots saying "nothing yet".
    pub(crate) fn make(disk: &dyn Disk) -> Result<(), JournalError> {
        let io = |e: std::io::Error| JournalError::io(format!("cannot make {HEAD}"), &e);
        let file = disk.create(HEAD_NEW, 2 * BLOCK as u64).map_err(io)?;
        for (slot, generation) in [(0, 1), (1, 2)] {
            let mark = Mark { generation, clean: false, seq: 0, chain: [0; 32], segment: 0, offset: 0 };
            file.write_at(&mark.encode(), slot * BLOCK as u64).map_err(io)?;
        }
        file.sync_data().map_err(io)?;
        disk.rename(HEAD_NEW, HEAD).map_err(io)?;
        disk.sync_dir().map_err(io)
    }

    /// Reads both slots; the number of the bad one, if one is.
    pub(crate) fn open(disk: &dyn Disk, sync: bool) -> Result<(MarkFile, Option<u64>), JournalError> {
        let file = disk.open(HEAD).map_err(|e| JournalError::io(format!("cannot open {HEAD}"), &e))?;
        let (first, second) = (read_slot(&*file, 0)?.known(HEAD)?, read_slot(&*file, 1)?.known(HEAD)?);
        let bad = match (&first, &second) {
            (None, _) => Some(0),
            (_, None) => Some(1),
            _ => None,
        };
        let turn = u64::from(first.as_ref().map(|m| m.generation) > second.as_ref().map(|m| m.generation));
        match first.into_iter().chain(second).max_by_key(|m| m.generation) {
            Some(newest) => Ok((MarkFile { file, newest, turn, sync }, bad)),
            None => Err(JournalError::Damaged {
                file: HEAD.to_owned(),
                segment: 0,
                offset: 0,
                seq: 0,
                what: "both slots of the durable mark are bad, a power cut cannot do that".to_owned(),
                hint: RESTORE,
            }),
        }
    }

    /// Writes and syncs one slot.
    pub(crate) fn write(&mut self, mark: Mark) -> Result<(), JournalError> {
        let mark = Mark { generation: self.newest.generation + 1, ..mark };
        let io = |e: std::io::Error| JournalError::Failed { why: format!("the durable mark in {HEAD}: {e}") };
        self.file.write_at(&mark.encode(), self.turn * BLOCK as u64).map_err(io)?;
        if self.sync {
            self.file.sync_data().map_err(io)?;
        }
        self.turn ^= 1;
        self.newest = mark;
        Ok(())
    }

    /// Writes both slots, so that neither says anything else.
    pub(crate) fn write_both(&mut self, mark: &Mark) -> Result<(), JournalError> {
        self.write(mark.clone())?;
        self.write(mark.clone())
    }

    /// Are both slots readable, and the newest the one last written?
    pub(crate) fn verify(&self) -> Result<(), JournalError> {
        let mut newest = None;
        for slot in [0, 1] {
            let Some(mark) = read_slot(&*self.file, slot)?.known(HEAD)? else {
                return Err(JournalError::Damaged {
                    file: HEAD.to_owned(),
                    segment: 0,
                    offset: slot * BLOCK as u64,
                    seq: 0,
                    what: format!("slot {slot} of the durable mark is bad"),
                    hint: "Open the journal again: the slot is rebuilt from the other one",
                });
            };
            newest = newest.max(Some(mark.generation));
        }
        if newest == Some(self.newest.generation) {
            return Ok(());
        }
        Err(JournalError::Damaged {
            file: HEAD.to_owned(),
            segment: 0,
            offset: 0,
            seq: self.newest.seq,
            what: "the durable mark is not the one last written".to_owned(),
            hint: RESTORE,
        })
    }
}

fn read_slot(file: &dyn DiskFile, slot: u64) -> Result<Block<Mark>, JournalError> {
    let mut bytes = vec![0; BLOCK];
    match file.read_at(&mut bytes, slot * BLOCK as u64) {
        Ok(()) => Ok(Mark::decode(&bytes)),
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Ok(Block::Bad),
        Err(e) => Err(JournalError::io(format!("cannot read {HEAD}"), &e)),
    }
}
