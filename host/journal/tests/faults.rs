//! Sync errors, a full disk, and writers that race.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_journal::{FsDisk, Journal, JournalError, MemoryJournal, SegmentLog, SimDisk};
use changzhi_model::Seq;
use parking_lot::Mutex;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use support::{Home, SimHome, check_all, fill, record, small};

#[test]
fn after_a_sync_error_nothing_is_acknowledged_and_everybody_is_told_once() {
    let home = SimHome(SimDisk::new());
    let (log, _) = home.open();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let h = heard.clone();
    log.on_durable(Box::new(move |r| h.lock().push(r)));
    fill(&log, 30);
    home.0.fail_sync(1);
    let seq = log.append(&record(31)).unwrap();
    let error = log.wait_durable(seq).unwrap_err();
    assert!(matches!(&error, JournalError::Failed { why } if why.contains("fdatasync")), "{error}");
    // The disk is well again; the journal stays failed.
    for n in 32..40 {
        assert_eq!(log.append(&record(n)), Err(error.clone()));
    }
    assert_eq!(log.wait_durable(seq), Err(error.clone()));
    assert_eq!(log.durable(), Seq(30));
    assert_eq!(check_all(&log).unwrap(), 30, "reads go on");
    assert_eq!(log.close(), Err(error.clone()));
    let heard = heard.lock().clone();
    assert_eq!(heard.iter().filter(|r| r.is_err()).count(), 1);
    assert_eq!(heard.last(), Some(&Err(error)));
    drop(log);
    for seed in 0..20 {
        let (log, found) = SimHome(home.0.after_power_cut(seed)).open();
        assert!(!found.clean);
        assert!((30..=31).contains(&check_all(&log).unwrap()), "only what was never acknowledged may be gone");
    }
}

#[test]
fn an_error_at_any_of_the_first_syncs_never_loses_an_acknowledged_record() {
    for n in 1..60 {
        let home = SimHome(SimDisk::new());
        home.0.fail_sync(n);
        let mut acknowledged = 0;
        if let Ok((log, _)) = home.try_open() {
            for seq in 1..=120 {
                let Ok(got) = log.append(&record(seq)) else { break };
                if log.wait_durable(got).is_err() {
                    break;
                }
                acknowledged = seq;
            }
            assert_eq!(log.durable(), Seq(acknowledged));
        }
        let (log, _) = SimHome(home.0.after_power_cut(n)).open();
        let last = check_all(&log).unwrap();
        assert!(last == acknowledged || last == acknowledged + 1, "sync {n}: {last} after {acknowledged}");
    }
}

#[test]
fn a_full_disk_refuses_clearly_reads_on_and_recovers() {
    let home = SimHome(SimDisk::new());
    let (log, _) = home.open();
    home.0.set_capacity(Some(200 << 10));
    let mut last = 0;
    let error = loop {
        match log.append(&record(last + 1)) {
            Ok(seq) => {
                assert_eq!(seq, Seq(last + 1));
                last += 1;
            }
            Err(error) => break error,
        }
        assert!(last < 10_000, "the disk never filled");
    };
    assert!(error.is_full(), "{error}");
    assert!(error.to_string().contains("Free space"), "it says how to mend it: {error}");
    log.wait_durable(Seq(last)).unwrap();
    assert_eq!(check_all(&log).unwrap(), last, "reads go on");
    assert!(log.append(&record(last + 1)).is_err_and(|e| e.is_full()), "still full");
    home.0.set_capacity(None);
    assert_eq!(log.append(&record(last + 1)), Ok(Seq(last + 1)), "the next append works when space is back");
    log.wait_durable(Seq(last + 1)).unwrap();
    fill(&log, last + 100);
    log.verify().unwrap();
    log.close().unwrap();
    drop(log);
    let (log, found) = home.open();
    assert!(found.clean && found.repairs.is_empty(), "{found:?}");
    assert_eq!(check_all(&log).unwrap(), last + 100);
}

#[test]
fn a_journal_on_a_full_disk_opens_and_reads() {
    let home = SimHome(SimDisk::new());
    home.filled(300);
    home.0.set_capacity(Some(home.0.used()));
    let (log, _) = home.open();
    assert_eq!(check_all(&log).unwrap(), 300);
}

#[test]
fn a_new_journal_without_room_says_full() {
    let home = SimHome(SimDisk::new());
    home.0.set_capacity(Some(30 << 10));
    let error = home.try_open().map(|_| ()).unwrap_err();
    assert!(error.is_full(), "{error}");
    home.0.set_capacity(None);
    home.filled(10);
}

