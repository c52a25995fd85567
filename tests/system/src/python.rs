//! Clients and parsers of other people, from the package index of Python.

use crate::binary::target;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A Python in a folder of its own within the target folder where `modules` (a line of Python) runs; `None`, said visibly, when it cannot be
/// had. Each of `installs` is what one `pip install` is told: packages, and options where they need one.
pub fn python(folder: &str, modules: &str, installs: &[&[&str]]) -> Option<PathBuf> {
    let venv = target().join("tmp").join(format!("python-{folder}"));
    let python = venv.join("bin/python");
    let works = |python: &Path| Command::new(python).args(["-c", modules]).output().is_ok_and(|o| o.status.success());
    if !works(&python) {
        let _ = Command::new("python3").args(["-m", "venv"]).arg(&venv).output();
        for install in installs {
            let _ = Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(*install).output();
        }
    }
    if works(&python) {
        return Some(python);
    }
    eprintln!("skipped: no Python with {}: it needs python3-venv and a package index", installs.concat().join(" "));
    None
}
