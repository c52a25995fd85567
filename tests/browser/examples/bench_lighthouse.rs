//! Lighthouse's performance of the sign-in page and the report forms, on a phone. One JSON line a figure.
//!
//! It is calculated for a slow processor from what the page cost here, so work of others on the machine lowers it: that is why it
//! is measured here, while accessibility and best practices are tested.

use anyhow::Result;
use changzhi_browser_tests::{Browser, City, Screen, Tab};

/// The median of so many.
const RUNS: usize = 3;

fn main() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let tab = browser.tab(Screen::Phone)?;
    tell(&tab, &city, "/sign-in")?;
    city.sign_in(&tab, "operator")?;
    tell(&tab, &city, "/p/services/filing")?;
    tell(&tab, &city, "/do/services/file-report")
}

fn tell(tab: &Tab, city: &City, path: &str) -> Result<()> {
    let mut performance = Vec::new();
    for _ in 0..RUNS {
        performance.extend(tab.lighthouse(&city.url(path))?.map(|scores| scores.performance));
    }
    performance.sort_unstable();
    if let Some(median) = performance.get(RUNS / 2) {
        let name = format!("Lighthouse on a phone, {path}: performance");
        let none: Option<f64> = None;
        let target = "≥ 95";
        println!(
            "{}",
            serde_json::json!({"name": name, "ours": *median as f64, "peer": none, "ratio": none, "unit": "of 100", "target": target})
        );
    }
    Ok(())
}
