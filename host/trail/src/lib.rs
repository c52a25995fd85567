//! Who did what, who looked at whom, what happened to whose matters: the journal, read again by other keys.
//!
//! [`Trail`] is a fold of the journal like the world is, and holds next to nothing but sequence numbers: what a line says is read
//! back from its transaction when it is shown. It answers
//!
//! - an account: what did I do, which matters did I file and handle, what happened to them since ([`Trail::news`]);
//! - anybody a record is about: who looked at it, when, for which purpose ([`Trail::looks`], CHARTER 7);
//! - operators: when did each source of data last bring something, which plugin version came and went.
//!
//! Nothing here ranks, counts or compares people: every question is about one account or one record, and none returns a number of
//! what somebody did.
//!
//! Invariants:
//! 1. [`Trail::upto`] says how far it has read. It shows only what is durable, because it reads only that.
//! 2. Applying the same transactions in the same order gives the same trail; one that was applied already is passed over.
//! 3. Every list is bounded ([`KEPT`], [`MATTERS`]): the oldest entries leave first; the journal still has them.
//!
//! Price: 8 bytes an entry, some 60 bytes a matter whose people are known, at most. The whole journal is read once after a start,
//! on a thread of its own ([`Following`]), while the host is at work already; until it has caught up, answers say so.

mod fold;
mod follow;
mod ring;

pub use fold::{About, News, Source, Switch};
pub use follow::Following;

use changzhi_model::{EntityId, Micros, Seq, Transaction};
use fold::Fold;
use parking_lot::RwLock;

/// Entries kept of each list of an account or a record.
pub const KEPT: usize = 500;
/// Matters whose people are kept.
pub const MATTERS: usize = 1_000_000;

/// See the crate. Shared as `Arc`.
#[derive(Default)]
pub struct Trail(RwLock<Fold>);

impl Trail {
    /// Takes the next transaction in; one that is not newer than [`Trail::upto`] is passed over.
    pub fn apply(&self, seq: Seq, tx: &Transaction) {
        self.0.write().apply(seq, tx);
    }

    /// The last transaction taken in.
    pub fn upto(&self) -> Seq {
        self.0.read().upto
    }

    /// The time of the last transaction.
    pub fn at(&self) -> Micros {
        self.0.read().at
    }

    /// Transactions an account caused, newest first; looks at personal data are among them.
    pub fn deeds(&self, account: EntityId) -> Vec<Seq> {
        self.0.read().deeds(account)
    }

    /// Transactions in which somebody looked at personal fields of a record, newest first.
    pub fn looks(&self, record: EntityId) -> Vec<Seq> {
        self.0.read().looks(record)
    }

    /// Matters an account filed, newest first.
    pub fn filed(&self, account: EntityId) -> Vec<EntityId> {
        self.0.read().filed(account)
    }

    /// Matters an account moved on, the one it moved last first.
    pub fn handled(&self, account: EntityId) -> Vec<EntityId> {
        self.0.read().handled(account)
    }

    /// What others did to matters the account filed, follows or handled, and what ended that it began; newest first.
    pub fn news(&self, account: EntityId) -> Vec<News> {
        self.0.read().news(account)
    }

    /// When each source of data last brought something, by plugin and name.
    pub fn sources(&self) -> Vec<Source> {
        self.0.read().sources()
    }

    /// Plugin versions that were put in force, newest first.
    pub fn switches(&self) -> Vec<Switch> {
        self.0.read().switches()
    }
}
