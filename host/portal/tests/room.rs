//! Online rooms on a real server: who may be in one, what is passed on and to whom, and what is not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_model::{EntityId, Seq};
use changzhi_portal::shape::{Named, Node, NodeKind, Other, Page, Text, Value};
use changzhi_portal::{Ice, PortalOptions, RoomOptions};
use serde_json::{Value as Json, json};
use std::time::Duration;
use support::stream::Stream;
use support::{Host, Reply, town};

const ROOM: u64 = 70;
const CAUCUS: u64 = 71;

fn host(room: RoomOptions) -> Host {
    Host::start(PortalOptions { room, ..PortalOptions::default() })
}

fn quick() -> Host {
    host(RoomOptions { beat: Duration::from_millis(200), ..RoomOptions::default() })
}

/// Somebody with a browser.
struct Person {
    account: EntityId,
    cookie: String,
    csrf: String,
}

impl Person {
    /// An account without any role: membership is all that counts.
    fn new(h: &Host, login: &str, rooms: &[u64]) -> Person {
        let account = town::account(&h.gate, login, &[], &[]);
        for room in rooms {
            h.city.members.lock().unwrap().push((EntityId(*room), account));
        }
        Person::with(account, h.browser(login))
    }

    fn with(account: EntityId, cookie: String) -> Person {
        let csrf = changzhi_gate::Gate::csrf(cookie.split_once('=').unwrap().1);
        Person { account, cookie, csrf }
    }

    fn post(&self, h: &Host, room: u64, to: &str, body: &str) -> Reply {
        let headers = [
            ("Cookie", self.cookie.as_str()),
            ("Content-Type", "application/json"),
            ("Sec-Fetch-Site", "same-origin"),
            ("X-CSRF", self.csrf.as_str()),
        ];
        h.send("POST", &format!("/room/{room}/{to}"), &headers, body.as_bytes())
    }

    fn join(&self, h: &Host, room: u64) -> Json {
        let reply = self.post(h, room, "join", "{}");
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()
    }

    /// Joins and listens.
    fn enter(&self, h: &Host, room: u64) -> (String, Stream) {
        let peer = self.join(h, room)["peer"].as_str().unwrap().to_owned();
        let stream = self.listen(h, room, &peer, &[]);
        (peer, stream)
    }

    fn listen(&self, h: &Host, room: u64, peer: &str, more: &[(&str, &str)]) -> Stream {
        let headers = [&[("Cookie", self.cookie.as_str())], more].concat();
        Stream::open(h, &format!("/room/{room}/events?peer={peer}"), &headers)
    }

    fn say(&self, h: &Host, room: u64, peer: &str, to: &str, say: &Json) -> u16 {
        self.post(h, room, "signal", &json!({"peer": peer, "to": to, "say": say}).to_string()).status
    }

    fn leaves_the_record(&self, h: &Host, room: u64) {
        h.city.members.lock().unwrap().retain(|m| *m != (EntityId(room), self.account));
    }
}

fn heard(stream: &mut Stream) -> (String, Json) {
    let event = stream.news().expect("an event");
    (event.name, event.data)
}

fn offer(sdp: &str) -> Json {
    json!({"offer": sdp})
}

#[test]
fn who_is_no_member_is_told_what_is_told_of_a_room_that_is_not_there() {
    let h = quick();
    let inside = Person::new(&h, "inside", &[ROOM]);
    let outside = Person::new(&h, "outside", &[CAUCUS]);
    // Every role there is does not open a room.
    let rank = Person::with(h.id("li"), h.browser("li"));
    let (peer, _stream) = inside.enter(&h, ROOM);
    let stripped = |r: &Reply| {
        let mut json = r.json();
        for changes in ["request_id", "instance"] {
            json.as_object_mut().unwrap().remove(changes);
        }
        (r.status, json)
    };
    for who in [&outside, &rank] {
        for (to, body) in [
            ("join", "{}".to_owned()),
            ("signal", json!({"peer": peer, "say": "here"}).to_string()),
            ("leave", json!({"peer": peer}).to_string()),
        ] {
            let mine = stripped(&who.post(&h, ROOM, to, &body));
            assert_eq!(mine.0, 404, "{to}: {mine:?}");
            for nowhere in ["999", "0", "x", "18446744073709551615"] {
                let there = h.send(
                    "POST",
                    &format!("/room/{nowhere}/{to}"),
                    &[
                        ("Cookie", &who.cookie),
                        ("Content-Type", "application/json"),
                        ("Sec-Fetch-Site", "same-origin"),
                        ("X-CSRF", &who.csrf),
                    ],
                    body.as_bytes(),
                );
                assert_eq!(stripped(&there), mine, "{to} {nowhere}");
            }
        }
        assert!(who.listen(&h, ROOM, &peer, &[]).head.contains(" 404 "));
    }
    h.stop();
}

