//! How many commands a second: a token bucket for each way in, and one for the account.
//!
//! Each API token has a bucket of its own, an account's sign-ins share one, and all of them together have the account's: a
//! client that runs wild is slowed before it slows the person whose token it holds, and more tokens do not mean more commands.
//! A refused command counts, a view does not. A bucket is kept as one number, the moment at which it is full again.
//!
//! `changzhi import` is not slowed: it opens the data folder of a host that is not running, so there is nobody beside it to be
//! fair to, and its own window of commands under way keeps it in step with the disk. Commands of the host itself (the demo city,
//! reactions, jobs' steps) do not pass here.

use super::{Wait, Waits, since};
use crate::{GateRefusal, Session};
use changzhi_model::Micros;
use std::time::Duration;

/// How fast commands may come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    /// Commands a second of one token, or of an account's sign-ins; 0 sets no limit.
    pub token: u32,
    /// Commands a second of one account by all its ways in; 0 sets no limit.
    pub account: u32,
    /// What was not used can be used later, up to so many seconds' worth. At least 1.
    pub burst: u32,
}

impl Rate {
    /// For cities without strangers: tests, benchmarks, imports.
    pub const NONE: Rate = Rate { token: 0, account: 0, burst: 1 };
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    Account(u64),
    SignIn(u64),
    Token(u64),
    /// By the PIN of a matter.
    Matter(u64),
}

#[derive(Clone, Copy)]
struct Bucket {
    full: Micros,
}

impl Wait for Bucket {
    fn left(&self, now: Micros) -> Duration {
        since(now, self.full)
    }
}

impl Bucket {
    /// After a jump of the clock it is as empty as it can be, not emptier.
    fn at(self, burst: i64, now: Micros) -> Bucket {
        Bucket { full: Micros(self.full.0.clamp(now.0, now.0.saturating_add(burst))) }
    }

    /// The bucket with one command taken out of it, or how long until there is one.
    fn without_one(self, per_second: u32, burst: i64, now: Micros) -> Result<Bucket, Duration> {
        let full = self.full.0.saturating_add((Micros::SECOND / i64::from(per_second)).max(1));
        match u64::try_from(full - now.0 - burst) {
            Ok(over) if over > 0 => Err(Duration::from_micros(over)),
            _ => Ok(Bucket { full: Micros(full) }),
        }
    }
}

#[derive(Default)]
pub(crate) struct Rates(Waits<Way, Bucket>);

impl Rates {
    /// Takes one command out of both buckets, or out of none.
    pub(crate) fn admit(&self, session: &Session, rate: Rate, now: Micros) -> Result<(), GateRefusal> {
        // Whoever has neither account nor PIN is slowed by address, before it comes to this: they share nothing else.
        let stranger = session.account.is_none() && session.about.is_none();
        if stranger || (rate.token == 0 && rate.account == 0) {
            return Ok(());
        }
        let account = session.account.0;
        let way = session.token.map_or(Way::SignIn(account), |token| Way::Token(token.0));
        let burst = Micros::SECOND * i64::from(rate.burst.max(1));
        let mut by = self.0.with_room(now);
        let mut ways = [(way, rate.token), (Way::Account(account), rate.account)];
        if let Some(matter) = session.about {
            // They have no account to share: each matter has a bucket of its own.
            ways = [(Way::Matter(matter.0), rate.token), (Way::Matter(matter.0), 0)];
        }
        let mut late = None;
        for (way, per_second) in ways.iter().filter(|(_, per_second)| *per_second > 0) {
            let bucket = by.entry(*way).or_insert(Bucket { full: now });
            *bucket = bucket.at(burst, now);
            if let Err(wait) = bucket.without_one(*per_second, burst, now) {
                late = late.max(Some((wait, *per_second)));
            }
        }
        if let Some((wait, per_second)) = late {
            return Err(GateRefusal::Rate { per_second, wait });
        }
        for (way, per_second) in ways.iter().filter(|(_, per_second)| *per_second > 0) {
            if let Some(bucket) = by.get_mut(way)
                && let Ok(less) = bucket.without_one(*per_second, burst, now)
            {
                *bucket = less;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use changzhi_model::{EntityId, Seq};

    const RATE: Rate = Rate { token: 10, account: 15, burst: 2 };

    fn by(account: u64, token: Option<u64>) -> Session {
        Session {
            account: EntityId(account),
            login: "li".into(),
            held: vec![],
            purposes: vec![],
            token: token.map(EntityId),
            about: None,
            expires: None,
            lent: Vec::new(),
            turns: None,
            revision: Seq(1),
        }
    }

    /// Commands let through at this moment.
    fn through(rates: &Rates, session: &Session, now: Micros) -> usize {
        (0..1000).take_while(|_| rates.admit(session, RATE, now).is_ok()).count()
    }

    #[test]
    fn a_full_bucket_gives_its_burst_and_then_the_rate() {
        let rates = Rates::default();
        let (li, start) = (by(1, Some(7)), Micros(1_000 * Micros::SECOND));
        assert_eq!(through(&rates, &li, start), 20);
        let refused = rates.admit(&li, RATE, start).unwrap_err();
        assert_eq!(refused, GateRefusal::Rate { per_second: 10, wait: Duration::from_millis(100) });
        assert_eq!((refused.status(), refused.code()), (429, "rate"));
        assert_eq!(through(&rates, &li, Micros(start.0 + Micros::SECOND)), 10);
        assert_eq!(through(&rates, &li, Micros(start.0 + Micros::DAY)), 20, "no more than the burst");
    }

    #[test]
    fn each_token_has_its_own_and_all_of_an_account_together_no_more_than_the_accounts() {
        let rates = Rates::default();
        let now = Micros(1_000 * Micros::SECOND);
        assert_eq!(through(&rates, &by(1, Some(7)), now), 20);
        assert_eq!(through(&rates, &by(1, None), now), 10, "thirty of the account");
        assert_eq!(through(&rates, &by(1, Some(8)), now), 0);
        assert_eq!(through(&rates, &by(2, Some(9)), now), 20, "another account is not slowed");
    }

    #[test]
    fn a_clock_that_jumps_back_locks_nobody_out() {
        let rates = Rates::default();
        let (li, now) = (by(1, None), Micros(1_000_000 * Micros::SECOND));
        assert_eq!(through(&rates, &li, now), 20);
        let back = Micros(now.0 - Micros::DAY);
        let Err(GateRefusal::Rate { wait, .. }) = rates.admit(&li, RATE, back) else { panic!("still empty") };
        assert_eq!(wait, Duration::from_millis(100));
        assert_eq!(through(&rates, &li, Micros(back.0 + Micros::SECOND)), 10);
    }

    #[test]
    fn without_a_limit_nothing_is_kept() {
        let rates = Rates::default();
        for _ in 0..1000 {
            rates.admit(&by(1, None), Rate::NONE, Micros(0)).unwrap();
        }
        assert!(rates.0.0.lock().is_empty());
    }
}
