//! Matters under rules in a real city: clocks that act once, guards under the commit lock, versions side by side. No plugin.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_flow::{Deployed, Event, Flows, Track};
use changzhi_gate::Identity;
use changzhi_model::*;
use changzhi_pipeline::{City, CityOptions, Native, Outcome, Submission};
use changzhi_world::{Cell, World};
use std::path::Path;
use std::sync::Arc;

#[allow(dead_code)]
mod table {
    include!("../../../plugins/services/src/flow_table.rs");
}

/// The matter's kind and flow as a domain of the host, with one command for every step.
struct Matters(u32);

fn transition(event: &str, source: &str, target: &str, roles: &[&str]) -> TransitionDecl {
    let roles = roles.iter().map(|r| (*r).into()).collect();
    TransitionDecl { event: event.into(), source: source.into(), target: target.into(), roles }
}

fn flow(version: u32) -> FlowDecl {
    let states = |names: &[&str]| {
        let state = |n: &&str| StateDecl { name: (*n).into(), label: (*n).into(), terminal: *n == "withdrawn" };
        names.iter().map(state).collect()
    };
    if version == 1 {
        let steps = [("accept", "submitted", "accepted"), ("withdraw", "accepted", "withdrawn")];
        return FlowDecl {
            name: "matter".into(),
            version: 1,
            initial: "submitted".into(),
            states: states(&["submitted", "accepted", "withdrawn"]),
            transitions: steps.iter().map(|(e, s, t)| transition(e, s, t, &["operator"])).collect(),
        };
    }
    let mut transitions: Vec<_> = table::STEPS.iter().map(|(e, s, t, r)| transition(e, s, t, r)).collect();
    for to in table::TOLD {
        let open = table::STATES.iter().filter(|s| **s != "withdrawn");
        transitions.extend(open.map(|from| transition(&format!("told-{to}"), from, to, table::TELLERS)));
    }
    FlowDecl {
        name: "matter".into(),
        version: 2,
        initial: "submitted".into(),
        states: states(&table::STATES),
        transitions,
    }
}

impl Native for Matters {
    fn manifest(&self) -> Manifest {
        let field = FieldDecl::new;
        let facet =
            |name: &str, fields| FacetDecl { name: name.into(), on: Family::Events, label: name.into(), fields };
        let command = |name: &str, fields| CommandDecl {
            name: name.into(),
            label: name.into(),
            fields,
            roles: vec![],
            purpose: false,
        };
        Manifest {
            id: "services".into(),
            version: "0.1.0".into(),
            label: "services".into(),
            kinds: vec![KindDecl {
                name: "matter".into(),
                on: Family::Events,
                label: "matter".into(),
                flow: Some("matter".into()),
            }],
            facets: vec![
                facet("services.report", vec![field("agency", FieldType::Code), field("reply", FieldType::LongText)]),
                facet(
                    "services.step",
                    vec![
                        field("code", FieldType::Code),
                        field("evidence", FieldType::Text),
                        field("clause", FieldType::Text),
                        field("days", FieldType::Int),
                        field("outcome", FieldType::Code),
                        field("into", FieldType::Entity(Some(Family::Events))),
                    ],
                ),
            ],
            commands: vec![command("file", vec![]), command("step", vec![])],
            views: vec![],
            flows: (1..=self.0).map(flow).collect(),
            subscriptions: vec![],
            jobs: vec![],
            grants: vec![],
            messages: vec![],
        }
    }

    fn handle(&self, ctx: &Context, command: &str, body: &[Value], _world: &World) -> Result<Changes, Refusal> {
        let mut ops = Vec::new();
        if command == "file" {
            let create =
                Create { kind: "matter".into(), category: "noise".into(), at: ctx.now, within: None, position: None };
            ops.push(Change::Create(create));
            let answer = vec![Named::new("matter", Value::Entity(EntityId::provisional(0)))];
            return Ok(Changes { ops, answer });
        }
        let entity = body[0].as_entity().unwrap();
        let event = body[1].as_text().unwrap().into();
        ops.push(Change::Advance(Advance { entity, event, reason: "因为".into() }));
        for pair in body[2..].chunks(2) {
            let (facet, field) = pair[0].as_text().unwrap().rsplit_once('.').unwrap();
            let fields = vec![Named::new(field, pair[1].clone())];
            ops.push(Change::Put(Put { entity, facet: facet.into(), fields }));
        }
        Ok(Changes { ops, answer: vec![] })
    }
}

