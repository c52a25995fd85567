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
