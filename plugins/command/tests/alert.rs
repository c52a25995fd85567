//! A public alert from draft to cancel, in the real host: two persons, exercises that stay exercises, and what others send.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_testkit::{EntityId, Micros, Person, TestCity, Value};
use serde_json::{Value as Json, json};

struct Town {
    city: TestCity,
    place: EntityId,
}

fn town() -> Town {
    let city = TestCity::with(&["command"]).unwrap();
    let make = |code: &str, name: &str, category: &str, parent: Option<&str>, extent: &str| {
        let text = |t: &str| Value::text(t);
        let body = vec![
            text("division"),
            text(category),
            text(code),
            text(name),
            parent.map_or(Value::None, text),
            Value::None,
            text(extent),
        ];
        city.gate().as_host("create-place", body).unwrap()
    };
    make("360100", "南昌市", "city", None, "115.5,28.4 116.3,29.0");
    make("360102", "东湖区", "district", Some("360100"), "115.5,28.4 115.9,29.0");
    make("360103", "西湖区", "district", Some("360100"), "115.9,28.4 116.3,29.0");
    let place = city.city().read(|w| w.find("host.place", "code", &Value::text("360102"))).unwrap();
    let admin = city.person("root", &["admin"]).unwrap();
    let sender = json!({"code": "36010041600000", "address": "alerts@nc.gov.cn", "zh": "南昌市预警中心", "en": "Nanchang Warning Centre"});
    admin.does("command/set-alert-sender", &sender).unwrap();
    assert!(admin.does("command/set-alert-sender", &sender).unwrap().changes().is_empty(), "the same changes nothing");
    Town { city, place }
}

impl Town {
    fn body(&self) -> Json {
        json!({
            "status": "status-actual", "category": "cap-met", "colour": "colour-red", "event": "暴雨", "event-code": "11B03",
            "urgency": "urgency-immediate", "certainty": "certainty-likely", "place": self.place.0,
            "expires": Micros(self.city.now().0 + 6 * Micros::HOUR).to_rfc3339(),
            "headline": "东湖区暴雨红色预警", "description": "三小时内降雨将达 100 毫米以上。", "instruction": "请留在室内。",
            "headline-en": "Red warning of rainstorm in Donghu", "event-en": "rainstorm",
            "description-en": "More than 100 mm within three hours.", "instruction-en": "Stay indoors.",
        })
    }

    fn with(&self, more: Json) -> Json {
        let mut body = self.body();
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }

    fn of(&self, id: EntityId) -> Json {
        json!({"alert": id.0})
    }

    /// Written and submitted by the one, published by the other.
    fn published(&self, author: &Person, other: &Person, body: &Json) -> EntityId {
        let id = author.does("command/write-alert", body).unwrap().id("alert").unwrap();
        author.does("command/submit-alert", &self.of(id)).unwrap();
        other.does("command/publish-alert", &self.of(id)).unwrap();
        id
    }

    fn cap(&self, id: EntityId) -> changzhi_cap::Alert {
        let Value::Text(text) = self.city.value(id, "command.alert.cap").unwrap() else { panic!() };
        changzhi_cap::read(&text, changzhi_cap::Limits::default()).unwrap().alert
    }

    fn state(&self, id: EntityId) -> String {
        self.city.state(id).unwrap()
    }
}

