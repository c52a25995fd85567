//! One suite for every journal: in memory, on the simulated disk, on the file system.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_journal::{Export, Head, Journal, JournalError, MemoryJournal, SegmentLog, SimDisk, export, link};
use changzhi_model::Seq;
use parking_lot::Mutex;
use std::ops::ControlFlow;
use std::sync::Arc;
use support::{FsHome, Home, SimHome, check_all, fill, record, small};

fn until(done: impl Fn() -> bool) {
    while !done() {
        std::thread::yield_now();
    }
}

fn sequences_are_dense_from_one_in_order_of_append(log: &dyn Journal) {
    assert_eq!(log.head(), Head::EMPTY);
    for n in 1..=300 {
        assert_eq!(log.append(&record(n)).unwrap(), Seq(n));
    }
    log.wait_durable(Seq(300)).unwrap();
    assert_eq!(check_all(log).unwrap(), 300);
    assert_eq!(log.durable(), Seq(300));
}

fn the_chain_is_the_documented_hash_at_every_sequence(log: &dyn Journal) {
    fill(log, 200);
    let mut chain = [0; 32];
    assert_eq!(log.chain_at(Seq::ZERO).unwrap(), Some(chain));
    for n in 1..=200 {
        chain = link(&chain, &record(n));
        assert_eq!(log.chain_at(Seq(n)).unwrap(), Some(chain), "at {n}");
    }
    assert_eq!(log.head(), Head { seq: Seq(200), chain });
    assert_eq!(log.chain_at(Seq(201)).unwrap(), None);
}

