//! Forms without a network: nothing is lost, nothing is done twice, and signing out leaves nothing behind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use anyhow::{Context, Result};
use changzhi_browser_tests::outbox::{FORM, fill, open, queued};
use changzhi_browser_tests::{Browser, City, Screen, Wire};
use serde_json::Value;

/// How many reports have this title.
fn filed(city: &City, title: &str) -> Result<usize> {
    let page = city.client("operator")?.get("/api/v1/services/reports")?;
    assert_eq!(page.status, 200, "{page:?}");
    Ok(page.text.matches(&format!("\"{title}\"")).count())
}

#[test]
fn three_reports_written_offline_outlive_their_tab_and_arrive_once() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let wire = Wire::to(city.host.addr)?;
    let tab = browser.tab(Screen::Phone)?;
    city.sign_in_at(&tab, "operator", wire.addr)?;
    open(&tab, &wire)?;
    tab.until("the page is kept", "caches.match(location.href)")?;
    assert_eq!(tab.complaints(), Vec::<String>::new());

    wire.cut();
    // Without a network the page itself comes from the device.
    open(&tab, &wire)?;
    for n in 1..=3 {
        fill(&tab, &format!("offline-report-{n}"))?;
        tab.click("form[data-offline] button:not([type=button])")?;
        queued(&tab, n)?;
        assert_eq!(tab.text("document.querySelector('[name=title]').value")?, "", "the form is free again");
    }
    tab.screenshot("outbox-offline", true)?;
    let sealed = tab.eval(
        "new Promise((done, no) => { const o = indexedDB.open('changzhi'); o.onerror = no; o.onsuccess = () => { const r = o.result.transaction('records').objectStore('records').getAll(); r.onsuccess = () => done(r.result.map(x => [...new Uint8Array(x.sealed)].map(b => String.fromCharCode(b)).join('')).join(' ')) } })",
    )?;
    assert!(!sealed.as_str().context("sealed bytes")?.contains("offline-report"), "nothing lies open on the device");
    tab.kill()?;

    let tab = browser.tab(Screen::Phone)?;
    open(&tab, &wire)?;
    queued(&tab, 3)?;
    wire.mend(city.host.addr);
    // Two tabs that both want to send.
    let other = browser.tab(Screen::Phone)?;
    open(&other, &wire)?;
    tab.eval("dispatchEvent(new Event('online'))")?;
    other.eval("dispatchEvent(new Event('online'))")?;
    queued(&tab, 0).or_else(|_| {
        tab.eval("dispatchEvent(new Event('online'))")?;
        queued(&tab, 0)
    })?;
    for n in 1..=3 {
        assert_eq!(filed(&city, &format!("offline-report-{n}"))?, 1, "report {n}");
    }
    assert!(!tab.complaints().iter().any(|c| c.starts_with("policy") || c.starts_with("exception")));
    Ok(())
}

#[test]
fn with_a_network_the_form_leads_to_its_receipt_and_a_wrong_one_to_what_is_wrong() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let wire = Wire::to(city.host.addr)?;
    let tab = browser.tab(Screen::Phone)?;
    city.sign_in_at(&tab, "operator", wire.addr)?;
    open(&tab, &wire)?;
    fill(&tab, "online-report")?;
    tab.leave(|tab| tab.click("form[data-offline] button:not([type=button])"))?;
    assert!(tab.text("location.search")?.contains("_done="), "{}", tab.text("location.href")?);
    assert_eq!(filed(&city, "online-report")?, 1);
    open(&tab, &wire)?;
    tab.fill("[name=address]", "kept words")?;
    tab.leave(|tab| tab.click("form[data-offline] button:not([type=button])"))?;
    tab.until("the summary", "document.querySelector('.summary, [role=alert]')")?;
    assert_eq!(tab.text("document.querySelector('[name=address]').value")?, "kept words");

    // What the host refuses while nobody looks waits to be mended, and is never dropped.
    open(&tab, &wire)?;
    wire.cut();
    tab.fill("[name=address]", "no title")?;
    tab.eval("document.querySelectorAll('form[data-offline] [required]').forEach(e => e.removeAttribute('required'))")?;
    tab.click("form[data-offline] button:not([type=button])")?;
    queued(&tab, 1)?;
    wire.mend(city.host.addr);
    tab.click("#outbox > div button")?;
    tab.until("it waits to be mended", "document.querySelector('#outbox li')")?;
    queued(&tab, 1)?;
    tab.screenshot("outbox-wrong", true)?;
    tab.click("#outbox li button")?;
    tab.until("its words are back", "document.querySelector('[name=address]').value === 'no title'")?;
    fill(&tab, "mended-report")?;
    tab.leave(|tab| tab.click("form[data-offline] button:not([type=button])"))?;
    assert_eq!(filed(&city, "mended-report")?, 1);
    Ok(())
}

#[test]
fn signing_out_wipes_the_device_and_an_app_can_be_installed() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let wire = Wire::to(city.host.addr)?;
    let tab = browser.tab(Screen::Phone)?;
    city.sign_in_at(&tab, "operator", wire.addr)?;
    open(&tab, &wire)?;
    tab.until("the page is kept", "caches.match(location.href)")?;
    wire.cut();
    fill(&tab, "forgotten-report")?;
    tab.click("form[data-offline] button:not([type=button])")?;
    queued(&tab, 1)?;
    wire.mend(city.host.addr);
    let manifest = tab.eval("fetch(document.querySelector('link[rel=manifest]').href).then(r => r.json())")?;
    assert_eq!((&manifest["start_url"], &manifest["display"]), (&Value::from("/"), &Value::from("standalone")));
    for icon in manifest["icons"].as_array().context("icons")? {
        let status = tab.eval(&format!("fetch({}).then(r => r.status)", icon["src"]))?;
        assert_eq!(status, 200, "{icon}");
    }
    // Signing out anywhere wipes, and the question is answered with yes.
    tab.goto(&format!("http://{}/", wire.addr))?;
    tab.until("the outbox", "document.documentElement.dataset.outbox === 'ready'")?;
    tab.eval("window.confirm = text => { window.__asked = text; return true }")?;
    tab.leave(|tab| tab.eval("document.querySelector('form[action=\"/sign-out\"] button').click()").map(|_| ()))?;
    let left = tab.eval("Promise.all([indexedDB.databases(), caches.keys(), localStorage.length]).then(([d, c, l]) => [d.length, c.filter(n => n.startsWith('pack-')).length, l])")?;
    assert_eq!(left[0], 0, "{left}");
    assert_eq!(left[2], 0, "{left}");
    wire.cut();
    tab.goto(&format!("http://{}{FORM}", wire.addr)).ok();
    assert!(!tab.text("document.body.textContent")?.contains("operator"), "no page of that person is on the device");
    Ok(())
}