struct Town {
    city: Arc<City>,
    clock: Arc<ManualClock>,
    asked: std::sync::atomic::AtomicU64,
}

/// Monday, 2026-03-02, nine in the morning.
fn monday() -> Micros {
    Micros::from_rfc3339("2026-03-02T09:00:00+08:00").unwrap()
}

fn open(dir: &Path, now: Micros, version: u32, flows: Deployed) -> Town {
    let clock = Arc::new(ManualClock::at(now));
    let options = CityOptions { clock: clock.clone(), flows: Arc::new(flows), ..CityOptions::in_dir(dir) };
    let (city, _) = City::open(options).unwrap();
    city.native(Arc::new(Identity)).unwrap();
    city.native(Arc::new(Matters(version))).unwrap();
    Town { city, clock, asked: 0.into() }
}

fn town(dir: &Path) -> Town {
    open(dir, monday(), 2, Deployed::builtin().unwrap())
}

const UNIT: u64 = 41;
const OTHER: u64 = 42;

impl Town {
    fn submission(&self, who: u64, role: &str, command: &str, body: Vec<Value>) -> Submission {
        let n = self.asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Submission {
            plugin: "services".into(),
            command: command.into(),
            body,
            actor: Actor { id: EntityId(who), roles: vec![role.into()], divisions: vec![] },
            purpose: Name::default(),
            place: None,
            request: RequestId::from_key(EntityId(who), &format!("{}:{n}", self.clock.now().0)),
            locale: "zh-CN".into(),
            expected: None,
            acting_for: None,
        }
    }

