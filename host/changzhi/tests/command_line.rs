//! What the command line says of itself, and what it says to somebody who gets it wrong.
//!
//! That these tests run the binary is also why `cargo test --workspace` builds it afresh for the whole-system tests.
#![allow(clippy::unwrap_used)]

use std::process::{Command, Output};

fn changzhi(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_changzhi")).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_help_names_every_command() {
    let help = changzhi(&["--help"]);
    assert!(help.status.success());
    for command in ["up", "import", "journal", "plugin", "settings", "job", "flow"] {
        assert!(text(&help.stdout).lines().any(|line| line.trim_start().starts_with(command)), "{command}");
    }
}

#[test]
fn every_setting_is_listed_and_a_word_nobody_knows_is_refused_with_what_there_is() {
    let listed = changzhi(&["settings"]);
    assert!(listed.status.success(), "{}", text(&listed.stderr));
    for key in ["data", "plugins", "listen", "rate"] {
        assert!(text(&listed.stdout).contains(key), "{key}");
    }
    let wrong = changzhi(&["journl"]);
    assert!(!wrong.status.success() && text(&wrong.stderr).contains("journal"), "{}", text(&wrong.stderr));
}

#[test]
fn a_file_that_is_no_map_is_refused_at_start_with_its_setting_its_name_and_the_reason() {
    let dir = std::env::temp_dir().join(format!("changzhi-map-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let file = dir.join("city.mbtiles");
    std::fs::write(&file, "SQLite format 3\0".repeat(20)).unwrap();
    let data = dir.join("data");
    let up = Command::new(env!("CARGO_BIN_EXE_changzhi"))
        .args(["up", "--listen", "127.0.0.1:0", "--data"])
        .arg(&data)
        .env("CHANGZHI_MAP__FILE", &file)
        .output()
        .unwrap();
    let said = text(&up.stderr);
    let opened = data.exists();
    std::fs::remove_dir_all(&dir).unwrap();
    assert!(!up.status.success() && !opened, "before anything is opened: {said}");
    for word in ["CHANGZHI_MAP__FILE", "map.file", "city.mbtiles", "does not begin with PMTiles"] {
        assert!(said.contains(word), "{word}: {said}");
    }
}