#[test]
fn a_message_comes_from_a_page_of_ours_and_from_the_sign_in_that_joined() {
    let h = quick();
    let li = Person::new(&h, "wang", &[ROOM]);
    let zhao = Person::new(&h, "zhao", &[ROOM]);
    let (peer, _stream) = li.enter(&h, ROOM);
    let path = format!("/room/{ROOM}/join");
    let kind = ("Content-Type", "application/json");
    let (cookie, csrf) = (("Cookie", li.cookie.as_str()), ("X-CSRF", li.csrf.as_str()));
    let own = ("Sec-Fetch-Site", "same-origin");
    let bearer = format!("Bearer {}", h.token);
    for (headers, status) in [
        (vec![kind, own, csrf], 401),
        (vec![kind, own, ("Authorization", bearer.as_str())], 401),
        (vec![kind, own, cookie], 403),
        (vec![kind, own, cookie, ("X-CSRF", zhao.csrf.as_str())], 403),
        (vec![kind, cookie, csrf], 403),
        (vec![kind, cookie, csrf, ("Sec-Fetch-Site", "cross-site")], 403),
        (vec![kind, cookie, csrf, ("Origin", "https://evil.example")], 403),
        (vec![("Content-Type", "text/plain"), own, cookie, csrf], 415),
    ] {
        assert_eq!(h.send("POST", &path, &headers, b"{}").status, status, "{headers:?}");
    }
    // Another member, and the same person by another sign-in, are not this peer.
    let again = Person::with(li.account, h.browser("wang"));
    for other in [&zhao, &again] {
        assert_eq!(other.say(&h, ROOM, &peer, &peer, &json!("here")), 410);
        assert_eq!(other.post(&h, ROOM, "leave", &json!({"peer": peer}).to_string()).status, 410);
        assert!(other.listen(&h, ROOM, &peer, &[]).head.contains(" 410 "));
    }
    assert!(li.listen(&h, ROOM, &peer, &[("Sec-Fetch-Site", "cross-site")]).head.contains(" 403 "));
    assert_eq!(li.say(&h, ROOM, &peer, &peer, &json!("here")), 204, "still there");
    h.stop();
}

