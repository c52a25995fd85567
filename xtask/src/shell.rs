//! Running other programs: their output is shown as it comes, so that nothing longer than two seconds is silent.

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// A command in the repository, output shown.
pub fn command(root: &Path, program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(root);
    command
}

/// Runs it; an exit other than 0 is an error that repeats the line.
pub fn run(root: &Path, program: &str, args: &[&str]) -> Result<()> {
    let line = format!("{program} {}", args.join(" "));
    eprintln!("  $ {line}");
    let status =
        command(root, program, args).status().with_context(|| format!("cannot start `{line}`: is it installed?"))?;
    if !status.success() {
        bail!("`{line}` ended with {status}");
    }
    Ok(())
}

/// Its standard output; errors are shown.
pub fn output(root: &Path, program: &str, args: &[&str]) -> Result<String> {
    let line = format!("{program} {}", args.join(" "));
    let out = command(root, program, args)
        .stderr(std::process::Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{line}`: is it installed?"))?;
    if !out.status.success() {
        bail!("`{line}` ended with {}", out.status);
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// True when it can be started and ends well; nothing is shown.
pub fn works(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).output().is_ok_and(|o| o.status.success())
}
