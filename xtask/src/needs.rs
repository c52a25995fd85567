//! What the commands need beyond Rust: installed when we may, else the exact line to run is said.

use crate::shell;
use anyhow::Result;
use std::path::Path;

/// Debian packages of the power-cut tests, each with a program that shows it is there.
const TEST_PACKAGES: [(&str, &str); 2] = [("e2fsprogs", "mkfs.ext4"), ("fuse3", "fusermount3")];

/// The wasm target; rust-toolchain.toml names it, so a rustup toolchain has it already.
pub fn target(root: &Path) -> Result<()> {
    let libdir = shell::output(root, "rustc", &["--print", "target-libdir", "--target", "wasm32-wasip2"])?;
    if Path::new(libdir.trim()).is_dir() {
        return Ok(());
    }
    shell::run(root, "rustup", &["target", "add", "wasm32-wasip2"])
}

fn on_path(program: &str) -> bool {
    let dirs = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&dirs).chain(["/sbin".into(), "/usr/sbin".into()]).any(|dir| dir.join(program).is_file())
}

/// What the tests want. Without it their part is skipped, visibly; that is no error here.
pub fn for_tests(root: &Path) -> Result<()> {
    target(root)?;
    let missing: Vec<&str> = TEST_PACKAGES.iter().filter(|(_, p)| !on_path(p)).map(|(name, _)| *name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let line = format!("apt-get update && apt-get install -y --no-install-recommends {}", missing.join(" "));
    let root_user = shell::output(root, "id", &["-u"])?.trim() == "0";
    if root_user && on_path("apt-get") && shell::run(root, "sh", &["-c", &line]).is_ok() {
        return Ok(());
    }
    eprintln!("  skipped: tests that need {} will be skipped; to run them: sudo sh -c '{line}'", missing.join(", "));
    Ok(())
}
