//! The words of the platform, shared by every crate of the host.
//!
//! Nothing here does I/O or knows a clock. The crate holds the vocabulary of `docs/architecture.md`: ids and values, what
//! a plugin declares ([`Manifest`]), what it asks for ([`Changes`]), what the journal keeps ([`Transaction`]), how a body
//! is checked against a declaration ([`body`]), and what the charter refuses ([`charter`]).

pub mod body;
mod change;
pub mod charter;
mod clock;
mod context;
mod declare;
mod id;
mod refusal;
mod transaction;
mod value;
mod wish;

pub use change::{Advance, Change, Changes, Create, Intent, Move, Note, Put, Recategorise};
pub use clock::{Clock, ManualClock, SystemClock};
pub use context::{Actor, Context};
pub use declare::{
    Access, CommandDecl, FacetDecl, Family, FieldDecl, FieldType, FlowDecl, GrantDecl, JobDecl, KindDecl, Manifest,
    Messages, Sensitivity, StateDecl, TransitionDecl, ViewDecl,
};
pub use id::{EntityId, IdError, Micros, RequestId, Seq};
pub use refusal::{Problem, Refusal};
pub use transaction::{CODEC_POSTCARD, DecodeError, Fact, Stored, TRANSACTION_VERSION, Transaction};
pub use value::{Msg, Named, Point, Text, Value};
pub use wish::{NOTIFY, NOTIFY_ROLES, Receiver, Said, SealedAt, WISHES, Wish, WishError};

/// A short name: of a facet, field, kind, category, state, role. Cloning it is cheap.
pub type Name = smol_str::SmolStr;