    fn file(&self) -> EntityId {
        match self.city.submit(self.submission(OTHER, "operator", "file", vec![])).wait() {
            Outcome::Done { answer, .. } => answer[0].value.as_entity().unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn step(&self, who: u64, role: &str, matter: EntityId, event: &str, args: &[(&str, Value)]) -> Outcome {
        let mut body = vec![Value::Entity(matter), Value::text(event)];
        body.extend(args.iter().flat_map(|(field, value)| [Value::text(*field), value.clone()]));
        self.city.submit(self.submission(who, role, "step", body)).wait()
    }

    fn did(&self, who: u64, role: &str, matter: EntityId, event: &str, args: &[(&str, Value)]) {
        let done = self.step(who, role, matter, event, args);
        assert!(matches!(done, Outcome::Done { .. }), "{event}: {done:?}");
    }

    fn agency(name: &str) -> (&'static str, Value) {
        ("services.report.agency", Value::text(name))
    }

    fn handling(&self) -> EntityId {
        let matter = self.file();
        self.did(OTHER, "operator", matter, "accept", &[]);
        self.did(OTHER, "operator", matter, "assign", &[Town::agency("lamps")]);
        self.did(UNIT, "unit", matter, "start", &[]);
        matter
    }

    fn pass(&self, time: i64) {
        self.clock.set(self.clock.now().plus(time));
    }

    fn state(&self, matter: EntityId) -> String {
        self.city.read(|w| w.core(matter)).unwrap().state.to_string()
    }

    fn cell(&self, matter: EntityId, field: &str) -> Value {
        match self.city.read(|w| w.cell(matter, "host.track", field)) {
            Some(Cell::Here(value)) => value,
            _ => Value::None,
        }
    }

    /// Names of a matter's events, with the clock of those a clock took.
    fn story(&self, matter: EntityId) -> Vec<String> {
        let name = |e: Event| match e.fired {
            Some(fired) => format!("{}:{}", fired.clock, e.name),
            None => e.name.to_string(),
        };
        self.city.story(matter).unwrap().into_iter().map(name).collect()
    }

    /// Folds the journaled events anew: replay must be what was live.
    fn folds_to_what_is_kept(&self, matter: EntityId) {
        let mut flows = Flows::new();
        flows.add(flow(2)).unwrap();
        let engine = Deployed::builtin().unwrap().engine(&flows, "matter", 2).unwrap().unwrap();
        let (mut track, mut holder): (Option<Track>, String) = (None, String::new());
        for event in self.city.story(matter).unwrap() {
            track = Some(engine.after(track.as_ref(), &event, &holder));
            if !event.text("unit").is_empty() {
                holder = event.text("unit").to_owned();
            }
        }
        let track = track.unwrap();
        assert_eq!(self.cell(matter, "standing"), Value::Text(track.pack()));
        assert_eq!(self.cell(matter, "handoffs"), Value::Int(i64::from(track.handoffs)));
        assert_eq!(self.cell(matter, "due").as_time(), track.first_due().map(|r| r.due));
        assert_eq!(self.cell(matter, "next").as_time(), track.next);
    }
}

fn refused(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Refused(Refusal::Denied(Text::Msg(m)) | Refusal::Conflict(Text::Msg(m))) => m.key.clone(),
        Outcome::Refused(Refusal::Conflict(Text::Plain(text))) => text.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn clocks_act_by_themselves_each_step_once_and_an_acknowledgement_stops_them() {
    let dir = tempfile::tempdir().unwrap();
    let town = town(dir.path());
    let matter = town.handling();
    town.did(UNIT, "unit", matter, "contact", &[]);
    assert_eq!(town.city.run_timers(), 0, "nothing is due");
    town.pass(17 * Micros::DAY);
    assert_eq!(town.city.run_timers(), 1);
    assert_eq!(town.city.run_timers(), 0, "a step is taken once");
    town.pass(6 * Micros::DAY);
    town.city.run_timers();
    assert_eq!(town.story(matter)[5..], ["handle:warned", "handle:overdue"]);
    town.did(UNIT, "unit", matter, "acknowledge", &[]);
    town.pass(30 * Micros::DAY);
    assert_eq!(town.city.run_timers(), 0, "a name stops the ladder");
    town.folds_to_what_is_kept(matter);
    assert_eq!(town.city.clocks(matter, town.clock.now()).unwrap()[0].light.name(), "overdue");
    town.city.close().unwrap();
}

#[test]
fn a_pause_ends_by_itself_and_moves_the_matter_on() {
    let dir = tempfile::tempdir().unwrap();
    let town = town(dir.path());
    let matter = town.handling();
    let bare = town.step(UNIT, "unit", matter, "pause", &[]);
    assert_eq!(refused(&bare), "core-flow-missing");
    let tired = [("services.step.code", Value::text("tired")), ("services.step.evidence", Value::text("照片"))];
    assert_eq!(refused(&town.step(UNIT, "unit", matter, "pause", &tired)), "core-flow-unknown-code");
    let rain = [("services.step.code", Value::text("weather")), ("services.step.evidence", Value::text("照片"))];
    town.did(UNIT, "unit", matter, "pause", &rain);
    town.pass(40 * Micros::DAY);
    town.city.run_timers();
    assert_eq!(town.state(matter), "handling");
    let story = town.story(matter);
    assert!(story.contains(&"pause:resume".to_owned()), "{story:?}");
    town.folds_to_what_is_kept(matter);
    let account = town.city.explain(matter, &"handle".into(), town.clock.now()).unwrap().pop().unwrap();
    let sum: i64 = account.stretches.iter().map(|s| s.to.0 - s.from.0).sum();
    assert_eq!(sum, town.clock.now().0 - account.begun.0, "every second is explained");
    town.city.close().unwrap();
}

/// A copy of the folder at a moment is what kill -9 at that moment leaves.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else if let Err(e) = std::fs::copy(entry.path(), target) {
            // A file that was written aside has taken the place of another meanwhile.
            assert_eq!(e.kind(), std::io::ErrorKind::NotFound, "{}: {e}", entry.path().display());
        }
    }
}