#[test]
fn peers_hear_who_comes_what_is_said_to_them_and_who_leaves_and_nothing_is_journaled() {
    let h = quick();
    let [one, two, three] = ["one", "two", "three"].map(|login| Person::new(&h, login, &[ROOM]));
    let journal = || h.city.inner.journal.lock().unwrap().len();
    let before = journal();
    let (first, mut one_hears) = one.enter(&h, ROOM);
    let joined = two.join(&h, ROOM);
    assert_eq!(joined["peers"], json!([{"peer": first, "account": one.account.0}]));
    assert_eq!((&joined["rtc"]["iceServers"], &joined["account"]), (&json!([]), &json!(two.account.0)));
    let second = joined["peer"].as_str().unwrap().to_owned();
    assert_eq!(heard(&mut one_hears), ("came".into(), json!({"peer": second, "account": two.account.0})));
    let (third, mut three_hears) = three.enter(&h, ROOM);
    assert_eq!(heard(&mut one_hears).1["peer"], third);
    // What is said before the stream began waits.
    let sdp = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n\n\nevent: over\ndata: <script>";
    assert_eq!(one.say(&h, ROOM, &first, &second, &offer(sdp)), 204);
    let mut two_hears = two.listen(&h, ROOM, &second, &[]);
    assert_eq!(heard(&mut two_hears).1["peer"], third);
    assert_eq!(heard(&mut two_hears), ("said".into(), json!({"from": first, "say": {"offer": sdp}})));
    let candidate = json!({"candidate": {"candidate": "candidate:1 1 udp 1 192.0.2.1 5 typ host", "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "x"}});
    assert_eq!(two.say(&h, ROOM, &second, &first, &candidate), 204);
    assert_eq!(heard(&mut one_hears).1["say"], candidate);
    let shows = json!({"shows": {"camera": true, "microphone": false}});
    assert_eq!(three.say(&h, ROOM, &third, &first, &shows), 204);
    assert_eq!(heard(&mut one_hears).1["say"], shows);
    assert_eq!(two.post(&h, ROOM, "leave", &json!({"peer": second}).to_string()).status, 204);
    assert_eq!(heard(&mut two_hears), ("over".into(), json!({"why": "left"})));
    assert!(two_hears.news().is_none(), "and the stream ends");
    for stream in [&mut one_hears, &mut three_hears] {
        assert_eq!(heard(stream), ("left".into(), json!({"peer": second})), "nothing else was heard in between");
    }
    assert_eq!(
        one.say(&h, ROOM, &first, &second, &json!({"answer": "v=0"})),
        204,
        "that nobody hears it is no mistake"
    );
    assert_eq!(journal(), before);
    let metrics = h.send("GET", "/metrics", &[], b"").body;
    for line in ["changzhi_rooms 1", "changzhi_room_peers 2", "changzhi_room_messages 3"] {
        assert!(metrics.lines().any(|l| l == line), "{line}: {metrics}");
    }
    h.stop();
}

#[test]
fn a_stream_that_broke_goes_on_where_it_was() {
    let h = quick();
    let (one, two) = (Person::new(&h, "one", &[ROOM]), Person::new(&h, "two", &[ROOM]));
    let (first, mut stream) = one.enter(&h, ROOM);
    let (second, _two_hears) = two.enter(&h, ROOM);
    let came = stream.news().unwrap();
    for n in ["v=0 a", "v=0 b"] {
        assert_eq!(two.say(&h, ROOM, &second, &first, &offer(n)), 204);
    }
    assert_eq!(stream.news().unwrap().data["say"], offer("v=0 a"));
    drop(stream);
    let mut back = one.listen(&h, ROOM, &first, &[("Last-Event-ID", &came.id)]);
    assert_eq!(
        [heard(&mut back).1["say"].clone(), heard(&mut back).1["say"].clone()],
        [offer("v=0 a"), offer("v=0 b")]
    );
    h.stop();
}

#[test]
fn a_caucus_is_another_room_and_neither_sees_the_peers_of_the_other() {
    let h = quick();
    let mediator = Person::new(&h, "mediator", &[ROOM, CAUCUS]);
    let (party, other) = (Person::new(&h, "party", &[ROOM, CAUCUS]), Person::new(&h, "other", &[ROOM]));
    let (other_all, mut other_hears) = other.enter(&h, ROOM);
    let (mediator_all, _all) = mediator.enter(&h, ROOM);
    assert_eq!(heard(&mut other_hears).1["peer"], mediator_all);
    let (mediator_side, _side) = mediator.enter(&h, CAUCUS);
    let joined = party.join(&h, CAUCUS);
    assert_eq!(joined["peers"], json!([{"peer": mediator_side, "account": mediator.account.0}]));
    let party_side = joined["peer"].as_str().unwrap();
    // By its own room, and by the other with a number of the caucus.
    for room in [ROOM, CAUCUS] {
        for to in [party_side, &mediator_side] {
            let status = if room == ROOM { 204 } else { 404 };
            assert_eq!(other.say(&h, room, &other_all, to, &offer("v=0 evil")), status, "{room} {to}");
        }
    }
    // A peer speaks in its own room only, though the mediator is in both.
    assert_eq!(mediator.say(&h, ROOM, &mediator_side, &other_all, &offer("v=0")), 410);
    assert_eq!(mediator.say(&h, CAUCUS, &mediator_side, &other_all, &offer("v=0")), 204);
    assert!(other.listen(&h, CAUCUS, &other_all, &[]).head.contains(" 404 "));
    assert!(mediator.listen(&h, ROOM, &mediator_side, &[]).head.contains(" 410 "));
    assert_eq!(mediator.say(&h, ROOM, &mediator_all, &other_all, &offer("v=0 last")), 204);
    assert_eq!(heard(&mut other_hears).1["say"], offer("v=0 last"), "of the caucus nothing was heard");
    let mut party_hears = party.listen(&h, CAUCUS, party_side, &[]);
    assert_eq!(mediator.say(&h, CAUCUS, &mediator_side, party_side, &offer("v=0 here")), 204);
    assert_eq!(heard(&mut party_hears).1["say"], offer("v=0 here"), "nor in the caucus of the other");
    h.stop();
}

#[test]
fn whoever_leaves_a_dispute_or_is_signed_out_is_out_of_its_room_at_once_and_the_others_are_told() {
    let h = quick();
    let [one, two, three] = ["one", "two", "three"].map(|login| Person::new(&h, login, &[ROOM]));
    let (first, mut one_hears) = one.enter(&h, ROOM);
    let (second, mut two_hears) = two.enter(&h, ROOM);
    let (third, mut three_hears) = three.enter(&h, ROOM);
    assert_eq!([heard(&mut one_hears).0, heard(&mut one_hears).0, heard(&mut two_hears).0], ["came"; 3]);
    // Before anything is journaled: what would be said to somebody who is no member any more is not.
    two.leaves_the_record(&h, ROOM);
    assert_eq!(one.say(&h, ROOM, &first, &second, &offer("v=0 secret")), 204);
    assert_eq!(heard(&mut two_hears), ("over".into(), json!({"why": "member"})));
    assert!(two_hears.news().is_none());
    assert_eq!(two.say(&h, ROOM, &second, &first, &offer("v=0")), 404);
    assert_eq!(two.post(&h, ROOM, "join", "{}").status, 404);
    for stream in [&mut one_hears, &mut three_hears] {
        assert_eq!(heard(stream), ("left".into(), json!({"peer": second})));
    }
    // With the transaction, though nobody says anything.
    three.leaves_the_record(&h, ROOM);
    h.city.revision.send_modify(|seq| *seq = Seq(seq.0 + 1));
    assert_eq!(heard(&mut three_hears), ("over".into(), json!({"why": "member"})));
    assert_eq!(heard(&mut one_hears), ("left".into(), json!({"peer": third})));
    h.gate.sign_out(one.cookie.split_once('=').unwrap().1);
    h.city.revision.send_modify(|seq| *seq = Seq(seq.0 + 1));
    assert_eq!(heard(&mut one_hears), ("over".into(), json!({"why": "member"})));
    assert_eq!(one.say(&h, ROOM, &first, &second, &json!("here")), 401);
    h.stop();
}

#[test]
fn hostile_messages_are_refused_and_reach_nobody() {
    let h = quick();
    let (one, two) = (Person::new(&h, "one", &[ROOM]), Person::new(&h, "two", &[ROOM]));
    let (first, mut one_hears) = one.enter(&h, ROOM);
    let (second, _stream) = two.enter(&h, ROOM);
    assert_eq!(heard(&mut one_hears).0, "came");
    let whole = |say: Json| json!({"peer": second, "to": first, "say": say}).to_string();
    let deep = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
    for (body, status) in [
        (String::new(), 400),
        ("\u{feff}{}".into(), 400),
        ("null".into(), 400),
        ("[]".into(), 400),
        (deep, 413),
        (format!("{}1", "[".repeat(10_000)), 400),
        ("x".repeat(40_000), 413),
        (whole(json!({"offer": "<script>alert(1)</script>"})), 422),
        (whole(json!({"offer": format!("v=0{}", "x".repeat(25_000))})), 422),
        (whole(json!({"candidate": {"candidate": "javascript:"}})), 422),
        (whole(json!({"candidate": {"candidate": "candidate:", "sdpMid": "x".repeat(300)}})), 422),
        (whole(json!({"record": true})), 400),
        (whole(json!({"offer": "v=0", "html": "<b>"})), 400),
        (whole(json!({"shows": {"camera": true, "microphone": true, "face": 1}})), 400),
        (json!({"peer": second, "to": first, "say": "here", "more": 1}).to_string(), 400),
        (json!({"peer": "../../x", "to": first, "say": "here"}).to_string(), 400),
        (json!({"peer": second.to_uppercase(), "to": first, "say": "here"}).to_string(), 400),
        (json!({"peer": second, "say": {"offer": "v=0 to nobody"}}).to_string(), 204),
        (json!({"peer": second, "to": second, "say": {"offer": "v=0 to itself"}}).to_string(), 204),
        (json!({"peer": "0".repeat(32), "to": first, "say": {"offer": "v=0"}}).to_string(), 410),
        (format!(r#"{{"peer":"{second}","peer":"{second}","say":"here"}}"#), 400),
    ] {
        let reply = two.post(&h, ROOM, "signal", &body);
        let shown: String = body.chars().take(80).collect();
        assert_eq!(reply.status, status, "{shown}: {}", reply.body);
        assert!(
            !reply.body.contains("script>") && !reply.body.contains("face"),
            "nothing is said again: {}",
            reply.body
        );
    }
    assert_eq!(two.post(&h, ROOM, "join", "{\"record\":true}").status, 400);
    assert_eq!(two.say(&h, ROOM, &second, &first, &offer("v=0 good")), 204);
    assert_eq!(heard(&mut one_hears).1["say"], offer("v=0 good"), "the first thing heard");
    h.stop();
}

#[test]
fn a_room_is_bounded_in_peers_and_each_of_them_in_pace() {
    let h = host(RoomOptions { most: 2, pace: (1, 5), ..RoomOptions::default() });
    let [one, two, three] = ["one", "two", "three"].map(|login| Person::new(&h, login, &[ROOM]));
    let (first, _one_hears) = one.enter(&h, ROOM);
    let (second, _two_hears) = two.enter(&h, ROOM);
    let full = three.post(&h, ROOM, "join", "{}");
    assert_eq!((full.status, full.json()["code"].clone()), (409, json!("room-full")));
    assert!(!full.body.contains('⟦'), "{}", full.body);
    let statuses: Vec<u16> = (0..8).map(|_| two.say(&h, ROOM, &second, &first, &json!("here"))).collect();
    assert_eq!(statuses[..5], [204; 5]);
    assert!(statuses[5..].contains(&429), "{statuses:?}");
    h.stop();
}

#[test]
fn a_peer_that_says_nothing_is_gone_and_an_empty_room_with_it() {
    let h = host(RoomOptions { silent: Duration::from_secs(2), ..RoomOptions::default() });
    let one = Person::new(&h, "one", &[ROOM]);
    let (first, mut hears) = one.enter(&h, ROOM);
    assert_eq!(heard(&mut hears), ("over".into(), json!({"why": "silent"})));
    assert_eq!(one.say(&h, ROOM, &first, &first, &json!("here")), 410);
    let metrics = h.send("GET", "/metrics", &[], b"").body;
    assert!(metrics.lines().any(|l| l == "changzhi_rooms 0"), "{metrics}");
    h.stop();
}

#[test]
fn a_page_loaded_anew_takes_its_own_place() {
    let h = quick();
    let (one, two) = (Person::new(&h, "one", &[ROOM]), Person::new(&h, "two", &[ROOM]));
    let (_, mut two_hears) = two.enter(&h, ROOM);
    let (old, mut old_hears) = one.enter(&h, ROOM);
    assert_eq!(heard(&mut two_hears).1["peer"], old);
    let (new, _stream) = one.enter(&h, ROOM);
    assert_eq!(heard(&mut old_hears), ("over".into(), json!({"why": "elsewhere"})));
    assert_eq!(heard(&mut two_hears), ("left".into(), json!({"peer": old})));
    assert_eq!(heard(&mut two_hears).1["peer"], new);
    h.stop();
}

#[test]
fn a_relay_is_told_with_a_password_that_ends_and_never_its_secret() {
    let secret = "north-gate-river-seven";
    let ice = Ice::new("stun:s.example", Some(("turn:t.example:3478", secret)), true).unwrap();
    let h = host(RoomOptions { ice, ..RoomOptions::default() });
    let one = Person::new(&h, "one", &[ROOM]);
    let joined = one.join(&h, ROOM);
    assert_eq!(joined["rtc"]["iceTransportPolicy"], "relay");
    let relay = &joined["rtc"]["iceServers"][1];
    assert_eq!(relay["urls"], json!(["turn:t.example:3478"]));
    let (until, word) = relay["username"].as_str().unwrap().split_once(':').unwrap();
    assert_eq!(until, "1700021600", "six hours from the city's now");
    assert!(word.len() == 16 && relay["credential"].as_str().unwrap().len() == 28);
    assert!(!joined.to_string().contains(secret));
    h.stop();
}

#[test]
fn only_a_page_with_a_room_may_ask_for_a_microphone_and_without_a_script_it_leads_to_the_text() {
    let h = quick();
    let cookie = h.browser("li");
    let plain = |s: &str| Text::Plain(s.to_owned());
    let other = |key: &str, children, kind: &str, fallback: &str, attributes: &[(&str, Value)]| Node {
        key: key.into(),
        children,
        kind: NodeKind::Other(Other {
            kind: kind.into(),
            attributes: attributes.iter().map(|(n, v)| Named { name: (*n).into(), value: v.clone() }).collect(),
            fallback: plain(fallback),
        }),
    };
    let bare = h.page(&cookie, "/p/desk/list");
    assert!(bare.header("permissions-policy").unwrap().contains("microphone=()"));
    let nodes = vec![
        other(
            "room",
            2,
            "room",
            "the talk below",
            &[
                ("room", Value::Entity(ROOM)),
                ("speaker", Value::Entity(12)),
                ("until", Value::Time(1_795_396_800_000_000)),
            ],
        ),
        other("11", 0, "member", "mediator", &[("account", Value::Entity(11))]),
        other("12", 0, "member", "party <b>", &[("account", Value::Entity(12))]),
        // Without what it must have it is its fallback.
        other("broken", 0, "room", "broken room", &[]),
    ];
    *h.city.page.lock().unwrap() = Page { title: plain("t"), nodes };
    let page = h.page(&cookie, "/p/desk/list?lang=en");
    assert_eq!(page.header("permissions-policy").unwrap(), "camera=(self), microphone=(self), geolocation=(self)");
    assert!(page.header("content-security-policy").unwrap().contains("connect-src 'self'"));
    let html = scraper::Html::parse_document(&page.body);
    let texts = |selector: &str| -> Vec<String> {
        let selector = scraper::Selector::parse(selector).unwrap();
        html.select(&selector).map(|e| e.text().collect::<String>().trim().to_owned()).collect()
    };
    let room = format!("gov-room[data-room='{ROOM}'][data-speaker='12'][data-until='1795396800000']");
    assert_eq!(texts(&format!("{room} .text-only")), ["the talk below"]);
    assert_eq!(texts(&format!("{room} .turn strong")), ["party <b>"]);
    assert_eq!(texts(&format!("{room} .members[hidden] li[data-account]")), ["mediator", "party <b>"]);
    assert_eq!(texts(&format!("{room} .call[hidden] button[type=button]")).len(), 4, "shown by the script only");
    assert!(texts("[data-malformed] p").contains(&"broken room".to_owned()));
    assert!(!page.body.contains('⟦'));
    h.stop();
}
