//! Lending a role: never more than the giver has, never beyond its end, never on to a third.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_gate::{Ask, Delegation, Gate, GateRefusal, Held, Outcome, Session};
use changzhi_model::*;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use support::{PASSWORD, Town, account, place};

struct City {
    town: Arc<Town>,
    gate: Arc<Gate>,
    city: EntityId,
    north: EntityId,
    mill: EntityId,
    south: EntityId,
}

fn city() -> City {
    let town = Town::new();
    let gate = town.gate();
    let city = place(&gate, "division", "C", None);
    let north = place(&gate, "division", "N", Some("C"));
    let mill = place(&gate, "division", "M", Some("N"));
    let south = place(&gate, "division", "S", Some("C"));
    City { town, gate, city, north, mill, south }
}

impl City {
    fn session(&self, login: &str) -> Arc<Session> {
        self.gate.sign_in(login, PASSWORD, "a").map_err(|e| e.to_string()).unwrap().session
    }

    fn now(&self) -> Micros {
        self.town.clock.now()
    }

    fn pass(&self, days: i64) {
        self.town.clock.set(Micros(self.now().0 + days * Micros::DAY));
    }

    fn command(&self, session: &Session, command: &str, body: &Json) -> Result<Outcome, GateRefusal> {
        let ask = Ask { plugin: "host", command, purpose: None, place: None, key: None, locale: "en" };
        self.gate.check(session, &ask, body).map(|checked| self.town.run(checked.submission))
    }

    fn lend(
        &self,
        from: &str,
        to: EntityId,
        role: &str,
        division: Option<EntityId>,
        days: i64,
    ) -> Result<EntityId, String> {
        let until = Micros(self.now().0 + days * Micros::DAY).to_rfc3339();
        let body = json!({"delegate": to.0, "role": role, "division": division.map(|d| d.0), "until": until, "reason": "leave"});
        match self.command(&self.session(from), "delegate", &body) {
            Ok(Outcome::Done { answer, .. }) => Ok(answer[0].value.as_entity().unwrap()),
            Ok(other) => Err(format!("{other:?}")),
            Err(refusal) => Err(refusal.to_string()),
        }
    }

    fn holds(&self, login: &str, role: &str, division: Option<EntityId>) -> bool {
        self.session(login).held.contains(&Held { role: role.into(), division })
    }
}

#[test]
fn a_lent_role_holds_where_it_was_lent_and_ends_on_time() {
    let c = city();
    account(&c.gate, "li", &[("clerk", Some(c.north))], &[]);
    let wang = account(&c.gate, "wang", &[], &[]);
    let cookie = c.gate.sign_in("wang", PASSWORD, "a").ok().unwrap().cookie;
    assert!(!c.gate.by_cookie(&cookie).unwrap().holds_any(&["clerk".into()]));
    c.lend("li", wang, "clerk", Some(c.mill), 3).unwrap();
    // A session that is open already learns of it, and of its end, without signing in again.
    let open = || c.gate.by_cookie(&cookie).unwrap();
    assert_eq!(open().held, [Held { role: "clerk".into(), division: Some(c.mill) }]);
    assert_eq!(open().lent.len(), 1);
    c.town.clock.set(Micros(c.now().0 + 20 * 60 * Micros::SECOND));
    assert!(open().holds_any(&["clerk".into()]));
    c.pass(3);
    assert!(!c.holds("wang", "clerk", Some(c.mill)), "its time is over");
}

#[test]
fn an_open_session_loses_a_lent_role_the_moment_its_time_is_over() {
    let c = city();
    account(&c.gate, "li", &[("clerk", None)], &[]);
    let wang = account(&c.gate, "wang", &[], &[]);
    let cookie = c.gate.sign_in("wang", PASSWORD, "a").ok().unwrap().cookie;
    let until = Micros(c.now().0 + 60 * Micros::SECOND);
    let body = json!({"delegate": wang.0, "role": "clerk", "until": until.to_rfc3339(), "reason": "lunch"});
    assert!(matches!(c.command(&c.session("li"), "delegate", &body), Ok(Outcome::Done { .. })));
    assert!(c.gate.by_cookie(&cookie).unwrap().is_city_wide("clerk"));
    c.town.clock.set(Micros(until.0 - 1));
    assert!(c.gate.by_cookie(&cookie).unwrap().is_city_wide("clerk"));
    c.town.clock.set(until);
    assert!(!c.gate.by_cookie(&cookie).unwrap().is_city_wide("clerk"));
    // The clock jumps back: what ended does not begin again, in this session or a new one.
    c.town.clock.set(Micros(until.0 - 30 * Micros::SECOND));
    assert!(!c.gate.by_cookie(&cookie).unwrap().is_city_wide("clerk"));
    assert!(!c.holds("wang", "clerk", None));
}

