//! Clocks, guards, ladders: one matter at a time, and any matter at all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod matter;

use changzhi_flow::{Account, Engine, Event, Guard, Light, Outcome, PACKED, Track, Why};
use changzhi_model::{EntityId, Micros, Name, Value};
use matter::{DESK, UNIT, VERIFIER, at, event};
use proptest::prelude::*;

struct Case {
    engine: Engine,
    flows: changzhi_flow::Flows,
    story: Vec<Event>,
    track: Track,
    holder: String,
}

impl Case {
    fn filed(when: &str, category: &str) -> Case {
        let engine = matter::engine();
        let first = Event::begun(at(when), "submitted", category);
        let track = engine.after(None, &first, "");
        Case { engine, flows: matter::flows(), story: vec![first], track, holder: String::new() }
    }

    fn state(&self) -> Name {
        self.story.last().unwrap().to.clone()
    }

    /// An event with arguments that please; changed by `with` before it is judged.
    fn try_with(&mut self, when: &str, name: &str, with: impl FnOnce(Event) -> Event) -> Result<(), Guard> {
        let from = self.state();
        let target = self.flows.version("matter", 2).unwrap();
        let to = target.transitions.iter().find(|t| t.source == from && t.event == name);
        let to = to.unwrap_or_else(|| panic!("{name} from {from}")).target.clone();
        let first = self.story[0].category.clone();
        let event = with(Event { category: first, ..event(at(when), name, &from, &to) });
        self.engine.judge(&self.track, &event)?;
        self.take(event);
        Ok(())
    }

    fn take(&mut self, event: Event) {
        self.track = self.engine.after(Some(&self.track), &event, &self.holder);
        if matches!(event.name.as_str(), "assign" | "arbitrate") {
            self.holder = event.text("unit").to_owned();
        }
        self.story.push(event);
    }

    fn did(&mut self, when: &str, name: &str) {
        self.try_with(when, name, |e| e).unwrap_or_else(|g| panic!("{name}: {g}"));
    }

    fn clock(&self, name: &str, now: &str) -> Account {
        self.engine.explain(name, &self.story, at(now)).pop().unwrap()
    }

    fn handling(when: [&str; 4]) -> Case {
        let mut case = Case::filed(when[0], "noise");
        case.did(when[1], "accept");
        case.did(when[2], "assign");
        case.did(when[3], "start");
        case
    }
}

fn monday() -> Case {
    Case::handling(["2026-03-02T09:00", "2026-03-02T09:30", "2026-03-02T10:00", "2026-03-02T10:30"])
}

#[test]
fn a_clock_says_what_every_second_of_a_weekend_was() {
    let mut case = monday();
    case.did("2026-03-05T12:00", "pause");
    case.did("2026-03-09T14:00", "resume");
    let now = "2026-03-10T09:30";
    let account = case.clock("handle", now);
    assert_eq!(account.begun, at("2026-03-02T10:00"));
    let hour = Micros::HOUR;
    // Tuesday, Wednesday, Thursday morning; Monday afternoon; an hour on Tuesday.
    assert_eq!(account.elapsed, (7 + 7) * hour + hour * 7 / 2 + hour * 7 / 2 + hour);
    assert_eq!(account.day, Some((4, 15)));
    assert_eq!(account.total, 15 * 7 * hour);
    let sum: i64 = account.stretches.iter().map(|s| s.to.0 - s.from.0).sum();
    assert_eq!(sum, at(now).0 - account.begun.0);
    let named = |why: &Why| account.stretches.iter().any(|s| s.why == *why);
    assert!(named(&Why::FirstDay) && named(&Why::Paused("weather".into())));
    let paused: i64 =
        account.stretches.iter().filter(|s| matches!(s.why, Why::Paused(_))).map(|s| s.to.0 - s.from.0).sum();
    // Thursday afternoon, Friday, Monday morning: what would have counted.
    assert_eq!(paused, hour * 7 / 2 + 7 * hour + hour * 7 / 2);
    let running = case.track.running.iter().find(|r| r.due == account.due);
    assert!(running.is_some(), "the track and the explanation agree on {}", account.due.to_rfc3339());
    // 15 working days from the 2nd would be the 23rd; two were paused.
    assert_eq!(account.due, at("2026-03-25T17:30"));
}

