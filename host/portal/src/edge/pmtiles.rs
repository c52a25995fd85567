//! Tiles of a local archive: PMTiles version 3 (github.com/protomaps/PMTiles, spec/v3), one file that is read in place.
//!
//! Everything in the file is a stranger's: each offset, length and count is held against the file and against [`DIRECTORY_MAX`]
//! and [`TILE_MAX`] before it is used, directories are at most [`DEPTH`] deep, and a wrong file is refused when it is opened.
//!
//! Price: opening reads header and root directory; a tile costs one read of a leaf directory (the last ones are remembered) and
//! one of the tile.

use flate2::read::GzDecoder;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const HEADER: usize = 127;
/// A directory unpacked; the writers of archives keep them near 16 KiB.
const DIRECTORY_MAX: u64 = 8 << 20;
/// A tile as it lies in the file.
const TILE_MAX: u64 = 4 << 20;
const DEPTH: usize = 4;
const LEAVES_KEPT: usize = 64;
const ZOOM_MAX: u8 = 26;

/// What the tiles of an archive are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TileKind {
    /// Mapbox vector tiles.
    Vector,
    Png,
    Jpeg,
    Webp,
    Avif,
}

impl TileKind {
    pub const fn media_type(self) -> &'static str {
        match self {
            TileKind::Vector => "application/vnd.mapbox-vector-tile",
            TileKind::Png => "image/png",
            TileKind::Jpeg => "image/jpeg",
            TileKind::Webp => "image/webp",
            TileKind::Avif => "image/avif",
        }
    }
}

