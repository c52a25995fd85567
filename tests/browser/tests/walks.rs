//! The stories of the shell walked by keyboard alone, in a real browser, under the page's own policy.

use anyhow::Result;
use changzhi_browser_tests::{Browser, City, Screen, Tab};

/// Moves on with Tab until the focus is on what a selector means, as somebody without a pointer does.
fn tab_to(tab: &Tab, selector: &str) -> Result<()> {
    for _ in 0..200 {
        tab.press("Tab")?;
        if tab.eval(&format!("document.activeElement?.matches({selector:?}) ?? false"))? == true {
            return Ok(());
        }
    }
    anyhow::bail!("{selector} is not reached by Tab; the focus is on {}", tab.focused()?)
}

fn keeps_the_policy(tab: &Tab) {
    assert_eq!(tab.complaints(), Vec::<String>::new());
}

/// A key for the page itself, once the part that hears it has come: it loads after the page.
fn shortcut(tab: &Tab, key: &str) -> Result<()> {
    tab.until("the shortcuts", "'hearsKeys' in document.documentElement.dataset")?;
    tab.press(key)
}

#[test]
fn the_shortcuts_move_search_go_and_help_and_leave_typing_alone() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let tab = browser.tab(Screen::Desk)?;
    city.sign_in(&tab, "operator")?;
    let row = "[...document.querySelectorAll('main tbody tr')].indexOf(document.activeElement.closest('tr'))";
    tab.until("rows to move over", "document.querySelectorAll('main tbody tr a').length > 1")?;
    for (key, at) in [("j", 0), ("j", 1), ("k", 0)] {
        shortcut(&tab, key)?;
        tab.until(key, &format!("{row} === {at}"))?;
    }
    shortcut(&tab, "/")?;
    tab.until("the search box", "document.activeElement.id === 'find'")?;
    tab.write("jk")?;
    assert_eq!(tab.text("document.activeElement.value")?, "jk", "what is typed is no shortcut");
    tab.press("Escape")?;
    tab.eval("document.activeElement.blur()")?;
    tab.leave(|tab| {
        shortcut(tab, "g")?;
        tab.press("m")
    })?;
    assert_eq!(tab.text("location.pathname")?, "/me");
    tab.leave(|tab| shortcut(tab, "?"))?;
    assert_eq!(tab.text("location.pathname + location.hash")?, "/help#keys");
    // Whoever dictates switches them off.
    tab_to(&tab, "button[value=nokeys]")?;
    tab.leave(|tab| tab.press("Enter"))?;
    shortcut(&tab, "g")?;
    tab.press("h")?;
    assert_eq!(tab.text("location.pathname")?, "/help");
    keeps_the_policy(&tab);
    Ok(())
}

#[test]
fn a_task_is_found_on_the_home_page_opened_and_moved_on_by_keyboard_and_stands_under_done() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let tab = browser.tab(Screen::Desk)?;
    city.sign_in(&tab, "operator")?;
    tab.press("Tab")?;
    assert!(tab.text("document.activeElement.className")?.contains("skip"), "the first stop skips the navigation");
    tab.press("Enter")?;
    tab_to(&tab, "main a[href^='/p/services/report?']")?;
    tab.leave(|tab| tab.press("Enter"))?;
    assert_eq!(tab.text("location.pathname")?, "/p/services/report");
    // The page of the matter says who is kept informed: follow it.
    tab_to(&tab, ".following form.inline button")?;
    tab.leave(|tab| tab.press("Enter"))?;
    assert!(tab.text("document.querySelector('.following').innerText")?.contains("operator"));
    tab.goto(&city.url("/?box=copied"))?;
    tab.until("the matter one follows", "document.querySelectorAll('main tbody tr').length === 1")?;
    keeps_the_policy(&tab);
    Ok(())
}

#[test]
fn larger_letters_another_language_and_colours_are_chosen_by_keyboard_and_stay() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let tab = browser.tab(Screen::Phone)?;
    city.sign_in(&tab, "grid")?;
    tab_to(&tab, ".top button.elder")?;
    tab.leave(|tab| tab.press("Enter"))?;
    assert_eq!(tab.text("document.documentElement.dataset.size")?, "elder");
    assert_eq!(tab.eval("document.querySelector('.top button.elder').getBoundingClientRect().height >= 60")?, true);
    tab_to(&tab, ".top button[name=language]")?;
    let before = tab.text("document.documentElement.lang")?;
    tab.leave(|tab| tab.press("Enter"))?;
    assert_ne!(tab.text("document.documentElement.lang")?, before);
    tab_to(&tab, "nav.bar a[href='/more']")?;
    tab.leave(|tab| tab.press("Enter"))?;
    assert_eq!(tab.text("document.querySelector('nav.bar [aria-current]').getAttribute('href')")?, "/more");
    tab_to(&tab, ".choices button[value=dark]")?;
    tab.leave(|tab| tab.press("Enter"))?;
    assert_eq!(tab.text("document.documentElement.dataset.theme")?, "dark");
    tab.goto(&city.url("/"))?;
    assert_eq!(tab.text("document.documentElement.dataset.theme")?, "dark", "it is remembered");
    keeps_the_policy(&tab);
    Ok(())
}

