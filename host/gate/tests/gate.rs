//! Who gets in, as whom, and for what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_gate::*;
use changzhi_model::*;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;
use support::*;

fn ask<'a>(command: &'a str) -> Ask<'a> {
    Ask { plugin: "host", command, purpose: None, place: None, key: None, locale: "en" }
}

fn signed_in(gate: &Gate, login: &str) -> Arc<Session> {
    gate.sign_in(login, PASSWORD, "1.1.1.1").map_err(|e| e.to_string()).unwrap().session
}

/// Checks and runs a command as the session.
fn send(town: &Town, gate: &Gate, s: &Session, command: &str, body: Json) -> Result<(Vec<Named>, Vec<Named>), String> {
    let checked = gate.check(s, &ask(command), &body).map_err(|e| e.code().to_owned())?;
    match town.run(checked.submission) {
        Outcome::Done { answer, .. } => Ok((answer, checked.private)),
        Outcome::Refused(
            Refusal::Denied(Text::Msg(m)) | Refusal::Conflict(Text::Msg(m)) | Refusal::NotFound(Text::Msg(m)),
        ) => Err(m.key),
        Outcome::Refused(Refusal::Invalid(p)) => Err(format!("{:?}", p)),
        other => Err(format!("{other:?}")),
    }
}

fn town_with(command: CommandDecl) -> Arc<Town> {
    let town = Town::new();
    let mut manifest = Identity.manifest();
    manifest.id = "desk".into();
    manifest.commands = vec![command];
    town.manifests.lock().unwrap().push(Arc::new(manifest));
    town
}

fn desk_command(roles: &[&str], purpose: bool, fields: Vec<FieldDecl>) -> CommandDecl {
    let roles = roles.iter().map(|r| Name::from(*r)).collect();
    CommandDecl { name: "file".into(), label: "file".into(), fields, roles, purpose }
}

#[test]
fn a_password_signs_in_and_everything_else_gets_the_same_answer() {
    let town = Town::new();
    let gate = town.gate();
    account(&gate, "li", &[("admin", None)], &[]);
    assert!(gate.sign_in("li", PASSWORD, "a").is_ok());
    let wrong = gate.sign_in("li", "wrong password", "a").err();
    let unknown = gate.sign_in("nobody", PASSWORD, "a").err();
    let long = gate.sign_in("li", &"x".repeat(1 << 20), "a").err();
    assert_eq!(wrong, Some(GateRefusal::WrongPassword));
    assert_eq!(wrong, unknown);
    assert_eq!(wrong, long);
}

#[test]
fn neither_the_submission_nor_an_open_field_holds_a_password() {
    let town = Town::new();
    let gate = town.gate();
    account(&gate, "li", &[("admin", None)], &[]);
    let s = signed_in(&gate, "li");
    send(&town, &gate, &s, "create-account", json!({"login": "wang", "name": "王五", "password": "another horse"}))
        .unwrap();
    let all = format!("{:?}", town.submitted.lock().unwrap());
    assert!(!all.contains("another horse") && !all.contains(PASSWORD));
    let tables = town.tables.lock().unwrap();
    assert!(tables.cells.values().all(|v| !v.as_text().is_some_and(|t| t.contains("argon2") || t.contains("王五"))));
}

#[test]
fn too_many_failures_wait_and_time_mends_it() {
    let town = Town::new();
    let gate = town.gate();
    account(&gate, "li", &[], &[]);
    let refusals: Vec<_> = (0..8).map(|_| gate.sign_in("li", "wrong password", "a").err().unwrap()).collect();
    let Some(GateRefusal::Throttled(wait)) = refusals.last() else { panic!("{refusals:?}") };
    assert_eq!(refusals.last().unwrap().status(), 429);
    assert!(
        matches!(gate.sign_in("li", PASSWORD, "b"), Err(GateRefusal::Throttled(_))),
        "the login waits, whatever the address"
    );
    town.clock.set(Micros(town.clock.now().0 + i64::try_from(wait.as_micros()).unwrap()));
    assert!(gate.sign_in("li", PASSWORD, "b").is_ok());
}

