//! Two counties with different plugin sets behind one gate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_gate::*;
use changzhi_model::*;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use support::*;

/// `desk` answers in the north, `mail` in the north and the west, `idle` is in no set. The city holds all three counties.
struct Counties {
    gate: Gate,
    city: EntityId,
    north: EntityId,
    south: EntityId,
    west: EntityId,
}

fn plugin(id: &str) -> Arc<Manifest> {
    let about = FieldDecl::new("about", FieldType::Entity(None));
    let mut manifest = Identity.manifest();
    manifest.id = id.into();
    manifest.commands = vec![CommandDecl {
        name: "file".into(),
        label: "file".into(),
        fields: vec![about.clone()],
        roles: vec!["clerk".into()],
        purpose: false,
    }];
    manifest.views[0] =
        ViewDecl { name: "list".into(), params: vec![about], roles: vec!["clerk".into()], ..manifest.views[0].clone() };
    Arc::new(manifest)
}

fn counties() -> Counties {
    let town = Town::new();
    town.manifests.lock().unwrap().extend(["desk", "mail", "idle"].map(plugin));
    let list = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (both, mail) = (list(&["desk", "mail"]), list(&["mail"]));
    let (n, w) = (list(&["1401"]), list(&["1403", "1499"]));
    let sets = Sets::new([(both.as_slice(), n.as_slice()), (mail.as_slice(), w.as_slice())]);
    let options = GateOptions { sets, ..GateOptions::default() };
    let gate = Gate::new(town.clone(), town.clock.clone(), options).unwrap();
    let city = place(&gate, "division", "14", None);
    let county = |code: &str| place(&gate, "division", code, Some("14"));
    let (north, south, west) = (county("1401"), county("1402"), county("1403"));
    Counties { gate, city, north, south, west }
}

impl Counties {
    fn clerk(&self, login: &str, at: &[Option<EntityId>]) -> Arc<Session> {
        let roles: Vec<_> = at.iter().map(|d| ("clerk", *d)).collect();
        account(&self.gate, login, &roles, &[]);
        self.gate.sign_in(login, PASSWORD, "a").ok().unwrap().session
    }

    fn file(
        &self,
        s: &Session,
        plugin: &str,
        place: Option<EntityId>,
        about: Option<EntityId>,
    ) -> Result<Submission, GateRefusal> {
        let ask = Ask { plugin, command: "file", purpose: None, place, key: None, locale: "en" };
        let body = json!({"about": about.map_or(Json::Null, |a| json!(a.0))});
        self.gate.check(s, &ask, &body).map(|c| c.submission)
    }

    fn list(&self, s: &Session, plugin: &str, about: Option<EntityId>) -> Result<Vec<EntityId>, GateRefusal> {
        let ask = Ask { plugin, command: "list", purpose: None, place: None, key: None, locale: "en" };
        let params = vec![about.map_or(Value::None, Value::Entity)];
        self.gate.look(s, &ask, |_| Ok(params)).map(|look| look.actor.divisions)
    }
}

fn not_served(plugin: &str, place: Option<EntityId>, codes: &[&str]) -> GateRefusal {
    GateRefusal::NotServed { plugin: plugin.into(), place, divisions: codes.iter().map(|c| Name::from(*c)).collect() }
}

#[test]
fn a_clerk_works_with_the_plugins_of_the_own_county_and_no_others() {
    let c = counties();
    let (north, west) = (c.clerk("north", &[Some(c.north)]), c.clerk("west", &[Some(c.west)]));
    let south = c.clerk("south", &[Some(c.south)]);
    assert_eq!(c.file(&north, "desk", None, None).unwrap().place, Some(c.north));
    assert_eq!(c.list(&north, "desk", None).unwrap(), [c.north]);
    assert_eq!(c.file(&west, "mail", None, None).unwrap().place, Some(c.west));
    let refused = c.file(&west, "desk", None, None).unwrap_err();
    assert_eq!(refused, not_served("desk", None, &["1401"]));
    assert_eq!((refused.status(), refused.code()), (403, "not-served"));
    assert!(refused.to_string().contains("1401"), "{refused}");
    assert_eq!(c.list(&west, "desk", None).unwrap_err(), not_served("desk", None, &["1401"]));
    let codes = ["1401", "1403", "1499"];
    assert_eq!(c.list(&south, "mail", None).unwrap_err(), not_served("mail", None, &codes));
    assert_eq!(c.list(&north, "idle", None).unwrap_err(), not_served("idle", None, &[]));
    for (session, listed) in [(&north, [true, true, false]), (&west, [false, true, false]), (&south, [false; 3])] {
        let is = ["desk", "mail", "idle"].map(|p| c.gate.is_served(session, &p.into(), &["clerk".into()]));
        assert_eq!(is, listed, "{}", session.login);
    }
}

#[test]
fn a_role_of_the_whole_city_reaches_no_further_than_the_plugins_sets() {
    let c = counties();
    let whole = c.clerk("whole", &[None]);
    let sent = c.file(&whole, "desk", None, None).unwrap();
    assert_eq!((sent.place, sent.actor.divisions), (Some(c.north), vec![c.north]), "its only county stands in");
    assert_eq!(c.file(&whole, "desk", Some(c.south), None).unwrap_err(), not_served("desk", Some(c.south), &["1401"]));
    assert_eq!(c.file(&whole, "desk", Some(c.city), None).unwrap_err(), not_served("desk", Some(c.city), &["1401"]));
    assert_eq!(c.file(&whole, "desk", None, Some(c.south)).unwrap_err(), not_served("desk", Some(c.south), &["1401"]));
    assert_eq!(c.list(&whole, "mail", None).unwrap(), [c.north, c.west]);
    assert_eq!(c.list(&whole, "desk", Some(c.west)).unwrap_err(), not_served("desk", Some(c.west), &["1401"]));
    assert_eq!(c.file(&whole, "mail", None, None).unwrap_err(), GateRefusal::PlaceNeeded(vec![c.north, c.west]));
    assert_eq!(c.file(&whole, "mail", None, Some(c.west)).unwrap().place, Some(c.west), "the body says where");
    let mayor = c.clerk("mayor", &[Some(c.city)]);
    assert_eq!(c.list(&mayor, "mail", None).unwrap(), [c.north, c.west]);
}

#[test]
fn two_counties_in_one_account_are_served_each_with_its_own() {
    let c = counties();
    let two = c.clerk("two", &[Some(c.south), Some(c.west)]);
    assert_eq!(c.file(&two, "mail", None, None).unwrap().place, Some(c.west), "the south is not served");
    assert_eq!(c.list(&two, "mail", None).unwrap(), [c.west]);
    assert_eq!(c.file(&two, "mail", Some(c.north), None).unwrap_err(), GateRefusal::Division(c.north));
}

#[test]
fn the_hosts_own_commands_answer_everywhere() {
    let c = counties();
    account(&c.gate, "admin", &[("admin", Some(c.south))], &[]);
    let s = c.gate.sign_in("admin", PASSWORD, "a").ok().unwrap().session;
    let ask = Ask { plugin: "host", command: "create-place", purpose: None, place: None, key: None, locale: "en" };
    let body = json!({"kind": "grid", "category": "grid", "code": "1402-1", "name": "g", "parent": "1402"});
    assert_eq!(c.gate.check(&s, &ask, &body).unwrap().submission.place, Some(c.south));
}
