//! Both stores by the same rules, and what a disk can do to one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_blobs::{BlobName, Blobs, Folder, Key, Memory, SealError, StoreError, open, seal};
use std::os::unix::fs::PermissionsExt;

fn each(test: impl Fn(&dyn Blobs)) {
    let dir = tempfile::tempdir().unwrap();
    test(&Folder::open(dir.path().join("blobs")).unwrap());
    test(&Memory::default());
}

#[test]
fn what_is_put_is_got_under_the_hash_of_its_bytes_and_only_once() {
    each(|blobs| {
        let name = blobs.put(b"sealed").unwrap();
        assert_eq!(name, BlobName::of(b"sealed"));
        assert_eq!(blobs.put(b"sealed").unwrap(), name);
        assert_eq!(blobs.get(name).unwrap(), b"sealed");
        assert_eq!(blobs.list().unwrap().into_iter().map(|(n, _)| n).collect::<Vec<_>>(), [name]);
        blobs.remove(name).unwrap();
        blobs.remove(name).unwrap();
        assert!(matches!(blobs.get(name), Err(StoreError::Missing(n)) if n == name));
        assert!(blobs.list().unwrap().is_empty());
    });
}

#[test]
fn one_bit_that_differs_is_damage_and_never_an_answer() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Folder::open(dir.path()).unwrap();
    let name = blobs.put(b"sealed bytes").unwrap();
    for at in 0..12 {
        let mut bytes = b"sealed bytes".to_vec();
        bytes[at] ^= 1 << (at % 8);
        std::fs::write(blobs.path(name), &bytes).unwrap();
        assert!(matches!(blobs.get(name), Err(StoreError::Damaged(n)) if n == name), "{at}");
    }
    std::fs::write(blobs.path(name), b"").unwrap();
    assert!(matches!(blobs.get(name), Err(StoreError::Damaged(_))), "cut off");
    assert_eq!(blobs.put(b"sealed bytes").unwrap(), name, "and putting it again mends it");
    assert_eq!(blobs.get(name).unwrap(), b"sealed bytes");
    let memory = Memory::default();
    let name = memory.put(b"x").unwrap();
    memory.damage(name);
    assert!(matches!(memory.get(name), Err(StoreError::Damaged(_))));
}

#[test]
fn a_crash_leaves_nothing_half_written_and_only_the_owner_reads() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("deep/blobs");
    let name = Folder::open(&root).unwrap().put(b"whole").unwrap();
    std::fs::write(root.join("new/torn"), b"ha").unwrap();
    let again = Folder::open(&root).unwrap();
    assert!(std::fs::read_dir(root.join("new")).unwrap().next().is_none());
    assert_eq!(again.get(name).unwrap(), b"whole");
    assert_eq!(std::fs::metadata(again.path(name)).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::metadata(&root).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_name_is_one_spelling_and_leads_nowhere_else() {
    let name = BlobName::of(b"x").to_string();
    assert_eq!(name.parse::<BlobName>().unwrap(), BlobName::of(b"x"));
    for wrong in
        ["", "../../etc/passwd", &name[1..], &format!("{name}0"), &name.to_uppercase(), &format!("{}/x", &name[2..])]
    {
        assert!(matches!(wrong.parse::<BlobName>(), Err(StoreError::Name)), "{wrong}");
    }
}

#[test]
fn a_key_opens_what_was_sealed_under_it_and_nothing_else() {
    let (key, sealed) = seal(b"a street at night").unwrap();
    assert!(!sealed.windows(6).any(|w| w == b"street"));
    assert_eq!(open(&key, &sealed).unwrap(), b"a street at night");
    let kept = Key::from_hex(&key.to_hex()).unwrap();
    assert_eq!(open(&kept, &sealed).unwrap(), b"a street at night");
    let (other, again) = seal(b"a street at night").unwrap();
    assert_ne!(sealed, again, "the same picture twice cannot be told to be the same");
    assert_eq!(open(&other, &sealed), Err(SealError::Wrong));
    for at in [0, 11, 12, sealed.len() - 1] {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert_eq!(open(&key, &changed), Err(SealError::Wrong));
    }
    assert_eq!(open(&key, &sealed[..5]), Err(SealError::Wrong));
    for wrong in ["", "00", "zz", &"0".repeat(63)] {
        assert!(Key::from_hex(wrong).is_none());
    }
}
