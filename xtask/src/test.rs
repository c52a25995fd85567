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
    ("tests", |root| shell::run(root, "cargo", &["test", "--workspace", "--tests", "--no-fail-fast"])),
    ("doctests", doctests),
];

/// The crates with examples in their documentation: rustdoc would read all the others to find none.
const WITH_EXAMPLES: [&str; 2] = ["guest", "testkit"];

fn doctests(root: &Path) -> Result<()> {
    let manifests: Vec<String> = WITH_EXAMPLES.iter().map(|name| format!("sdk/{name}/Cargo.toml")).collect();
    for manifest in &manifests {
        shell::run(root, "cargo", &["test", "--doc", "--no-fail-fast", "--manifest-path", manifest])?;
    }
    Ok(())
}

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

#[cfg(test)]
mod tests {
    use super::*;

    /// Files with an example in their documentation that rustdoc would run.
    fn with_examples(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                with_examples(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let fences = text.lines().filter_map(|line| {
                    let line = line.trim_start();
                    line.strip_prefix("//!").or_else(|| line.strip_prefix("///"))?.trim_start().strip_prefix("```")
                });
                // Every second one ends what the one before began.
                let runs =
                    |tag: &str| tag.is_empty() || tag.starts_with("rust") || tag == "no_run" || tag == "should_panic";
                if fences.step_by(2).any(|tag| runs(tag.trim())) {
                    found.push(path.display().to_string());
                }
            }
        }
    }

    #[test]
    fn no_example_stands_where_it_is_not_run() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut found = Vec::new();
        for folder in ["host", "plugins", "sdk", "tests"] {
            for entry in std::fs::read_dir(root.join(folder)).unwrap() {
                let entry = entry.unwrap();
                let run = folder == "sdk" && WITH_EXAMPLES.iter().any(|name| entry.file_name() == *name);
                let src = entry.path().join("src");
                if !run && src.is_dir() {
                    with_examples(&src, &mut found);
                }
            }
        }
        assert!(found.is_empty(), "add their crates to WITH_EXAMPLES: {found:?}");
    }
}
