//! The program that sets pages as PDF: a workspace of its own under host/print, built beside the host.

use crate::{plugins, shell};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

const MANIFEST: &str = "host/print/typeset/Cargo.toml";
const PROGRAM: &str = "changzhi-typeset";

/// Its packages are built once more whatever the host's are, so they lie apart.
fn target(root: &Path) -> PathBuf {
    plugins::target_dir(root).join("typeset")
}

/// Builds it and puts it beside the host built with the same profile (`dev` or `release`), where that host looks for it.
pub fn build(root: &Path, profile: &str) -> Result<()> {
    cargo(root, &["build", "--profile", profile])?;
    let folder = if profile == "dev" { "debug" } else { profile };
    let from = target(root).join(folder).join(PROGRAM);
    let beside = plugins::target_dir(root).join(folder);
    std::fs::create_dir_all(&beside)?;
    // A running host may be about to start the old one: the new one takes its place at once.
    let (to, fresh) = (beside.join(PROGRAM), beside.join(format!("{PROGRAM}.new")));
    std::fs::copy(&from, &fresh).with_context(|| format!("{} was not built", from.display()))?;
    std::fs::rename(&fresh, &to)?;
    eprintln!("  {}", to.strip_prefix(root).unwrap_or(&to).display());
    Ok(())
}

/// Format, lints and tests, and the program in its place for the tests of the host.
pub fn test(root: &Path) -> Result<()> {
    shell::run(root, "cargo", &["fmt", "--manifest-path", MANIFEST, "--check"])?;
    lint(root)?;
    cargo(root, &["test"])?;
    build(root, "dev")
}

/// What `cargo clippy -- -D warnings` does, but while building: checking instead would read all of typst once more, minutes of it.
fn lint(root: &Path) -> Result<()> {
    const ARGS: &str = "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__";
    let target = target(root);
    let target = target.to_string_lossy();
    let args = ["build", "--all-targets", "--locked", "--manifest-path", MANIFEST, "--target-dir", target.as_ref()];
    eprintln!("  $ RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS={ARGS} cargo {}", args.join(" "));
    let mut cargo = shell::command(root, "cargo", &args);
    cargo.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver").env("CLIPPY_ARGS", ARGS);
    if !cargo.status().context("cargo cannot be started")?.success() {
        bail!("the lints of {MANIFEST} do not hold");
    }
    Ok(())
}

fn cargo(root: &Path, args: &[&str]) -> Result<()> {
    let target = target(root);
    let target = target.to_string_lossy();
    let (command, rest) = args.split_first().context("a command of cargo")?;
    let mut all = vec![*command, "--locked", "--manifest-path", MANIFEST, "--target-dir", target.as_ref()];
    all.extend(rest);
    shell::run(root, "cargo", &all)
}
