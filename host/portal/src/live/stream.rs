//! One browser's stream: who it is, what it looks at, what waits for it.

use super::inbox::Inbox;
use super::topic::Topic;
use crate::state::App;
use changzhi_gate::Session;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// What proved who somebody is, so that it can be asked again.
#[derive(Clone)]
pub(super) enum Proof {
    Cookie(String),
    Token(String),
}

impl Proof {
    /// The session as it is now. Does not count as a use: a page left open does not keep somebody signed in.
    pub(super) fn session(&self, app: &App) -> Option<Arc<Session>> {
        match self {
            Proof::Cookie(secret) => app.gate.still(secret),
            Proof::Token(token) => app.gate.by_token(token),
        }
    }

    /// The same for the same sign-in.
    pub(super) fn key(&self) -> [u8; 32] {
        let (Proof::Cookie(secret) | Proof::Token(secret)) = self;
        Sha256::digest(secret.as_bytes()).into()
    }
}

pub(super) struct Stream {
    pub(super) id: u64,
    pub(super) proof: Proof,
    pub(super) owner: [u8; 32],
    /// As it was when the stream began: any other ends it.
    pub(super) session: Arc<Session>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) topics: Mutex<Vec<Arc<Topic>>>,
}

impl Stream {
    /// The same person with the same rights.
    pub(super) fn is_as_before(&self, now: &Session) -> bool {
        let then = &self.session;
        then.account == now.account && then.held == now.held && then.purposes == now.purposes
    }
}
