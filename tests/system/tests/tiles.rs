//! A base map's archive as its format's own authors write it, with folders within folders: every tile comes back as it went in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Start, python};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;
use std::process::Command;

#[test]
fn vector_tiles_of_a_real_archive_come_back_byte_for_byte() {
    let Some(python) = python("tiles", "import pmtiles, mapbox_vector_tile", &[&["pmtiles", "mapbox-vector-tile"]])
    else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let archive = dir.path().join("city.pmtiles");
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/tiles/make.py");
    let out = Command::new(python).arg(script).arg(&archive).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let tiles: BTreeMap<String, String> = serde_json::from_slice(&out.stdout).unwrap();
    let env = vec![("CHANGZHI_MAP__FILE", &*archive.to_string_lossy().into_owned().leak())].leak();
    let host = Host::start(&dir.path().join("city"), Start { demo: true, snapshot_every: None, env }).unwrap();
    let who = Client::sign_in(host.addr, "resident", &host.password("resident").unwrap()).unwrap();
    // Every tile of the upper levels, of the lowest a few hundred from all over it.
    let step = |at: &String| if at.starts_with("7/") { 61 } else { 1 };
    let mut seen = 0;
    for (n, (at, want)) in tiles.iter().enumerate() {
        if n % step(at) != 0 {
            continue;
        }
        let (status, kind, bytes) = who.file(&format!("/tiles/{at}")).unwrap();
        assert_eq!((status, kind.as_str()), (200, "application/vnd.mapbox-vector-tile"), "{at}");
        // Packed as it lies in the archive; this client does not unpack.
        let mut tile = Vec::new();
        flate2::read::GzDecoder::new(&*bytes).read_to_end(&mut tile).unwrap();
        assert_eq!(&hex::encode(Sha256::digest(&tile)), want, "{at}");
        seen += 1;
    }
    assert!(seen > tiles.len() / 5, "{seen} of {}", tiles.len());
    assert_eq!(who.file("/tiles/8/0/0").unwrap().0, 204, "below the archive there is nothing");
    let page = who.get("/gallery/maps").unwrap().text;
    assert!(page.contains("data-vector=\"land roads\""), "{page}");
    host.close().unwrap();
}
