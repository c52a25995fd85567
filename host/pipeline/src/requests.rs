//! Answering a request once for ever.
//!
//! An id is `Running` from the moment it comes in, `Committed` once its transaction has a place in the journal, and lives on
//! in the store once indexed. A second submission under a running id waits for the first; under a committed one it gets the
//! first one's answer; with another body it is a conflict. A refused request leaves no trace: it may be asked again. An id that
//! nobody can ask for again ([`RequestId::is_keyless`]) is not remembered at all.

use crate::source::JournalSource;
use crate::submission::{Outcome, Tell};
use changzhi_model::{RequestId, Seq};
use changzhi_store::{Store, StoreError};
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::sync::Arc;

const SHARDS: usize = 16;

enum Entry {
    Running { digest: [u8; 16], also: Vec<Tell> },
    Committed { digest: [u8; 16], seq: Seq },
}

/// What a submission finds under its id.
pub(crate) enum Begin {
    /// Go on; `tell` is handed back.
    New(Tell),
    /// The same request runs; it will tell.
    Joined,
    /// Done before, at this transaction.
    Replay(Seq, Tell),
    /// Another body was sent under this id.
    Differs(Tell),
    /// The store cannot be read.
    Broken(String, Tell),
}

pub(crate) struct Requests {
    shards: [Mutex<HashMap<RequestId, Entry>>; SHARDS],
    store: Arc<Store>,
    source: JournalSource,
    mending: Mutex<()>,
}

impl Requests {
    pub(crate) fn new(store: Arc<Store>, source: JournalSource) -> Requests {
        let shards = std::array::from_fn(|_| Mutex::new(HashMap::new()));
        Requests { shards, store, source, mending: Mutex::new(()) }
    }

    /// The store failed: from here on it works in memory, filled anew from the journal. Whoever finds it first does it.
    pub(crate) fn mend(&self) -> Result<(), StoreError> {
        let _one = self.mending.lock();
        if self.store.is_in_memory() {
            return Ok(());
        }
        tracing::error!("the store stopped working; request ids are kept in memory until the host restarts");
        self.store.go_on_in_memory(&self.source)
    }

    fn seen(&self, id: RequestId) -> Result<Option<(Seq, [u8; 16])>, StoreError> {
        match self.store.seen(id) {
            Err(e) if !self.store.is_in_memory() => {
                tracing::error!(error = %e, "the request index cannot be read");
                self.mend()?;
                self.store.seen(id)
            }
            found => found,
        }
    }

    fn shard(&self, id: RequestId) -> &Mutex<HashMap<RequestId, Entry>> {
        let [first, ..] = self.shards.each_ref();
        let index = usize::from(id.0[0]) % SHARDS;
        self.shards.get(index).unwrap_or(first)
    }

    pub(crate) fn begin(&self, id: RequestId, digest: [u8; 16], tell: Tell) -> Begin {
        if id.is_keyless() {
            return Begin::New(tell);
        }
        let mut shard = self.shard(id).lock();
        match shard.get_mut(&id) {
            Some(Entry::Running { digest: first, also }) => {
                if *first != digest {
                    return Begin::Differs(tell);
                }
                also.push(tell);
                return Begin::Joined;
            }
            Some(Entry::Committed { digest: first, seq }) => {
                return if *first == digest { Begin::Replay(*seq, tell) } else { Begin::Differs(tell) };
            }
            None => {}
        }
        match self.seen(id) {
            Ok(Some((seq, first))) if first == digest => Begin::Replay(seq, tell),
            Ok(Some(_)) => Begin::Differs(tell),
            Ok(None) => {
                shard.insert(id, Entry::Running { digest, also: Vec::new() });
                Begin::New(tell)
            }
            Err(e) => Begin::Broken(e.to_string(), tell),
        }
    }

    /// The transaction has its place; callers that joined are returned to be told with it.
    pub(crate) fn committed(&self, id: RequestId, seq: Seq, digest: [u8; 16]) -> Vec<Tell> {
        if id.is_keyless() {
            return Vec::new();
        }
        match self.shard(id).lock().insert(id, Entry::Committed { digest, seq }) {
            Some(Entry::Running { also, .. }) => also,
            _ => Vec::new(),
        }
    }

    /// Nothing was committed under this id; callers that joined are returned.
    pub(crate) fn released(&self, id: RequestId) -> Vec<Tell> {
        if id.is_keyless() {
            return Vec::new();
        }
        match self.shard(id).lock().remove(&id) {
            Some(Entry::Running { also, .. }) => also,
            _ => Vec::new(),
        }
    }

    /// The store knows it now.
    pub(crate) fn indexed(&self, id: RequestId) {
        if id.is_keyless() {
            return;
        }
        self.shard(id).lock().remove(&id);
    }
}

/// Tells everybody who asked under one id. Those who joined see it as a replay.
pub(crate) fn tell_all(first: Tell, also: Vec<Tell>, outcome: Outcome) {
    if !also.is_empty() {
        let theirs = match outcome.clone() {
            Outcome::Done { seq, answer, changed, .. } => Outcome::Done { seq, answer, changed, replayed: true },
            other => other,
        };
        for tell in also {
            tell(theirs.clone());
        }
    }
    first(outcome);
}
