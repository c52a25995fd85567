//! Eight hundred matters of a real hotline through the flow, and an engine of somebody else on what comes out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{mapping, python, rows, run, shared};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

fn said<'a>(args: impl IntoIterator<Item = &'a str>) -> String {
    let done = run(args).unwrap();
    assert!(done.success, "{}", done.said());
    done.out
}

/// Replays the hotline into a new folder; `None`, said visibly, without the shared data.
fn replayed(data: &Path) -> Option<u64> {
    let file = shared()?.join("hotline-fuzhou/tickets.csv.gz");
    let map = mapping("hotline-fuzhou");
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (file_name, map, folder) = (text(&file), text(&map), text(data));
    let out = said(["flow", "replay", &file_name, "--map", &map, "--data", &folder]);
    eprintln!("{}", out.trim());
    Some(rows(&file).unwrap())
}

#[test]
fn the_hotline_replayed_through_the_flow_gives_its_median_days_by_hand_offs() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("city");
    let Some(rows) = replayed(&data) else { return };
    let report: Value =
        serde_json::from_str(&said(["flow", "handoffs", "--data", data.to_str().unwrap(), "--json"])).unwrap();
    let medians: Vec<_> = report.as_array().unwrap().iter().map(|r| r["median_days"].clone()).collect();
    assert_eq!(medians, [json!(4.0), json!(7.0), json!(9.0), json!(11.0), json!(25.0)], "{report}");
    let matters: u64 = report.as_array().unwrap().iter().map(|r| r["matters"].as_u64().unwrap()).sum();
    assert_eq!((matters, rows), (826, 826));

    let stories = dir.path().join("stories.jsonl");
    said(["flow", "stories", "--data", data.to_str().unwrap(), "--out", stories.to_str().unwrap()]);
    let (mut transfers, mut answers) = (0, 0);
    for line in std::fs::read_to_string(&stories).unwrap().lines() {
        let matter: Value = serde_json::from_str(line).unwrap();
        let events = matter["events"].as_array().unwrap();
        let count = |name: &str| events.iter().filter(|e| e["event"] == name).count();
        transfers += count("assign") - 1;
        answers += count("answer");
    }
    // 443 × 1 + 236 × 2 + 90 × 3 + 23 × 4 + 3 × 5 + 6 + 7: each transfer of the source is one event, each reply too.
    assert_eq!((transfers, answers), (1305, 826));
    independent(&data, &stories, dir.path());
}

/// The same events in SpiffWorkflow.
fn independent(data: &Path, stories: &Path, dir: &Path) {
    let Some(python) = python("spiff", "import SpiffWorkflow", &[&["SpiffWorkflow==3.2.0"]]) else { return };
    let bpmn = dir.join("matter.bpmn");
    let component = changzhi_system_tests::root().join("target/plugins/services.wasm");
    assert!(data.is_dir() && component.is_file());
    said(["flow", "bpmn", component.to_str().unwrap(), "--out", bpmn.to_str().unwrap()]);
    let script = changzhi_system_tests::root().join("tests/system/tests/spiff.py");
    let done = Command::new(python).arg(script).arg(&bpmn).arg("flow_matter").arg(stories).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{out}\n{err}");
    eprintln!("SpiffWorkflow: {}", out.trim());
    assert!(out.contains("replayed 826 matters"), "{out}");
}
