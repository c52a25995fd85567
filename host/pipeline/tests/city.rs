//! What a city promises, shown on a domain of its own: no plugin, no network, the real journal and world.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_model::*;
use changzhi_pipeline::{City, CityOptions, Expected, Native, Outcome, Submission};
use changzhi_world::{Cell, World};
use std::path::Path;
use std::sync::Arc;

/// Files cases: kind `case` with a flow, a unique code, a sealed contact and a long text.
struct Cases;

fn field(name: &str, kind: FieldType) -> FieldDecl {
    FieldDecl::new(name, kind)
}

impl Native for Cases {
    fn manifest(&self) -> Manifest {
        let state = |name: &str, terminal| StateDecl { name: name.into(), label: name.into(), terminal };
        let step = |event: &str, source: &str, target: &str, role: &str| TransitionDecl {
            event: event.into(),
            source: source.into(),
            target: target.into(),
            roles: vec![role.into()],
        };
        let command = |name: &str| CommandDecl {
            name: name.into(),
            label: name.into(),
            fields: vec![field("code", FieldType::Text)],
            roles: vec![],
            purpose: false,
        };
        Manifest {
            id: "host".into(),
            version: "0.1.0".into(),
            label: "cases".into(),
            kinds: vec![
                KindDecl { name: "case".into(), on: Family::Events, label: "case".into(), flow: Some("case".into()) },
                KindDecl { name: "file".into(), on: Family::Events, label: "file".into(), flow: None },
            ],
            facets: vec![
                FacetDecl {
                    name: "host.file".into(),
                    on: Family::Events,
                    label: "file".into(),
                    fields: vec![
                        field("by", FieldType::Entity(None)),
                        field("plugin", FieldType::Code),
                        field("of", FieldType::Entity(None)),
                        FieldDecl { sensitivity: Sensitivity::Secret, ..field("key", FieldType::Text) },
                    ],
                },
                FacetDecl {
                    name: "host.case".into(),
                    on: Family::Events,
                    label: "case".into(),
                    fields: vec![
                        FieldDecl { unique: true, required: true, ..field("code", FieldType::Text) },
                        FieldDecl { sensitivity: Sensitivity::Personal, ..field("contact", FieldType::Text) },
                        field("story", FieldType::LongText),
                        FieldDecl { sensitivity: Sensitivity::Personal, ..field("photos", FieldType::Files) },
                    ],
                },
            ],
            commands: vec![command("file"), command("close"), command("nothing"), command("bad")],
            views: vec![],
            flows: vec![FlowDecl {
                name: "case".into(),
                version: 1,
                initial: "open".into(),
                states: vec![state("open", false), state("closed", true)],
                transitions: vec![step("close", "open", "closed", "clerk")],
            }],
            subscriptions: vec![],
            jobs: vec![],
            grants: vec![],
            messages: vec![],
        }
    }

    fn handle(&self, ctx: &Context, command: &str, body: &[Value], world: &World) -> Result<Changes, Refusal> {
        let code = body[0].as_text().unwrap_or_default().to_owned();
        let found = world.find("host.case", "code", &Value::text(code.as_str()));
        let ops = match command {
            "file" => {
                let id = EntityId::provisional(0);
                let fields = vec![
                    Named::new("code", Value::text(code.as_str())),
                    Named::new("contact", Value::text(format!("phone of {code}"))),
                    Named::new("story", Value::text(format!("long story of {code}"))),
                ];
                vec![
                    Change::Create(Create {
                        kind: "case".into(),
                        category: "road".into(),
                        at: ctx.now,
                        within: None,
                        position: None,
                    }),
                    Change::Put(Put { entity: id, facet: "host.case".into(), fields }),
                ]
            }
            "close" => {
                let entity = found.ok_or(Refusal::NotFound(Text::plain(code)))?;
                vec![Change::Advance(Advance { entity, event: "close".into(), reason: String::new() })]
            }
            "touch" => {
                let entity = found.ok_or(Refusal::NotFound(Text::plain(code)))?;
                let fields = vec![Named::new("story", Value::text(format!("edited by {}", ctx.seed)))];
                vec![Change::Put(Put { entity, facet: "host.case".into(), fields })]
            }
            "attach" => {
                let entity = found.ok_or(Refusal::NotFound(Text::plain(code)))?;
                let fields = vec![Named::new("photos", body[1].clone())];
                vec![Change::Put(Put { entity, facet: "host.case".into(), fields })]
            }
            "keep" => {
                let fields = vec![
                    Named::new("by", body[0].clone()),
                    Named::new("plugin", body[1].clone()),
                    Named::new("key", Value::text(format!("key of {}", body[2].as_text().unwrap()))),
                ];
                let create =
                    Create { kind: "file".into(), category: "file".into(), at: ctx.now, within: None, position: None };
                let entity = EntityId::provisional(0);
                vec![Change::Create(create), Change::Put(Put { entity, facet: "host.file".into(), fields })]
            }
            "bad" => vec![
                Change::Create(Create {
                    kind: "case".into(),
                    category: "road".into(),
                    at: ctx.now,
                    within: None,
                    position: None,
                }),
                Change::Put(Put { entity: EntityId(999_999), facet: "host.case".into(), fields: vec![] }),
            ],
            _ => vec![],
        };
        Ok(Changes {
            ops,
            answer: vec![Named::new("case", Value::Entity(EntityId::provisional(0)))]
                .into_iter()
                .filter(|_| command == "file" || command == "keep")
                .collect(),
        })
    }
}

