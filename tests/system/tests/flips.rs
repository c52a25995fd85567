//! One bit turned over in a folder that was closed in order: it is found, or it changes nothing anybody can see.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Start, body, copy, count, files, flip, overview, run, written};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const FLIPS: usize = 20;
const REPORTS: u32 = 40;

/// What a user can see of the city, and what the host answers to a request that it has answered before.
fn seen(client: &Client) -> (Value, u64, Vec<Value>) {
    let answers = (0..REPORTS).map(|n| {
        let key = format!("report-{n}");
        client.command("services/file-report", &body(&key), &key).unwrap().json()
    });
    let answers: Vec<Value> = answers.collect();
    (overview(client).unwrap(), count(client, "").unwrap(), answers)
}

/// A file, weighted by what was written to it, and one of its bits.
fn pick(rng: &mut StdRng, dir: &Path) -> (PathBuf, u64) {
    let sizes: Vec<(PathBuf, u64)> = files(dir)
        .unwrap()
        .into_iter()
        .map(|file| (file.clone(), written(&file).unwrap()))
        .filter(|f| f.1 > 0)
        .collect();
    assert!(!sizes.is_empty(), "{} holds nothing", dir.display());
    let mut at = rng.random_range(0..sizes.iter().map(|f| f.1 * 8).sum());
    for (file, bytes) in sizes {
        if at < bytes * 8 {
            return (file, at);
        }
        at -= bytes * 8;
    }
    unreachable!("the sum of the parts is the whole")
}

#[test]
fn every_flipped_bit_of_log_snapshot_and_store_is_found_or_harmless() {
    let seed = std::env::var("SYSTEM_TESTS_SEED").map_or_else(|_| rand::random(), |s| s.parse().unwrap());
    eprintln!("seed {seed} (again: SYSTEM_TESTS_SEED={seed})");
    let mut rng = StdRng::seed_from_u64(seed);
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("whole");
    let host = Host::start(&whole, Start { demo: true, snapshot_every: Some(100), ..Start::default() }).unwrap();
    let token = host.token("admin").unwrap();
    let (_, reports, first) = seen(&host.client(&token));
    assert!(reports >= u64::from(REPORTS) && first.iter().all(|a| a["replayed"] == false));
    let end = Instant::now() + Duration::from_secs(60);
    while host.client(&token).get("/readyz").unwrap().json()["snapshot"]["revision"].is_null() {
        assert!(Instant::now() < end, "no snapshot was written: {}", host.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    host.close().unwrap();
    let folder = whole.to_str().unwrap();
    assert!(run(["journal", "verify", "--data", folder]).unwrap().success);
    let hash = run(["journal", "replay", "--data", folder]).unwrap().hash().unwrap();
    let host = Host::start(&whole, Start::default()).unwrap();
    let before = seen(&host.client(&token));
    assert!(before.2.iter().zip(&first).all(|(now, then)| now["replayed"] == true && now["seq"] == then["seq"]));
    host.close().unwrap();

    let mut outcomes: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for part in ["journal", "snapshots", "store"] {
        for _ in 0..FLIPS {
            let copied = dir.path().join("flipped");
            copy(&whole, &copied).unwrap();
            let (file, bit) = pick(&mut rng, &copied.join(part));
            flip(&file, bit).unwrap();
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            let what = format!("{part}/{name} bit {bit}");
            let data = copied.to_str().unwrap();

            let verify = run(["journal", "verify", "--data", data]).unwrap();
            let replay = run(["journal", "replay", "--data", data]).unwrap();
            if replay.success {
                assert_eq!(replay.hash().unwrap(), hash, "{what}: another state, without a word");
            }
            let outcome = match Host::start(&copied, Start::default()) {
                Err(error) => {
                    let error = format!("{error:#}");
                    assert!(
                        error.contains(&name) || error.contains("segment"),
                        "{what}: the place is not named: {error}"
                    );
                    "start refused"
                }
                Ok(host) => {
                    assert_eq!(seen(&host.client(&token)), before, "{what}: another city, without a word");
                    let log = host.log();
                    host.close().unwrap();
                    if log.contains("rebuilt") || log.contains("passed over") {
                        "mended, told"
                    } else {
                        "nothing to see"
                    }
                }
            };
            if part == "journal" && name.starts_with("segment-") {
                assert!(!verify.success && outcome == "start refused", "{what}: {outcome}, verify: {}", verify.said());
                assert!(verify.said().contains(&name), "{what}: the place is not named: {}", verify.said());
            }
            *outcomes.entry((part, outcome)).or_default() += 1;
            std::fs::remove_dir_all(&copied).unwrap();
        }
    }
    eprintln!("{outcomes:?}");
    assert_eq!(outcomes.values().sum::<u32>() as usize, 3 * FLIPS);
}