/// A file that is no archive of tiles we can read, or is one no more.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{}: {what}; give a PMTiles archive of version 3 with PNG, JPEG, WebP or vector tiles", path.display())]
    Wrong { path: PathBuf, what: String },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Span {
    offset: u64,
    length: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Entry {
    tile: u64,
    /// Tiles it stands for; 0: it leads to a leaf directory.
    run: u64,
    span: Span,
}

/// An open archive. Shared; a tile is a read of the file.
#[derive(Debug)]
pub struct Archive {
    path: PathBuf,
    file: File,
    root: Arc<[Entry]>,
    leaves: Span,
    tiles: Span,
    packed: bool,
    kind: TileKind,
    /// Tiles are packed with gzip.
    pub gzip: bool,
    pub min_zoom: u8,
    pub max_zoom: u8,
    layers: Vec<String>,
    kept: Mutex<VecDeque<(u64, Arc<[Entry]>)>>,
}

impl Archive {
    /// # Errors
    /// The file cannot be read, or says something of itself that does not fit.
    pub fn open(path: &Path) -> Result<Archive, ArchiveError> {
        let io = |source| ArchiveError::Io { path: path.to_owned(), source };
        let wrong = |what: String| ArchiveError::Wrong { path: path.to_owned(), what };
        let file = File::open(path).map_err(io)?;
        let size = file.metadata().map_err(io)?.len();
        let mut head = [0; HEADER];
        if size < HEADER as u64 {
            return Err(wrong(format!("{size} bytes are too few for a header")));
        }
        file.read_exact_at(&mut head, 0).map_err(io)?;
        if !head.starts_with(b"PMTiles") {
            return Err(wrong("it does not begin with PMTiles".into()));
        }
        let byte = |at: usize| head.get(at).copied().unwrap_or(0);
        if byte(7) != 3 {
            return Err(wrong(format!("it is of version {}", byte(7))));
        }
        let span = |at: usize, what: &str| {
            let span = Span { offset: long(&head, at), length: long(&head, at + 8) };
            match span.offset.checked_add(span.length) {
                Some(end) if end <= size => Ok(span),
                _ => Err(wrong(format!("{what} lies beyond its end"))),
            }
        };
        let (root, metadata) = (span(8, "the root directory")?, span(24, "the metadata")?);
        let (leaves, tiles) = (span(40, "the leaf directories")?, span(56, "the tiles")?);
        let packed = match byte(97) {
            1 => false,
            2 => true,
            other => return Err(wrong(format!("its directories are packed by way {other}, not gzip"))),
        };
        let gzip = match byte(98) {
            0 | 1 => false,
            2 => true,
            other => return Err(wrong(format!("its tiles are packed by way {other}, not gzip"))),
        };
        let kind = match byte(99) {
            1 => TileKind::Vector,
            2 => TileKind::Png,
            3 => TileKind::Jpeg,
            4 => TileKind::Webp,
            5 => TileKind::Avif,
            other => return Err(wrong(format!("its tiles are of the unknown type {other}"))),
        };
        let (min_zoom, max_zoom) = (byte(100), byte(101));
        if min_zoom > max_zoom || max_zoom > ZOOM_MAX {
            return Err(wrong(format!("zooms from {min_zoom} to {max_zoom}")));
        }
        let mut archive = Archive {
            path: path.to_owned(),
            file,
            root: Arc::new([]),
            leaves,
            tiles,
            packed,
            kind,
            gzip,
            min_zoom,
            max_zoom,
            layers: Vec::new(),
            kept: Mutex::default(),
        };
        archive.root = archive.directory(root)?;
        if kind == TileKind::Vector {
            archive.layers = layers(&archive.unpacked(metadata)?);
        }
        Ok(archive)
    }

    pub const fn kind(&self) -> TileKind {
        self.kind
    }

    /// Names of the layers of vector tiles, as the archive's metadata has them.
    pub fn layers(&self) -> &[String] {
        &self.layers
    }

    fn wrong(&self, what: &str) -> ArchiveError {
        ArchiveError::Wrong { path: self.path.clone(), what: what.to_owned() }
    }

    fn read(&self, span: Span, most: u64) -> Result<Vec<u8>, ArchiveError> {
        if span.length > most {
            return Err(self.wrong("a part of it is larger than it may be"));
        }
        let mut bytes = vec![0; usize::try_from(span.length).unwrap_or(0)];
        let io = |source| ArchiveError::Io { path: self.path.clone(), source };
        self.file.read_exact_at(&mut bytes, span.offset).map_err(io)?;
        Ok(bytes)
    }

    fn unpacked(&self, span: Span) -> Result<Vec<u8>, ArchiveError> {
        let bytes = self.read(span, DIRECTORY_MAX)?;
        if !self.packed || bytes.is_empty() {
            return Ok(bytes);
        }
        let mut out = Vec::new();
        let read = GzDecoder::new(bytes.as_slice()).take(DIRECTORY_MAX + 1).read_to_end(&mut out);
        if read.is_err() || out.len() as u64 > DIRECTORY_MAX {
            return Err(self.wrong("a directory does not unpack"));
        }
        Ok(out)
    }

    fn directory(&self, span: Span) -> Result<Arc<[Entry]>, ArchiveError> {
        let bytes = self.unpacked(span)?;
        entries(&bytes).map(Into::into).ok_or_else(|| self.wrong("a directory does not read"))
    }

    /// A leaf, from those remembered or from the file.
    fn leaf(&self, span: Span) -> Result<Arc<[Entry]>, ArchiveError> {
        if let Some((_, leaf)) = self.kept.lock().iter().find(|(at, _)| *at == span.offset) {
            return Ok(Arc::clone(leaf));
        }
        let inside = span.offset.checked_add(span.length).is_some_and(|end| end <= self.leaves.length);
        if !inside {
            return Err(self.wrong("a leaf directory lies outside of its part"));
        }
        let leaf = self.directory(Span { offset: self.leaves.offset + span.offset, length: span.length })?;
        let mut kept = self.kept.lock();
        if kept.len() >= LEAVES_KEPT {
            kept.pop_front();
        }
        kept.push_back((span.offset, Arc::clone(&leaf)));
        Ok(leaf)
    }

    /// A tile as it lies in the file; `None` where there is none. Blocks for the disk.
    ///
    /// # Errors
    /// The file cannot be read, or a part of it does not fit.
    pub fn tile(&self, zoom: u8, x: u32, y: u32) -> Result<Option<Vec<u8>>, ArchiveError> {
        let Some(id) = tile_id(zoom, x, y) else { return Ok(None) };
        let mut directory = Arc::clone(&self.root);
        for _ in 0..DEPTH {
            let after = directory.partition_point(|e| e.tile <= id);
            let Some(entry) = after.checked_sub(1).and_then(|at| directory.get(at)).copied() else { return Ok(None) };
            if entry.run > 0 {
                if id - entry.tile >= entry.run {
                    return Ok(None);
                }
                let inside =
                    entry.span.offset.checked_add(entry.span.length).is_some_and(|end| end <= self.tiles.length);
                if !inside {
                    return Err(self.wrong("a tile lies outside of its part"));
                }
                let span = Span { offset: self.tiles.offset + entry.span.offset, length: entry.span.length };
                return self.read(span, TILE_MAX).map(Some);
            }
            directory = self.leaf(entry.span)?;
        }
        Err(self.wrong("its directories are too deep"))
    }
}

fn long(bytes: &[u8], at: usize) -> u64 {
    let part = bytes.get(at..at + 8).and_then(|part| part.try_into().ok());
    part.map_or(0, u64::from_le_bytes)
}

/// A number of seven bits a byte, and the rest.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut out = 0_u64;
    for shift in (0..70).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let part = u64::from(byte & 0x7f);
        if shift == 63 && part > 1 {
            return None;
        }
        out |= part << shift;
        if byte & 0x80 == 0 {
            return Some(out);
        }
    }
    None
}

