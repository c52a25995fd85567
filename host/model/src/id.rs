//! Numbers with a meaning.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A person, place or event of the world. Dense from 1, never reused; 0 is nobody.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntityId(pub u64);

impl EntityId {
    /// The acting "nobody" of timers and start-up.
    pub const NONE: EntityId = EntityId(0);
    /// Ids from here on name the n-th `create` of the same list of changes.
    pub const PROVISIONAL: u64 = 1 << 63;

    /// The id that stands for the `n`-th entity created by the same changes.
    pub const fn provisional(n: u64) -> EntityId {
        EntityId(Self::PROVISIONAL | n)
    }

    /// `Some(n)` when this stands for the n-th created entity.
    pub const fn as_provisional(self) -> Option<u64> {
        if self.0 & Self::PROVISIONAL != 0 { Some(self.0 & !Self::PROVISIONAL) } else { None }
    }

    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Debug for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_provisional() {
            Some(n) => write!(f, "new#{n}"),
            None => write!(f, "#{}", self.0),
        }
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Position in the journal, dense from 1. 0 is the empty world.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl Seq {
    pub const ZERO: Seq = Seq(0);
    pub const fn next(self) -> Seq {
        Seq(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// UTC microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub i64);

impl Micros {
    pub const SECOND: i64 = 1_000_000;
    pub const HOUR: i64 = 3_600 * Self::SECOND;
    pub const DAY: i64 = 86_400 * Self::SECOND;

    /// So many microseconds later; the end of time when that is beyond it.
    pub const fn plus(self, micros: i64) -> Micros {
        Micros(self.0.saturating_add(micros))
    }

    /// RFC 3339 in UTC; the raw number when out of the calendar's range.
    pub fn to_rfc3339(self) -> String {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(t) => t.to_string(),
            Err(_) => self.0.to_string(),
        }
    }

    /// Reads RFC 3339 (an offset is required, so that nobody's local time is guessed).
    pub fn from_rfc3339(s: &str) -> Result<Micros, IdError> {
        s.parse::<jiff::Timestamp>()
            .map(|t| Micros(t.as_microsecond()))
            .map_err(|_| IdError::Time(s.chars().take(40).collect()))
    }
}

/// Names one request for ever: a retry with the same id is answered, not done again.
///
/// An id says itself whether anybody could ask for it again: one made from a key can come back, one made up by the host for a
/// request without a key ([`RequestId::keyless`]) cannot, and is in no index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct RequestId(pub [u8; 16]);

/// How the id of a request without a key ends.
const KEYLESS: [u8; 4] = [0xff; 4];

impl RequestId {
    /// The id of a request that came without a key, of 96 random bits.
    pub fn keyless(random: [u8; 12]) -> RequestId {
        let mut id = [0; 16];
        for (to, from) in id.iter_mut().zip(random.into_iter().chain(KEYLESS)) {
            *to = from;
        }
        RequestId(id)
    }

    /// True when nobody can ask for it again.
    pub fn is_keyless(self) -> bool {
        self.0.ends_with(&KEYLESS)
    }

    /// The id of a client-chosen key (header `Idempotency-Key`, or `source:row` of an import) under an account.
    pub fn from_key(actor: EntityId, key: &str) -> RequestId {
        use sha2::{Digest, Sha256};
        let mut h = Sha256::new();
        h.update(actor.0.to_le_bytes());
        h.update(key.as_bytes());
        let mut id = [0; 16];
        for (to, from) in id.iter_mut().zip(h.finalize()) {
            *to = from;
        }
        // One key in four thousand million would look like none.
        if RequestId(id).is_keyless() {
            let [kept @ .., _] = id;
            let mut kept = kept.into_iter();
            id = std::array::from_fn(|_| kept.next().unwrap_or(0));
        }
        RequestId(id)
    }

    /// The pseudo-random seed a plugin gets for this request: the same on every replay.
    pub fn seed(self) -> u64 {
        let mut b = [0; 8];
        for (to, from) in b.iter_mut().zip(self.0) {
            *to = from;
        }
        u64::from_le_bytes(b)
    }
}

/// As it is displayed: 32 hexadecimal digits.
impl std::str::FromStr for RequestId {
    type Err = IdError;

    fn from_str(s: &str) -> Result<RequestId, IdError> {
        let mut id = [0; 16];
        hex::decode_to_slice(s, &mut id).map_err(|_| IdError::Request(s.chars().take(40).collect()))?;
        Ok(RequestId(id))
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// A text that is not the number, time or id it should be.
#[derive(Debug, thiserror::Error)]
pub enum IdError {
    #[error("{0:?} is not a time: write it as 2026-11-23T08:00:00+08:00, with its offset")]
    Time(String),
    #[error("{0:?} is not an id of 32 hexadecimal digits")]
    Request(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn an_id_says_whether_it_can_be_asked_for_again(random: [u8; 12], actor: u64, key: String) {
            proptest::prop_assert!(RequestId::keyless(random).is_keyless());
            proptest::prop_assert!(!RequestId::from_key(EntityId(actor), &key).is_keyless());
            proptest::prop_assert_eq!(RequestId::from_key(EntityId(actor), &key), RequestId::from_key(EntityId(actor), &key));
        }
    }
}
