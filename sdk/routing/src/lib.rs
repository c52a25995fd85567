//! Which category a message belongs to, and which open matters may be the same: proposals with reasons, for people to decide.
//!
//! ```text
//! title, words ──► Profile (n-grams, weighed) ──► Model::rank ──► Proposal: top three, reasons, or "no proposal"
//! names of the category tree ──► Model::seed ─────┘   ▲                 ▲
//! decided matters ──► Model::learn / forget ──────────┘   Calibration: the margin from which 95 % were right
//! two Sights (profile, place, time, category) ──► Likeness: log odds, part by part
//! ```
//!
//! Invariants:
//! 1. A model is sums of integers over hashed n-grams. Learning in any order gives the same model; forgetting undoes learning exactly.
//! 2. No text is kept: a reason is cut from the message that is asked about, never from what was learned.
//! 3. An n-gram that fewer than [`VOICES`] messages hold, and no name of the category tree, weighs nothing: what one person alone
//!    wrote decides nothing and can be read off no proposal.
//! 4. Nothing here takes a person: neither who wrote, nor how often, nor to whom. There is no such argument.
//!
//! Pure: no clock, no randomness, no I/O; the same on every machine that runs the same component.
//! Price: `cargo xtask bench routing` says what a message costs (tens of microseconds to rank); 16 bytes and 8 for each category an n-gram.
//! Method: complement naive Bayes (Rennie et al. 2003) on character n-grams, seeded with the names of the category tree.

mod calibration;
mod grams;
mod likeness;
mod model;
mod profile;
mod proposal;
mod rules;

pub use calibration::{Calibration, LEAST, PRECISION};
pub use likeness::{Likeness, Near, Sight, Verdict};
pub use model::{Class, Model, NotLearned, Ranked, SEED_WEIGHT, VOICES};
pub use profile::{Profile, TITLE_WEIGHT};
pub use proposal::{Choice, Proposal, Reason, TOP};
pub use rules::Rules;
