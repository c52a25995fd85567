//! Codes and boundaries through time, in a real city: what is taken, what is refused, what the page shows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_gate::*;
use changzhi_model::*;
use changzhi_pipeline::view::{Cell as Shown, NodeKind, Text as Words};
use changzhi_pipeline::{City, CityOptions, ViewCall};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use support::{PASSWORD, account, place};

struct Town {
    city: Arc<City>,
    gate: Gate,
}

fn open(options: CityOptions) -> Town {
    let clock = Arc::new(ManualClock::at(Micros(1_790_000_000 * Micros::SECOND)));
    let (city, _) = City::open(CityOptions { clock: clock.clone(), ..options }).unwrap();
    city.native(Arc::new(Identity)).unwrap();
    let gate = Gate::new(Arc::new(CityBackend(Arc::clone(&city))), clock, GateOptions::default()).unwrap();
    Town { city, gate }
}

fn town() -> Town {
    let town = open(CityOptions::in_memory());
    let city = place(&town.gate, "division", "360100", None);
    for (code, name) in [("360112", "新建区"), ("360113", "红谷滩区")] {
        let text = |t: &str| Value::text(t);
        let body =
            vec![text("division"), text("district"), text(code), text(name), text("360100"), Value::None, Value::None];
        town.gate.as_host("create-place", body).unwrap();
    }
    assert!(city > EntityId::NONE);
    town
}

const DAY: &str = "2019-12-01T00:00:00+08:00";

fn row(old: &str, new: &str, at: &str) -> Json {
    json!({"old": old, "new": new, "effective": at})
}

impl Town {
    fn admin(&self) -> Arc<Session> {
        account(&self.gate, "li", &[("admin", None)], &[]);
        self.gate.sign_in("li", PASSWORD, "a").map_err(|e| e.to_string()).unwrap().session
    }

    fn send(&self, s: &Session, command: &str, body: Json) -> Result<Outcome, GateRefusal> {
        let ask = Ask { plugin: "host", command, purpose: None, place: None, key: None, locale: "en" };
        Ok(self.city.submit(self.gate.check(s, &ask, &body)?.submission).wait())
    }

    fn done(&self, s: &Session, command: &str, body: Json) -> Vec<Named> {
        match self.send(s, command, body).unwrap() {
            Outcome::Done { answer, .. } => answer,
            other => panic!("{command}: {other:?}"),
        }
    }

    fn told(&self, s: &Session, command: &str, body: Json) -> (String, String) {
        match self.send(s, command, body).unwrap() {
            Outcome::Refused(Refusal::Invalid(problems)) => {
                let Text::Msg(msg) = &problems[0].message else { panic!("{problems:?}") };
                let args: Vec<&str> = msg.args.iter().filter_map(|a| a.value.as_text()).collect();
                (problems[0].field.to_string(), format!("{} {}", msg.key, args.join(" ")).trim().to_owned())
            }
            other => panic!("{command}: {other:?}"),
        }
    }

    fn steps(&self, s: &Session, rows: &[Json]) -> [i64; 3] {
        let answer = self.done(s, "record-successions", json!({"rows": Json::from(rows).to_string()}));
        ["new", "changed", "same"].map(|n| answer.iter().find(|a| a.name == n).unwrap().value.as_int().unwrap())
    }

    /// Rows of a table of the page: texts and days as they are.
    fn rows(&self, table: &str, place: Option<EntityId>) -> Vec<Vec<String>> {
        let call = ViewCall {
            plugin: HOST,
            view: "divisions".into(),
            params: vec![place.map_or(Value::None, Value::Entity)],
            actor: Actor { id: EntityId::NONE, roles: vec!["official".into()], divisions: vec![] },
            purpose: Name::default(),
            locale: "en".into(),
        };
        let nodes = self.city.view(&call).unwrap().0.nodes;
        let at = nodes.iter().position(|n| n.key == table).unwrap();
        let cell = |c: &Shown| match c {
            Shown::None => String::new(),
            Shown::Text(Words::Plain(text)) => text.clone(),
            Shown::Date(at) => Micros(*at + 8 * Micros::HOUR).to_rfc3339()[..10].to_owned(),
            Shown::Flag(on) => on.to_string(),
            other => panic!("{other:?}"),
        };
        let row = |n: &changzhi_pipeline::view::Node| match &n.kind {
            NodeKind::Row(row) => row.cells.iter().map(cell).collect(),
            _ => panic!(),
        };
        nodes[at + 1..=at + nodes[at].children as usize].iter().map(row).collect()
    }

