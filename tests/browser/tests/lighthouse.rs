//! Forms as Lighthouse sees them on a cheap phone. Its performance depends on what else the machine does: that is a benchmark
//! (`cargo xtask bench portal`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use anyhow::Result;
use changzhi_browser_tests::{Browser, City, Screen, Tab};

fn is_whole(tab: &Tab, city: &City, path: &str) -> Result<()> {
    let Some(scores) = tab.lighthouse(&city.url(path))? else { return Ok(()) };
    eprintln!("{path}: performance {}", scores.performance);
    assert_eq!((scores.accessibility, scores.best_practices), (100, 100), "{path}: {:#?}", scores.lost);
    Ok(())
}

#[test]
fn the_sign_in_page_and_the_report_forms_are_accessible_and_keep_to_good_practice_on_a_phone() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let tab = browser.tab(Screen::Phone)?;
    is_whole(&tab, &city, "/sign-in")?;
    city.sign_in(&tab, "operator")?;
    is_whole(&tab, &city, "/p/services/filing")?;
    is_whole(&tab, &city, "/do/services/file-report")
}
