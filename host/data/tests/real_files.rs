//! The real files through their mappings: counts come from the files and their READMEs, never from here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_data::{Mapping, Progress, ReadOptions, read};
use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

const FILES: [(&str, &str); 7] = [
    ("gov-messages/messages.csv.gz", "gov-messages"),
    ("gov-messages/replies.csv.gz", "gov-replies"),
    ("gov-messages/labelled.csv.gz", "gov-labelled"),
    ("hotline-fuzhou/tickets.csv.gz", "hotline-fuzhou"),
    ("sf-311/requests.csv.gz", "sf-311"),
    ("nyc-311/mixed_2019_12_31.csv.gz", "nyc-311-mixed"),
    ("nyc-311/potholes_2024.csv.gz", "nyc-311-potholes"),
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn shared() -> Option<PathBuf> {
    let shared = std::env::var_os("CHANGZHI_SHARED").map_or_else(|| repository().join("../shared"), PathBuf::from);
    let data = shared.join("data");
    if !data.is_dir() {
        eprintln!("skipped: no shared data at {} (set CHANGZHI_SHARED)", data.display());
        return None;
    }
    Some(data)
}

fn mapping(name: &str) -> Mapping {
    Mapping::load(&repository().join(format!("data/mappings/{name}.toml"))).unwrap()
}

/// The number the README gives for a file: the first whole number of the line that names it.
fn promised(readme: &str, file: &str) -> u64 {
    let line = readme.lines().find(|l| l.contains(file)).unwrap_or_else(|| panic!("README does not name {file}"));
    let after = &line[line.find(file).unwrap() + file.len()..];
    let digits: String =
        after.chars().skip_while(|c| !c.is_ascii_digit()).take_while(|c| c.is_ascii_digit() || *c == ',').collect();
    digits.replace(',', "").parse().unwrap()
}

#[test]
fn every_row_of_the_real_files_is_read_and_none_does_not_fit_its_mapping() {
    let Some(data) = shared() else { return };
    for (file, name) in FILES {
        let mapping = mapping(name);
        let progress = Progress::default();
        let (mut rows, mut keys, mut digests) = (0_u64, HashSet::new(), HashSet::new());
        let mut categories: BTreeMap<String, u64> = BTreeMap::new();
        read(&data.join(file), &ReadOptions::default(), &progress, &mut |row| {
            rows += 1;
            let draft = mapping.apply(&row).unwrap_or_else(|p| panic!("{file} line {}: {p:?}", row.line));
            assert!(row.raw.starts_with(&draft.key), "{file} line {}: the raw input is the row's own", row.line);
            assert!(draft.body.get("created").is_some() && draft.body.get("title").is_some());
            let point = draft.body.get("position").is_some();
            let kinds: Vec<_> = draft.places.iter().map(|p| p.level.as_str()).collect();
            let wanted = if point { &["city", "district", "grid"][..] } else { &["city", "district"] };
            assert_eq!(kinds, wanted, "{file}: a city, an area in it and for a point a grid in that");
            assert!(draft.places.iter().all(|p| p.code.len() <= 64));
            assert!(draft.places.windows(2).all(|w| w[1].parent.as_ref() == Some(&w[0].code)));
            *categories.entry(draft.body["category"].as_str().unwrap().to_owned()).or_default() += 1;
            keys.insert(draft.key);
            digests.insert(draft.digest);
            ControlFlow::Continue(())
        })
        .unwrap();
        let readme = std::fs::read_to_string(data.join(file).parent().unwrap().join("README.md")).unwrap();
        assert_eq!(rows, promised(&readme, Path::new(file).file_name().unwrap().to_str().unwrap()), "{file}");
        assert_eq!(keys.len() as u64, rows, "{file}: keys are unique");
        assert_eq!(progress.bytes_done(), progress.bytes_total(), "{file}: read to its last byte");
        let known: HashSet<String> = changzhi_data::demo::categories().unwrap().into_iter().map(|c| c.code).collect();
        assert!(categories.keys().all(|c| known.contains(c)), "{file}: {categories:?}");
        eprintln!("{file}: {rows} rows, categories {categories:?}");
    }
}

#[test]
fn a_coordinate_of_zero_means_that_there_is_none() {
    let Some(data) = shared() else { return };
    let mapping = mapping("sf-311");
    let (mut zero, mut missing, mut with) = (0, 0, 0);
    read(&data.join("sf-311/requests.csv.gz"), &ReadOptions::default(), &Progress::default(), &mut |row| {
        let draft = mapping.apply(&row).unwrap();
        zero += u32::from(row.get("latitude") == Some("0.0"));
        match draft.body.get("position") {
            None => missing += 1,
            Some(_) => with += 1,
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(zero, missing);
    assert!(zero > 0 && with > 0);
}

#[test]
fn local_times_of_new_york_become_utc_by_the_zone_of_their_day() {
    let Some(data) = shared() else { return };
    // Winter is UTC-5, summer UTC-4.
    for (file, name, hours) in [(FILES[5].0, FILES[5].1, 5), (FILES[6].0, FILES[6].1, 4)] {
        let mapping = mapping(name);
        let mut first = None;
        read(&data.join(file), &ReadOptions::default(), &Progress::default(), &mut |row| {
            let draft = mapping.apply(&row).unwrap();
            first =
                Some((row.get("created_date").unwrap().to_owned(), draft.body["created"].as_str().unwrap().to_owned()));
            ControlFlow::Break(())
        })
        .unwrap();
        let (local, utc) = first.unwrap();
        let local = changzhi_model::Micros::from_rfc3339(&format!("{local}Z")).unwrap();
        let utc = changzhi_model::Micros::from_rfc3339(&utc).unwrap();
        assert_eq!(utc.0 - local.0, hours * 3_600_000_000, "{file}");
    }
}
