//! The real files of real cities through the command line, and what users see of them afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Start, count, grids, mapping, rows, rows_by, run, shared, spawn};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

const FILES: [(&str, &str); 7] = [
    ("gov-messages/messages.csv.gz", "gov-messages"),
    ("gov-messages/replies.csv.gz", "gov-replies"),
    ("gov-messages/labelled.csv.gz", "gov-labelled"),
    ("hotline-fuzhou/tickets.csv.gz", "hotline-fuzhou"),
    ("sf-311/requests.csv.gz", "sf-311"),
    ("nyc-311/mixed_2019_12_31.csv.gz", "nyc-311-mixed"),
    ("nyc-311/potholes_2024.csv.gz", "nyc-311-potholes"),
];

struct Counts {
    seen: u64,
    new: u64,
    same: u64,
    changed: u64,
    rejected: u64,
}

fn arguments<'a>(file: &'a Path, map: &'a Path, data: &'a Path, report: &'a Path) -> [&'a str; 9] {
    let text = |path: &'a Path| path.to_str().unwrap();
    ["import", "reports", text(file), "--map", text(map), "--data", text(data), "--report", text(report)]
}

fn import(file: &Path, name: &str, data: &Path) -> Counts {
    let report = data.with_extension("report.json");
    let _ = std::fs::remove_file(&report);
    let done = run(arguments(file, &mapping(name), data, &report)).unwrap();
    assert!(done.success, "{name}: {}", done.said());
    let report: Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
    let number = |key: &str| report[key].as_u64().unwrap_or_else(|| panic!("{key} in {report}"));
    assert!(report["stopped"].is_null(), "{report}");
    let rejected = number("rejected_count");
    let listed = report["rejected"].as_array().unwrap();
    assert_eq!(listed.len() as u64, rejected, "each rejected row is listed");
    assert!(listed.iter().all(|row| row["line"].as_u64() > Some(0) && !row["reason"].is_null()), "{listed:?}");
    Counts { seen: number("seen"), new: number("new"), same: number("same"), changed: number("changed"), rejected }
}

/// A folder with accounts in it; what it shows before anything is imported.
fn city(data: &Path) -> (String, Shown) {
    let host = Host::start(data, Start { demo: true, ..Start::default() }).unwrap();
    let token = host.token("admin").unwrap();
    let shown = Shown::of(&host.client(&token));
    host.close().unwrap();
    (token, shown)
}

struct Shown {
    total: u64,
    by_state: BTreeMap<String, u64>,
    /// District and category.
    by_district: BTreeMap<String, u64>,
}

impl Shown {
    fn of(client: &Client) -> Shown {
        Shown {
            total: count(client, "").unwrap(),
            by_state: rows_by(client, "by-state").unwrap(),
            by_district: rows_by(client, "by-district").unwrap(),
        }
    }
}

fn summed(counts: &BTreeMap<String, u64>, part: usize) -> BTreeMap<&str, u64> {
    let mut sums = BTreeMap::new();
    for (key, n) in counts {
        let name = key.splitn(2, '-').nth(part).unwrap();
        *sums.entry(name).or_default() += n;
    }
    sums
}