    fn id(&self, code: &str) -> Option<EntityId> {
        self.city.read(|w| w.find("host.place", "code", &Value::text(code)))
    }
}

#[test]
fn a_history_is_taken_once_and_shown_with_its_days() {
    let t = town();
    let li = t.admin();
    let mut first = row("360105000000", "360112", DAY);
    first["old-name"] = "湾里区".into();
    first["note"] = "并入新建区".into();
    let rows = [first, row("360112", "360113", DAY), row("360122", "360112", "2015-08-01T00:00:00+08:00")];
    assert_eq!(t.steps(&li, &rows), [3, 0, 0]);
    assert_eq!(t.steps(&li, &rows), [0, 0, 3]);
    assert_eq!(t.steps(&li, &[row("360112", "360113", "2019-12-10T00:00:00+08:00"), rows[0].clone()]), [0, 1, 1]);
    assert_eq!(t.steps(&li, &rows), [0, 1, 2]);
    let now = t.rows("now", None);
    assert_eq!(now[1], ["新建区", "360112", "2015-08-01", ""]);
    assert_eq!(now[2], ["红谷滩区", "360113", "2019-12-01", ""]);
    let steps = t.rows("steps", None);
    assert_eq!(steps[0], ["360105 湾里区", "360112", "2019-12-01", "true", "并入新建区"]);
    assert_eq!(steps[1], ["360112", "360113", "2019-12-01", "false", ""], "新建区 lives on");
    // The page of a place: what is about it, and no other.
    let own = t.rows("steps", t.id("360113"));
    assert_eq!(own, [["360112", "360113", "2019-12-01", "false", ""]]);
}

#[test]
fn a_circle_is_refused_with_its_codes_also_across_what_was_sent_before() {
    let t = town();
    let li = t.admin();
    let send = |rows: Json| t.told(&li, "record-successions", json!({"rows": rows.to_string()}));
    let (field, why) = send(json!([row("360105", "360105", DAY)]));
    assert_eq!((field.as_str(), why.as_str()), ("rows", "host-succession-circle 360105 → 360105"));
    t.steps(&li, &[row("360105", "360112", DAY), row("360112", "360113", DAY)]);
    let back = row("360113", "360105", "2021-01-01T00:00:00+08:00");
    assert_eq!(send(json!([back])).1, "host-succession-circle 360105 → 360112 → 360113 → 360105");
    assert_eq!(t.rows("steps", None).len(), 2, "nothing of it was kept");
    // A code that lived on may get back what it gave.
    let mut gave = row("360112", "360113", DAY);
    gave["old-ends"] = false.into();
    t.steps(&li, &[gave, row("360113", "360112", "2021-01-01T00:00:00+08:00")]);
    // Told by its row: a day that is none, a pair twice, what is no list, too many.
    assert_eq!(send(json!([{"old": "1", "new": "2", "effective": "2019-12"}])).0, "rows[0].effective");
    assert_eq!(send(json!([row("1", "2", DAY), row("1", "2", DAY)])), ("rows[1].new".into(), "host-pair-twice".into()));
    assert_eq!(send(json!("x")).1, "host-rows-json 1:3");
    let many: Vec<Json> = (0..501).map(|n| row(&n.to_string(), "x", DAY)).collect();
    assert_eq!(send(Json::from(many)).1, "host-rows-many");
}

