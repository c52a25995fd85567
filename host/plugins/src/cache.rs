//! Compiled components on disk, so that a start takes milliseconds.
//!
//! An entry is named by the engine's settings and the component's hash, and carries a MAC under a key only this host has:
//! reading compiled code back runs it, so nothing is read back that this host did not write. A missing, stale, cut or planted
//! entry is compiled again and counted; the cache is never needed.

use sha2::{Digest, Sha256};
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use subtle::ConstantTimeEq;
use wasmtime::Engine;
use wasmtime::component::Component;

const KEY: &str = "key";
const MAC: usize = 32;

/// How the cache was used since start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CacheCounts {
    pub hits: u64,
    pub compiled: u64,
    /// Entries that were there but not ours, cut or of another engine.
    pub rejected: u64,
}

#[derive(Debug)]
pub(crate) struct Cache {
    dir: Option<(PathBuf, [u8; 32])>,
    hits: AtomicU64,
    compiled: AtomicU64,
    rejected: AtomicU64,
}

struct Sha(Sha256);

impl Hasher for Sha {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    fn finish(&self) -> u64 {
        0
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// HMAC-SHA-256 (RFC 2104) for a key of 32 bytes.
fn mac(key: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
    let pad = |with: u8| {
        let mut block = [with; 64];
        for (b, k) in block.iter_mut().zip(key) {
            *b ^= k;
        }
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(bytes).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

fn open_key(path: &Path) -> io::Result<[u8; 32]> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let mut key = [0; 32];
    match fs::read(path) {
        Ok(bytes) if bytes.len() == 32 && fs::metadata(path)?.permissions().mode() & 0o077 == 0 => {
            key.copy_from_slice(&bytes);
            return Ok(key);
        }
        // Readable by others or cut: whoever had it could have planted entries. A new key makes all of them stale.
        Ok(_) => match fs::remove_file(path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        },
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(e),
    }
    fs::File::open("/dev/urandom")?.read_exact(&mut key)?;
    // Whole before it has its name: whoever opens the folder at the same moment finds all of a key or none.
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let fresh = path.with_extension(format!("{}-{number}", std::process::id()));
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?.write_all(&key)?;
    let named = fs::hard_link(&fresh, path);
    fs::remove_file(&fresh)?;
    match named {
        Ok(()) => Ok(key),
        // Another host of the same folder was faster.
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            key.copy_from_slice(fs::read(path)?.get(..32).ok_or(e)?);
            Ok(key)
        }
        Err(e) => Err(e),
    }
}

impl Cache {
    pub(crate) fn open(dir: Option<&Path>) -> io::Result<Cache> {
        let dir = match dir {
            None => None,
            Some(dir) => {
                fs::create_dir_all(dir)?;
                Some((dir.to_owned(), open_key(&dir.join(KEY))?))
            }
        };
        Ok(Cache { dir, hits: AtomicU64::new(0), compiled: AtomicU64::new(0), rejected: AtomicU64::new(0) })
    }

    pub(crate) fn counts(&self) -> CacheCounts {
        CacheCounts {
            hits: self.hits.load(Ordering::Relaxed),
            compiled: self.compiled.load(Ordering::Relaxed),
            rejected: self.rejected.load(Ordering::Relaxed),
        }
    }

    fn name(engine: &Engine, digest: &[u8; 32]) -> String {
        let mut sha = Sha(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut sha);
        sha.0.update(digest);
        format!("{}.cwasm", hex::encode(sha.0.finalize()))
    }

    fn read(&self, engine: &Engine, path: &Path, key: &[u8; 32]) -> Option<Component> {
        let bytes = fs::read(path).ok()?;
        let component = bytes.split_at_checked(MAC).and_then(|(tag, code)| {
            if !bool::from(mac(key, code).as_slice().ct_eq(tag)) {
                return None;
            }
            // SAFETY: the MAC under a key that only this host can read proves that these bytes are what this host's
            // `Component::serialize` gave; a change on disk after this read cannot reach `code`, which is in memory.
            unsafe { Component::deserialize(engine, code) }.ok()
        });
        if component.is_none() {
            self.rejected.fetch_add(1, Ordering::Relaxed);
        }
        component
    }

    /// The compiled component, from disk when it is there and ours.
    pub(crate) fn component(&self, engine: &Engine, bytes: &[u8], digest: &[u8; 32]) -> wasmtime::Result<Component> {
        let place = self.dir.as_ref().map(|(dir, key)| (dir.join(Self::name(engine, digest)), key));
        if let Some((path, key)) = &place
            && let Some(component) = self.read(engine, path, key)
        {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(component);
        }
        let component = Component::new(engine, bytes)?;
        self.compiled.fetch_add(1, Ordering::Relaxed);
        if let Some((path, key)) = &place
            && let Err(e) = write(path, key, &component.serialize()?)
        {
            tracing::warn!(path = %path.display(), error = %e, "compiled plugin cannot be cached; it is compiled again at the next start");
        }
        Ok(component)
    }
}

fn write(path: &Path, key: &[u8; 32], code: &[u8]) -> io::Result<()> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let unique = format!("tmp-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let temporary = path.with_extension(unique);
    let mut file = fs::File::create(&temporary)?;
    file.write_all(&mac(key, code))?;
    file.write_all(code)?;
    drop(file);
    fs::rename(&temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_open_a_new_folder_at_once_share_one_key() {
        for _ in 0..50 {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(KEY);
            let open = || open_key(&path).unwrap();
            let keys: Vec<_> = std::thread::scope(|s| {
                let threads: Vec<_> = (0..8).map(|_| s.spawn(open)).collect();
                threads.into_iter().map(|t| t.join().unwrap()).collect()
            });
            assert!(keys.iter().all(|k| *k == keys[0]));
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left over");
        }
    }
}
