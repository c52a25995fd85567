//! Live streams on a real server: who gets what, once for all, and nothing for whom it is not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_gate::Look;
use changzhi_model::{EntityId, Value};
use changzhi_portal::shape::{Call, Cell, Deed, Node, NodeKind, Page, Row, Section, Style, Text};
use changzhi_portal::{LiveOptions, PortalOptions};
use serde_json::Value as Json;
use std::time::Duration;
use support::stream::Stream;
use support::{Host, town};

const LIST: &str = "/p/desk/list";

fn host() -> Host {
    let pace = Duration::from_millis(40);
    let live = LiveOptions { pace, alarm_pace: pace, beat: Duration::from_millis(200), ..LiveOptions::default() };
    Host::start(PortalOptions { live, ..PortalOptions::default() })
}

fn plain(text: &str) -> Text {
    Text::Plain(text.to_owned())
}

fn node(key: &str, children: u32, kind: NodeKind) -> Node {
    Node { key: key.into(), children, kind }
}

fn section(key: &str, live: bool, children: u32) -> Node {
    node(key, children, NodeKind::Section(Section { title: plain(key), help: None, empty: None, live }))
}

/// A live section that says the words, one that is not live, and a button.
fn nodes(words: &str) -> Vec<Node> {
    let call = Call { name: "file".into(), args: vec![] };
    let action = changzhi_portal::shape::Action {
        label: plain("go"),
        style: Style::Plain,
        deed: Deed::Command(call),
        confirm: None,
        reason: false,
    };
    vec![
        section("list", true, 2),
        node("words", 0, NodeKind::Paragraph(plain(words))),
        node("go", 0, NodeKind::Action(action)),
        section("still", false, 1),
        node("other", 0, NodeKind::Paragraph(plain(words))),
    ]
}

fn token(h: &Host, login: &str, roles: &[&str]) -> (EntityId, String) {
    let roles: Vec<_> = roles.iter().map(|r| (*r, None)).collect();
    let id = town::account(&h.gate, login, &roles, &[]);
    let expires =
        changzhi_model::Micros(changzhi_model::Clock::now(&*h.city.inner.clock).0 + changzhi_model::Micros::DAY);
    (id, h.gate.issue_token(id, "test", expires).unwrap())
}

#[test]
fn a_change_comes_by_itself_rendered_once_for_all_who_may_see_the_same_and_without_form_secrets() {
    let h = host();
    h.city.change(nodes("before"));
    let (_, wang) = token(&h, "wang", &["clerk"]);
    let (_, zhao) = token(&h, "zhao", &["clerk"]);
    let mut streams = [wang, zhao].map(|t| Stream::of(&h, &t, "8", LIST).begun());
    for stream in &mut streams {
        assert!(stream.head.to_lowercase().contains("content-type: text/event-stream"), "{}", stream.head);
        assert!(!stream.head.to_lowercase().contains("content-encoding"), "a stream is not compressed");
    }
    // The page they show is of the revision they say: nothing is news until something changes.
    while h.city.watched.lock().unwrap().len() < 5 {
        std::thread::yield_now();
    }
    h.city.watched.lock().unwrap().clear();
    h.city.change(nodes("after"));
    let came = streams.each_mut().map(Stream::html);
    assert_eq!(came[0].data, came[1].data);
    assert_eq!((&came[0].data["rev"], &came[0].data["topic"]), (&9.into(), &LIST.into()));
    let html = came[0].data["html"].as_str().unwrap();
    let id = format!(" id=\"{}\"", came[0].data["id"].as_str().unwrap());
    assert!(
        html.starts_with("<section") && html.contains(&id) && html.contains("after") && html.ends_with("</section>"),
        "{html}"
    );
    assert!(html.contains("name=\"_csrf\" value=\"\"") && html.contains("name=\"_key\" value=\"\""), "{html}");
    assert!(!html.contains("still"), "what is not live stays");
    let looks = h.city.watched.lock().unwrap();
    assert_eq!(looks.len(), 1, "{looks:?}");
    assert_eq!(looks[0].actor.id, EntityId::NONE);
    drop(looks);
    h.stop();
}

