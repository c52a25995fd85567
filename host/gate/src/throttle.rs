//! Who must wait, and how long: after failed sign-ins ([`failures`]), and between commands ([`rate`]).

mod failures;
mod rate;

pub(crate) use failures::Failures;
pub use rate::Rate;
pub(crate) use rate::Rates;

use changzhi_model::Micros;
use hashbrown::HashMap;
use parking_lot::{Mutex, MutexGuard};
use std::hash::Hash;
use std::time::Duration;

/// Keys kept at most; the ones that need not wait go first.
const KEYS_MAX: usize = 100_000;

/// Something that has to be waited for.
trait Wait {
    /// Time left. A clock that jumped back makes nobody wait longer than the rule says.
    fn left(&self, now: Micros) -> Duration;
}

/// One entry for each key that came lately.
struct Waits<K, E>(Mutex<HashMap<K, E>>);

impl<K, E> Default for Waits<K, E> {
    fn default() -> Waits<K, E> {
        Waits(Mutex::new(HashMap::new()))
    }
}

impl<K: Hash + Eq, E: Wait> Waits<K, E> {
    /// The entries, with room for more.
    fn with_room(&self, now: Micros) -> MutexGuard<'_, HashMap<K, E>> {
        let mut by = self.0.lock();
        if by.len() >= KEYS_MAX {
            by.retain(|_, e| !e.left(now).is_zero());
            if by.len() >= KEYS_MAX {
                by.clear();
            }
        }
        by
    }
}

/// From `then` to `now`; nothing when the clock jumped back.
fn since(then: Micros, now: Micros) -> Duration {
    Duration::from_micros(u64::try_from(now.0.saturating_sub(then.0)).unwrap_or(0))
}
