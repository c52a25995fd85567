//! A major event, from the planner's desk over the leader's to a guard's phone and the commander's wall.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use anyhow::{Result, ensure};
use changzhi_browser_tests::{Browser, City, Devices, Screen, Tab};
use serde_json::Value;

fn looked_at(tab: &Tab, name: &str) -> Result<()> {
    let found: Vec<String> = tab.axe()?.unwrap_or_default().iter().map(ToString::to_string).collect();
    ensure!(found.is_empty(), "{name}:\n{}", found.join("\n"));
    ensure!(tab.eval("document.documentElement.scrollWidth <= innerWidth + 1")? == true, "{name} scrolls sideways");
    eprintln!("{}", tab.screenshot(name, true)?.display());
    Ok(())
}

/// Fills in the form of a command and sends it, whatever fold it lies in.
fn gives(tab: &Tab, command: &str, fields: &[(&str, &str)]) -> Result<()> {
    let form = format!("form[action^=\"/do/command/{command}\"]");
    tab.until(command, &format!("document.querySelector('{form}')"))?;
    tab.eval("document.querySelectorAll('details').forEach(d => { d.open = true })")?;
    for (name, value) in fields {
        tab.eval(&format!(
            "(all => {{ const i = all.find(e => e.type === 'radio' && e.value === {v}) ?? all[0]; if (i.type === 'radio') i.checked = true; else i.value = {v}; i.dispatchEvent(new Event('change', {{bubbles: true}})) }})([...document.querySelectorAll('{form} [name=\"{name}\"]')])",
            v = Value::from(*value)
        ))?;
    }
    tab.leave(|tab| {
        tab.eval(&format!("document.querySelector('{form} button:not([type=button])').click()")).map(|_| ())
    })
}

/// A moment so many minutes from now, as an input of the city's own time has it.
fn minutes(tab: &Tab, from_now: i64) -> Result<String> {
    tab.text(&format!("new Date(Date.now() + (8 * 60 + {from_now}) * 60000).toISOString().slice(0, 16)"))
}

/// The value of the option that says this.
fn option(tab: &Tab, name: &str, says: &str) -> Result<String> {
    tab.text(&format!(
        "[...document.querySelectorAll('select[name=\"{name}\"] option, input[name=\"{name}\"]')].find(o => (o.textContent || o.parentElement.textContent).includes('{says}')).value"
    ))
}

#[test]
fn a_planner_plans_a_leader_approves_a_guard_checks_in_and_the_commander_stands_down() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let [planner, leader, guard, chief] = [Screen::Desk, Screen::Desk, Screen::Phone, Screen::Desk]
        .map(|screen| browser.apart(screen, Devices::Refused).unwrap());
    for (tab, login) in [(&planner, "operator"), (&leader, "official"), (&guard, "guard-1"), (&chief, "duty")] {
        city.sign_in(tab, login)?;
    }
    planner.goto(&city.url("/p/command/majors"))?;
    looked_at(&planner, "major-list")?;
    let (from, to) = (minutes(&planner, -5)?, minutes(&planner, 180)?);
    planner.eval("document.querySelectorAll('details').forEach(d => { d.open = true })")?;
    let place = option(&planner, "place", "东湖区")?;
    let head = [
        ("title", "湖边音乐会"),
        ("sort", "concert"),
        ("place", place.as_str()),
        ("from", from.as_str()),
        ("to", to.as_str()),
        ("crowd", "1200"),
        ("commander", "duty"),
        ("phones", "指挥部 0791-88880009"),
        ("briefing", "开场前到岗。\n人多时听口令分批放行。"),
    ];
    gives(&planner, "write-major", &head)?;
    let mine = "[...document.querySelectorAll('a[href*=\"/p/command/major?major=\"]')].find(a => a.textContent.includes('湖边音乐会')).getAttribute('href')";
    planner.goto(&city.url("/p/command/majors"))?;
    let page = city.url(&planner.text(mine)?);
    let board = page.replace("/major?", "/major-board?");
    planner.goto(&page)?;
    let post = [
        ("name", "东门"),
        ("spot", "检票口"),
        ("task", "分批放行"),
        ("need", "1"),
        ("sort", "guard"),
        ("equipment", "对讲机"),
    ];
    gives(&planner, "add-major-post", &post)?;
    planner.goto(&page)?;
    gives(&planner, "add-major-shift", &[("name", "全场"), ("from", &from), ("to", &to)])?;
    planner.goto(&page)?;
    gives(&planner, "add-major-hazard", &[("what", "入口拥挤"), ("measure", "分批放行")])?;
    planner.goto(&page)?;
    looked_at(&planner, "major-draft")?;
    let said = planner.text("document.querySelector('main').innerText")?;
    ensure!(said.contains("缺 1 人"), "the gap is said in words: {said}");

    let row = planner.text("document.querySelector('a[href*=\"/p/command/major-post?\"]').getAttribute('href')")?;
    planner.goto(&city.url(&row))?;
    let (shift, who) = (option(&planner, "shift", "全场")?, option(&planner, "logins", "guard-1")?);
    looked_at(&planner, "major-post")?;
    gives(&planner, "assign-duties", &[("shift", &shift), ("logins", &who)])?;
    planner.goto(&page)?;
    gives(&planner, "submit-major", &[])?;

    leader.goto(&city.url("/p/command/majors"))?;
    leader.goto(&page)?;
    looked_at(&leader, "major-to-approve")?;
    gives(&leader, "approve-major", &[])?;
    planner.goto(&page)?;
    let said = planner.text("document.querySelector('main').innerText")?;
    ensure!(said.contains("已批准"), "{said}");
    gives(&planner, "brief-major", &[])?;

    let my_duty = city.url("/p/command/my-duty");
    guard.goto(&my_duty)?;
    looked_at(&guard, "major-briefing-phone")?;
    gives(&guard, "confirm-briefing", &[])?;
    chief.goto(&page)?;
    looked_at(&chief, "major-briefed")?;
    gives(&chief, "begin-major", &[])?;
    guard.goto(&my_duty)?;
    looked_at(&guard, "major-duty-phone")?;
    // One finger is enough: the button is large.
    let high = guard.eval(
        "document.querySelector('form[action^=\"/do/command/check-in-post\"] button').getBoundingClientRect().height",
    )?;
    ensure!(high.as_f64().unwrap_or_default() >= 44.0, "{high}");
    gives(&guard, "check-in-post", &[])?;
    let wall = browser.apart(Screen::Wall, Devices::Refused)?;
    city.sign_in(&wall, "duty")?;
    wall.goto(&format!("{board}&_profile=wall"))?;
    let said = wall.text("document.querySelector('main').innerText")?;
    ensure!(said.contains("东门") && said.contains("在岗") && said.contains("保安一"), "{said}");
    looked_at(&wall, "major-board-wall")?;

    chief.goto(&page)?;
    gives(&chief, "stand-down-major", &[])?;
    leader.goto(&page.replace("/major?", "/major-review?"))?;
    let said = leader.text("document.querySelector('main').innerText")?;
    ensure!(said.contains("东门 · 全场") && said.contains("已解除"), "{said}");
    looked_at(&leader, "major-review")?;
    guard.goto(&my_duty)?;
    looked_at(&guard, "major-over-phone")?;
    for tab in [&planner, &leader, &guard, &chief, &wall] {
        let complaints: Vec<String> =
            tab.complaints().into_iter().filter(|c| c.starts_with("policy") || c.starts_with("exception")).collect();
        ensure!(complaints.is_empty(), "{complaints:?}");
    }
    Ok(())
}