fn entries(mut bytes: &[u8]) -> Option<Vec<Entry>> {
    let count = usize::try_from(varint(&mut bytes)?).ok()?;
    // Each entry takes four bytes at least.
    if count > bytes.len() / 4 {
        return None;
    }
    let mut out = Vec::with_capacity(count);
    let mut tile = 0_u64;
    for _ in 0..count {
        tile = tile.checked_add(varint(&mut bytes)?)?;
        out.push(Entry { tile, run: 0, span: Span { offset: 0, length: 0 } });
    }
    for entry in &mut out {
        entry.run = varint(&mut bytes)?;
    }
    for entry in &mut out {
        entry.span.length = varint(&mut bytes)?;
    }
    let mut next = None;
    for entry in &mut out {
        // 0: right behind the one before.
        entry.span.offset = match varint(&mut bytes)? {
            0 => next?,
            n => n - 1,
        };
        next = entry.span.offset.checked_add(entry.span.length);
    }
    Some(out)
}

/// The place of a tile on the Hilbert curves of all zooms, one after another; `None`: no such tile.
fn tile_id(zoom: u8, x: u32, y: u32) -> Option<u64> {
    if zoom > ZOOM_MAX {
        return None;
    }
    let side = 1_u64 << zoom;
    let (mut x, mut y) = (u64::from(x), u64::from(y));
    if x >= side || y >= side {
        return None;
    }
    // All tiles of the zooms below: 1 + 4 + 16 …
    let mut id = ((1_u64 << (2 * u32::from(zoom))) - 1) / 3;
    let mut step = side / 2;
    while step > 0 {
        let (right, low) = (u64::from(x & step > 0), u64::from(y & step > 0));
        id += step * step * ((3 * right) ^ low);
        if low == 0 {
            if right == 1 {
                (x, y) = (side - 1 - x, side - 1 - y);
            }
            (x, y) = (y, x);
        }
        step /= 2;
    }
    Some(id)
}

