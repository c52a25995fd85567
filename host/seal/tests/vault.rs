//! The vault through its public face, on real files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_model::EntityId;
use changzhi_seal::{Options, SealError, Step, Vault};
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

const AAD: &[u8] = b"1 people.contact phone";

fn key_file(dir: &Path) -> PathBuf {
    let mut found: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.file_name().unwrap().to_str().unwrap().starts_with("subjects-"))
        .collect();
    assert_eq!(found.len(), 1, "exactly one key file: {found:?}");
    found.pop().unwrap()
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|w| w == needle)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_was_sealed_opens_again_and_only_where_it_was_put(
        subject in 1u64.., plain in prop::collection::vec(any::<u8>(), 0..600), aad in prop::collection::vec(any::<u8>(), 0..40),
        elsewhere in prop::collection::vec(any::<u8>(), 0..40), bit in any::<prop::sample::Index>(),
    ) {
        let vault = Vault::in_memory();
        let subject = EntityId(subject);
        let sealed = vault.seal(subject, &aad, &plain).unwrap();
        prop_assert_eq!(vault.unseal(subject, &aad, &sealed).unwrap(), Some(plain));
        if elsewhere != aad {
            prop_assert!(matches!(vault.unseal(subject, &elsewhere, &sealed), Err(SealError::NotOpened(_))));
        }
        let mut flipped = sealed.clone();
        let i = bit.index(sealed.len() * 8);
        flipped[i / 8] ^= 1 << (i % 8);
        prop_assert!(matches!(vault.unseal(subject, &aad, &flipped), Err(SealError::NotOpened(_))));
    }
}

#[test]
fn a_value_of_one_subject_does_not_open_for_another() {
    let vault = Vault::in_memory();
    let sealed = vault.seal(EntityId(1), AAD, b"13900000000").unwrap();
    assert!(matches!(vault.unseal(EntityId(2), AAD, &sealed), Err(SealError::KeyMissing(EntityId(2)))));
    vault.seal(EntityId(2), AAD, b"other").unwrap();
    assert!(matches!(vault.unseal(EntityId(2), AAD, &sealed), Err(SealError::NotOpened(_))));
    assert!(matches!(vault.unseal(EntityId(1), AAD, b"short"), Err(SealError::NotOpened(_))));
}

#[test]
fn synced_keys_are_there_after_reopening_and_a_second_opener_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    let sealed: Vec<_> = (1..=500).map(|n| vault.seal(EntityId(n), AAD, &n.to_le_bytes()).unwrap()).collect();
    vault.sync().unwrap();
    assert!(matches!(Vault::open(dir.path()), Err(SealError::Held(_))));
    drop(vault);
    let vault = Vault::open(dir.path()).unwrap();
    for (n, sealed) in (1u64..).zip(&sealed) {
        assert_eq!(vault.unseal(EntityId(n), AAD, sealed).unwrap(), Some(n.to_le_bytes().to_vec()));
    }
}

#[test]
fn sync_writes_nothing_when_nothing_is_new() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    vault.seal(EntityId(1), AAD, b"x").unwrap();
    vault.sync().unwrap();
    let before = fs::read(key_file(dir.path())).unwrap();
    vault.seal(EntityId(1), AAD, b"y").unwrap();
    vault.sync().unwrap();
    assert_eq!(fs::read(key_file(dir.path())).unwrap(), before);
}

#[test]
fn a_key_not_synced_is_gone_and_said_to_be_missing_not_erased() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    let sealed = vault.seal(EntityId(9), AAD, b"x").unwrap();
    drop(vault);
    let vault = Vault::open(dir.path()).unwrap();
    assert!(matches!(vault.unseal(EntityId(9), AAD, &sealed), Err(SealError::KeyMissing(EntityId(9)))));
}

