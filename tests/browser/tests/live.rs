//! Live pages in a real browser: what comes by itself, and that nobody is disturbed by it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use anyhow::Result;
use changzhi_browser_tests::{Browser, City, Screen, Tab, Wire};
use serde_json::json;

const REPORTS: &str = "/p/services/reports";
const MORPHS: u32 = 1_500;

/// A report is filed by somebody else; its title is found on pages that show the list.
fn file(city: &City, title: &str) -> Result<()> {
    let clerk = city.client("operator")?;
    let done = clerk.command("services/file-report", &json!({"title": title, "category": "lighting"}), title)?;
    assert_eq!(done.status, 200, "{done:?}");
    Ok(())
}

fn shows(tab: &Tab, text: &str) -> Result<()> {
    tab.until(text, &format!("document.querySelector('[data-live]')?.textContent.includes({})", json!(text)))
}

/// Streams the host has open now.
fn streams(city: &City) -> Result<u64> {
    let metrics = changzhi_system_tests::Client::nobody(city.host.addr).get("/metrics")?.text;
    let line = metrics.lines().find_map(|l| l.strip_prefix("changzhi_live_streams "));
    Ok(line.and_then(|n| n.parse().ok()).unwrap_or(u64::MAX))
}

/// Says to the page what its stream would say: through the channel by which tabs of a browser share one.
fn say(tab: &Tab, kind: &str, data: &serde_json::Value) -> Result<()> {
    let script = format!(
        "window.__say ??= new BroadcastChannel('changzhi-live'); __say.postMessage({{say: 'event', type: {}, data: {data}}})",
        json!(kind)
    );
    tab.eval(&script).map(|_| ())
}

/// A section as the host would send it.
fn html(id: &str, n: u32, inner: &str) -> serde_json::Value {
    let html = format!("<section class=\"panel\" id=\"{id}\" data-live>{inner}</section>");
    json!({"topic": REPORTS, "id": id, "n": 1_000_000 + n, "rev": 1_000_000_000, "html": html})
}

fn id_of(tab: &Tab) -> Result<String> {
    tab.text("document.querySelector('[data-live]').id")
}

#[test]
fn a_report_filed_by_somebody_else_comes_by_itself_and_a_morph_keeps_focus_caret_typed_text_and_open_folds()
-> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let tab = browser.tab(Screen::Desk)?;
    city.sign_in(&tab, "operator")?;
    tab.goto(&city.url(REPORTS))?;
    file(&city, "live-report-one")?;
    shows(&tab, "live-report-one")?;

    let id = id_of(&tab)?;
    let inner = |words: &str, more: &str| {
        format!(
            "<h2>t</h2>{more}<p id=\"w\">{words}</p><form id=\"f\" action=\"/x\"><input type=\"hidden\" name=\"_csrf\" value=\"\"><input type=\"hidden\" name=\"_key\" value=\"\"><label>a <input id=\"a\" name=\"a\"></label></form><details id=\"d\"><summary id=\"s\">s</summary>{words}</details>"
        )
    };
    say(&tab, "html", &html(&id, 1, &inner("first", "")))?;
    tab.until("the first form", "document.getElementById('w')?.textContent === 'first'")?;
    tab.click("#s")?;
    tab.eval("document.getElementById('a').focus()")?;
    tab.write("hello there")?;
    tab.press("Home")?;
    tab.press("ArrowRight")?;
    tab.compose("水")?;
    say(&tab, "html", &html(&id, 2, &inner("second", "<p>new above</p>")))?;
    tab.until("the second form", "document.getElementById('w')?.textContent === 'second'")?;
    let now = tab.eval(
        "(a => [document.activeElement === a, a.value, a.selectionStart, document.getElementById('d').open])(document.getElementById('a'))",
    )?;
    assert_eq!(now, json!([true, "h水ello there", 2, true]));
    let secrets = tab.eval("[...document.querySelectorAll('#f input[type=hidden]')].map(i => i.value.length)")?;
    assert_eq!(secrets, json!([64, 32]), "a form that comes has the page's secret and a key of its own");
    // Told to, the page fetches itself and puts its sections back as the host has them; the form in use waits for its turn.
    tab.eval("document.activeElement.blur(); document.getElementById('a').value = ''")?;
    say(&tab, "resync", &json!({"topic": REPORTS}))?;
    shows(&tab, "live-report-one")?;
    tab.until("the form is gone", "!document.getElementById('f')")?;
    // A row that comes with a button works like one that was there: nothing of the page is bound to old nodes.
    say(&tab, "alarm", &json!({"topic": REPORTS, "id": id, "key": "k", "level": 1, "title": "<b>title</b>"}))?;
    tab.until("the alarm", "document.querySelector('#live-alarms a')?.textContent.includes('<b>title</b>')")?;
    assert_eq!(tab.complaints(), Vec::<String>::new());
    Ok(())
}

