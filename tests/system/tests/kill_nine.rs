//! `kill -9` under load, again and again: what was acknowledged is there, once, for ever.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Start, body, run};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const ROUNDS: u64 = 50;
const CLIENTS: usize = 4;

struct Acknowledged {
    key: String,
    seq: u64,
}

/// Posts until the host is gone, telling each acknowledgement after its answer was read.
fn load(client: &Client, prefix: &str, acks: &Mutex<Vec<Acknowledged>>, count: &AtomicUsize) {
    for n in 0_u32.. {
        let key = format!("{prefix}-{n}");
        // An error is the kill: nothing was acknowledged.
        let Ok(reply) = client.command("services/file-report", &body(&key), &key) else { return };
        assert_eq!(reply.status, 200, "{reply:?}");
        let json = reply.json();
        assert_eq!(json["replayed"], false, "a fresh key: {json}");
        acks.lock().unwrap().push(Acknowledged { key, seq: json["seq"].as_u64().unwrap() });
        count.fetch_add(1, Ordering::SeqCst);
    }
}

fn resend(client: &Client, acks: &[Acknowledged]) {
    for ack in acks {
        let reply = client.command("services/file-report", &body(&ack.key), &ack.key).unwrap();
        let json = reply.json();
        assert_eq!(
            (reply.status, &json["replayed"], json["seq"].as_u64()),
            (200, &true.into(), Some(ack.seq)),
            "{json}"
        );
    }
}

#[test]
fn no_acknowledged_command_is_lost_in_fifty_kills_under_load() {
    let seed = std::env::var("SYSTEM_TESTS_SEED").map_or_else(|_| rand::random(), |s| s.parse().unwrap());
    eprintln!("seed {seed} (again: SYSTEM_TESTS_SEED={seed})");
    let mut rng = StdRng::seed_from_u64(seed);
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("city");
    let host = Host::start(&data, Start { demo: true, ..Start::default() }).unwrap();
    let token = host.token("admin").unwrap();
    host.close().unwrap();

    let mut all: Vec<Acknowledged> = Vec::new();
    let mut last = 0;
    for round in 0..ROUNDS {
        let host = Host::start(&data, Start::default()).unwrap();
        resend(&host.client(&token), &all[last..]);
        last = all.len();
        let (acks, count) = (Mutex::new(Vec::new()), AtomicUsize::new(0));
        let (wanted, moment) = (rng.random_range(1..=60), Duration::from_micros(rng.random_range(0..5_000)));
        std::thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS)
                .map(|c| {
                    let (client, prefix) = (host.client(&token), format!("{round}-{c}"));
                    let (acks, count) = (&acks, &count);
                    scope.spawn(move || load(&client, &prefix, acks, count))
                })
                .collect();
            let end = Instant::now() + Duration::from_secs(60);
            while count.load(Ordering::SeqCst) < wanted
                && Instant::now() < end
                && !clients.iter().all(|c| c.is_finished())
            {
                std::thread::yield_now();
            }
            // Not to wait for anything: the kill falls at a random moment of the commits under way.
            std::thread::sleep(moment);
            host.kill().unwrap();
        });
        let acks = acks.into_inner().unwrap();
        assert!(acks.len() >= wanted, "round {round}: {} of {wanted} acknowledged before the kill", acks.len());
        all.extend(acks);
    }
    eprintln!("{} commands acknowledged in {ROUNDS} rounds", all.len());
    let distinct: BTreeSet<u64> = all.iter().map(|ack| ack.seq).collect();
    assert_eq!(distinct.len(), all.len(), "each command has a place of its own");

    let host = Host::start(&data, Start::default()).unwrap();
    resend(&host.client(&token), &all);
    // The world the host answers from, against the journal folded anew by another process.
    let live = host.client(&token).get("/api/admin/state").unwrap().json();
    let (revision, hash) = (live["revision"].to_string(), live["state_hash"].as_str().unwrap().to_owned());
    host.close().unwrap();
    let folder = data.to_str().unwrap();
    let verify = run(["journal", "verify", "--data", folder]).unwrap();
    assert!(verify.success, "{}", verify.said());
    let replayed = run(["journal", "replay", "--data", folder, "--to", &revision]).unwrap();
    assert_eq!(replayed.hash().unwrap(), hash, "at {revision}: {}", replayed.said());
}
