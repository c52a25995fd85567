//! A caucus with the other side at the door: over the API, with every purpose they hold, and with the whole data folder in hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Host, Start, copy, files};
use serde_json::{Value, json};

/// Found nowhere by chance.
const SECRET: &str = "底线三千零七十一元不能再少";

/// A dispute in session, with a caucus of side `a` in which something was said: (dispute, caucus).
fn told(host: &Host) -> (Value, Value) {
    let of = |login: &str| host.client(&host.token(login).unwrap());
    let (resident, school, desk, mediator) = (of("resident"), of("school"), of("operator"), of("mediator"));
    let body = json!({"title": "围墙积水", "dispute-category": "neighbours", "other-name": "某学校"});
    let made = resident.gives("services/register-dispute", &body).unwrap();
    let about = json!({"dispute": made["dispute"]});
    let with = |more: Value| {
        let mut body = about.clone();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    desk.gives("services/screen", &about).unwrap();
    desk.gives("services/invite", &about).unwrap();
    let page = desk.get(&format!("/api/v1/services/dispute?dispute={}", made["dispute"])).unwrap().text;
    let code = made["code"].as_str().unwrap();
    let like = |t: &&str| {
        t.len() == 11
            && t.as_bytes()[5] == b'-'
            && *t != code
            && t.bytes().all(|b| b == b'-' || b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let invitation = page.split('"').find(like).expect("an invitation on the desk's page");
    school.gives("services/join-dispute", &json!({"invitation": invitation})).unwrap();
    school.gives("services/answer-invitation", &with(json!({"consents": "agreed"}))).unwrap();
    let seat = mediator.gives("services/set-seat", &json!({"shown": "陈", "organisation": "街道"})).unwrap();
    for party in [&resident, &school] {
        party.gives("services/pick-mediator", &with(json!({"seat": seat["seat"]}))).unwrap();
    }
    let room = mediator.gives("services/open-caucus", &with(json!({"side": "a"}))).unwrap()["room"].clone();
    resident.gives("services/say", &json!({"room": room, "text": SECRET})).unwrap();
    (made["dispute"].clone(), room)
}

#[test]
fn a_caucus_is_unreadable_to_the_other_side_even_with_the_database_in_hand() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let host = Host::start(&data, Start { demo: true, snapshot_every: Some(50), ..Start::default() }).unwrap();
    let (dispute, room) = told(&host);
    let of = |login: &str| host.client(&host.token(login).unwrap());
    let looks = |login: &str, path: &str| of(login).get(&format!("/api/v1/services/{path}")).unwrap();
    let talk = format!("room?room={room}");
    for inside in ["resident", "mediator"] {
        assert!(looks(inside, &talk).text.contains(SECRET), "{inside} reads their own caucus");
    }
    for outside in ["school", "operator", "admin", "official", "verifier"] {
        for path in [talk.clone(), format!("dispute?dispute={dispute}"), format!("packet?dispute={dispute}")] {
            for purpose in ["", "&_purpose=handle-report", "&_purpose=mediate", "&_purpose=emergency"] {
                let reply = looks(outside, &format!("{path}{purpose}"));
                assert!(!reply.text.contains(SECRET), "{outside} reads it at {path}{purpose}");
            }
        }
        assert_eq!(looks(outside, &talk).status, 404, "{outside} is told of a room");
        let said = of(outside).command("services/say", &json!({"room": room, "text": "x"}), outside).unwrap();
        assert_ne!(said.status, 200, "{outside} speaks in a room of others");
    }
    host.close().unwrap();

    // The journal, the snapshots, the store, the index of keys: every byte there is.
    let bytes = SECRET.as_bytes();
    let mut read = 0;
    for file in files(&data).unwrap() {
        let held = std::fs::read(&file).unwrap();
        read += held.len();
        assert!(!held.windows(bytes.len()).any(|w| w == bytes), "it stands in {}", file.display());
    }
    assert!(read > 1_000_000, "a demo city is more than {read} bytes");

    // The same folder without the key-encryption key, in another host's hands.
    let stolen = folder.path().join("stolen");
    copy(&data, &stolen).unwrap();
    let keks: Vec<_> = files(&stolen)
        .unwrap()
        .into_iter()
        .filter(|f| f.file_name().is_some_and(|n| n.to_string_lossy().starts_with("kek-")))
        .collect();
    assert!(!keks.is_empty(), "keys are wrapped under a file of their own");
    for kek in keks {
        std::fs::remove_file(kek).unwrap();
    }
    // Nothing of it opens: the host says so and does not start.
    let started = Host::start(&stolen, Start::default());
    assert!(started.is_err(), "a host opens sealed data without its key");
}