#[test]
fn one_person_writes_another_publishes_and_the_message_says_it_all() {
    let town = town();
    let (wang, zhao) =
        (town.city.person("wang", &["operator"]).unwrap(), town.city.person("zhao", &["official"]).unwrap());
    let id = town.published(&wang, &zhao, &town.body());
    assert_eq!(town.state(id), "published");
    let cap = town.cap(id);
    assert!(cap.identifier.starts_with("36010041600000_") && cap.sender == "alerts@nc.gov.cn", "{cap:?}");
    assert_eq!((cap.status.word(), cap.message.word(), cap.scope.word()), ("Actual", "Alert", "Public"));
    let languages: Vec<&str> = cap.infos.iter().map(|i| i.language.as_str()).collect();
    assert_eq!(languages, ["zh-CN", "en"]);
    let info = &cap.infos[0];
    assert_eq!((info.severity.word(), info.urgency.word(), info.certainty.word()), ("Extreme", "Immediate", "Likely"));
    assert_eq!((info.event_codes[0].name.as_str(), info.event_codes[0].value.as_str()), ("GB/T 35561", "11B03"));
    let area = &info.areas[0];
    assert_eq!((area.desc.as_str(), area.geocodes[0].value.as_str()), ("东湖区", "360102000000"));
    assert_eq!(area.polygons[0].to_string(), "28.4,115.5 28.4,115.9 29,115.9 29,115.5 28.4,115.5");
    let public = town.city.person("anyone", &[]).unwrap();
    let rows = public.sees("command/open-alerts", &json!({})).unwrap().rows("alerts");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0][0], cap.identifier);
    assert_eq!(
        public.sees("command/open-alert", &json!({"identifier": cap.identifier})).unwrap().rows("alert").len(),
        1
    );
    assert!(public.sees("command/alert", &town.of(id)).is_ok(), "what is published is for everybody");
}

#[test]
fn whoever_wrote_changed_or_submitted_an_alert_cannot_publish_it_whatever_role_they_hold() {
    let town = town();
    let who = |name: &str| town.city.person(name, &["operator", "duty-officer", "official", "admin"]).unwrap();
    let (author, editor, submitter, other) = (who("a"), who("b"), who("c"), who("d"));
    let id = author.does("command/write-alert", &town.body()).unwrap().id("alert").unwrap();
    editor
        .does("command/write-alert", &town.with(json!({"alert": id.0, "headline": "东湖区暴雨红色预警（改）"})))
        .unwrap();
    submitter.does("command/submit-alert", &town.of(id)).unwrap();
    for hand in [&author, &editor, &submitter] {
        let refused = hand.refused("command/publish-alert", &town.of(id)).unwrap();
        assert!(refused.as_str().contains("alert-second-person"), "{refused:?}");
    }
    assert_eq!(town.state(id), "submitted");
    other.does("command/publish-alert", &town.of(id)).unwrap();
    assert_eq!(town.state(id), "published");
    // What was submitted stands still: nobody changes it under the publisher's eyes.
    for state in ["submitted", "published"] {
        let refused = editor.refused("command/write-alert", &town.with(json!({"alert": id.0}))).unwrap();
        assert!(!refused.as_str().is_empty(), "{state}");
    }
    let resident = town.city.person("resident", &["resident"]).unwrap();
    assert!(resident.refused("command/write-alert", &town.body()).is_ok());
    assert!(resident.refused("command/publish-alert", &town.of(id)).is_ok());
}

#[test]
fn an_exercise_is_never_published_as_actual() {
    let town = town();
    let (wang, zhao) =
        (town.city.person("wang", &["operator"]).unwrap(), town.city.person("zhao", &["duty-officer"]).unwrap());
    let unnamed = town.with(json!({"status": "status-exercise"}));
    assert!(wang.refused("command/write-alert", &unnamed).unwrap().as_str().contains("note"));
    let exercise = town.with(json!({"status": "status-exercise", "note": "2026 防汛演练"}));
    let id = wang.does("command/write-alert", &exercise).unwrap().id("alert").unwrap();
    let actual = town.with(json!({"alert": id.0, "status": "status-actual", "note": "2026 防汛演练"}));
    let refused = wang.refused("command/write-alert", &actual).unwrap();
    assert!(refused.as_str().contains("alert-status-stays"), "{refused:?}");
    wang.does("command/submit-alert", &town.of(id)).unwrap();
    zhao.does("command/publish-alert", &town.of(id)).unwrap();
    let cap = town.cap(id);
    assert_eq!((cap.status.word(), cap.note.as_deref()), ("Exercise", Some("2026 防汛演练")));
    assert_eq!(cap.infos[0].headline.as_deref(), Some("【演练】东湖区暴雨红色预警"));
    assert_eq!(cap.infos[1].headline.as_deref(), Some("[EXERCISE] Red warning of rainstorm in Donghu"));
    // Its update is an exercise too, and cannot be made anything else.
    town.city.pass(2 * Micros::SECOND);
    let update = wang.does("command/update-alert", &town.of(id)).unwrap().id("alert").unwrap();
    let actual = town.with(json!({"alert": update.0, "status": "status-actual"}));
    assert!(wang.refused("command/write-alert", &actual).is_ok());
    wang.does("command/submit-alert", &town.of(update)).unwrap();
    zhao.does("command/publish-alert", &town.of(update)).unwrap();
    assert_eq!(town.cap(update).status.word(), "Exercise");
}

