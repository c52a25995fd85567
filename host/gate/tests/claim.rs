//! Whose a matter is: the PIN of its number, and the account it was filed from.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_gate::*;
use changzhi_model::*;
use serde_json::json;
use std::sync::Arc;
use support::*;

const MATTER: EntityId = EntityId(900);
const OTHER: EntityId = EntityId(901);

/// A city with two matters and a plugin that files, acts and shows.
fn town() -> (Arc<Town>, Arc<Gate>) {
    let town = Town::new();
    let about = || FieldDecl { required: true, ..FieldDecl::new("matter", FieldType::Entity(Some(Family::Events))) };
    let filled =
        |name| FieldDecl { sensitivity: Sensitivity::Secret, max_len: 64, ..FieldDecl::new(name, FieldType::Text) };
    let command = |name: &str, roles: &[Name], fields: Vec<FieldDecl>| CommandDecl {
        name: name.into(),
        label: name.into(),
        fields,
        roles: roles.to_vec(),
        purpose: false,
    };
    let view = |name: &str, roles: &[Name], purpose| ViewDecl {
        name: name.into(),
        label: name.into(),
        params: vec![about()],
        roles: roles.to_vec(),
        purpose,
        listed: false,
    };
    let mut desk = Identity.manifest();
    desk.id = "desk".into();
    desk.commands = vec![
        command("file", &[], vec![FieldDecl::new("title", FieldType::Text), filled("pin"), filled("own")]),
        command("reopen", &[], vec![about()]),
        command("rate", &[REPORTER], vec![about()]),
        command("merge", &["clerk".into()], vec![about(), FieldDecl { name: "into".into(), ..about() }]),
        command("join", &[], vec![about(), FieldDecl { name: "into".into(), ..about() }]),
    ];
    desk.views = vec![
        view("track", &[REPORTER], false),
        view("words", &[REPORTER], true),
        view("desk", &["clerk".into()], false),
    ];
    town.manifests.lock().unwrap().push(Arc::new(desk));
    for id in [MATTER, OTHER] {
        let core = Core {
            family: Family::Events,
            kind: "matter".into(),
            category: "noise".into(),
            state: "open".into(),
            at: town.clock.now(),
            within: None,
        };
        town.tables.lock().unwrap().cores.insert(id.0, core);
    }
    let gate = town.gate();
    (town, gate)
}

fn ask<'a>(command: &'a str, key: Option<&'a str>, purpose: Option<&'a str>) -> Ask<'a> {
    Ask { plugin: "desk", command, purpose, place: None, key, locale: "en" }
}

fn signed_in(gate: &Gate, login: &str) -> Arc<Session> {
    gate.sign_in(login, PASSWORD, "1.1.1.1").ok().unwrap().session
}

fn keep(town: &Town, matter: EntityId, field: &str, value: Value) {
    town.tables.lock().unwrap().cells.insert((matter.0, "host.claim".into(), field.into()), value);
}

/// Files as somebody under a key; the PIN told and the hash handed on.
fn filed(gate: &Gate, session: &Session, key: &str) -> (String, Value) {
    let checked = gate.check(session, &ask("file", Some(key), None), &json!({"title": "灯"})).unwrap();
    let told = checked.private.iter().find(|n| n.name == PIN).unwrap().value.as_text().unwrap().to_owned();
    (told, checked.submission.body[1].clone())
}

fn may(gate: &Gate, session: &Session, command: &str, body: serde_json::Value) -> Result<Vec<Name>, &'static str> {
    gate.check(session, &ask(command, None, None), &body).map(|c| c.submission.actor.roles).map_err(|e| e.code())
}

fn sees(
    gate: &Gate,
    session: &Session,
    view: &str,
    matter: EntityId,
    purpose: Option<&str>,
) -> Result<(), GateRefusal> {
    gate.look(session, &ask(view, None, purpose), |f| body::parse(f, &json!({"matter": matter.0}))).map(|_| ())
}