#[test]
fn an_erased_subject_stays_erased_for_ever_and_the_others_stay() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    let marker = b"MARKER-13912345678";
    let gone = vault.seal(EntityId(7), AAD, marker).unwrap();
    let kept = vault.seal(EntityId(8), AAD, b"kept").unwrap();
    vault.sync().unwrap();
    let old_keys = fs::read(key_file(dir.path())).unwrap();
    let old_kek = fs::read(dir.path().join("kek-1")).unwrap();
    vault.erase(EntityId(7)).unwrap();
    for round in 0..3 {
        assert_eq!(vault.unseal(EntityId(7), AAD, &gone).unwrap(), None, "round {round}");
    }
    assert!(matches!(vault.seal(EntityId(7), AAD, b"again"), Err(SealError::Erased(EntityId(7)))));
    drop(vault);
    for entry in fs::read_dir(dir.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!contains(&bytes, marker));
        assert!(!contains(&bytes, &old_kek[16..48]), "the old KEK");
        // group head 12, kind 1, subject 8: what follows is the old wrapped form of the first key
        assert!(!contains(&bytes, &old_keys[20 + 12 + 9..20 + 12 + 69]), "the old wrapped key");
    }
    let vault = Vault::open(dir.path()).unwrap();
    assert_eq!(vault.unseal(EntityId(7), AAD, &gone).unwrap(), None);
    assert_eq!(vault.unseal(EntityId(8), AAD, &kept).unwrap().as_deref(), Some(&b"kept"[..]));
    vault.erase(EntityId(7)).unwrap();
    vault.erase(EntityId(70)).unwrap();
    assert!(matches!(vault.seal(EntityId(70), AAD, b"x"), Err(SealError::Erased(_))));
}

#[test]
fn an_erasure_stopped_at_any_step_leaves_the_old_or_the_new_pair_whole() {
    for stop in Step::ALL {
        let dir = tempfile::tempdir().unwrap();
        let mut options = Options::files(dir.path());
        options.at_step =
            Box::new(move |step| if step == stop { Err(SealError::Stopped(format!("{step:?}"))) } else { Ok(()) });
        let vault = Vault::open_with(dir.path(), options).unwrap();
        let gone = vault.seal(EntityId(1), AAD, b"gone").unwrap();
        let kept = vault.seal(EntityId(2), AAD, b"kept").unwrap();
        vault.sync().unwrap();
        assert!(vault.erase(EntityId(1)).is_err(), "{stop:?}");
        drop(vault);
        let vault = Vault::open(dir.path()).unwrap();
        let after = vault.unseal(EntityId(1), AAD, &gone).unwrap();
        let renamed = !matches!(stop, Step::Begin | Step::KekMade | Step::FileWritten);
        assert_eq!(after.is_none(), renamed, "{stop:?}");
        assert_eq!(vault.unseal(EntityId(2), AAD, &kept).unwrap().as_deref(), Some(&b"kept"[..]), "{stop:?}");
        let keks = fs::read_dir(dir.path())
            .unwrap()
            .filter(|e| e.as_ref().unwrap().file_name().to_str().unwrap().starts_with("kek-"));
        assert_eq!(keks.count(), 1, "{stop:?}: strays are destroyed");
        vault.erase(EntityId(1)).unwrap();
        assert_eq!(vault.unseal(EntityId(1), AAD, &gone).unwrap(), None);
    }
}

#[test]
fn a_key_file_cut_at_any_byte_opens_with_the_groups_before_the_cut() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    let mut sealed = Vec::new();
    for n in 1..=4u64 {
        sealed.push(vault.seal(EntityId(n), AAD, &n.to_le_bytes()).unwrap());
        vault.sync().unwrap();
    }
    drop(vault);
    let group = 12 + 69;
    for cut in (20..20 + 4 * group).step_by(7) {
        let to = tempfile::tempdir().unwrap();
        copy(dir.path(), to.path());
        fs::OpenOptions::new().write(true).open(key_file(to.path())).unwrap().set_len(cut as u64).unwrap();
        let vault = Vault::open(to.path()).unwrap();
        let whole = (cut - 20) / group;
        assert_eq!(vault.len(), whole, "cut at {cut}");
        for (n, sealed) in (1u64..).zip(&sealed).take(whole) {
            assert_eq!(vault.unseal(EntityId(n), AAD, sealed).unwrap(), Some(n.to_le_bytes().to_vec()));
        }
    }
}

