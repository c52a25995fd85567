//! The ordered change feed: from each committed transaction to the plugins that asked to know.
//!
//! Transactions are offered in commit order and handed on by the `feed` thread once they are durable. A plugin's place in the
//! feed is kept in the world (`Fact::Reacted`), written with its own changes or every [`MARK_EVERY`] transactions, so after a
//! restart it goes on where it was; facts it answered with nothing may be shown to it again. A plugin never sees its own
//! transactions, so two subscriptions cannot loop on one plugin; a loop over two plugins is cut by the host's rate, not here.

use changzhi_model::{EntityId, Fact, Name, Seq, Transaction};
use changzhi_plugins::Notice;
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::sync::atomic::{AtomicBool, Ordering};

/// How many transactions may pass before a plugin's place is written even if it asked for nothing.
pub(crate) const MARK_EVERY: u64 = 10_000;

pub(crate) struct Feed {
    tx: Sender<(Seq, Transaction)>,
    rx: Receiver<(Seq, Transaction)>,
    /// Off while nobody subscribes, so that the hot path pays nothing.
    on: AtomicBool,
}

impl Feed {
    pub(crate) fn new() -> Feed {
        let (tx, rx) = unbounded();
        Feed { tx, rx, on: AtomicBool::new(false) }
    }

    pub(crate) fn turn_on(&self) {
        self.on.store(true, Ordering::Release);
    }

    pub(crate) fn offer(&self, seq: Seq, tx: Transaction) {
        if self.on.load(Ordering::Acquire) {
            // The receiver lives as long as the city.
            let _ = self.tx.send((seq, tx));
        }
    }

    pub(crate) fn receiver(&self) -> Receiver<(Seq, Transaction)> {
        self.rx.clone()
    }
}

/// What a transaction changed, each with the kind of what it changed.
pub(crate) fn notices(seq: Seq, tx: &Transaction, mut kind: impl FnMut(EntityId) -> Name) -> Vec<Notice> {
    let mut notice = |entity: EntityId, what: Name| Some(Notice { seq, at: tx.at, entity, kind: kind(entity), what });
    tx.facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Created { id, .. } => notice(*id, Name::new_static("created")),
            Fact::Put { entity, facet, .. } => notice(*entity, Name::from(format!("put:{facet}"))),
            Fact::Advanced { entity, event, .. } => notice(*entity, Name::from(format!("advanced:{event}"))),
            Fact::Moved { entity, .. } => notice(*entity, Name::new_static("moved")),
            Fact::Recategorised { entity, .. } => notice(*entity, Name::new_static("recategorised")),
            Fact::Erased { entity } => notice(*entity, Name::new_static("erased")),
            _ => None,
        })
        .collect()
}