#[test]
fn a_filing_is_told_its_pin_and_hands_on_a_hash_and_a_retry_is_told_the_same() {
    let (town, gate) = town();
    account(&gate, "li", &[], &[]);
    let li = signed_in(&gate, "li");
    let (pin, hash) = filed(&gate, &li, "k1");
    let digits: String = pin.chars().filter(char::is_ascii_digit).collect();
    assert!(digits.len() == 8 && !hash.as_text().unwrap().contains(&digits), "{pin} {hash:?}");
    assert_eq!((pin.clone(), hash.clone()), filed(&gate, &li, "k1"), "a retry is the same request");
    assert_ne!(pin, filed(&gate, &li, "k2").0);
    // Another city, with another secret, tells another PIN for the same request.
    let (_, other) = self::town();
    account(&other, "li", &[], &[]);
    assert_ne!(pin, filed(&other, &signed_in(&other, "li"), "k1").0, "who knows the request knows no PIN");
    let given = gate.check(&li, &ask("file", None, None), &json!({"title": "x", "pin": "12345678"})).err().unwrap();
    assert!(matches!(given, GateRefusal::Invalid(p) if p[0].field == "pin"), "nobody chooses a PIN");
    let kept = town.tables.lock().unwrap().cells.values().any(|v| v.as_text().is_some_and(|t| t.contains(&digits)));
    assert!(!kept, "no open field holds it");
}

#[test]
fn with_a_pin_one_comes_to_ones_own_matter_and_to_nothing_else() {
    let (town, gate) = town();
    account(&gate, "li", &[], &[]);
    let (pin, hash) = filed(&gate, &signed_in(&gate, "li"), "k1");
    keep(&town, MATTER, "pin", hash);
    let claimed = gate.claim(Some(MATTER), "ABCDE-12345", &pin.replace(' ', ""), "9.9.9.9").ok().unwrap();
    let s = gate.by_claim(&claimed.cookie).unwrap();
    assert!(s.account.is_none() && gate.by_cookie(&claimed.cookie).is_none(), "it is no sign-in");
    assert_eq!(may(&gate, &s, "rate", json!({"matter": MATTER.0})).unwrap(), [REPORTER]);
    assert_eq!(may(&gate, &s, "reopen", json!({"matter": MATTER.0})).unwrap(), [REPORTER]);
    assert!(sees(&gate, &s, "track", MATTER, None).is_ok());
    assert!(matches!(sees(&gate, &s, "words", MATTER, None), Err(GateRefusal::PurposeNeeded(p)) if p == [OWN_MATTER]));
    assert!(sees(&gate, &s, "words", MATTER, Some(&OWN_MATTER)).is_ok());
    // Another matter, two at once, none at all, a clerk's command, the host's own.
    for (command, body) in [
        ("rate", json!({"matter": OTHER.0})),
        ("reopen", json!({"matter": OTHER.0})),
        ("join", json!({"matter": MATTER.0, "into": OTHER.0})),
        ("file", json!({"title": "x"})),
    ] {
        assert_eq!(may(&gate, &s, command, body), Err("not-found"), "{command}");
    }
    assert_eq!(may(&gate, &s, "merge", json!({"matter": MATTER.0, "into": MATTER.0})), Err("role"));
    assert!(sees(&gate, &s, "track", OTHER, None).is_err() && sees(&gate, &s, "desk", MATTER, None).is_err());
    let host = Ask { plugin: "host", ..ask("follow", None, None) };
    assert_eq!(gate.check(&s, &host, &json!({"matter": MATTER.0})).err().unwrap().code(), "not-found");
    gate.end_claim(&claimed.cookie);
    assert!(gate.by_claim(&claimed.cookie).is_none());
}

