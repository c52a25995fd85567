//! Every page somebody opens first, in each size and theme: nothing axe-core finds, nothing the policy stops.

use anyhow::Result;
use changzhi_browser_tests::{Browser, City, Screen, Tab};

/// The first page of each plugin in the navigation, and the host's own.
fn pages(tab: &Tab) -> Result<Vec<String>> {
    let links = tab.eval("[...document.querySelectorAll('nav a')].map(a => a.getAttribute('href'))")?;
    let mut seen = Vec::new();
    let mut first = Vec::new();
    for link in links.as_array().into_iter().flatten().filter_map(|l| l.as_str()) {
        let room: Vec<&str> = link.split('/').take(3).collect();
        if !seen.contains(&room) {
            seen.push(room);
            first.push(link.to_owned());
        }
    }
    Ok(first)
}

#[test]
fn the_sign_in_page_home_and_a_page_of_each_plugin_are_accessible_and_keep_the_policy() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let tab = browser.tab(Screen::Desk)?;
    tab.goto(&city.url("/sign-in"))?;
    tab.is_sound("sign-in")?;
    tab.is_quiet("sign-in")?;
    city.sign_in(&tab, "admin")?;
    tab.is_sound("home")?;
    tab.is_quiet("home")?;
    let pages = pages(&tab)?;
    for plugin in ["command", "decision", "office", "risk", "services"] {
        assert!(pages.iter().any(|p| p.starts_with(&format!("/p/{plugin}/"))), "{plugin} in {pages:?}");
    }
    for screen in Screen::ALL {
        tab.resize(screen)?;
        for dark in [false, true] {
            tab.prefer_dark(dark)?;
            for page in &pages {
                let joint = if page.contains('?') { '&' } else { '?' };
                tab.goto(&city.url(&format!("{page}{joint}_profile={}", screen.profile())))?;
                tab.is_sound(&format!("{page} at {screen:?}, dark {dark}"))?;
                tab.is_quiet(&format!("{page} at {screen:?}, dark {dark}"))?;
            }
        }
    }
    Ok(())
}
