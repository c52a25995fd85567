//! The plan of a place: put in on a phone by whoever looks after it, seen under the steps by whoever takes the alarm.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use anyhow::{Context, Result, ensure};
use changzhi_browser_tests::{Browser, City, Devices, Screen, Tab};
use serde_json::{Value, json};

const SHOWN: &str = "[...document.querySelectorAll('figure.plan img')].filter(i => i.checkVisibility() && i.complete && i.naturalWidth > 0)";

/// Draws a floor on a canvas and attaches it, as a phone's picture is.
fn attach(tab: &Tab, width: u32, height: u32) -> Result<()> {
    let script = format!(
        "(async () => {{ const c = document.createElement('canvas'); c.width = {width}; c.height = {height}; const p = c.getContext('2d'); p.fillStyle = '#fff'; p.fillRect(0, 0, c.width, c.height); p.lineWidth = 8; p.strokeStyle = '#234'; p.strokeRect(60, 60, c.width - 120, c.height - 120); for (let n = 1; n < 4; n++) p.strokeRect(60, 60, n * (c.width - 120) / 4, (c.height - 120) / 2); const b = await new Promise(d => c.toBlob(d, 'image/jpeg', .9)); const chosen = new DataTransfer(); chosen.items.add(new File([b], 'floor.jpg', {{ type: 'image/jpeg' }})); const all = [...document.querySelectorAll('input[type=file][name=plan]')]; const i = all.find(e => !e.capture) ?? all[0]; i.files = chosen.files; i.dispatchEvent(new Event('change', {{ bubbles: true }})); return i.files.length; }})()"
    );
    ensure!(tab.eval(&script)? == 1);
    Ok(())
}

#[test]
fn a_plan_put_in_on_a_phone_is_under_the_steps_of_the_next_alarm_there() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let admin = city.client("admin")?;
    let body = json!({"kind": "facility", "category": "hospital", "code": "plan-hospital", "name": "第二人民医院住院楼", "parent": "360104"});
    let place = admin.gives("host/create-place", &body)?["place"].clone();
    let nurse = json!({"place": place, "login": "resident", "duty": "staff", "floor": "3 楼", "room": "302 护士站", "duty_phone": "0791-88880000"});
    admin.gives("command/enrol", &nurse)?;
    let [keeper, seat] = [Screen::Phone, Screen::Desk].map(|screen| browser.apart(screen, Devices::Refused).unwrap());

    // Nothing is there yet: the alarm says so, and whom to ring; the place is on the list of gaps.
    city.sign_in(&seat, "operator")?;
    let ring = json!({"place": place, "category": "medical", "floor": "3 楼", "room": "302 护士站"});
    let alarm = city.client("resident")?.gives("command/ring", &ring)?["alarm"].clone();
    city.client("operator")?.gives("command/acknowledge", &json!({"alarm": alarm}))?;
    seat.goto(&city.url(&format!("/p/command/alarm?alarm={alarm}")))?;
    let said = seat.main()?;
    ensure!(said.contains("No plan of this place is kept") && said.contains("0791-88880000"), "{said}");
    seat.screenshot("plan-none-desk", true)?;
    seat.is_sound("an alarm without a plan")?;

    city.sign_in(&keeper, "hospital")?;
    keeper.goto(&city.url("/p/command/enrolments"))?;
    let said = keeper.main()?;
    ensure!(said.contains("Places and floors without a plan") && said.contains("There is no plan"), "{said}");
    keeper.goto(&city.url(&format!("/p/command/plans?place={place}")))?;
    keeper.screenshot("plans-form-phone", true)?;
    keeper.is_sound("the form of a plan")?;
    attach(&keeper, 1200, 760)?;
    for (name, value) in [
        ("floor", "3 楼"),
        ("words", "走廊东西向，302 护士站在中间，楼梯在东端。"),
        ("entrances", "东端楼梯和电梯"),
        ("assembly", "北门外广场"),
        ("marks", "入口 95,50 东端楼梯\n集合点 10,92 北门外广场"),
        ("source", "后勤科"),
        ("as_of", "2026-01-05T08:00"),
    ] {
        keeper.eval(&format!(
            "(i => {{ i.value = {}; i.dispatchEvent(new Event('change', {{bubbles: true}})) }})(document.querySelector('form[action^=\"/do/command/set-plan\"] [name=\"{name}\"]'))",
            Value::from(value)
        ))?;
    }
    // A hole of the demo city's roster rings in a corner of a phone's page, over what a pointer would touch.
    let submit = "document.querySelector('form[action^=\"/do/command/set-plan\"] button:not([type=button])').click()";
    keeper.leave(|tab| tab.eval(submit).map(|_| ()))?;
    keeper.goto(&city.url(&format!("/p/command/plans?place={place}")))?;
    let said = keeper.main()?;
    ensure!(said.contains("3 楼") && said.contains("后勤科"), "{said}");
    keeper.screenshot("plans-list-phone", true)?;
    let ground = city.client("hospital")?;
    // The ground floor by a program: the picture first, then the plan.
    let headers = [("Idempotency-Key", "ground"), ("Sec-Fetch-Site", "same-origin")];
    let sent = ground.send("/files/command", &small_png()?, &headers)?.json()["id"].clone();
    let body = json!({"place": place, "floor": "1 楼", "plan": [sent], "words": "大厅", "entrances": "南门", "assembly": "停车场", "source": "后勤科", "as_of": "2026-01-01T00:00:00Z"});
    ground.gives("command/set-plan", &body)?;

    // The next alarm.
    let ring = json!({"place": place, "category": "help", "floor": "三层", "room": "302 护士站"});
    let alarm = city.client("resident")?.gives("command/ring", &ring)?["alarm"].clone();
    seat.goto(&city.url("/"))?;
    seat.until("it rings", "document.querySelector('dialog#ring[open] li.waiting')")?;
    let said = seat.text("document.getElementById('ring').innerText")?;
    ensure!(said.contains("Plan of the place") && said.contains("3 楼"), "{said}");
    seat.screenshot("plan-ring-desk", false)?;
    seat.leave(|tab| tab.press("F2"))?;
    ensure!(seat.text("location.search")?.contains(&alarm.to_string()), "{}", seat.text("location.href")?);
    seat.eval("document.querySelector('figure.plan').scrollIntoView({block: 'center'})")?;
    seat.until("the plan of the third floor", &format!("{SHOWN}.length === 1 && {SHOWN}[0].alt.includes('3 楼')"))?;
    seat.is_sound("an alarm with a plan")?;
    seat.screenshot("plan-alarm-desk", true)?;
    // The other floor is one tap away.
    seat.eval("[...document.querySelectorAll('[role=tab]')].find(t => t.textContent.includes('1 楼')).click()")?;
    seat.until("the plan of the ground floor", &format!("{SHOWN}.length === 1 && {SHOWN}[0].alt.includes('1 楼')"))?;
    let kept = "caches.keys().then(async names => { const all = []; for (const n of names) for (const r of await (await caches.open(n)).keys()) all.push(r.url); return all.filter(u => u.includes('/files/')).length })";
    assert_eq!(seat.eval(kept)?, 0, "nothing of it stays on the device");

    seat.resize(Screen::Phone)?;
    seat.goto(&city.url(&format!("/p/command/alarm?alarm={alarm}")))?;
    let first = "(s => s.getBoundingClientRect().top < document.querySelector('figure.plan').getBoundingClientRect().top)(document.querySelector('main form[action^=\"/do/command/\"]'))";
    assert_eq!(seat.eval(first)?, true, "what is to be done comes first");
    seat.eval("document.querySelector('figure.plan').scrollIntoView({block: 'center'})")?;
    seat.until("the plan on a phone", &format!("{SHOWN}.length === 1"))?;
    seat.is_sound("an alarm with a plan on a phone")?;
    seat.screenshot("plan-alarm-phone", true)?;
    seat.resize(Screen::Wall)?;
    seat.goto(&city.url(&format!("/p/command/alarm?alarm={alarm}&_profile=wall")))?;
    seat.eval("document.querySelector('figure.plan').scrollIntoView({block: 'center'})")?;
    seat.until("the plan on a wall", &format!("{SHOWN}.length >= 1"))?;
    seat.screenshot("plan-alarm-wall", true)?;
    for tab in [&keeper, &seat] {
        let complaints: Vec<String> =
            tab.complaints().into_iter().filter(|c| c.starts_with("policy") || c.starts_with("exception")).collect();
        assert!(complaints.is_empty(), "{complaints:?}");
    }
    Ok(())
}