#[test]
fn after_a_restart_with_the_clock_set_back_the_journals_time_still_ends_a_loan() {
    let c = city();
    account(&c.gate, "li", &[("clerk", None)], &[]);
    let wang = account(&c.gate, "wang", &[], &[]);
    let begun = c.now();
    c.lend("li", wang, "clerk", None, 1).unwrap();
    c.pass(2);
    account(&c.gate, "zhao", &[], &[]);
    c.town.clock.set(Micros(begun.0 + 60 * Micros::SECOND));
    let again = City { gate: c.town.gate(), town: Arc::clone(&c.town), ..c };
    assert!(!again.holds("wang", "clerk", None));
}

#[test]
fn what_is_lent_is_never_wider_than_own_never_to_oneself_never_lent_on_and_never_administration() {
    let c = city();
    let li = account(&c.gate, "li", &[("clerk", Some(c.north)), ("admin", None)], &[]);
    let wang = account(&c.gate, "wang", &[("unit", Some(c.south))], &[]);
    let zhao = account(&c.gate, "zhao", &[], &[]);
    assert!(c.lend("li", wang, "clerk", None, 1).unwrap_err().contains("host-not-own-role"), "the whole city");
    assert!(
        c.lend("li", wang, "clerk", Some(c.city), 1).unwrap_err().contains("host-not-own-role"),
        "the division above"
    );
    assert!(c.lend("li", wang, "clerk", Some(c.south), 1).unwrap_err().contains("host-not-own-role"), "next door");
    assert!(c.lend("li", wang, "unit", Some(c.north), 1).unwrap_err().contains("host-not-own-role"), "another role");
    assert!(c.lend("li", li, "clerk", Some(c.north), 1).unwrap_err().contains("host-delegate-oneself"));
    assert!(c.lend("li", wang, "admin", None, 1).unwrap_err().contains("host-admin-not-lent"));
    assert!(c.lend("li", wang, "clerk", Some(c.north), 181).unwrap_err().contains("host-delegation-until"));
    assert!(c.lend("li", wang, "clerk", Some(c.north), 0).unwrap_err().contains("host-delegation-until"));
    c.lend("li", wang, "clerk", Some(c.north), 1).unwrap();
    assert!(c.holds("wang", "clerk", Some(c.north)));
    assert!(c.lend("wang", zhao, "clerk", Some(c.north), 1).is_err(), "no chain");
    assert!(c.lend("wang", zhao, "clerk", Some(c.mill), 1).is_err(), "no chain, not even of a part");
}

#[test]
fn a_loan_goes_with_the_givers_own_role_and_with_the_givers_account() {
    let c = city();
    let admin = account(&c.gate, "root", &[("admin", None)], &[]);
    let li = account(&c.gate, "li", &[("clerk", Some(c.north)), ("unit", None)], &[]);
    let wang = account(&c.gate, "wang", &[], &[]);
    c.lend("li", wang, "clerk", Some(c.mill), 9).unwrap();
    c.lend("li", wang, "unit", None, 9).unwrap();
    assert!(c.holds("wang", "clerk", Some(c.mill)) && c.holds("wang", "unit", None));
    let root = c.session("root");
    assert_eq!(root.account, admin);
    let body = json!({"account": li.0, "role": "clerk", "division": c.north.0});
    assert!(matches!(c.command(&root, "revoke-role", &body), Ok(Outcome::Done { .. })));
    assert!(!c.holds("wang", "clerk", Some(c.mill)) && c.holds("wang", "unit", None));
    assert!(matches!(c.command(&root, "close-account", &json!({"account": li.0})), Ok(Outcome::Done { .. })));
    assert!(!c.holds("wang", "unit", None));
}

