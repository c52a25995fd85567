//! A major event, from the planner's desk over the leader's to a guard's phone and the commander's wall.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use anyhow::{Result, ensure};
use changzhi_browser_tests::{Browser, City, Devices, Screen, Tab};

fn in_chinese(tab: &Tab) -> Result<()> {
    tab.leave(|tab| tab.click("button[name=language][value=zh-CN]"))
}

/// A moment so many minutes from now, as an input of the city's own time has it.
fn minutes(tab: &Tab, from_now: i64) -> Result<String> {
    tab.text(&format!("new Date(Date.now() + (8 * 60 + {from_now}) * 60000).toISOString().slice(0, 16)"))
}

/// The value of the option that says this.
fn option(tab: &Tab, name: &str, says: &str) -> Result<String> {
    tab.text(&format!(
        "[...document.querySelectorAll('[name=\"{name}\"]')].flatMap(e => [...(e.options ?? [e])]).find(o => (e => e.textContent.includes('{says}'))(o.type ? o.parentElement : o)).value"
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
        in_chinese(tab)?;
    }
    planner.goto(&city.url("/p/command/majors"))?;
    planner.looked_at("major-list")?;
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
    planner.gives("command/write-major", &head)?;
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
    planner.gives("command/add-major-post", &post)?;
    planner.goto(&page)?;
    planner.gives("command/add-major-shift", &[("name", "全场"), ("from", &from), ("to", &to)])?;
    planner.goto(&page)?;
    planner.gives("command/add-major-hazard", &[("what", "入口拥挤"), ("measure", "分批放行")])?;
    planner.goto(&page)?;
    planner.looked_at("major-draft")?;
    let said = planner.main()?;
    ensure!(said.contains("缺 1 人"), "the gap is said in words: {said}");

    let row = planner.text("document.querySelector('a[href*=\"/p/command/major-post?\"]').getAttribute('href')")?;
    planner.goto(&city.url(&row))?;
    let (shift, who) = (option(&planner, "shift", "全场")?, option(&planner, "logins", "guard-1")?);
    planner.looked_at("major-post")?;
    planner.gives("command/assign-duties", &[("shift", &shift), ("logins", &who)])?;
    planner.goto(&page)?;
    planner.gives("command/submit-major", &[])?;

    leader.goto(&city.url("/p/command/majors"))?;
    leader.goto(&page)?;
    leader.looked_at("major-to-approve")?;
    leader.gives("command/approve-major", &[])?;
    planner.goto(&page)?;
    let said = planner.main()?;
    ensure!(said.contains("已批准"), "{said}");
    planner.gives("command/brief-major", &[])?;

    let my_duty = city.url("/p/command/my-duty");
    guard.goto(&my_duty)?;
    guard.looked_at("major-briefing-phone")?;
    guard.gives("command/confirm-briefing", &[])?;
    chief.goto(&page)?;
    chief.looked_at("major-briefed")?;
    chief.gives("command/begin-major", &[])?;
    guard.goto(&my_duty)?;
    guard.looked_at("major-duty-phone")?;
    // One finger is enough: the button is large.
    let high = guard.eval(
        "document.querySelector('form[action^=\"/do/command/check-in-post\"] button').getBoundingClientRect().height",
    )?;
    ensure!(high.as_f64().unwrap_or_default() >= 44.0, "{high}");
    guard.gives("command/check-in-post", &[])?;
    let wall = browser.apart(Screen::Wall, Devices::Refused)?;
    city.sign_in(&wall, "duty")?;
    in_chinese(&wall)?;
    wall.goto(&format!("{board}&_profile=wall"))?;
    let said = wall.main()?;
    ensure!(said.contains("东门") && said.contains("在岗") && said.contains("保安一"), "{said}");
    wall.looked_at("major-board-wall")?;

    chief.goto(&page)?;
    chief.gives("command/stand-down-major", &[])?;
    leader.goto(&page.replace("/major?", "/major-review?"))?;
    let said = leader.main()?;
    ensure!(said.contains("东门 · 全场") && said.contains("已解除"), "{said}");
    leader.looked_at("major-review")?;
    guard.goto(&my_duty)?;
    guard.looked_at("major-over-phone")?;
    for tab in [&planner, &leader, &guard, &chief, &wall] {
        let complaints: Vec<String> =
            tab.complaints().into_iter().filter(|c| c.starts_with("policy") || c.starts_with("exception")).collect();
        ensure!(complaints.is_empty(), "{complaints:?}");
    }
    Ok(())
}
