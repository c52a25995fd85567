//! Intervals and gaps of one alarm: a pure function of its story.

use changzhi_sdk::prelude::*;

/// One step of a story, as far as it is needed here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Event {
    pub(super) at: Micros,
    pub(super) name: String,
    /// The clock that raised it, where no person did.
    pub(super) clock: Option<String>,
}

/// From one mark to the next that was reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Interval {
    /// What ended it.
    pub(super) mark: &'static str,
    pub(super) from: Micros,
    /// `None`: the mark was not reached.
    pub(super) to: Option<Micros>,
}

impl Interval {
    /// Seconds it took; `None` when it did not end or its clocks run backwards.
    pub(super) fn seconds(&self) -> Option<i64> {
        self.to.map(|to| to.since(self.from) / Micros::SECOND).filter(|s| *s >= 0)
    }

    /// It ended before it began: one of the two clocks was wrong.
    pub(super) fn is_backwards(&self) -> bool {
        self.to.is_some_and(|to| to < self.from)
    }
}

/// What was missing or late, with when it was seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Gap {
    /// Message that names it.
    pub(super) what: String,
    pub(super) at: Option<Micros>,
}

/// The marks between the press and its end, each with the events that reach it.
const MARKS: [(&str, &[&str]); 6] = [
    ("mark-taken", &["acknowledge"]),
    ("mark-judged", &["judge", "clear"]),
    ("mark-dispatched", &["dispatch"]),
    ("mark-attended", &["attend"]),
    ("mark-controlled", &["control"]),
    ("mark-stood-down", &["stand-down", "clear"]),
];
/// What is not needed when it was nothing: nobody is sent to a mistaken press.
const ONLY_IF_REAL: [&str; 3] = ["mark-dispatched", "mark-attended", "mark-controlled"];

/// When a mark was reached first.
fn reached(story: &[Event], events: &[&str]) -> Option<Micros> {
    story.iter().filter(|e| events.contains(&e.name.as_str())).map(|e| e.at).min()
}

/// From the press to the host, then from mark to mark. `pressed` is by the clock of what was pressed, where it said so.
pub(super) fn intervals(pressed: Option<Micros>, rung: Micros, story: &[Event]) -> Vec<Interval> {
    let mut all = Vec::new();
    if let Some(pressed) = pressed {
        all.push(Interval { mark: "mark-arrived", from: pressed, to: Some(rung) });
    }
    let cleared = was_cleared(story);
    let mut from = rung;
    for (mark, events) in MARKS {
        if cleared && ONLY_IF_REAL.contains(&mark) {
            continue;
        }
        let to = reached(story, events);
        all.push(Interval { mark, from, to });
        from = to.unwrap_or(from);
    }
    all
}

fn was_cleared(story: &[Event]) -> bool {
    story.iter().any(|e| e.name == "clear")
}

/// Everything a clock had to say, and every mark that was passed over.
pub(super) fn gaps(intervals: &[Interval], story: &[Event]) -> Vec<Gap> {
    let ran_out = story.iter().filter_map(|e| {
        let clock = e.clock.as_deref()?;
        // The ladder says by its event who was rung next; the other clocks are named themselves.
        let what = if e.name.starts_with("ring-") || e.name == "unanswered" { &e.name } else { clock };
        Some(Gap { what: format!("gap-{what}"), at: Some(e.at) })
    });
    let mut all: Vec<Gap> = ran_out.collect();
    all.dedup_by(|a, b| a.what == b.what);
    for interval in intervals {
        if interval.to.is_none() {
            all.push(Gap { what: format!("no-{}", interval.mark), at: None });
        } else if interval.is_backwards() {
            all.push(Gap { what: "gap-bad-clock".into(), at: interval.to });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: i64, name: &str, clock: Option<&str>) -> Event {
        Event { at: Micros(at * Micros::SECOND), name: name.into(), clock: clock.map(str::to_owned) }
    }

    fn at(seconds: i64) -> Micros {
        Micros(seconds * Micros::SECOND)
    }

    #[test]
    fn a_full_story_has_every_interval_and_no_gap() {
        let names = ["acknowledge", "judge", "dispatch", "attend", "control", "stand-down"];
        let story: Vec<Event> = names.iter().zip(1..).map(|(name, n)| event(n * 10, name, None)).collect();
        let found = intervals(Some(at(-2)), at(0), &story);
        let seconds: Vec<_> = found.iter().map(|i| (i.mark, i.seconds())).collect();
        let ten = Some(10);
        assert_eq!(
            seconds,
            [
                ("mark-arrived", Some(2)),
                ("mark-taken", ten),
                ("mark-judged", ten),
                ("mark-dispatched", ten),
                ("mark-attended", ten),
                ("mark-controlled", ten),
                ("mark-stood-down", ten)
            ]
        );
        assert_eq!(gaps(&found, &story), []);
    }

    #[test]
    fn what_was_passed_over_is_named_and_the_next_interval_begins_at_the_last_mark() {
        let story = [event(70, "acknowledge", None), event(100, "attend", None), event(400, "stand-down", None)];
        let found = intervals(None, at(0), &story);
        let of = |mark: &str| found.iter().find(|i| i.mark == mark).unwrap().seconds();
        assert_eq!((of("mark-attended"), of("mark-stood-down")), (Some(30), Some(300)));
        let named: Vec<String> = gaps(&found, &story).into_iter().map(|g| g.what).collect();
        assert_eq!(named, ["no-mark-judged", "no-mark-dispatched", "no-mark-controlled"]);
    }

    #[test]
    fn each_clock_that_ran_out_is_a_gap_with_its_time() {
        let story = [
            event(15, "ring-all", Some("ring-seats")),
            event(30, "ring-leaders", Some("ring-leaders")),
            event(40, "acknowledge", None),
            event(160, "late", Some("judge")),
            event(170, "clear", None),
        ];
        let found = intervals(None, at(0), &story);
        let named: Vec<_> = gaps(&found, &story).into_iter().map(|g| (g.what, g.at)).collect();
        let expected = [("gap-ring-all", 15), ("gap-ring-leaders", 30), ("gap-judge", 160)];
        assert_eq!(named, expected.map(|(what, when)| (what.to_owned(), Some(at(when)))));
        assert!(found.iter().all(|i| !ONLY_IF_REAL.contains(&i.mark)), "nobody is sent to what was nothing");
    }

    #[test]
    fn a_clock_that_runs_backwards_has_no_length_and_is_said() {
        let story = [event(5, "acknowledge", None), event(9, "clear", None)];
        let found = intervals(Some(at(60)), at(0), &story);
        assert_eq!(found[0].seconds(), None);
        assert_eq!(gaps(&found, &story)[0].what, "gap-bad-clock");
    }
}
