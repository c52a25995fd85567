//! One clock under way, carried from event to event.

use crate::calendar::WorkTime;
use crate::limit::{Limit, Unit};
use changzhi_model::Micros;

/// A clock between two events. All lengths are counted microseconds of its own time (working time or every second).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Running {
    /// Number of the clock in its rules.
    pub clock: usize,
    pub unit: Unit,
    pub begun: Micros,
    /// What was left at the last event; below 0 once overdue.
    pub left: i64,
    /// The whole, with what was granted.
    pub total: i64,
    /// What may still be paused.
    pub hold_left: i64,
    pub held: bool,
    /// When it runs out: at the latest, when it stands still now.
    pub due: Micros,
    /// Steps of its ladder that were taken.
    pub step: u32,
    /// Somebody acknowledged by name: no further step is taken.
    pub acknowledged: bool,
}

impl Running {
    pub(crate) fn start(
        clock: usize,
        limit: Limit,
        hold_cap: Option<Limit>,
        held: bool,
        at: Micros,
        work: WorkTime<'_>,
    ) -> Running {
        let total = limit.length(work);
        // A cap is measured in the clock's own time: in whole days of it, or in hours as they are.
        let hold_left = hold_cap.map_or(0, |cap| cap.length(work));
        let mut made = Running {
            clock,
            unit: limit.unit,
            begun: at,
            left: total,
            total,
            hold_left,
            held,
            due: at,
            step: 0,
            acknowledged: false,
        };
        made.aim(at, work);
        made
    }

    /// One that runs out at a moment somebody named. A moment that is over already runs out at once.
    pub(crate) fn until(clock: usize, moment: Micros, at: Micros) -> Running {
        let total = moment.0.saturating_sub(at.0).max(1);
        Running {
            clock,
            unit: Unit::Seconds,
            begun: at,
            left: total,
            total,
            hold_left: 0,
            held: false,
            due: at.plus(total),
            step: 0,
            acknowledged: false,
        }
    }

    fn limit(&self) -> Limit {
        Limit::new(0, self.unit)
    }

    /// Where counting goes on from, when the last event was at `since`.
    pub(crate) fn anchor(&self, since: Micros, work: WorkTime<'_>) -> Micros {
        since.max(self.limit().counts_from(self.begun, work))
    }

    /// Carries it on to `at`, in whatever it did since.
    pub(crate) fn advance(&mut self, since: Micros, at: Micros, work: WorkTime<'_>) {
        let used = self.limit().time(work).between(self.anchor(since, work), at);
        if self.held {
            let paused = used.min(self.hold_left);
            self.hold_left -= paused;
            self.left -= used - paused;
        } else {
            self.left -= used;
        }
    }

    /// The moment at which `left` would be what is left, if nothing happens; the last event when that is over.
    pub(crate) fn when_left(&self, left: i64, since: Micros, work: WorkTime<'_>) -> Micros {
        let time = self.limit().time(work);
        let anchor = self.anchor(since, work);
        let from = if self.held { time.add(anchor, self.hold_left) } else { anchor };
        time.add(from, self.left - left)
    }

    /// Sets `due` by what is left at `since`. What ran out stays due when it was.
    pub(crate) fn aim(&mut self, since: Micros, work: WorkTime<'_>) {
        if self.left > 0 {
            self.due = self.when_left(0, since, work);
        }
    }
}
