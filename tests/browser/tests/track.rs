//! A report from its filing to its rating, as whoever reported it goes through it: on a phone, with and without an account.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use anyhow::{Context, Result};
use changzhi_browser_tests::{Browser, City, Screen, Tab};
use serde_json::json;

/// Presses the button of the form that gives this command, and waits for the page it leads to.
fn press(tab: &Tab, action: &str) -> Result<()> {
    let button = format!("form[action='{action}'] button:not([type=button])");
    tab.eval(&format!("document.querySelector(\"{button}\").closest('details')?.setAttribute('open', '')"))?;
    tab.leave(|tab| tab.click(&button))
}

#[test]
fn a_report_is_filed_followed_by_code_and_pin_without_an_account_added_to_and_rated() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let tab = browser.tab(Screen::Phone)?;
    city.sign_in(&tab, "resident")?;
    tab.goto(&city.url("/p/services/new-report"))?;
    tab.screenshot("track-new-report", true)?;
    tab.is_sound("the form")?;
    tab.is_quiet("the form")?;
    let form = "form[action='/do/services/file-report']";
    tab.eval(&format!("document.querySelector(\"{form} [name=category]\").value = 'street-light'; document.querySelector(\"{form} [name=category]\").dispatchEvent(new Event('change', {{bubbles: true}}))"))?;
    tab.fill(&format!("{form} [name=title]"), "Lamp out")?;
    tab.fill(&format!("{form} [name=body]"), "My own words")?;
    tab.fill(&format!("{form} [name=contact]"), "13800000000")?;
    press(&tab, "/do/services/file-report")?;
    tab.screenshot("track-filed", true)?;
    tab.is_sound("code and PIN")?;
    tab.is_quiet("code and PIN")?;
    assert_eq!(tab.text("location.pathname")?, "/filed");
    let code = tab.text("document.querySelectorAll('.ticket .big')[0].textContent")?;
    let pin = tab.text("document.querySelectorAll('.ticket .big')[1].textContent")?;
    let matter = tab.text("new URLSearchParams(location.search).get('matter')")?;

    // Somebody who has the slip of paper and nothing else.
    tab.forget()?;
    tab.goto(&city.url("/p/services/new-report"))?;
    assert_eq!(tab.text("location.pathname")?, "/sign-in", "signed out");
    tab.goto(&city.url(&format!("/track?code={code}")))?;
    tab.is_sound("the way in")?;
    tab.is_quiet("the way in")?;
    tab.fill("[name=pin]", "00000000")?;
    press(&tab, "/track")?;
    assert!(tab.text("document.querySelector('[role=alert]').innerText")?.len() > 4, "told what is wrong");
    // A refused sign-in is an error to the browser's log, and is meant to be.
    tab.complaints();
    tab.fill("[name=pin]", &pin)?;
    press(&tab, "/track")?;
    assert_eq!(tab.text("location.pathname")?, "/track/matter");
    tab.screenshot("track-matter-phone", true)?;
    tab.is_sound("the page of the matter")?;
    tab.is_quiet("the page of the matter")?;
    let shown = tab.text("document.querySelector('main').innerText")?;
    assert!(shown.contains(&code) && !shown.contains("My own words"), "{shown}");
    tab.fill("[name=more-words]", "It is pole seven")?;
    press(&tab, "/track/do/services/add-words")?;
    assert!(tab.text("location.href")?.contains("/track/matter?_done="));
    tab.goto(&city.url("/track/see/services/own-words"))?;
    let words = tab.text("document.querySelector('main').innerText")?;
    assert!(
        words.contains("My own words") && words.contains("It is pole seven") && words.contains("13800000000"),
        "{words}"
    );
    tab.goto(&city.url("/track/looks"))?;
    tab.until("the looks are read", "(async () => { const page = await (await fetch('/track/looks')).text(); return page.split('<tr>').length > 3 })()")?;
    tab.is_sound("who looked")?;
    tab.is_quiet("who looked")?;

    // The city does its part.
    let admin = city.client("admin")?;
    let give = |command: &str, more: serde_json::Value| -> Result<()> {
        let mut body = json!({"matter": matter.parse::<u64>()?});
        body.as_object_mut().context("object")?.extend(more.as_object().context("object")?.clone());
        let answer = admin.post(&format!("/api/v1/services/{command}"), &body, &[])?;
        assert_eq!(answer.status, 200, "{command}: {}", answer.text);
        Ok(())
    };
    give("accept", json!({}))?;
    give("assign", json!({"agency": "lamps"}))?;
    give("start", json!({}))?;
    give("inform", json!({"public-words": "The crew comes tomorrow"}))?;
    give("note-internally", json!({"internal-words": "not for outside"}))?;
    give("answer", json!({"reply": "The lamp was replaced", "outcome": "solved"}))?;
    let check = city.client("verifier")?;
    let closed = check.post("/api/v1/services/close", &json!({"matter": matter.parse::<u64>()?}), &[])?;
    assert_eq!(closed.status, 200, "{}", closed.text);
    tab.goto(&city.url("/track/matter"))?;
    let shown = tab.text("document.querySelector('main').innerText")?;
    assert!(shown.contains("The crew comes tomorrow") && shown.contains("The lamp was replaced"), "{shown}");
    assert!(!shown.contains("not for outside"));
    tab.eval("document.querySelector('[name=rated-outcome]').value = 'rated-4'; document.querySelector('[name=rated-manner]').value = 'rated-5'")?;
    press(&tab, "/track/do/services/rate")?;
    assert_eq!(tab.eval("document.querySelector('[name=rated-outcome]')")?, json!(null), "once");
    tab.resize(Screen::Desk)?;
    tab.screenshot("track-matter-desk", true)?;
    tab.is_sound("closed and rated, at a desk")?;
    tab.is_quiet("closed and rated, at a desk")?;
    press(&tab, "/track/end")?;
    tab.goto(&city.url("/track/matter"))?;
    assert_eq!(tab.text("location.pathname")?, "/track", "left");
    Ok(())
}