#[test]
fn boundaries_of_a_code_follow_each_other_and_today_s_is_the_place_s_own() {
    let t = town();
    let li = t.admin();
    let ring = "115.5,28.5 115.9,28.9";
    let with = |code: &str, since: Option<&str>, until: Option<&str>, rings: &str| json!({"code": code, "name": "甲", "since": since, "until": until, "rings": rings});
    let outcome = |body: Json| {
        let answer = t.done(&li, "record-boundary", body);
        answer[0].value.as_text().unwrap().to_owned()
    };
    let two = format!("{ring}; 115.0,28.0 115.1,28.1");
    assert_eq!(outcome(with("360105", None, Some(DAY), &two)), "new");
    assert_eq!(outcome(with("360105", None, Some(DAY), &two)), "same");
    assert_eq!(outcome(with("360105", None, Some(DAY), ring)), "changed");
    assert_eq!(outcome(with("360112", None, Some(DAY), ring)), "new");
    assert_eq!(outcome(with("360112", None, Some("2015-08-01T00:00:00+08:00"), ring)), "new");
    assert_eq!(outcome(with("360112", Some(DAY), None, ring)), "changed");
    let refused = |body: Json| t.told(&li, "record-boundary", body).1;
    let meets = with("360112", Some("2014-01-01T00:00:00+08:00"), Some("2021-01-01T00:00:00+08:00"), ring);
    assert_eq!(refused(meets), "host-boundaries-meet");
    assert_eq!(refused(with("360112", Some("2018-01-01T00:00:00+08:00"), None, ring)), "host-boundaries-meet");
    assert_eq!(refused(with("360112", Some(DAY), Some(DAY), ring)), "host-until-before-since");
    assert_eq!(refused(with("360199", None, None, ring)), "host-no-place-of-code");
    assert_eq!(refused(with("360112", None, None, &two)), "host-one-ring");
    assert!(refused(with("360112", None, None, "1,2")).starts_with("host-no-extent 1: "));
    assert_eq!(t.rows("now", None)[1], ["新建区", "360112", "", "2019-12-01"]);
    let old = t.rows("boundaries", None);
    assert_eq!(old[0], ["360105", "甲", "", "2019-12-01"]);
    assert_eq!(old[1], ["360112", "甲", "2015-08-01", "2019-12-01"], "since the one before it ended");
    let point = Point { lon: 115.7, lat: 28.7 };
    assert_eq!(t.city.read(|w| w.locate(point, "division")).unwrap(), t.id("360112"), "the world holds today's alone");
    // What took 360105 in shows its boundary as well; what has nothing to do with it does not.
    t.steps(&li, &[row("360105", "360112", DAY)]);
    assert_eq!(t.rows("boundaries", t.id("360112")).len(), 3);
    assert!(t.rows("boundaries", t.id("360113")).is_empty());
}

#[test]
fn what_is_withdrawn_is_as_if_it_was_never_said_until_it_is_sent_again() {
    let t = town();
    let li = t.admin();
    let rows = [row("360105", "360112", DAY)];
    t.steps(&li, &rows);
    let id = t.city.read(|w| w.find("host.succession", "key", &Value::text("360105>360112"))).unwrap();
    t.done(&li, "withdraw-dated", json!({"record": id.0}));
    assert!(t.rows("steps", None).is_empty());
    t.steps(&li, &[row("360112", "360105", DAY)]);
    let refused = t.told(&li, "record-successions", json!({"rows": Json::from(&rows[..]).to_string()}));
    assert!(refused.1.starts_with("host-succession-circle"), "{refused:?}");
    let back = t.city.read(|w| w.find("host.succession", "key", &Value::text("360112>360105"))).unwrap();
    t.done(&li, "withdraw-dated", json!({"record": back.0}));
    assert_eq!(t.steps(&li, &rows), [0, 1, 0]);
    assert_eq!(t.rows("steps", None).len(), 1);
    // Only what is one of these, and only by the administrator of the whole city.
    let grant = t.city.read(|w| WorldRecords(w).holding("grant", EntityId::NONE, 1)[0]);
    assert_eq!(t.told(&li, "withdraw-dated", json!({"record": grant.0})).1, "host-not-dated");
    account(&t.gate, "wang", &[("admin", t.id("360112"))], &[]);
    let wang = t.gate.sign_in("wang", PASSWORD, "a").map_err(|e| e.to_string()).unwrap().session;
    let refused = t.send(&wang, "record-successions", json!({"rows": "[]"}));
    assert!(matches!(refused, Ok(Outcome::Refused(Refusal::Denied(_)))), "{refused:?}");
}

/// A journal of before has none of the two kinds: it opens, and takes them from then on.
#[test]
fn a_city_that_knew_no_history_opens_and_learns_one() {
    let dir = tempfile::tempdir().unwrap();
    let before = open(CityOptions::in_dir(dir.path()));
    place(&before.gate, "division", "360112", None);
    before.city.close().unwrap();
    drop(before);
    let t = open(CityOptions::in_dir(dir.path()));
    assert!(t.rows("steps", None).is_empty() && t.rows("boundaries", None).is_empty());
    let li = t.admin();
    t.steps(&li, &[row("360105", "360112", DAY)]);
    let hash = t.city.read(|w| w.state_hash());
    t.city.close().unwrap();
    drop((t, li));
    let t = open(CityOptions::in_dir(dir.path()));
    assert_eq!(t.rows("steps", None).len(), 1);
    assert_eq!(t.city.read(|w| w.state_hash()), hash);
}