#[test]
fn a_session_ends_by_idling_by_age_by_sign_out_and_by_revocation() {
    let town = Town::new();
    let gate = town.gate();
    let id = account(&gate, "li", &[], &[]);
    let later = |d: Duration| town.clock.set(Micros(town.clock.now().0 + i64::try_from(d.as_micros()).unwrap()));
    let o = GateOptions::default();
    let cookie = gate.sign_in("li", PASSWORD, "a").ok().unwrap().cookie;
    later(o.idle + Duration::from_secs(1));
    assert!(gate.by_cookie(&cookie).is_none());
    let cookie = gate.sign_in("li", PASSWORD, "a").ok().unwrap().cookie;
    let mut passed = Duration::ZERO;
    while passed + o.idle / 2 < o.absolute {
        later(o.idle / 2);
        passed += o.idle / 2;
        assert!(gate.by_cookie(&cookie).is_some(), "after {passed:?}");
    }
    later(o.idle / 2 + Duration::from_secs(1));
    assert!(gate.by_cookie(&cookie).is_none());
    let (a, b, c) =
        (gate.sign_in("li", PASSWORD, "a").ok().unwrap(), gate.sign_in("li", PASSWORD, "a").ok().unwrap(), "forged");
    gate.sign_out(&a.cookie);
    assert!(gate.by_cookie(&a.cookie).is_none() && gate.by_cookie(&b.cookie).is_some() && gate.by_cookie(c).is_none());
    assert_eq!(gate.revoke_sessions(id), 1);
    assert!(gate.by_cookie(&b.cookie).is_none());
}

#[test]
fn a_role_taken_away_is_gone_from_a_session_that_is_open() {
    let town = Town::new();
    let gate = town.gate();
    account(&gate, "boss", &[("admin", None)], &[]);
    let id = account(&gate, "li", &[("clerk", None)], &["mediation"]);
    let boss = signed_in(&gate, "boss");
    let cookie = gate.sign_in("li", PASSWORD, "a").ok().unwrap().cookie;
    assert!(gate.by_cookie(&cookie).unwrap().is_city_wide("clerk"));
    assert_eq!(gate.by_cookie(&cookie).unwrap().purposes, ["mediation"]);
    send(&town, &gate, &boss, "revoke-role", json!({"account": id.0, "role": "clerk"})).unwrap();
    send(&town, &gate, &boss, "disallow-purpose", json!({"account": id.0, "purpose": "mediation"})).unwrap();
    let s = gate.by_cookie(&cookie).unwrap();
    assert!(s.held.is_empty() && s.purposes.is_empty());
    send(&town, &gate, &boss, "close-account", json!({"account": id.0})).unwrap();
    assert!(gate.by_cookie(&cookie).is_none());
    assert_eq!(gate.sign_in("li", PASSWORD, "a").err(), Some(GateRefusal::WrongPassword));
}

#[test]
fn a_token_is_shown_once_holds_no_more_roles_and_ends() {
    let town = Town::new();
    let gate = town.gate();
    let id = account(&gate, "li", &[("clerk", None), ("admin", None)], &[]);
    let s = signed_in(&gate, "li");
    let expires = Micros(town.clock.now().0 + Micros::DAY).to_rfc3339();
    let body = json!({"label": "import", "roles": "clerk", "expires": expires});
    let (answer, private) = send(&town, &gate, &s, "issue-token", body.clone()).unwrap();
    let secret = private[0].value.as_text().unwrap().to_owned();
    assert_eq!(secret.len(), 3 + 64);
    assert!(!format!("{:?} {:?}", town.submitted.lock().unwrap(), answer).contains(&secret));
    let by = gate.by_token(&secret).unwrap();
    assert_eq!((by.account, by.roles()), (id, vec![Name::from("clerk")]));
    assert!(gate.by_token("cz_0").is_none() && gate.by_token("").is_none());
    for bad in [
        json!({"roles": "mayor", "expires": expires}),
        json!({"expires": "2100-01-01T00:00:00Z"}),
        json!({"hash": "00", "expires": expires}),
    ] {
        assert!(send(&town, &gate, &s, "issue-token", bad.clone()).is_err(), "{bad}");
    }
    let token = answer[0].value.as_entity().unwrap();
    send(&town, &gate, &s, "revoke-token", json!({"token": token.0})).unwrap();
    assert!(gate.by_token(&secret).is_none(), "revoked");
    let other = send(&town, &gate, &s, "issue-token", body).unwrap().1[0].value.as_text().unwrap().to_owned();
    assert!(gate.by_token(&other).is_some());
    town.clock.set(Micros(town.clock.now().0 + Micros::DAY));
    assert!(gate.by_token(&other).is_none(), "expired");
}

