//! A dispute of three parties in three browsers, one of them a phone: from registration to a performed agreement, with one party that
//! leaves in the middle of a session and one signature that runs out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use anyhow::{Context, Result, ensure};
use changzhi_browser_tests::{Browser, City, Devices, Screen, Tab};
use changzhi_system_tests::Client;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Somebody at an API client: the desk and the mediator.
struct Staff(Client);

impl Staff {
    fn does(&self, command: &str, body: &Value) -> Result<Value> {
        self.0.gives(&format!("services/{command}"), body)
    }

    fn sees(&self, view: &str) -> Result<Value> {
        let reply = self.0.get(&format!("/api/v1/services/{view}"))?;
        ensure!(reply.status == 200, "{view}: {reply:?}");
        Ok(reply.json())
    }

    fn state(&self, dispute: &str) -> Result<String> {
        let page = self.sees(&format!("dispute?dispute={dispute}"))?.to_string();
        let at = page.find("\"state-").context("no state on the page")?;
        Ok(page[at + 7..].chars().take_while(|c| *c != '"').collect())
    }
}

fn opens(city: &City, tab: &Tab, dispute: &str) -> Result<()> {
    tab.goto(&city.url(&format!("/p/services/dispute?dispute={dispute}")))
}

fn signs(city: &City, tab: &Tab, dispute: &str, by_hand: bool) -> Result<()> {
    opens(city, tab, dispute)?;
    tab.gives("services/ask-signing-code", &[])?;
    opens(city, tab, dispute)?;
    let code = tab.text(
        "(document.body.innerText.match(/[0-9A-Z]{5}-[0-9A-Z]{5}(?![\\s\\S]*[0-9A-Z]{5}-[0-9A-Z]{5})/) ?? [''])[0]",
    )?;
    ensure!(code.len() == 11, "no code on the page: {}", tab.text("document.body.innerText")?);
    if by_hand {
        tab.until("the pad", "document.querySelector('canvas.pad')")?;
        tab.eval("(c => { c.scrollIntoView({block: 'center'}); const b = c.getBoundingClientRect(); const at = (t, x, y) => c.dispatchEvent(new PointerEvent(t, {bubbles: true, pointerId: 1, clientX: b.x + x, clientY: b.y + y})); c.setPointerCapture = () => {}; at('pointerdown', 20, 20); for (let n = 1; n < 30; n++) at('pointermove', 20 + n * 4, 20 + 15 * Math.sin(n)); at('pointerup', 140, 20) })(document.querySelector('canvas.pad'))")?;
        tab.screenshot("mediation-sign-phone", true)?;
        tab.gives("services/sign", &[("signing-code", &code)])
    } else {
        tab.gives("services/sign", &[("signing-code", &code), ("stroke", "王小明")])
    }
}

