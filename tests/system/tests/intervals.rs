//! Eight years of a fire department's dispatch records through alarms and tasks, and somebody else's arithmetic on the same file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{mapping, python, root, run, shared};
use serde_json::Value;
use std::process::Command;

/// As many as are replayed here; the whole file takes minutes (`docs/dispatch.md`).
const CALLS: &str = "500";

fn said(args: &[&str]) -> String {
    let done = run(args).unwrap();
    assert!(done.success, "{}", done.said());
    done.out
}

#[test]
fn clocks_are_kept_bad_ones_are_flagged_and_the_medians_are_those_of_other_software() {
    let Some(data) = shared() else { return };
    let Some(python) = python("duckdb", "import duckdb", &[&["duckdb==2.0.1"]]) else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (file, map) = (data.join("sf-dispatch/calls.csv.gz"), mapping("sf-dispatch"));
    let (file, map) = (file.to_str().unwrap(), map.to_str().unwrap());
    let (city, flagged) = (path("city"), path("flagged.csv"));
    let told = said(&[
        "flow",
        "replay-dispatch",
        file,
        "--map",
        map,
        "--data",
        &city,
        "--calls",
        CALLS,
        "--flagged",
        &flagged,
    ]);
    eprintln!("{told}");
    let ours: Value = serde_json::from_str(&said(&["flow", "intervals", "--data", &city, "--json"])).unwrap();

    let script = root().join("tests/system/tests/intervals.py");
    let done = Command::new(python).arg(script).args([file, CALLS]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let theirs: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(ours["intervals"], theirs["intervals"], "ours and DuckDB's");
    assert_eq!(ours["backwards"], 0, "no clock of a city runs backwards");
    let named = std::fs::read_to_string(&flagged).unwrap();
    assert_eq!(named.lines().count() - 1, theirs["flagged"].as_array().unwrap().len(), "{named}");
    for row in theirs["flagged"].as_array().unwrap() {
        let name = format!(",{},{},", row["call"].as_str().unwrap(), row["unit"].as_str().unwrap());
        assert!(named.contains(&name), "{name} of DuckDB is not flagged:\n{named}");
    }
    assert!(!theirs["flagged"].as_array().unwrap().is_empty(), "some clocks of this file are bad");
}
