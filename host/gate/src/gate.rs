//! The gate itself: sign-in, sessions, tokens, and the decision about one request.

mod check;
mod claim;
mod host;
mod jobs;
mod sign_in;
mod words;

pub use check::{Ask, Checked, Look};
pub use claim::{DEVICE_SECRET, DeviceProof, OWN, PIN};
pub use host::NewAccount;
pub use sign_in::{Client, SignedIn};
pub use words::{ALARM_WORD, WORDS};

use crate::kept::Kept;
use crate::sessions::{Key, Length, Sessions};
use crate::sets::Sets;
use crate::throttle::{Failures, Rate, Rates};
use crate::{Backend, Session, SessionInfo, identity_revision};
use changzhi_model::{Clock, EntityId, Micros, Seq};
use hashbrown::HashMap;
use parking_lot::RwLock;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
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
    /// The file in which sign-ins outlive a restart. Default none: a restart signs everybody out.
    pub sign_ins: Option<PathBuf>,
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
            sign_ins: None,
        }
    }
}

/// Tokens whose session is kept ready.
const TOKENS_KEPT: usize = 10_000;

/// Shared as `Arc` by everything that lets somebody in.
pub struct Gate {
    backend: Arc<dyn Backend>,
    clock: Arc<dyn Clock>,
    /// The latest the clock has shown; see [`Gate::now`].
    latest: AtomicI64,
    options: GateOptions,
    sessions: Sessions,
    /// Visitors who gave a matter's PIN.
    claims: Sessions,
    failures: Failures,
    /// Wrong PINs, by the matter's number and by address.
    wrong_pins: Failures,
    /// What came from an address without an account.
    strangers: Failures,
    /// What PINs are made and kept with; see [`claim`].
    pepper: OnceLock<claim::Pepper>,
    rates: Rates,
    tokens: RwLock<HashMap<Key, Arc<Session>>>,
    hashing: AtomicUsize,
    /// What an unknown login is checked against, so that it takes as long as a known one.
    nobody: String,
}

impl Gate {
    /// # Errors
    /// When argon2 cannot run with its parameters (no memory), or the file of sign-ins cannot be written.
    pub fn new(backend: Arc<dyn Backend>, clock: Arc<dyn Clock>, options: GateOptions) -> Result<Gate, String> {
        let nobody = crate::password::hash(&crate::sessions::fresh(), "", changzhi_model::RequestId::default())?;
        let mut gate = Gate {
            backend,
            clock,
            latest: AtomicI64::new(i64::MIN),
            options,
            sessions: Sessions::default(),
            claims: Sessions::default(),
            failures: Failures::default(),
            wrong_pins: Failures::default(),
            strangers: Failures::default(),
            pepper: OnceLock::new(),
            rates: Rates::default(),
            tokens: RwLock::new(HashMap::new()),
            hashing: AtomicUsize::new(0),
            nobody,
        };
        if let Some(path) = gate.options.sign_ins.clone() {
            let now = gate.clock.now();
            let (kept, found) = Kept::open(&path, now, gate.length())
                .map_err(|e| format!("{}: {e}: the folder must be writable for the host", path.display()))?;
            gate.sessions = Sessions::with(kept, found, |account| {
                gate.read(|r| Session::of_account(r, account, gate.now())).flatten()
            });
        }
        Ok(gate)
    }

    /// Sessions in memory, for `/metrics`.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// Ends every sign-in of an account; how many there were.
    pub fn revoke_sessions(&self, account: EntityId) -> usize {
        self.sessions.end_all_of(account, self.clock.now())
    }

    /// The account's sign-ins, the one used last first. `cookie` is the asker's own.
    pub fn sessions_of(&self, account: EntityId, cookie: &str) -> Vec<SessionInfo> {
        self.sessions.list(account, cookie, self.clock.now(), self.length())
    }

    /// Ends one sign-in of an account by its [`SessionInfo::id`]; false when there is none (any more).
    pub fn end_session(&self, account: EntityId, id: &str) -> bool {
        self.sessions.end_one(account, id, self.clock.now())
    }

    /// Ends every sign-in of an account but the asker's own; how many there were.
    pub fn end_other_sessions(&self, account: EntityId, cookie: &str) -> usize {
        self.sessions.end_others(account, cookie, self.clock.now())
    }

    /// The clock, held where it was when it jumps back: what ended does not begin again.
    pub fn now(&self) -> Micros {
        let now = self.clock.now();
        now.max(Micros(self.latest.fetch_max(now.0, Ordering::AcqRel)))
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
