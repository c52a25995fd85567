//! Buttons on walls over a real broker: pressed, pressed twice, forged, revoked; the broker killed, the host killed. docs/mqtt.md.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "mqtt/broker.rs"]
mod broker;

use broker::{Broker, Device, HOST_PASSWORD, there, until};
use changzhi_system_tests::{Client, Host, Start, run_with};
use serde_json::{Value, json};

fn env(all: &[(&str, String)]) -> &'static [(&'static str, &'static str)] {
    let leak = |s: &str| -> &'static str { Box::leak(s.to_owned().into_boxed_str()) };
    Box::leak(all.iter().map(|(k, v)| (leak(k), leak(v))).collect::<Vec<_>>().into_boxed_slice())
}

fn building(admin: &Client, code: &str) -> Value {
    let body = json!({"kind": "building", "category": "building", "code": code, "name": code, "parent": "360104"});
    admin.gives("host/create-place", &body).unwrap()["place"].clone()
}

/// Enrols a button; its number and its secret.
fn enrol(admin: &Client, place: &Value, device: &str) -> (Value, String) {
    let body = json!({"place": place, "device": device, "category": "help", "floor": "1F", "room": device});
    let answer = admin.gives("command/enrol-button", &body).unwrap();
    (answer["button"].clone(), answer["device_secret"].as_str().expect("a secret").to_owned())
}

fn is_up(host: &Host) -> bool {
    Client::nobody(host.addr).get("/readyz").unwrap().json()["mqtt"] == true
}

/// How many messages of this kind became this, since the start.
fn count(host: &Host, kind: &str, outcome: &str) -> u64 {
    let text = Client::nobody(host.addr).get("/metrics").unwrap().text;
    let head = format!("changzhi_mqtt_messages{{kind=\"{kind}\",outcome=\"{outcome}\"}} ");
    text.lines().find_map(|line| line.strip_prefix(&head)).map_or(0, |n| n.parse().unwrap())
}

/// The page of an alarm has this many presses; no line at all is one.
fn presses(seat: &Client, alarm: &Value) -> u64 {
    let page = seat.get(&format!("/api/v1/command/alarm?alarm={alarm}")).unwrap().text;
    let Some((_, after)) = page.split_once("\"presses\"") else { return 1 };
    let digits = |c: char| c.is_ascii_digit();
    after.split(|c| !digits(c)).find(|word| !word.is_empty()).unwrap().parse().unwrap()
}

fn ringing(seat: &Client) -> String {
    seat.get("/api/v1/command/ringing").unwrap().text
}

