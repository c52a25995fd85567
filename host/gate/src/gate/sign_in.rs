//! Proving who one is: by password into a session, by token for each request.

use super::{Gate, TOKENS_KEPT};
use crate::sessions::key;
use crate::{GateRefusal, Session, password};
use changzhi_model::{EntityId, Value};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// Longest password looked at, in bytes: argon2 over a megabyte is a gift to an attacker.
pub(super) const PASSWORD_MAX: usize = 128;

/// Where a sign-in comes from.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// Its address, for slowing guesses.
    pub address: String,
    /// What it calls itself (`User-Agent`), shown to the account's owner and nobody else.
    pub device: String,
}

impl From<&str> for Client {
    /// A client of which only the address is known.
    fn from(address: &str) -> Client {
        Client { address: address.to_owned(), device: String::new() }
    }
}

/// A fresh session and the secret its cookie carries.
pub struct SignedIn {
    pub session: Arc<Session>,
    pub cookie: String,
}

impl Gate {
    /// Takes tens of milliseconds on purpose: call it where blocking is allowed.
    ///
    /// # Errors
    /// [`GateRefusal::WrongPassword`], alike for an unknown login; [`GateRefusal::Throttled`] after too many failures, without
    /// looking at the password.
    pub fn sign_in(&self, login: &str, password: &str, client: impl Into<Client>) -> Result<SignedIn, GateRefusal> {
        let client = client.into();
        let address = client.address.as_str();
        let login: String = login.trim().chars().take(64).collect();
        let now = self.clock.now();
        self.failures.admit(&login, address, now).map_err(GateRefusal::Throttled)?;
        let wanted = Value::text(login.as_str());
        let account = self.read(|r| r.find("host.account", "login", &wanted)).flatten();
        let stored = match account {
            Some(id) => self.stored_password(id)?,
            None => None,
        };
        let fits = self.verified(password, stored.as_deref().unwrap_or(&self.nobody))?;
        let session = match (fits && stored.is_some(), account) {
            (true, Some(id)) => self.read(|r| Session::of_account(r, id, self.now())).flatten(),
            _ => None,
        };
        let Some(session) = session else {
            self.failures.failed(&login, address, now);
            tracing::info!(address, "sign-in refused");
            return Err(GateRefusal::WrongPassword);
        };
        self.failures.succeeded(&login);
        let session = Arc::new(session);
        let cookie = self.sessions.begin(Arc::clone(&session), now, self.length(), self.options.sessions, &client);
        tracing::info!(account = session.account.0, "signed in");
        Ok(SignedIn { session, cookie })
    }

    pub fn sign_out(&self, cookie: &str) {
        self.sessions.end(cookie, self.clock.now());
    }

    /// The session of a cookie, as the journal has it now; `None` when it ended or the account closed.
    pub fn by_cookie(&self, cookie: &str) -> Option<Arc<Session>> {
        let live = self.sessions.get(cookie, self.clock.now(), self.length())?;
        let session = Arc::clone(&live.session.read());
        let now = self.now();
        if session.stands(self.revision(), now) {
            return Some(session);
        }
        match self.read(|r| session.again(r, now)).flatten() {
            Some(fresh) => {
                let fresh = Arc::new(fresh);
                *live.session.write() = Arc::clone(&fresh);
                Some(fresh)
            }
            None => {
                self.sessions.revoke(cookie, self.clock.now());
                None
            }
        }
    }

    /// True when this sign-in was ended from elsewhere (by its owner, by closing the account): its device is to forget what it
    /// keeps. Remembered for seven days.
    pub fn was_revoked(&self, cookie: &str) -> bool {
        self.sessions.was_revoked(cookie)
    }

    /// As [`Gate::by_cookie`], without counting as a use: a page that is only left open does not keep somebody signed in.
    pub fn still(&self, cookie: &str) -> Option<Arc<Session>> {
        let live = self.sessions.peek(cookie, self.clock.now(), self.length())?;
        let session = Arc::clone(&live.session.read());
        let now = self.now();
        if session.stands(self.revision(), now) {
            return Some(session);
        }
        self.read(|r| session.again(r, now)).flatten().map(Arc::new)
    }

    /// Sign-ins that were ended so far, by their owners or from above: who it changes for asks [`Gate::still`] again.
    pub fn ended(&self) -> u64 {
        self.sessions.ended()
    }

    /// The session of an API token. No argon2: a token has 256 bits of its own.
    pub fn by_token(&self, token: &str) -> Option<Arc<Session>> {
        if token.is_empty() || token.len() > 256 {
            return None;
        }
        let key = key(token);
        let now = self.now();
        let kept = self.tokens.read().get(&key).cloned();
        let session = match kept {
            Some(session) if session.stands(self.revision(), now) => session,
            _ => {
                let hash = Value::Text(hex::encode(key));
                let found = self
                    .read(|r| r.find("host.token", "hash", &hash).and_then(|id| Session::of_token(r, id, now)))
                    .flatten();
                let mut tokens = self.tokens.write();
                let Some(session) = found.map(Arc::new) else {
                    tokens.remove(&key);
                    return None;
                };
                if tokens.len() >= TOKENS_KEPT {
                    tokens.clear();
                }
                tokens.insert(key, Arc::clone(&session));
                session
            }
        };
        session.expires.is_some_and(|at| at > now).then_some(session)
    }

    /// What a form must send along, made from the cookie's secret: another site knows neither.
    pub fn csrf(cookie: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(b"changzhi csrf ");
        hash.update(cookie.as_bytes());
        hex::encode(hash.finalize())
    }

    /// Takes the same time wherever the texts differ.
    pub fn csrf_fits(cookie: &str, sent: &str) -> bool {
        Gate::csrf(cookie).as_bytes().ct_eq(sent.as_bytes()).into()
    }

    /// A secret for a cookie that is no session yet: the sign-in form's own.
    pub fn fresh_secret() -> String {
        crate::sessions::fresh()
    }

    /// The account's own display name, for its own eyes.
    pub fn own_name(&self, session: &Session) -> Option<String> {
        match self.backend.secret(session.account, "host.account", "name") {
            Ok(Some(Value::Text(name))) => Some(name),
            _ => None,
        }
    }

    pub(super) fn stored_password(&self, account: EntityId) -> Result<Option<String>, GateRefusal> {
        match self.backend.secret(account, "host.account", "password") {
            Ok(Some(Value::Text(stored))) => Ok(Some(stored)),
            Ok(_) => Ok(None),
            Err(why) => Err(GateRefusal::Unavailable(why)),
        }
    }

    pub(super) fn verified(&self, password: &str, stored: &str) -> Result<bool, GateRefusal> {
        let short = password.len() <= PASSWORD_MAX;
        self.hashing(|| password::verify(if short { password } else { "" }, stored)).map(|fits| fits && short)
    }

    /// Runs one hash if a place is free.
    pub(super) fn hashing<T>(&self, hash: impl FnOnce() -> T) -> Result<T, GateRefusal> {
        let before = self.hashing.fetch_add(1, Ordering::AcqRel);
        let out = if before < self.options.hashing {
            Ok(hash())
        } else {
            Err(GateRefusal::Throttled(Duration::from_secs(1)))
        };
        self.hashing.fetch_sub(1, Ordering::AcqRel);
        out
    }
}
