//! Who, may they, is the body valid, for what purpose.
//!
//! [`Identity`] is the host's own domain: accounts, roles on divisions, purposes, API tokens and places, all as ordinary
//! commands in the journal. [`Gate`] holds the sessions and turns what somebody asks for into a `Submission`, or into a
//! [`GateRefusal`] that says what is missing. [`Rate`] says how fast commands may come, [`Sets`] which plugins answer where.
//! Nobody reaches the pipeline around it.
//!
//! Price: one hash lookup and a look at the world's revision for each request; argon2id only at sign-in, never for a token.

mod backend;
mod city;
mod delegation;
mod gate;
mod identity;
mod kept;
mod password;
mod reach;
mod refusal;
mod scope;
mod session;
mod sessions;
mod sets;
mod throttle;

pub use backend::{Backend, Core, Records, identity_revision};
pub use changzhi_pipeline::{ACTED_FOR, Expected, Outcome, Submission};
pub use city::{CityBackend, WorldRecords};
pub use delegation::{Delegation, Lent};
pub use gate::{
    ALARM_WORD, Ask, Checked, Client, DEVICE_SECRET, DeviceProof, Gate, GateOptions, Look, NewAccount, OWN, PIN,
    SignedIn, WORDS,
};
pub(crate) use identity::{ADMIN, KEEP_SECRET};
pub use identity::{HOST, Identity, KEEP_FILE, PLACE_KINDS};
pub use password::{ARGON2, PASSWORD_MIN, hash as hash_password, is_hash};
pub use reach::{Reach, holders};
pub use refusal::GateRefusal;
pub use session::{Held, OWN_MATTER, REPORTER, Session};
pub use sessions::SessionInfo;
pub use sets::Sets;
pub use throttle::Rate;