#[test]
fn a_wrong_number_and_a_wrong_pin_are_told_alike_and_guesses_wait() {
    let (town, gate) = town();
    account(&gate, "li", &[], &[]);
    let (pin, hash) = filed(&gate, &signed_in(&gate, "li"), "k1");
    keep(&town, MATTER, "pin", hash);
    let wrong = gate.claim(Some(MATTER), "A", "00000000", "1.1.1.1").err();
    assert_eq!(wrong, Some(GateRefusal::WrongPin));
    assert_eq!(wrong, gate.claim(None, "B", &pin, "1.1.1.1").err(), "no such number");
    assert_eq!(wrong, gate.claim(Some(OTHER), "C", &pin, "1.1.1.1").err(), "a matter without a PIN");
    let mut tries = 0;
    while gate.claim(Some(MATTER), "A", "00000000", format!("2.2.2.{tries}").as_str()).err() == wrong {
        tries += 1;
    }
    assert!(tries < 10, "the number waits, from whichever address");
    assert!(matches!(gate.claim(Some(MATTER), "a", &pin, "3.3.3.3").err(), Some(GateRefusal::Throttled(_))));
    town.clock.set(Micros(town.clock.now().0 + 61 * Micros::SECOND));
    assert!(gate.claim(Some(MATTER), "A", &pin, "3.3.3.3").is_ok(), "its owner is locked out for a minute at most");
}

#[test]
fn an_account_is_the_reporter_of_what_it_filed_and_no_account_can_hold_the_role() {
    let (town, gate) = town();
    let li = account(&gate, "li", &[("clerk", None)], &[]);
    account(&gate, "wang", &[("resident", None)], &[]);
    account(&gate, "root", &[("admin", None)], &[]);
    let (a, b) = (signed_in(&gate, "li"), signed_in(&gate, "wang"));
    let checked = gate.check(&a, &ask("file", Some("k1"), None), &json!({"title": "灯"})).unwrap();
    keep(&town, MATTER, "own", checked.submission.body[2].clone());
    let given = gate.check(&b, &ask("file", None, None), &json!({"title": "x", "own": "li"})).err().unwrap();
    assert!(matches!(given, GateRefusal::Invalid(p) if p[0].field == "own"), "nobody files as somebody else");
    assert!(may(&gate, &a, "rate", json!({"matter": MATTER.0})).unwrap().contains(&REPORTER));
    assert!(may(&gate, &a, "reopen", json!({"matter": MATTER.0})).unwrap().contains(&REPORTER));
    assert!(
        sees(&gate, &a, "track", MATTER, None).is_ok() && sees(&gate, &a, "words", MATTER, Some(&OWN_MATTER)).is_ok()
    );
    assert_eq!(may(&gate, &a, "rate", json!({"matter": OTHER.0})), Err("role"));
    assert!(!may(&gate, &a, "join", json!({"matter": MATTER.0, "into": OTHER.0})).unwrap().contains(&REPORTER));
    assert_eq!(may(&gate, &b, "rate", json!({"matter": MATTER.0})), Err("role"));
    assert_eq!(may(&gate, &b, "reopen", json!({"matter": MATTER.0})).unwrap(), ["resident"]);
    assert!(sees(&gate, &b, "words", MATTER, Some(&OWN_MATTER)).is_err());
    let root = signed_in(&gate, "root");
    let host = Ask { plugin: "host", ..ask("grant-role", None, None) };
    for role in [REPORTER.as_str(), "clock"] {
        let checked = gate.check(&root, &host, &json!({"account": li.0, "role": role})).unwrap();
        assert!(matches!(town.run(checked.submission), Outcome::Refused(Refusal::Invalid(_))), "{role}");
    }
}

#[test]
fn a_pin_is_told_again_to_the_account_that_filed_for_a_quarter_of_an_hour_and_to_nobody_else() {
    let (town, gate) = town();
    account(&gate, "li", &[], &[]);
    account(&gate, "wang", &[], &[]);
    let (a, b) = (signed_in(&gate, "li"), signed_in(&gate, "wang"));
    let (pin, hash) = filed(&gate, &a, "k1");
    keep(&town, MATTER, "pin", hash);
    assert_eq!(gate.pin_again(&a, MATTER, "k1"), Some(pin));
    assert_eq!(gate.pin_again(&a, MATTER, "k2"), None);
    assert_eq!(gate.pin_again(&a, OTHER, "k1"), None);
    assert_eq!(gate.pin_again(&b, MATTER, "k1"), None);
    town.clock.set(Micros(town.clock.now().0 + 901 * Micros::SECOND));
    assert_eq!(gate.pin_again(&a, MATTER, "k1"), None);
}