#[test]
fn a_pause_has_a_reason_of_the_list_evidence_and_an_end() {
    let mut case = monday();
    case.did("2026-03-02T11:00", "contact");
    let refused = |g: Result<(), Guard>| g.unwrap_err();
    let mut try_it = |arg: &str, value: Value| {
        refused(case.try_with("2026-03-03T09:00", "pause", |e| e.with(Name::from(arg), value)))
    };
    assert!(matches!(try_it("code", Value::text("tired")), Guard::UnknownCode { .. }));
    assert!(matches!(try_it("evidence", Value::None), Guard::Missing { .. }));
    assert!(matches!(try_it("evidence", Value::text("  ")), Guard::Missing { .. }));
    case.did("2026-03-03T09:00", "pause");
    let next = case.engine.next(&case.track).unwrap();
    assert_eq!((next.event.as_str(), next.moves), ("resume", true));
    // Ten working days, the first day not counted.
    assert_eq!(next.at, at("2026-03-17T17:30"));
    // Nobody resumes: past the cap the time counts again, whatever the state says.
    let account = case.clock("handle", "2026-03-18T17:30");
    assert!(account.stretches.iter().any(|s| s.why == Why::PastCap));
}

#[test]
fn a_light_goes_from_green_over_eighty_per_cent_and_the_last_day_to_overdue() {
    let case = monday();
    let light = |now| case.clock("handle", now).light;
    assert_eq!(light("2026-03-10T10:00"), Light::Green);
    assert_eq!(light("2026-03-18T17:30"), Light::Near);
    assert_eq!(light("2026-03-23T08:00"), Light::Due);
    assert_eq!(light("2026-03-23T17:30"), Light::Overdue);
    assert!(case.clock("handle", "2026-03-24T10:00").remaining() < 0);
}

#[test]
fn a_ladder_is_climbed_step_by_step_and_stops_at_the_first_name() {
    let mut case = monday();
    case.did("2026-03-03T09:00", "contact");
    let step = |case: &Case| case.engine.next(&case.track);
    let mut taken = Vec::new();
    for _ in 0..2 {
        let next = step(&case).unwrap();
        taken.push((next.event.to_string(), next.at, next.fired.clock.to_string()));
        let fired = Event { fired: Some(next.fired), ..Event::new(next.at, next.event, "handling", "handling") };
        case.take(fired);
    }
    assert_eq!(taken[0], ("warned".into(), at("2026-03-18T17:30"), "handle".into()));
    assert_eq!(taken[1], ("overdue".into(), at("2026-03-23T17:30"), "handle".into()));
    assert_eq!(step(&case).unwrap().event, "supervised");
    assert_eq!(step(&case).unwrap().at, at("2026-03-25T17:30"));
    let nobody = case.try_with("2026-03-24T09:00", "acknowledge", |e| e.by(EntityId::NONE));
    assert_eq!(nobody, Err(Guard::Nameless));
    case.did("2026-03-24T09:00", "acknowledge");
    assert_eq!(step(&case), None, "the first named acknowledgement stops the ladder");
    assert_eq!(case.try_with("2026-03-24T09:30", "acknowledge", |e| e), Err(Guard::NothingToAcknowledge));
    assert_eq!(case.clock("handle", "2026-03-24T10:00").light, Light::Overdue, "it is late all the same");
}

#[test]
fn more_time_is_asked_for_once_before_it_is_due_and_given_by_somebody_else() {
    let mut case = monday();
    assert_eq!(case.try_with("2026-03-04T09:00", "grant-extension", |e| e), Err(Guard::NothingAsked));
    let many = case.try_with("2026-03-04T09:00", "ask-extension", |e| e.with("days", Value::Int(16)));
    assert!(matches!(many, Err(Guard::Days { days: 16, most: 15 })));
    case.did("2026-03-04T09:00", "ask-extension");
    let again = case.try_with("2026-03-04T10:00", "ask-extension", |e| e);
    assert!(matches!(again, Err(Guard::TooOften { .. })), "{again:?}");
    let own = case.try_with("2026-03-04T11:00", "grant-extension", |e| e.by(UNIT));
    assert!(matches!(own, Err(Guard::AskerAnswers { .. })));
    case.did("2026-03-04T11:00", "grant-extension");
    assert_eq!(case.clock("handle", "2026-03-04T12:00").due, at("2026-03-30T17:30"), "five working days more");
    let mut late = monday();
    let after = late.try_with("2026-03-23T17:30", "ask-extension", |e| e);
    assert!(matches!(after, Err(Guard::AlreadyDue { .. })));
}