fn layers(metadata: &[u8]) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_slice(metadata).unwrap_or_default();
    let all = json.get("vector_layers").and_then(|l| l.as_array()).map(Vec::as_slice).unwrap_or_default();
    let plain = |s: &&str| s.len() <= 64 && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    all.iter().filter_map(|l| l.get("id")?.as_str()).filter(plain).take(64).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn put(out: &mut Vec<u8>, mut n: u64) {
        while n >= 0x80 {
            out.push((n & 0x7f) as u8 | 0x80);
            n >>= 7;
        }
        out.push(n as u8);
    }

    fn directory(entries: &[(u64, u64, u64, u64)]) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, entries.len() as u64);
        let mut last = 0;
        for e in entries {
            put(&mut out, e.0 - last);
            last = e.0;
        }
        entries.iter().for_each(|e| put(&mut out, e.1));
        entries.iter().for_each(|e| put(&mut out, e.3));
        entries.iter().for_each(|e| put(&mut out, e.2 + 1));
        out
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = GzEncoder::new(Vec::new(), Compression::fast());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    /// Zoom 0 and, behind a leaf, the four tiles of zoom 1, of which the last three are one.
    fn archive(kind: u8) -> Vec<u8> {
        let tiles = b"zerofirstrest";
        let leaf = gzip(&directory(&[(1, 1, 4, 5), (2, 3, 9, 4)]));
        let root = gzip(&directory(&[(0, 1, 0, 4), (1, 0, 0, leaf.len() as u64)]));
        let metadata = gzip(br#"{"vector_layers":[{"id":"water"},{"id":"<script>"},{"id":"roads"}]}"#);
        let mut out = b"PMTiles\x03".to_vec();
        let mut at = HEADER as u64;
        for part in [&root, &metadata, &leaf, &tiles.to_vec()] {
            out.extend(at.to_le_bytes());
            out.extend((part.len() as u64).to_le_bytes());
            at += part.len() as u64;
        }
        out.resize(96, 0);
        out.extend([1, 2, if kind == 1 { 2 } else { 1 }, kind, 0, 1]);
        out.resize(HEADER, 0);
        [out, root, metadata, leaf, tiles.to_vec()].concat()
    }

    fn opened(bytes: &[u8]) -> Result<Archive, ArchiveError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("map.pmtiles");
        std::fs::write(&path, bytes).unwrap();
        Archive::open(&path)
    }

    #[test]
    fn tiles_are_found_in_the_root_behind_a_leaf_and_in_a_run() {
        let archive = opened(&archive(2)).unwrap();
        assert_eq!((archive.kind(), archive.gzip, archive.max_zoom), (TileKind::Png, false, 1));
        let tile = |z, x, y| archive.tile(z, x, y).unwrap();
        assert_eq!(tile(0, 0, 0).unwrap(), b"zero");
        assert_eq!(tile(1, 0, 0).unwrap(), b"first");
        for (x, y) in [(0, 1), (1, 1), (1, 0)] {
            assert_eq!(tile(1, x, y).unwrap(), b"rest");
        }
        assert_eq!((tile(2, 0, 0), tile(1, 2, 0), tile(200, 0, 0), tile(1, u32::MAX, 0)), (None, None, None, None));
    }

    #[test]
    fn the_curve_is_the_one_of_the_standard() {
        // Examples of the specification.
        let known = [
            ((0, 0, 0), 0),
            ((1, 0, 0), 1),
            ((1, 0, 1), 2),
            ((1, 1, 1), 3),
            ((1, 1, 0), 4),
            ((2, 0, 0), 5),
            ((12, 3423, 1763), 19_078_479),
        ];
        for ((z, x, y), id) in known {
            assert_eq!(tile_id(z, x, y), Some(id), "{z}/{x}/{y}");
        }
        for zoom in 0..6_u8 {
            let side = 1 << zoom;
            let mut all: Vec<u64> =
                (0..side).flat_map(|x| (0..side).map(move |y| tile_id(zoom, x, y).unwrap())).collect();
            all.sort_unstable();
            let first = all[0];
            assert!(all.iter().enumerate().all(|(n, id)| *id == first + n as u64), "each tile of zoom {zoom} once");
        }
    }

    #[test]
    fn vector_layers_are_named_by_the_metadata_and_only_by_plain_words() {
        let archive = opened(&archive(1)).unwrap();
        assert_eq!((archive.kind(), archive.gzip), (TileKind::Vector, true));
        assert_eq!(archive.layers(), ["water", "roads"]);
    }

    #[test]
    fn a_wrong_file_is_refused_with_its_name_and_the_reason_and_no_byte_brings_the_host_down() {
        let whole = archive(2);
        for (bytes, why) in [
            (b"".to_vec(), "too few"),
            (b"SQLite format 3\0".repeat(20), "does not begin"),
            ([b"PMTiles\x02", &whole[8..]].concat(), "version 2"),
            (whole[..HEADER].to_vec(), "beyond its end"),
        ] {
            let error = opened(&bytes).unwrap_err().to_string();
            assert!(error.contains("map.pmtiles") && error.contains(why), "{error}");
        }
        for at in 0..whole.len() {
            for with in [0x00, 0x55, 0xff] {
                let mut changed = whole.clone();
                changed[at] ^= with;
                if let Ok(archive) = opened(&changed) {
                    for (z, x, y) in [(0, 0, 0), (1, 0, 0), (1, 1, 1), (5, 3, 3)] {
                        // An answer or an error; never a fall.
                        let _ = archive.tile(z, x, y);
                    }
                }
            }
        }
    }

    #[test]
    fn a_directory_that_says_it_is_huge_is_not_believed() {
        let mut many = Vec::new();
        put(&mut many, u64::MAX);
        assert_eq!(entries(&many), None);
        assert_eq!(entries(&[0xff; 40]), None);
        assert_eq!(entries(&directory(&[])), Some(vec![]));
    }
}
