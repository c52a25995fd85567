//! The online room in real browsers: three people on one machine see and hear each other, and whoever cannot keeps the talk in text.
//!
//! The portal stands before a city of hash maps, with a page as a plugin would send it: rooms are the host's own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../../../host/portal/tests/support/mod.rs"]
mod support;

use anyhow::Result;
use changzhi_browser_tests::{Browser, Devices, Screen, Tab};
use changzhi_model::{Clock, EntityId, Micros, SystemClock};
use changzhi_portal::PortalOptions;
use changzhi_portal::shape::{Named, Node, NodeKind, Other, Section, Text, Value};
use serde_json::json;
use support::{Host, town};

const ROOM: u64 = 70;
const PAGE: &str = "/p/desk/list";
/// The connections of the page, to be asked how much came through them.
const WATCH: &str = "window.__all = []; window.RTCPeerConnection = class extends RTCPeerConnection { constructor(...a) { super(...a); __all.push(this); } };";

fn plain(text: &str) -> Text {
    Text::Plain(text.to_owned())
}

fn other(key: &str, children: u32, kind: &str, fallback: &str, attributes: Vec<(&str, Value)>) -> Node {
    let attributes = attributes.into_iter().map(|(name, value)| Named { name: name.into(), value }).collect();
    let other = Other { kind: kind.into(), attributes, fallback: plain(fallback) };
    Node { key: key.into(), children, kind: NodeKind::Other(other) }
}

fn section(key: &str, title: &str, live: bool, children: u32) -> Node {
    let section = Section { title: plain(title), help: None, empty: None, live };
    Node { key: key.into(), children, kind: NodeKind::Section(section) }
}

struct Dispute {
    h: Host,
    people: Vec<(EntityId, &'static str)>,
}

impl Dispute {
    fn open() -> Dispute {
        let h = Host::start(PortalOptions::default());
        let people = ["mediator", "party-a", "party-b", "guest-c"].map(|login| {
            let account = town::account(&h.gate, login, &[("clerk", None)], &[]);
            h.city.members.lock().unwrap().push((EntityId(ROOM), account));
            (account, login)
        });
        let dispute = Dispute { h, people: people.to_vec() };
        dispute.shows(None, None);
        dispute
    }

    /// The page from here on: who has the word, and for how long.
    fn shows(&self, speaker: Option<usize>, until: Option<Micros>) {
        let members: Vec<Node> = self
            .people
            .iter()
            .zip(["调解员 王老师", "甲方 302 室", "乙方 402 室", "观察员"])
            .map(|((account, login), label)| {
                other(login, 0, "member", label, vec![("account", Value::Entity(account.0))])
            })
            .collect();
        let mut attributes = vec![("room", Value::Entity(ROOM))];
        attributes.extend(speaker.map(|n| ("speaker", Value::Entity(self.people[n].0.0))));
        attributes.extend(until.map(|at| ("until", Value::Time(at.0))));
        let mut nodes = vec![section("room", "线上调解", true, 1)];
        nodes.push(other("r", members.len() as u32, "room", "请使用下面的文字沟通。", attributes));
        nodes.extend(members);
        nodes.push(section("talk", "文字沟通", false, 1));
        nodes.push(other("t", 1, "conversation", "调解沟通", vec![]));
        let said = vec![("by", Value::Text("甲方".into())), ("at", Value::Time(1_795_396_800_000_000))];
        nodes.push(other("m", 0, "message", "水是从楼上漏下来的，墙面已经起皮。", said));
        self.h.city.change(nodes);
    }