#[test]
fn a_unit_declines_once_and_is_bound_by_what_the_level_above_decides() {
    let mut case = Case::filed("2026-03-02T09:00", "noise");
    case.did("2026-03-02T09:10", "accept");
    case.did("2026-03-02T09:20", "assign");
    let bare = case.try_with("2026-03-02T09:30", "decline", |e| e.with("clause", Value::None));
    assert!(matches!(bare, Err(Guard::Missing { .. })), "it takes the clause of the power list");
    case.did("2026-03-02T09:30", "decline");
    let arbitration = case.clock("arbitration", "2026-03-02T10:00");
    assert_eq!(arbitration.due, at("2026-03-03T17:30"), "arbitration has a deadline");
    case.try_with("2026-03-03T09:00", "arbitrate", |e| e.with("unit", Value::text("水务"))).unwrap();
    assert_eq!(case.track.handoffs, 1);
    let again = case.try_with("2026-03-03T10:00", "decline", |e| e);
    assert!(matches!(again, Err(Guard::Bound { .. })), "{again:?}");
    assert!(again.unwrap_err().is_denial());
    case.try_with("2026-03-03T11:00", "assign", |e| e.with("unit", Value::text("水务"))).unwrap();
    assert_eq!(case.track.handoffs, 1, "the same unit again is no hand-off");
}

#[test]
fn whoever_claims_the_result_does_not_verify_it_and_rework_and_reopening_are_counted() {
    let mut case = monday();
    let word = case.try_with("2026-03-05T09:00", "answer", |e| e.with("outcome", Value::text("forwarded")));
    assert_eq!(word, Err(Guard::UnknownOutcome("forwarded".into())), "forwarded is no outcome");
    case.did("2026-03-05T09:00", "answer");
    assert_eq!(case.track.outcome, Some(Outcome::Solved));
    for step in ["verify", "close", "rework"] {
        let own = case.try_with("2026-03-05T10:00", step, |e| e.by(UNIT));
        assert!(matches!(own, Err(Guard::VerifierIsHandler { .. })), "{step}: {own:?}");
    }
    case.did("2026-03-05T11:00", "rework");
    assert_eq!((case.track.rework, case.track.outcome), (1, None));
    case.did("2026-03-06T11:00", "answer");
    case.did("2026-03-06T12:00", "verify");
    case.did("2026-03-06T12:10", "close");
    let late = case.try_with("2026-04-07T00:00", "reopen", |e| e);
    assert!(matches!(late, Err(Guard::TooLate { .. })), "{late:?}");
    case.did("2026-04-04T12:00", "reopen");
    assert_eq!((case.track.reopened, case.state().as_str()), (1, "assigned"), "it reaches the unit again");
    assert_eq!(case.track.handler, UNIT);
    assert!([DESK, VERIFIER].iter().all(|w| *w != case.track.handler));
}

#[test]
fn a_merged_matter_is_a_voice_and_becomes_a_matter_of_its_own_again() {
    let mut case = Case::filed("2026-03-02T09:00", "noise");
    case.try_with("2026-03-02T09:30", "merge", |e| e.with("into", Value::Entity(EntityId(7)))).unwrap();
    assert_eq!(case.track.into, EntityId(7));
    assert!(case.track.running.is_empty(), "its clocks are those of the one it is a voice of");
    case.did("2026-03-03T09:00", "unmerge");
    assert!(case.track.into.is_none());
    assert_eq!(case.clock("desk", "2026-03-03T10:00").begun, at("2026-03-03T09:00"));
}

#[test]
fn what_another_system_tells_sets_no_clock_going_until_we_do_something() {
    let mut case = Case::filed("2026-03-02T09:00", "noise");
    case.did("2026-03-02T09:00", "told-handling");
    assert!(case.track.running.is_empty() && case.track.next.is_none());
    case.did("2026-03-20T09:00", "pause");
    case.did("2026-03-20T10:00", "resume");
    assert!(case.clock("handle", "2026-03-20T11:00").begun >= at("2026-03-20T09:00"));
}

#[test]
fn the_limit_of_a_category_is_its_own() {
    let mut case = Case::filed("2026-03-02T09:00", "waste");
    case.did("2026-03-02T09:30", "accept");
    case.did("2026-03-02T10:00", "assign");
    assert_eq!(case.clock("handle", "2026-03-02T11:00").limit.to_string(), "5wd");
}

/// Walks by choices from a list: any story the table and the guards allow, with the steps clocks take by themselves in between.
fn walk(choices: &[(u16, u32, bool)]) -> Case {
    walk_on(Case::filed("2026-02-10T09:00", "waste"), choices)
}

