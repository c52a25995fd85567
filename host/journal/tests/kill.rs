//! kill -9 at random points, fifty times, on real files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;
#[path = "support/writer.rs"]
mod writer;

use changzhi_journal::{FsDisk, SegmentLog};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::sync::Arc;
use support::check_all;
use writer::{Writer, options};

const ROUNDS: u64 = 50;

#[test]
#[ignore = "the process the other test kills"]
fn journal_writer() {
    writer::run_if_asked();
}

#[test]
fn fifty_kills_lose_no_acknowledged_record() {
    let mut dice = StdRng::seed_from_u64(11);
    let mut folder = tempfile::tempdir().unwrap();
    let (mut before, mut total) = (0, 0);
    for round in 0..ROUNDS {
        if round.is_multiple_of(10) {
            (folder, before) = (tempfile::tempdir().unwrap(), 0);
        }
        let mut writer = Writer::start(folder.path(), false);
        assert!(writer.reaches(before + dice.random_range(1..4_000)), "round {round}: the writer ended by itself");
        let acked = writer.kill();
        let disk = Arc::new(FsDisk::new(folder.path()).unwrap());
        let (log, _) = SegmentLog::open(disk, options(false)).unwrap();
        let last = check_all(&log).unwrap();
        assert!(last >= acked, "round {round}: {acked} acknowledged, {last} found");
        assert_eq!(log.verify().unwrap().head.seq.0, last);
        total += last - before;
        before = last;
    }
    assert!(total > ROUNDS, "records were written between the kills");
    eprintln!("{ROUNDS} kills, {total} records, none lost");
}
