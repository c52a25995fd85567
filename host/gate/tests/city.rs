//! The host's own domain in a real city: journal, world and vault, all in memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_gate::*;
use changzhi_model::*;
use changzhi_pipeline::view::{Cell as Shown, Node, NodeKind, Text as Words};
use changzhi_pipeline::{City, CityOptions, ViewCall};
use changzhi_world::Cell;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use support::{PASSWORD, account, place};

struct Town {
    city: Arc<City>,
    gate: Gate,
}

fn town() -> Town {
    let clock = Arc::new(ManualClock::at(Micros(1_700_000_000 * Micros::SECOND)));
    let (city, _) = City::open(CityOptions { clock: clock.clone(), ..CityOptions::in_memory() }).unwrap();
    city.native(Arc::new(Identity)).unwrap();
    let gate = Gate::new(Arc::new(CityBackend(Arc::clone(&city))), clock, GateOptions::default()).unwrap();
    Town { city, gate }
}

impl Town {
    fn send(&self, s: &Session, command: &str, body: Json) -> Result<Outcome, GateRefusal> {
        let ask = Ask { plugin: "host", command, purpose: None, place: None, key: None, locale: "en" };
        Ok(self.city.submit(self.gate.check(s, &ask, &body)?.submission).wait())
    }

    fn done(&self, s: &Session, command: &str, body: Json) {
        let outcome = self.send(s, command, body).unwrap();
        assert!(matches!(outcome, Outcome::Done { .. }), "{command}: {outcome:?}");
    }

    fn rows(&self, actor: Actor) -> Vec<Vec<Shown>> {
        let call = ViewCall {
            plugin: HOST,
            view: "accounts".into(),
            params: vec![Value::None],
            actor,
            purpose: Name::default(),
            locale: "en".into(),
        };
        let row = |n: Node| match n.kind {
            NodeKind::Row(row) => Some(row.cells),
            _ => None,
        };
        self.city.view(&call).unwrap().0.nodes.into_iter().filter_map(row).collect()
    }
}

#[test]
fn the_hosts_own_domain_keeps_the_charter() {
    charter::check(&Identity.manifest()).unwrap();
}

