//! The fuzz targets of host/cap/fuzz: a workspace of its own, laid out as cargo-fuzz has it, and run here without that and without a
//! nightly compiler. Memory is not watched over: the readers have no unsafe code. What is looked for is a panic, an overflow, a rule of
//! `tests/support/judged.rs` that does not hold, and an input that takes too long.

use crate::{plugins, shell};
use anyhow::{Context, Result, bail};
use std::path::Path;

const FOLDER: &str = "host/cap/fuzz";
/// Its workspace.
pub const MANIFEST: &str = "host/cap/fuzz/Cargo.toml";
/// What libFuzzer is led by: counters of each edge, and what is compared with what.
const INSTRUMENTS: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Clink-dead-code",
    "--cfg=fuzzing",
];
/// Bytes of an input, and seconds one may take.
const LIMITS: [&str; 2] = ["-max_len=8192", "-timeout=5"];

/// Runs one target over its seeds and what was found before; what it falls over is kept, and told.
pub fn run(root: &Path, target: &str, seconds: u32) -> Result<()> {
    let built = plugins::target_dir(root).join("fuzz");
    let host = shell::output(root, "rustc", &["--print", "host-tuple"])?.trim().to_owned();
    let folder = built.to_string_lossy().into_owned();
    // A target is named, so that what runs while building is not instrumented.
    let args = [
        "build",
        "--release",
        "--locked",
        "--manifest-path",
        MANIFEST,
        "--target-dir",
        &folder,
        "--target",
        &host,
        "--bin",
        target,
    ];
    let mut cargo = shell::command(root, "cargo", &args);
    cargo.env("RUSTFLAGS", INSTRUMENTS.join(" "));
    if !cargo.status().context("cargo cannot be started")?.success() {
        bail!("{target} was not built: the targets are in {FOLDER}/targets");
    }
    let (corpus, kept) = (built.join("corpus").join(target), built.join("artifacts"));
    for folder in [&corpus, &kept] {
        std::fs::create_dir_all(folder)?;
    }
    let program = built.join(&host).join("release").join(target).to_string_lossy().into_owned();
    let (corpus, seeds) = (corpus.to_string_lossy().into_owned(), format!("{FOLDER}/seeds"));
    let (time, prefix) = (format!("-max_total_time={seconds}"), format!("-artifact_prefix={}/", kept.display()));
    let mut args = vec![corpus.as_str(), seeds.as_str(), &time, &prefix, "-print_final_stats=1"];
    args.extend(LIMITS);
    shell::run(root, &program, &args)
        .with_context(|| format!("mend it, and put the input from {} into {seeds}", kept.display()))
}
