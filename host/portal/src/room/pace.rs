//! How fast one peer may speak: so many messages a second, and a burst for the moment in which connections are made.

use std::time::{Duration, Instant};

#[derive(Debug)]
pub(super) struct Pace {
    every: Duration,
    burst: u32,
    /// When all that was saved up is there again.
    full: Instant,
}

impl Pace {
    /// Messages a second, and how many may be saved up.
    pub(super) fn new((a_second, burst): (u32, u32), now: Instant) -> Pace {
        Pace { every: Duration::from_secs(1) / a_second.max(1), burst, full: now }
    }

    /// `Err`: how long to wait.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let next = self.full.max(now) + self.every;
        let ahead = next.duration_since(now);
        let most = self.every * self.burst;
        if ahead > most {
            return Err(ahead - most);
        }
        self.full = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_so_many_a_second() {
        let begin = Instant::now();
        let mut pace = Pace::new((10, 30), begin);
        let passed = (0..100).filter(|_| pace.take(begin).is_ok()).count();
        assert_eq!(passed, 30);
        let later = begin + Duration::from_secs(1);
        assert_eq!((0..100).filter(|_| pace.take(later).is_ok()).count(), 10);
        let wait = pace.take(later).unwrap_err();
        assert!(wait <= Duration::from_millis(100) && pace.take(later + wait).is_ok(), "{wait:?}");
    }
}