#[test]
fn an_update_and_a_cancel_take_two_persons_again_and_refer_to_all_before_them() {
    let town = town();
    let (wang, zhao) =
        (town.city.person("wang", &["operator"]).unwrap(), town.city.person("zhao", &["duty-officer"]).unwrap());
    let first = town.published(&wang, &zhao, &town.body());
    town.city.pass(60 * Micros::SECOND);
    let update = wang.does("command/update-alert", &town.of(first)).unwrap().id("alert").unwrap();
    assert_eq!(town.state(first), "published", "until the update is published the first holds");
    wang.does(
        "command/write-alert",
        &town.with(json!({"alert": update.0, "colour": "colour-orange", "headline": "东湖区暴雨橙色预警"})),
    )
    .unwrap();
    wang.does("command/submit-alert", &town.of(update)).unwrap();
    assert!(wang.refused("command/publish-alert", &town.of(update)).is_ok());
    zhao.does("command/publish-alert", &town.of(update)).unwrap();
    assert_eq!((town.state(first), town.state(update)), ("updated".into(), "published".into()));
    let (one, two) = (town.cap(first), town.cap(update));
    assert_eq!((two.message.word(), two.infos[0].severity.word()), ("Update", "Severe"));
    assert_eq!(two.references, [one.reference()]);

    town.city.pass(60 * Micros::SECOND);
    let cancel = zhao.does("command/cancel-alert", &json!({"alert": update.0, "reason": "降雨停止"})).unwrap();
    let cancel = cancel.id("alert").unwrap();
    zhao.does("command/submit-alert", &town.of(cancel)).unwrap();
    assert!(zhao.refused("command/publish-alert", &town.of(cancel)).is_ok(), "a cancel too");
    let li = town.city.person("li", &["official"]).unwrap();
    li.does("command/publish-alert", &town.of(cancel)).unwrap();
    assert_eq!(town.state(update), "cancelled");
    let three = town.cap(cancel);
    assert_eq!((three.message.word(), three.note.as_deref()), ("Cancel", Some("降雨停止")));
    assert_eq!(three.references, [two.reference(), one.reference()]);
    assert!(three.infos[0].headline.as_deref().unwrap().starts_with("解除："));
    // What is over cannot be updated, and of two successors one wins.
    assert!(wang.refused("command/update-alert", &town.of(first)).is_ok());
    assert!(wang.refused("command/update-alert", &town.of(update)).is_ok());
}

#[test]
fn what_breaks_a_rule_of_the_standard_is_told_at_its_field_while_it_is_written() {
    let town = town();
    let wang = town.city.person("wang", &["operator"]).unwrap();
    let told = |more: Json, field: &str| {
        let refused = wang.refused("command/write-alert", &town.with(more)).unwrap();
        assert!(refused.as_str().contains(&format!("{field}: ")), "{field}: {refused:?}");
    };
    told(json!({"headline-en": "东湖区暴雨红色预警"}), "headline-en");
    told(json!({"description": "<b>大雨</b>"}), "description");
    told(json!({"polygons": "28.5,115.6 28.6,115.7 28.5,115.7 28.6,115.6 28.5,115.6"}), "polygons");
    told(json!({"polygons": "28.5,115.6 28.6,115.7 28.5,115.7"}), "polygons");
    told(json!({"divisions": "999999"}), "divisions");
    told(json!({"expires": Micros(town.city.now().0 - Micros::HOUR).to_rfc3339()}), "expires");
    told(json!({"headline-en": null, "description-en": "x", "event-en": null}), "headline-en");
    let drawn =
        town.with(json!({"polygons": "28.5,115.6 28.5,115.7 28.6,115.7 28.5,115.6", "divisions": "360103000000"}));
    assert!(wang.does("command/write-alert", &drawn).is_ok());
}