#[test]
fn after_a_kill_between_any_two_steps_each_step_is_in_the_journal_once() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    let town = town(&home);
    let matters = [town.handling(), town.handling(), town.file()];
    let late = town.clock.now().plus(60 * Micros::DAY);
    let mut kills = vec![];
    for n in 0..4 {
        let killed = dir.path().join(format!("killed-{n}"));
        copy(&home, &killed);
        kills.push(killed);
        if let Some(next) = town.city.next_timer() {
            town.clock.set(next);
            town.city.run_timers();
            let revision = town.city.read(World::revision);
            town.city.journal().wait_durable(revision).unwrap();
        }
    }
    town.clock.set(late);
    town.city.run_timers();
    let whole: Vec<_> = matters.iter().map(|m| town.story(*m)).collect();
    town.city.close().unwrap();
    assert!(whole[0].contains(&"handle:supervised".to_owned()), "{whole:?}");
    for killed in kills {
        let again = open(&killed, late, 2, Deployed::builtin().unwrap());
        again.city.run_timers();
        assert_eq!(again.city.run_timers(), 0);
        for (matter, whole) in matters.iter().zip(&whole) {
            assert_eq!(again.story(*matter), *whole);
            again.folds_to_what_is_kept(*matter);
        }
        again.city.close().unwrap();
    }
}

#[test]
fn of_many_who_try_at_once_one_wins_and_the_others_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let town = town(dir.path());
    for _ in 0..20 {
        let matter = town.handling();
        let wish = |who, role: &str, event: &str, args: &[(&str, Value)]| {
            let mut body = vec![Value::Entity(matter), Value::text(event)];
            body.extend(args.iter().flat_map(|(f, v)| [Value::text(*f), v.clone()]));
            town.submission(who, role, "step", body)
        };
        let reply = [("services.report.reply", Value::text("已修")), ("services.step.outcome", Value::text("solved"))];
        let wishes = [
            wish(UNIT, "unit", "answer", &reply),
            wish(OTHER, "operator", "withdraw", &[]),
            wish(43, "unit", "answer", &reply),
        ];
        let pending = std::thread::scope(|scope| {
            let city = &town.city;
            let threads = wishes.map(|wish| scope.spawn(move || city.submit(wish).wait()));
            threads.map(|t| t.join().unwrap())
        });
        let won = pending.iter().filter(|o| matches!(o, Outcome::Done { .. })).count();
        assert_eq!(won, 1, "{pending:?}");
        for lost in pending.iter().filter(|o| !matches!(o, Outcome::Done { .. })) {
            assert!(refused(lost).contains("cannot happen in state"), "{lost:?}");
        }
        town.folds_to_what_is_kept(matter);
    }
    town.city.close().unwrap();
}

#[test]
fn whoever_claims_the_result_does_not_verify_it_and_a_bound_unit_does_not_decline() {
    let dir = tempfile::tempdir().unwrap();
    let town = town(dir.path());
    let matter = town.handling();
    let reply = [("services.report.reply", Value::text("已修")), ("services.step.outcome", Value::text("solved"))];
    town.did(UNIT, "unit", matter, "answer", &reply);
    assert_eq!(refused(&town.step(UNIT, "verifier", matter, "verify", &[])), "core-flow-verifier-is-handler");
    town.did(OTHER, "verifier", matter, "verify", &[]);
    town.did(OTHER, "verifier", matter, "close", &[]);
    assert_eq!(town.cell(matter, "outcome"), Value::text("solved"));

    let contested = town.file();
    town.did(OTHER, "operator", contested, "accept", &[]);
    town.did(OTHER, "operator", contested, "assign", &[Town::agency("lamps")]);
    let clause = [("services.step.clause", Value::text("第七条"))];
    town.did(UNIT, "unit", contested, "decline", &clause);
    town.did(44, "official", contested, "arbitrate", &[Town::agency("roads")]);
    assert_eq!(refused(&town.step(UNIT, "unit", contested, "decline", &clause)), "core-flow-bound");
    assert_eq!(town.cell(contested, "handoffs"), Value::Int(1));
    town.folds_to_what_is_kept(contested);
    town.city.close().unwrap();
}

