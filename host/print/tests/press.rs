//! The press against programs that do what they should not: small scripts in the place of the typesetter.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use changzhi_print::{Block, Fault, Paper, Press, PressError, Run, limits};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A script in the place of the folder of fonts, and the shell in the place of the program: what was written a moment ago cannot be
/// run while another test's process still holds it open, but it can be read.
struct Program {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Program {
    fn press(&self) -> Press {
        Press::new("/bin/sh", Some(self.path.clone()))
    }
}

fn program(script: &str) -> Program {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("typeset");
    std::fs::write(&path, format!("{script}\n")).unwrap();
    Program { path, _folder: folder }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap().block_on(future)
}

fn print(script: &str, paper: Paper) -> Result<Vec<u8>, PressError> {
    let program = program(script);
    block_on(program.press().print(paper))
}

#[test]
fn the_program_gets_the_paper_and_the_folder_of_fonts_and_no_environment() {
    let paper = Paper::new("协议书 #{$");
    let answer = print("printf '%%PDF-'; printf '%s|' \"$0\"; /usr/bin/env; /bin/cat", paper.clone()).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("%PDF-/") && answer.contains("/typeset|"), "{answer}");
    let json = &answer[answer.find("{\"").unwrap()..];
    assert_eq!(serde_json::from_str::<Paper>(json).unwrap(), paper);
    // A shell sets some of its own; nothing of this process is among them.
    for (name, _) in
        std::env::vars().filter(|(n, _)| !matches!(n.as_str(), "PWD" | "SHLVL" | "_" | "PATH" | "RAYON_NUM_THREADS"))
    {
        assert!(!answer.contains(&format!("\n{name}=")), "{name} was handed on");
    }
}

#[test]
fn what_the_program_found_wrong_is_told_as_it_is() {
    let fault = Fault::NoHan { looked: "/fonts".into() };
    let json = serde_json::to_string(&fault).unwrap();
    let told = print(&format!("/bin/cat >/dev/null; echo '{json}' >&2; exit 1"), Paper::new("t")).unwrap_err();
    assert!(matches!(&told, PressError::Fault(f) if *f == fault), "{told}");
    assert!(told.to_string().contains("fonts-noto-cjk") && told.to_string().contains("print.fonts"));
}

#[test]
fn a_program_that_ends_without_a_pdf_or_is_not_there_is_an_error_that_names_it() {
    for script in ["exit 0", "echo nonsense; exit 0", "printf '%%PDF-1.7'; exit 3", "kill -9 $$"] {
        let told = print(script, Paper::new("t")).unwrap_err().to_string();
        assert!(told.starts_with("/bin/sh: ") && told.contains("print.program"), "{script}: {told}");
    }
    let told = block_on(Press::new("/nowhere/typeset", None).print(Paper::new("t"))).unwrap_err();
    assert!(told.to_string().starts_with("/nowhere/typeset: "), "{told}");
}

#[test]
fn a_program_that_takes_too_long_is_killed_also_when_it_never_reads_its_input() {
    let mut paper = Paper::new("t");
    // More than a pipe holds.
    paper.blocks = vec![Block::Prose { runs: vec![Run::plain("字".repeat(200_000))] }];
    let program = program("echo $$ > \"$0.pid\"; exec /bin/sleep 600");
    let press = program.press().within(Duration::from_millis(300));
    let told = block_on(press.print(paper)).unwrap_err();
    assert!(matches!(told, PressError::Time(_)), "{told}");
    let pid = std::fs::read_to_string(program.path.with_extension("pid")).unwrap();
    assert!(!std::path::Path::new(&format!("/proc/{}", pid.trim())).exists(), "it still runs");
}

#[test]
fn a_program_that_floods_is_stopped_at_the_limit() {
    let told = print("printf '%%PDF-'; exec /bin/cat /dev/zero", Paper::new("t")).unwrap_err();
    let limit = limits::PDF as u64;
    assert!(
        matches!(&told, PressError::Fault(Fault::Beyond { what, limit: l, .. }) if what == "bytes" && *l == limit),
        "{told}"
    );
}

#[test]
fn a_paper_beyond_the_limits_never_reaches_the_program() {
    let mut paper = Paper::new("t");
    paper.blocks = vec![Block::Small { text: String::new() }; limits::PARTS as usize + 1];
    let told = block_on(Press::new("/nowhere/typeset", None).print(paper)).unwrap_err();
    assert!(matches!(told, PressError::Fault(Fault::Beyond { .. })), "{told}");
}

#[test]
fn one_is_set_eight_wait_and_the_tenth_is_told_to_come_again() {
    // Each leaves a line when it begins and one when it ends: they never overlap.
    let program =
        program("/bin/cat >/dev/null; echo b >> \"$0.log\"; /bin/sleep 0.05; echo e >> \"$0.log\"; printf '%%PDF-'");
    let press = Arc::new(program.press());
    let (done, busy) = block_on(async {
        let all: Vec<_> = (0..10)
            .map(|_| {
                let press = Arc::clone(&press);
                async move { press.print(Paper::new("t")).await }
            })
            .collect();
        let tasks: Vec<_> = all.into_iter().map(tokio::spawn).collect();
        let (mut done, mut busy) = (0, 0);
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => done += 1,
                Err(PressError::Busy) => busy += 1,
                Err(other) => panic!("{other}"),
            }
        }
        (done, busy)
    });
    assert!(done >= 9 && done + busy == 10, "{done} {busy}");
    let log = std::fs::read_to_string(program.path.with_extension("log")).unwrap();
    assert_eq!(log, "b\ne\n".repeat(done), "two ran at once");
    assert!(block_on(press.print(Paper::new("t"))).is_ok(), "places are given back");
}
