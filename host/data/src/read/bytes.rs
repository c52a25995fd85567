//! Counting what is read, so that a bar can be drawn.

use super::Progress;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::Ordering;

/// A file that tells how much of it was read.
#[derive(Debug)]
pub(super) struct Counted {
    file: File,
    progress: Progress,
}

impl Counted {
    pub(super) fn new(file: File, progress: Progress) -> Counted {
        Counted { file, progress }
    }
}

impl Read for Counted {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buf)?;
        self.progress.done.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = self.file.seek(to)?;
        self.progress.done.store(at, Ordering::Relaxed);
        Ok(at)
    }
}