#[test]
fn an_alert_whose_time_is_up_leaves_the_index_at_that_moment_and_its_message_stays() {
    let town = town();
    let (wang, zhao) =
        (town.city.person("wang", &["operator"]).unwrap(), town.city.person("zhao", &["duty-officer"]).unwrap());
    let id = town.published(&wang, &zhao, &town.body());
    assert!(wang.refused("command/expire-alert", &town.of(id)).is_ok(), "not yet");
    town.city.pass(7 * Micros::HOUR);
    assert!(wang.sees("command/open-alerts", &json!({})).unwrap().rows("alerts").is_empty());
    let identifier = town.cap(id).identifier;
    assert_eq!(wang.sees("command/open-alert", &json!({"identifier": identifier})).unwrap().rows("alert").len(), 1);
    // The next one published closes it on the way.
    let next = town.published(&wang, &zhao, &town.body());
    assert_eq!((town.state(id), town.state(next)), ("expired".into(), "published".into()));
}

fn weather(identifier: &str, kind: &str, references: &str, area: &str) -> String {
    format!(
        "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>{identifier}</identifier><sender>met@jx.cn</sender>\
         <sent>2026-08-26T16:09:{:02}+08:00</sent><status>Actual</status><msgType>{kind}</msgType><scope>Public</scope>{references}\
         <info><language>zh-CN</language><category>Met</category><event>暴雨</event><urgency>Immediate</urgency>\
         <severity>Minor</severity><certainty>Likely</certainty><headline>暴雨蓝色预警 {identifier}</headline>{area}</info></alert>",
        identifier.len() % 60
    )
}

fn coded(code: &str) -> String {
    format!(
        "<area><areaDesc>某地</areaDesc><geocode><valueName>CPEAS Geographic Code</valueName><value>{code}</value></geocode></area>"
    )
}

