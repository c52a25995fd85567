//! The gate itself: sign-in, sessions, tokens, and the decision about one request.

mod check;
mod host;
mod jobs;
mod sign_in;

pub use check::{Ask, Checked, Look};
pub use host::NewAccount;
pub use sign_in::SignedIn;

use crate::sessions::{Key, Length, Sessions};
use crate::sets::Sets;
use crate::throttle::{Failures, Rate, Rates};
use crate::{Backend, Session, identity_revision};
use changzhi_model::{Clock, EntityId, Seq};
use hashbrown::HashMap;
use parking_lot::RwLock;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

/// How long a sign-in lasts, how many there may be, how fast commands may come, and which plugins answer where.
#[derive(Clone, Debug)]
pub struct GateOptions {
    /// Without a request for so long, a session ends. Default 30 min.
    pub idle: Duration,
    /// However busy, it ends after this. Default 12 h.
    pub absolute: Duration,
    /// Sessions kept; the one unused longest makes room. Default 100,000.
    pub sessions: usize,
    /// Passwords hashed at once, 19 MiB each; more are told to wait. Default 4.
    pub hashing: usize,
    /// Default none.
    pub rate: Rate,
    /// Default: every plugin answers everywhere.
    pub sets: Sets,
}

impl Default for GateOptions {
    fn default() -> GateOptions {
        GateOptions {
            idle: Duration::from_secs(30 * 60),
            absolute: Duration::from_secs(12 * 3600),
            sessions: 100_000,
            hashing: 4,
            rate: Rate::NONE,
            sets: Sets::default(),
        }
    }
}

/// Tokens whose session is kept ready.
const TOKENS_KEPT: usize = 10_000;

/// Shared as `Arc` by everything that lets somebody in.
pub struct Gate {
    backend: Arc<dyn Backend>,
    clock: Arc<dyn Clock>,
    options: GateOptions,
    sessions: Sessions,
    failures: Failures,
    rates: Rates,
    tokens: RwLock<HashMap<Key, Arc<Session>>>,
    hashing: AtomicUsize,
    /// What an unknown login is checked against, so that it takes as long as a known one.
    nobody: String,
}

impl Gate {
    /// # Errors
    /// When argon2 cannot run with its parameters: no memory.
    pub fn new(backend: Arc<dyn Backend>, clock: Arc<dyn Clock>, options: GateOptions) -> Result<Gate, String> {
        let nobody = crate::password::hash(&crate::sessions::fresh(), "", changzhi_model::RequestId::default())?;
        Ok(Gate {
            backend,
            clock,
            options,
            sessions: Sessions::default(),
            failures: Failures::default(),
            rates: Rates::default(),
            tokens: RwLock::new(HashMap::new()),
            hashing: AtomicUsize::new(0),
            nobody,
        })
    }

    /// Sessions in memory, for `/metrics`.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// Ends every sign-in of an account; how many there were.
    pub fn revoke_sessions(&self, account: EntityId) -> usize {
        self.sessions.end_all_of(account)
    }

    fn length(&self) -> Length {
        Length { idle: self.options.idle, absolute: self.options.absolute }
    }

    fn revision(&self) -> Seq {
        let mut revision = Seq::ZERO;
        self.backend.read(&mut |r| revision = identity_revision(r));
        revision
    }

    /// One look at the world.
    fn read<T>(&self, look: impl FnOnce(&dyn crate::Records) -> T) -> Option<T> {
        let (mut look, mut out) = (Some(look), None);
        self.backend.read(&mut |r| out = look.take().map(|look| look(r)));
        out
    }
}
