//! The outbox: effects outside, done after commit, retried, and each result journaled.
//!
//! ```text
//! journal ──► fold: open intents ──► desk (one thread): whose turn is it, by which channel
//!    ▲                                  │ a lane for each channel, bounded
//!    │                                  ▼
//!    │                              worker: opens address and sealed words (a look in the access log), sends by its adapter
//!    └── Settled {intent, number, attempt, outcome} ◄──┘
//! gateway's receipt ──► Settled
//! ```
//!
//! Invariants:
//! 1. Only what is durable is done: the desk reads nothing else.
//! 2. Where an intent stands is a fold of the journal ([`Fold`]); after a restart it goes on where it was. Every intent ends in exactly
//!    one final state, which is journaled once.
//! 3. At least once: between the sending and its journaling lies a moment, and whoever is killed in it sends again. Each message carries
//!    its intent's place in the journal ([`Key`]) so that a gateway, a mail server or a browser can drop the repeat. A result that the
//!    journal does not take now (a full disk) is kept and journaled before the intent is touched again: that is no repeat.
//! 4. A channel that hangs or fails delays no other: each has its own lane with workers and a bounded queue.
//! 5. Addresses and sealed words exist between opening and sending only, in memory that is wiped; no log line, error or journaled reason
//!    holds one. Reasons are from a closed list ([`Why`]).
//!
//! Price: the whole journal is read once after a start, on the desk's thread, and nothing is sent before; some 300 bytes for each
//! open intent and each of the last [`KEPT`] that ended.

mod adapter;
mod channel;
mod desk;
mod fold;
mod host;
mod lane;
mod letter;
mod outcome;

pub use adapter::mail::{Mail, MailOptions, MailTls};
pub use adapter::push::{Push, PushError, PushOptions, VapidKey};
pub use adapter::sms::{Receipts, Sms, SmsOptions, Success, Template};
pub use adapter::{Adapter, AdapterError, Authority};
pub use channel::Channel;
pub use desk::{Options, Outbox, ReceiptError};
pub use fold::{Delivery, Fold, GivenUp, Key, Stands, Tally};
pub use host::{Host, Plan};
pub use letter::{Address, Letter, Subscription};
pub use outcome::{Outcome, Trouble, Why};

/// Ended intents whose state is kept for pages and receipts; the journal has them all.
pub const KEPT: usize = 50_000;
