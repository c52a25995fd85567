//! `shots`: pictures of the demo city and the gallery into docs/shots.

use crate::{needs, plugins, shell};
use anyhow::Result;
use std::path::Path;

const FOLDER: &str = "docs/shots";

pub fn run(root: &Path) -> Result<()> {
    needs::for_tests(root)?;
    plugins::build_all(root)?;
    shell::run(
        root,
        "cargo",
        &["build", "-p", "changzhi", "-p", "changzhi-browser-tests", "--bins", "--example", "shots"],
    )?;
    let program = plugins::target_dir(root).join("debug/examples/shots");
    shell::run(root, &program.to_string_lossy(), &[FOLDER])
}
