//! The test that `plugin new` keeps its word: what it writes is built, tested and loaded as it is, beside the checkout.

use crate::{plugins, scratch};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

const NAME: &str = "scaffold-check";

/// In a scratch workspace that is removed whatever happens; what cargo built of it is removed from the target folder too.
pub fn run(root: &Path) -> Result<()> {
    let dir = tempfile::tempdir().context("cannot make a folder for the scaffold")?;
    let scratch = dir.path().join("scratch");
    scratch::lay_out(root, &scratch)?;
    let xtask = std::env::current_exe().context("this program cannot be found")?;
    let target = plugins::target_dir(root);
    let package = format!("changzhi-plugin-{NAME}");
    // The linker's path is part of what cargo knows a build by: the checkout's own, or everything is built once more.
    let linker = format!("CARGO_TARGET_{}_UNKNOWN_LINUX_GNU_LINKER", std::env::consts::ARCH.to_uppercase());
    let step = |program: &Path, args: &[&str]| -> Result<()> {
        let line = format!("{} {}", program.file_name().unwrap_or_default().display(), args.join(" "));
        eprintln!("  $ {line}");
        let mut command = Command::new(program);
        command.args(args).current_dir(&scratch).env("CARGO_TARGET_DIR", &target).env(&linker, root.join(".cargo/cc"));
        let status = command.status().with_context(|| format!("`{line}` cannot be started"))?;
        if !status.success() {
            bail!("`{line}` ended with {status}");
        }
        Ok(())
    };
    let here = scratch.to_string_lossy();
    let done = step(&xtask, &["--root", &here, "plugin", "new", NAME])
        .and_then(|()| step(&xtask, &["--root", &here, "plugin", "check", NAME]))
        .and_then(|()| step("cargo".as_ref(), &["clippy", "-p", &package, "--all-targets", "--", "-D", "warnings"]))
        .and_then(|()| step("cargo".as_ref(), &["fmt", "-p", &package, "--check"]))
        .and_then(|()| step("cargo".as_ref(), &["test", "-p", &package]));
    // A name of its own never builds again: without this each run would leave its artefacts.
    let swept = step("cargo".as_ref(), &["clean", "--quiet", "-p", &package]);
    done.and(swept)
}
