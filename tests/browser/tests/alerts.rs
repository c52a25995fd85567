//! Public alerts on a phone: the form, the desk, the page of one alert; nothing that axe finds wrong, nothing wider than the screen.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use anyhow::{Result, ensure};
use changzhi_browser_tests::{Browser, City, Screen};
use serde_json::json;

const SENDER: &[(&str, &str)] = &[
    ("CHANGZHI_CAP__SENDER", "36010041600000"),
    ("CHANGZHI_CAP__ADDRESS", "alerts@nc.example.cn"),
    ("CHANGZHI_CAP__NAME", "南昌市预警信息发布中心"),
];

#[test]
fn an_alert_is_written_on_a_phone_and_read_there_by_everybody() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start_with(SENDER)?;
    let tab = browser.tab(Screen::Phone)?;
    city.sign_in(&tab, "operator")?;
    tab.goto(&city.url("/p/command/new-alert"))?;
    tab.looked_at("alert-form")?;

    let (operator, duty) = (city.client("operator")?, city.client("duty")?);
    let place = tab.text(
        "[...document.querySelectorAll('select[name=place] option')].find(o => o.textContent.includes('东湖区')).value",
    )?;
    let day = "2099-01-01T00:00:00+08:00";
    let body = json!({
        "status": "status-actual", "category": "cap-met", "colour": "colour-red", "event": "暴雨", "event-code": "11B03",
        "urgency": "urgency-immediate", "certainty": "certainty-likely", "place": place.parse::<u64>()?, "expires": day,
        "headline": "东湖区暴雨红色预警", "description": "三小时内降雨将达 100 毫米以上，低洼处积水可达半米。",
        "instruction": "请留在室内，不要通过积水路段。", "headline-en": "Red warning of rainstorm in Donghu", "event-en": "rainstorm",
        "description-en": "More than 100 mm within three hours.", "instruction-en": "Stay indoors.",
    });
    let alert = operator.gives("command/write-alert", &body)?["alert"].clone();
    let address = city.url(&format!("/p/command/alert?alert={alert}"));
    tab.goto(&address)?;
    tab.looked_at("alert-draft")?;
    operator.gives("command/submit-alert", &json!({"alert": alert}))?;
    tab.goto(&address)?;
    let publishing = "document.querySelectorAll('form[action*=\"publish-alert\"]').length";
    ensure!(tab.eval(publishing)? == json!(0), "whoever wrote it has no way to publish it");
    tab.goto(&city.url("/p/command/alert-desk"))?;
    tab.looked_at("alert-desk")?;
    duty.gives("command/publish-alert", &json!({"alert": alert}))?;
    city.sign_in(&tab, "resident")?;
    tab.goto(&city.url("/p/command/alerts"))?;
    let listed = tab.text("document.body.innerText")?;
    ensure!(["东湖区暴雨红色预警", "Red warning of rainstorm"].iter().any(|h| listed.contains(h)), "{listed}");
    tab.looked_at("alert-list")?;
    tab.goto(&address)?;
    ensure!(tab.eval("document.querySelectorAll('form[action^=\"/do/command/\"]').length")? == json!(0));
    tab.looked_at("alert-page")?;
    ensure!(tab.complaints().is_empty(), "{:?}", tab.complaints());
    Ok(())
}
