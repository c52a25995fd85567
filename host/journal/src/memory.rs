//! A journal without a disk, for tests of what stands above it.
//!
//! Same order, chain, hooks and threads as the real one (hooks run on a log thread, never under an appender's locks), but
//! "durable" lasts as long as the process.

use crate::notices::Notices;
use crate::{CommitHook, DurableHook, Each, Head, Journal, JournalError, Options, chain};
use changzhi_model::Seq;
use parking_lot::{Condvar, Mutex};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

struct Inner {
    notices: Notices,
    state: Mutex<State>,
    work: Condvar,
    max_record: usize,
}

#[derive(Default)]
struct State {
    /// Each with the chain hash after it.
    records: Vec<(Arc<[u8]>, [u8; 32])>,
    stop: Option<JournalError>,
}

/// Keeps every record in memory.
pub struct MemoryJournal {
    inner: Arc<Inner>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Default for MemoryJournal {
    fn default() -> Self {
        MemoryJournal::new()
    }
}

impl MemoryJournal {
    pub fn new() -> MemoryJournal {
        let inner = Arc::new(Inner {
            notices: Notices::new(Head::EMPTY),
            state: Mutex::default(),
            work: Condvar::new(),
            max_record: Options::default().max_record,
        });
        let log = inner.clone();
        let thread = std::thread::Builder::new().name("journal-memory".to_owned()).spawn(move || log.run());
        if let Err(e) = &thread {
            inner.fail(format!("no thread for the journal: {e}"));
        }
        MemoryJournal { inner, thread: Mutex::new(thread.ok()) }
    }

    /// Ends as a failed disk would: for tests of what stands above.
    pub fn fail(&self, why: &str) {
        self.inner.fail(why.to_owned());
    }

    fn record(&self, seq: u64) -> Option<(Arc<[u8]>, [u8; 32])> {
        if seq > self.inner.notices.durable().0 {
            return None;
        }
        let at = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.inner.state.lock().records.get(at).cloned()
    }
}

impl Inner {
    fn run(&self) {
        let mut done = 0;
        loop {
            let head = {
                let mut state = self.state.lock();
                while state.records.len() == done && state.stop.is_none() {
                    self.work.wait(&mut state);
                }
                if state.records.len() == done || matches!(state.stop, Some(JournalError::Failed { .. })) {
                    return;
                }
                done = state.records.len();
                Head { seq: Seq(done as u64), chain: state.records.last().map(|(_, c)| *c).unwrap_or_default() }
            };
            if let Err(why) = self.notices.run_before_commit() {
                return self.fail(why);
            }
            self.notices.publish(head);
        }
    }

    fn fail(&self, why: String) {
        let error = JournalError::Failed { why };
        self.state.lock().stop = Some(error.clone());
        self.notices.fail(&error);
        self.work.notify_all();
    }
}

impl Drop for MemoryJournal {
    fn drop(&mut self) {
        self.inner.state.lock().stop.get_or_insert(JournalError::Closed);
        self.inner.work.notify_all();
        if let Some(thread) = self.thread.lock().take() {
            // A hook that panicked took the thread with it; nobody is left to tell.
            let _ = thread.join();
        }
    }
}

impl Journal for MemoryJournal {
    fn append(&self, record: &[u8]) -> Result<Seq, JournalError> {
        if record.len() > self.inner.max_record {
            return Err(JournalError::TooLarge { len: record.len(), max: self.inner.max_record });
        }
        let mut state = self.inner.state.lock();
        if let Some(stop) = &state.stop {
            return Err(stop.clone());
        }
        let before = state.records.last().map(|(_, c)| *c).unwrap_or_default();
        state.records.push((record.into(), chain::link(&before, record)));
        let seq = state.records.len() as u64;
        self.inner.notices.appended.store(seq, Ordering::Release);
        drop(state);
        self.inner.work.notify_one();
        Ok(Seq(seq))
    }

    fn head(&self) -> Head {
        self.inner.notices.head()
    }

    fn durable(&self) -> Seq {
        self.inner.notices.durable()
    }

    fn wait_durable(&self, seq: Seq) -> Result<(), JournalError> {
        self.inner.notices.wait(seq)
    }

    fn on_durable(&self, hook: DurableHook) {
        self.inner.notices.on_durable(hook);
    }

    fn before_commit(&self, hook: CommitHook) {
        self.inner.notices.before_commit(hook);
    }

    fn get(&self, seq: Seq) -> Result<Option<Vec<u8>>, JournalError> {
        Ok(self.record(seq.0).map(|(r, _)| r.to_vec()))
    }

    fn read(&self, from: Seq, each: Each<'_>) -> Result<(), JournalError> {
        let last = self.durable().0;
        for seq in from.0.max(1)..=last {
            if let Some((record, _)) = self.record(seq)
                && each(Seq(seq), &record).is_break()
            {
                break;
            }
        }
        Ok(())
    }

    fn chain_at(&self, seq: Seq) -> Result<Option<[u8; 32]>, JournalError> {
        Ok(if seq == Seq::ZERO { Some([0; 32]) } else { self.record(seq.0).map(|(_, c)| c) })
    }
}