#[test]
fn merged_matters_keep_their_voices_and_no_voice_is_merged_into() {
    let dir = tempfile::tempdir().unwrap();
    let town = town(dir.path());
    let (main, voice, third) = (town.file(), town.file(), town.file());
    let into = |m: EntityId| [("services.step.into", Value::Entity(m))];
    assert_eq!(refused(&town.step(OTHER, "operator", voice, "merge", &into(voice))), "core-flow-merge-nowhere");
    town.did(OTHER, "operator", voice, "merge", &into(main));
    assert_eq!(town.cell(voice, "into"), Value::Entity(main));
    assert_eq!(refused(&town.step(OTHER, "operator", third, "merge", &into(voice))), "core-flow-merge-into-voice");
    assert_eq!(refused(&town.step(OTHER, "operator", main, "merge", &into(voice))), "core-flow-merge-into-voice");
    town.did(45, "resident", voice, "unmerge", &[]);
    assert_eq!((town.cell(voice, "into"), town.state(voice).as_str()), (Value::None, "submitted"));
    town.folds_to_what_is_kept(voice);
    town.city.close().unwrap();
}

#[test]
fn a_matter_from_before_there_were_rules_goes_on_by_its_old_table_and_a_new_edition_is_for_new_matters() {
    let dir = tempfile::tempdir().unwrap();
    let old = open(dir.path(), monday(), 1, Deployed::default());
    let before = old.file();
    old.did(OTHER, "operator", before, "accept", &[]);
    assert!(old.city.story(before).unwrap().is_empty());
    old.city.close().unwrap();
    drop(old);

    let now = open(dir.path(), monday().plus(Micros::DAY), 2, Deployed::builtin().unwrap());
    assert!(
        refused(&now.step(OTHER, "operator", before, "assign", &[Town::agency("lamps")]))
            .contains("possible: withdraw")
    );
    now.did(OTHER, "operator", before, "withdraw", &[]);
    let under_first = now.handling();
    now.city.close().unwrap();
    drop(now);

    let rules = include_str!("../../../data/flows/matter.toml");
    let changed = rules.replacen("limit = \"15wd\"", "limit = \"3wd\"", 1);
    let deploy = |text: &str| {
        let mut deployed = Deployed::builtin().unwrap();
        deployed.rules(text).unwrap();
        deployed
    };
    let clock = Arc::new(ManualClock::at(monday().plus(2 * Micros::DAY)));
    let options = CityOptions { clock, flows: Arc::new(deploy(&changed)), ..CityOptions::in_dir(dir.path()) };
    let (city, _) = City::open(options).unwrap();
    city.native(Arc::new(Identity)).unwrap();
    let silent = city.native(Arc::new(Matters(2))).unwrap_err().to_string();
    assert!(silent.contains("raise `edition`"), "{silent}");
    city.close().unwrap();
    drop(city);

    let second = changed.replacen("version = 2", "version = 2\nedition = 2", 1);
    let later = open(dir.path(), monday().plus(2 * Micros::DAY), 2, deploy(&second));
    let under_second = later.handling();
    let limit = |matter| {
        let account = later.city.explain(matter, &"handle".into(), later.clock.now()).unwrap().pop().unwrap();
        account.limit.to_string()
    };
    assert_eq!((limit(under_first).as_str(), limit(under_second).as_str()), ("15wd", "3wd"));
    later.city.close().unwrap();
}

/// The calendar with a week of holidays nobody knew of.
fn edited() -> Deployed {
    let text = include_str!("../../../data/calendars/cn.toml");
    let mut deployed = Deployed::builtin().unwrap();
    deployed.calendar(&format!("{text}\n[[holiday]]\nname = \"水灾\"\noff = [\"2026-03-09..2026-03-13\"]\n")).unwrap();
    deployed
}

