//! What opening finds: an orderly end, a torn tail, damage, another version. On the simulated disk and on files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_journal::{Disk, FsDisk, Journal, JournalError, Options, Repair, SegmentLog, SimDisk};
use changzhi_model::Seq;
use std::ops::ControlFlow;
use std::sync::Arc;
use support::{FsHome, Home, SimHome, check_all, fill, record, segment, small};

const LAST: u64 = 400;

fn every_home(test: impl Fn(&dyn Home)) {
    test(&SimHome(SimDisk::new()));
    test(&FsHome(tempfile::tempdir().unwrap()));
}

/// The error's segment, when it is damage.
fn damaged_segment(home: &dyn Home) -> u64 {
    match home.try_open().map(|(_, r)| r) {
        Err(JournalError::Damaged { segment, hint, .. }) => {
            assert!(hint.contains("restore"), "it says how to mend it");
            segment
        }
        other => panic!("damage was not seen: {other:?}"),
    }
}

/// Takes the journal away as kill -9 would: nothing is written any more, the folder's lock is free.
fn crash(home: &SimHome) -> SimHome {
    SimHome(home.0.power_cut(0))
}

#[test]
fn an_orderly_closed_journal_opens_unchanged_and_goes_on() {
    every_home(|home| {
        home.filled(LAST);
        let (log, found) = home.open();
        assert!(found.clean && found.repairs.is_empty(), "{found:?}");
        assert_eq!(found.head.seq, Seq(LAST));
        assert!(found.segments >= 3, "several segments: {found:?}");
        fill(&log, LAST + 50);
        assert_eq!(check_all(&log).unwrap(), LAST + 50);
        let verified = log.verify().unwrap();
        assert!(verified.complete);
        assert_eq!(verified.head, log.head());
    });
}

#[test]
fn records_of_sealed_segments_are_found_after_reopening() {
    every_home(|home| {
        home.filled(LAST);
        let (log, _) = home.open();
        for n in [LAST, 1, 2, 100, 101, 250, LAST - 1] {
            assert_eq!(log.get(Seq(n)).unwrap(), Some(record(n)));
        }
    });
}

#[test]
fn a_closed_journal_refuses_appends_and_still_reads() {
    every_home(|home| {
        let (log, _) = home.open();
        fill(&log, 20);
        log.close().unwrap();
        assert_eq!(log.append(b"x"), Err(JournalError::Closed));
        assert_eq!(check_all(&log).unwrap(), 20);
    });
}

#[test]
fn a_torn_last_group_is_cut_reported_and_the_log_goes_on() {
    for torn in 1..40u64 {
        let home = SimHome(SimDisk::new());
        let (log, _) = home.open();
        fill(&log, 30);
        // The next group is written, and the power goes before its sync: any subset of its sectors may stay.
        home.0.die_after(1);
        let seq = log.append(&vec![0xAB; 8_000]).unwrap();
        assert!(log.wait_durable(seq).is_err());
        let after = SimHome(home.0.after_power_cut(torn));
        let (log, found) = after.open();
        assert_eq!(found.head.seq, Seq(30));
        assert!(!found.clean);
        for repair in &found.repairs {
            // The next segment is made ready meanwhile, so the power may go in the middle of that too.
            let unready = matches!(repair, Repair::LeftoverRemoved { name } if name == "segment-0000000002.tmp");
            assert!(unready || matches!(repair, Repair::TornTail { segment: 1, .. }), "{repair:?}");
        }
        fill(&log, 60);
        log.close().unwrap();
        let (log, found) = after.open();
        assert!(found.clean && found.repairs.is_empty(), "{found:?}");
        assert_eq!(check_all(&log).unwrap(), 60);
    }
}