#[test]
fn the_real_files_come_in_once_and_are_seen_by_place_category_and_state() {
    let Some(shared) = shared() else { return };
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("city");
    let (token, before) = city(&data);
    let mut new = 0;
    for (file, name) in FILES {
        let file = shared.join(file);
        let rows = rows(&file).unwrap();
        let began = Instant::now();
        let first = import(&file, name, &data);
        eprintln!("{name}: {rows} rows, new {}, rejected {}, {:?}", first.new, first.rejected, began.elapsed());
        assert_eq!(first.seen, rows, "{name}");
        assert_eq!(first.new + first.same + first.changed + first.rejected, rows, "{name}");
        assert_eq!((first.same, first.changed), (0, 0), "{name}: nothing of it was there");
        assert!(first.new > 0, "{name}");
        let second = import(&file, name, &data);
        assert_eq!((second.seen, second.new, second.changed), (rows, 0, 0), "{name}: the second run adds nothing");
        assert_eq!((second.same, second.rejected), (rows - first.rejected, first.rejected), "{name}");
        new += first.new;
    }

    let host = Host::start(&data, Start::default()).unwrap();
    let client = host.client(&token);
    let shown = Shown::of(&client);
    assert_eq!(shown.total, before.total + new);
    for counts in [&shown.by_state, &shown.by_district] {
        assert_eq!(counts.values().sum::<u64>(), shown.total);
    }
    for (state, n) in &shown.by_state {
        assert_eq!(count(&client, &format!("state={state}")).unwrap(), *n, "state {state}");
    }
    let categories = summed(&shown.by_district, 1);
    assert!(categories.len() > 1);
    for (category, n) in &categories {
        assert_eq!(count(&client, &format!("category={category}")).unwrap(), *n, "category {category}");
    }
    // The imported ones lie in their district itself, those of the demo in its grids.
    let (then, now) = (summed(&before.by_district, 0), summed(&shown.by_district, 0));
    let fresh: BTreeSet<&str> = now.keys().filter(|d| !then.contains_key(*d)).copied().collect();
    assert!(!fresh.is_empty(), "the files bring districts of their own");
    let mut placed = 0;
    for district in fresh {
        assert_eq!(count(&client, &format!("place={district}")).unwrap(), now[district], "district {district}");
        placed += now[district];
    }
    assert_eq!(placed, new, "each imported report lies in a district of its file");
    by_grid(&client);
    host.close().unwrap();
}

/// What the page of grids says is what the list says, grid by grid, and every point of the files is in one.
fn by_grid(client: &Client) {
    let all = grids(client, "").unwrap();
    let points = count(client, "source=sf-311").unwrap();
    assert!(all.values().sum::<u64>() > points / 2, "most rows of San Francisco have a point");
    for (grid, n) in all.iter().take(20) {
        assert_eq!(count(client, &format!("place={grid}")).unwrap(), *n, "grid {grid}");
    }
    let states = rows_by(client, "by-state").unwrap();
    let by_state = states.keys().map(|state| grids(client, &format!("state={state}")).unwrap());
    let mut summed: BTreeMap<String, u64> = BTreeMap::new();
    for (grid, n) in by_state.flatten() {
        *summed.entry(grid).or_default() += n;
    }
    assert_eq!(summed, all, "the states of a grid are all of it");
    let lamps = grids(client, "category=street-light").unwrap();
    assert!(lamps.iter().all(|(grid, n)| all.get(grid) >= Some(n)));
    assert!(lamps.values().sum::<u64>() <= count(client, "category=street-light").unwrap());
}

#[test]
fn a_killed_import_goes_on_where_it_stopped() {
    let Some(shared) = shared() else { return };
    let (file, name) = FILES[4];
    let file = shared.join(file);
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("city");
    let (token, before) = city(&data);
    let rows = rows(&file).unwrap();

    // Killed later and later, until a run was killed with rows of it in the journal.
    let mut moment = Duration::from_millis(200);
    let resumed = loop {
        let report = dir.path().join("killed.json");
        let mut child = spawn(arguments(&file, &mapping(name), &data, &report)).unwrap();
        std::thread::sleep(moment);
        let finished = child.try_wait().unwrap().is_some();
        assert!(!finished, "the import was over before it could be killed, at {moment:?}");
        child.kill().unwrap();
        child.wait().unwrap();
        let host = Host::start(&data, Start::default()).unwrap();
        let there = count(&host.client(&token), "").unwrap() - before.total;
        host.close().unwrap();
        if there > 0 {
            break there;
        }
        moment += Duration::from_millis(200);
    };
    eprintln!("killed after {moment:?} with {resumed} of {rows} rows");
    let rest = import(&file, name, &data);
    assert_eq!((rest.seen, rest.same, rest.changed), (rows, resumed, 0));
    assert_eq!(rest.new + rest.same + rest.rejected, rows);
    let again = import(&file, name, &data);
    assert_eq!((again.new, again.same), (0, rows - rest.rejected));
    let host = Host::start(&data, Start::default()).unwrap();
    assert_eq!(count(&host.client(&token), "").unwrap(), before.total + rows - rest.rejected);
    host.close().unwrap();
}
