//! An alarm and the real binary: killed between the press and the answer, pressed by five hundred buttons, by a device with a wrong secret.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_system_tests::{Client, Host, Start};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const WAIT: Duration = Duration::from_secs(120);

fn building(admin: &Client, code: &str) -> Value {
    let body = json!({"kind": "building", "category": "building", "code": code, "name": code, "parent": "360104"});
    admin.gives("host/create-place", &body).unwrap()["place"].clone()
}

/// State and presses of an alarm, as the page of it has them.
fn stands(seat: &Client, alarm: &Value) -> String {
    let reply = seat.get(&format!("/api/v1/command/alarm?alarm={alarm}")).unwrap();
    assert_eq!(reply.status, 200, "{reply:?}");
    let at = reply.text.find("\"state-").expect("a state") + 7;
    reply.text[at..].chars().take_while(|c| *c != '"').collect()
}

fn until(what: &str, mut is: impl FnMut() -> bool) {
    let end = Instant::now() + WAIT;
    while !is() {
        assert!(Instant::now() < end, "{what} did not come about in {WAIT:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn killed_between_press_and_answer_it_still_rings_and_its_ladder_goes_on() {
    // The ladder of a deployment in a hurry: 2, 4 and 6 seconds.
    let rules = tempfile::tempdir().unwrap();
    std::fs::create_dir(rules.path().join("flows")).unwrap();
    let own = include_str!("../../../data/flows/alarm.toml")
        .replacen("edition = 2\n", "edition = 3\n", 1)
        .replacen("limit = \"15s\"", "limit = \"2s\"", 1)
        .replacen("limit = \"30s\"", "limit = \"4s\"", 1)
        .replacen("limit = \"60s\"", "limit = \"6s\"", 1);
    std::fs::write(rules.path().join("flows/alarm.toml"), own).unwrap();
    let folder: &'static str = Box::leak(rules.path().to_string_lossy().into_owned().into_boxed_str());
    let env: &'static [(&str, &str)] = Box::leak(Box::new([("CHANGZHI_FLOWS", folder)]));
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("city");
    let host = Host::start(&data, Start { demo: true, env, ..Start::default() }).unwrap();
    let token = |login: &str| host.token(login).unwrap();
    let (admin, nurse, seat) = (token("admin"), token("resident"), token("operator"));
    let place = building(&host.client(&admin), "sys-hospital");
    let body = json!({"place": place, "category": "help", "floor": "3F", "room": "302"});
    let pressed = host.client(&nurse).command("command/ring", &body, "press-1").unwrap();
    assert_eq!(pressed.status, 200, "{pressed:?}");
    let alarm = pressed.json()["answer"]["alarm"].clone();
    // Delivered: whatever comes, it rings.
    host.kill().unwrap();

    let host = Host::start(&data, Start { env, ..Start::default() }).unwrap();
    let (nurse, seat) = (host.client(&nurse), host.client(&seat));
    let again = nurse.command("command/ring", &body, "press-1").unwrap().json();
    assert_eq!(
        (&again["replayed"], &again["answer"]["alarm"]),
        (&json!(true), &alarm),
        "the phone tried again: the same alarm"
    );
    let rings = seat.get("/api/v1/command/ringing").unwrap().text;
    assert!(rings.contains("sys-hospital") && rings.contains("302"), "{rings}");
    until("the last step of the ladder", || stands(&seat, &alarm) == "rung-district");
    host.kill().unwrap();

    let host = Host::start(&data, Start { env, ..Start::default() }).unwrap();
    let (seat, nurse) = (host.client(&host_token(&seat)), host.client(&host_token(&nurse)));
    seat.gives("command/sit", &json!({"shown": "陈坐席"})).unwrap();
    seat.gives("command/acknowledge", &json!({"alarm": alarm})).unwrap();
    assert_eq!(stands(&seat, &alarm), "acknowledged");
    let told = nurse.get(&format!("/api/v1/command/pressed?alarm={alarm}")).unwrap().text;
    assert!(told.contains("陈坐席") && told.contains("press-taken"), "{told}");
    // Every step once, in order, whatever the process did in between.
    let page = seat.get(&format!("/api/v1/command/alarm?alarm={alarm}")).unwrap().text;
    let steps = ["ring-all", "ring-leaders", "ring-district"];
    let found: Vec<usize> = steps
        .iter()
        .map(|step| {
            let told = format!("\"{step}\"");
            assert_eq!(page.matches(&told).count(), 1, "{step}: {page}");
            page.find(&told).unwrap()
        })
        .collect();
    assert!(found.is_sorted(), "{page}");
    host.close().unwrap();
}

/// A client holds its token; another host of the same folder takes it as well.
fn host_token(client: &Client) -> String {
    client.token().expect("a client with a token")
}

#[test]
fn five_hundred_presses_of_one_place_are_one_alarm_and_a_revoked_button_rings_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(&dir.path().join("city"), Start { demo: true, ..Start::default() }).unwrap();
    let admin = host.client(&host.token("admin").unwrap());
    let place = building(&admin, "sys-school");
    let secret = |device: &str| {
        let body = json!({"place": place, "device": device, "category": "help", "floor": "1F"});
        admin.gives("command/enrol-button", &body).unwrap()["device_secret"].as_str().expect("a secret").to_owned()
    };
    let (one, two) = (secret("gate-1"), secret("gate-2"));
    assert_ne!(one, two);
    let nobody = Client::nobody(host.addr);
    let hook = |device: &str, secret: &str, key: &str| {
        let bearer = format!("Bearer {secret}");
        let headers = [("Authorization", bearer.as_str()), ("Idempotency-Key", key)];
        nobody.post("/hook/button", &json!({"device": device}), &headers).unwrap()
    };
    let alarms: Vec<Value> = std::thread::scope(|scope| {
        let pressing: Vec<_> = (0..10)
            .map(|thread| {
                let (hook, one, two) = (&hook, &one, &two);
                scope.spawn(move || {
                    let press = |n: u32| {
                        let (device, secret) = if n.is_multiple_of(2) { ("gate-1", one) } else { ("gate-2", two) };
                        let reply = hook(device, secret, &format!("{thread}-{n}"));
                        assert_eq!(reply.status, 200, "{reply:?}");
                        reply.json()["alarm"].clone()
                    };
                    (0..50).map(press).collect::<Vec<_>>()
                })
            })
            .collect();
        pressing.into_iter().flat_map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(alarms.len(), 500);
    assert!(alarms.iter().all(|a| *a == alarms[0] && a.is_number()), "{alarms:?}");
    let page = admin.get(&format!("/api/v1/command/alarm?alarm={}", alarms[0])).unwrap().text;
    assert!(page.contains("500"), "{page}");

    // A device sends again what it has sent: the same answer. A wrong secret and an unknown device are told alike.
    assert_eq!(hook("gate-1", &one, "0-0").json()["alarm"], alarms[0]);
    for (device, wrong) in [("gate-1", two.as_str()), ("gate-9", one.as_str()), ("gate-1", "")] {
        assert_eq!(hook(device, wrong, "w").status, 401, "{device}");
    }
    let list = admin.get("/api/v1/command/buttons").unwrap().json().to_string();
    assert!(!list.contains(&one) && !list.contains(&two), "a secret is told once");
    let button =
        admin.gives("command/enrol-button", &json!({"place": place, "device": "gate-2", "category": "help"})).unwrap();
    assert_eq!(hook("gate-2", &two, "old").status, 401, "enrolled again, the secret before is worth nothing");
    let two = button["device_secret"].as_str().unwrap();
    admin.gives("command/revoke-button", &json!({"button": button["button"]})).unwrap();
    assert_eq!(hook("gate-2", two, "revoked").status, 403);
    let list = admin.get("/api/v1/command/buttons").unwrap().text;
    assert!(list.contains("button-revoked"), "{list}");
    host.close().unwrap();
}
