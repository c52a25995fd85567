//! One key, from a nurse's phone to a seat's desk and back, and with the network away.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use anyhow::{Result, ensure};
use changzhi_browser_tests::{Browser, City, Devices, Screen, Tab, Wire};
use serde_json::{Value, json};

/// A hospital with a nurse who may press, the desk that has a name, and a run card. The place.
fn hospital(city: &City) -> Result<Value> {
    let (admin, seat) = (city.client("admin")?, city.client("operator")?);
    let body = json!({"kind": "building", "category": "hospital", "code": "story-hospital", "name": "第二人民医院住院楼", "parent": "360104"});
    let place = admin.gives("host/create-place", &body)?["place"].clone();
    let nurse = json!({"place": place, "login": "resident", "duty": "staff", "presser_role": "护士", "floor": "3 楼", "room": "302 护士站", "duty_phone": "0791-88880000"});
    admin.gives("command/enrol", &nurse)?;
    let card = json!({"place": place, "category": "help", "first": "通知三楼保安先到，不要拨打护士站电话", "questions": "有没有凶器？", "told": "保卫科、医务科"});
    admin.gives("command/set-card", &card)?;
    seat.gives("command/sit", &json!({"shown": "陈坐席"}))?;
    Ok(place)
}

/// A finger on the first key; it stays there.
fn hold(tab: &Tab) -> Result<()> {
    tab.eval("document.querySelector('.sos-button').dispatchEvent(new PointerEvent('pointerdown', {bubbles: true}))")
        .map(|_| ())
}

fn let_go(tab: &Tab) -> Result<()> {
    tab.eval("document.querySelector('.sos-button').dispatchEvent(new PointerEvent('pointerup', {bubbles: true}))")
        .map(|_| ())
}

fn waits(tab: &Tab) -> Result<i64> {
    Ok(tab.eval("JSON.parse(localStorage.getItem('sos-queue') ?? '[]').length")?.as_i64().unwrap_or(-1))
}

fn stage(tab: &Tab, stage: &str) -> Result<()> {
    tab.until(stage, &format!("document.querySelector('#receipt[data-stage={stage}]')"))
}