#[test]
fn ones_own_password_needs_the_current_one() {
    let town = Town::new();
    let gate = town.gate();
    let id = account(&gate, "li", &[], &[]);
    let other = account(&gate, "wang", &[], &[]);
    let s = signed_in(&gate, "li");
    let set = |body: Json| send(&town, &gate, &s, "set-password", body);
    assert_eq!(set(json!({"account": id.0, "password": "new password"})).unwrap_err(), "invalid");
    assert_eq!(set(json!({"account": id.0, "password": "short", "current": PASSWORD})).unwrap_err(), "invalid");
    assert_eq!(set(json!({"account": other.0, "password": "new password"})).unwrap_err(), "host-whole-city-only");
    set(json!({"account": id.0, "password": "new password", "current": PASSWORD})).unwrap();
    assert!(gate.sign_in("li", "new password", "a").is_ok());
    assert!(gate.sign_in("li", PASSWORD, "a").is_err());
}

#[test]
fn a_county_administrator_reaches_no_further_than_the_county() {
    let town = Town::new();
    let gate = town.gate();
    let (city, north) = (place(&gate, "division", "14", None), place(&gate, "division", "1401", Some("14")));
    let south = place(&gate, "division", "1402", Some("14"));
    let li = account(&gate, "li", &[], &[]);
    account(&gate, "north-admin", &[("admin", Some(north))], &[]);
    let s = signed_in(&gate, "north-admin");
    let grant = |division: Json| {
        send(&town, &gate, &s, "grant-role", json!({"account": li.0, "role": "clerk", "division": division}))
    };
    assert!(grant(json!(north.0)).is_ok());
    assert_eq!(grant(json!(south.0)).unwrap_err(), "division");
    assert_eq!(grant(json!(city.0)).unwrap_err(), "division");
    assert_eq!(grant(Json::Null).unwrap_err(), "host-whole-city-only");
    let new = json!({"login": "x", "name": "x", "password": "long enough"});
    assert_eq!(send(&town, &gate, &s, "create-account", new).unwrap_err(), "host-whole-city-only");
    assert!(send(&town, &gate, &s, "allow-purpose", json!({"account": li.0, "purpose": "p"})).is_err());
}

#[test]
fn a_role_of_one_division_lends_nothing_to_another() {
    let place_field = FieldDecl { required: false, ..FieldDecl::new("about", FieldType::Entity(None)) };
    let town = town_with(desk_command(&["clerk"], false, vec![place_field]));
    let gate = town.gate();
    let (north, south) = (place(&gate, "division", "1", None), place(&gate, "division", "2", None));
    let grid = place(&gate, "grid", "1-7", Some("1"));
    let south_grid = place(&gate, "grid", "2-7", Some("2"));
    let file = |login: &str, place: Option<EntityId>, about: Json| {
        let s = signed_in(&gate, login);
        let ask = Ask { plugin: "desk", place, ..ask("file") };
        gate.check(&s, &ask, &json!({"about": about})).map(|c| c.submission)
    };
    account(&gate, "clerk", &[("clerk", Some(north)), ("chief", Some(south))], &[]);
    let sent = file("clerk", Some(grid), Json::Null).unwrap();
    assert_eq!((sent.actor.roles, sent.actor.divisions), (vec![Name::from("clerk")], vec![north]));
    assert_eq!(file("clerk", None, Json::Null).unwrap().place, Some(north), "its one division stands in");
    assert_eq!(file("clerk", Some(south_grid), Json::Null).unwrap_err(), GateRefusal::Division(south_grid));
    assert_eq!(file("clerk", Some(grid), json!(south_grid.0)).unwrap_err(), GateRefusal::Division(south_grid));
    assert!(matches!(file("clerk", Some(EntityId(9_999)), Json::Null), Err(GateRefusal::NotFound(_))));
    account(&gate, "both", &[("clerk", Some(north)), ("clerk", Some(south))], &[]);
    assert_eq!(file("both", None, Json::Null).unwrap_err(), GateRefusal::PlaceNeeded(vec![north, south]));
    account(&gate, "whole", &[("clerk", None), ("chief", Some(south))], &[]);
    assert_eq!(file("whole", Some(grid), Json::Null).unwrap().actor.roles, ["clerk"]);
    assert_eq!(file("whole", Some(south_grid), Json::Null).unwrap().actor.roles, ["clerk", "chief"]);
    account(&gate, "nothing", &[], &[]);
    assert_eq!(file("nothing", None, Json::Null).unwrap_err().status(), 403);
}