#[test]
fn twenty_tabs_share_one_stream_and_the_next_takes_over() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let mut tabs = vec![browser.tab(Screen::Desk)?];
    city.sign_in(&tabs[0], "operator")?;
    tabs[0].goto(&city.url(REPORTS))?;
    for n in 1..20 {
        let tab = browser.tab(Screen::Desk)?;
        // Not all show the same.
        let page = if n % 4 == 0 { "/p/services/overview" } else { REPORTS };
        tab.goto(&city.url(page))?;
        tabs.push(tab);
    }
    file(&city, "live-report-all")?;
    for (n, tab) in tabs.iter().enumerate().filter(|(n, _)| *n == 0 || n % 4 != 0) {
        shows(tab, "live-report-all").map_err(|e| e.context(format!("tab {n}")))?;
    }
    assert_eq!(streams(&city)?, 1);
    // The tab with the stream is closed: another takes over, and nothing that came meanwhile is lost.
    tabs.remove(0).kill()?;
    file(&city, "live-report-next")?;
    for tab in tabs.iter().step_by(5) {
        if tab.text("location.pathname")? == REPORTS {
            shows(tab, "live-report-next")?;
        }
    }
    for tab in &tabs {
        assert_eq!(tab.complaints(), Vec::<String>::new());
    }
    assert!(streams(&city)? <= 1);
    Ok(())
}

#[test]
fn many_morphs_do_not_grow_the_page() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let tab = browser.tab(Screen::Wall)?;
    city.sign_in(&tab, "operator")?;
    tab.goto(&city.url(REPORTS))?;
    tab.until("the page listens", "'listens' in document.documentElement.dataset")?;
    let id = id_of(&tab)?;
    // Each form of the section has other rows at other places, as a list of alarms has.
    let script = format!(
        "window.__say ??= new BroadcastChannel('changzhi-live');
        window.__run = async (from, to) => {{
            for (let n = from; n < to; n++) {{
                const rows = Array.from({{length: 20}}, (_, i) => `<tr id=\"r-${{n + i}}\"><td>${{n + i}}</td><td><a href=\"/x?${{n}}\">row</a></td><td><form action=\"/x\"><button>go</button></form></td></tr>`);
                const html = `<section class=\"panel\" id=\"{id}\" data-live><h2 id=\"n\">${{n}}</h2><table>${{rows.join('')}}</table></section>`;
                __say.postMessage({{say: 'event', type: 'html', data: {{topic: '{REPORTS}', id: '{id}', n: 1e6 + n, rev: 1e9, html}}}});
                while (document.getElementById('n')?.textContent !== String(n)) await new Promise(r => setTimeout(r));
            }}
        }}"
    );
    tab.eval(&script)?;
    // What is loaded once is loaded before the first look.
    tab.eval("__run(1, 100)")?;
    let before = tab.heap()?;
    for part in 0..15 {
        tab.eval(&format!("__run({}, {})", 100 + part * MORPHS / 15, 100 + (part + 1) * MORPHS / 15))?;
    }
    let after = tab.heap()?;
    assert!(after < before + 2_000_000, "{before} → {after} bytes in {MORPHS} morphs");
    assert_eq!(tab.complaints(), Vec::<String>::new());
    Ok(())
}

#[test]
fn whose_role_is_taken_away_sees_the_page_no_more() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let tab = browser.tab(Screen::Desk)?;
    city.sign_in(&tab, "official")?;
    tab.goto(&city.url(REPORTS))?;
    file(&city, "live-report-seen")?;
    shows(&tab, "live-report-seen")?;
    assert_eq!(tab.complaints(), Vec::<String>::new());
    let account = tab.text("document.getElementById('portal').dataset.account")?;
    let body = json!({"account": account.parse::<u64>()?, "role": "official"});
    let done = city.client("admin")?.command("host/revoke-role", &body, "take-away")?;
    assert_eq!(done.status, 200, "{done:?}");
    tab.until(
        "the page goes",
        "!document.body.textContent.includes('live-report-seen') && document.readyState === 'complete'",
    )?;
    file(&city, "live-report-secret")?;
    assert!(!tab.text("document.body.textContent")?.contains("live-report-secret"));
    // The refusal is told by its status; nothing else is wrong.
    let complaints = tab.complaints();
    assert!(complaints.iter().all(|c| c.contains("403")), "{complaints:?}");
    Ok(())
}

#[test]
fn a_page_without_its_host_says_so_and_catches_up_when_it_is_back() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let mut city = City::start()?;
    let wire = Wire::to(city.host.addr)?;
    let tab = browser.tab(Screen::Desk)?;
    city.sign_in_at(&tab, "operator", wire.addr)?;
    tab.goto(&format!("http://{}{REPORTS}", wire.addr))?;
    file(&city, "live-report-before")?;
    shows(&tab, "live-report-before")?;
    assert_eq!(tab.complaints(), Vec::<String>::new());
    wire.cut();
    file(&city, "live-report-meanwhile")?;
    tab.until("it says that it is stale", "document.documentElement.hasAttribute('data-stale') && document.getElementById('live-state').textContent.length > 10")?;
    tab.screenshot("stale", false)?;
    wire.mend(city.host.addr);
    shows(&tab, "live-report-meanwhile")?;
    tab.until(
        "it is fresh again",
        "!document.documentElement.hasAttribute('data-stale') && document.getElementById('live-state').hidden",
    )?;
    // Killed and started again: sign-ins outlive it, so the page goes on by itself.
    city.restart()?;
    wire.mend(city.host.addr);
    file(&city, "live-report-after-a-kill")?;
    shows(&tab, "live-report-after-a-kill")?;
    assert!(!tab.complaints().iter().any(|c| c.starts_with("policy") || c.starts_with("exception")));
    Ok(())
}