#[test]
fn a_bad_frame_with_a_good_one_behind_it_stops_the_host() {
    let home = SimHome(SimDisk::new());
    let (log, _) = home.open();
    fill(&log, 60);
    let home = crash(&home);
    drop(log);
    home.edit(&segment(1), &mut |bytes| bytes[4096 + 100] ^= 1);
    assert_eq!(damaged_segment(&home), 1);
}

#[test]
fn losing_the_tail_before_the_durable_mark_is_damage_and_not_a_torn_tail() {
    every_home(|home| {
        home.filled(100);
        // The last frames vanish without a trace, as with a disk that lied.
        let last = home.open().1.segments;
        home.edit(&segment(last), &mut |bytes| {
            let end = bytes.iter().rposition(|b| *b != 0).unwrap();
            bytes[end - 200..].fill(0);
        });
        assert_eq!(damaged_segment(home), last);
    });
}

#[test]
fn a_truncated_segment_is_damage() {
    for index in [1, 2] {
        every_home(|home| {
            home.filled(LAST);
            home.edit(&segment(index), &mut |bytes| bytes.truncate(bytes.len() / 2));
            assert_eq!(damaged_segment(home), index);
        });
    }
}

#[test]
fn swapped_segments_are_damage() {
    every_home(|home| {
        home.filled(LAST);
        home.copy_over(&segment(2), &segment(3));
        assert_eq!(damaged_segment(home), 3);
    });
}

#[test]
fn a_segment_of_another_journal_is_damage() {
    let (one, other) = (SimHome(SimDisk::new()), SimHome(SimDisk::new()));
    one.filled(LAST);
    let (log, _) = other.open();
    for n in 1..=LAST {
        log.append(&record(n + 1)).unwrap();
    }
    log.close().unwrap();
    let foreign = other.0.content(&segment(2)).unwrap();
    one.edit(&segment(2), &mut |bytes| bytes.clone_from(&foreign));
    assert!((2..=3).contains(&damaged_segment(&one)));
}

#[test]
fn missing_files_are_damage() {
    for name in [segment(1), segment(2), "head".to_owned()] {
        every_home(|home| {
            home.filled(LAST);
            home.remove(&name);
            assert!(matches!(home.try_open().map(|_| ()), Err(JournalError::Damaged { .. })), "{name}");
        });
    }
}

#[test]
fn a_missing_last_segment_is_damage() {
    every_home(|home| {
        home.filled(LAST);
        let last = home.open().1.segments;
        home.remove(&segment(last));
        assert!(matches!(home.try_open().map(|_| ()), Err(JournalError::Damaged { .. })));
    });
}

#[test]
fn another_format_version_is_named_and_nothing_is_touched() {
    for (name, at) in [(segment(1), 0), ("head".to_owned(), 0), ("head".to_owned(), 4096)] {
        every_home(|home| {
            home.filled(50);
            home.edit(&name, &mut |bytes| {
                bytes[at + 8] = 2;
                let crc = crc32fast::hash(&bytes[at..at + 4092]).to_le_bytes();
                bytes[at + 4092..at + 4096].copy_from_slice(&crc);
            });
            let error = home.try_open().map(|_| ()).unwrap_err();
            assert!(matches!(error, JournalError::Version { found: 2, known: 1, .. }), "{error}");
        });
    }
}

#[test]
fn bytes_behind_an_orderly_end_are_reported_and_cleared() {
    every_home(|home| {
        home.filled(10);
        home.edit(&segment(1), &mut |bytes| bytes[40_000] = 1);
        let (log, found) = home.open();
        assert_eq!(found.repairs, [Repair::StrayBytes { segment: 1, offset: 40_000, bytes: 1 }]);
        drop(log);
        assert_eq!(home.open().1.repairs, []);
    });
}

#[test]
fn records_behind_an_orderly_end_are_damage() {
    let home = SimHome(SimDisk::new());
    home.filled(10);
    let old = home.0.content("head").unwrap();
    home.filled(20);
    home.edit("head", &mut |bytes| bytes.clone_from(&old));
    assert_eq!(damaged_segment(&home), 1);
}