#[test]
fn a_dispute_of_three_is_taken_from_registration_to_a_performed_agreement() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    // A week is a minute here: a deployment's own rules.
    let rules = tempfile::tempdir()?;
    std::fs::create_dir(rules.path().join("flows"))?;
    let own = include_str!("../../../data/flows/dispute.toml").replace("limit = \"7d\"", "limit = \"1min\"");
    std::fs::write(
        rules.path().join("flows/dispute.toml"),
        own.replacen("version = 1\n", "version = 1\nedition = 2\n", 1),
    )?;
    let folder: &'static str = Box::leak(rules.path().to_string_lossy().into_owned().into_boxed_str());
    let city = City::start_with(Box::leak(Box::new([("CHANGZHI_FLOWS", folder)])))?;
    let (desk, mediator) = (Staff(city.client("operator")?), Staff(city.client("mediator")?));
    let [resident, school, hospital] =
        [Screen::Phone, Screen::Desk, Screen::Desk].map(|screen| browser.apart(screen, Devices::Refused).unwrap());
    for (tab, login) in [(&resident, "resident"), (&school, "school"), (&hospital, "hospital")] {
        city.sign_in(tab, login)?;
    }

    resident.goto(&city.url("/p/services/new-dispute"))?;
    resident.screenshot("mediation-register-phone", true)?;
    let of =
        [("title", "围墙积水"), ("dispute-category", "neighbours"), ("other-name", "某学校"), ("facts", "下雨就淹")];
    resident.gives("services/register-dispute", &of)?;
    resident.goto(&city.url("/p/services/my-disputes"))?;
    let dispute = resident
        .text("(new URLSearchParams(document.querySelector('a[href*=\"dispute?dispute=\"]').search)).get('dispute')")?;
    let about = json!({"dispute": dispute.parse::<u64>()?});
    let with = |more: Value| {
        let mut body = about.clone();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    desk.does("add-party", &with(json!({"side": "c", "part": "party", "other-name": "某医院"})))?;
    desk.does("screen", &about)?;
    desk.does("invite", &about)?;
    let page = desk.sees(&format!("dispute?dispute={dispute}"))?.to_string();
    let mut invitations = Vec::new();
    for part in page.split('"').filter(|t| {
        t.len() == 11
            && t.as_bytes()[5] == b'-'
            && t.bytes().all(|b| b == b'-' || b.is_ascii_uppercase() || b.is_ascii_digit())
    }) {
        invitations.push(part.to_owned());
    }
    // The dispute's own code comes first, or last; an invitation binds, the code does not.
    for tab in [&school, &hospital] {
        let mut joined = false;
        for invitation in &invitations {
            tab.goto(&city.url("/p/services/my-disputes"))?;
            if tab.gives("services/join-dispute", &[("invitation", invitation)]).is_ok() {
                tab.goto(&city.url("/p/services/my-disputes"))?;
                joined = tab.eval("!!document.querySelector('a[href*=\"dispute?dispute=\"]')")? == true;
            }
            if joined {
                break;
            }
        }
        ensure!(joined, "no invitation of {invitations:?} let {} in", tab.text("document.body.innerText")?);
        opens(&city, tab, &dispute)?;
        tab.gives("services/answer-invitation", &[("consents", "agreed")])?;
    }
    assert_eq!(desk.state(&dispute)?, "accepted");

    let seat = mediator.does("set-seat", &json!({"shown": "陈调解员", "organisation": "街道调委会"}))?["seat"].clone();
    ensure!(!seat.is_null());
    for tab in [&resident, &school, &hospital] {
        opens(&city, tab, &dispute)?;
        tab.gives("services/pick-mediator", &[])?;
    }
    mediator.does("prepare", &about)?;
    let soon = from_now(Duration::from_secs(3600));
    mediator.does("schedule", &with(json!({"session-at": soon, "session-mode": "online"})))?;
    mediator.does("hold", &about)?;

    // Joint talk: what one says comes to the others by itself.
    let room = city.url(&format!("/p/services/room?room={dispute}"));
    for tab in [&resident, &school, &hospital] {
        tab.goto(&room)?;
    }
    school.gives("services/say", &[("text", "我们愿意挖一条排水沟")])?;
    resident.until("the word of the school", "document.body.innerText.includes('我们愿意挖一条排水沟')")?;
    resident.screenshot("mediation-room-phone", true)?;
    school.goto(&room)?;
    school.screenshot("mediation-room-desk", true)?;
    // A caucus is not there for the others.
    let caucus = mediator.does("open-caucus", &with(json!({"side": "a"})))?["room"].to_string();
    resident.goto(&city.url(&format!("/p/services/room?room={caucus}")))?;
    resident.gives("services/say", &[("text", "三千就行")])?;
    resident.goto(&city.url(&format!("/p/services/room?room={caucus}")))?;
    resident.screenshot("mediation-caucus-phone", true)?;
    school.goto(&city.url(&format!("/p/services/room?room={caucus}")))?;
    let text = school.text("document.body.innerText")?;
    ensure!(!text.contains("三千就行"), "the other side reads a caucus: {text}");

    // One party leaves in the middle of it.
    opens(&city, &hospital, &dispute)?;
    hospital.gives("services/leave-mediation", &[])?;
    assert_eq!(desk.state(&dispute)?, "in-session");
    hospital.goto(&room)?;
    ensure!(!hospital.text("document.body.innerText")?.contains("排水沟"), "who left reads on");

    mediator.does("draft-terms", &with(json!({"text": "1. 乙方于汛期前挖好排水沟。\n2. 甲方提供通道。"})))?;
    let due = from_now(Duration::from_secs(30 * 86_400));
    let plan = json!({"what": "排水沟", "due": due, "from-side": "b", "to-side": "a"});
    let plan = mediator.does("plan-instalment", &with(plan))?;
    ensure!(plan.is_object(), "{plan}");
    let offered = || -> Result<()> {
        mediator.does("offer-terms", &about)?;
        for tab in [&resident, &school] {
            opens(&city, tab, &dispute)?;
            tab.gives("services/waive-reading", &[])?;
        }
        assert_eq!(desk.state(&dispute)?, "signing");
        Ok(())
    };
    offered()?;
    signs(&city, &school, &dispute, false)?;
    // The resident lets the time pass: nobody has signed.
    let end = Instant::now() + Duration::from_secs(150);
    while desk.state(&dispute)? == "signing" {
        ensure!(Instant::now() < end, "signatures do not run out");
        std::thread::sleep(Duration::from_millis(500));
    }
    assert_eq!(desk.state(&dispute)?, "drafting");
    offered()?;
    signs(&city, &school, &dispute, false)?;
    signs(&city, &resident, &dispute, true)?;
    assert_eq!(desk.state(&dispute)?, "agreed");
    resident.goto(&city.url(&format!("/p/services/agreement?dispute={dispute}")))?;
    resident.screenshot("mediation-agreement-phone", true)?;
    let agreement = resident.text("document.body.innerText")?;
    ensure!(agreement.contains("挖好排水沟") && agreement.contains("王小明"), "{agreement}");

    opens(&city, &school, &dispute)?;
    school.gives("services/prove-instalment", &[])?;
    opens(&city, &resident, &dispute)?;
    resident.gives("services/confirm-instalment", &[])?;
    assert_eq!(desk.state(&dispute)?, "performed");
    opens(&city, &resident, &dispute)?;
    resident.screenshot("mediation-dispute-phone", true)?;
    let tab = resident;
    for (screen, name) in [(Screen::Phone, "phone"), (Screen::Desk, "desk")] {
        tab.resize(screen)?;
        let found: Vec<String> = tab.axe()?.unwrap_or_default().iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{name}:\n{}", found.join("\n"));
        assert_eq!(
            tab.eval("document.documentElement.scrollWidth <= innerWidth + 1")?,
            true,
            "{name} scrolls sideways"
        );
    }
    let complaints = tab.complaints();
    tab.forget()?;
    assert_eq!(
        complaints.iter().filter(|c| c.starts_with("policy") || c.starts_with("exception")).count(),
        0,
        "{complaints:?}"
    );
    Ok(())
}

/// RFC 3339 of so long from now.
fn from_now(later: Duration) -> String {
    let at = std::time::SystemTime::now() + later;
    let micros = at.duration_since(std::time::UNIX_EPOCH).unwrap().as_micros();
    changzhi_model::Micros(i64::try_from(micros).unwrap()).to_rfc3339()
}
