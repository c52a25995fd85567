//! Single flipped bits anywhere in a closed journal: log, durable mark, prepared segment.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_journal::{Disk, Journal, SimDisk};
use changzhi_model::Seq;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use support::{FsHome, Home, SimHome, check_all, record, segment};

const LAST: u64 = 600;

/// Flips one bit of a closed journal. It must be refused, or reported by opening, or found by verifying; and no record read
/// may differ from the one written.
fn flip(home: &dyn Home, name: &str, offset: usize, bit: u8) -> &'static str {
    home.edit(name, &mut |bytes| bytes[offset] ^= 1 << bit);
    match home.try_open() {
        Err(_) => "refused",
        Ok((log, found)) => {
            let read = check_all(&log);
            match log.verify() {
                Err(_) => "verify",
                Ok(_) if !found.repairs.is_empty() => {
                    assert_eq!(read, Ok(LAST), "a repair never drops a record");
                    "repaired"
                }
                Ok(_) => panic!("bit {bit} of byte {offset} of {name} went unseen"),
            }
        }
    }
}

#[test]
fn every_flipped_bit_of_a_closed_journal_is_refused_found_or_repaired() {
    let base = SimHome(SimDisk::new());
    base.filled(LAST);
    let names: Vec<String> = base.0.list().unwrap();
    let mut dice = StdRng::seed_from_u64(7);
    let mut outcomes = std::collections::BTreeMap::new();
    for name in &names {
        let len = base.0.content(name).unwrap().len();
        for n in 0..40u32 {
            // Half of them in the first blocks, where the structure is dense.
            let offset =
                if n.is_multiple_of(2) { dice.random_range(0..8192.min(len)) } else { dice.random_range(0..len) };
            let copy = SimHome(base.0.after_power_cut(0));
            *outcomes.entry(flip(&copy, name, offset, dice.random_range(0..8))).or_insert(0) += 1;
        }
    }
    assert!(names.len() >= 5, "log, head and the prepared segment: {names:?}");
    assert!(["refused", "verify", "repaired"].iter().all(|o| outcomes.contains_key(o)), "{outcomes:?}");
}

#[test]
fn flipped_bits_in_real_files_are_refused_found_or_repaired() {
    let base = FsHome(tempfile::tempdir().unwrap());
    base.filled(LAST);
    let mut dice = StdRng::seed_from_u64(8);
    let last = base.open().1.segments;
    let names: Vec<String> = (1..=last + 1).map(segment).chain(["head".to_owned()]).collect();
    for n in 0..60 {
        let copy = FsHome(tempfile::tempdir().unwrap());
        for name in &names {
            std::fs::copy(base.0.path().join(name), copy.0.path().join(name)).unwrap();
        }
        let name = &names[n % names.len()];
        let len = std::fs::metadata(copy.0.path().join(name)).unwrap().len();
        let offset = usize::try_from(dice.random_range(0..len)).unwrap();
        flip(&copy, name, offset, dice.random_range(0..8));
    }
}

#[test]
fn reading_damaged_records_of_an_open_journal_is_an_error_and_not_data() {
    let home = SimHome(SimDisk::new());
    home.filled(LAST);
    let (log, _) = home.open();
    home.edit(&segment(2), &mut |bytes| bytes[9_000] ^= 4);
    assert!(check_all(&log).is_err());
    let failing = (1..=LAST).filter(|n| log.get(Seq(*n)).map(|r| assert_eq!(r, Some(record(*n)))).is_err()).count();
    assert!(failing > 0);
    assert!(log.verify().is_err());
}
