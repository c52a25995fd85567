//! What a plugin may ask for outside, checked at commit; what is opened for it; and whom a role about a place means.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_gate::*;
use changzhi_model::*;
use changzhi_pipeline::{City, CityOptions, Native, SENDING, Unsealed};
use changzhi_world::World;
use parking_lot::Mutex;
use std::ops::ControlFlow;
use std::sync::Arc;

/// A plugin that does what the test puts before it.
struct Desk {
    grants: Vec<GrantDecl>,
    next: Arc<Mutex<Result<Vec<Change>, Refusal>>>,
}

impl Native for Desk {
    fn manifest(&self) -> Manifest {
        let sealed =
            |name: &str| FieldDecl { sensitivity: Sensitivity::Personal, ..FieldDecl::new(name, FieldType::Text) };
        let facet = |name: &str, fields| FacetDecl { name: name.into(), on: Family::Events, label: "x".into(), fields };
        let kind = KindDecl { name: "case".into(), on: Family::Events, label: "x".into(), flow: None };
        Manifest {
            id: "desk".into(),
            version: "1.0.0".into(),
            label: "x".into(),
            kinds: vec![kind],
            facets: vec![
                facet("desk.case", vec![sealed("contact"), FieldDecl::new("number", FieldType::Text)]),
                facet("desk.code", vec![FieldDecl::new("members", FieldType::Members), sealed("code")]),
            ],
            commands: vec![CommandDecl {
                name: "do".into(),
                label: "x".into(),
                fields: vec![],
                roles: vec![],
                purpose: false,
            }],
            views: vec![],
            flows: vec![],
            subscriptions: vec![],
            jobs: vec![],
            grants: self.grants.clone(),
            messages: vec![Messages { locale: "zh-CN".into(), ftl: "x = 甲\nhello = 您好 { $code }\n".into() }],
        }
    }

    fn handle(&self, _: &Context, _: &str, _: &[Value], _: &World) -> Result<Changes, Refusal> {
        Ok(Changes { ops: self.next.lock().clone()?, answer: vec![] })
    }
}

struct Town {
    city: Arc<City>,
    gate: Gate,
    next: Arc<Mutex<Result<Vec<Change>, Refusal>>>,
}

fn town(people: bool) -> Town {
    let clock = Arc::new(ManualClock::at(Micros(1_700_000_000 * Micros::SECOND)));
    let (city, _) = City::open(CityOptions { clock: clock.clone(), ..CityOptions::in_memory() }).unwrap();
    city.native(Arc::new(Identity)).unwrap();
    let next = Arc::new(Mutex::new(Ok(vec![])));
    let grant = GrantDecl { name: "people".into(), access: Access::Import, reason: "tells people".into() };
    let grants = if people { vec![grant] } else { vec![] };
    city.native(Arc::new(Desk { grants, next: next.clone() })).unwrap();
    let gate = Gate::new(Arc::new(CityBackend(Arc::clone(&city))), clock, GateOptions::default()).unwrap();
    Town { city, gate, next }
}

impl Town {
    fn does(&self, next: Result<Vec<Change>, Refusal>) -> Outcome {
        *self.next.lock() = next;
        let submission = Submission {
            plugin: "desk".into(),
            command: "do".into(),
            body: vec![],
            actor: Actor { id: EntityId(1), ..Actor::default() },
            purpose: Name::default(),
            place: None,
            request: fresh(),
            locale: "zh-CN".into(),
            expected: None,
            acting_for: None,
        };
        self.city.submit(submission).wait()
    }

    fn account(&self, login: &str, roles: &[(&str, Option<EntityId>)]) -> EntityId {
        let new = NewAccount { login, name: login, password: "correct horse battery", roles, purposes: &[] };
        self.gate.ensure_account(&new).unwrap()
    }

    /// As the account itself.
    fn gives(&self, account: EntityId, command: &str, body: Vec<Value>) -> Outcome {
        let submission = Submission {
            plugin: HOST,
            command: command.into(),
            body,
            actor: Actor { id: account, roles: vec![], divisions: vec![EntityId::NONE] },
            purpose: Name::default(),
            place: None,
            request: fresh(),
            locale: "en".into(),
            expected: None,
            acting_for: None,
        };
        self.city.submit(submission).wait()
    }

    fn facts(&self) -> Vec<Fact> {
        let mut all = Vec::new();
        let mut each = |_: Seq, bytes: &[u8]| {
            all.extend(Transaction::decode(bytes).unwrap().facts);
            ControlFlow::Continue(())
        };
        self.city.journal().read(Seq(1), &mut each).unwrap();
        all
    }

    fn intents(&self) -> usize {
        self.facts().iter().filter(|f| matches!(f, Fact::Intended { .. })).count()
    }

