//! The Common Alerting Protocol (OASIS CAP): public alerts as other systems send and read them.
//!
//! ```text
//! bytes ──► tree (no DTD, no entities, limits) ──► read: CAP 1.0 / 1.1 / 1.2 in schema order ──► Alert + warnings
//! Alert ──► rules: every flaw, each with its place and how to mend it ──► write: CAP 1.2 in schema order
//! ```
//!
//! Pure: no I/O, no clock, nothing of the host. The host and the plugin that writes alerts use the same rules, so what a person
//! submits is judged by what will be written.
//!
//! Invariants: what [`write`] gives is valid by the schema of CAP 1.2 and keeps [`rules::check`]; what [`read`] takes is valid by the
//! schema of its own version; nothing outside a message is ever fetched; the work is bounded by [`Limits`].
//!
//! Not here: XML signatures. One that is there is passed over and told ([`Read::signed`]); nothing is signed.

mod china;
mod edxl;
mod flaw;
mod geometry;
mod model;
mod moment;
mod read;
pub mod rules;
mod schema;
mod tree;
mod write;

pub use changzhi_divisions::Division;
pub use china::{COLOURS, Colour, GEOCODE, SenderCode, division};
pub use edxl::{Inside, messages};
pub use flaw::{CapError, Flaw};
pub use geometry::{Circle, Point, Ring};
pub use model::{
    Alert, Area, Category, Certainty, Info, MsgType, Pair, Reference, Resource, Response, Scope, Severity, Status,
    Urgency, Version,
};
pub use moment::Moment;
pub use read::{Read, read};
pub use tree::Limits;
pub use write::write;
