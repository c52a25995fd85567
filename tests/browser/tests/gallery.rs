//! Every part a page can have, in each profile, theme and language: nothing axe-core finds, nothing the policy stops, nothing wider
//! than the screen; the interactive map and chart come up over the drawn ones, and without WebGL the drawing stays.

use anyhow::Result;
use changzhi_browser_tests::{Browser, City, Screen, Tab};

const FAMILIES: [&str; 12] =
    ["words", "figures", "tables", "charts", "maps", "forms", "stories", "boards", "talk", "duty", "layout", "states"];

fn is_sound(tab: &Tab, what: &str) -> Result<()> {
    let violations = tab.axe()?.unwrap_or_default();
    let said: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(said.is_empty(), "{what}:\n{}", said.join("\n"));
    // The part that is on its way leads nowhere, on purpose: what stays then is part of the gallery.
    let complaints: Vec<String> = tab.complaints().into_iter().filter(|c| !c.contains("/p/gallery/nothing")).collect();
    assert_eq!(complaints, Vec::<String>::new(), "{what}");
    let over = tab.eval("document.documentElement.scrollWidth - innerWidth")?;
    assert!(over.as_f64().unwrap_or(0.0) <= 0.0, "{what} is wider than the screen by {over}");
    Ok(())
}

#[test]
fn every_part_is_accessible_in_three_profiles_two_themes_and_two_languages() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let tab = browser.tab(Screen::Desk)?;
    city.sign_in(&tab, "admin")?;
    for screen in Screen::ALL {
        tab.resize(screen)?;
        for theme in ["light", "dark"] {
            for lang in ["zh-CN", "en"] {
                for family in FAMILIES {
                    let path = format!("/gallery/{family}?_profile={}&_theme={theme}&lang={lang}", screen.profile());
                    tab.goto(&city.url(&path))?;
                    is_sound(&tab, &path)?;
                }
            }
        }
    }
    Ok(())
}

#[test]
fn elder_size_fits_a_phone_and_its_targets_are_large_enough() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let tab = browser.tab(Screen::Phone)?;
    city.sign_in(&tab, "admin")?;
    for family in FAMILIES {
        let path = format!("/gallery/{family}?_profile=phone&_size=elder");
        tab.goto(&city.url(&path))?;
        is_sound(&tab, &path)?;
        let small = "[...document.querySelectorAll('main button, main a.button, main select, main input:not([type=hidden]):not([type=checkbox]):not([type=radio])')]
            .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 59.5).map(e => e.outerHTML.slice(0, 120))";
        assert_eq!(tab.eval(small)?, serde_json::json!([]), "{path}");
    }
    Ok(())
}

#[test]
fn the_map_and_the_charts_come_up_on_a_desk_and_only_after_a_tap_on_a_phone() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let tab = browser.tab(Screen::Desk)?;
    city.sign_in(&tab, "admin")?;
    tab.goto(&city.url("/gallery/maps?_profile=desk&lang=en"))?;
    tab.until("a map that settled", "['ready', 'failed'].includes(document.querySelector('gov-map').dataset.state)")?;
    // Ready or not, the list of what is on it and the drawing are there.
    assert_eq!(tab.eval("document.querySelectorAll('gov-map svg.drawing').length > 0 && document.querySelectorAll('.on-map li').length > 3")?, true);
    is_sound(&tab, "the map")?;
    tab.goto(&city.url("/gallery/charts?_profile=desk&lang=en"))?;
    tab.until("a chart that is ready", "document.querySelector('gov-chart').dataset.state === 'ready'")?;
    is_sound(&tab, "the chart")?;
    tab.resize(Screen::Phone)?;
    tab.goto(&city.url("/gallery/maps?_profile=phone&lang=en"))?;
    tab.until("the button", "!document.querySelector('gov-map .upgrade').hidden")?;
    assert_eq!(tab.eval("document.querySelector('gov-map').dataset.state ?? ''")?, "");
    tab.goto(&city.url("/gallery/charts?_profile=phone&lang=en"))?;
    assert_eq!(tab.eval("document.querySelector('gov-chart').dataset.state ?? ''")?, "");
    Ok(())
}

#[test]
fn a_condition_in_a_form_hides_what_is_not_needed_and_does_not_send_it() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let tab = browser.tab(Screen::Desk)?;
    city.sign_in(&tab, "admin")?;
    tab.goto(&city.url("/gallery/forms?lang=en"))?;
    tab.until("the condition", "document.querySelector('fieldset.when').hidden")?;
    tab.eval("{ const s = document.querySelector('select[name=kind]'); s.value = 'fire'; s.dispatchEvent(new Event('input', {bubbles: true})); }")?;
    assert_eq!(
        tab.eval("document.querySelector('fieldset.when').hidden || document.querySelector('fieldset.when').disabled")?,
        false
    );
    is_sound(&tab, "the form with its part shown")?;
    Ok(())
}

#[test]
fn the_narrowest_screen_holds_every_part_in_normal_and_elder_size_with_its_folds_open() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let tab = browser.tab(Screen::Narrow)?;
    city.sign_in(&tab, "admin")?;
    for family in FAMILIES {
        for choice in ["_size=normal&lang=zh-CN", "_size=elder&lang=zh-CN", "_size=elder&lang=en"] {
            let path = format!("/gallery/{family}?{choice}");
            tab.goto(&city.url(&path))?;
            tab.eval("document.querySelectorAll('main details').forEach(fold => { fold.open = true; })")?;
            let over = tab.eval("document.documentElement.scrollWidth - 320")?;
            let wide = "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > 320.5).slice(0, 8)
                .map(e => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 30)}`).join(' | ')";
            let who = tab.text(wide)?;
            assert!(over.as_f64().unwrap_or(f64::MAX) <= 0.0, "{path} is wider than 320 px by {over}: {who}");
        }
    }
    Ok(())
}
