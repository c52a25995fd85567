//! How a segment log is laid out and how much it may hold in memory.

use crate::JournalError;
use crate::block::BLOCK;
use crate::frame::FRAME_HEADER;
use std::time::Duration;

/// Settings of a [`crate::SegmentLog`]. The segment size may differ from run to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bytes of a segment file, preallocated. Default 64 MiB. A multiple of 4096.
    pub segment_bytes: u64,
    /// Bytes of the largest record. Default 16 MiB.
    pub max_record: usize,
    /// Bytes that may wait to be written before `append` blocks. Default 32 MiB.
    pub queue_bytes: usize,
    /// How long a group gathers once at least eight records wait. Default 0: at once.
    ///
    /// A sync costs about the same processor time for one record as for a thousand (the kernel's, not the disk's), so under load
    /// fewer and larger groups leave more of the machine to whoever makes the records. Price: so much more time until a record
    /// is durable, and only while others come in with it: a writer alone never waits. PostgreSQL's `commit_delay` and
    /// `commit_siblings` are the same thing. Writers that each wait for their own record gain nothing and had better leave it 0.
    pub gather: Duration,
    /// How often the durable mark is rewritten while records come in. Default 1 s.
    pub mark_every: Duration,
    /// After a refusal for a full disk, how long until an append tries the disk again. Default 1 s.
    pub retry_full: Duration,
    /// For the tests' negative control only: commits do not reach the medium, so a power cut must lose records.
    #[doc(hidden)]
    pub without_sync: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            segment_bytes: 64 << 20,
            max_record: 16 << 20,
            queue_bytes: 32 << 20,
            gather: Duration::ZERO,
            mark_every: Duration::from_secs(1),
            retry_full: Duration::from_secs(1),
            without_sync: false,
        }
    }
}

impl Options {
    pub(crate) fn check(&self) -> Result<(), JournalError> {
        let overhead = 2 * BLOCK as u64 + FRAME_HEADER as u64 + 4;
        if !self.segment_bytes.is_multiple_of(BLOCK as u64) || self.segment_bytes > 1 << 30 {
            return Err(JournalError::Options("segment_bytes must be a multiple of 4096, at most 1 GiB".to_owned()));
        }
        if self.max_record as u64 + overhead > self.segment_bytes {
            return Err(JournalError::Options(format!(
                "a record of max_record = {} bytes does not fit a segment of {} bytes: make segment_bytes larger",
                self.max_record, self.segment_bytes
            )));
        }
        if self.gather > Duration::from_millis(100) {
            return Err(JournalError::Options("gather must be at most 100 ms: every record waits for it".to_owned()));
        }
        if self.queue_bytes == 0 {
            return Err(JournalError::Options("queue_bytes must not be 0".to_owned()));
        }
        Ok(())
    }
}