#[test]
fn a_page_that_shows_somebody_their_own_things_is_nobody_elses() {
    let h = host();
    h.city.change(nodes("x"));
    let own = |look: &Look, mut page: Page| {
        page.nodes[1].kind = NodeKind::Paragraph(plain(&format!("for {}", look.actor.id)));
        page
    };
    *h.city.shows.lock().unwrap() = Some(Box::new(own));
    let people = ["wang", "zhao"].map(|login| token(&h, login, &["clerk"]));
    let mut streams = people.clone().map(|(_, t)| Stream::of(&h, &t, "1", LIST).begun());
    for (stream, (id, _)) in streams.iter_mut().zip(&people) {
        let html = stream.html();
        assert!(html.data["html"].as_str().unwrap().contains(&format!("for {id}<")), "{html:?}");
    }
    h.stop();
}

#[test]
fn whose_role_is_taken_away_gets_auth_and_nothing_more() {
    let h = host();
    h.city.change(nodes("before"));
    let (_, stays) = token(&h, "wang", &["clerk"]);
    let (goes_id, goes) = token(&h, "zhao", &["clerk"]);
    let (mut stays, mut goes) = (Stream::of(&h, &stays, "1", LIST).begun(), Stream::of(&h, &goes, "1", LIST).begun());
    for stream in [&mut stays, &mut goes] {
        assert!(stream.html().data["html"].as_str().unwrap().contains("before"));
    }
    h.gate.as_host("revoke-role", vec![Value::Entity(goes_id), Value::text("clerk"), Value::None]).unwrap();
    h.city.change(nodes("secret"));
    let last = goes.news().unwrap();
    assert_eq!((last.name.as_str(), &last.data["topic"]), ("auth", &Json::Null));
    assert!(goes.news().is_none(), "the stream has ended");
    assert!(stays.html().data["html"].as_str().unwrap().contains("secret"));
    h.stop();
}

#[test]
fn signing_out_ends_the_streams_of_that_sign_in_and_a_stream_of_nobody_says_auth() {
    let h = host();
    h.city.change(nodes("x"));
    let (mine, other) = (h.browser("li"), h.browser("li"));
    let query = format!("/live?t=8:{LIST}");
    let mut mine_live = Stream::open(&h, &query, &[("Cookie", &mine)]).begun();
    let mut other_live = Stream::open(&h, &query, &[("Cookie", &other)]).begun();
    let secret = mine.split_once('=').unwrap().1;
    h.gate.sign_out(secret);
    assert_eq!(mine_live.news().unwrap().name, "auth");
    assert!(mine_live.news().is_none());
    h.city.change(nodes("y"));
    assert!(other_live.html().data["html"].as_str().unwrap().contains('y'));
    let mut nobody = Stream::open(&h, &query, &[("Cookie", &mine)]);
    assert_eq!(nobody.news().unwrap().name, "auth");
    assert!(nobody.news().is_none());
    h.stop();
}

#[test]
fn who_comes_back_gets_what_was_missed_and_not_what_was_heard() {
    let h = host();
    h.city.change(nodes("one"));
    let (_, wang) = token(&h, "wang", &["clerk"]);
    // Somebody else keeps the topic alive meanwhile.
    let (_, zhao) = token(&h, "zhao", &["clerk"]);
    let mut keeps = Stream::of(&h, &zhao, "1", LIST).begun();
    let first = keeps.html();
    let back = |since: &str| Stream::of(&h, &wang, since, LIST);
    let mut heard = back(&first.id);
    assert_eq!(heard.news().unwrap().name, "build", "nothing was missed");
    h.city.change(nodes("two"));
    let second = heard.html();
    assert_eq!(keeps.html().id, second.id);
    // In the order of what was said: the hello is first, the missed section follows.
    let mut missed = back(&first.id).begun();
    assert_eq!(missed.html().id, second.id);
    let mut header = Stream::open(
        &h,
        &format!("/live?t=1:{LIST}"),
        &[("Authorization", &format!("Bearer {wang}")), ("Last-Event-ID", &second.id)],
    );
    assert_eq!(header.news().unwrap().name, "build");
    h.city.change(nodes("three"));
    assert!(header.html().data["html"].as_str().unwrap().contains("three"), "what was heard is not said again");
    // An id of another start of the host says nothing.
    assert!(back("00000000-999999").begun().html().data["html"].as_str().unwrap().contains("three"));
    h.stop();
}

