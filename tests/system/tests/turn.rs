//! The relay of online rooms: coturn with the secret the host has, and the passwords the host makes of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use changzhi_system_tests::{Client, Host, Start};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SECRET: &str = "north-gate-river-seven";

fn there(program: &str) -> bool {
    let there = Command::new(program).arg("-h").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !there {
        eprintln!(
            "skipped: {program} is not there; to have it: sudo apt-get install -y --no-install-recommends coturn"
        );
    }
    there
}

fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

struct Relay {
    process: Child,
    port: u16,
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Relay {
    fn start(folder: &std::path::Path) -> Relay {
        let port = free_port();
        let mut command = Command::new("turnserver");
        command.args(["-n", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--no-tls", "--no-dtls", "--no-cli"]);
        command.args(["--use-auth-secret", "--realm=city.example", "--allow-loopback-peers", "--log-file=stdout"]);
        command.arg(format!("--static-auth-secret={SECRET}")).arg(format!("--listening-port={port}"));
        command.arg(format!("--pidfile={}", folder.join("pid").display()));
        command.arg(format!("--db={}", folder.join("db").display()));
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let relay = Relay { process, port };
        relay.wait();
        relay
    }

    /// Until it answers a binding request (RFC 8489), which needs no password.
    fn wait(&self) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let request = [&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], b"changzhi-sys"].concat();
        let (end, mut answer) = (Instant::now() + Duration::from_secs(60), [0; 512]);
        loop {
            socket.send_to(&request, ("127.0.0.1", self.port)).unwrap();
            match socket.recv(&mut answer) {
                Ok(n) if n >= 20 && answer[..2] == [1, 1] => return,
                _ => assert!(Instant::now() < end, "the relay does not answer on port {}", self.port),
            }
        }
    }

    /// Two allocations that send each other messages through the relay, by coturn's own client: what it says at its end.
    fn relays(&self, user: &str, password: &str) -> (bool, String) {
        let port = self.port.to_string();
        let args = ["-y", "-c", "-n", "2", "-m", "1", "-u", user, "-w", password, "-p", &port, "127.0.0.1"];
        let done = Command::new("turnutils_uclient").args(args).output().unwrap();
        let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
        (done.status.success() && said.contains("Total lost packets 0") && !said.contains("ERROR"), said)
    }
}

fn password(user: &str) -> String {
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(user.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// A dispute whose mediator and parties may be in its room; returns its number.
fn dispute(host: &Host) -> u64 {
    let gives = |login: &str, command: &str, body: &Value| {
        let reply =
            host.client(&host.token(login).unwrap()).command(&format!("services/{command}"), body, command).unwrap();
        assert_eq!(reply.status, 200, "{command}: {reply:?}");
        reply.json()["answer"].clone()
    };
    let body = json!({"title": "围墙积水", "dispute-category": "neighbours", "other-name": "某学校"});
    let made = gives("resident", "register-dispute", &body)["dispute"].as_u64().unwrap();
    let of = json!({"dispute": made});
    gives("operator", "screen", &of);
    gives("operator", "invite", &of);
    let page =
        host.client(&host.token("operator").unwrap()).get(&format!("/api/v1/services/dispute?dispute={made}")).unwrap();
    let rows = page.json()["page"]["nodes"].as_array().unwrap().clone();
    let parties: Vec<u64> = rows
        .iter()
        .filter(|n| n.to_string().contains("consent-asked"))
        .filter_map(|n| n["key"].as_str()?.parse().ok())
        .collect();
    let other = *parties.last().unwrap_or_else(|| panic!("{page:?}"));
    gives(
        "operator",
        "answer-for-party",
        &json!({"dispute": made, "party": other, "consents": "agreed", "reason": "电话"}),
    );
    let seat = gives("mediator", "set-seat", &json!({"shown": "陈", "organisation": "街道"}))["seat"].as_u64().unwrap();
    gives("operator", "appoint-mediator", &json!({"dispute": made, "seat": seat}));
    made
}

#[test]
fn a_relay_takes_the_passwords_the_host_makes_and_no_wrong_and_no_ended_one() {
    if !there("turnserver") || !there("turnutils_uclient") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(folder.path());
    let secret = folder.path().join("secret");
    std::fs::write(&secret, SECRET).unwrap();
    let (turn, secret) = (format!("turn:127.0.0.1:{}?transport=udp", relay.port), secret.display().to_string());
    let kept = |text: &String| -> &'static str { Box::leak(text.clone().into_boxed_str()) };
    let env = [("CHANGZHI_ROOM__TURN", kept(&turn)), ("CHANGZHI_ROOM__TURN_SECRET", kept(&secret))];
    let env: &'static [(&str, &str)] = Box::leak(Box::new(env));
    let host = Host::start(&folder.path().join("data"), Start { demo: true, snapshot_every: None, env }).unwrap();
    let room = dispute(&host);
    let mediator = Client::sign_in(host.addr, "mediator", &host.password("mediator").unwrap()).unwrap();
    let page = mediator.get("/").unwrap();
    let csrf = page.text.split("name=\"_csrf\" value=\"").nth(1).and_then(|t| t.split('"').next()).unwrap().to_owned();
    let headers = [("Sec-Fetch-Site", "same-origin"), ("X-CSRF", csrf.as_str())];
    let joined = mediator.post(&format!("/room/{room}/join"), &json!({}), &headers).unwrap();
    assert_eq!(joined.status, 200, "{joined:?}");
    assert!(!joined.text.contains(SECRET));
    let told = joined.json()["rtc"]["iceServers"][0].clone();
    assert_eq!(told["urls"], json!([turn]));
    let (user, word) = (told["username"].as_str().unwrap(), told["credential"].as_str().unwrap());

    let (relayed, said) = relay.relays(user, word);
    assert!(relayed, "{said}");
    // Another's word, a word of its own, one that has ended, one that would end later than it was made for.
    let until: i64 = user.split(':').next().unwrap().parse().unwrap();
    let (ended, longer) = (format!("{}:x", until - 7 * 3600), format!("{}:x", until + 3600));
    for (user, word) in [(user, "d3Jvbmc="), (ended.as_str(), password(&ended).as_str()), (longer.as_str(), word)] {
        let (relayed, said) = relay.relays(user, word);
        assert!(!relayed && said.contains("Cannot complete Allocation"), "{user}: {said}");
    }
    host.close().unwrap();
}