#[test]
fn an_account_without_roles_stands_nowhere_and_not_in_the_whole_city() {
    let about = FieldDecl::new("about", FieldType::Entity(None));
    let town = town_with(desk_command(&[], false, vec![about]));
    let gate = town.gate();
    let north = place(&gate, "division", "1", None);
    let id = account(&gate, "nothing", &[], &[]);
    let s = signed_in(&gate, "nothing");
    let file = |place, about: Json| {
        let ask = Ask { plugin: "desk", place, ..ask("file") };
        gate.check(&s, &ask, &json!({"about": about})).map(|c| (c.submission.actor, c.submission.place))
    };
    let nowhere = Actor { id, roles: vec![], divisions: vec![EntityId::NONE] };
    assert_eq!(file(None, Json::Null).unwrap(), (nowhere.clone(), None));
    assert_eq!(file(Some(north), Json::Null).unwrap(), (nowhere.clone(), Some(north)), "open to all about every place");
    assert_eq!(file(None, json!(north.0)).unwrap(), (nowhere.clone(), Some(north)));
    let mut manifest = Identity.manifest();
    manifest.id = "board".into();
    manifest.views[0].roles = vec![];
    town.manifests.lock().unwrap().push(Arc::new(manifest));
    let ask = Ask { plugin: "board", ..ask("accounts") };
    assert_eq!(gate.look(&s, &ask, |_| Ok(vec![])).unwrap().actor, nowhere);
    assert_eq!(gate.look(&s, &ask, |_| Ok(vec![Value::Entity(north)])).unwrap_err(), GateRefusal::Division(north));
    let own = json!({"account": id.0, "current": PASSWORD, "password": "another horse"});
    assert!(send(&town, &gate, &s, "set-password", own).is_ok(), "the own account needs no place");
}

#[test]
fn what_is_open_to_all_is_open_about_every_place_and_a_role_still_holds_only_at_home() {
    let town = town_with(desk_command(&[], false, vec![FieldDecl::new("about", FieldType::Entity(None))]));
    let gate = town.gate();
    let (north, south) = (place(&gate, "division", "1", None), place(&gate, "division", "2", None));
    account(&gate, "clerk", &[("operator", Some(north))], &[]);
    let s = signed_in(&gate, "clerk");
    let roles = |place, about: Json| {
        let ask = Ask { plugin: "desk", place, ..ask("file") };
        gate.check(&s, &ask, &json!({"about": about})).map(|c| (c.submission.actor.roles.len(), c.submission.place))
    };
    assert_eq!(roles(None, json!(north.0)).unwrap(), (1, Some(north)));
    for abroad in [roles(None, json!(south.0)), roles(Some(south), Json::Null), roles(Some(north), json!(south.0))] {
        assert_eq!(abroad.unwrap(), (0, Some(south)), "no role of the north is taken along");
    }
}

#[test]
fn a_purpose_must_be_stated_and_be_ones_own() {
    let town = town_with(desk_command(&[], true, vec![]));
    let gate = town.gate();
    account(&gate, "li", &[], &["mediation"]);
    let s = signed_in(&gate, "li");
    let with = |purpose| gate.check(&s, &Ask { plugin: "desk", purpose, ..ask("file") }, &json!({}));
    assert_eq!(with(None).unwrap_err(), GateRefusal::PurposeNeeded(vec!["mediation".into()]));
    assert_eq!(with(Some("curiosity")).unwrap_err(), GateRefusal::Purpose("curiosity".into()));
    assert_eq!(with(Some("mediation")).unwrap().submission.purpose, "mediation");
}