fn walk_on(mut case: Case, choices: &[(u16, u32, bool)]) -> Case {
    let mut now = case.track.since;
    for (choice, minutes, fire) in choices {
        now = now.plus(i64::from(*minutes) * 60 * Micros::SECOND);
        while let Some(step) = case.engine.next(&case.track).filter(|s| *fire && s.at <= now) {
            let from = case.state();
            let decl = case.flows.version("matter", 2).unwrap();
            let to = decl.transitions.iter().find(|t| t.source == from && t.event == step.event);
            let to = to.filter(|_| step.moves).map_or(from.clone(), |t| t.target.clone());
            let event =
                Event { fired: Some(step.fired), ..Event::new(step.at.max(case.track.since), step.event, from, to) };
            case.take(event);
        }
        let from = case.state();
        let decl = case.flows.version("matter", 2).unwrap();
        let out: Vec<_> = decl.transitions.iter().filter(|t| t.source == from).cloned().collect();
        if out.is_empty() {
            break;
        }
        let t = &out[usize::from(*choice) % out.len()];
        let units = ["城管", "水务", "住建"];
        let event = Event { category: "waste".into(), ..event(now, &t.event, &from, &t.target) }
            .with("unit", Value::text(units[usize::from(*choice) % 3]));
        if case.engine.judge(&case.track, &event).is_ok() {
            case.take(event);
        }
    }
    case
}