#[test]
fn a_received_alert_is_taken_once_resolved_by_its_codes_and_never_published_as_ours() {
    let town = town();
    let connector = town.city.person("met", &["connector"]).unwrap();
    let take = |text: &str| connector.does("command/receive-alert", &json!({"message": text})).unwrap();
    let places = |id: EntityId| -> Vec<String> {
        let page = connector.sees("command/alert", &town.of(id)).unwrap();
        page.rows("places").into_iter().map(|r| r[0].clone()).collect()
    };
    let one = weather("13013241600000_1", "Alert", "", &coded("360102000000"));
    let done = take(&one);
    let id = done.id("alert").unwrap();
    assert_eq!((done.text("outcome").unwrap(), town.state(id).as_str()), ("new", "received"));
    assert_eq!(places(id), ["东湖区"]);
    assert_eq!(take(&one).text("outcome").unwrap(), "same");
    // Zeros at the end mean the whole of it; a province means the city; another city is a gap, and shown.
    assert_eq!(places(take(&weather("b22", "Alert", "", &coded("360100000000"))).id("alert").unwrap()), ["南昌市"]);
    assert_eq!(places(take(&weather("c333", "Alert", "", &coded("360000"))).id("alert").unwrap()), ["南昌市"]);
    let foreign = take(&weather("d4444", "Alert", "", &coded("130132000000"))).id("alert").unwrap();
    assert!(places(foreign).is_empty());
    let gaps = connector.sees("command/alert", &town.of(foreign)).unwrap().rows("gaps");
    assert_eq!(gaps, [["某地: CPEAS Geographic Code 130132000000", "alert-why-unknown", ""]]);
    // By shape: one that lies in the west of the city, one across both districts, one elsewhere.
    let shape = |n: &str, text: &str| {
        take(&weather(n, "Alert", "", &format!("<area><areaDesc>图</areaDesc>{text}</area>"))).id("alert").unwrap()
    };
    let west = shape("e55555", "<polygon>28.5,115.6 28.5,115.7 28.6,115.7 28.5,115.6</polygon>");
    assert_eq!(places(west), ["东湖区"]);
    let both = shape("f666666", "<circle>28.7,115.9 5</circle>");
    assert_eq!(places(both), ["东湖区", "西湖区"]);
    let far = shape("g7777777", "<circle>10,10 5</circle>");
    assert_eq!((places(far).len(), connector.sees("command/alert", &town.of(far)).unwrap().rows("gaps").len()), (0, 1));
    // Ours it never becomes, and the public does not get it from us.
    let (wang, zhao) =
        (town.city.person("wang", &["operator"]).unwrap(), town.city.person("zhao", &["admin"]).unwrap());
    for command in ["submit-alert", "publish-alert", "update-alert", "discard-alert"] {
        let who = if command == "publish-alert" { &zhao } else { &wang };
        let refused = who.refused(&format!("command/{command}"), &town.of(id)).unwrap();
        assert!(refused.as_str().contains("alert-not-ours"), "{command}: {refused:?}");
    }
    let public = town.city.person("anyone", &[]).unwrap();
    assert!(public.sees("command/open-alerts", &json!({})).unwrap().rows("alerts").is_empty());
    assert!(public.sees("command/open-alert", &json!({"identifier": "13013241600000_1"})).is_err());
    assert!(public.sees("command/alert", &town.of(id)).is_err());
    assert!(wang.refused("command/receive-alert", &json!({"message": "<alert/>"})).is_ok());
}

#[test]
fn only_its_own_sender_updates_or_cancels_a_received_alert_and_nobody_ours() {
    let town = town();
    let connector = town.city.person("met", &["connector"]).unwrap();
    let take =
        |text: &str| connector.does("command/receive-alert", &json!({"message": text})).unwrap().id("alert").unwrap();
    let first = take(&weather("a1", "Alert", "", &coded("360102")));
    let refer = "<references>met@jx.cn,a1,2026-08-26T08:09:02-00:00</references>";
    let stranger =
        weather("bb22", "Cancel", refer, &coded("360102")).replace("<sender>met@jx.cn", "<sender>thief@jx.cn");
    take(&stranger);
    assert_eq!(town.state(first), "received");
    let update = take(&weather("ccc333", "Update", refer, &coded("360103")));
    assert_eq!(
        (town.state(first), town.state(update)),
        ("updated".into(), "received".into()),
        "by the moment, in whatever zone"
    );
    // Of what was never received here it says so.
    let unknown =
        take(&weather("dddd44444", "Cancel", "<references>met@jx.cn,zz,2026-01-01T00:00:00+08:00</references>", ""));
    let gaps = connector.sees("command/alert", &town.of(unknown)).unwrap().rows("gaps");
    assert!(gaps.iter().any(|g| g[0].starts_with("→ met@jx.cn,zz,")), "{gaps:?}");
    // Ours cannot be closed from outside, and nobody sends in our name.
    let (wang, zhao) =
        (town.city.person("wang", &["operator"]).unwrap(), town.city.person("zhao", &["duty-officer"]).unwrap());
    let ours = town.published(&wang, &zhao, &town.body());
    let cap = town.cap(ours);
    take(&weather("eeeee555555", "Cancel", &format!("<references>{}</references>", cap.reference()), &coded("360102")));
    assert_eq!(town.state(ours), "published");
    let forged = weather("f1", "Alert", "", "").replace("met@jx.cn", "alerts@nc.gov.cn");
    let refused = connector.refused("command/receive-alert", &json!({"message": forged})).unwrap();
    assert!(refused.as_str().contains("alert-sent-by-us"), "{refused:?}");
}