#[test]
fn a_button_rings_once_however_often_it_sends_and_nobody_else_rings_by_it_and_a_broker_that_comes_back_is_found() {
    if !there() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut broker = Broker::start(dir.path(), &["gate-1", "gate-2"]);
    let settings = [
        ("CHANGZHI_MQTT__BROKER", format!("mqtts://127.0.0.1:{}", broker.tls)),
        ("CHANGZHI_MQTT__CA", broker.path("ca.pem")),
        ("CHANGZHI_MQTT__USER", "host".into()),
        ("CHANGZHI_MQTT__PASSWORD", broker.path("host-password")),
        ("CHANGZHI_MQTT__PATIENCE", "1".into()),
    ];
    let start = Start { demo: true, env: env(&settings), ..Start::default() };
    let host = Host::start(&dir.path().join("city"), start).unwrap();
    let admin = host.client(&host.token("admin").unwrap());
    let seat = host.client(&host.token("operator").unwrap());
    let page = Client::sign_in(host.addr, "admin", &host.password("admin").unwrap()).unwrap();
    let place = building(&admin, "mqtt-school");
    let (one, two) = (enrol(&admin, &place, "gate-1"), enrol(&admin, &place, "gate-2"));
    until("the broker to be there", || is_up(&host));
    let gate = Device::new("gate-1", &one.1, broker.plain);
    let other = Device::new("gate-2", &two.1, broker.plain);

    // Pressed: it rings, and the light is told. The same message five times is the same press.
    let (sent, told) = gate.presses("1", r#"{"id":"1"}"#, 5);
    let alarm = told[0]["alarm"].clone();
    assert!(sent >= 5 && told.iter().all(|t| t["outcome"] == "rung" && t["alarm"] == alarm), "{told:?}");
    until("every answer", || count(&host, "press", "rung") == sent as u64);
    assert_eq!(presses(&seat, &alarm), 1);
    let rings = ringing(&seat);
    assert!(rings.contains("mqtt-school") && rings.contains("gate-1"), "{rings}");
    // Another message of the same button is another press of the alarm that rings there.
    assert_eq!(gate.presses("2", r#"{"id":"2","firmware":[1]}"#, 1).1[0]["outcome"], "joined");
    assert_eq!(presses(&seat, &alarm), 2);

    // What proves itself rings, whatever its clock and its kind say; what does not is counted by name, and the line lives.
    let odd = gate.presses("3", r#"{"id":"3","pressed":"yesterday","category":"joke"}"#, 1).1;
    assert_eq!((&odd[0]["outcome"], &odd[0]["alarm"]), (&json!("joined"), &alarm));
    gate.publish(&gate.topic("press"), "hello", &[]);
    gate.publish(&gate.topic("press"), &"0".repeat(2_000), &[]);
    let forged = other.signed("press", r#"{"id":"4"}"#);
    gate.publish(&gate.topic("press"), &forged, &[]);
    let moved = gate.signed("alive", r#"{"id":"5"}"#);
    gate.publish(&gate.topic("press"), &moved, &[]);
    until("garbage to be counted", || {
        let all = [("malformed", 1), ("too-large", 1), ("wrong-signature", 2)];
        all.iter().all(|(outcome, n)| count(&host, "press", outcome) == *n)
    });
    assert_eq!(gate.light("4")[0]["why"], "wrong-signature");
    // The broker lets a device speak for itself alone: a press of another that was overheard does not even come.
    other.publish(&gate.topic("press"), &gate.signed("press", r#"{"id":"6"}"#), &[]);
    other.publish(&other.topic("press"), "that one came", &[]);
    until("the one after it", || count(&host, "press", "malformed") == 2);
    assert_eq!((presses(&seat, &alarm), gate.light("6").len()), (3, 0));

    // A sign of life is on the page of the buttons; of those that come one after the other one an hour is entered.
    for n in 0..3 {
        gate.sends("alive", &format!(r#"{{"id":"{n}","battery":17}}"#));
    }
    until("signs of life", || count(&host, "alive", "alive") + count(&host, "alive", "heard") == 3);
    let buttons = admin.get("/api/v1/command/buttons").unwrap().text;
    assert!(buttons.contains("17"), "{buttons}");

    // Revoked: refused, told so, and shown to the seats.
    admin.gives("command/revoke-button", &json!({"button": two.0})).unwrap();
    let told = other.presses("7", r#"{"id":"7","category":"fire"}"#, 1).1;
    assert_eq!((&told[0]["outcome"], &told[0]["why"]), (&json!("refused"), &json!("revoked")));
    assert!(!ringing(&seat).contains("\"fire\""));
    let buttons = admin.get("/api/v1/command/buttons").unwrap().text;
    assert!(buttons.contains("button-revoked"), "{buttons}");

    // The broker dies: the seats are told, the page says so. It comes back: the next press arrives.
    broker.kill();
    until("the seats to be told", || ringing(&seat).contains("line-down"));
    let said = page.get("/admin/devices?lang=en").unwrap().text;
    assert!(said.contains("do not ring") && said.contains("unknown device or wrong signature"), "{said}");
    assert!(!is_up(&host));
    broker.again();
    until("the line to come back", || is_up(&host));
    drop(gate);
    let gate = Device::new("gate-1", &one.1, broker.plain);
    let told = gate.presses("8", r#"{"id":"8","category":"fire"}"#, 1).1;
    assert_eq!(told[0]["outcome"], "rung");
    assert!(ringing(&seat).contains("\"fire\""));
    assert!(page.get("/admin/devices?lang=en").unwrap().text.contains("The broker is there"));

    let log = host.log();
    for secret in [HOST_PASSWORD, &one.1, &two.1] {
        assert!(!log.contains(secret) && !said.contains(secret), "a secret is in the log or on the page");
    }
    host.close().unwrap();
}

/// So many seconds ago, in seconds since 1970: a device with little room sends its time like this.
fn before(seconds: u64) -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() - seconds
}

#[test]
fn what_is_pressed_while_the_host_is_dead_rings_when_it_lives_again_and_what_the_broker_keeps_for_ever_does_not() {
    if !there() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(dir.path(), &["gate-1"]);
    let settings = [
        ("CHANGZHI_MQTT__BROKER", format!("mqtt://127.0.0.1:{}", broker.plain)),
        ("CHANGZHI_MQTT__USER", "host".into()),
        ("CHANGZHI_MQTT__PASSWORD", broker.path("host-password")),
    ];
    let data = dir.path().join("city");
    let env = env(&settings);
    let mut host = Host::start(&data, Start { demo: true, env, ..Start::default() }).unwrap();
    let (admin, seat) = (host.token("admin").unwrap(), host.token("operator").unwrap());
    let place = building(&host.client(&admin), "mqtt-hospital");
    let secret = enrol(&host.client(&admin), &place, "gate-1").1;
    until("the broker to be there", || is_up(&host));
    let gate = Device::new("gate-1", &secret, broker.plain);
    // Firmware that sets the retain flag: it rings now.
    gate.publish(&gate.topic("press"), &gate.signed("press", r#"{"id":"kept","category":"fire"}"#), &["-r"]);
    until("it to ring", || ringing(&host.client(&seat)).contains("mqtt-hospital"));

    // Killed at any moment around the press: none is lost.
    for (n, category) in ["medical", "security"].into_iter().enumerate() {
        if n == 0 {
            host.stop_hard().unwrap();
        }
        // Pressed five minutes ago by the button's clock.
        let json = format!(r#"{{"id":"{n}","category":"{category}","pressed":{}}}"#, before(300));
        gate.sends("press", &json);
        if n > 0 {
            host.stop_hard().unwrap();
        }
        host = Host::start(&data, Start { env, ..Start::default() }).unwrap();
        until("the press to ring", || ringing(&host.client(&seat)).contains(&format!("\"{category}\"")));
        let rings = ringing(&host.client(&seat));
        assert!(rings.contains("pressed-late"), "{rings}");
        // What the broker keeps for whoever asks next is refused each time: no second alarm of that kind, and no second press.
        until("the kept press to be refused", || count(&host, "press", "retained") == 1);
    }
    let rings = ringing(&host.client(&seat));
    for category in ["fire", "medical", "security"] {
        assert_eq!(rings.matches(&format!("\"{category}\"")).count(), 1, "one alarm of {category}: {rings}");
    }
    assert!(!rings.contains("\"presses\""), "each was pressed once: {rings}");
    host.close().unwrap();
}

#[test]
fn a_wrong_broker_is_refused_at_start_with_its_setting_and_the_way_to_mend_it() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("city").to_str().unwrap().to_owned();
    let refused = |env: &[(&str, &str)]| {
        let done = run_with(["up", "--data", &data, "--listen", "127.0.0.1:0"], env).unwrap();
        assert!(!done.success, "{}", done.said());
        done.err
    };
    let open = refused(&[("CHANGZHI_MQTT__BROKER", "mqtt://10.0.0.8:1883")]);
    assert!(
        open.contains("CHANGZHI_MQTT__BROKER") && open.contains("mqtt.broker") && open.contains("mqtts://"),
        "{open}"
    );
    let here = ("CHANGZHI_MQTT__BROKER", "mqtt://127.0.0.1:1883");
    let half = refused(&[here, ("CHANGZHI_MQTT__USER", "host")]);
    assert!(half.contains("mqtt.user") && half.contains("mqtt.password"), "{half}");
    let none = refused(&[here, ("CHANGZHI_MQTT__USER", "host"), ("CHANGZHI_MQTT__PASSWORD", "/nowhere/password")]);
    assert!(none.contains("mqtt.password") && none.contains("/nowhere/password"), "{none}");
    let prefix = refused(&[here, ("CHANGZHI_MQTT__PREFIX", "a/+")]);
    assert!(prefix.contains("mqtt.prefix"), "{prefix}");
    assert!(!dir.path().join("city").exists(), "nothing was opened");
}
