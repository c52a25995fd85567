//! Photos in the outbox: written offline, sent once, seen by whoever may see the report; and what a device forgets, and when.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use anyhow::{Context, Result, ensure};
use changzhi_browser_tests::outbox::{FORM, fill, open, queued};
use changzhi_browser_tests::{Browser, City, Screen, Tab, Wire};
use serde_json::Value;

/// Chooses photos of 2,400 × 1,800 pixels, each of another colour.
fn choose(tab: &Tab, count: u32) -> Result<()> {
    let script = format!(
        "(async () => {{ const chosen = new DataTransfer(); for (let n = 0; n < {count}; n++) {{ const c = document.createElement('canvas'); c.width = 2400; c.height = 1800; const p = c.getContext('2d'); p.fillStyle = `hsl(${{n * 90 + 20}} 60% 45%)`; p.fillRect(0, 0, 2400, 1800); p.fillStyle = '#fff'; p.fillRect(n * 300 + 200, 400, 500, 900); const b = await new Promise(d => c.toBlob(d, 'image/jpeg', .9)); chosen.items.add(new File([b], `路灯-${{n}}.jpg`, {{ type: 'image/jpeg' }})); }} const i = document.querySelector('input[type=file][name=photos][multiple]'); i.files = chosen.files; i.dispatchEvent(new Event('change', {{ bubbles: true }})); return i.files.length; }})()"
    );
    ensure!(tab.eval(&script)? == count);
    tab.until(
        "the photos are shown",
        &format!("[...document.querySelectorAll('.chosen img')].filter(i => i.naturalWidth > 0).length === {count}"),
    )
}

fn send(tab: &Tab) -> Result<()> {
    tab.click("form[data-offline] button:not([type=button])")
}

/// Everything in one store of the device.
fn stored(tab: &Tab, store: &str, of: &str) -> Result<Value> {
    tab.eval(&format!(
        "new Promise((done, no) => {{ const o = indexedDB.open('changzhi'); o.onerror = no; o.onsuccess = () => {{ const r = o.result.transaction('{store}').objectStore('{store}').getAll(); r.onsuccess = () => {{ o.result.close(); done(r.result.map({of})) }} }} }})"
    ))
}

/// Changes every record on the device, as time does.
fn age(tab: &Tab, how: &str) -> Result<()> {
    tab.eval(&format!(
        "new Promise((done, no) => {{ const o = indexedDB.open('changzhi'); o.onerror = no; o.onsuccess = () => {{ const t = o.result.transaction('records', 'readwrite'); const s = t.objectStore('records'); s.getAll().onsuccess = (e) => e.target.result.forEach(r => {{ {how}; s.put(r) }}); t.oncomplete = () => {{ o.result.close(); done(true) }} }} }})"
    ))?;
    Ok(())
}

/// The number of the report with this title, and how many there are.
fn filed(city: &City, title: &str) -> Result<(String, usize)> {
    let page = city.client("operator")?.get("/api/v1/services/reports")?;
    let all: Value = serde_json::from_str(&page.text)?;
    let nodes = all["page"]["nodes"].as_array().context("nodes")?;
    let rows: Vec<&Value> = nodes.iter().filter(|n| n.to_string().contains(&format!("\"{title}\""))).collect();
    let key = rows.first().and_then(|r| r["key"].as_str()).unwrap_or_default().to_owned();
    Ok((key, rows.len()))
}

#[test]
fn photos_written_offline_outlive_their_tab_and_arrive_once_with_their_report() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let wire = Wire::to(city.host.addr)?;
    let tab = browser.tab(Screen::Phone)?;
    city.sign_in_at(&tab, "operator", wire.addr)?;
    open(&tab, &wire)?;
    tab.until("the page is kept", "caches.match(location.href)")?;
    wire.cut();
    open(&tab, &wire)?;
    fill(&tab, "lamp-with-photos")?;
    choose(&tab, 2)?;
    tab.screenshot("photos-chosen", true)?;
    assert_eq!(tab.complaints().iter().filter(|c| c.starts_with("policy") || c.starts_with("exception")).count(), 0);
    send(&tab)?;
    queued(&tab, 1)?;
    let sizes = stored(&tab, "files", "f => f.sealed.byteLength")?;
    let sizes: Vec<u64> = sizes.as_array().context("files")?.iter().filter_map(Value::as_u64).collect();
    assert!(sizes.len() == 2 && sizes.iter().all(|s| (2_000..400_000).contains(s)), "{sizes:?}: drawn smaller");
    let open_bytes = stored(&tab, "files", "f => [...new Uint8Array(f.sealed).slice(0, 3)].join()")?;
    assert!(!open_bytes.to_string().contains("255,216,255"), "no photo lies open on the device");
    tab.screenshot("photos-queued", true)?;
    tab.kill()?;

    // The tab died; of two new ones, both want to send.
    let tab = browser.tab(Screen::Phone)?;
    open(&tab, &wire)?;
    queued(&tab, 1)?;
    wire.mend(city.host.addr);
    let other = browser.tab(Screen::Phone)?;
    open(&other, &wire)?;
    tab.eval("dispatchEvent(new Event('online'))")?;
    other.eval("dispatchEvent(new Event('online'))")?;
    queued(&tab, 0).or_else(|_| {
        tab.eval("dispatchEvent(new Event('online'))")?;
        queued(&tab, 0)
    })?;
    let (matter, count) = filed(&city, "lamp-with-photos")?;
    assert_eq!(count, 1);
    assert_eq!(stored(&tab, "files", "f => f.id")?, Value::Array(vec![]), "the photos have left the device");

    // On the report's page, for a purpose, and nothing of it without one.
    let page = format!("http://{}/p/services/report?matter={matter}", city.host.addr);
    city.sign_in(&tab, "operator")?;
    // What it complained of while the line was cut.
    tab.complaints();
    tab.goto(&page)?;
    assert_eq!(tab.eval("document.querySelectorAll('a.photo img').length")?, 0);
    tab.goto(&format!("{page}&_purpose=handle-report"))?;
    tab.until("both photos", "[...document.querySelectorAll('a.photo img')].filter(i => { i.loading = 'eager'; return i.complete && i.naturalWidth === 1600 }).length === 2")?;
    // A tab behind another one may draw nothing, and its picture is waited for in vain.
    tab.to_front()?;
    tab.screenshot("photos-report-phone", true)?;
    tab.resize(Screen::Desk)?;
    tab.screenshot("photos-report-desk", true)?;
    assert_eq!(tab.complaints(), Vec::<String>::new());
    Ok(())
}

