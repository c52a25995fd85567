//! Histories of codes and boundaries, from files as cities have them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_data::divisions::{Days, Properties, boundaries, code_history};
use changzhi_model::Micros;
use std::path::{Path, PathBuf};

fn written(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(name);
    std::fs::write(&file, text).unwrap();
    (dir, file)
}

fn china() -> Days {
    Days::of("+08:00").unwrap()
}

fn properties() -> Properties {
    Properties { code: "adcode".into(), name: "name".into() }
}

#[test]
fn a_day_begins_at_midnight_where_the_city_is() {
    let at = |text: &str| china().begin(text).unwrap().to_rfc3339();
    assert_eq!(at("2019-12"), at("2019-12-01"));
    assert_eq!(china().begin("2019").unwrap(), Micros(1_546_272_000 * Micros::SECOND));
    let hours = Days::of("America/New_York").unwrap().begin("2019-12").unwrap().0 - china().begin("2019-12").unwrap().0;
    assert_eq!(hours, 13 * Micros::HOUR);
    for no in ["", "12/2019", "2019-13", "2019-02-30", "十二月"] {
        assert!(china().begin(no).unwrap_err().contains("2019-12-01"), "{no}");
    }
    assert!(Days::of("Beijing time").unwrap_err().contains("+08:00"));
}

#[test]
fn a_history_of_any_city_reads_and_a_wrong_row_is_named_with_its_line() {
    // A city by the sea that is not the demo's.
    let text = "old_code,old_name,new_code,effective,note,old_ends\n330205,江北区,330299,2016-09-14,,no\n330227,鄞县,330212,2002-02,撤县设区,\n";
    let (_dir, file) = written("ningbo.csv", text);
    let rows = code_history(&file, &china()).unwrap();
    assert_eq!((rows.len(), rows[0]["old-ends"].as_bool(), rows[1].get("old-ends")), (2, Some(false), None));
    assert_eq!((rows[1]["old"].as_str(), rows[1]["note"].as_str()), (Some("330227"), Some("撤县设区")));
    assert!(rows[1]["effective"].as_str().unwrap().starts_with("2002-01-31T16:00:00"), "{:?}", rows[1]);
    for (wrong, line, says) in [
        ("old_code,new_code,effective\n1,2,2019-12\n3,,2019-12\n", "line 3", "new_code is empty"),
        ("old_code,new_code,effective\n1,2,soon\n", "line 2", "effective: \"soon\" is no day"),
        ("old,new,effective\n1,2,2019\n", "line 2", "there is no column old_code: its columns are old, new, effective"),
        ("old_code,new_code,effective,old_ends\n1,2,2019,perhaps\n", "line 2", "neither yes nor no"),
    ] {
        let (_dir, file) = written("wrong.csv", wrong);
        let told = code_history(&file, &china()).unwrap_err().to_string();
        assert!(told.contains("wrong.csv") && told.contains(line) && told.contains(says), "{told}");
    }
}

#[test]
fn boundaries_read_with_their_codes_and_what_is_left_out_is_counted() {
    let text = r#"{"type":"FeatureCollection","features":[
        {"properties":{"adcode":330205,"name":"江北区"},"geometry":{"type":"MultiPolygon","coordinates":[
            [[[1,1],[1.1,1],[1.1,1.1],[1,1]]],
            [[[2,2],[4,2],[4,4],[2,4],[2,2]],[[2.5,2.5],[3,2.5],[3,3],[2.5,2.5]]]]}},
        {"properties":{"adcode":"330212"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}}]}"#;
    let (_dir, file) = written("ningbo.geojson", text);
    let all = boundaries(&file, &properties(), &|lon, lat| (lon + 10.0, lat)).unwrap();
    assert_eq!((all[0].code.as_str(), all[0].name.as_str(), all[0].holes), ("330205", "江北区", 1));
    assert_eq!(all[0].rings[0], "12.000000,2.000000 14.000000,2.000000 14.000000,4.000000 12.000000,4.000000");
    assert_eq!((all[0].rings.len(), all[1].name.as_str()), (2, ""));
    let day = china().begin("2016-09").unwrap();
    assert!(all[0].body(None, Some(day))["rings"].as_str().unwrap().contains("; "), "all of what was");
    assert_eq!(all[0].body(None, None)["rings"].as_str(), Some(all[0].rings[0].as_str()), "of today the largest");
    for (wrong, says) in [
        ("{", "1:"),
        ("{}", "FeatureCollection"),
        (r#"{"features":[{"properties":{"gb":1},"geometry":null}]}"#, "--code"),
        (r#"{"features":[{"properties":{"adcode":1},"geometry":{"type":"Point","coordinates":[1,2]}}]}"#, "neither"),
        (
            r#"{"features":[{"properties":{"adcode":1},"geometry":{"type":"Polygon","coordinates":[[[1,2],[3]]]}}]}"#,
            "no list of",
        ),
        (
            r#"{"features":[{"properties":{"adcode":1},"geometry":{"type":"MultiPolygon","coordinates":[]}}]}"#,
            "no ring",
        ),
    ] {
        let (_dir, file) = written("wrong.geojson", wrong);
        let told = boundaries(&file, &properties(), &|lon, lat| (lon, lat)).unwrap_err().to_string();
        assert!(told.contains("wrong.geojson") && told.contains(says), "{told}");
    }
}

#[test]
fn the_real_files_read_whole() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("CHANGZHI_SHARED").map_or(root, PathBuf::from);
    let folder = shared.join("data/nanchang-divisions");
    if !folder.is_dir() {
        eprintln!("skipped: no shared data at {} (set CHANGZHI_SHARED)", folder.display());
        return;
    }
    let rows = code_history(&folder.join("code_history.csv"), &china()).unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!((rows[0]["old"].as_str(), rows[0]["old-name"].as_str()), (Some("360105"), Some("湾里区")));
    let codes = |year: &str| -> Vec<String> {
        let file = folder.join(format!("districts_{year}_gcj02.geojson"));
        let all = boundaries(&file, &properties(), &|lon, lat| (lon, lat)).unwrap();
        assert!(all.iter().all(|b| !b.name.is_empty() && b.holes == 0));
        all.into_iter().map(|b| b.code).collect()
    };
    let (old, new) = (codes("2019"), codes("2022"));
    assert_eq!((old.len(), new.len()), (9, 9));
    assert!(old.contains(&"360105".into()) && !new.contains(&"360105".into()));
    assert!(new.contains(&"360113".into()) && !old.contains(&"360113".into()));
}
