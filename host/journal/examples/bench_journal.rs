//! Journal appends of 200 bytes against a raw preallocated file with the same group commit, alternating in one run.
//!
//! The peer does the least that could be called a group commit: writers copy into a shared buffer, one thread swaps it,
//! writes it and calls fdatasync; no frame, no checksum, no hash. Both are driven by the same writers: for 1 and 16 a
//! thread each that waits for its record; for 256 four threads with 64 records in flight each, told by `on_durable`.
//! A second peer, `lockstep`, is the ceiling no log with independent writers reaches: one thread that writes and syncs
//! all records in flight at once, again and again.
//!
//! Prints a JSON line a row: {"name", "ours", "peer", "ratio", "unit"} with the best of three, and the medians.
//! `cargo run --release -p changzhi-journal --example bench_journal [FOLDER]`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use changzhi_journal::{FsDisk, Journal, Options, SegmentLog};
use parking_lot::{Condvar, Mutex};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const RECORD: usize = 200;
const RUN: Duration = Duration::from_millis(1500);
const ROUNDS: usize = 3;
const RAW_BYTES: u64 = 1 << 30;

/// What both sides offer to the writers.
trait Log: Send + Sync {
    fn append(&self, record: &[u8]) -> u64;
    fn wait(&self, seq: u64);
    fn durable(&self) -> u64;
}

struct Ours(SegmentLog);

impl Log for Ours {
    fn append(&self, record: &[u8]) -> u64 {
        self.0.append(record).unwrap().0
    }
    fn wait(&self, seq: u64) {
        self.0.wait_durable(changzhi_model::Seq(seq)).unwrap();
    }
    fn durable(&self) -> u64 {
        self.0.durable().0
    }
}

#[derive(Default)]
struct Gathering {
    bytes: Vec<u8>,
    last: u64,
    stop: bool,
}

struct Raw {
    gathering: Mutex<Gathering>,
    work: Condvar,
    durable: AtomicU64,
    waiting: Mutex<()>,
    moved: Condvar,
    told: Box<dyn Fn() + Send + Sync>,
}

impl Raw {
    fn run(&self, file: &File) {
        let (mut at, mut bytes) = (0u64, Vec::new());
        loop {
            let last = {
                let mut g = self.gathering.lock();
                while g.bytes.is_empty() && !g.stop {
                    self.work.wait(&mut g);
                }
                if g.bytes.is_empty() {
                    return;
                }
                bytes.clear();
                std::mem::swap(&mut bytes, &mut g.bytes);
                g.last
            };
            if at + bytes.len() as u64 > RAW_BYTES {
                at = 0;
            }
            file.write_all_at(&bytes, at).unwrap();
            file.sync_data().unwrap();
            at += bytes.len() as u64;
            {
                let _held = self.waiting.lock();
                self.durable.store(last, Ordering::Release);
            }
            (self.told)();
            self.moved.notify_all();
        }
    }
}

impl Log for Raw {
    fn append(&self, record: &[u8]) -> u64 {
        let seq = {
            let mut g = self.gathering.lock();
            g.bytes.extend_from_slice(record);
            g.last += 1;
            g.last
        };
        self.work.notify_one();
        seq
    }
    fn wait(&self, seq: u64) {
        let mut held = self.waiting.lock();
        while self.durable() < seq {
            self.moved.wait(&mut held);
        }
    }
    fn durable(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }
}

/// The writers with many records in flight sleep here until something is durable.
#[derive(Default)]
struct Bell {
    lock: Mutex<u64>,
    rung: Condvar,
}

impl Bell {
    fn ring(&self) {
        *self.lock.lock() += 1;
        self.rung.notify_all();
    }
    fn sleep_past(&self, seen: &mut u64) {
        let mut now = self.lock.lock();
        while *now == *seen {
            self.rung.wait(&mut now);
        }
        *seen = *now;
    }
}

/// Records per second, durable ones only.
fn drive(log: &dyn Log, bell: &Bell, threads: usize, in_flight: u64) -> f64 {
    let record = [0x5Au8; RECORD];
    let (stop, begin) = (AtomicBool::new(false), Instant::now());
    let first = log.durable();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let (mut mine, mut seen) = (std::collections::VecDeque::new(), 0);
                while !stop.load(Ordering::Relaxed) {
                    if in_flight == 1 {
                        log.wait(log.append(&record));
                        continue;
                    }
                    let durable = log.durable();
                    while mine.front().is_some_and(|seq| *seq <= durable) {
                        mine.pop_front();
                    }
                    if mine.len() as u64 == in_flight {
                        bell.sleep_past(&mut seen);
                    }
                    while (mine.len() as u64) < in_flight {
                        mine.push_back(log.append(&record));
                    }
                }
                mine.back().into_iter().for_each(|seq| log.wait(*seq));
            });
        }
        std::thread::sleep(RUN);
        stop.store(true, Ordering::Relaxed);
    });
    (log.durable() - first) as f64 / begin.elapsed().as_secs_f64()
}

