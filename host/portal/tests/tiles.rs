//! The base map's own tiles, from a file made here: to whoever is signed in, with the right dress, and nothing else of the file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_portal::PortalOptions;
use changzhi_portal::edge::{Archive, BaseMap, Datum};
use std::path::Path;
use std::sync::Arc;
use support::*;

/// An archive of one tile at zoom 0: nothing in it is packed.
fn archive(path: &Path, kind: u8, tile: &[u8]) -> Arc<Archive> {
    let metadata: &[u8] = br#"{"vector_layers":[{"id":"water"},{"id":"roads"}]}"#;
    // One entry: tile 0, a run of one, its length, its offset plus one.
    let root = [1, 0, 1, u8::try_from(tile.len()).unwrap(), 1];
    let mut out = b"PMTiles\x03".to_vec();
    let mut at = 127_u64;
    for length in [root.len(), metadata.len(), 0, tile.len()] {
        out.extend(at.to_le_bytes());
        out.extend((length as u64).to_le_bytes());
        at += length as u64;
    }
    out.resize(96, 0);
    out.extend([1, 1, 1, kind, 0, 3]);
    out.resize(127, 0);
    std::fs::write(path, [&out[..], &root, metadata, tile].concat()).unwrap();
    Arc::new(Archive::open(path).unwrap())
}

fn host(kind: u8) -> (Host, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive(&dir.path().join("city.pmtiles"), kind, b"a tile");
    let base_map = Some(BaseMap::of_archive(&archive, Datum::Wgs84, "© test"));
    (Host::start(PortalOptions { tiles: Some(archive), base_map, ..PortalOptions::default() }), dir)
}

#[test]
fn a_tile_is_served_to_whoever_is_signed_in_and_where_there_is_none_nothing_is_drawn() {
    let (h, _dir) = host(2);
    let guest = h.browser("guest");
    let get = |cookie: &str, path: &str| h.send("GET", path, &[("Cookie", cookie)], b"");
    for path in ["/tiles/0/0/0", "/tiles/0/0/0.png"] {
        let tile = get(&guest, path);
        assert_eq!((tile.status, tile.body.as_str()), (200, "a tile"), "{}", tile.head);
        assert_eq!(tile.header("content-type").as_deref(), Some("image/png"));
        assert!(tile.header("cache-control").unwrap().starts_with("private"));
    }
    assert_eq!(get(&guest, "/tiles/1/0/0").status, 204);
    for nonsense in
        ["/tiles/0/-1/0", "/tiles/x/0/0", "/tiles/300/0/0", "/tiles/0/0/..%2f..%2fetc", "/tiles/0/0/4294967296"]
    {
        assert_eq!(get(&guest, nonsense).status, 404, "{nonsense}");
    }
    assert_eq!(get("", "/tiles/0/0/0").status, 401, "where people look is their own business");
    h.stop();
}

#[test]
fn without_an_archive_there_are_no_tiles() {
    let h = Host::start(PortalOptions::default());
    let guest = h.browser("guest");
    assert_eq!(h.send("GET", "/tiles/0/0/0", &[("Cookie", &guest)], b"").status, 404);
    h.stop();
}

#[test]
fn vector_tiles_are_told_with_their_layers() {
    let (h, _dir) = host(1);
    let li = h.browser("li");
    let tile = h.send("GET", "/tiles/0/0/0", &[("Cookie", &li)], b"");
    assert_eq!(tile.header("content-type").as_deref(), Some("application/vnd.mapbox-vector-tile"));
    let page = h.page(&li, "/gallery/maps");
    assert!(
        page.body.contains("data-vector=\"water roads\"") && page.body.contains("data-tiles=\"/tiles/{z}/{x}/{y}\"")
    );
    h.stop();
}
