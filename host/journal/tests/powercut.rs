//! Power cuts under a real file system: ext4 on a loop device on our own disk with a volatile write cache.
//!
//! Needs root, /dev/fuse, loop devices and mkfs.ext4; where one is missing the test says so and is skipped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/cache_disk.rs"]
mod cache_disk;
mod support;
#[path = "support/writer.rs"]
mod writer;

use cache_disk::{CacheDisk, NAME};
use changzhi_journal::{FsDisk, SegmentLog};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::check_all;
use writer::{Writer, options};

const DISK_BYTES: usize = 96 << 20;
const CUTS: u64 = 20;
const CONTROL_CUTS: u64 = 4;

#[test]
#[ignore = "the process whose power is cut"]
fn journal_writer() {
    writer::run_if_asked();
}

/// Runs a command; its output, or what it said when it failed.
fn run(program: &str, args: &[&str]) -> Result<String, String> {
    let out = Command::new(program).args(args).stdin(Stdio::null()).output().map_err(|e| format!("{program}: {e}"))?;
    if out.status.success() {
        Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
    } else {
        Err(format!("{program} {args:?}: {}", String::from_utf8_lossy(&out.stderr).trim()))
    }
}

/// As `run`, again and again while the kernel is still busy letting go of the dead disk.
fn run_patiently(program: &str, args: &[&str]) -> Result<String, String> {
    let start = Instant::now();
    loop {
        match run(program, args) {
            Err(_) if start.elapsed() < Duration::from_secs(10) => std::thread::sleep(Duration::from_millis(20)),
            done => return done,
        }
    }
}

/// The mounted file system; gone again when dropped.
struct Mounted {
    point: PathBuf,
    device: String,
}

impl Mounted {
    fn new(file: &Path, point: &Path) -> Result<Mounted, String> {
        let device = run_patiently("losetup", &["-f", "--show", file.to_str().unwrap()])?;
        let mounted = Mounted { point: point.to_owned(), device };
        run("mount", &["-t", "ext4", &mounted.device, point.to_str().unwrap()])?;
        Ok(mounted)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if run("mountpoint", &["-q", self.point.to_str().unwrap()]).is_ok() {
            let _ = run_patiently("umount", &[self.point.to_str().unwrap()]);
        }
        let _ = run_patiently("losetup", &["-d", &self.device]);
    }
}

struct Bench {
    disk: CacheDisk,
    // Dropped in this order: the FUSE mount before its folder.
    _session: fuser::BackgroundSession,
    fuse: tempfile::TempDir,
    point: tempfile::TempDir,
}

impl Bench {
    /// `Err` says what this machine cannot do.
    fn new() -> Result<Bench, String> {
        if run("id", &["-u"])? != "0" {
            return Err("root is needed".to_owned());
        }
        for path in ["/dev/fuse", "/dev/loop-control"] {
            if !Path::new(path).exists() {
                return Err(format!("{path} is missing"));
            }
        }
        run("mkfs.ext4", &["-V"])?;
        let disk = CacheDisk::new(DISK_BYTES);
        let (fuse, point) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let session = disk.mount(fuse.path()).map_err(|e| format!("FUSE cannot mount: {e}"))?;
        let bench = Bench { disk, _session: session, fuse, point };
        bench.format()?;
        drop(bench.mount()?);
        Ok(bench)
    }

    fn file(&self) -> PathBuf {
        self.fuse.path().join(NAME)
    }

    fn format(&self) -> Result<(), String> {
        let file = self.file();
        run("mkfs.ext4", &["-q", "-F", "-E", "nodiscard,lazy_itable_init=0", file.to_str().unwrap()]).map(|_| ())
    }

    fn mount(&self) -> Result<Mounted, String> {
        Mounted::new(&self.file(), self.point.path())
    }

    /// Cuts the power `cuts` times under a writer; gives (records acknowledged, cuts that lost one or would not open).
    fn cut(&self, cuts: u64, without_sync: bool) -> (u64, u64) {
        let mut dice = StdRng::seed_from_u64(5);
        let (mut before, mut total, mut losses, mut fresh) = (0, 0, 0, true);
        let folder = self.point.path().join("journal");
        for seed in 0..cuts {
            if fresh || seed.is_multiple_of(5) {
                self.format().unwrap();
                (before, fresh) = (0, false);
            }
            let mounted = self.mount().unwrap();
            let mut writer = Writer::start(&folder, without_sync);
            assert!(writer.reaches(before + dice.random_range(50..1_500)), "cut {seed}: the writer ended by itself");
            // Only what was acknowledged before the cut began counts.
            let acked = writer.acked();
            self.disk.cut(seed);
            writer.kill();
            drop(mounted);
            self.disk.power_on();
            total += acked - before;

            let mounted = self.mount();
            let found = mounted.as_ref().map_err(Clone::clone).and_then(|_| {
                let disk = FsDisk::new(&folder).map_err(|e| e.to_string())?;
                let (log, _) = SegmentLog::open(Arc::new(disk), options(without_sync)).map_err(|e| e.to_string())?;
                log.verify().map_err(|e| e.to_string())?;
                check_all(&log).map_err(|e| e.to_string())
            });
            match found {
                Ok(last) if last >= acked => before = last,
                other => {
                    eprintln!("cut {seed}: {acked} acknowledged, found {other:?}");
                    losses += 1;
                    fresh = true;
                }
            }
        }
        (total, losses)
    }
}

#[test]
fn power_cuts_lose_nothing_with_syncs_and_are_caught_to_lose_without() {
    let bench = match Bench::new() {
        Ok(bench) => bench,
        Err(why) => return eprintln!("skipped: power cuts under ext4: {why}"),
    };
    let (acked, losses) = bench.cut(CUTS, false);
    eprintln!("{CUTS} power cuts, {acked} records acknowledged, {losses} cuts lost some");
    assert_eq!(losses, 0);
    assert!(acked > CUTS);
    let (_, caught) = bench.cut(CONTROL_CUTS, true);
    assert!(caught > 0, "the harness does not see what a log without syncs loses");
}
