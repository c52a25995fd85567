//! The store through its public face: the same conformance over sled and memory, then everything that can happen to its files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_model::{EntityId, Micros, RequestId, Seq, Transaction};
use changzhi_store::{MAX_KEPT_FOR_A_PLUGIN, Noted, Opened, Reason, Source, Store};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// A journal made of numbers: `salt` makes another history of the same length.
struct Numbers {
    head: u64,
    salt: u8,
}

fn noted(n: u64, salt: u8) -> Noted {
    (Seq(n), RequestId::from_key(EntityId(salt.into()), &n.to_string()), [n as u8 ^ salt; 16])
}

impl Source for Numbers {
    fn head(&self) -> (Seq, [u8; 32]) {
        (Seq(self.head), [0; 32])
    }

    fn read(&self, from: Seq, each: &mut dyn FnMut(Seq, &[u8]) -> ControlFlow<()>) -> Result<(), String> {
        for n in from.0..=self.head {
            let (seq, request, digest) = noted(n, self.salt);
            let tx = Transaction {
                at: Micros(0),
                epoch: 1,
                actor: EntityId(1),
                purpose: "test".into(),
                plugin: "services".into(),
                command: "file".into(),
                request,
                digest,
                facts: Vec::new(),
                answer: Vec::new(),
            };
            if each(seq, &tx.encode().unwrap()).is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn journal(head: u64) -> Numbers {
    Numbers { head, salt: 7 }
}

fn all_seen(store: &Store, upto: u64) {
    for n in 1..=upto {
        let (seq, request, digest) = noted(n, 7);
        assert_eq!(store.seen(request).unwrap(), Some((seq, digest)), "request of transaction {n}");
    }
    assert_eq!(store.seen(noted(upto + 1, 7).1).unwrap(), None);
    assert_eq!(store.seen(noted(1, 8).1).unwrap(), None);
}

/// A store with `n` transactions in `dir`, closed cleanly.
fn closed(dir: &Path, n: u64) {
    let (store, _) = Store::open(dir, &journal(n)).unwrap();
    store.close().unwrap();
}

fn reopen(dir: &Path, n: u64) -> Opened {
    let (store, opened) = Store::open(dir, &journal(n)).unwrap();
    all_seen(&store, n);
    assert_eq!(store.indexed().unwrap(), Seq(n));
    store.close().unwrap();
    opened
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, target).unwrap();
    }
    // sled wants its empty folders too
    for entry in fs::read_dir(from.join("sled")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            fs::create_dir_all(to.join("sled").join(path.file_name().unwrap())).unwrap();
        }
    }
}

fn conforms(store: &Store) {
    all_seen(store, 10);
    let batch: Vec<_> = (11..=5000).map(|n| noted(n, 7)).collect();
    for part in batch.chunks(777) {
        store.note_committed(part).unwrap();
    }
    store.note_committed(&[]).unwrap();
    all_seen(store, 5000);
    assert_eq!(store.indexed().unwrap(), Seq(5000));
    // out of order: the mark waits for what is missing
    store.note_committed(&[noted(5002, 7)]).unwrap();
    assert_eq!(store.indexed().unwrap(), Seq(5000));
    store.note_committed(&[noted(5001, 7)]).unwrap();
    assert_eq!(store.indexed().unwrap(), Seq(5002));

    let plugin = "risk".into();
    assert_eq!(store.quarantined(&plugin).unwrap(), [0u64; 0]);
    let first = store.quarantine(&plugin, "trap: 越界", b"input").unwrap();
    let kept = store.kept(&plugin, first).unwrap().unwrap();
    assert_eq!((kept.reason.as_str(), kept.input.as_slice()), ("trap: 越界", &b"input"[..]));
    for _ in 0..MAX_KEPT_FOR_A_PLUGIN {
        store.quarantine(&plugin, "again", &[0; 100]).unwrap();
    }
    assert_eq!(store.quarantined(&plugin).unwrap().len(), MAX_KEPT_FOR_A_PLUGIN);
    assert_eq!(store.kept(&plugin, first).unwrap(), None, "the oldest goes first");
    store.release(&plugin, first + 1).unwrap();
    assert_eq!(store.kept(&plugin, first + 1).unwrap(), None);
    assert!(store.quarantine(&"../risk".into(), "x", b"").is_err());

    store.close().unwrap();
    store.close().unwrap();
    assert!(store.seen(noted(1, 7).1).is_err());
    assert!(store.note_committed(&[noted(6000, 7)]).is_err());
}

#[test]
fn the_memory_store_conforms() {
    conforms(&Store::in_memory(&journal(10)).unwrap().0);
}

#[test]
fn the_sled_store_conforms_and_a_retry_after_reopening_gets_the_first_place() {
    let dir = tempfile::tempdir().unwrap();
    conforms(&Store::open(dir.path(), &journal(10)).unwrap().0);
    let opened = reopen(dir.path(), 5010);
    assert_eq!(opened, Opened { rebuilt: None, caught_up_from: Seq(5002) });
}