#[test]
fn an_edited_calendar_sets_open_clocks_right_in_bounded_steps_and_leaves_what_ended_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    let town = town(&home);
    let open_ones: Vec<EntityId> = (0..450).map(|_| town.handling()).collect();
    let ended = town.handling();
    let reply = [("services.report.reply", Value::text("已修")), ("services.step.outcome", Value::text("solved"))];
    town.pass(9 * Micros::DAY);
    town.city.run_timers();
    town.did(UNIT, "unit", ended, "answer", &reply);
    let handle = "handle".into();
    let ended_before = town.city.explain(ended, &handle, town.clock.now()).unwrap();
    let due_before: Vec<_> = open_ones.iter().map(|m| town.cell(*m, "due")).collect();
    let story_before = town.story(open_ones[0]);
    town.city.close().unwrap();
    drop(town);

    // Stopped in the middle of it, and at the end.
    let now = monday().plus(9 * Micros::DAY);
    let stopped = dir.path().join("stopped");
    copy(&home, &stopped);
    for place in [&stopped, &home] {
        for round in 0..2 {
            let town = open(place, now, 2, edited());
            if round == 0 && place == &stopped {
                // Stopped after the first step: nothing of what is left is kept anywhere but in the journal.
                town.city.recount();
                town.city.close().unwrap();
                continue;
            }
            while town.city.recount() > 0 {}
            for (matter, before) in open_ones.iter().zip(&due_before) {
                let account = town.city.explain(*matter, &handle, now).unwrap().pop().unwrap();
                let kept = town.city.clocks(*matter, now).unwrap();
                let standing = kept.iter().find(|s| s.clock == "handle").unwrap();
                assert_eq!(standing.due, account.due, "kept and explained agree");
                assert!(town.cell(*matter, "due").as_time() >= before.as_time());
                let story = town.city.story(*matter).unwrap();
                let last = story.last().unwrap();
                assert_eq!(story.iter().filter(|e| e.name == "recounted").count(), 1, "once, however often it starts");
                assert_eq!((last.name.as_str(), last.text("calendar")), ("recounted", "cn 2"));
                assert_eq!(last.arg("due-handle").as_time(), Some(standing.due));
                let was = last.arg("was-handle").as_time().unwrap();
                assert!(was < standing.due && last.reason.contains("handle: 2026-03-"), "{}", last.reason);
                assert_eq!(town.story(*matter)[..story_before.len()], story_before[..]);
            }
            assert_eq!(town.city.explain(ended, &handle, now).unwrap(), ended_before, "what ended is as it was");
            // Each step is one transaction of at most 200 matters.
            let (mut steps, mut seq) = (0, Seq(1));
            let last = town.city.read(World::revision);
            while seq <= last {
                let tx = Transaction::decode(&town.city.journal().get(seq).unwrap().unwrap()).unwrap();
                if tx.command == "recount" {
                    steps += 1;
                    assert!(tx.facts.len() <= 200, "{}", tx.facts.len());
                }
                seq = seq.next();
            }
            assert!(steps >= 3, "{steps}");
            town.city.close().unwrap();
        }
    }
    let again = open(&home, now, 2, edited());
    // The next step is taken by the new moment, not by the old.
    let due = again.city.clocks(open_ones[0], now).unwrap().iter().find(|s| s.clock == "handle").unwrap().due;
    again.clock.set(due.plus(-Micros::SECOND));
    again.city.run_timers();
    assert!(!again.story(open_ones[0]).contains(&"handle:overdue".to_owned()));
    again.clock.set(due);
    again.city.run_timers();
    assert!(again.story(open_ones[0]).contains(&"handle:overdue".to_owned()));
    again.city.close().unwrap();
}

#[test]
fn a_clock_that_would_act_by_the_old_calendar_is_set_right_first() {
    let dir = tempfile::tempdir().unwrap();
    let first = town(dir.path());
    let matter = first.handling();
    first.did(UNIT, "unit", matter, "contact", &[]);
    let old = first.city.clocks(matter, first.clock.now()).unwrap()[0].due;
    first.city.close().unwrap();
    drop(first);
    // The host was down while the old moment passed: it is no moment any more.
    let town = open(dir.path(), old.plus(Micros::SECOND), 2, edited());
    town.city.run_timers();
    while town.city.recount() > 0 {}
    town.city.run_timers();
    let story = town.story(matter);
    assert!(story.contains(&"recounted".to_owned()) && !story.contains(&"handle:overdue".to_owned()), "{story:?}");
    town.city.close().unwrap();
}
