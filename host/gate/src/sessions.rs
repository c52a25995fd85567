//! Sign-ins in memory, and in a file that outlives a restart where there is one ([`crate::kept`]).
//!
//! Kept under the SHA-256 of the cookie's value: who reads the memory of a core dump cannot sign in with it.

use crate::kept::{Found, Kept};
use crate::{Client, Session};
use changzhi_model::{EntityId, Micros};
use hashbrown::{HashMap, HashSet};
use parking_lot::RwLock;
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

pub(crate) type Key = [u8; 32];

/// 256 random bits in hex.
pub(crate) fn fresh() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}

pub(crate) fn key(secret: &str) -> Key {
    Sha256::digest(secret.as_bytes()).into()
}

/// Of what a client calls itself, so many characters are kept.
const DEVICE_MAX: usize = 256;

/// One sign-in, as its owner sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionInfo {
    /// Names it for ending it, and says nothing about its cookie.
    pub id: String,
    pub device: String,
    pub address: String,
    pub begun: Micros,
    pub used: Micros,
    /// The asker's own.
    pub own: bool,
}

/// A hash of the key: who reads it on a screen cannot sign in.
fn handle(key: &Key) -> String {
    let hash = hex::encode(Sha256::digest([b"changzhi session ".as_slice(), key].concat()));
    hash.get(..16).unwrap_or_default().to_owned()
}

pub(crate) struct Live {
    pub(crate) session: RwLock<Arc<Session>>,
    client: Client,
    begun: Micros,
    used: AtomicI64,
    /// The last use that was written down.
    noted: AtomicI64,
}

#[derive(Default)]
pub(crate) struct Sessions {
    by: RwLock<HashMap<Key, Arc<Live>>>,
    /// Sign-ins that were ended, so far.
    ended: AtomicU64,
    /// Sign-ins ended from elsewhere, the oldest first: at its next contact such a device is told to forget what it keeps.
    revoked: RwLock<Revoked>,
    kept: Option<Kept>,
}

#[derive(Default)]
struct Revoked {
    keys: HashSet<Key>,
    order: VecDeque<Key>,
}

/// Revoked sign-ins remembered; a device that stays away longer still wipes itself after seven days.
const REVOKED_MAX: usize = 100_000;

impl Revoked {
    fn add(&mut self, key: Key) {
        if self.keys.insert(key) {
            self.order.push_back(key);
        }
        while self.order.len() > REVOKED_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.keys.remove(&oldest);
            }
        }
    }
}

/// How long a sign-in lasts.
#[derive(Clone, Copy)]
pub(crate) struct Length {
    pub(crate) idle: Duration,
    pub(crate) absolute: Duration,
}

impl Live {
    fn is_over(&self, now: Micros, length: Length) -> bool {
        let passed = |since: i64| u64::try_from(now.0.saturating_sub(since)).unwrap_or(0);
        Duration::from_micros(passed(self.used.load(Ordering::Relaxed))) > length.idle
            || Duration::from_micros(passed(self.begun.0)) > length.absolute
    }
}

impl Sessions {
    /// With what a start found; `session` is the account's as the journal has it, `None` when it is closed.
    pub(crate) fn with(kept: Kept, found: Found, session: impl Fn(EntityId) -> Option<Session>) -> Sessions {
        let mut by = HashMap::new();
        for (key, account, begun, used) in found.live {
            let Some(session) = session(account) else { continue };
            // From which device it was is not kept.
            let client = Client { address: String::new(), device: String::new() };
            let (session, used) = (RwLock::new(Arc::new(session)), || AtomicI64::new(used.0));
            let live = Live { session, client, begun, used: used(), noted: used() };
            by.insert(key, Arc::new(live));
        }
        let mut revoked = Revoked::default();
        found.revoked.into_iter().for_each(|key| revoked.add(key));
        Sessions { by: RwLock::new(by), ended: AtomicU64::new(0), revoked: RwLock::new(revoked), kept: Some(kept) }
    }

    pub(crate) fn begin(
        &self,
        session: Arc<Session>,
        now: Micros,
        length: Length,
        most: usize,
        client: &Client,
    ) -> String {
        let secret = fresh();
        let device = client.device.chars().filter(|c| !c.is_control()).take(DEVICE_MAX).collect();
        let client = Client { address: client.address.clone(), device };
        let (session, used) = (RwLock::new(session), || AtomicI64::new(now.0));
        let live = Live { session, client, begun: now, used: used(), noted: used() };
        let mut by = self.by.write();
        if by.len() >= most {
            by.retain(|_, l| !l.is_over(now, length));
        }
        if by.len() >= most
            && let Some(oldest) = by.iter().min_by_key(|(_, l)| l.used.load(Ordering::Relaxed)).map(|(k, _)| *k)
        {
            by.remove(&oldest);
        }
        let key = key(&secret);
        if let Some(kept) = &self.kept {
            kept.began(&key, live.session.read().account, now);
        }
        by.insert(key, Arc::new(live));
        secret
    }

