//! Blobs as files: `ab/abcdef…`, each written whole beside the others, then named.

use crate::{BlobName, Blobs, StoreError};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A folder of files that only its owner reads.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
}

/// Where a file stands until it is whole; what is left there by a crash belongs to nobody.
const NEW: &str = "new";

fn told(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let what = format!("{what} {}", path.display());
    move |source| match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Io { what, source },
    }
}

fn make(dir: &Path) -> Result<(), StoreError> {
    match DirBuilder::new().mode(0o700).create(dir) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made.map_err(told("make", dir)),
    }
}

fn sync(dir: &Path) -> Result<(), StoreError> {
    File::open(dir).and_then(|d| d.sync_all()).map_err(told("fsync", dir))
}

impl Folder {
    /// Opens or makes the folder; what a crash left half written is removed.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub fn open(root: impl Into<PathBuf>) -> Result<Folder, StoreError> {
        let root = root.into();
        if let Some(parent) = root.parent() {
            fs::create_dir_all(parent).map_err(told("make", parent))?;
        }
        let new = root.join(NEW);
        make(&root)?;
        make(&new)?;
        for left in fs::read_dir(&new).map_err(told("read", &new))?.flatten() {
            fs::remove_file(left.path()).map_err(told("remove", &left.path()))?;
        }
        sync(&root)?;
        Ok(Folder { root })
    }

    fn shard(&self, name: BlobName) -> PathBuf {
        let hex = name.to_string();
        self.root.join(hex.get(..2).unwrap_or_default())
    }

    /// The file of a name.
    pub fn path(&self, name: BlobName) -> PathBuf {
        self.shard(name).join(name.to_string())
    }
}

impl Blobs for Folder {
    fn put(&self, bytes: &[u8]) -> Result<BlobName, StoreError> {
        let name = BlobName::of(bytes);
        let (shard, path) = (self.shard(name), self.path(name));
        // What is there is there whole and durable, unless its bytes say otherwise.
        if fs::read(&path).is_ok_and(|there| there == bytes) {
            return Ok(name);
        }
        let new = self.root.join(NEW).join(format!("{name}-{:016x}", rand::random::<u64>()));
        let written = (|| {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
            file.write_all(bytes)?;
            file.sync_all()
        })();
        if let Err(error) = written {
            // What could not be written is not kept in part.
            let _ = fs::remove_file(&new);
            return Err(told("write", &new)(error));
        }
        make(&shard)?;
        sync(&self.root)?;
        fs::rename(&new, &path).map_err(told("name", &path))?;
        sync(&shard)?;
        Ok(name)
    }

    fn get(&self, name: BlobName) -> Result<Vec<u8>, StoreError> {
        let path = self.path(name);
        let bytes = match fs::read(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Err(StoreError::Missing(name)),
            read => read.map_err(told("read", &path))?,
        };
        if BlobName::of(&bytes) == name { Ok(bytes) } else { Err(StoreError::Damaged(name)) }
    }

    fn remove(&self, name: BlobName) -> Result<(), StoreError> {
        let path = self.path(name);
        match fs::remove_file(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(told("remove", &path)).and_then(|()| sync(&self.shard(name))),
        }
    }

    fn list(&self) -> Result<Vec<(BlobName, Duration)>, StoreError> {
        let mut all = Vec::new();
        for shard in fs::read_dir(&self.root).map_err(told("read", &self.root))?.flatten() {
            if shard.file_name().len() != 2 {
                continue;
            }
            for file in fs::read_dir(shard.path()).map_err(told("read", &shard.path()))?.flatten() {
                let name = file.file_name().to_str().and_then(|n| n.parse().ok());
                let made = file.metadata().and_then(|m| m.modified()).ok();
                if let (Some(name), Some(made)) = (name, made) {
                    all.push((name, made.elapsed().unwrap_or_default()));
                }
            }
        }
        all.sort_unstable();
        Ok(all)
    }
}
