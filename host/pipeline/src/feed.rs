//! The ordered change feed: from each committed transaction to the plugins that asked to know.
//!
//! ```text
//! commit ──► [`Feed::offer`] in commit order ──► `feed` thread: durable? ──► each subscriber that stands right before it: `react`
//!                                                     │                            │ changes, and its new place, in one transaction
//!                                                     └─ one that stands further back ◄─ the journal, from its place on
//! ```
//!
//! Invariants. A subscriber sees each change once and in order while the host runs: its place in memory moves with what it was shown,
//! and what lies between its place and what is offered is read from the journal first. Its place in the world (`Fact::Reacted`) is written with
//! its own changes, or every [`MARK_EVERY`] transactions; so after a restart what it answered with changes is not shown again, and what it
//! answered with nothing may be. A call that faults is made once more, then passed over with an error in the log: one poisoned change must not
//! stop all that come after it. A subscriber that is not asked at all (its breaker is open) keeps its place and goes on from there.
//! A plugin never sees its own transactions, so two subscriptions cannot loop on one plugin; a loop over two plugins is cut by the
//! host's rate, not here.

use changzhi_model::{EntityId, Fact, Name, Seq, Transaction};
use changzhi_plugins::Notice;
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How many transactions may pass before a plugin's place is written even if it asked for nothing.
pub(crate) const MARK_EVERY: u64 = 10_000;

/// What the `feed` thread wakes for.
pub(crate) enum Offered {
    Committed(Seq, Transaction),
    /// There is a subscriber that may have missed something.
    Subscribed,
}

pub(crate) struct Feed {
    tx: Sender<Offered>,
    rx: Receiver<Offered>,
    /// Off while nobody subscribes, so that the hot path pays nothing.
    on: AtomicBool,
    /// Every subscriber was shown everything up to here.
    shown: AtomicU64,
}

impl Feed {
    pub(crate) fn new() -> Feed {
        let (tx, rx) = unbounded();
        Feed { tx, rx, on: AtomicBool::new(false), shown: AtomicU64::new(0) }
    }

    /// A subscriber came in force: from here on commits are offered, and it is shown what it missed.
    pub(crate) fn subscribed(&self) {
        self.on.store(true, Ordering::Release);
        // The receiver lives as long as the city.
        let _ = self.tx.send(Offered::Subscribed);
    }

    pub(crate) fn offer(&self, seq: Seq, tx: Transaction) {
        if self.on.load(Ordering::Acquire) {
            let _ = self.tx.send(Offered::Committed(seq, tx));
        }
    }

    pub(crate) fn went_through(&self, upto: Seq) {
        self.shown.fetch_max(upto.0, Ordering::AcqRel);
    }

    /// Nobody subscribes, or everybody was shown everything up to there.
    pub(crate) fn is_through(&self, upto: Seq) -> bool {
        !self.on.load(Ordering::Acquire) || self.shown.load(Ordering::Acquire) >= upto.0
    }

    pub(crate) fn receiver(&self) -> Receiver<Offered> {
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