    pub(crate) fn get(&self, secret: &str, now: Micros, length: Length) -> Option<Arc<Live>> {
        let key = key(secret);
        let live = self.by.read().get(&key).cloned()?;
        if live.is_over(now, length) {
            self.by.write().remove(&key);
            return None;
        }
        live.used.store(now.0, Ordering::Relaxed);
        if let Some(kept) = &self.kept {
            // A third of the time after which it would be over: seldom, and near enough.
            let third = i64::try_from(length.idle.as_micros() / 3).unwrap_or(i64::MAX);
            if now.0.saturating_sub(live.noted.load(Ordering::Relaxed)) >= third {
                live.noted.store(now.0, Ordering::Relaxed);
                kept.used(&key, now);
            }
        }
        Some(live)
    }

    /// As `get`, but no use of it.
    pub(crate) fn peek(&self, secret: &str, now: Micros, length: Length) -> Option<Arc<Live>> {
        self.by.read().get(&key(secret)).filter(|l| !l.is_over(now, length)).cloned()
    }

    pub(crate) fn ended(&self) -> u64 {
        self.ended.load(Ordering::Acquire)
    }

    pub(crate) fn end(&self, secret: &str, now: Micros) {
        self.ended_at(&[key(secret)], now, false);
        self.by.write().remove(&key(secret));
        self.ended.fetch_add(1, Ordering::AcqRel);
    }

    /// As [`Sessions::end`], by somebody else than its owner at it.
    pub(crate) fn revoke(&self, secret: &str, now: Micros) {
        self.revoked.write().add(key(secret));
        self.ended_at(&[key(secret)], now, true);
        self.by.write().remove(&key(secret));
        self.ended.fetch_add(1, Ordering::AcqRel);
    }

    fn ended_at(&self, keys: &[Key], now: Micros, from_elsewhere: bool) {
        if let Some(kept) = &self.kept {
            kept.ended(keys, now, from_elsewhere);
        }
    }

    pub(crate) fn was_revoked(&self, secret: &str) -> bool {
        self.revoked.read().keys.contains(&key(secret))
    }

    /// Ends what is not kept; how many there were.
    fn end_where(&self, now: Micros, keeps: impl Fn(&Key, &Live) -> bool) -> usize {
        let (mut by, mut revoked) = (self.by.write(), self.revoked.write());
        let going: Vec<Key> = by.iter().filter(|(key, live)| !keeps(key, live)).map(|(key, _)| *key).collect();
        self.ended_at(&going, now, true);
        for key in &going {
            by.remove(key);
            revoked.add(*key);
        }
        self.ended.fetch_add(1, Ordering::AcqRel);
        going.len()
    }

    pub(crate) fn list(&self, account: EntityId, own: &str, now: Micros, length: Length) -> Vec<SessionInfo> {
        let own = key(own);
        let by = self.by.read();
        let of_account = by.iter().filter(|(_, l)| l.session.read().account == account && !l.is_over(now, length));
        let mut all: Vec<_> = of_account
            .map(|(key, live)| SessionInfo {
                id: handle(key),
                device: live.client.device.clone(),
                address: live.client.address.clone(),
                begun: live.begun,
                used: Micros(live.used.load(Ordering::Relaxed)),
                own: *key == own,
            })
            .collect();
        all.sort_by(|a, b| b.used.cmp(&a.used).then_with(|| a.id.cmp(&b.id)));
        all
    }

    pub(crate) fn end_one(&self, account: EntityId, id: &str, now: Micros) -> bool {
        self.end_where(now, |key, l| l.session.read().account != account || handle(key) != id) > 0
    }

    pub(crate) fn end_others(&self, account: EntityId, own: &str, now: Micros) -> usize {
        let own = key(own);
        self.end_where(now, |key, l| *key == own || l.session.read().account != account)
    }

    pub(crate) fn end_all_of(&self, account: EntityId, now: Micros) -> usize {
        self.end_where(now, |_, l| l.session.read().account != account)
    }

    pub(crate) fn len(&self) -> usize {
        self.by.read().len()
    }
}
