//! What pages cost on the wire: a form on a phone, a live page on a desk before its map.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use anyhow::Result;
use changzhi_browser_tests::{Browser, City, Screen};

const KB: u64 = 1_024;

/// Everything a fresh browser loads for a page until it is quiet.
fn weight(city: &City, screen: Screen, login: &str, path: &str) -> Result<Option<u64>> {
    let Some(browser) = Browser::start()? else { return Ok(None) };
    let mut tab = browser.tab(screen)?;
    city.sign_in(&tab, login)?;
    // The cookie is kept, the files are not: the page is loaded as by somebody who comes first.
    let cookies = tab.cookies()?;
    let fresh = Browser::start()?.expect("there was one a moment ago");
    tab = fresh.tab(screen)?;
    tab.set_cookies(&cookies)?;
    tab.count_requests()?;
    tab.goto(&city.url(path))?;
    tab.until("the page is quiet", "performance.now() > 1500 && performance.getEntriesByType('resource').every(r => performance.now() - r.responseEnd > 500)")?;
    let status = tab.eval("performance.getEntriesByType('navigation')[0].responseStatus")?;
    anyhow::ensure!(status == 200, "{path}: {status}");
    // The map comes after the page, once, and is kept: the list beside it is there without it.
    Ok(Some(tab.transferred_of(|address| !address.contains("/maplibre-gl"))))
}

#[test]
fn a_form_on_a_phone_is_small_and_so_is_a_live_page_on_a_desk() -> Result<()> {
    let city = City::start()?;
    for (screen, login, path, most) in [
        (Screen::Phone, "grid", "/p/services/filing", 30),
        (Screen::Phone, "grid", "/do/services/file-report", 30),
        (Screen::Phone, "resident", "/report", 30),
        (Screen::Phone, "resident", "/sos", 30),
        // Whoever can be rung carries the bell with every page: it must not have to be fetched when it is needed.
        (Screen::Phone, "operator", "/p/services/filing", 35),
        (Screen::Desk, "operator", "/p/command/board", 60),
        (Screen::Desk, "operator", "/p/services/reports", 60),
    ] {
        let Some(bytes) = weight(&city, screen, login, path)? else { return Ok(()) };
        eprintln!("{login} {path} at {screen:?}: {bytes} bytes");
        assert!((2 * KB..most * KB).contains(&bytes), "{login} {path} at {screen:?}: {bytes} bytes, at most {most} KB");
    }
    Ok(())
}
