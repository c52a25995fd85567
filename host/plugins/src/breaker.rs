//! Three strikes: a lane whose plugin keeps faulting is closed for a while, longer each time.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BreakerOptions {
    /// Faults within `window` that open it.
    pub strikes: usize,
    pub window: Duration,
    /// First pause; doubled by each probe that faults.
    pub first: Duration,
    pub longest: Duration,
}

impl BreakerOptions {
    pub const fn production() -> BreakerOptions {
        BreakerOptions {
            strikes: 3,
            window: Duration::from_secs(60),
            first: Duration::from_secs(1),
            longest: Duration::from_secs(60),
        }
    }
}

/// How a lane's breaker stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BreakerState {
    Closed,
    /// Refuses until then.
    Open {
        retry_after: Duration,
    },
    /// One call is let through to see.
    HalfOpen,
}

#[derive(Debug)]
enum State {
    Closed,
    Open { until: Instant, pause: Duration },
    HalfOpen { since: Instant, pause: Duration },
}

#[derive(Debug)]
pub(crate) struct Breaker {
    options: BreakerOptions,
    strikes: VecDeque<Instant>,
    state: State,
}

impl Breaker {
    pub(crate) fn new(options: BreakerOptions) -> Breaker {
        Breaker { options, strikes: VecDeque::new(), state: State::Closed }
    }

    /// May a call go in now? `Err` says how long to wait.
    pub(crate) fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        match self.state {
            State::Closed => Ok(()),
            State::Open { until, .. } if now < until => Err(until - now),
            State::Open { pause, .. } => {
                self.state = State::HalfOpen { since: now, pause };
                Ok(())
            }
            // A probe that was admitted and never ran must not keep the lane shut for ever.
            State::HalfOpen { since, pause } if now.saturating_duration_since(since) < pause => {
                Err(pause - (now - since))
            }
            State::HalfOpen { pause, .. } => {
                self.state = State::HalfOpen { since: now, pause };
                Ok(())
            }
        }
    }

    pub(crate) fn good(&mut self) {
        if let State::HalfOpen { .. } = self.state {
            self.state = State::Closed;
            self.strikes.clear();
        }
    }

    /// Notes a fault; true when this one opened the breaker.
    pub(crate) fn strike(&mut self, now: Instant) -> bool {
        match self.state {
            State::HalfOpen { pause, .. } => {
                let pause = (pause * 2).min(self.options.longest);
                self.state = State::Open { until: now + pause, pause };
                true
            }
            State::Open { .. } => false,
            State::Closed => {
                self.strikes.push_back(now);
                while self.strikes.front().is_some_and(|s| now.saturating_duration_since(*s) > self.options.window) {
                    self.strikes.pop_front();
                }
                if self.strikes.len() < self.options.strikes {
                    return false;
                }
                let pause = self.options.first;
                self.strikes.clear();
                self.state = State::Open { until: now + pause, pause };
                true
            }
        }
    }

    /// Refuses what is queued, too; a probe under way is let finish.
    pub(crate) fn is_open(&self, now: Instant) -> Option<Duration> {
        match self.state {
            State::Open { until, .. } if now < until => Some(until - now),
            _ => None,
        }
    }

    pub(crate) fn reset(&mut self) {
        self.state = State::Closed;
        self.strikes.clear();
    }

    pub(crate) fn state(&self, now: Instant) -> BreakerState {
        match self.state {
            State::Closed => BreakerState::Closed,
            State::HalfOpen { .. } => BreakerState::HalfOpen,
            State::Open { until, .. } => BreakerState::Open { retry_after: until.saturating_duration_since(now) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_strikes_open_it_and_the_pause_doubles_until_the_longest() {
        let options = BreakerOptions::production();
        let mut b = Breaker::new(options);
        let mut now = Instant::now();
        assert!(!b.strike(now));
        assert!(!b.strike(now));
        assert!(b.strike(now));
        let mut pause = options.first;
        for _ in 0..8 {
            assert_eq!(b.admit(now), Err(pause));
            now += pause;
            assert_eq!(b.admit(now), Ok(()));
            assert!(b.admit(now).is_err(), "only one probe");
            assert!(b.strike(now));
            pause = (pause * 2).min(options.longest);
        }
        assert_eq!(pause, options.longest);
        now += pause;
        assert_eq!(b.admit(now), Ok(()));
        b.good();
        assert_eq!(b.state(now), BreakerState::Closed);
    }

    #[test]
    fn strikes_outside_the_window_are_forgotten() {
        let options = BreakerOptions::production();
        let mut b = Breaker::new(options);
        let now = Instant::now();
        b.strike(now);
        b.strike(now);
        assert!(!b.strike(now + options.window + Duration::from_secs(1)));
        assert_eq!(b.admit(now), Ok(()));
    }
}