#[test]
fn a_key_names_the_request_for_ever_and_a_bad_one_is_refused() {
    let town = town_with(desk_command(&[], false, vec![FieldDecl::new("t", FieldType::Text)]));
    let gate = town.gate();
    account(&gate, "li", &[], &[]);
    account(&gate, "wang", &[], &[]);
    let id = |login: &str, key| {
        gate.check(&signed_in(&gate, login), &Ask { plugin: "desk", key, ..ask("file") }, &json!({}))
            .map(|c| c.submission.request)
    };
    assert_eq!(id("li", Some("k1")).unwrap(), id("li", Some("k1")).unwrap());
    assert_ne!(id("li", Some("k1")).unwrap(), id("wang", Some("k1")).unwrap());
    assert_ne!(id("li", None).unwrap(), id("li", None).unwrap());
    for bad in ["", "a b", "水", &"k".repeat(201)] {
        assert_eq!(id("li", Some(bad)).unwrap_err(), GateRefusal::Key);
    }
    let s = signed_in(&gate, "li");
    let wrong = gate.check(&s, &Ask { plugin: "desk", ..ask("file") }, &json!({"t": 1, "u": 2})).unwrap_err();
    assert!(matches!(&wrong, GateRefusal::Invalid(p) if p.len() == 2) && wrong.status() == 422);
    for (plugin, command) in [("nope", "file"), ("desk", "nope")] {
        assert_eq!(gate.check(&s, &Ask { plugin, ..ask(command) }, &json!({})).unwrap_err().status(), 404);
    }
}

#[test]
fn a_retry_of_create_account_is_the_same_request() {
    let town = Town::new();
    let gate = town.gate();
    account(&gate, "li", &[("admin", None)], &[]);
    let s = signed_in(&gate, "li");
    let body = json!({"login": "wang", "name": "王五", "password": "another horse"});
    let once = || {
        let checked = gate.check(&s, &Ask { key: Some("once"), ..ask("create-account") }, &body).unwrap();
        town.run(checked.submission)
    };
    assert!(matches!(once(), Outcome::Done { replayed: false, .. }));
    assert!(matches!(once(), Outcome::Done { replayed: true, .. }));
    let again = send(&town, &gate, &s, "create-account", body);
    assert_eq!(again.unwrap_err(), "host-login-taken");
}

#[test]
fn places_come_in_bulk_parents_first_and_the_second_time_adds_nothing() {
    let town = Town::new();
    let gate = town.gate();
    account(&gate, "li", &[("admin", None)], &[]);
    let s = signed_in(&gate, "li");
    let entry = |code: &str, parent: Json| json!({"kind": "division", "category": "county", "code": code, "name": "某县", "parent": parent, "position": {"lon": 113.1, "lat": 36.2}});
    let list = json!([entry("14", Json::Null), entry("1401", json!("14")), entry("140101", json!("1401"))]).to_string();
    let counts = |list: &str| {
        send(&town, &gate, &s, "create-places", json!({"places": list}))
            .map(|(a, _)| (a[0].value.clone(), a[1].value.clone()))
    };
    assert_eq!(counts(&list).unwrap(), (Value::Int(3), Value::Int(0)));
    assert_eq!(counts(&list).unwrap(), (Value::Int(0), Value::Int(3)));
    {
        let t = town.tables.lock().unwrap();
        let find = |c: &str| t.find("host.place", "code", &Value::text(c)).unwrap();
        assert_eq!(t.core(find("140101")).unwrap().within, Some(find("1401")));
        assert_eq!(t.core(find("1401")).unwrap().within, Some(find("14")));
    }
    let before = town.tables.lock().unwrap().cores.len();
    let mut nowhere = entry("79", Json::Null);
    nowhere["extent"] = "113.1,36.2 113.1,36.2".into();
    let bad = json!([entry("77", Json::Null), entry("78", json!("nowhere")), {"kind": "moon"}, nowhere]).to_string();
    let told = counts(&bad).unwrap_err();
    assert!(
        told.contains("places[1].parent")
            && told.contains("places[2].kind")
            && told.contains("places[3].extent")
            && !told.contains("places[0]"),
        "{told}"
    );
    assert!(counts("[").unwrap_err().contains("host-places-json"));
    assert_eq!(town.tables.lock().unwrap().cores.len(), before, "all or nothing");
}

#[test]
fn no_field_on_people_is_a_number_and_every_secret_is_sealed() {
    let manifest = Identity.manifest();
    for facet in manifest.facets.iter().filter(|f| f.on == Family::People) {
        for f in &facet.fields {
            assert!(matches!(f.kind, FieldType::Text), "{}.{}", facet.name, f.name);
        }
    }
    let account = manifest.facet("host.account").unwrap();
    assert!(account.field("password").unwrap().sensitivity.is_sealed());
    assert!(account.field("name").unwrap().sensitivity.is_sealed());
    assert!(
        account.field("login").unwrap().unique && manifest.facet("host.token").unwrap().field("hash").unwrap().unique
    );
}

