//! What a person at a terminal sees of a long import, and what a log sees of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{run, run_on_terminal};

const MAP: &str = r#"
[source]
name = "made"
plugin = "services"
command = "import-report"
key = "id"
known = "services.report"
[fields]
source = { value = "made" }
title = { column = "title", required = true }
category = { value = "other" }
created = { type = "time", column = "created" }
"#;
const ROWS: usize = 2_000;

#[test]
fn a_terminal_shows_how_far_an_import_is_and_a_log_is_not_littered_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let (file, map, data) = (dir.path().join("rows.csv"), dir.path().join("map.toml"), dir.path().join("city"));
    let rows = (0..ROWS).map(|n| format!("{n},lamp {n},2026-01-01T00:00:00Z\n"));
    let text: String = std::iter::once("id,title,created\n".to_owned()).chain(rows).collect();
    std::fs::write(&file, &text).unwrap();
    std::fs::write(&map, MAP).unwrap();
    let word = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let (file, map, data) = (word(&file), word(&map), word(&data));
    let arguments = ["import", "reports", &file, "--map", &map, "--data", &data];
    let Some(seen) = run_on_terminal(&arguments).unwrap() else { return };
    assert!(seen.success, "{}", seen.said());
    // The bar is drawn again and again over itself; at last it says that all of it is done.
    let drawn: Vec<&str> = seen.out.split('\r').filter(|line| line.contains(" rows ")).collect();
    assert!(drawn.len() > 1, "{}", seen.out);
    assert!(drawn.last().unwrap().contains(&format!(" {ROWS} rows ")), "{}", seen.out);
    let log = run(arguments).unwrap();
    assert!(log.success && !log.said().contains(" rows 0") && !log.said().contains('\r'), "{}", log.said());
}
