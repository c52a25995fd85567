//! Any way a mediation may go: what somebody may not read is in none of their views, does not open with their rights, and stands nowhere
//! in the data folder.
//!
//! A generator makes steps (who speaks where, who comes, who leaves, another mediator, caucuses, minutes, statements). A model beside it,
//! eight lines of sets that share nothing with the plugin, says who may read which word. After every step everybody looks at every
//! room and page; at the end of a case at every view of the city with every id and purpose there is; at the end of all, every byte of
//! journal, snapshots, store and keys is looked through.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{EntityId, FieldType, Micros, Person, Reply, SealedAt, TestCity, TestError, Unsealed, Value};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Everybody in the city, by number: three who have the dispute, three helpers, two mediators, a recorder, an interpreter, and others with every role there is.
const LOGINS: [(&str, &[&str]); 12] = [
    ("wang", &[]),
    ("li", &[]),
    ("zhao", &[]),
    ("helper-1", &[]),
    ("helper-2", &[]),
    ("helper-3", &[]),
    ("chen", &["mediator"]),
    ("zhou", &["mediator"]),
    ("desk", &["operator"]),
    ("shu", &["recorder"]),
    ("yi", &["interpreter"]),
    ("boss", &["admin", "operator", "mediator", "official", "verifier", "unit", "grid-worker"]),
];
const CHEN: usize = 6;
const ZHOU: usize = 7;
const DESK: usize = 8;
const SHU: usize = 9;
const YI: usize = 10;
const PURPOSES: [&str; 3] = ["", "mediation", "handle-report"];
const VIEWS: [&str; 5] = ["dispute", "packet", "agreement", "drafting", "my-disputes"];

/// One word or statement that somebody put somewhere.
struct Told {
    secret: String,
    /// `None`: a statement, before everybody.
    room: Option<usize>,
    entity: EntityId,
    /// Who was there when it was said.
    heard: BTreeSet<usize>,
}

/// Somebody of a side.
struct Member {
    who: usize,
    side: &'static str,
    interprets: bool,
    gone: bool,
    record: EntityId,
}