/// The calendar of China with some days made otherwise: a day of work is off, a day off is worked.
fn edited(days: &[u16]) -> changzhi_flow::Calendar {
    let mut text = include_str!("../../../data/calendars/cn.toml").to_owned();
    let plain = changzhi_flow::Calendar::parse(&text).unwrap();
    let mut of: std::collections::BTreeSet<i64> = std::collections::BTreeSet::new();
    of.extend(days.iter().map(|d| changzhi_flow::Day::parse("2026-02-10").unwrap().0 + i64::from(d % 120)));
    // A day that has a name already keeps it.
    let nameless = |day: &changzhi_flow::Day| match plain.rest(*day) {
        None => day.weekday() < 5,
        Some(rest) => rest == changzhi_flow::Rest::Weekend,
    };
    let days: Vec<_> = of.into_iter().map(changzhi_flow::Day).filter(nameless).collect();
    let (off, work): (Vec<_>, Vec<_>) = days.iter().partition(|d| plain.is_workday(**d));
    let list = |days: Vec<&changzhi_flow::Day>| {
        days.iter().map(|d| format!("{:?}", d.to_string())).collect::<Vec<_>>().join(", ")
    };
    text += &format!("\n[[holiday]]\nname = \"改\"\noff = [{}]\nwork = [{}]\n", list(off), list(work));
    changzhi_flow::Calendar::parse(&text).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn the_track_carried_along_says_what_the_explanation_from_the_beginning_says(
        choices in prop::collection::vec((any::<u16>(), 0u32..6000, any::<bool>()), 1..40), later in 0i64..40_000
    ) {
        let case = walk(&choices);
        let now = case.track.since.plus(later * 60 * Micros::SECOND);
        let open = case.engine.accounts(&case.story, case.track.since);
        prop_assert_eq!(open.len(), case.track.running.len());
        for account in &open {
            let number = case.engine.rules().clock_number(&account.clock).unwrap();
            let running = case.track.running.iter().find(|r| r.clock == number).unwrap();
            prop_assert_eq!(running.begun, account.begun);
            prop_assert_eq!(running.total, account.total);
            prop_assert_eq!(running.left, account.remaining());
            prop_assert_eq!(running.held, account.paused);
            prop_assert_eq!(running.due, account.due, "{}", account.clock);
        }
        for clock in &case.engine.rules().clocks {
            for account in case.engine.explain(&clock.name, &case.story, now) {
                let mut end = account.begun;
                for stretch in &account.stretches {
                    prop_assert_eq!(stretch.from, end, "no gap and no overlap");
                    prop_assert!(stretch.to > stretch.from);
                    end = stretch.to;
                }
                prop_assert_eq!(end, account.ended.as_ref().map_or(now, |e| e.0).max(account.begun));
                let counted: i64 =
                    account.stretches.iter().filter(|s| s.why.counts()).map(|s| s.to.0 - s.from.0).sum();
                prop_assert_eq!(counted, account.elapsed);
            }
        }
    }

    #[test]
    fn replay_is_live_and_a_packed_track_reads_back(
        choices in prop::collection::vec((any::<u16>(), 0u32..6000, any::<bool>()), 1..40)
    ) {
        let case = walk(&choices);
        let mut again: Option<Track> = None;
        let mut holder = String::new();
        for event in &case.story {
            // As the journal keeps it.
            let kept = serde_json::to_string(event).unwrap();
            let read = Event { at: event.at, ..serde_json::from_str(&kept).unwrap() };
            prop_assert_eq!(&read, event);
            again = Some(case.engine.after(again.as_ref(), &read, &holder));
            if matches!(event.name.as_str(), "assign" | "arbitrate") {
                holder = event.text("unit").to_owned();
            }
        }
        let again = again.unwrap();
        prop_assert_eq!(&again, &case.track);
        let packed = again.pack();
        prop_assert!(packed.len() <= PACKED, "{} bytes: {packed}", packed.len());
        let own = Track { handoffs: again.handoffs, outcome: again.outcome, into: again.into, next: again.next, ..Track::unpack(&packed).unwrap() };
        prop_assert_eq!(own, again);
    }

    #[test]
    fn what_else_was_filed_and_by_whom_changes_nothing_of_a_matter(
        choices in prop::collection::vec((any::<u16>(), 0u32..6000, any::<bool>()), 1..20), who in 1u64..1000, others in 1usize..30
    ) {
        // The same matter, filed by anybody, beside any number of other matters of that person: same track, same clocks.
        let alone = walk(&choices);
        let engine = matter::engine();
        let mut beside: Vec<Track> = Vec::new();
        let mut tracked: Option<Track> = None;
        let mut holder = String::new();
        for (i, event) in alone.story.iter().enumerate() {
            for n in 0..others {
                let other = Event::begun(event.at, "submitted", "waste").by(EntityId(who));
                beside.push(engine.after(None, &other, ""));
                prop_assert_eq!(&beside[0].running.len(), &beside[i * others + n].running.len());
            }
            let filer = if event.from.is_empty() { EntityId(who) } else { event.actor };
            tracked = Some(engine.after(tracked.as_ref(), &event.clone().by(filer), &holder));
            if matches!(event.name.as_str(), "assign" | "arbitrate") {
                holder = event.text("unit").to_owned();
            }
        }
        prop_assert_eq!(tracked.unwrap(), alone.track);
    }

    #[test]
    fn after_an_edit_every_open_clock_is_due_by_the_events_and_the_calendar_alone_and_nothing_else_changes(
        choices in prop::collection::vec((any::<u16>(), 0u32..6000, any::<bool>()), 1..40),
        days in prop::collection::vec(any::<u16>(), 0..12), later in 0i64..20_000, more in any::<(u16, u32)>()
    ) {
        let mut case = walk(&choices);
        let engine = case.engine.by(edited(&days));
        let at = case.track.since.plus(later * 60 * Micros::SECOND);
        let (after, story) = match engine.recount(&case.track, &case.story, "cn 2", at) {
            None => (case.track.clone(), case.story.clone()),
            Some((event, track)) => (track, case.story.iter().cloned().chain([event]).collect()),
        };
        // Open clocks: what the explanation says by the new calendar, from the first event on.
        let open = engine.accounts(&story, after.since);
        prop_assert_eq!(open.len(), after.running.len());
        for account in &open {
            let number = engine.rules().clock_number(&account.clock).unwrap();
            let running = after.running.iter().find(|r| r.clock == number).unwrap();
            prop_assert_eq!((running.due, running.left, running.begun), (account.due, account.remaining(), account.begun));
        }
        // The event says what was and what is, and changes nothing when it is folded again.
        if story.len() > case.story.len() {
            let event = story.last().unwrap();
            prop_assert_eq!(event.text("calendar"), "cn 2");
            for (before, now) in case.track.running.iter().zip(&after.running).filter(|(b, n)| b.due != n.due) {
                let clock = &engine.rules().clocks[before.clock].name;
                prop_assert_eq!(event.arg(&format!("was-{clock}")).as_time(), Some(before.due));
                prop_assert_eq!(event.arg(&format!("due-{clock}")).as_time(), Some(now.due));
            }
        }
        prop_assert_eq!(engine.recount(&after, &story, "cn 2", at), None, "a second time changes nothing");
        let again = engine.refold(&story).unwrap();
        prop_assert_eq!(&Track { handoffs: after.handoffs, ..again }, &after);
        // All but the clocks is as it was.
        let rest = |t: &Track| Track { running: vec![], next: None, since: Micros(0), ..t.clone() };
        prop_assert_eq!(rest(&after), rest(&case.track));
        let packed = after.pack();
        prop_assert!(packed.len() <= PACKED, "{} bytes: {packed}", packed.len());
        // What comes after it goes on by the same calendar.
        (case.engine, case.track, case.story) = (engine, after, story);
        let next = walk_on(case, &[(more.0, more.1 % 6000, true)]);
        for account in next.engine.accounts(&next.story, next.track.since) {
            let number = next.engine.rules().clock_number(&account.clock).unwrap();
            prop_assert_eq!(next.track.running.iter().find(|r| r.clock == number).unwrap().due, account.due);
        }
    }
}