#[test]
fn damage_before_a_readable_group_is_refused_with_the_place() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    for n in 1..=3 {
        vault.seal(EntityId(n), AAD, b"x").unwrap();
        vault.sync().unwrap();
    }
    drop(vault);
    let file = key_file(dir.path());
    let mut bytes = fs::read(&file).unwrap();
    bytes[20 + 81 + 40] ^= 4;
    fs::write(&file, bytes).unwrap();
    assert!(matches!(Vault::open(dir.path()), Err(SealError::Damaged { at: 101, .. })));
    fs::remove_file(file).unwrap();
    assert!(matches!(Vault::open(dir.path()), Err(SealError::Damaged { .. })), "a lost key file is not a fresh start");
}

#[test]
fn a_lost_kek_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    vault.seal(EntityId(1), AAD, b"x").unwrap();
    vault.sync().unwrap();
    drop(vault);
    fs::remove_file(dir.path().join("kek-1")).unwrap();
    assert!(matches!(Vault::open(dir.path()), Err(SealError::KekMissing(_))));
}

#[test]
fn sixty_flipped_bits_never_give_a_wrong_plaintext_or_pass_for_an_erasure() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    let sealed: Vec<_> = (1..=12u64)
        .map(|n| {
            let s = vault.seal(EntityId(n), AAD, &n.to_le_bytes()).unwrap();
            vault.sync().unwrap();
            s
        })
        .collect();
    drop(vault);
    let used = 20 + 12 * 81;
    let mut seed = 0x9E37_79B9_7F4A_7C15u64;
    let mut detected = 0;
    for round in 0..60 {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let to = tempfile::tempdir().unwrap();
        copy(dir.path(), to.path());
        let file = if round % 6 == 0 { to.path().join("kek-1") } else { key_file(to.path()) };
        let mut bytes = fs::read(&file).unwrap();
        let bit = (seed >> 20) as usize % (bytes.len().min(used) * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(&file, bytes).unwrap();
        let Ok(vault) = Vault::open(to.path()) else {
            detected += 1;
            continue;
        };
        let mut lost = false;
        for (n, sealed) in (1u64..).zip(&sealed) {
            match vault.unseal(EntityId(n), AAD, sealed) {
                Ok(Some(plain)) => assert_eq!(plain, n.to_le_bytes()),
                Ok(None) => panic!("round {round}: bit {bit} passes for an erasure"),
                Err(_) => lost = true,
            }
        }
        detected += usize::from(lost);
    }
    assert_eq!(detected, 60);
}

#[test]
fn a_hundred_thousand_subjects_reopen() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    let last = 100_000;
    let mut sealed = Vec::new();
    for n in 1..=last {
        sealed = vault.seal(EntityId(n), AAD, b"x").unwrap();
    }
    vault.sync().unwrap();
    drop(vault);
    let began = std::time::Instant::now();
    let vault = Vault::open(dir.path()).unwrap();
    eprintln!("opened {last} subjects in {:?}", began.elapsed());
    assert_eq!(vault.len(), last as usize);
    assert_eq!(vault.unseal(EntityId(last), AAD, &sealed).unwrap().as_deref(), Some(&b"x"[..]));
}

#[test]
fn debug_shows_counts_only() {
    let vault = Vault::in_memory();
    vault.seal(EntityId(1), AAD, b"x").unwrap();
    assert_eq!(format!("{vault:?}"), "Vault { subjects: 1, .. }");
    assert_eq!(format!("{:?}", changzhi_seal::Kek::new([7; 32])), "Kek(hidden)");
}
