//! A journal in memory that fails when a test says so.

use changzhi_journal::{CommitHook, DurableHook, Each, Head, Journal, JournalError, MemoryJournal};
use changzhi_model::Seq;
use std::sync::atomic::{AtomicBool, Ordering};

/// The order, chain, hooks and threads of [`MemoryJournal`]; appends are refused while it is "full".
#[derive(Default)]
pub(crate) struct FaultyJournal {
    inner: MemoryJournal,
    full: AtomicBool,
}

impl FaultyJournal {
    pub(crate) fn set_full(&self, full: bool) {
        self.full.store(full, Ordering::Release);
    }

    /// As after an fsync error: final.
    pub(crate) fn fail(&self, why: &str) {
        self.inner.fail(why);
    }
}

impl Journal for FaultyJournal {
    fn append(&self, record: &[u8]) -> Result<Seq, JournalError> {
        if self.full.load(Ordering::Acquire) {
            return Err(JournalError::Full { why: "the test filled it".into() });
        }
        self.inner.append(record)
    }

    fn head(&self) -> Head {
        self.inner.head()
    }

    fn durable(&self) -> Seq {
        self.inner.durable()
    }

    fn wait_durable(&self, seq: Seq) -> Result<(), JournalError> {
        self.inner.wait_durable(seq)
    }

    fn on_durable(&self, hook: DurableHook) {
        self.inner.on_durable(hook);
    }

    fn before_commit(&self, hook: CommitHook) {
        self.inner.before_commit(hook);
    }

    fn get(&self, seq: Seq) -> Result<Option<Vec<u8>>, JournalError> {
        self.inner.get(seq)
    }

    fn read(&self, from: Seq, each: Each<'_>) -> Result<(), JournalError> {
        self.inner.read(from, each)
    }

    fn chain_at(&self, seq: Seq) -> Result<Option<[u8; 32]>, JournalError> {
        self.inner.chain_at(seq)
    }
}