#[test]
fn a_nurse_holds_the_key_a_seat_takes_it_by_name_and_it_ends_with_the_place() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    hospital(&city)?;
    let [nurse, seat, wall] =
        [Screen::Phone, Screen::Desk, Screen::Wall].map(|screen| browser.apart(screen, Devices::Refused).unwrap());
    city.sign_in(&nurse, "resident")?;
    city.sign_in(&seat, "operator")?;
    city.sign_in(&wall, "duty")?;
    seat.goto(&city.url("/"))?;
    seat.until("the ring listens", "document.documentElement.hasAttribute('data-rings')")?;
    wall.goto(&city.url("/p/command/board?_profile=wall"))?;
    wall.until("the ring listens", "document.documentElement.hasAttribute('data-rings')")?;
    nurse.goto(&city.url("/sos"))?;
    nurse.until("the key", "document.documentElement.dataset.sos === 'ready'")?;
    nurse.until("the light", "document.getElementById('light').dataset.fine === 'true'")?;
    nurse.screenshot("alarm-key-phone", true)?;
    nurse.is_sound("the key")?;
    // Touched and let go: nothing.
    hold(&nurse)?;
    let_go(&nurse)?;
    assert_eq!(waits(&nurse)?, 0);
    assert_eq!(nurse.eval("document.getElementById('receipt').hidden")?, true);

    hold(&nurse)?;
    stage(&nurse, "delivered")?;
    let_go(&nurse)?;
    for (tab, name) in [(&seat, "desk"), (&wall, "wall")] {
        tab.until("it rings", "document.querySelector('dialog#ring[open] li.waiting')")?;
        let said = tab.text("document.getElementById('ring').innerText")?;
        ensure!(
            said.contains("第二人民医院住院楼") && said.contains("302") && said.contains("保安先到"),
            "{name}: {said}"
        );
        tab.screenshot(&format!("alarm-ring-{name}"), false)?;
        tab.is_sound(name)?;
    }
    // It cannot be closed, and comes back over another page.
    seat.press("Escape")?;
    assert_eq!(seat.eval("document.getElementById('ring').open")?, true);
    seat.goto(&city.url("/p/services/reports"))?;
    seat.until("it rings on", "document.querySelector('dialog#ring[open] li.waiting')")?;
    assert!(seat.focused()?.starts_with("button"), "{}", seat.focused()?);

    seat.leave(|tab| tab.press("F2"))?;
    assert_eq!(seat.text("location.pathname")?, "/p/command/alarm");
    stage(&nurse, "taken")?;
    let told = nurse.text("document.getElementById('said').textContent")?;
    ensure!(told.contains("陈坐席"), "{told}");
    nurse.screenshot("alarm-taken-phone", true)?;
    // The demo city's roster plans posts that nobody holds: that rings too, in a corner, not over what was just taken.
    for tab in [&wall, &seat] {
        tab.until("the call is taken", "!document.getElementById('ring').innerText.includes('第二人民医院住院楼')")?;
        let corner = "(ring => ring.open && !ring.matches(':modal') && ring.querySelector('li.aside') !== null)(document.getElementById('ring'))";
        tab.until("a hole of the roster, in a corner", corner)?;
    }
    let page = seat.text("document.querySelector('main').innerText")?;
    ensure!(page.contains("有没有凶器") && page.contains("0791-88880000"), "{page}");
    seat.screenshot("alarm-page-desk", true)?;
    seat.is_sound("the page of an alarm")?;
    wall.screenshot("alarm-board-wall", false)?;

    seat.gives("command/attend", &[])?;
    let alarm = seat.text("new URLSearchParams(location.search).get('alarm')")?;
    let about = json!({"alarm": alarm.parse::<u64>()?});
    city.client("resident")?.gives("command/confirm-safe", &about)?;
    seat.goto(&city.url(&format!("/p/command/alarm?alarm={alarm}")))?;
    seat.gives("command/stand-down", &[("outcome", "real"), ("reason", "已送诊")])?;
    stage(&nurse, "over")?;
    assert_eq!(nurse.eval("document.getElementById('back').hidden")?, true, "nothing is left to take back");
    nurse.screenshot("alarm-over-phone", true)?;
    nurse.is_sound("the phone at the end")?;
    for tab in [&nurse, &seat, &wall] {
        let complaints: Vec<String> =
            tab.complaints().into_iter().filter(|c| c.starts_with("policy") || c.starts_with("exception")).collect();
        assert!(complaints.is_empty(), "{complaints:?}");
    }
    Ok(())
}

#[test]
fn without_a_network_the_press_is_kept_the_telephone_is_offered_and_it_arrives_as_one_alarm() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    hospital(&city)?;
    let wire = Wire::to(city.host.addr)?;
    let nurse = browser.tab(Screen::Phone)?;
    city.sign_in_at(&nurse, "resident", wire.addr)?;
    let page = format!("http://{}/sos", wire.addr);
    nurse.goto(&page)?;
    nurse.until("the page is kept", "caches.match(location.origin + '/sos')")?;
    wire.cut();
    // It opens from the phone.
    nurse.goto(&page)?;
    nurse.until("the key", "document.documentElement.dataset.sos === 'ready'")?;
    hold(&nurse)?;
    nurse.until("the telephone", "!document.getElementById('call').hidden")?;
    let_go(&nurse)?;
    assert_eq!(waits(&nurse)?, 1);
    let numbers =
        nurse.text("[...document.querySelectorAll('#numbers a')].map(a => a.getAttribute('href')).join(' ')")?;
    ensure!(
        numbers.contains("tel:079188880000") && numbers.contains("tel:110") && numbers.contains("sms:"),
        "{numbers}"
    );
    ensure!(numbers.contains("302"), "the message says where: {numbers}");
    nurse.screenshot("alarm-call-phone", false)?;
    nurse.is_sound("the telephone")?;
    // Closed and opened again: it still waits.
    nurse.goto(&page)?;
    assert_eq!(waits(&nurse)?, 1);
    wire.mend(city.host.addr);
    nurse.goto(&page)?;
    stage(&nurse, "delivered")?;
    assert_eq!(waits(&nurse)?, 0);
    let board = city.client("operator")?.get("/api/v1/command/ringing")?.text;
    assert_eq!(board.matches("第二人民医院住院楼").count(), 1, "{board}");
    Ok(())
}
