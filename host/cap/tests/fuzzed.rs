//! The inputs of the fuzz targets, run again: the seeds, whatever a fuzzer once fell over, and the shared samples.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/judged.rs"]
mod judged;
mod support;

use changzhi_cap::{Limits, Version};
use std::path::Path;

fn run(folder: &Path) -> usize {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.is_file());
    files.sort();
    for file in &files {
        let bytes = std::fs::read(file).unwrap();
        judged::cap(&bytes);
        judged::edxl(&bytes);
        // Cut anywhere, and with one byte lost.
        for part in 1..40 {
            let at = bytes.len() * part / 40;
            judged::edxl(&bytes[..at]);
            let mut less = bytes.clone();
            if at < less.len() {
                less.remove(at);
            }
            judged::edxl(&less);
        }
    }
    files.len()
}

#[test]
fn every_seed_and_everything_once_found_is_judged_without_a_fault() {
    assert!(run(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds")) >= 6);
}

/// A fuzzer goes no further than its seeds lead it: through every reader, to the writer, into an envelope.
#[test]
fn the_seeds_reach_what_is_judged() {
    let seed = |name: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
        std::fs::read_to_string(folder.join(name)).unwrap()
    };
    let one = |name: &str| changzhi_cap::read(&seed(name), Limits::default()).unwrap().alert;
    let whole = one("cap12.xml");
    assert_eq!(changzhi_cap::rules::check(&whole), []);
    assert_eq!((whole.references.len(), whole.infos[0].areas[0].polygons.len()), (2, 1));
    assert_eq!([one("cap10.xml").version, one("cap11.xml").version], [Version::V1_0, Version::V1_1]);
    let inside = changzhi_cap::messages(&seed("edxl.xml"), Limits::default()).unwrap();
    assert_eq!(inside.iter().map(|i| i.read.is_ok()).collect::<Vec<_>>(), [true, false]);
    assert!(changzhi_cap::read(&seed("odd.xml"), Limits::default()).is_err());
}

#[test]
fn real_messages_cut_anywhere_are_judged_without_a_fault() {
    let Some(folder) = support::samples() else { return };
    assert!(run(&folder) >= 17);
}
