//! A disk without space: commands are refused with the reason, and reading goes on.
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

/// `restart`: the host is started again when there is space.
fn full_and_free(restart: bool) {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Small::mount(&dir.path().join("small"), 256) else { return };
    let data = disk.0.join("city");
    let mut host = Host::start(&data, Start { demo: true, ..Start::default() }).unwrap();
    let token = host.token("admin").unwrap();
    let client = host.client(&token);
    let first = client.command("services/file-report", &body("before"), "before").unwrap();
    assert_eq!(first.status, 200, "{first:?}");
    let before = count(&client, "").unwrap();

    let ballast = disk.fill();
    let long = json!({"title": "long", "category": "noise", "body": "字".repeat(2600)});
    // Space that was preallocated may be used up first.
    let answers = (0..60_000).map(|n| client.command("services/file-report", &long, &format!("long-{n}")).unwrap());
    let (n, refusal) = answers.enumerate().find(|(_, reply)| reply.status != 200).expect("a full disk refuses at last");
    assert_eq!((refusal.status, refusal.problem().unwrap().as_str()), (503, "unavailable"), "{refusal:?}");
    let said = refusal.text.to_lowercase();
    assert!(["full", "space"].iter().any(|word| said.contains(word)), "the reason is not told: {said}");
    eprintln!("refused after {n} commands on preallocated space: {}", refusal.json()["detail"]);

    // Reading goes on, and shows what was acknowledged.
    assert_eq!(count(&client, "").unwrap(), before + n as u64);
    assert!(host.ended().unwrap().is_none(), "{}", host.log());

    std::fs::remove_file(ballast).unwrap();
    if restart {
        host.kill().unwrap();
        host = Host::start(&data, Start::default()).unwrap();
    }
    let client = host.client(&token);
    let end = Instant::now() + Duration::from_secs(20);
    let key = format!("long-{n}");
    while client.command("services/file-report", &long, &key).unwrap().status != 200 {
        assert!(Instant::now() < end, "space is back and commands are still refused: {}", host.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(count(&client, "").unwrap(), before + n as u64 + 1, "the refused command was done once");
    let again = client.command("services/file-report", &body("before"), "before").unwrap().json();
    assert_eq!((&again["replayed"], &again["seq"]), (&true.into(), &first.json()["seq"]));
    host.close().unwrap();
    let verify = run(["journal", "verify", "--data", data.to_str().unwrap()]).unwrap();
    assert!(verify.success, "{}", verify.said());
}

#[test]
fn a_full_disk_refuses_commands_keeps_reading_and_recovers_with_a_restart() {
    full_and_free(true);
}

#[test]
fn a_full_disk_refuses_commands_keeps_reading_and_recovers_by_itself() {
    full_and_free(false);
}