struct Case<'c> {
    city: &'c TestCity,
    all: &'c [Person<'c>],
    /// Of the public list, by account.
    seats: &'c [EntityId],
    id: EntityId,
    number: usize,
    people: Vec<Member>,
    mediator: Option<usize>,
    /// Who serves beside the mediator: account, part, record.
    parts: Vec<(usize, &'static str, EntityId)>,
    /// Joint talk first; then each caucus with its side, and the interpreters it asked in.
    rooms: Vec<(EntityId, Option<&'static str>, BTreeSet<usize>)>,
    told: Vec<Told>,
}

const SIDES: [&str; 3] = ["a", "b", "c"];

impl<'c> Case<'c> {
    /// The model: who is in a room now.
    fn inside(&self, room: usize) -> BTreeSet<usize> {
        let (_, side, asked) = &self.rooms[room];
        let joint = side.is_none();
        let own = |m: &&Member| {
            !m.gone && side.is_none_or(|s| s == m.side) && (joint || !m.interprets || asked.contains(&m.who))
        };
        let serves = |(who, part, _): &&(usize, &str, EntityId)| {
            joint || *part == "second" || (*part == "interpreter" && asked.contains(who))
        };
        let served = self.parts.iter().filter(serves).map(|(who, _, _)| *who);
        self.people.iter().filter(own).map(|m| m.who).chain(served).chain(self.mediator).collect()
    }

    /// The model: what somebody may read now, of what was said in a room.
    fn may_read(&self, who: usize, told: &Told) -> bool {
        told.heard.contains(&who) && told.room.is_none_or(|room| self.inside(room).contains(&who))
    }

    fn begun(city: &'c TestCity, all: &'c [Person<'c>], seats: &'c [EntityId], number: usize) -> Case<'c> {
        let body = json!({"title": format!("第{number}件"), "dispute-category": "neighbours", "other-name": "李某"});
        let done = all[0].does("services/register-dispute", &body).unwrap();
        let id = done.id("dispute").unwrap();
        let mut case = Case {
            city,
            all,
            seats,
            id,
            number,
            people: vec![],
            mediator: None,
            parts: vec![],
            rooms: vec![(id, None, BTreeSet::new())],
            told: vec![],
        };
        let mut parties = done.created("dispute-party");
        let third = case.with(json!({"side": "c", "part": "party", "other-name": "赵某"}));
        parties.extend(all[DESK].does("services/add-party", &third).unwrap().created("dispute-party"));
        for command in ["screen", "invite"] {
            all[DESK].does(&format!("services/{command}"), &case.with(json!({}))).unwrap();
        }
        for who in [1, 2] {
            case.joins(who, parties[who]);
            all[who].does("services/answer-invitation", &case.with(json!({"consents": "agreed"}))).unwrap();
        }
        let member = |(who, side): (usize, &'static str)| Member {
            who,
            side,
            interprets: false,
            gone: false,
            record: parties[who],
        };
        case.people = SIDES.into_iter().enumerate().map(member).collect();
        case.appoint(CHEN);
        assert_eq!(case.mediator, Some(CHEN));
        case
    }

    fn with(&self, more: Json) -> Json {
        let mut body = json!({"dispute": self.id.0});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    }

    fn joins(&self, who: usize, party: EntityId) {
        let Value::Text(invitation) = self.city.value(party, "services.party.invitation").unwrap() else { panic!() };
        self.all[who].does("services/join-dispute", &json!({"invitation": invitation})).unwrap();
    }

    fn done(&self, who: usize, command: &str, more: Json) -> bool {
        matches!(self.all[who].asks(&format!("services/{command}"), &self.with(more)).unwrap(), Reply::Done(_))
    }

    fn appoint(&mut self, who: usize) {
        if self.done(DESK, "appoint-mediator", json!({"seat": self.seats[who].0})) {
            self.mediator = Some(who);
        }
    }

    fn to_session(&self) {
        let Some(mediator) = self.mediator else { return };
        let at = Micros(self.city.now().0 + Micros::HOUR).to_rfc3339();
        self.done(mediator, "prepare", json!({}));
        self.done(mediator, "schedule", json!({"session-at": at, "session-mode": "online"}));
        self.done(mediator, "hold", json!({}));
    }

    /// A secret that is found nowhere by chance.
    fn secret(&self) -> String {
        format!("第{}件密语{}号甲乙丙", self.number, self.told.len())
    }

    /// One step of the generator. What is refused changes nothing, in the model neither.
    fn step(&mut self, (what, who, choice): (u8, u8, u8)) {
        let (who, choice) = ([0, 1, 2, 3, 4, 5, CHEN, ZHOU, SHU, YI][usize::from(who) % 10], usize::from(choice));
        match what % 22 {
            // Anybody tries to say something in any room there is.
            0..=6 => {
                let room = choice % self.rooms.len();
                let (secret, heard) = (self.secret(), self.inside(room));
                // Mostly somebody who is there, so that there is something to read.
                let there = heard.iter().nth(choice / 8 % heard.len().max(1)).copied();
                let who = there.filter(|_| choice / 4 % 4 != 0).unwrap_or(who);
                let sort = if what % 22 > 4 { "minutes" } else { "talk" };
                let body = json!({"room": self.rooms[room].0.0, "text": secret, "sort": sort});
                match self.all[who].asks("services/say", &body).unwrap() {
                    Reply::Done(done) => {
                        assert!(heard.contains(&who), "{who} speaks in a room they are not in");
                        let entity = done.created("mediation-word")[0];
                        self.told.push(Told { secret, room: Some(room), entity, heard });
                    }
                    other => assert!(matches!(other, Reply::Refused(_)), "{other:?}"),
                }
            }
            7 => {
                let (secret, heard) = (self.secret(), self.inside(0));
                let body = self.with(json!({"sort": "claim", "text": secret}));
                if let Reply::Done(done) = self.all[who].asks("services/state", &body).unwrap() {
                    self.told.push(Told { secret, room: None, entity: done.created("statement")[0], heard });
                }
            }
            8 | 9 => {
                let side = SIDES[choice % 3];
                let Some(mediator) = self.mediator else { return };
                let body = self.with(json!({"side": side}));
                if let Reply::Done(done) = self.all[mediator].asks("services/open-caucus", &body).unwrap() {
                    let room = done.id("room").unwrap();
                    if !self.rooms.iter().any(|(id, _, _)| *id == room) {
                        self.rooms.push((room, Some(side), BTreeSet::new()));
                    }
                }
            }
            10 | 11 => {
                let side = SIDES[choice % 3];
                let part = ["agent", "observer", "interpreter"][choice / 3 % 3];
                let helper = 3 + choice / 8 % 3;
                let body = self.with(json!({"side": side, "part": part, "other-name": "某"}));
                if let Reply::Done(done) = self.all[DESK].asks("services/add-party", &body).unwrap() {
                    let record = done.created("dispute-party")[0];
                    self.joins(helper, record);
                    self.people.push(Member {
                        who: helper,
                        side,
                        interprets: part == "interpreter",
                        gone: false,
                        record,
                    });
                }
            }
            12 => {
                let own = self.people.iter().position(|m| m.who == who && !m.gone);
                // A third of them stay, so that there is something left to read.
                if let Some(own) = own.filter(|_| choice % 3 != 0)
                    && self.done(who, "leave-mediation", json!({}))
                {
                    self.people[own].gone = true;
                }
            }
            13 | 14 => {
                let Some(mediator) = self.mediator else { return };
                self.done(mediator, "adjourn", json!({"reason": "改日"}));
                let at = Micros(self.city.now().0 + Micros::HOUR).to_rfc3339();
                self.done(mediator, "schedule", json!({"session-at": at, "session-mode": "online"}));
                if what % 22 == 14 && self.done(mediator, "recuse", json!({"reason": "回避"})) {
                    self.mediator = None;
                    self.appoint(if mediator == CHEN { ZHOU } else { CHEN });
                }
                self.to_session();
            }
            // Somebody begins to serve beside the mediator, or serves no more.
            15 | 16 => {
                let (who, part) = [(ZHOU, "second"), (SHU, "recorder"), (YI, "interpreter")][choice % 3];
                let seat = self.seats[who];
                if let Reply::Done(done) =
                    self.all[DESK].asks("services/appoint-part", &self.with(json!({"seat": seat.0}))).unwrap()
                {
                    self.parts.push((who, part, done.id("part").unwrap()));
                }
            }
            17 => {
                if self.parts.is_empty() {
                    return;
                }
                let at = choice % self.parts.len();
                let part = self.parts[at].2;
                if self.done(choice % 3, "end-part", json!({"case-part": part.0, "reason": "回避"})) {
                    self.parts.remove(at);
                }
            }
            // A side asks an interpreter into its caucus, or out of it; others try it for them.
            18..=20 => {
                let room = choice % self.rooms.len();
                let Some(side) = self.rooms[room].1 else { return };
                let own =
                    self.people.iter().filter(|m| m.interprets && !m.gone && m.side == side).map(|m| (m.who, m.record));
                let served =
                    self.parts.iter().filter(|(_, part, _)| *part == "interpreter").map(|(who, _, id)| (*who, *id));
                let Some((interpreter, record)) = own.chain(served).last() else { return };
                let comes = choice % 3 != 0;
                let command = if comes { "ask-interpreter-in" } else { "ask-interpreter-out" };
                let body = json!({"room": self.rooms[room].0.0, "interpreter": record.0});
                let asked = self.all[who].asks(&format!("services/{command}"), &body).unwrap();
                if matches!(asked, Reply::Done(_)) {
                    let is_side = self
                        .people
                        .iter()
                        .any(|m| m.who == who && !m.gone && m.side == side && m.record.0 <= self.people[2].record.0);
                    assert!(is_side, "{who} asks somebody into the caucus of {side}");
                    match comes {
                        true => self.rooms[room].2.insert(interpreter),
                        false => self.rooms[room].2.remove(&interpreter),
                    };
                }
            }
            _ => {
                let minutes = self.told.get(choice % self.told.len().max(1));
                let Some(word) = minutes.filter(|told| !told.heard.contains(&who)).map(|told| told.entity) else {
                    return;
                };
                assert!(
                    !self.done(who, "agree-minutes", json!({"word": word.0})),
                    "{who} agrees to what they may not read"
                );
            }
        }
    }

    /// Everybody looks: each sees what the model says, no more and no less.
    fn everybody_looks(&self) {
        for (who, person) in self.all.iter().enumerate() {
            for (room, (id, _, _)) in self.rooms.iter().enumerate() {
                let shown = person.sees("services/room", &json!({"room": id.0}));
                let told = shown.as_ref().err();
                assert_eq!(shown.is_ok(), self.inside(room).contains(&who), "{who} at room {room}: {told:?}");
                let Ok(shown) = shown else { continue };
                let shown = format!("{:?}", shown.page);
                for told in self.told.iter().filter(|t| t.room == Some(room)) {
                    let reads = self.may_read(who, told);
                    assert_eq!(shown.contains(&told.secret), reads, "{who} in room {room}: {}", told.secret);
                }
            }
            for view in VIEWS {
                let body = if view == "my-disputes" { json!({}) } else { self.with(json!({})) };
                match person.sees(&format!("services/{view}"), &body) {
                    Ok(shown) => self.is_theirs(who, view, &format!("{:?}", shown.page), false),
                    Err(TestError::Failed { asked, why }) => panic!("{asked} by {who}: {why}"),
                    Err(_) => {}
                }
            }
        }
    }

    /// Nothing on a page that its reader may not read; talk only where talk is shown.
    fn is_theirs(&self, who: usize, view: &str, shown: &str, talk: bool) {
        for told in self.told.iter().filter(|t| shown.contains(&t.secret)) {
            assert!(self.may_read(who, told), "{who} reads {} at {view}", told.secret);
            assert!(talk || told.room.is_none(), "talk is shown at {view}: {}", told.secret);
        }
    }

    /// Every view of everything in force, with every id there is for every argument, for every purpose.
    fn everybody_looks_everywhere(&self) {
        let ids: Vec<EntityId> =
            self.rooms.iter().map(|(id, _, _)| *id).chain(self.told.iter().map(|t| t.entity)).collect();
        for (who, person) in self.all.iter().enumerate() {
            for purpose in PURPOSES {
                let person = if purpose.is_empty() { person.clone() } else { person.stating(purpose).unwrap() };
                for manifest in self.city.city().manifests() {
                    for view in &manifest.views {
                        let entities: Vec<_> =
                            view.params.iter().filter(|p| matches!(p.kind, FieldType::Entity(_))).collect();
                        let tries = if entities.is_empty() { &ids[..1] } else { &ids[..] };
                        for id in tries {
                            let body: serde_json::Map<_, _> =
                                entities.iter().map(|p| (p.name.to_string(), json!(id.0))).collect();
                            let name = format!("{}/{}", manifest.id, view.name);
                            match person.sees(&name, &Json::Object(body)) {
                                Ok(shown) => {
                                    let shown = format!("{:?}", shown.page);
                                    self.is_theirs(who, &name, &shown, name == "services/room");
                                }
                                Err(TestError::Failed { asked, why }) => panic!("{asked} of {id} by {who}: {why}"),
                                Err(_) => {}
                            }
                        }
                    }
                }
            }
        }
    }

    /// With the rights of an account, sealed words open for those who heard them and for nobody else.
    fn what_is_sealed_opens_for_who_heard_it(&self) {
        for told in &self.told {
            let facet = if told.room.is_some() { "services.word" } else { "services.statement" };
            assert!(self.city.is_sealed(told.entity, &format!("{facet}.text")));
            let at = SealedAt { entity: told.entity, facet: facet.into(), field: "text".into() };
            for (who, person) in self.all.iter().enumerate() {
                let opened = self.city.city().open_to_send(&at, Some(person.id())).unwrap();
                match told.heard.contains(&who) {
                    true => assert!(matches!(opened, Unsealed::Value(Value::Text(text)) if text == told.secret)),
                    false => assert!(matches!(opened, Unsealed::NotAMember), "{who} opens {}", told.secret),
                }
            }
            assert!(matches!(self.city.city().open_to_send(&at, None).unwrap(), Unsealed::NotAMember));
        }
    }
}

fn files(under: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(under).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

#[test]
fn however_a_mediation_goes_nobody_reads_what_is_not_theirs_in_any_view_or_in_any_byte() {
    let folder = tempfile::tempdir().unwrap();
    let city = TestCity::in_dir(folder.path(), &["services"]).unwrap();
    let all: Vec<Person> = LOGINS.iter().map(|(login, roles)| city.person(login, roles).unwrap()).collect();
    // Those who may serve; nobody else has a seat.
    let seat = |(who, person): (usize, &Person)| match [CHEN, ZHOU, SHU, YI].contains(&who) {
        true => {
            let entry = json!({"shown": format!("人员{who}"), "organisation": "街道"});
            person.does("services/set-seat", &entry).unwrap().id("seat").unwrap()
        }
        false => EntityId(0),
    };
    let seats: Vec<EntityId> = all.iter().enumerate().map(seat).collect();
    let mut runner =
        TestRunner::new(Config { cases: 24, failure_persistence: None, max_shrink_iters: 60, ..Config::default() });
    let steps = prop::collection::vec(any::<(u8, u8, u8)>(), 14..40);
    let number = std::cell::Cell::new(0);
    let secrets = std::cell::RefCell::new(Vec::new());
    runner
        .run(&steps, |steps| {
            number.set(number.get() + 1);
            let mut case = Case::begun(&city, &all, &seats, number.get());
            case.to_session();
            for step in steps {
                case.step(step);
                case.everybody_looks();
            }
            case.everybody_looks_everywhere();
            case.what_is_sealed_opens_for_who_heard_it();
            secrets.borrow_mut().extend(case.told.into_iter().map(|t| t.secret));
            Ok(())
        })
        .unwrap();
    drop(all);
    drop(city);

    // Every byte there is: journal, snapshots, store, keys.
    let secrets = secrets.into_inner();
    assert!(secrets.len() > 100, "only {} things were said", secrets.len());
    let mut all = Vec::new();
    files(folder.path(), &mut all);
    let mut read = 0;
    for file in all {
        let held = std::fs::read(&file).unwrap();
        read += held.len();
        let marker = "密语".as_bytes();
        assert!(!held.windows(marker.len()).any(|w| w == marker), "words stand in {}", file.display());
    }
    assert!(read > 100_000, "{read} bytes");
    eprintln!("{} things said in {} mediations, {read} bytes looked through", secrets.len(), number.get());
}
