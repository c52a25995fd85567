//! The writer process of the kill and power-cut tests.
//!
//! The test binary starts itself again with `JOURNAL_WRITER` set to a folder: the ignored test `journal_writer` then
//! appends until it is killed and prints a line `acked N` after each group commit.

use crate::support::record;
use changzhi_journal::{FsDisk, Journal, Options, SegmentLog};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

const FOLDER: &str = "JOURNAL_WRITER";
const NO_SYNC: &str = "JOURNAL_WRITER_NO_SYNC";
/// Records in flight of the writer.
const AHEAD: u64 = 200;

pub fn options(without_sync: bool) -> Options {
    Options { segment_bytes: 1 << 20, max_record: 64 << 10, without_sync, ..Options::default() }
}

/// What the ignored test runs. Returns only when there is nothing to do or the disk fails.
pub fn run_if_asked() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let options = options(std::env::var_os(NO_SYNC).is_some());
    let (log, found) = SegmentLog::open(Arc::new(FsDisk::new(folder).unwrap()), options).unwrap();
    tell(found.head.seq.0);
    log.on_durable(Box::new(|told| match told {
        Ok(seq) => tell(seq.0),
        Err(_) => std::process::exit(3),
    }));
    for n in found.head.seq.0 + 1.. {
        if n > AHEAD && log.wait_durable(changzhi_model::Seq(n - AHEAD)).is_err() || log.append(&record(n)).is_err() {
            std::process::exit(3);
        }
    }
}

fn tell(seq: u64) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "acked {seq}").and_then(|()| out.flush()).is_err() {
        std::process::exit(4);
    }
}

/// A running writer, and how far it said to be.
pub struct Writer {
    child: Child,
    acked: Arc<AtomicU64>,
    reader: JoinHandle<()>,
}

impl Writer {
    pub fn start(folder: &Path, without_sync: bool) -> Writer {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "journal_writer", "--nocapture"]).env(FOLDER, folder);
        if without_sync {
            command.env(NO_SYNC, "1");
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let acked = Arc::new(AtomicU64::new(0));
        let (out, to) = (BufReader::new(child.stdout.take().unwrap()), acked.clone());
        let reader = std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if let Some(n) = line.split("acked ").nth(1).and_then(|n| n.parse().ok()) {
                    to.store(n, Ordering::SeqCst);
                }
            }
        });
        Writer { child, acked, reader }
    }

    /// Waits until `seq` is acknowledged; false when the writer ended first.
    pub fn reaches(&mut self, seq: u64) -> bool {
        while self.acked() < seq {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            std::thread::yield_now();
        }
        true
    }

    pub fn acked(&self) -> u64 {
        self.acked.load(Ordering::SeqCst)
    }

    /// SIGKILL; gives the last acknowledged sequence it printed.
    pub fn kill(mut self) -> u64 {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.reader.join().unwrap();
        self.acked.load(Ordering::SeqCst)
    }
}