#[test]
fn the_demo_citys_hospital_shows_two_floors_that_its_own_hands_drew_and_words_are_set_by_whoever_may_press()
-> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let seat = browser.apart(Screen::Desk, Devices::Refused)?;
    city.sign_in(&seat, "operator")?;
    seat.goto(&city.url("/p/command/plans"))?;
    let list = seat.text("document.querySelector('main').innerHTML")?;
    let plans: Vec<&str> =
        list.split("floor-plan=").skip(1).filter_map(|r| r.split(|c: char| !c.is_ascii_digit()).next()).collect();
    let (first, last) = (plans.first().context("a plan")?, plans.last().context("a plan")?);
    for (plan, name) in [(first, "ground"), (last, "ward")] {
        seat.goto(&city.url(&format!("/p/command/floor-plan?floor-plan={plan}")))?;
        seat.until("the picture", &format!("{SHOWN}.length === 1"))?;
        seat.screenshot(&format!("plan-demo-{name}-desk"), true)?;
        seat.is_sound(name)?;
    }
    let nurse = browser.apart(Screen::Phone, Devices::Refused)?;
    city.sign_in(&nurse, "resident")?;
    nurse.goto(&city.url("/me/words"))?;
    nurse.screenshot("words-phone", true)?;
    nurse.is_sound("the words")?;
    nurse.fill("input[name=safe]", "蓝鸟")?;
    nurse.fill("input[name=duress]", "红花")?;
    nurse.leave(|tab| tab.click("form[action='/me/words'] button"))?;
    ensure!(nurse.text("location.search")?.contains("_done"), "{}", nurse.text("document.body.innerText")?);
    Ok(())
}

fn small_png() -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, 400, 260);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header()?.write_image_data(&vec![230; 400 * 260])?;
    Ok(out)
}
