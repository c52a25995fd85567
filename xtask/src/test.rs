//! `test`: every check, in the order in which they fail soonest, each with its time.

use crate::{fuzz, needs, plugins, scaffold_check, shell, typeset, wit};
use anyhow::{Result, bail};
use std::path::Path;
use std::time::Instant;

type Step = (&'static str, fn(&Path) -> Result<()>);

const STEPS: [Step; 11] = [
    ("needs", needs::for_tests),
    ("format", format),
    ("wit", wit::check),
    ("scripts", needs::scripts),
    ("lint", |root| shell::run(root, "cargo", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])),
    ("lint-plugins", lint_plugins),
    ("plugins", plugins::build_all),
    ("scaffold", scaffold_check::run),
    ("typeset", typeset::test),
    // Not the benchmarks' programs: they were linted, and linking them takes minutes.
    ("tests", |root| shell::run(root, "cargo", &["test", "--workspace", "--tests", "--no-fail-fast"])),
    ("doctests", |root| shell::run(root, "cargo", &["test", "--workspace", "--doc", "--no-fail-fast"])),
];

/// The fuzz targets are a workspace of their own.
fn format(root: &Path) -> Result<()> {
    shell::run(root, "cargo", &["fmt", "--all", "--check"])?;
    shell::run(root, "cargo", &["fmt", "--manifest-path", fuzz::MANIFEST, "--check"])
}

/// Plugins again for the target they run on: code behind `cfg(target_arch)` is seen only there.
fn lint_plugins(root: &Path) -> Result<()> {
    let packages: Vec<String> = plugins::names(root)?.iter().map(|n| format!("changzhi-plugin-{n}")).collect();
    let mut args = vec!["clippy", "--target", "wasm32-wasip2", "-p", "changzhi-sdk"];
    for package in &packages {
        args.extend(["-p", package]);
    }
    args.extend(["--", "-D", "warnings"]);
    shell::run(root, "cargo", &args)
}

pub fn run(root: &Path, only: Option<&str>) -> Result<()> {
    let names: Vec<&str> = STEPS.iter().map(|(name, _)| *name).collect();
    if let Some(only) = only.filter(|o| !names.contains(o)) {
        bail!("there is no step `{only}`: write one of {}", names.join(", "));
    }
    let mut times = Vec::new();
    for (name, step) in STEPS.iter().filter(|(name, _)| only.is_none_or(|o| o == *name)) {
        eprintln!("== {name}");
        let began = Instant::now();
        let result = step(root);
        let line = format!("{name:<14}{:>8.1} s", began.elapsed().as_secs_f64());
        if let Err(e) = result {
            for line in &times {
                eprintln!("  ok      {line}");
            }
            eprintln!("  FAILED  {line}");
            return Err(e.context(format!("step `{name}` failed; again: cargo xtask test --only {name}")));
        }
        times.push(line);
    }
    eprintln!("== all green");
    for line in &times {
        eprintln!("  ok      {line}");
    }
    Ok(())
}