    /// A case with a contact and a code for `member`.
    fn case(&self, contact: &str, member: EntityId) -> (EntityId, EntityId) {
        let [case, code] = [0, 1].map(EntityId::provisional);
        let create = || {
            let at = Micros(1_700_000_000 * Micros::SECOND);
            Change::Create(Create { kind: "case".into(), category: "".into(), at, within: None, position: None })
        };
        let put = |entity, facet: &str, fields: &[(&str, &str)]| {
            let fields = fields.iter().map(|(n, v)| Named::new(*n, Value::text(*v))).collect();
            Change::Put(Put { entity, facet: facet.into(), fields })
        };
        let members = member.to_string();
        let done = self.does(Ok(vec![
            create(),
            create(),
            put(case, "desk.case", &[("contact", contact)]),
            put(code, "desk.code", &[("members", &members), ("code", "K7P-9QX")]),
        ]));
        let Outcome::Done { seq, .. } = done else { panic!("{done:?}") };
        let created = self.city.transaction(seq).unwrap().facts;
        let mut ids = created.iter().filter_map(|f| match f {
            Fact::Created { id, .. } => Some(*id),
            _ => None,
        });
        (ids.next().unwrap(), ids.next().unwrap())
    }
}

fn fresh() -> RequestId {
    static N: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
    let n = N.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_le_bytes();
    RequestId::keyless([n[0], n[1], n[2], n[3], 0, 0, 0, 0, 0, 0, 0, 0])
}

fn at(entity: EntityId, facet: &str, field: &str) -> SealedAt {
    SealedAt { entity, facet: facet.into(), field: field.into() }
}

fn intent(wish: &Wish) -> Change {
    let (kind, args) = wish.write();
    Change::Intent(Intent { kind, entity: None, args })
}

fn to(account: Option<EntityId>, contact: Option<SealedAt>, sealed: Option<SealedAt>) -> Wish {
    let sealed = sealed.into_iter().map(|at| ("code".into(), at)).collect();
    Wish {
        receiver: Receiver::One { account, contact },
        said: Said { message: "hello".into(), sealed, ..Said::default() },
    }
}

#[test]
fn a_wish_the_host_cannot_do_is_refused_with_the_way_to_mend_it_and_nothing_of_its_command_is_committed() {
    let town = town(true);
    let li = town.account("li", &[]);
    let (case, code) = town.case("13800000000", li);
    let said =
        |wish: &Wish, key: &str| Wish { said: Said { message: key.into(), ..wish.said.clone() }, ..wish.clone() };
    let good = to(Some(li), Some(at(case, "desk.case", "contact")), Some(at(code, "desk.code", "code")));
    let other = Change::Intent(Intent { kind: "sms".into(), entity: None, args: vec![] });
    let words = Wish { said: Said { words: Some("host".into()), ..good.said.clone() }, ..good.clone() };
    for (change, part) in [
        (other, "ask for one of: notify, notify-roles"),
        (intent(&said(&good, "bye")), "is not in the zh-CN messages of plugin desk"),
        (intent(&to(Some(case), None, None)), "give an account"),
        (intent(&to(None, Some(at(case, "desk.case", "phone")), None)), "desk.case.phone is not declared"),
        (intent(&to(None, Some(at(case, "desk.case", "number")), None)), "is not sealed"),
        (intent(&to(None, Some(at(li, "host.account", "name")), None)), "may not have host.account.name opened"),
        (intent(&words), "its own words"),
    ] {
        let Outcome::Failed(why) = town.does(Ok(vec![change])) else { panic!("{part}") };
        assert!(why.contains(part), "{why}");
    }
    let refusal = Refusal::Conflict(Text::plain("no"));
    assert!(matches!(town.does(Err(refusal)), Outcome::Refused(_)));
    assert_eq!(town.intents(), 0);
    assert!(matches!(town.does(Ok(vec![intent(&good)])), Outcome::Done { .. }));
    assert_eq!(town.intents(), 1);
}

#[test]
fn a_plugin_without_the_grant_people_has_nothing_opened() {
    let town = town(false);
    let (case, _) = town.case("13800000000", town.account("li", &[]));
    let wish = to(None, Some(at(case, "desk.case", "contact")), None);
    let Outcome::Failed(why) = town.does(Ok(vec![intent(&wish)])) else { panic!() };
    assert!(why.contains("add the grants \"people\""), "{why}");
}

#[test]
fn an_address_is_opened_after_its_look_is_journaled_for_a_member_alone_and_never_when_erased() {
    let town = town(true);
    let (li, wang) = (town.account("li", &[]), town.account("wang", &[]));
    let (case, code) = town.case("13800000000", li);
    let looks = || {
        let all = town.facts();
        all.iter().filter(|f| matches!(f, Fact::Looked { .. })).count()
    };
    let (contact, secret) = (at(case, "desk.case", "contact"), at(code, "desk.code", "code"));
    let opened = |at: &SealedAt, to| match town.city.open_to_send(at, to).unwrap() {
        Unsealed::Value(value) => value.as_text().unwrap().to_owned(),
        Unsealed::Empty => "empty".into(),
        Unsealed::Erased => "erased".into(),
        Unsealed::NotAMember => "not a member".into(),
    };
    assert_eq!((opened(&contact, None), looks()), ("13800000000".into(), 1));
    let seq = town.city.journal().durable();
    let tx = town.city.transaction(seq).unwrap();
    assert_eq!((tx.purpose, tx.plugin, tx.actor), (SENDING, HOST, EntityId::NONE));
    assert_eq!(tx.facts, [Fact::Looked { entity: case, facet: "desk.case".into(), fields: vec!["contact".into()] }]);
    assert_eq!((opened(&secret, Some(li)), looks()), ("K7P-9QX".into(), 2));
    for stranger in [None, Some(wang)] {
        assert_eq!((opened(&secret, stranger), looks()), ("not a member".into(), 2));
    }
    town.city.erase(&Actor::default(), &"test".into(), case).unwrap();
    assert_eq!((opened(&contact, None), looks()), ("erased".into(), 2));
    assert!(town.city.held(&contact), "what was erased is told as erased, not as never given");
}