#[test]
fn a_password_is_sealed_in_the_world_and_in_the_journal_and_still_signs_in() {
    let t = town();
    let li = account(&t.gate, "li", &[("admin", None)], &[]);
    for field in ["password", "name"] {
        let cell = t.city.read(|w| w.cell(li, "host.account", field));
        assert!(matches!(cell, Some(Cell::Sealed { .. })), "{field}: {cell:?}");
    }
    let mut records = 0;
    t.city
        .journal()
        .read(Seq(1), &mut |_, bytes| {
            records += 1;
            for secret in [PASSWORD.as_bytes(), b"argon2", "李四".as_bytes()] {
                assert!(!bytes.windows(secret.len()).any(|w| w == secret));
            }
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    assert!(records >= 3, "declared, account, grant");
    assert!(t.gate.sign_in("li", "wrong horse", "a").is_err());
    let s = t.gate.sign_in("li", PASSWORD, "a").map_err(|e| e.to_string()).unwrap().session;
    assert_eq!((s.account, t.gate.own_name(&s).as_deref()), (li, Some("李四")));
}

#[test]
fn a_role_on_a_division_opens_that_division_and_taking_it_away_closes_it_at_once() {
    let t = town();
    let (north, south) = (place(&t.gate, "division", "1", None), place(&t.gate, "division", "2", None));
    let wang = account(&t.gate, "wang", &[], &[]);
    account(&t.gate, "li", &[("admin", None)], &[]);
    let li = t.gate.sign_in("li", PASSWORD, "a").map_err(|e| e.to_string()).unwrap().session;
    let cookie = t.gate.sign_in("wang", PASSWORD, "a").map_err(|e| e.to_string()).unwrap().cookie;
    let now = || t.gate.by_cookie(&cookie).unwrap();
    let grid = |code: &str, parent: &str| json!({"kind": "grid", "category": "grid", "code": code, "name": code, "parent": parent});
    assert!(matches!(t.send(&now(), "create-place", grid("1-1", "1")), Err(GateRefusal::Role { .. })));
    let role = json!({"account": wang.0, "role": "admin", "division": north.0});
    t.done(&li, "grant-role", role.clone());
    t.done(&now(), "create-place", grid("1-1", "1"));
    let beyond = t.send(&now(), "create-place", grid("2-1", "2")).unwrap();
    assert!(matches!(beyond, Outcome::Refused(Refusal::Invalid(_))), "{beyond:?}");
    assert_eq!(now().held, [Held { role: "admin".into(), division: Some(north) }]);
    let id = |code: &str| t.city.read(|w| w.find("host.place", "code", &Value::text(code)));
    let core = t.city.read(|w| w.core(id("1-1").unwrap())).unwrap();
    assert_eq!((core.within, id("2-1"), south > north), (Some(north), None, true));
    t.done(&li, "revoke-role", role);
    assert!(matches!(t.send(&now(), "create-place", grid("1-2", "1")), Err(GateRefusal::Role { .. })));
}

#[test]
fn a_place_with_an_extent_is_found_by_every_point_in_it_and_a_bad_extent_is_told() {
    let t = town();
    account(&t.gate, "li", &[("admin", None)], &[]);
    let li = t.gate.sign_in("li", PASSWORD, "a").map_err(|e| e.to_string()).unwrap().session;
    let grid = |code: &str, extent: &str| json!({"kind": "grid", "category": "grid", "code": code, "name": code, "extent": extent});
    t.done(&li, "create-place", grid("west", "113.10,36.20 113.11,36.21"));
    t.done(&li, "create-place", grid("east", "113.11,36.20 113.12,36.20 113.12,36.21 113.11,36.21"));
    let at = |lon, lat| {
        t.city.read(|w| {
            let place = w.locate(Point { lon, lat }, "grid").unwrap()?;
            match w.cell(place, "host.place", "code") {
                Some(Cell::Here(Value::Text(code))) => Some(code),
                _ => None,
            }
        })
    };
    assert_eq!(at(113.105, 36.205).as_deref(), Some("west"));
    assert_eq!(at(113.115, 36.205).as_deref(), Some("east"));
    assert_eq!(at(113.125, 36.205), None);
    for bad in ["113.1,36.2", "113.1 36.2", "181,0 182,1", "113.1,36.2 113.1,36.3"] {
        let told = t.send(&li, "create-place", grid("bad", bad)).unwrap();
        let Outcome::Refused(Refusal::Invalid(problems)) = told else { panic!("{bad}: {told:?}") };
        assert_eq!(problems[0].field, "extent", "{bad}");
    }
}

#[test]
fn the_page_of_accounts_shows_roles_and_never_a_persons_name() {
    let t = town();
    let north = place(&t.gate, "division", "1", None);
    account(&t.gate, "li", &[("admin", None)], &["mediation"]);
    let wang = account(&t.gate, "wang", &[("clerk", Some(north))], &[]);
    let gone = account(&t.gate, "gone", &[("clerk", None)], &[]);
    t.gate.as_host("close-account", vec![Value::Entity(gone)]).unwrap();
    let actor = |divisions| Actor { id: EntityId::NONE, roles: vec!["admin".into()], divisions };
    let login = |s: &str| Shown::Text(Words::Plain(s.into()));
    let tags = |s: &[&str]| Shown::Tags(s.iter().map(ToString::to_string).collect());
    let all = t.rows(actor(vec![]));
    assert_eq!(all.len(), 3);
    assert_eq!(all[0][1..], [login("li"), tags(&["admin"]), tags(&["mediation"]), Shown::Flag(false)]);
    assert_eq!(all[2][1..], [Shown::None, tags(&[]), tags(&[]), Shown::Flag(true)]);
    assert!(!format!("{all:?}").contains("李四"));
    let of_north = t.rows(actor(vec![north]));
    assert_eq!(of_north.len(), 1);
    assert_eq!(of_north[0][..3], [Shown::Person(wang.0), login("wang"), tags(&["clerk · 1"])]);
    assert!(t.rows(actor(vec![EntityId::NONE])).is_empty());
}