fn open(dir: &Path) -> Arc<City> {
    let (city, _) = City::open(CityOptions::in_dir(dir)).unwrap();
    city.native(Arc::new(Cases)).unwrap();
    city
}

fn submission(command: &str, code: &str, key: &str) -> Submission {
    Submission {
        plugin: "host".into(),
        command: command.into(),
        body: vec![Value::text(code)],
        actor: Actor { id: EntityId(1), roles: vec!["clerk".into()], divisions: vec![] },
        purpose: Name::default(),
        place: None,
        request: RequestId::from_key(EntityId(1), key),
        locale: "en".into(),
        expected: None,
        acting_for: None,
    }
}

fn done(outcome: Outcome) -> (Seq, bool, bool) {
    match outcome {
        Outcome::Done { seq, changed, replayed, .. } => (seq, changed, replayed),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_done_command_is_durable_and_there_after_a_restart_with_the_same_state() {
    let dir = tempfile::tempdir().unwrap();
    let city = open(dir.path());
    let (seq, changed, replayed) = done(city.submit(submission("file", "A-1", "k1")).wait());
    assert!(changed && !replayed && city.journal().durable() >= seq);
    let before = city.read(World::state_hash);
    city.close().unwrap();
    drop(city);
    let city = open(dir.path());
    assert_eq!(city.read(World::state_hash), before);
    assert!(city.read(|w| w.find("host.case", "code", &Value::text("A-1"))).is_some());
    city.close().unwrap();
}

#[test]
fn a_request_is_answered_once_for_ever_and_another_body_under_its_id_is_a_conflict() {
    let dir = tempfile::tempdir().unwrap();
    let city = open(dir.path());
    let first = city.submit(submission("file", "A-1", "k1")).wait();
    let again = city.submit(submission("file", "A-1", "k1")).wait();
    let (Outcome::Done { seq, answer, .. }, Outcome::Done { seq: seq2, answer: answer2, replayed, .. }) =
        (first, again)
    else {
        panic!("both are done")
    };
    assert!(replayed && seq == seq2 && answer == answer2);
    city.close().unwrap();
    drop(city);
    let city = open(dir.path());
    let (seq3, _, replayed) = done(city.submit(submission("file", "A-1", "k1")).wait());
    assert!(replayed && seq3 == seq, "after a restart too");
    let other = city.submit(submission("file", "A-2", "k1")).wait();
    assert!(matches!(other, Outcome::Refused(Refusal::Conflict(_))), "{other:?}");
    city.close().unwrap();
}

#[test]
fn a_command_with_one_wrong_change_changes_nothing_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let city = open(dir.path());
    let before = (city.read(World::state_hash), city.journal().head());
    let outcome = city.submit(submission("bad", "A-1", "k1")).wait();
    assert!(matches!(outcome, Outcome::Refused(Refusal::NotFound(_))), "{outcome:?}");
    assert_eq!((city.read(World::state_hash), city.journal().head()), before);
    city.close().unwrap();
}

#[test]
fn a_second_case_with_a_code_that_is_taken_is_refused_by_field() {
    let dir = tempfile::tempdir().unwrap();
    let city = open(dir.path());
    done(city.submit(submission("file", "A-1", "k1")).wait());
    let Outcome::Refused(Refusal::Invalid(problems)) = city.submit(submission("file", "A-1", "k2")).wait() else {
        panic!("a taken code is refused")
    };
    assert_eq!(problems.iter().map(|p| p.field.as_str()).collect::<Vec<_>>(), ["code"]);
    city.close().unwrap();
}

#[test]
fn the_flow_decides_what_may_happen_next_and_for_whom() {
    let dir = tempfile::tempdir().unwrap();
    let city = open(dir.path());
    done(city.submit(submission("file", "A-1", "k1")).wait());
    let mut by_a_stranger = submission("close", "A-1", "k2");
    by_a_stranger.actor.roles.clear();
    assert!(matches!(city.submit(by_a_stranger).wait(), Outcome::Refused(Refusal::Conflict(_))));
    done(city.submit(submission("close", "A-1", "k3")).wait());
    let again = city.submit(submission("close", "A-1", "k4")).wait();
    assert!(matches!(again, Outcome::Refused(Refusal::Conflict(_))), "closed is an end: {again:?}");
    city.close().unwrap();
}

#[test]
fn fifty_people_who_close_one_case_at_once_leave_one_winner_and_told_losers() {
    let dir = tempfile::tempdir().unwrap();
    let city = open(dir.path());
    done(city.submit(submission("file", "A-1", "k0")).wait());
    let pending: Vec<_> = (0..50).map(|i| city.submit(submission("close", "A-1", &format!("c{i}")))).collect();
    let outcomes: Vec<_> = pending.into_iter().map(changzhi_pipeline::Pending::wait).collect();
    let won = outcomes.iter().filter(|o| matches!(o, Outcome::Done { .. })).count();
    let told = outcomes.iter().filter(|o| matches!(o, Outcome::Refused(Refusal::Conflict(_)))).count();
    assert_eq!((won, told), (1, 49));
    city.close().unwrap();
}

#[test]
fn personal_words_are_in_no_file_until_their_key_opens_them_and_never_after_erasure() {
    let dir = tempfile::tempdir().unwrap();
    let city = open(dir.path());
    done(city.submit(submission("file", "A-1", "k1")).wait());
    let case = city.read(|w| w.find("host.case", "code", &Value::text("A-1"))).unwrap();
    assert!(matches!(city.read(|w| w.cell(case, "host.case", "contact")), Some(Cell::Sealed { .. })));
    assert!(matches!(city.read(|w| w.cell(case, "host.case", "story")), Some(Cell::InJournal { .. })));
    assert_eq!(city.secret(case, "host.case", "contact").unwrap(), Some(Value::text("phone of A-1")));
    city.take_snapshot().unwrap().expect("there is something to keep");
    city.erase(&Actor::default(), &"leaving".into(), case).unwrap();
    assert_eq!(city.secret(case, "host.case", "contact").unwrap_or(None), None);
    city.close().unwrap();
    drop(city);
    let marker = b"phone of A-1";
    for file in files(dir.path()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(marker.len()).any(|w| w == marker), "{} holds it", file.display());
    }
}

fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

#[test]
fn a_snapshot_and_the_tail_give_the_state_of_the_whole_journal() {
    let dir = tempfile::tempdir().unwrap();
    let city = open(dir.path());
    for i in 0..20 {
        done(city.submit(submission("file", &format!("A-{i}"), &format!("k{i}"))).wait());
    }
    let taken = city.take_snapshot().unwrap().unwrap();
    for i in 20..30 {
        done(city.submit(submission("file", &format!("A-{i}"), &format!("k{i}"))).wait());
    }
    let live = city.read(World::state_hash);
    city.close().unwrap();
    drop(city);
    let (city, opening) = City::open(CityOptions::in_dir(dir.path())).unwrap();
    assert_eq!((opening.snapshot, opening.replayed), (Some(taken), 10));
    assert_eq!(city.read(World::state_hash), live);
    city.close().unwrap();
    drop(city);
    std::fs::remove_dir_all(dir.path().join("snapshots")).unwrap();
    let (city, opening) = City::open(CityOptions::in_dir(dir.path())).unwrap();
    assert_eq!(opening.snapshot, None);
    assert_eq!(city.read(World::state_hash), live);
    city.close().unwrap();
}

#[test]
fn the_journals_time_never_runs_back_when_the_clock_does() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(Micros(2_000_000_000 * Micros::SECOND)));
    let (city, _) = City::open(CityOptions { clock: clock.clone(), ..CityOptions::in_dir(dir.path()) }).unwrap();
    city.native(Arc::new(Cases)).unwrap();
    let (first, ..) = done(city.submit(submission("file", "A-1", "k1")).wait());
    clock.set(Micros(1_000_000_000 * Micros::SECOND));
    let (second, ..) = done(city.submit(submission("file", "A-2", "k2")).wait());
    assert!(city.transaction(second).unwrap().at >= city.transaction(first).unwrap().at);
    city.close().unwrap();
}

#[test]
fn a_closing_city_refuses_and_a_command_that_needs_nothing_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let city = open(dir.path());
    let head = city.journal().head();
    let (_, changed, _) = done(city.submit(submission("nothing", "A-1", "k1")).wait());
    assert!(!changed);
    assert_eq!(city.journal().head(), head);
    city.close().unwrap();
    assert!(matches!(city.submit(submission("file", "A-1", "k2")).wait(), Outcome::Unavailable { .. }));
}