#[test]
fn a_role_is_lent_and_a_token_made_by_keyboard() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let tab = browser.tab(Screen::Desk)?;
    city.sign_in(&tab, "operator")?;
    tab.goto(&city.url("/me/delegations"))?;
    tab_to(&tab, "#f-delegate")?;
    tab.write("resident")?;
    // A date picker is typed into differently in each language: its value is what counts here.
    tab.eval("const d = new Date(Date.now() + 864e5 * 3); document.querySelector('#f-until').value = d.toISOString().slice(0, 16)")?;
    tab_to(&tab, "#f-reason")?;
    tab.write("leave")?;
    tab.leave(|tab| tab.press("Enter"))?;
    assert!(tab.text("document.querySelector('main').innerText")?.contains("resident"));
    tab.goto(&city.url("/me/tokens"))?;
    tab_to(&tab, "#f-label")?;
    tab.write("import")?;
    tab_to(&tab, "input[name='role.operator']")?;
    tab.press(" ")?;
    tab.leave(|tab| {
        tab_to(tab, "form.stack button.primary")?;
        tab.press("Enter")
    })?;
    assert!(tab.text("document.querySelector('code.secret').textContent")?.starts_with("cz_"));
    keeps_the_policy(&tab);
    Ok(())
}

#[test]
fn every_page_of_the_shell_is_accessible_in_each_size_theme_and_language() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let tab = browser.tab(Screen::Desk)?;
    city.sign_in(&tab, "admin")?;
    const PAGES: [&str; 22] = [
        "/",
        "/?box=done",
        "/?box=mine",
        "/?box=copied",
        "/search?q=a",
        "/search?q=zzzz",
        "/notices",
        "/status",
        "/division",
        "/more",
        "/help",
        "/me",
        "/me/password",
        "/me/sessions",
        "/me/tokens",
        "/me/delegations",
        "/me/actions",
        "/me/looks",
        "/admin",
        "/admin/plugins",
        "/admin/settings",
        "/admin/accounts",
    ];
    for (screen, theme, size, lang) in [
        (Screen::Desk, "light", "normal", "zh-CN"),
        (Screen::Phone, "dark", "elder", "en"),
        (Screen::Phone, "light", "normal", "zh-CN"),
    ] {
        tab.resize(screen)?;
        for page in PAGES {
            let joint = if page.contains('?') { '&' } else { '?' };
            tab.goto(&city.url(&format!("{page}{joint}_theme={theme}&_size={size}&lang={lang}")))?;
            let found: Vec<String> = tab.axe()?.unwrap_or_default().iter().map(ToString::to_string).collect();
            assert!(found.is_empty(), "{page} at {screen:?}, {theme}, {size}:\n{}", found.join("\n"));
            let wide = tab.eval("document.documentElement.scrollWidth <= innerWidth + 1")?;
            assert_eq!(wide, true, "{page} at {screen:?} scrolls sideways");
        }
    }
    keeps_the_policy(&tab);
    Ok(())
}

#[test]
fn tabs_are_moved_between_by_arrows_show_one_part_at_a_time_and_are_headings_without_a_script() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let city = City::start()?;
    let tab = browser.tab(Screen::Phone)?;
    city.sign_in(&tab, "operator")?;
    tab.goto(&city.url("/gallery/layout"))?;
    tab.until("the tabs", "document.querySelector('.folds.tabs[data-tabs] [role=tab]')")?;
    let state = "(g => [[...g.querySelectorAll(':scope > .tablist > [role=tab]')].map(t => t.getAttribute('aria-selected') + t.tabIndex).join(), [...g.querySelectorAll(':scope > [role=tabpanel]')].map(p => p.checkVisibility()).join(), document.activeElement.getAttribute('role')].join(' '))(document.querySelector('.folds.tabs'))";
    let count = tab.eval("document.querySelectorAll('.folds.tabs > .tablist > [role=tab]').length")?;
    assert!(count.as_u64().is_some_and(|n| n >= 2), "{count}");
    tab.eval("document.querySelector('.folds.tabs [role=tab]').focus()")?;
    assert!(tab.text(state)?.starts_with("true0,false-1"), "{}", tab.text(state)?);
    tab.press("ArrowRight")?;
    let second = tab.text(state)?;
    assert!(
        second.starts_with("false-1,true0") && second.contains("false,true") && second.ends_with("tab"),
        "{second}"
    );
    tab.screenshot("tabs-phone", false)?;
    tab.press("Home")?;
    assert!(tab.text(state)?.starts_with("true0,false-1"));
    tab.press("ArrowLeft")?;
    assert!(tab.text(state)?.split(' ').next().is_some_and(|tabs| tabs.ends_with("true0")), "round to the last");
    // Each tab names its part and the other way round.
    let tied = tab.eval("[...document.querySelectorAll('[role=tab]')].every(t => document.getElementById(t.getAttribute('aria-controls'))?.getAttribute('aria-labelledby') === t.id)")?;
    assert_eq!(tied, true);
    let bare = tab.text("fetch(location.href).then(r => r.text())")?;
    assert!(bare.contains("<summary>") && !bare.contains("role=\"tab\""));
    keeps_the_policy(&tab);
    Ok(())
}
