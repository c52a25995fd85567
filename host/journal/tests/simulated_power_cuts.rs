//! Power cuts on the simulated disk, at any operation.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_journal::{Journal, Options, SegmentLog, SimDisk};
use changzhi_model::Seq;
use parking_lot::Mutex;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::sync::Arc;
use support::{check_all, record, small};

/// Appends random batches until the power is gone; gives the last acknowledged sequence and the groups' ends.
fn write_until_dark(log: &SegmentLog, dice: &mut StdRng, most: u64) -> (u64, Vec<u64>) {
    let groups = Arc::new(Mutex::new(Vec::new()));
    let g = groups.clone();
    log.on_durable(Box::new(move |r| g.lock().extend(r.ok().map(|seq| seq.0))));
    let mut next = log.durable().0 + 1;
    let end = next + most;
    while next < end {
        let batch = dice.random_range(1..=40u64);
        for n in next..next + batch {
            if log.append(&record(n)).is_err() {
                return (log.durable().0, groups.lock().clone());
            }
        }
        next += batch;
        if dice.random_bool(0.7) && log.wait_durable(Seq(next - 1)).is_err() {
            break;
        }
    }
    (log.durable().0, groups.lock().clone())
}

/// Cuts the power of one disk again and again; gives how many cuts lost acknowledged records (or would not open).
fn cut_loop(cuts: u64, options: &Options) -> u64 {
    let mut losses = 0;
    let mut disk = SimDisk::new();
    let mut acknowledged = 0;
    for seed in 0..cuts {
        let mut dice = StdRng::seed_from_u64(seed);
        if seed.is_multiple_of(10) {
            (disk, acknowledged) = (SimDisk::new(), 0);
        }
        // At any operation: in the middle of opening, of recovery, of sealing, of a group.
        disk.die_after(dice.random_range(0..160));
        let mut groups = Vec::new();
        if let Ok((log, _)) = SegmentLog::open(Arc::new(disk.clone()), options.clone()) {
            let (last, ends) = write_until_dark(&log, &mut dice, 2_000);
            (acknowledged, groups) = (acknowledged.max(last), ends);
        }
        disk = disk.power_cut(seed);
        let found = SegmentLog::open(Arc::new(disk.clone()), options.clone());
        let whole = found.and_then(|(log, _)| {
            let last = check_all(&log)?;
            let verified = log.verify()?;
            assert_eq!(verified.head, log.head());
            Ok(last)
        });
        match whole {
            Ok(last) if last >= acknowledged => {
                // What was never acknowledged is there as a whole group or not at all: the end is no group's middle.
                assert!(groups.iter().all(|end| *end <= last));
                acknowledged = last;
            }
            other => {
                assert!(options.without_sync, "cut {seed}: {acknowledged} acknowledged, found {other:?}");
                losses += 1;
                (disk, acknowledged) = (SimDisk::new(), 0);
            }
        }
    }
    losses
}

#[test]
fn two_hundred_power_cuts_lose_no_acknowledged_record() {
    assert_eq!(cut_loop(200, &small()), 0);
    assert_eq!(cut_loop(60, &Options { gather: std::time::Duration::from_millis(1), ..small() }), 0);
}

#[test]
fn the_same_cuts_catch_a_log_that_does_not_sync() {
    assert!(cut_loop(40, &Options { without_sync: true, ..small() }) > 10);
}

#[test]
fn a_group_survives_a_power_cut_whole_or_not_at_all() {
    let mut kept = [0, 0];
    for seed in 0..60 {
        let disk = SimDisk::new();
        let (log, _) = SegmentLog::open(Arc::new(disk.clone()), small()).unwrap();
        log.wait_durable(log.append(&record(1)).unwrap()).unwrap();
        // The hook holds the log thread while a group of exactly ten gathers behind it.
        let gate = Arc::new(Mutex::new(()));
        let (held, g) = (gate.lock(), gate.clone());
        let (enter, entered) = std::sync::mpsc::channel();
        log.before_commit(Box::new(move || {
            // Only the first is waited for.
            let _ = enter.send(());
            drop(g.lock());
            Ok(())
        }));
        log.append(&record(2)).unwrap();
        // The group of the second record is closed once the hook runs: what comes now is the next group.
        entered.recv().unwrap();
        for n in 3..=12 {
            log.append(&record(n)).unwrap();
        }
        disk.die_after(seed % 6);
        drop(held);
        let _ = log.wait_durable(Seq(12));
        let durable = log.durable().0;
        let (log, _) = SegmentLog::open(Arc::new(disk.power_cut(seed)), small()).unwrap();
        let last = check_all(&log).unwrap();
        assert!([1, 2, 12].contains(&last) && last >= durable, "a group was cut in two at {last}");
        kept[usize::from(last == 12)] += 1;
    }
    assert!(kept[0] > 0 && kept[1] > 0, "both outcomes were seen: {kept:?}");
}

#[test]
fn whatever_a_hook_is_told_would_survive_a_power_cut_at_that_moment() {
    let disk = SimDisk::new();
    let (log, _) = SegmentLog::open(Arc::new(disk.clone()), small()).unwrap();
    let checked = Arc::new(Mutex::new(0));
    let (c, d) = (checked.clone(), disk.clone());
    log.on_durable(Box::new(move |told| {
        let told = told.unwrap().0;
        if told.is_multiple_of(5) {
            let (after, _) = SegmentLog::open(Arc::new(d.after_power_cut(told)), small()).unwrap();
            assert!(check_all(&after).unwrap() >= told);
            *c.lock() += 1;
        }
    }));
    for n in 1..=150 {
        log.wait_durable(log.append(&record(n)).unwrap()).unwrap();
    }
    log.close().unwrap();
    assert_eq!(*checked.lock(), 30);
}
