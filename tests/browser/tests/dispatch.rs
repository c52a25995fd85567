//! A seat sends whom the page proposes, and whoever was asked answers on a phone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use anyhow::{Result, ensure};
use changzhi_browser_tests::{Browser, City, Devices, Screen, Tab};
use changzhi_system_tests::Client;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

fn does(client: &Client, command: &str, body: &Value) -> Result<Value> {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let reply = client.command(command, body, &format!("sent-{}", GIVEN.fetch_add(1, Ordering::Relaxed)))?;
    ensure!(reply.status == 200, "{command} {body}: {reply:?}");
    Ok(reply.json()["answer"].clone())
}

fn is_sound(tab: &Tab, what: &str) -> Result<()> {
    let found: Vec<String> = tab.axe()?.unwrap_or_default().iter().map(ToString::to_string).collect();
    ensure!(found.is_empty(), "{what}:\n{}", found.join("\n"));
    ensure!(tab.eval("document.documentElement.scrollWidth <= innerWidth + 1")? == true, "{what} scrolls sideways");
    Ok(())
}

/// Presses the button of a command.
fn presses(tab: &Tab, command: &str) -> Result<()> {
    let form = format!("form[action^=\"/do/command/{command}\"]");
    tab.until(command, &format!("document.querySelector('{form}')"))?;
    tab.leave(|tab| tab.click(&format!("{form} button:not([type=button])")))
}

#[test]
fn the_page_holds_the_proposal_and_the_phone_has_one_button_for_what_comes_next() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let (admin, seat) = (city.client("admin")?, city.client("operator")?);
    let body = json!({"kind": "building", "category": "hospital", "code": "sent-hospital", "name": "第二人民医院住院楼", "parent": "360104"});
    let place = does(&admin, "host/create-place", &body)?["place"].clone();
    does(&admin, "command/set-dispatch-card", &json!({"place": place, "needs": "fire x1\npolice x4"}))?;
    let ring = json!({"place": place, "category": "security", "floor": "3 楼"});
    let alarm = does(&city.client("resident")?, "command/ring", &ring)?["alarm"].clone();
    does(&seat, "command/acknowledge", &json!({"alarm": alarm}))?;

    let [desk, phone, wall] =
        [Screen::Desk, Screen::Phone, Screen::Wall].map(|screen| browser.apart(screen, Devices::Refused).unwrap());
    city.sign_in(&desk, "operator")?;
    city.sign_in(&phone, "fire-1")?;
    city.sign_in(&wall, "official")?;
    desk.goto(&city.url(&format!("/p/command/proposal?alarm={alarm}")))?;
    let page = desk.text("document.querySelector('main').innerText")?;
    // Three officers of the demo city are signed on; a fourth is asked for.
    ensure!(
        page.contains("消防组一") && page.contains("nobody else of this kind") && page.contains("What stays behind"),
        "{page}"
    );
    let chosen = desk.eval("[...document.querySelectorAll('select[name^=pick_]')].filter(s => s.value).length")?;
    assert_eq!(chosen, 4, "the proposed ones are chosen already");
    desk.screenshot("dispatch-proposal-desk", true)?;
    is_sound(&desk, "the proposal")?;
    presses(&desk, "send-responders")?;

    phone.goto(&city.url("/p/command/my-task"))?;
    let page = phone.text("document.querySelector('main').innerText")?;
    ensure!(page.contains("第二人民医院住院楼") && page.contains("I am going"), "{page}");
    phone.screenshot("dispatch-task-phone", true)?;
    is_sound(&phone, "the task on the phone")?;
    for (command, state) in
        [("accept-task", "Accepted"), ("set-out", "On the way"), ("arrive", "There"), ("finish-task", "No task")]
    {
        presses(&phone, command)?;
        phone.goto(&city.url("/p/command/my-task"))?;
        let page = phone.text("document.querySelector('main').innerText")?;
        ensure!(page.contains(state), "after {command}: {page}");
    }
    wall.goto(&city.url("/p/command/dispatch-wall?_profile=wall"))?;
    let page = wall.text("document.querySelector('main').innerText")?;
    ensure!(page.contains("民警一") && !page.contains("消防组一"), "{page}");
    wall.screenshot("dispatch-wall", false)?;
    is_sound(&wall, "the wall")?;
    for tab in [&desk, &phone, &wall] {
        let complaints: Vec<String> =
            tab.complaints().into_iter().filter(|c| c.starts_with("policy") || c.starts_with("exception")).collect();
        assert!(complaints.is_empty(), "{complaints:?}");
    }
    Ok(())
}