#[test]
fn both_sides_see_a_loan_and_either_ends_it_but_no_third() {
    let c = city();
    let li = account(&c.gate, "li", &[("clerk", None)], &[]);
    let wang = account(&c.gate, "wang", &[], &[]);
    account(&c.gate, "zhao", &[("clerk", None)], &[]);
    for ender in ["li", "wang"] {
        let id = c.lend("li", wang, "clerk", None, 5).unwrap();
        let tables = c.town.tables.lock().unwrap();
        let seen = |account| Delegation::of(&*tables, account);
        assert!(seen(li).0.iter().any(|d| d.id == id) && seen(wang).1.iter().any(|d| d.id == id));
        drop(tables);
        let end = |login: &str| c.command(&c.session(login), "end-delegation", &json!({"delegation": id.0})).unwrap();
        assert!(matches!(end("zhao"), Outcome::Refused(Refusal::Denied(_))));
        assert!(c.holds("wang", "clerk", None));
        assert!(matches!(end(ender), Outcome::Done { .. }));
        assert!(!c.holds("wang", "clerk", None));
        assert!(matches!(end(ender), Outcome::Refused(Refusal::Conflict(_))));
    }
}

#[test]
fn purposes_are_not_lent_and_a_token_lends_nothing() {
    let c = city();
    let li = account(&c.gate, "li", &[("clerk", None)], &["mediation"]);
    let wang = account(&c.gate, "wang", &[], &[]);
    c.lend("li", wang, "clerk", None, 5).unwrap();
    assert!(c.session("wang").purposes.is_empty());
    let token = c.gate.issue_token(li, "t", Micros(c.now().0 + Micros::DAY)).unwrap();
    let by_token = c.gate.by_token(&token).unwrap();
    let until = Micros(c.now().0 + Micros::DAY).to_rfc3339();
    let body = json!({"delegate": wang.0, "role": "clerk", "until": until, "reason": "x"});
    assert!(matches!(c.command(&by_token, "delegate", &body), Err(GateRefusal::Invalid(_))));
}

/// Tables, places, accounts and their tokens.
type Prepared = (support::Tables, [EntityId; 5], [EntityId; 3], [String; 4]);

/// Three accounts and an administrator, made once: hashing passwords is slow on purpose.
fn prepared() -> (City, [EntityId; 3], [String; 4]) {
    static BASE: std::sync::OnceLock<Prepared> = std::sync::OnceLock::new();
    let (tables, places, ids, tokens) = BASE.get_or_init(|| {
        let c = city();
        let ids = ["a", "b", "d"].map(|l| account(&c.gate, l, &[], &[]));
        let root = account(&c.gate, "root", &[("admin", None)], &[]);
        let far = Micros(c.now().0 + 360 * Micros::DAY);
        let tokens = [ids[0], ids[1], ids[2], root].map(|id| c.gate.issue_token(id, "t", far).unwrap());
        let tables = c.town.tables.lock().unwrap().clone();
        (tables, [c.city, c.north, c.mill, c.south, root], ids, tokens)
    });
    let town = Town::new();
    *town.tables.lock().unwrap() = tables.clone();
    let [city, north, mill, south, _] = *places;
    (City { gate: town.gate(), town, city, north, mill, south }, *ids, tokens.clone())
}

