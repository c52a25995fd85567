//! The real folder.
//!
//! Files are made with mode 0600 in a folder of mode 0700, opened close-on-exec (as the standard library does), and the
//! folder is held by an advisory lock for as long as the disk lives: a second host is refused instead of interleaving.

use crate::{Disk, DiskFile, JournalError};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const LOCK: &str = "lock";
const ZEROS: usize = 1 << 20;
/// Zeros are synced in slices, so that a commit does not queue behind a whole segment of them.
const SYNC_EVERY: u64 = 8 << 20;

/// A folder of the file system, locked for this process.
pub struct FsDisk {
    dir: PathBuf,
    // Held open: the lock goes with the descriptor, also when the process is killed.
    _lock: File,
}

impl FsDisk {
    /// Opens the folder, making it when it is not there.
    ///
    /// # Errors
    /// `Locked` when another host has it; `Io` when it cannot be made or opened.
    pub fn new(dir: impl AsRef<Path>) -> Result<FsDisk, JournalError> {
        let dir = dir.as_ref().to_path_buf();
        let place = dir.display().to_string();
        let io = |e: io::Error| JournalError::io(format!("cannot open the journal's folder {place}"), &e);
        DirBuilder::new().recursive(true).mode(0o700).create(&dir).map_err(io)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .mode(0o600)
            .open(dir.join(LOCK))
            .map_err(io)?;
        match lock.try_lock() {
            Ok(()) => Ok(FsDisk { dir, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(JournalError::Locked { place }),
            Err(TryLockError::Error(e)) => Err(io(e)),
        }
    }
}

impl Disk for FsDisk {
    fn place(&self) -> String {
        self.dir.display().to_string()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.dir)? {
            match entry?.file_name().into_string() {
                Ok(name) if name != LOCK => names.push(name),
                _ => {}
            }
        }
        Ok(names)
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let file = OpenOptions::new().read(true).write(true).open(self.dir.join(name))?;
        Ok(Arc::new(FsFile(file)))
    }

    fn create(&self, name: &str, len: u64) -> io::Result<Arc<dyn DiskFile>> {
        let path = self.dir.join(name);
        let made = OpenOptions::new().create(true).truncate(true).read(true).write(true).mode(0o600).open(&path)?;
        match fill(&made, len) {
            Ok(()) => Ok(Arc::new(FsFile(made))),
            Err(e) => {
                drop(made);
                let _ = std::fs::remove_file(&path);
                Err(e)
            }
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.dir.join(from), self.dir.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.dir.join(name))
    }

    fn sync_dir(&self) -> io::Result<()> {
        File::open(&self.dir)?.sync_all()
    }
}

fn fill(file: &File, len: u64) -> io::Result<()> {
    let zeros = vec![0u8; ZEROS];
    let mut at = 0;
    while at < len {
        let step = usize::try_from(len - at).unwrap_or(ZEROS).min(ZEROS);
        file.write_all_at(zeros.get(..step).unwrap_or(&zeros), at)?;
        at += step as u64;
        if at.is_multiple_of(SYNC_EVERY) {
            file.sync_data()?;
        }
    }
    file.sync_all()
}

struct FsFile(File);

impl DiskFile for FsFile {
    fn read_at(&self, to: &mut [u8], at: u64) -> io::Result<()> {
        self.0.read_exact_at(to, at)
    }
    fn write_at(&self, from: &[u8], at: u64) -> io::Result<()> {
        self.0.write_all_at(from, at)
    }
    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}