#[test]
fn a_tab_that_dies_between_photo_and_form_loses_nothing_and_doubles_nothing() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let wire = Wire::to(city.host.addr)?;
    let tab = browser.tab(Screen::Phone)?;
    city.sign_in_at(&tab, "operator", wire.addr)?;
    open(&tab, &wire)?;
    tab.until("the page is kept", "caches.match(location.href)")?;
    fill(&tab, "half-way")?;
    choose(&tab, 3)?;
    // The photos go through; the form does not.
    tab.eval("(real => { window.fetch = (to, with_) => String(to).startsWith('/do/') ? Promise.reject(new TypeError('the line broke')) : real(to, with_) })(window.fetch)")?;
    send(&tab)?;
    queued(&tab, 1)?;
    assert_eq!(stored(&tab, "files", "f => f.id")?, Value::Array(vec![]), "they are at the host");
    let numbers = stored(&tab, "records", "r => r.files.map(f => f.id).join()")?;
    tab.kill()?;
    let tab = browser.tab(Screen::Phone)?;
    open(&tab, &wire)?;
    queued(&tab, 0)?;
    let (_, count) = filed(&city, "half-way")?;
    assert_eq!(count, 1);
    assert_eq!(numbers[0].as_str().context("numbers")?.split(',').filter(|n| *n != "0").count(), 3, "{numbers}");
    Ok(())
}

#[test]
fn a_record_older_than_seven_days_is_deleted_but_never_without_a_word_before() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let wire = Wire::to(city.host.addr)?;
    let tab = browser.tab(Screen::Phone)?;
    city.sign_in_at(&tab, "operator", wire.addr)?;
    open(&tab, &wire)?;
    tab.until("the page is kept", "caches.match(location.href)")?;
    wire.cut();
    fill(&tab, "forgotten")?;
    choose(&tab, 1)?;
    send(&tab)?;
    queued(&tab, 1)?;
    let status = "document.querySelector('#outbox [role=status]').textContent";
    assert!(!tab.text(status)?.contains("deleted"), "nothing is said of a fresh one");
    age(&tab, "r.at -= 8 * 86400000")?;
    open(&tab, &wire)?;
    queued(&tab, 1)?;
    tab.until("the word before", &format!("{status}.includes('deleted')"))?;
    tab.screenshot("outbox-old", true)?;
    age(&tab, "r.warned -= 2 * 86400000")?;
    open(&tab, &wire)?;
    queued(&tab, 0)?;
    assert!(tab.text(status)?.contains("not sent for 7 days"), "{}", tab.text(status)?);
    assert_eq!(stored(&tab, "files", "f => f.id")?, Value::Array(vec![]), "its photos went with it");
    Ok(())
}

#[test]
fn a_device_signed_out_from_elsewhere_forgets_everything_at_its_next_contact() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let Some(elsewhere) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let wire = Wire::to(city.host.addr)?;
    let tab = browser.tab(Screen::Phone)?;
    city.sign_in_at(&tab, "operator", wire.addr)?;
    open(&tab, &wire)?;
    tab.until("the page is kept", "caches.match(location.href)")?;
    wire.cut();
    fill(&tab, "on-a-lost-phone")?;
    choose(&tab, 1)?;
    send(&tab)?;
    queued(&tab, 1)?;
    let desk = elsewhere.tab(Screen::Desk)?;
    city.sign_in(&desk, "operator")?;
    desk.goto(&city.url("/me/sessions"))?;
    desk.leave(|d| d.eval("[...document.querySelectorAll('form[action=\"/me/sessions/end\"]')].find(f => f.elements.id.value === 'others').querySelector('button').click()").map(|_| ()))?;
    // Without a network it cannot know; at the first contact it does.
    open(&tab, &wire)?;
    queued(&tab, 1)?;
    wire.mend(city.host.addr);
    tab.goto(&format!("http://{}{FORM}", wire.addr))?;
    tab.until("the sign-in page", "location.pathname === '/sign-in'")?;
    tab.until(
        "nothing is left",
        "Promise.all([indexedDB.databases(), caches.match(location.origin + '/p/services/filing')]).then(([d, page]) => !d.some(x => x.name === 'changzhi') && !page)",
    )?;
    assert!(
        tab.text("document.querySelector('[data-wipe]')?.textContent ?? ''")?.contains("signed out from elsewhere")
    );
    tab.screenshot("outbox-revoked", true)?;
    // Whoever signs in on it now is told nothing again and loses nothing.
    city.sign_in_at(&tab, "operator", wire.addr)?;
    open(&tab, &wire)?;
    fill(&tab, "new-owner")?;
    tab.leave(send)?;
    assert_eq!(filed(&city, "new-owner")?.1, 1);
    assert_eq!(filed(&city, "on-a-lost-phone")?.1, 0);
    Ok(())
}