#[derive(Clone, Debug)]
enum Step {
    Grant(usize, usize, usize),
    Revoke(usize, usize, usize),
    Lend { from: usize, to: usize, role: usize, place: usize, days: i64 },
    End(usize, usize),
    Clock(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..3_usize, 0..2_usize, 0..4_usize).prop_map(|(a, r, p)| Step::Grant(a, r, p)),
        1 => (0..3_usize, 0..2_usize, 0..4_usize).prop_map(|(a, r, p)| Step::Revoke(a, r, p)),
        3 => (0..3_usize, 0..3_usize, 0..2_usize, 0..4_usize, 1..10_i64)
            .prop_map(|(from, to, role, place, days)| Step::Lend { from, to, role, place, days }),
        1 => (0..3_usize, 0..8_usize).prop_map(|(a, n)| Step::End(a, n)),
        2 => (-6..7_i64).prop_map(Step::Clock),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever is granted, revoked, lent and ended, and however the clock jumps: everything somebody holds, they were granted, or
    /// a timely loan gives it whose giver is granted at least as much at that moment.
    #[test]
    fn nobody_ever_holds_more_than_own_grants_and_timely_loans_of_what_their_givers_hold(steps in proptest::collection::vec(step(), 1..40)) {
        let (c, ids, tokens) = prepared();
        let places = [None, Some(c.north), Some(c.mill), Some(c.south)];
        let roles = ["clerk", "unit"];
        let logins = ["a", "b", "d"];
        let root = c.gate.by_token(&tokens[3]).unwrap();
        let session = |i: usize| c.gate.by_token(&tokens[i]).unwrap();
        let (mut loans, mut latest) = (Vec::new(), c.now());
        for step in steps {
            match step {
                Step::Grant(a, r, p) => { let _ = c.command(&root, "grant-role", &json!({"account": ids[a].0, "role": roles[r], "division": places[p].map(|d| d.0)})); }
                Step::Revoke(a, r, p) => { let _ = c.command(&root, "revoke-role", &json!({"account": ids[a].0, "role": roles[r], "division": places[p].map(|d| d.0)})); }
                Step::Lend { from, to, role, place, days } => {
                    let until = Micros(latest.0 + days * Micros::DAY).to_rfc3339();
                    let body = json!({"delegate": ids[to].0, "role": roles[role], "division": places[place].map(|d| d.0), "until": until, "reason": "x"});
                    let mut giver = Session::clone(&session(from));
                    giver.token = None;
                    if let Ok(Outcome::Done { answer, .. }) = c.command(&giver, "delegate", &body) {
                        prop_assert!(from != to);
                        loans.push(answer[0].value.as_entity().unwrap());
                    }
                }
                Step::End(a, n) => if let Some(id) = loans.get(n) {
                    let _ = c.command(&session(a), "end-delegation", &json!({"delegation": id.0}));
                },
                Step::Clock(days) => c.pass(days),
            }
            latest = latest.max(c.now()).max(Micros(c.town.tables.lock().unwrap().at));
            for i in 0..3 {
                let session = session(i);
                let tables = c.town.tables.lock().unwrap();
                let own = |id| Session::own(&*tables, id).unwrap().held;
                let within = |inner: Option<EntityId>, outer: Option<EntityId>| {
                    outer.is_none() || inner == outer || (inner == Some(c.mill) && outer == Some(c.north))
                };
                for held in &session.held {
                    let granted = own(ids[i]).contains(held);
                    let loan = loans.iter().filter_map(|l| Delegation::read(&*tables, *l)).any(|d| {
                        d.taker == ids[i] && d.giver != ids[i] && d.role == held.role && d.division == held.division
                            && !d.ended && d.from <= latest && latest < d.until
                            && own(d.giver).iter().any(|g| g.role == d.role && within(d.division, g.division))
                    });
                    prop_assert!(granted || loan, "{held:?} of {}", logins[i]);
                }
            }
        }
    }
}

#[test]
fn what_a_lent_role_does_names_its_giver_and_what_ones_own_role_does_names_nobody() {
    let c = city();
    let file = CommandDecl {
        name: "file".into(),
        label: "file".into(),
        fields: vec![],
        roles: vec!["clerk".into()],
        purpose: false,
    };
    let desk = Manifest { id: "desk".into(), commands: vec![file], ..changzhi_gate::Identity.manifest() };
    c.town.manifests.lock().unwrap().push(Arc::new(desk));
    let li = account(&c.gate, "li", &[("clerk", Some(c.north))], &[]);
    let wang = account(&c.gate, "wang", &[("clerk", Some(c.south))], &[]);
    c.lend("li", wang, "clerk", Some(c.mill), 3).unwrap();
    let asked = |login: &str, place: EntityId| {
        let ask = Ask { plugin: "desk", command: "file", purpose: None, place: Some(place), key: None, locale: "en" };
        c.gate.check(&c.session(login), &ask, &json!({})).map(|checked| checked.submission.acting_for)
    };
    assert_eq!(asked("wang", c.mill).unwrap(), Some(li), "by what was lent");
    assert_eq!(asked("wang", c.south).unwrap(), None, "by what is one's own");
    assert_eq!(asked("li", c.mill).unwrap(), None);
    assert!(asked("wang", c.city).is_err(), "and nowhere else");
}
