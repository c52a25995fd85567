//! Places a journal can live in, and records that can be told apart.
#![allow(dead_code)]

use changzhi_journal::{Disk, FsDisk, Journal, JournalError, Options, Recovery, SegmentLog, SimDisk};
use changzhi_model::Seq;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

/// Small segments, so that a few hundred records cross several.
pub fn small() -> Options {
    Options {
        segment_bytes: 64 << 10,
        max_record: 20 << 10,
        queue_bytes: 256 << 10,
        mark_every: Duration::from_secs(1),
        retry_full: Duration::ZERO,
        ..Options::default()
    }
}

/// The record of a sequence: number, then bytes that follow from it; mostly small, sometimes large.
pub fn record(n: u64) -> Vec<u8> {
    let mix = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    let len = if mix.is_multiple_of(50) { 4_000 + mix % 9_000 } else { mix % 300 };
    let mut r = n.to_le_bytes().to_vec();
    r.extend((0..len).map(|i| u8::try_from((mix + i * i) % 251).unwrap()));
    r
}

/// A disk that outlives the journal on it, and that can be harmed behind its back.
pub trait Home {
    fn disk(&self) -> Arc<dyn Disk>;
    fn edit(&self, name: &str, change: &mut dyn FnMut(&mut Vec<u8>));
    fn copy_over(&self, from: &str, to: &str);
    fn remove(&self, name: &str);

    fn try_open(&self) -> Result<(SegmentLog, Recovery), JournalError> {
        SegmentLog::open(self.disk(), small())
    }
    fn open(&self) -> (SegmentLog, Recovery) {
        self.try_open().expect("the journal opens")
    }
    /// Appends `record(n)` for the sequences up to `last`, a few hundred waits in all, and leaves it closed in order.
    fn filled(&self, last: u64) {
        let (log, _) = self.open();
        fill(&log, last);
        log.close().unwrap();
    }
}

pub fn fill(log: &dyn Journal, last: u64) {
    for n in log.durable().0 + 1..=last {
        assert_eq!(log.append(&record(n)).unwrap(), Seq(n));
        if n.is_multiple_of(7) {
            log.wait_durable(Seq(n)).unwrap();
        }
    }
    log.wait_durable(Seq(last)).unwrap();
}

/// Reads all; every record must be the one appended. Gives the last sequence.
pub fn check_all(log: &dyn Journal) -> Result<u64, JournalError> {
    let mut last = 0;
    log.read(Seq(1), &mut |seq, bytes| {
        assert_eq!(seq.0, last + 1, "the sequences are dense");
        assert!(bytes == record(seq.0), "record {seq} is the one appended");
        last = seq.0;
        ControlFlow::Continue(())
    })?;
    Ok(last)
}

pub struct SimHome(pub SimDisk);

impl Home for SimHome {
    fn disk(&self) -> Arc<dyn Disk> {
        Arc::new(self.0.clone())
    }
    fn edit(&self, name: &str, change: &mut dyn FnMut(&mut Vec<u8>)) {
        let edited = self.0.edit(name, |bytes| {
            change(bytes);
            true
        });
        assert!(edited, "{name} is there");
    }
    fn copy_over(&self, from: &str, to: &str) {
        let content = self.0.content(from).unwrap();
        self.edit(to, &mut |bytes| bytes.clone_from(&content));
    }
    fn remove(&self, name: &str) {
        self.0.remove(name).unwrap();
        self.0.sync_dir().unwrap();
    }
}

pub struct FsHome(pub tempfile::TempDir);

impl Home for FsHome {
    fn disk(&self) -> Arc<dyn Disk> {
        Arc::new(FsDisk::new(self.0.path()).unwrap())
    }
    fn edit(&self, name: &str, change: &mut dyn FnMut(&mut Vec<u8>)) {
        let path = self.0.path().join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        change(&mut bytes);
        std::fs::write(&path, bytes).unwrap();
    }
    fn copy_over(&self, from: &str, to: &str) {
        std::fs::copy(self.0.path().join(from), self.0.path().join(to)).unwrap();
    }
    fn remove(&self, name: &str) {
        std::fs::remove_file(self.0.path().join(name)).unwrap();
    }
}

pub fn segment(index: u64) -> String {
    format!("segment-{index:010}")
}
