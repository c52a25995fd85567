//! The digests of sled's files after a clean close.
//!
//! One line a file: SHA-256, two spaces, name; a last line with the SHA-256 of the lines before it. The manifest is unlinked
//! before sled is opened, so that its presence means: closed cleanly, and not touched since.

use crate::{Reason, StoreError};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

pub(crate) fn io<'a>(path: &'a Path, what: &'static str) -> impl Fn(std::io::Error) -> StoreError + 'a {
    move |source| StoreError::Io { path: path.to_owned(), what, source }
}

pub(crate) fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    File::open(dir).and_then(|d| d.sync_all()).map_err(io(dir, "fsync of the folder"))
}

/// A whole file, durable under its name on return.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let fresh = path.with_extension("new");
    let mut file = File::create(&fresh).map_err(io(&fresh, "create"))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(io(&fresh, "write"))?;
    fs::rename(&fresh, path).map_err(io(path, "rename"))?;
    path.parent().map_or(Ok(()), sync_dir)
}

pub(crate) fn write(folder: &Path, manifest: &Path) -> Result<(), StoreError> {
    let mut text = lines(folder)?;
    let seal = hex::encode(Sha256::digest(text.as_bytes()));
    text.push_str(&seal);
    text.push('\n');
    write_whole(manifest, text.as_bytes())
}

/// `Ok(None)`: as left, or no manifest to compare with.
pub(crate) fn check(folder: &Path, manifest: &Path) -> Result<Option<Reason>, StoreError> {
    let kept = match fs::read(manifest) {
        Ok(kept) => kept,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(io(manifest, "read")(e)),
    };
    let name = |p: &Path| p.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let now = lines(folder)?;
    let seal = format!("{}\n", hex::encode(Sha256::digest(now.as_bytes())));
    if kept == [now.as_bytes(), seal.as_bytes()].concat() {
        return Ok(None);
    }
    let kept = String::from_utf8_lossy(&kept).into_owned();
    let differs = now.lines().find(|l| !kept.lines().any(|k| k == *l)).and_then(|l| l.split_once("  ")).map(|(_, n)| n);
    let gone =
        || kept.lines().filter_map(|l| l.split_once("  ")).find(|(_, n)| !folder.join(n).exists()).map(|(_, n)| n);
    let file = differs.or_else(gone).map_or_else(|| name(manifest), str::to_owned);
    Ok(Some(Reason::Altered(file)))
}

fn lines(folder: &Path) -> Result<String, StoreError> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).map_err(io(&dir, "listing"))? {
            let path = entry.map_err(io(&dir, "listing"))?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut text = String::new();
    let mut buffer = vec![0; 1 << 16];
    for path in files {
        let mut file = File::open(&path).map_err(io(&path, "open"))?;
        let mut digest = Sha256::new();
        loop {
            let n = file.read(&mut buffer).map_err(io(&path, "read"))?;
            if n == 0 {
                break;
            }
            digest.update(buffer.get(..n).unwrap_or_default());
        }
        let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
        text.push_str(&format!("{}  {name}\n", hex::encode(digest.finalize())));
    }
    Ok(text)
}