#[test]
fn a_role_about_a_place_means_whoever_holds_it_nearest_and_can_be_reached() {
    let town = town(true);
    let place = |code: &str, parent: &str| {
        let parent = if parent.is_empty() { Value::None } else { Value::text(parent) };
        let body = ["division", "county", code, code].map(Value::text);
        let body = body.into_iter().chain([parent, Value::None, Value::None]).collect();
        town.gate.as_host("create-place", body).unwrap();
        town.city.read(|w| w.find("host.place", "code", &Value::text(code))).unwrap()
    };
    let (county, village, other) = (place("C", ""), place("V", "C"), place("O", ""));
    let city = town.account("city", &[("unit", None)]);
    let near = town.account("near", &[("unit", Some(county))]);
    let silent = town.account("silent", &[("unit", Some(village))]);
    let deputy = town.account("deputy", &[]);
    let asked = |place: Option<EntityId>, everybody: bool| {
        town.city.read(|w| holders(&WorldRecords(w), &["unit".into()], place, everybody, town.gate.now()))
    };
    let means = |place| asked(place, false);
    assert!(means(Some(village)).is_empty(), "nobody can be reached");
    for (account, phone) in [(city, "13800000001"), (near, "13800000002"), (deputy, "13800000003")] {
        let done = town.gives(account, "add-way", vec![Value::text("sms"), Value::text(phone), Value::None]);
        assert!(matches!(done, Outcome::Done { .. }), "{done:?}");
    }
    assert_eq!(means(Some(village)), [near], "{silent} has no channel");
    assert_eq!(means(Some(other)), [city]);
    assert_eq!(means(None), [city]);
    let until = Value::Time(town.gate.now().plus(Micros::DAY));
    let lend = vec![
        Value::Entity(deputy),
        Value::text("unit"),
        Value::Entity(county),
        Value::None,
        until,
        Value::text("leave"),
    ];
    let lent = town.gives(near, "delegate", lend);
    assert!(matches!(lent, Outcome::Done { .. }), "{lent:?}");
    assert_eq!(means(Some(village)), [near, deputy]);
    assert_eq!(asked(Some(village), true), [city, near, deputy], "everybody up to the whole city");
    assert_eq!(asked(Some(other), true), [city], "and nobody beside");
}

#[test]
fn only_the_account_itself_adds_and_ends_a_way_and_it_is_sealed() {
    let town = town(true);
    let (li, wang) = (town.account("li", &[]), town.account("wang", &[]));
    let add = |who, channel: &str, address: &str| {
        town.gives(who, "add-way", vec![Value::text(channel), Value::text(address), Value::text("mine")])
    };
    for (channel, address) in [("sms", "not a phone"), ("mail", "nobody"), ("push", "13800000000")] {
        assert!(matches!(add(li, channel, address), Outcome::Refused(Refusal::Invalid(_))), "{channel}");
    }
    let Outcome::Done { answer, .. } = add(li, "sms", "+86 138 0000 0000") else { panic!() };
    let way = answer[0].value.as_entity().unwrap();
    let kept = town.facts();
    assert!(!format!("{kept:?}").contains("138 0000"), "the journal holds it sealed");
    let reach = || town.city.read(|w| Reach::of(&WorldRecords(w), li)).unwrap();
    assert_eq!(reach().by("sms"), Some(at(way, "host.way", "address")));
    assert!(matches!(town.gives(wang, "end-way", vec![Value::Entity(way)]), Outcome::Refused(Refusal::NotFound(_))));
    let set = |order: &str, from: &str, until: &str| {
        let text = |s: &str| if s.is_empty() { Value::None } else { Value::text(s) };
        town.gives(li, "set-reach", vec![text(order), text(from), text(until), Value::text("en")])
    };
    for (order, from, until) in
        [("sms sms", "", ""), ("voice", "", ""), ("sms", "22:00", ""), ("sms", "25:00", "07:00")]
    {
        assert!(matches!(set(order, from, until), Outcome::Refused(Refusal::Invalid(_))), "{order} {from}");
    }
    assert!(matches!(set("push sms", "22:00", "07:00"), Outcome::Done { .. }));
    assert_eq!((reach().quiet, reach().language.as_str()), (Some((1320, 420)), "en"));
    assert!(matches!(town.gives(li, "end-way", vec![Value::Entity(way)]), Outcome::Done { .. }));
    assert_eq!(reach().by("sms"), None);
}