fn ours(dir: &Path, threads: usize, in_flight: u64) -> f64 {
    let dir = dir.join("ours");
    let _ = std::fs::remove_dir_all(&dir);
    let (log, _) = SegmentLog::open(Arc::new(FsDisk::new(&dir).unwrap()), Options::default()).unwrap();
    let bell = Arc::new(Bell::default());
    let rings = bell.clone();
    log.on_durable(Box::new(move |_| rings.ring()));
    let log = Ours(log);
    let rate = drive(&log, &bell, threads, in_flight);
    log.0.close().unwrap();
    rate
}

fn raw(file: &File, threads: usize, in_flight: u64) -> f64 {
    let bell = Arc::new(Bell::default());
    let rings = bell.clone();
    let raw = Raw {
        gathering: Mutex::default(),
        work: Condvar::new(),
        durable: AtomicU64::new(0),
        waiting: Mutex::new(()),
        moved: Condvar::new(),
        told: Box::new(move || rings.ring()),
    };
    std::thread::scope(|scope| {
        scope.spawn(|| raw.run(file));
        let rate = drive(&raw, &bell, threads, in_flight);
        raw.gathering.lock().stop = true;
        raw.work.notify_all();
        rate
    })
}

fn lockstep(file: &File, writers: usize) -> f64 {
    let group = vec![0x5Au8; RECORD * writers];
    let (begin, mut at, mut count) = (Instant::now(), 0u64, 0u64);
    while begin.elapsed() < RUN {
        if at + group.len() as u64 > RAW_BYTES {
            at = 0;
        }
        file.write_all_at(&group, at).unwrap();
        file.sync_data().unwrap();
        at += group.len() as u64;
        count += writers as u64;
    }
    count as f64 / begin.elapsed().as_secs_f64()
}

fn preallocated(path: &Path) -> File {
    let file = OpenOptions::new().create(true).truncate(true).read(true).write(true).open(path).unwrap();
    let zeros = vec![0u8; 1 << 20];
    for at in (0..RAW_BYTES).step_by(zeros.len()) {
        file.write_all_at(&zeros, at).unwrap();
    }
    file.sync_all().unwrap();
    file
}

fn best_and_median(rates: &mut [f64]) -> (f64, f64) {
    rates.sort_by(f64::total_cmp);
    (rates[rates.len() - 1], rates[rates.len() / 2])
}

fn row(name: &str, ours: f64, peer: f64) {
    let ratio = (ours / peer * 1000.0).round() / 1000.0;
    let line = serde_json::json!({
        "name": name, "ours": ours.round(), "peer": peer.round(), "ratio": ratio, "unit": "records/s"
    });
    println!("{line}");
}

fn main() {
    let base = std::env::args().nth(1).map_or_else(std::env::temp_dir, Into::into);
    let dir = tempfile::tempdir_in(base).unwrap();
    let file = preallocated(&dir.path().join("raw"));
    for (writers, threads, in_flight) in [(1, 1, 1), (16, 16, 1), (256, 4, 64)] {
        let mut rates: [Vec<f64>; 3] = Default::default();
        for _ in 0..ROUNDS {
            rates[0].push(ours(dir.path(), threads, in_flight));
            rates[1].push(raw(&file, threads, in_flight));
            rates[2].push(lockstep(&file, writers));
        }
        let [(ours, ours_mid), (raw, raw_mid), (step, step_mid)] = rates.each_mut().map(|r| best_and_median(r));
        row(&format!("journal append 200 B, {writers} writers, best of {ROUNDS}"), ours, raw);
        row(&format!("journal append 200 B, {writers} writers, median"), ours_mid, raw_mid);
        row(&format!("journal append 200 B, {writers} writers, against lockstep, best of {ROUNDS}"), ours, step);
        row(&format!("journal append 200 B, {writers} writers, against lockstep, median"), ours_mid, step_mid);
    }
}