#[test]
fn an_account_sees_its_own_sign_ins_and_ends_one_or_all_others() {
    let town = Town::new();
    let gate = town.gate();
    let id = account(&gate, "li", &[], &[]);
    let other = account(&gate, "wang", &[], &[]);
    let from = |device: &str| Client { address: "10.0.0.1".into(), device: device.into() };
    let desk = gate.sign_in("li", PASSWORD, from("Desk\u{7} browser")).ok().unwrap();
    let phone = gate.sign_in("li", PASSWORD, from(&"x".repeat(10_000))).ok().unwrap();
    let strange = gate.sign_in("wang", PASSWORD, from("<script>")).ok().unwrap();
    let seen = gate.sessions_of(id, &desk.cookie);
    assert_eq!(seen.len(), 2);
    let own = seen.iter().find(|s| s.own).unwrap();
    assert_eq!((own.device.as_str(), own.address.as_str()), ("Desk browser", "10.0.0.1"));
    let long = seen.iter().find(|s| !s.own).unwrap();
    assert_eq!(long.device.len(), 256, "what a client calls itself is cut");
    assert!(!seen.iter().any(|s| desk.cookie.contains(&s.id) || phone.cookie.contains(&s.id)));
    let foreign = &gate.sessions_of(other, &strange.cookie)[0].id;
    assert!(!gate.end_session(id, foreign), "another's sign-in is not there");
    assert!(gate.end_session(id, &long.id) && !gate.end_session(id, &long.id));
    assert!(gate.by_cookie(&phone.cookie).is_none() && gate.by_cookie(&desk.cookie).is_some());
    let third = gate.sign_in("li", PASSWORD, "a").ok().unwrap();
    assert_eq!(gate.end_other_sessions(id, &third.cookie), 1);
    assert!(gate.by_cookie(&desk.cookie).is_none() && gate.by_cookie(&third.cookie).is_some());
    assert!(gate.by_cookie(&strange.cookie).is_some());
}

#[test]
fn a_token_states_no_more_purposes_than_it_was_made_with() {
    let town = Town::new();
    let gate = town.gate();
    account(&gate, "li", &[("clerk", None)], &["mediation", "rescue"]);
    let s = signed_in(&gate, "li");
    let expires = Micros(town.clock.now().0 + Micros::DAY).to_rfc3339();
    let purposes = |given: Json| {
        let body = json!({"expires": expires, "purposes": given});
        let (_, private) = send(&town, &gate, &s, "issue-token", body)?;
        Ok::<_, String>(gate.by_token(private[0].value.as_text().unwrap()).unwrap().purposes.clone())
    };
    assert_eq!(purposes(Json::Null).unwrap(), ["mediation", "rescue"]);
    assert_eq!(purposes(json!("rescue")).unwrap(), ["rescue"]);
    assert!(purposes(json!("-")).unwrap().is_empty(), "a token that opens nothing personal");
    assert!(purposes(json!("curiosity")).is_err(), "not a purpose of the account");
}

#[test]
fn what_anybody_may_do_needs_no_place_even_with_roles_in_many_divisions() {
    let town = Town::new();
    let gate = town.gate();
    let (north, south) = (place(&gate, "division", "N", None), place(&gate, "division", "S", None));
    let id = account(&gate, "li", &[("clerk", Some(north)), ("clerk", Some(south))], &[]);
    let s = signed_in(&gate, "li");
    send(&town, &gate, &s, "set-password", json!({"account": id.0, "password": "new password", "current": PASSWORD}))
        .unwrap();
    send(&town, &gate, &s, "mark-read", json!({})).unwrap();
    send(&town, &gate, &s, "mark-read", json!({})).unwrap();
    let tables = town.tables.lock().unwrap();
    assert_eq!(tables.referring("inbox", "host.inbox", "account", id).len(), 1, "one inbox an account");
}

