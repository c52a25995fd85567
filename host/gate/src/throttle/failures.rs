//! Back-off after failed sign-ins, by login and by address.
//!
//! The first failures are free (people mistype); from then on each doubles the wait. A login waits a minute at most, so that
//! a stranger cannot lock its owner out; an address waits a quarter of an hour.

use super::{Wait, Waits, since};
use changzhi_model::Micros;
use std::time::Duration;

const FREE: u32 = 4;
const LOGIN_WAIT: Duration = Duration::from_secs(60);
const ADDRESS_WAIT: Duration = Duration::from_secs(900);
/// One address serves a whole office: it has more free failures than a login.
const ADDRESS_FREE: u32 = 20;

#[derive(Clone, Copy)]
struct Entry {
    failures: u32,
    last: Micros,
    wait: Duration,
}

impl Wait for Entry {
    fn left(&self, now: Micros) -> Duration {
        self.wait.saturating_sub(since(self.last, now))
    }
}

#[derive(Default)]
pub(crate) struct Failures(Waits<String, Entry>);

impl Failures {
    /// `Err(wait)` while the login or the address must wait.
    pub(crate) fn admit(&self, login: &str, address: &str, now: Micros) -> Result<(), Duration> {
        let by = self.0.0.lock();
        let left = |key: String| by.get(&key).map_or(Duration::ZERO, |e| e.left(now));
        let wait = left(login_key(login)).max(left(address_key(address)));
        if wait.is_zero() { Ok(()) } else { Err(wait) }
    }

    pub(crate) fn failed(&self, login: &str, address: &str, now: Micros) {
        let mut by = self.0.with_room(now);
        for (key, free, cap) in
            [(login_key(login), FREE, LOGIN_WAIT), (address_key(address), ADDRESS_FREE, ADDRESS_WAIT)]
        {
            let entry = by.entry(key).or_insert(Entry { failures: 0, last: now, wait: Duration::ZERO });
            entry.failures = entry.failures.saturating_add(1);
            entry.last = now;
            entry.wait = match entry.failures.checked_sub(free) {
                None | Some(0) => Duration::ZERO,
                Some(over) => Duration::from_secs(1 << over.min(16)).min(cap),
            };
        }
    }

    pub(crate) fn succeeded(&self, login: &str) {
        self.0.0.lock().remove(&login_key(login));
    }
}

fn login_key(login: &str) -> String {
    format!("l {login}")
}

fn address_key(address: &str) -> String {
    format!("a {address}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Micros {
        Micros(seconds * Micros::SECOND)
    }

    #[test]
    fn a_login_waits_longer_with_each_failure_up_to_its_cap() {
        let t = Failures::default();
        let mut waits = Vec::new();
        for _ in 0..FREE + 10 {
            t.failed("li", "1.2.3.4", at(0));
            waits.push(t.admit("li", "5.6.7.8", at(0)).err().unwrap_or_default());
        }
        assert_eq!(waits.iter().filter(|w| w.is_zero()).count(), FREE as usize);
        assert!(waits.windows(2).all(|w| w[0] <= w[1]));
        assert_eq!(waits.last(), Some(&LOGIN_WAIT));
        assert!(t.admit("li", "5.6.7.8", at(61)).is_ok());
        assert!(t.admit("wang", "5.6.7.8", at(0)).is_ok());
    }

    #[test]
    fn an_address_that_tries_many_logins_waits_too() {
        let t = Failures::default();
        for n in 0..=ADDRESS_FREE {
            t.failed(&format!("login{n}"), "1.2.3.4", at(0));
        }
        assert!(t.admit("fresh", "1.2.3.4", at(0)).is_err());
        assert!(t.admit("fresh", "4.3.2.1", at(0)).is_ok());
    }

    #[test]
    fn success_forgives_the_login_and_a_clock_that_jumps_back_adds_nothing() {
        let t = Failures::default();
        for _ in 0..FREE + 3 {
            t.failed("li", "a", at(1_000_000));
        }
        let wait = t.admit("li", "b", at(0)).unwrap_err();
        assert!(wait <= LOGIN_WAIT, "{wait:?}");
        t.succeeded("li");
        assert!(t.admit("li", "b", at(0)).is_ok());
    }
}
