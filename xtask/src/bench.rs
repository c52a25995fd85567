//! `bench SET`: runs example programs of the crates, prints their figures beside their peers', keeps the raw lines.

use crate::{needs, plugins, shell};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::path::Path;

/// Crate and example of each benchmark of a set.
type Programs = &'static [(&'static str, &'static str)];

/// Each set, what it runs, and the page it rewrites.
const SETS: [(&str, Programs, &str); 5] = [
    (
        "spine",
        &[
            ("changzhi-journal", "bench_journal"),
            ("changzhi-world", "bench_world"),
            ("changzhi-plugins", "bench_plugins"),
            ("changzhi", "bench_spine"),
        ],
        "docs/benchmarks.md",
    ),
    (
        "portal",
        &[
            ("changzhi-portal", "bench_views"),
            ("changzhi-portal", "bench_live"),
            ("changzhi-browser-tests", "bench_lighthouse"),
        ],
        "docs/benchmarks-portal.md",
    ),
    ("matters", &[("changzhi", "bench_matters")], "docs/benchmarks-matters.md"),
    ("alarm", &[("changzhi", "bench_alarm"), ("changzhi", "bench_dispatch")], "docs/benchmarks-alarm.md"),
    ("routing", &[("changzhi-routing", "bench_routing")], "docs/benchmarks-routing.md"),
];

/// Events in the world that is measured.
const WORLD_EVENTS: &str = "10000000";

/// One line of a benchmark's output. `ratio` is ours over peer.
#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Figure {
    name: String,
    ours: f64,
    peer: Option<f64>,
    ratio: Option<f64>,
    unit: String,
    target: Option<String>,
}

pub fn run(root: &Path, set: &str) -> Result<()> {
    let Some((_, programs, page)) = SETS.into_iter().find(|(name, ..)| *name == set) else {
        let known: Vec<_> = SETS.iter().map(|(name, ..)| *name).collect();
        bail!("there is no set `{set}`: write `cargo xtask bench` and one of {}", known.join(", "));
    };
    if set != "routing" {
        plugins::build_all(root)?;
        needs::web(root)?;
    }
    let python = match set {
        "spine" => python_with(root, "duckdb", "duckdb"),
        "routing" => python_with(root, "sklearn", "scikit-learn"),
        _ => None,
    };
    // All in one build: each package alone would choose other features of what they share, and build that again.
    let mut args = vec!["build", "--release"];
    for (package, example) in programs {
        args.extend(["-p", package, "--example", example]);
    }
    shell::run(root, "cargo", &args)?;
    let (mut figures, mut failed) = (Vec::new(), Vec::new());
    for (_, example) in programs {
        let program = plugins::target_dir(root).join("release/examples").join(example);
        eprintln!("  $ {}", program.display());
        let mut command = shell::command(root, &program.to_string_lossy(), &[]);
        match (*example, &python) {
            ("bench_world", Some(python)) => _ = command.args([WORLD_EVENTS, python]),
            ("bench_routing", Some(python)) => _ = command.arg(python),
            _ => {}
        }
        let out = command
            .stderr(std::process::Stdio::inherit())
            .output()
            .with_context(|| format!("cannot start {}", program.display()))?;
        if !out.status.success() {
            failed.push(format!("{example} ended with {}", out.status));
        }
        figures.extend(lines(&String::from_utf8_lossy(&out.stdout)));
    }
    let date = shell::output(root, "date", &["-u", "+%Y-%m-%d"])?.trim().to_owned();
    let folder = plugins::target_dir(root).join("bench");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(format!("{set}-{date}.json")), serde_json::to_string_pretty(&figures)?)?;
    let table = table(&figures);
    println!("{table}");
    let head = format!(
        "# Benchmarks: {set}\n\nWritten by `cargo xtask bench {set}`. Peers run in the same process or the same run."
    );
    // What was measured is kept; the page shows only a whole run.
    if !failed.is_empty() {
        bail!("{}; {page} stays as it was", failed.join("; "));
    }
    let page = root.join(page);
    let said = by_hand(&std::fs::read_to_string(&page).unwrap_or_default());
    std::fs::write(&page, format!("{head}\n\n{date}, {}.\n\n{table}{said}", machine()))?;
    Ok(())
}

/// What people wrote on a page: its sections, from the first one on. A new run replaces only what stands above them.
fn by_hand(page: &str) -> String {
    page.find("\n## ").and_then(|from| page.get(from..)).unwrap_or_default().to_owned()
}

/// The figures among the lines of a program's output; other lines are for people.
fn lines(output: &str) -> Vec<Figure> {
    output.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn number(n: f64) -> String {
    match n.abs() {
        a if a >= 1000.0 => format!("{n:.0}"),
        a if a >= 10.0 => format!("{n:.1}"),
        _ => format!("{n:.3}"),
    }
}

fn table(figures: &[Figure]) -> String {
    let mut out = String::from("| what | ours | peer | ours ÷ peer | unit | target |\n|---|---:|---:|---:|---|---|\n");
    for f in figures {
        let maybe = |n: Option<f64>| n.map_or_else(|| "–".to_owned(), number);
        let target = f.target.as_deref().unwrap_or("–");
        let (peer, ratio) = (maybe(f.peer), maybe(f.ratio));
        let _ = writeln!(out, "| {} | {} | {peer} | {ratio} | {} | {target} |", f.name, number(f.ours), f.unit);
    }
    out
}

/// A Python with a package, in a virtual environment of its own; `None`, said aloud, when it cannot be had.
fn python_with(root: &Path, module: &str, package: &str) -> Option<String> {
    let venv = plugins::target_dir(root).join("bench/venv");
    let python = venv.join("bin/python").to_string_lossy().into_owned();
    if !shell::works(&python, &["-c", &format!("import {module}")]) {
        let made = shell::run(root, "python3", &["-m", "venv", &venv.to_string_lossy()])
            .and_then(|()| shell::run(root, &python, &["-m", "pip", "install", "--quiet", package]));
        if let Err(e) = made {
            eprintln!("  skipped: no {package} to compare with ({e:#}); on Debian: apt-get install python3-venv");
            return None;
        }
    }
    Some(python)
}

fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = cpu
        .lines()
        .find_map(|l| l.strip_prefix("model name").and_then(|l| l.split_once(':')))
        .map_or("", |(_, n)| n.trim());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{name}, {cores} cores")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_written_by_hand_stay() {
        assert_eq!(by_hand("# B\n\n| a |\n\n## How to read\n\nx\n\n## More\n"), "\n## How to read\n\nx\n\n## More\n");
        assert_eq!(by_hand("# B\n\n| a |\n"), "");
    }

    #[test]
    fn figures_are_found_among_other_lines_and_shown_in_a_table() {
        let out = "warming up\n{\"name\":\"call\",\"ours\":0.2,\"peer\":0.1,\"ratio\":2.0,\"unit\":\"us\"}\n";
        let figures = lines(out);
        assert_eq!(figures.len(), 1);
        assert!(table(&figures).contains("| call | 0.200 | 0.100 | 2.000 | us | – |"), "{}", table(&figures));
    }
}