#[test]
fn a_missing_truncated_or_garbage_sled_is_rebuilt_and_the_quarantine_survives() {
    let dir = tempfile::tempdir().unwrap();
    let (store, opened) = Store::open(dir.path(), &journal(0)).unwrap();
    assert_eq!(opened.rebuilt, None, "the first start is no rebuild");
    let number = store.quarantine(&"risk".into(), "trap", b"kept").unwrap();
    drop(store);
    let sled = dir.path().join("sled");
    let spoil: [(&str, &dyn Fn()); 3] = [
        ("deleted", &|| fs::remove_dir_all(&sled).unwrap()),
        ("truncated", &|| {
            for file in files(&sled) {
                let half = fs::metadata(&file).unwrap().len() / 2;
                fs::OpenOptions::new().write(true).open(file).unwrap().set_len(half).unwrap();
            }
        }),
        ("garbage", &|| {
            for file in files(&sled) {
                fs::write(file, b"not a store at all, not a store at all").unwrap();
            }
        }),
    ];
    for (what, spoil) in spoil {
        for clean in [true, false] {
            closed(dir.path(), 300);
            spoil();
            if !clean {
                let _ = fs::remove_file(dir.path().join("sled.manifest"));
            }
            let opened = reopen(dir.path(), 320);
            assert!(opened.rebuilt.is_some() || !clean, "{what}, closed cleanly {clean}: {opened:?}");
            if opened.rebuilt.is_none() {
                eprintln!("{what} without a manifest passes for an empty store: {opened:?}");
            }
        }
    }
    let (store, _) = Store::open(dir.path(), &journal(320)).unwrap();
    assert_eq!(store.kept(&"risk".into(), number).unwrap().unwrap().input, b"kept");
}

#[test]
fn a_store_ahead_of_the_journal_or_of_another_one_is_rebuilt() {
    let dir = tempfile::tempdir().unwrap();
    closed(dir.path(), 50);
    let (store, opened) = Store::open(dir.path(), &journal(40)).unwrap();
    assert_eq!(opened.rebuilt, Some(Reason::Ahead { store: 50, journal: 40 }));
    all_seen(&store, 40);
    store.close().unwrap();
    let (store, opened) = Store::open(dir.path(), &Numbers { head: 60, salt: 8 }).unwrap();
    assert_eq!(opened.rebuilt, Some(Reason::Disagrees(40)));
    assert_eq!(store.seen(noted(1, 7).1).unwrap(), None);
    assert_eq!(store.seen(noted(60, 8).1).unwrap(), Some((Seq(60), noted(60, 8).2)));
}

#[test]
fn an_opening_that_killed_the_process_is_not_tried_twice() {
    let dir = tempfile::tempdir().unwrap();
    closed(dir.path(), 20);
    fs::write(dir.path().join("sled.opening"), b"").unwrap();
    assert_eq!(reopen(dir.path(), 20).rebuilt, Some(Reason::OpeningDied));
    assert_eq!(reopen(dir.path(), 20).rebuilt, None);
}

#[test]
fn sixty_flipped_bits_are_each_detected_and_rebuilt() {
    let dir = tempfile::tempdir().unwrap();
    closed(dir.path(), 200);
    let mut seed = 0x2545_F491_4F6C_DD1Du64;
    for round in 0..60 {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let to = tempfile::tempdir().unwrap();
        copy(dir.path(), to.path());
        let full: Vec<_> =
            files(&to.path().join("sled")).into_iter().filter(|f| fs::metadata(f).unwrap().len() > 0).collect();
        let file = &full[(seed >> 33) as usize % full.len()];
        let mut bytes = fs::read(file).unwrap();
        let bit = (seed >> 17) as usize % (bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(file, bytes).unwrap();
        let opened = reopen(to.path(), 200);
        assert!(matches!(opened.rebuilt, Some(Reason::Altered(_))), "round {round}: {opened:?}");
    }
}

#[test]
fn bits_flipped_after_an_unclean_end_give_a_rebuild_or_an_error_never_a_wrong_answer() {
    let dir = tempfile::tempdir().unwrap();
    closed(dir.path(), 200);
    fs::remove_file(dir.path().join("sled.manifest")).unwrap();
    let mut seed = 0x0DDB_1A5E_5BAD_5EEDu64;
    let mut rebuilt = 0;
    for round in 0..30 {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let to = tempfile::tempdir().unwrap();
        copy(dir.path(), to.path());
        let full: Vec<_> =
            files(&to.path().join("sled")).into_iter().filter(|f| fs::metadata(f).unwrap().len() > 0).collect();
        let file = &full[(seed >> 33) as usize % full.len()];
        let mut bytes = fs::read(file).unwrap();
        let bit = (seed >> 17) as usize % (bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(file, bytes).unwrap();
        let (store, opened) = Store::open(to.path(), &journal(200)).unwrap();
        rebuilt += u32::from(opened.rebuilt.is_some());
        for n in 1..=200 {
            let (seq, request, digest) = noted(n, 7);
            if let Ok(answer) = store.seen(request) {
                assert_eq!(answer, Some((seq, digest)), "round {round}, {file:?} bit {bit}, {opened:?}");
            }
        }
    }
    eprintln!("rebuilt {rebuilt} of 30");
}

/// The child of the next test: writes until it is killed.
#[test]
fn writer_child() {
    let Ok(dir) = std::env::var("CHANGZHI_STORE_TEST_DIR") else { return };
    let (store, _) = Store::open(Path::new(&dir), &journal(0)).unwrap();
    for n in 1.. {
        store.note_committed(&[noted(n, 7)]).unwrap();
        fs::write(Path::new(&dir).join("at"), n.to_string()).unwrap();
    }
}

#[test]
fn a_killed_writer_leaves_a_store_that_catches_up() {
    for enough in [1, 3_000] {
        let dir = tempfile::tempdir().unwrap();
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writer_child"])
            .env("CHANGZHI_STORE_TEST_DIR", dir.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let at = || fs::read_to_string(dir.path().join("at")).ok().and_then(|s| s.parse::<u64>().ok()).unwrap_or(0);
        while at() < enough {
            assert!(child.try_wait().unwrap().is_none(), "the writer ended by itself");
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let head = at() + 10;
        let opened = reopen(dir.path(), head);
        assert!(opened.caught_up_from <= Seq(head), "{opened:?}");
    }
}