#[test]
fn a_bad_slot_of_the_durable_mark_is_rebuilt_from_the_other_and_reported() {
    for slot in [0u64, 1] {
        every_home(|home| {
            home.filled(50);
            home.edit("head", &mut |bytes| bytes[usize::try_from(slot).unwrap() * 4096 + 30] ^= 8);
            let (log, found) = home.open();
            assert_eq!(found.repairs, [Repair::MarkSlot { slot }]);
            log.verify().unwrap();
            drop(log);
            assert_eq!(home.open().1.repairs, []);
        });
    }
}

#[test]
fn two_bad_slots_are_damage() {
    every_home(|home| {
        home.filled(50);
        home.edit("head", &mut |bytes| {
            bytes[30] ^= 8;
            bytes[4096 + 30] ^= 8;
        });
        assert_eq!(damaged_segment(home), 0);
    });
}

#[test]
fn leftovers_of_an_unfinished_step_are_removed_and_reported() {
    let home = SimHome(SimDisk::new());
    home.filled(10);
    home.0.create("segment-0000000003.tmp", 512).unwrap();
    let found = home.open().1;
    assert_eq!(found.repairs, [Repair::LeftoverRemoved { name: "segment-0000000003.tmp".to_owned() }]);
}

#[test]
fn a_journal_in_use_refuses_a_second_host() {
    let dir = tempfile::tempdir().unwrap();
    let first = FsDisk::new(dir.path()).unwrap();
    let error = FsDisk::new(dir.path()).map(|_| ()).unwrap_err();
    assert!(matches!(&error, JournalError::Locked { place } if *place == dir.path().display().to_string()), "{error}");
    drop(first);
    FsDisk::new(dir.path()).unwrap();
}

#[test]
fn options_that_cannot_work_are_refused() {
    for options in [
        Options { segment_bytes: 5000, ..small() },
        Options { max_record: 64 << 10, ..small() },
        Options { queue_bytes: 0, ..small() },
        Options { gather: std::time::Duration::from_secs(1), ..small() },
    ] {
        let error = SegmentLog::open(Arc::new(SimDisk::new()), options).map(|_| ()).unwrap_err();
        assert!(matches!(error, JournalError::Options(_)), "{error}");
    }
}

#[test]
fn the_segment_size_may_change_between_runs() {
    let home = SimHome(SimDisk::new());
    home.filled(200);
    let larger = Options { segment_bytes: 128 << 10, ..small() };
    let (log, _) = SegmentLog::open(home.disk(), larger).unwrap();
    fill(&log, 600);
    log.close().unwrap();
    drop(log);
    let (log, found) = home.open();
    assert!(found.clean);
    assert_eq!(check_all(&log).unwrap(), 600);
    log.verify().unwrap();
}

#[test]
fn a_scrub_ends_when_told_and_says_how_far_it_came() {
    let home = SimHome(SimDisk::new());
    home.filled(LAST);
    let (log, _) = home.open();
    let mut told = Vec::new();
    let done = log
        .scrub(&mut |seq| {
            told.push(seq);
            if told.len() == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    assert!(!done.complete && done.segments == 2);
    assert_eq!(told.last(), Some(&done.head.seq));
    assert_eq!(log.chain_at(done.head.seq).unwrap(), Some(done.head.chain));
}

#[test]
fn a_sealed_segments_harmed_gap_or_trailer_is_damage() {
    for from_end in [4096 + 10, 100] {
        let home = SimHome(SimDisk::new());
        home.filled(LAST);
        home.edit(&segment(1), &mut |bytes| {
            let at = bytes.len() - from_end;
            bytes[at] ^= 2;
        });
        let found = home.try_open().and_then(|(log, _)| log.verify());
        assert!(matches!(found, Err(JournalError::Damaged { segment: 1, .. })), "{found:?}");
    }
}
