//! What is durable, and who wants to know.
//!
//! One broadcast and one run over the hooks a group, whatever its size. The failure is told once to every hook and to
//! every waiter, and to those that come later.

use crate::{CommitHook, DurableHook, Head, JournalError};
use changzhi_model::Seq;
use parking_lot::{Condvar, Mutex, RwLock};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) struct Notices {
    /// Also the highest sequence given out, for `wait_durable` to refuse the impossible.
    pub appended: AtomicU64,
    durable: AtomicU64,
    state: Mutex<State>,
    moved: Condvar,
    hooks: Mutex<Hooks>,
    commit: RwLock<Arc<Vec<SharedCommit>>>,
}

type SharedDurable = Arc<dyn Fn(Result<Seq, JournalError>) + Send + Sync>;
type SharedCommit = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

struct State {
    head: Head,
    failed: Option<JournalError>,
}

#[derive(Default)]
struct Hooks {
    list: Arc<Vec<SharedDurable>>,
    failed: Option<JournalError>,
}

impl Notices {
    pub(crate) fn new(head: Head) -> Notices {
        Notices {
            appended: AtomicU64::new(head.seq.0),
            durable: AtomicU64::new(head.seq.0),
            state: Mutex::new(State { head, failed: None }),
            moved: Condvar::new(),
            hooks: Mutex::new(Hooks::default()),
            commit: RwLock::default(),
        }
    }

    pub(crate) fn head(&self) -> Head {
        self.state.lock().head
    }

    pub(crate) fn durable(&self) -> Seq {
        Seq(self.durable.load(Ordering::Acquire))
    }

    pub(crate) fn failure(&self) -> Option<JournalError> {
        self.state.lock().failed.clone()
    }

    pub(crate) fn wait(&self, seq: Seq) -> Result<(), JournalError> {
        if self.durable() >= seq {
            return Ok(());
        }
        let last = self.appended.load(Ordering::Acquire);
        if seq.0 > last {
            return Err(JournalError::NotAppended { seq: seq.0, last });
        }
        let mut state = self.state.lock();
        loop {
            if state.head.seq >= seq {
                return Ok(());
            }
            if let Some(error) = &state.failed {
                return Err(error.clone());
            }
            self.moved.wait(&mut state);
        }
    }

    /// Everything up to `head` is on the medium.
    pub(crate) fn publish(&self, head: Head) {
        {
            let mut state = self.state.lock();
            state.head = head;
            self.durable.store(head.seq.0, Ordering::Release);
        }
        let hooks = self.hooks.lock().list.clone();
        for hook in hooks.iter() {
            hook(Ok(head.seq));
        }
        self.moved.notify_all();
    }

    /// The first failure counts; later ones are dropped.
    pub(crate) fn fail(&self, error: &JournalError) {
        {
            let mut state = self.state.lock();
            if state.failed.is_some() {
                return;
            }
            state.failed = Some(error.clone());
        }
        let hooks = {
            let mut hooks = self.hooks.lock();
            hooks.failed = Some(error.clone());
            std::mem::take(&mut hooks.list)
        };
        for hook in hooks.iter() {
            hook(Err(error.clone()));
        }
        self.moved.notify_all();
    }

    pub(crate) fn on_durable(&self, hook: DurableHook) {
        let mut hooks = self.hooks.lock();
        match hooks.failed.clone() {
            Some(error) => {
                drop(hooks);
                hook(Err(error));
            }
            None => Arc::make_mut(&mut hooks.list).push(Arc::from(hook)),
        }
    }

    pub(crate) fn before_commit(&self, hook: CommitHook) {
        Arc::make_mut(&mut self.commit.write()).push(Arc::from(hook));
    }

    pub(crate) fn run_before_commit(&self) -> Result<(), String> {
        let hooks = self.commit.read().clone();
        hooks.iter().try_for_each(|hook| hook())
    }
}
