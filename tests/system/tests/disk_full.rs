//! A disk without space: commands are refused with the reason, reading goes on, and nothing needs a restart afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Host, Start, body, count, run};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// A small file system in memory, unmounted when dropped.
struct Small(PathBuf);

impl Small {
    /// `None`, said visibly, where this user may not mount.
    fn mount(at: &Path, mib: u32) -> Option<Small> {
        std::fs::create_dir(at).unwrap();
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={mib}m"), "tmpfs"]).arg(at).output();
        match done {
            Ok(done) if done.status.success() => Some(Small(at.to_path_buf())),
            other => {
                eprintln!("skipped: no tmpfs can be mounted here (run as root): {other:?}");
                None
            }
        }
    }

    /// Takes all the space there is.
    fn fill(&self) -> PathBuf {
        let file = self.0.join("ballast");
        let mut open = std::fs::File::create(&file).unwrap();
        for size in [1 << 20, 4096, 1] {
            while open.write_all(&vec![1; size]).is_ok() {}
        }
        file
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").args(["-l".as_ref(), self.0.as_os_str()]).status();
    }
}

#[test]
fn a_full_disk_refuses_commands_keeps_reading_and_recovers() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Small::mount(&dir.path().join("small"), 256) else { return };
    let data = disk.0.join("city");
    let mut host = Host::start(&data, Start { demo: true, ..Start::default() }).unwrap();
    let client = host.client(&host.token("admin").unwrap());
    let first = client.command("services/file-report", &body("before"), "before").unwrap();
    assert_eq!(first.status, 200, "{first:?}");

    let ballast = disk.fill();
    let long = json!({"title": "long", "category": "noise", "body": "字".repeat(8000)});
    let (mut done, mut refusal) = (0, None);
    // Space that was preallocated may be used up first.
    for n in 0..20_000 {
        let reply = client.command("services/file-report", &long, &format!("long-{n}")).unwrap();
        match reply.status {
            200 => done += 1,
            _ => {
                refusal = Some((n, reply));
                break;
            }
        }
    }
    let (n, refusal) = refusal.expect("a full disk refuses at last");
    assert_eq!((refusal.status, refusal.problem().unwrap().as_str()), (503, "unavailable"), "{refusal:?}");
    let said = refusal.text.to_lowercase();
    assert!(["full", "space"].iter().any(|word| said.contains(word)), "the reason is not told: {said}");
    eprintln!("refused after {done} commands on preallocated space: {}", refusal.json()["detail"]);

    let reports = count(&client, "").unwrap();
    let again = client.command("services/file-report", &body("before"), "before").unwrap().json();
    assert_eq!((&again["replayed"], &again["seq"]), (&true.into(), &first.json()["seq"]));
    assert!(host.ended().unwrap().is_none(), "{}", host.log());

    std::fs::remove_file(ballast).unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    let key = format!("long-{n}");
    while client.command("services/file-report", &long, &key).unwrap().status != 200 {
        assert!(Instant::now() < end, "space is back and commands are still refused: {}", host.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(count(&client, "").unwrap(), reports + 1, "the refused command was done once");
    host.close().unwrap();
    let verify = run(["journal", "verify", "--data", data.to_str().unwrap()]).unwrap();
    assert!(verify.success, "{}", verify.said());
}