fn reading_starts_at_any_sequence_and_stops_when_told(log: &dyn Journal) {
    fill(log, 250);
    for from in [0, 1, 2, 77, 249, 250, 251, 9_999] {
        let mut seen = Vec::new();
        log.read(Seq(from), &mut |seq, bytes| {
            assert_eq!(bytes, record(seq.0));
            seen.push(seq.0);
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(seen, (from.max(1)..=250).collect::<Vec<_>>());
    }
    let mut count = 0;
    let mut five = |_: Seq, _: &[u8]| {
        count += 1;
        if count == 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    log.read(Seq(10), &mut five).unwrap();
    assert_eq!(count, 5);
}

fn get_finds_each_record_and_nothing_else(log: &dyn Journal) {
    fill(log, 250);
    for n in (1..=250).rev() {
        assert_eq!(log.get(Seq(n)).unwrap(), Some(record(n)));
    }
    assert_eq!(log.get(Seq(0)).unwrap(), None);
    assert_eq!(log.get(Seq(251)).unwrap(), None);
}

fn hooks_hear_every_group_in_order_and_commit_hooks_run_before(log: &dyn Journal) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let before = Arc::new(Mutex::new(0u64));
    let (h, b, b2) = (heard.clone(), before.clone(), before.clone());
    log.before_commit(Box::new(move || {
        *b.lock() += 1;
        Ok(())
    }));
    log.on_durable(Box::new(move |r| h.lock().push((r.unwrap().0, *b2.lock()))));
    fill(log, 100);
    // A waiter may wake before the hooks of its group have run.
    until(|| heard.lock().last().map(|(seq, _)| *seq) == Some(100));
    let heard = heard.lock().clone();
    assert!(heard.is_sorted() && heard.iter().all(|(_, prepared)| *prepared > 0), "{heard:?}");
}

fn a_failing_commit_hook_fails_the_journal_before_anything_is_acknowledged(log: &dyn Journal) {
    fill(log, 10);
    log.before_commit(Box::new(|| Err("the key file cannot be synced".to_owned())));
    let seq = log.append(b"never").unwrap();
    let error = log.wait_durable(seq).unwrap_err();
    assert!(matches!(&error, JournalError::Failed { why } if why.contains("key file")), "{error}");
    assert_eq!(log.durable(), Seq(10));
    assert!(log.append(b"later").is_err());
    let told = Arc::new(Mutex::new(None));
    let t = told.clone();
    log.on_durable(Box::new(move |r| *t.lock() = Some(r)));
    until(|| told.lock().is_some());
    assert_eq!(*told.lock(), Some(Err(error)), "a hook that comes late is told too");
    assert_eq!(check_all(log).unwrap(), 10, "reads go on");
}

fn waiting_for_what_nobody_appended_is_refused(log: &dyn Journal) {
    fill(log, 3);
    assert_eq!(log.wait_durable(Seq(4)), Err(JournalError::NotAppended { seq: 4, last: 3 }));
}

fn records_of_all_sizes_up_to_the_limit_are_kept_and_larger_ones_refused(log: &dyn Journal, max: usize) {
    let sizes = [0, 1, 511, 512, 4096, max - 1, max];
    for size in sizes {
        let seq = log.append(&vec![7; size]).unwrap();
        log.wait_durable(seq).unwrap();
    }
    let error = log.append(&vec![7; max + 1]).unwrap_err();
    assert_eq!(error, JournalError::TooLarge { len: max + 1, max });
    for (n, size) in (1..).zip(sizes) {
        assert_eq!(log.get(Seq(n)).unwrap().map(|r| r.len()), Some(size));
    }
    assert_eq!(log.durable(), Seq(sizes.len() as u64));
}

fn export_gives_a_line_a_record_and_the_head(log: &dyn Journal) {
    fill(log, 20);
    let mut raw = Vec::new();
    assert_eq!(export(log, Seq(1), None, &Export::Raw, &mut raw).unwrap(), 20);
    let lines: Vec<serde_json::Value> =
        String::from_utf8(raw).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let mut chain = [0; 32];
    for (n, line) in (1..=20).zip(&lines) {
        assert_eq!(line["seq"], n);
        chain = link(&chain, &hex::decode(line["raw"].as_str().unwrap()).unwrap());
    }
    assert_eq!(lines[20]["head"]["chain"], hex::encode(chain));

    let decode = |_: Seq, r: &[u8]| Ok(serde_json::json!(r.len()));
    let mut decoded = Vec::new();
    assert_eq!(export(log, Seq(5), Some(Seq(6)), &Export::Decoded(&decode), &mut decoded).unwrap(), 2);
    assert!(String::from_utf8(decoded).unwrap().starts_with(&format!("{{\"record\":{},\"seq\":5}}", record(5).len())));
    let refuse = |_: Seq, _: &[u8]| Err("type 9 is unknown".to_owned());
    let error = export(log, Seq(5), None, &Export::Decoded(&refuse), &mut Vec::new()).unwrap_err();
    assert_eq!(error, JournalError::Export { seq: 5, why: "type 9 is unknown".to_owned() });
}

fn on_sim(test: impl Fn(&SegmentLog)) {
    let home = SimHome(SimDisk::new());
    test(&home.open().0);
}

fn on_files(test: impl Fn(&SegmentLog)) {
    let home = FsHome(tempfile::tempdir().unwrap());
    test(&home.open().0);
}

macro_rules! everywhere {
    ($($name:ident $(($max:expr))?),+ $(,)?) => {
        mod in_memory {
            use super::*;
            $(#[test] fn $name() { everywhere!(@memory $name $($max)?); })+
        }
        mod on_the_simulated_disk {
            use super::*;
            $(#[test] fn $name() { on_sim(|log| super::$name(log $(, $max)?)); })+
        }
        mod on_the_file_system {
            use super::*;
            $(#[test] fn $name() { on_files(|log| super::$name(log $(, $max)?)); })+
        }
    };
    (@memory $name:ident $max:expr) => { super::$name(&MemoryJournal::new(), 16 << 20) };
    (@memory $name:ident) => { super::$name(&MemoryJournal::new()) };
}

everywhere!(
    sequences_are_dense_from_one_in_order_of_append,
    the_chain_is_the_documented_hash_at_every_sequence,
    reading_starts_at_any_sequence_and_stops_when_told,
    get_finds_each_record_and_nothing_else,
    hooks_hear_every_group_in_order_and_commit_hooks_run_before,
    a_failing_commit_hook_fails_the_journal_before_anything_is_acknowledged,
    waiting_for_what_nobody_appended_is_refused,
    records_of_all_sizes_up_to_the_limit_are_kept_and_larger_ones_refused(small().max_record),
    export_gives_a_line_a_record_and_the_head,
);