#[test]
fn a_matter_is_followed_by_oneself_or_copied_to_another_and_each_may_stop() {
    let town = Town::new();
    let gate = town.gate();
    let li = account(&gate, "li", &[("clerk", None)], &[]);
    let wang = account(&gate, "wang", &[("clerk", None)], &[]);
    let core = Core {
        family: Family::Events,
        kind: "matter".into(),
        category: "noise".into(),
        state: "open".into(),
        at: Micros(1),
        within: None,
    };
    town.tables.lock().unwrap().cores.insert(900, core);
    let (a, b) = (signed_in(&gate, "li"), signed_in(&gate, "wang"));
    send(&town, &gate, &a, "follow", json!({"matter": 900})).unwrap();
    assert_eq!(send(&town, &gate, &a, "follow", json!({"matter": 900})).unwrap_err(), "host-already-followed");
    send(&town, &gate, &a, "follow", json!({"matter": 900, "account": wang.0})).unwrap();
    let following = |id| {
        let tables = town.tables.lock().unwrap();
        let all = tables.referring("follow", "host.follow", "account", id).into_iter();
        all.filter(|f| tables.value(*f, "host.follow", "ended").is_none()).count()
    };
    assert_eq!((following(li), following(wang)), (1, 1));
    assert_eq!(
        send(&town, &gate, &b, "unfollow", json!({"matter": 900, "account": li.0})).unwrap_err(),
        "host-whole-city-only"
    );
    send(&town, &gate, &a, "unfollow", json!({"matter": 900, "account": wang.0})).unwrap();
    send(&town, &gate, &a, "unfollow", json!({"matter": 900})).unwrap();
    assert_eq!((following(li), following(wang)), (0, 0));
    assert_eq!(send(&town, &gate, &a, "unfollow", json!({"matter": 900})).unwrap_err(), "host-not-followed");
    for bad in [li.0, 1_000_000] {
        assert!(send(&town, &gate, &a, "follow", json!({"matter": bad})).is_err(), "{bad} is no matter");
    }
}

#[test]
fn a_token_makes_no_token_that_can_more_or_lasts_longer_than_itself() {
    let town = Town::new();
    let gate = town.gate();
    account(&gate, "li", &[("clerk", None), ("unit", None)], &["mediation"]);
    let s = signed_in(&gate, "li");
    let day = Micros(town.clock.now().0 + Micros::DAY).to_rfc3339();
    let week = Micros(town.clock.now().0 + 7 * Micros::DAY).to_rfc3339();
    let secret = |private: Vec<Named>| private[0].value.as_text().unwrap().to_owned();
    let body = json!({"roles": "clerk", "purposes": "-", "expires": day});
    let first = secret(send(&town, &gate, &s, "issue-token", body).unwrap().1);
    let by = gate.by_token(&first).unwrap();
    let second = secret(send(&town, &gate, &by, "issue-token", json!({"expires": day})).unwrap().1);
    let second = gate.by_token(&second).unwrap();
    assert_eq!((second.roles(), second.purposes.len()), (vec![Name::from("clerk")], 0));
    for more in [
        json!({"roles": "unit", "expires": day}),
        json!({"purposes": "mediation", "expires": day}),
        json!({"expires": week}),
    ] {
        assert_eq!(send(&town, &gate, &by, "issue-token", more.clone()).unwrap_err(), "invalid", "{more}");
    }
}

#[test]
fn only_a_sign_in_ended_from_elsewhere_is_remembered_as_such() {
    let t = Town::new();
    let gate = t.gate();
    let id = account(&gate, "li", &[], &[]);
    let sign_in = || gate.sign_in("li", PASSWORD, "10.0.0.1").unwrap().cookie;
    let (phone, desk, own) = (sign_in(), sign_in(), sign_in());
    gate.sign_out(&own);
    assert!(!gate.was_revoked(&own), "who signs out has wiped it already");
    assert_eq!(gate.end_other_sessions(id, &desk), 1);
    assert!(gate.was_revoked(&phone) && !gate.was_revoked(&desk) && !gate.was_revoked("nonsense"));
    assert_eq!(gate.revoke_sessions(id), 1);
    assert!(gate.was_revoked(&desk));
    let idle = sign_in();
    t.clock.set(Micros(t.clock.now().0 + 2 * 3600 * Micros::SECOND));
    assert!(gate.by_cookie(&idle).is_none() && !gate.was_revoked(&idle), "time is no revocation");
    let closed = sign_in();
    gate.as_host("close-account", vec![Value::Entity(id)]).unwrap();
    assert!(gate.by_cookie(&closed).is_none() && gate.was_revoked(&closed));
}