#[test]
fn of_two_who_saw_the_same_one_wins_and_one_is_told_fifty_times_over() {
    let dir = tempfile::tempdir().unwrap();
    let city = open(dir.path());
    for round in 0..50 {
        let code = format!("R-{round}");
        done(city.submit(submission("file", &code, &format!("f{round}"))).wait());
        let case = city.read(|w| w.find("host.case", "code", &Value::text(code.as_str()))).unwrap();
        let seen = city.read(|w| w.revision());
        let edit = |who: &str| {
            let expected = Some(Expected { revision: seen, entities: vec![case] });
            Submission { expected, ..submission("touch", &code, &format!("{who}{round}")) }
        };
        let start = std::sync::Barrier::new(2);
        let both: Vec<Outcome> = std::thread::scope(|scope| {
            let edits = ["a", "b"].map(|who| {
                scope.spawn(|| {
                    let edit = edit(who);
                    start.wait();
                    city.submit(edit).wait()
                })
            });
            edits.into_iter().map(|e| e.join().unwrap()).collect()
        });
        let won = both.iter().filter(|o| matches!(o, Outcome::Done { changed: true, .. })).count();
        let told = both.iter().filter(|o| matches!(o, Outcome::Outdated(about) if *about == [case])).count();
        assert_eq!((won, told), (1, 1), "round {round}: {both:?}");
        // Who was told may look again and send the same request: it was not done.
        let again = both.iter().position(|o| matches!(o, Outcome::Outdated(_))).unwrap();
        let now = city.read(|w| w.revision());
        let retry = edit(["a", "b"][again]);
        let retry = Submission { expected: Some(Expected { revision: now, entities: vec![case] }), ..retry };
        assert!(matches!(city.submit(retry).wait(), Outcome::Done { replayed: false, .. }));
    }
    city.close().unwrap();
}

#[test]
fn a_record_takes_only_the_actors_own_files_and_once_and_its_erasure_takes_their_keys() {
    let dir = tempfile::tempdir().unwrap();
    let city = open(dir.path());
    let file = |by: u64, plugin: &str, blob: &str| {
        let body = vec![Value::Entity(EntityId(by)), Value::text(plugin), Value::text(blob)];
        let kept = Submission { body, ..submission("keep", "", blob) };
        let Outcome::Done { answer, .. } = city.submit(kept).wait() else { panic!() };
        answer[0].value.as_entity().unwrap()
    };
    done(city.submit(submission("file", "F-1", "f1")).wait());
    done(city.submit(submission("file", "F-2", "f2")).wait());
    let case = |code: &str| city.read(|w| w.find("host.case", "code", &Value::text(code))).unwrap();
    let (own, theirs, other) = (file(1, "host", "b1"), file(2, "host", "b2"), file(1, "desk", "b3"));
    let mut n = 0;
    let mut attach = |code: &str, ids: String| {
        n += 1;
        let body = vec![Value::text(code), Value::Text(ids)];
        city.submit(Submission { body, ..submission("attach", code, &format!("attach{n}")) }).wait()
    };
    let refused = |o: Outcome| matches!(o, Outcome::Refused(Refusal::Invalid(p)) if p[0].field == "photos");
    assert!(refused(attach("F-1", theirs.to_string())), "somebody else's");
    assert!(refused(attach("F-1", other.to_string())), "of another plugin");
    assert!(refused(attach("F-1", format!("{own} {}", case("F-2")))), "no file");
    assert!(refused(attach("F-1", "99999".into())), "not there");
    assert!(matches!(attach("F-1", own.to_string()), Outcome::Done { .. }));
    assert!(matches!(attach("F-1", own.to_string()), Outcome::Done { .. }), "its own again");
    assert!(refused(attach("F-2", own.to_string())), "taken by another record");
    assert!(
        matches!(city.read(|w| w.cell(own, "host.file", "of")), Some(Cell::Here(Value::Entity(e))) if e == case("F-1"))
    );
    assert_eq!(city.secret(own, "host.file", "key").unwrap(), Some(Value::text("key of b1")));
    city.erase(&Actor::default(), &"leaving".into(), case("F-1")).unwrap();
    assert_eq!(city.secret(own, "host.file", "key").unwrap(), None);
    assert!(city.secret(theirs, "host.file", "key").unwrap().is_some());
    city.close().unwrap();
    drop(city);
    let again = open(dir.path());
    assert_eq!(again.secret(own, "host.file", "key").unwrap(), None, "nor after a start");
    again.close().unwrap();
}