#[test]
fn a_panicking_hook_fails_the_journal_instead_of_hanging_it() {
    let (log, _) = SimHome(SimDisk::new()).open();
    log.on_durable(Box::new(|r| assert!(r.is_err(), "the hook's own bug")));
    let first = log.append(b"x").unwrap();
    // The record itself was durable before the hook ran.
    log.wait_durable(first).unwrap();
    let later = log.append(b"y").and_then(|seq| log.wait_durable(seq));
    assert!(matches!(later, Err(JournalError::Failed { .. })), "{later:?}");
}

/// Each writer appends its own numbered records; some wait for every one, some only for the last.
fn race(log: &dyn Journal, writers: &[(u8, u16, bool)]) {
    std::thread::scope(|scope| {
        for (writer, (size, count, waits)) in writers.iter().enumerate() {
            scope.spawn(move || {
                let mut last = Seq::ZERO;
                for n in 0..*count {
                    let mut bytes = vec![u8::try_from(writer).unwrap(); usize::from(*size) + 3];
                    bytes[1..3].copy_from_slice(&n.to_le_bytes());
                    let seq = log.append(&bytes).unwrap();
                    assert!(seq > last, "a writer's own records keep their order");
                    last = seq;
                    if *waits {
                        log.wait_durable(seq).unwrap();
                        assert!(log.durable() >= seq);
                    }
                }
                log.wait_durable(last).unwrap();
            });
        }
    });
    let mut seen: BTreeMap<u8, u16> = BTreeMap::new();
    let mut total = 0;
    log.read(Seq(1), &mut |seq, bytes| {
        total += 1;
        assert_eq!(seq.0, total);
        let next = seen.entry(bytes[0]).or_default();
        assert_eq!(bytes[1..3], next.to_le_bytes(), "no record lost, doubled or out of order");
        *next += 1;
        ControlFlow::Continue(())
    })
    .unwrap();
    for (writer, (_, count, _)) in writers.iter().enumerate() {
        assert_eq!(seen.get(&u8::try_from(writer).unwrap()).copied().unwrap_or(0), *count);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn concurrent_writers_lose_double_and_reorder_nothing(
        writers in proptest::collection::vec((any::<u8>(), 1u16..300, any::<bool>()), 1..9),
        queue in 300usize..100_000,
    ) {
        let (log, _) = SegmentLog::open(Arc::new(SimDisk::new()), changzhi_journal::Options { queue_bytes: queue, ..small() }).unwrap();
        race(&log, &writers);
        log.verify().unwrap();
        race(&MemoryJournal::new(), &writers);
    }
}

#[test]
fn sixteen_writers_race_on_the_file_system() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = SegmentLog::open(Arc::new(FsDisk::new(dir.path()).unwrap()), small()).unwrap();
    race(&log, &[(100, 400, true); 16]);
    assert_eq!(log.verify().unwrap().head.seq, Seq(16 * 400));
}

#[test]
fn a_flood_of_records_becomes_frames_small_enough_to_read_one_record_from() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) =
        SegmentLog::open(Arc::new(FsDisk::new(dir.path()).unwrap()), changzhi_journal::Options::default()).unwrap();
    let groups = Arc::new(Mutex::new(Vec::new()));
    let (g, gate) = (groups.clone(), Arc::new(Mutex::new(())));
    log.on_durable(Box::new(move |told| g.lock().push(told.unwrap().0)));
    let (held, at_gate) = (gate.lock(), gate.clone());
    log.before_commit(Box::new(move || {
        drop(at_gate.lock());
        Ok(())
    }));
    let size = 1_000;
    for n in 1..=3_000u64 {
        log.append(&vec![u8::try_from(n % 251).unwrap(); size]).unwrap();
    }
    drop(held);
    log.wait_durable(Seq(3_000)).unwrap();
    let groups = groups.lock().clone();
    let largest = groups.windows(2).map(|w| w[1] - w[0]).max().unwrap();
    assert!(usize::try_from(largest).unwrap() * size < 512 << 10, "{groups:?}");
    assert_eq!(log.get(Seq(1_500)).unwrap(), Some(vec![u8::try_from(1_500 % 251).unwrap(); size]));
    assert_eq!(log.verify().unwrap().head.seq, Seq(3_000));
}
