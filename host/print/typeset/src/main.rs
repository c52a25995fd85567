//! `changzhi-typeset [FONTS] < paper.json > paper.pdf`. What is wrong is one line of JSON on stderr, and exit code 1.

use changzhi_print::{Fault, limits};
use changzhi_typeset::{Fonts, typeset};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// What this process can take at most, whatever it is given: processor seconds, bytes of memory, bytes of a file, a core dump.
const BOUNDS: [(Resource, u64); 4] =
    [(Resource::Cpu, 60), (Resource::As, 4 << 30), (Resource::Fsize, limits::PDF as u64), (Resource::Core, 0)];

fn main() -> ExitCode {
    for (what, most) in BOUNDS {
        // Where the system allows less already, less it is.
        let _ = setrlimit(what, Rlimit { current: Some(most), maximum: Some(most) });
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{}", serde_json::to_string(&fault).unwrap_or_else(|_| fault.to_string()));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Fault> {
    let broken = |e: std::io::Error| Fault::Unreadable { why: e.to_string() };
    let mut json = Vec::new();
    std::io::stdin().take(limits::BYTES as u64 + 1).read_to_end(&mut json).map_err(broken)?;
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let pdf = typeset(&json, Fonts::of(folder.as_deref()))?;
    std::io::stdout().write_all(&pdf).map_err(broken)
}