    /// Somebody in a browser of their own, on the page.
    fn visit(&self, browser: &Browser, n: usize, screen: Screen, devices: Devices, query: &str) -> Result<Tab> {
        let tab = browser.apart(screen, devices)?;
        tab.before_each_page(WATCH)?;
        let cookie = self.h.browser(self.people[n].1);
        let (name, value) = cookie.split_once('=').unwrap();
        let url = format!("http://{}{PAGE}{query}", self.h.addr);
        tab.set_cookies(&json!([{"name": name, "value": value, "url": url}]))?;
        tab.goto(&url)?;
        tab.until("the room", "!document.querySelector('gov-room .call').hidden")?;
        Ok(tab)
    }
}

fn press(tab: &Tab, what: &str) -> Result<()> {
    tab.to_front()?;
    tab.click(&format!("[data-do={what}]"))
}

fn state(tab: &Tab) -> Result<String> {
    tab.text("document.querySelector('.call .state').textContent")
}

/// Connected with so many others, whose pictures move and from whom sound and picture have come.
fn sees(tab: &Tab, others: usize) -> Result<()> {
    tab.to_front()?;
    let connected =
        format!("document.querySelectorAll('.tiles li[data-state=connected]:not(.own)').length === {others}");
    tab.until("connected", &connected)?;
    let moves = format!(
        "(async () => {{ const all = [...document.querySelectorAll('.tiles li:not(.own) video')]; const then = all.map(v => v.currentTime); await new Promise(r => setTimeout(r, 300)); return all.length === {others} && all.every((v, i) => v.currentTime > then[i] && v.videoWidth > 0 && v.checkVisibility({{ visibilityProperty: true }})) }})()"
    );
    tab.until("the pictures move", &moves)?;
    let bytes = format!(
        "(async () => {{ const open = __all.filter(pc => pc.connectionState === 'connected'); const came = await Promise.all(open.map(async pc => [...(await pc.getStats()).values()].filter(s => s.type === 'inbound-rtp' && s.bytesReceived > 0).map(s => s.kind).sort().join())); return came.length === {others} && came.every(kinds => kinds === 'audio,video') }})()"
    );
    tab.until("sound and picture came through", &bytes)
}

#[test]
fn three_people_see_and_hear_each_other_and_one_who_leaves_or_is_no_member_any_more_is_gone() -> Result<()> {
    let Some(browser) = Browser::start_with_devices()? else { return Ok(()) };
    let dispute = Dispute::open();
    let mediator = dispute.visit(&browser, 0, Screen::Desk, Devices::Given, "?lang=zh-CN")?;
    let one = dispute.visit(&browser, 1, Screen::Phone, Devices::Given, "?lang=zh-CN")?;
    let two = dispute.visit(&browser, 2, Screen::Narrow, Devices::Given, "?lang=en&_size=elder")?;
    // Nothing begins by itself.
    let idle = "__all.length === 0 && [...document.querySelectorAll('video')].length === 0";
    assert_eq!(mediator.eval(idle)?, true);
    for (tab, name) in [(&mediator, "room-before-desk"), (&one, "room-before-phone"), (&two, "room-before-narrow")] {
        tab.screenshot(name, true)?;
        tab.is_sound(name)?;
        tab.is_quiet(name)?;
    }
    press(&mediator, "join")?;
    mediator.until("alone", "document.querySelector('.call .state').textContent.includes('其他人还没有到')")?;
    press(&one, "join")?;
    sees(&one, 1)?;
    press(&two, "join")?;
    for tab in [&mediator, &one, &two] {
        sees(tab, 2)?;
    }
    assert!(state(&mediator)?.contains("共 3 人"), "{}", state(&mediator)?);
    let names = "[...document.querySelectorAll('.tiles .name strong')].map(n => n.textContent).sort().join('|')";
    for tab in [&mediator, &one, &two] {
        assert_eq!(tab.text(names)?, "乙方 402 室|甲方 302 室|调解员 王老师");
    }
    // The record gives somebody the word: the page follows, and the call is not disturbed by it.
    mediator.eval("window.__same = document.querySelector('.tiles li:not(.own) video')")?;
    dispute.shows(Some(2), Some(Micros(SystemClock.now().0 + 6 * Micros::SECOND)));
    mediator.until("who speaks", "document.querySelector('.tiles .speaks strong')?.textContent === '乙方 402 室'")?;
    two.until("the time that is left", "/^0:0\\d left$/.test(document.querySelector('.turn .left').textContent)")?;
    for (tab, name) in [(&mediator, "room-desk"), (&one, "room-phone"), (&two, "room-narrow")] {
        sees(tab, 2)?;
        tab.screenshot(name, true)?;
        tab.is_sound(name)?;
        tab.is_quiet(name)?;
    }
    assert_eq!(mediator.eval("__same.isConnected && __same.srcObject !== null")?, true, "the same picture as before");
    one.until("its end", "document.querySelector('.turn .left').textContent === '发言时间已到' && document.querySelector('.clock').textContent === '发言时间已到'")?;
    // A camera that is off is off, and everybody is told.
    press(&one, "camera")?;
    assert_eq!(one.eval("document.querySelector('.own video').srcObject.getVideoTracks().length")?, 0);
    mediator.until(
        "the camera is off",
        "[...document.querySelectorAll('.tiles li')].some(t => t.textContent.includes('甲方') && t.textContent.includes('摄像头已关') && t.querySelector('video').hidden)",
    )?;
    press(&one, "camera")?;
    sees(&mediator, 2)?;
    press(&one, "microphone")?;
    mediator.until("the microphone is off", "document.querySelector('.tiles').textContent.includes('麦克风已关')")?;
    // One leaves; the others are told, and its devices are free.
    press(&two, "leave")?;
    for (tab, who) in [(&mediator, "乙方 402 室 已离开"), (&one, "乙方 402 室 已离开")] {
        tab.until("one less", "document.querySelectorAll('.tiles li').length === 2")?;
        assert!(state(tab)?.contains(who), "{}", state(tab)?);
    }
    assert!(state(&two)?.starts_with("Text only"), "{}", state(&two)?);
    assert_eq!(
        two.eval(
            "document.querySelectorAll('.tiles li').length + __all.filter(pc => pc.connectionState !== 'closed').length"
        )?,
        0
    );
    assert!(two.focused()?.contains("Join"), "{}", two.focused()?);
    two.screenshot("room-left-narrow", true)?;
    // One is no member any more: out at once, without a word from its own page.
    dispute.h.city.members.lock().unwrap().retain(|(_, account)| *account != dispute.people[1].0);
    dispute.h.city.revision.send_modify(|seq| seq.0 += 1);
    one.until("out", "document.querySelector('.call .state').textContent.includes('不在此会谈室的成员之列')")?;
    assert_eq!(one.eval("__all.every(pc => pc.connectionState === 'closed')")?, true);
    mediator.until("alone again", "document.querySelectorAll('.tiles li').length === 1")?;
    for tab in [&mediator, &one, &two] {
        assert_eq!(tab.complaints(), Vec::<String>::new());
    }
    dispute.h.stop();
    Ok(())
}

#[test]
fn without_permission_or_without_webrtc_it_stays_with_text_and_who_has_no_devices_may_watch_and_listen() -> Result<()> {
    let Some(browser) = Browser::start_with_devices()? else { return Ok(()) };
    let dispute = Dispute::open();
    let mediator = dispute.visit(&browser, 0, Screen::Desk, Devices::Given, "?lang=en")?;
    press(&mediator, "join")?;
    mediator.until("alone", "document.querySelector('.call').dataset.phase === 'in'")?;
    let refused = dispute.visit(&browser, 1, Screen::Phone, Devices::Refused, "?lang=en")?;
    press(&refused, "join")?;
    refused.until("the reason", "document.querySelector('.call .state').textContent.includes('gave no camera')")?;
    assert!(refused.text("document.querySelector('.conversation').innerText")?.contains("水是从楼上"));
    refused.screenshot("room-refused-phone", true)?;
    refused.is_sound("refused")?;
    refused.is_quiet("refused")?;
    assert_eq!(mediator.eval("document.querySelectorAll('.tiles li').length")?, 1, "nobody came");
    // Neither is asked for: it is a place to watch and listen from.
    for device in ["camera", "microphone"] {
        refused.click(&format!("[data-use={device}]"))?;
    }
    press(&refused, "join")?;
    sees(&refused, 1)?;
    mediator.until("who listens", "document.querySelectorAll('.tiles li[data-state=connected]').length === 2")?;
    assert!(mediator.text("document.querySelector('.tiles li:not(.own)').innerText")?.contains("camera off"));
    refused.is_sound("who listens")?;
    refused.is_quiet("who listens")?;

    let old = dispute.visit(&browser, 2, Screen::Desk, Devices::Given, "?lang=en")?;
    old.before_each_page("delete window.RTCPeerConnection")?;
    old.goto(&format!("http://{}{PAGE}?lang=en", dispute.h.addr))?;
    old.until("the reason", "document.querySelector('.call .state').textContent.includes('has no sound and picture')")?;
    assert_eq!(
        old.eval("[...document.querySelectorAll('gov-room button')].filter(b => b.checkVisibility()).length")?,
        0
    );
    old.is_sound("without WebRTC")?;
    old.is_quiet("without WebRTC")?;
    dispute.h.stop();
    Ok(())
}

#[test]
fn a_host_that_was_away_is_found_again_and_whoever_is_not_in_the_record_has_no_room() -> Result<()> {
    let Some(browser) = Browser::start_with_devices()? else { return Ok(()) };
    let dispute = Dispute::open();
    let mediator = dispute.visit(&browser, 0, Screen::Desk, Devices::Given, "?lang=en")?;
    let one = dispute.visit(&browser, 1, Screen::Phone, Devices::Given, "?lang=en")?;
    press(&mediator, "join")?;
    press(&one, "join")?;
    sees(&one, 1)?;
    // What happens when a page is loaded anew: the old peer is gone, and the new one takes its place.
    one.goto(&format!("http://{}{PAGE}?lang=en", dispute.h.addr))?;
    mediator.until("one less", "document.querySelectorAll('.tiles li').length === 1")?;
    one.until("the room", "!document.querySelector('gov-room .call').hidden")?;
    press(&one, "join")?;
    sees(&one, 1)?;
    sees(&mediator, 1)?;
    // The same account by another sign-in is a second place.
    let tablet = dispute.visit(&browser, 1, Screen::Phone, Devices::Given, "?lang=en")?;
    press(&tablet, "join")?;
    sees(&mediator, 2)?;
    // Somebody the page shows a room of others to.
    dispute.h.city.members.lock().unwrap().retain(|(_, account)| *account != dispute.people[3].0);
    let stranger = dispute.visit(&browser, 3, Screen::Desk, Devices::Given, "?lang=en")?;
    press(&stranger, "join")?;
    stranger
        .until("no room", "document.querySelector('.call .state').textContent.includes('not among the members')")?;
    assert_eq!(stranger.eval("__all.length")?, 0);
    dispute.h.stop();
    // The host is gone: what is connected goes on, and the page says what is wrong.
    mediator.until("it is said", "document.querySelector('.call .state').textContent.includes('Trying again')")?;
    assert_eq!(mediator.eval("__all.filter(pc => pc.connectionState === 'connected').length")?, 2);
    Ok(())
}