#[test]
fn a_row_of_the_highest_levels_that_was_not_there_is_an_alarm() {
    let h = host();
    let board = |rows: &[(&str, u8)]| {
        let mut nodes = vec![section("board", true, u32::try_from(rows.len()).unwrap())];
        let row = |level| NodeKind::Row(Row { cells: vec![Cell::Level(level)], open: None });
        nodes.extend(rows.iter().map(|(key, level)| node(key, 0, row(*level))));
        nodes
    };
    h.city.change(board(&[("old", 1)]));
    let (_, wang) = token(&h, "wang", &["clerk"]);
    let mut stream = Stream::of(&h, &wang, "1", LIST).begun();
    let board_id = stream.html().data["id"].clone();
    h.city.change(board(&[("old", 1), ("calm", 3), ("new", 2)]));
    let alarm = stream.news().unwrap();
    assert_eq!((alarm.name.as_str(), alarm.id.as_str()), ("alarm", ""));
    let wanted = serde_json::json!({"topic": LIST, "id": board_id, "key": "new", "level": 2, "title": "board"});
    assert_eq!(alarm.data, wanted);
    assert_eq!(stream.html().data["id"], board_id);
    h.stop();
}

#[test]
fn a_section_that_comes_or_goes_has_the_page_fetched_again() {
    let h = host();
    h.city.change(nodes("x"));
    let (_, wang) = token(&h, "wang", &["clerk"]);
    let mut stream = Stream::of(&h, &wang, "1", LIST).begun();
    stream.html();
    h.city.change(vec![section("another", true, 0)]);
    let said: Vec<String> = (0..2).map(|_| stream.news().unwrap().name).collect();
    assert!(said.contains(&"resync".into()), "{said:?}");
    h.stop();
}

#[test]
fn what_may_not_be_seen_or_is_malformed_is_refused_alone_and_streams_are_bounded() {
    let h = host();
    h.city.change(nodes("x"));
    let (_, wang) = token(&h, "wang", &["clerk"]);
    let (_, none) = token(&h, "none", &[]);
    let bearer = format!("Bearer {wang}");
    let query = format!("/live?t=8:/p/desk/nothing&t=8:/p/host/accounts&t=8:/p/desk/all?n%3Dx&t=8:{LIST}&t=evil&u=1");
    let mut stream = Stream::open(&h, &query, &[("Authorization", &bearer)]);
    let mut refused = Vec::new();
    loop {
        let event = stream.news().unwrap();
        match event.name.as_str() {
            "auth" => refused.push(event.data["topic"].as_str().unwrap().to_owned()),
            "build" => break,
            other => panic!("{other}"),
        }
    }
    assert_eq!(refused, ["/p/desk/nothing", "/p/host/accounts", "/p/desk/all?n=x"]);
    let mut without = Stream::of(&h, &none, "8", LIST);
    assert_eq!(without.news().unwrap().data["topic"], LIST, "no role, no page");
    let others: Vec<Stream> = (1..12).map(|_| Stream::of(&h, &wang, "8", LIST).begun()).collect();
    assert!(Stream::of(&h, &wang, "8", LIST).head.contains(" 429 "), "a sign-in has so many streams");
    drop(others);
    h.city.change(nodes("y"));
    assert_eq!(stream.html().data["topic"], LIST);
    h.stop();
}

#[test]
fn a_host_that_stops_ends_its_streams_at_once() {
    let h = host();
    h.city.change(nodes("x"));
    let (_, wang) = token(&h, "wang", &["clerk"]);
    let mut stream = Stream::of(&h, &wang, "8", LIST).begun();
    let begun = std::time::Instant::now();
    h.stop();
    while stream.next().is_some() {}
    assert!(begun.elapsed() < Duration::from_secs(9), "it did not wait for the grace to end");
}
