//! All file I/O of the journal, behind two traits, so that the write path runs on a simulated disk too.
//!
//! A disk is one flat folder. Names are chosen by the journal. Nothing written counts as kept before
//! [`DiskFile::sync_data`] returned; no create, rename or remove before [`Disk::sync_dir`] returned.

use std::io;
use std::sync::Arc;

/// A folder that belongs to one journal.
pub trait Disk: Send + Sync + 'static {
    /// Where this is, for messages.
    fn place(&self) -> String;
    /// The names of the files.
    fn list(&self) -> io::Result<Vec<String>>;
    /// Opens an existing file for reading and writing.
    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>>;
    /// Makes (or empties) a file of `len` zero bytes, really written and synced, so that later writes change no
    /// metadata. On an error nothing stays behind. `StorageFull` when there is no room.
    fn create(&self, name: &str, len: u64) -> io::Result<Arc<dyn DiskFile>>;
    /// Atomically; replaces `to`.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Makes creates, renames and removes durable.
    fn sync_dir(&self) -> io::Result<()>;
}

/// An open file. Positions are bytes from its start.
pub trait DiskFile: Send + Sync + 'static {
    /// Fills `to` wholly or fails (`UnexpectedEof` past the end).
    fn read_at(&self, to: &mut [u8], at: u64) -> io::Result<()>;
    /// Writes `from` wholly or fails.
    fn write_at(&self, from: &[u8], at: u64) -> io::Result<()>;
    /// fdatasync: what was written is on the medium.
    fn sync_data(&self) -> io::Result<()>;
    /// Length in bytes.
    fn len(&self) -> io::Result<u64>;
    /// No bytes at all.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
}
