//! The harness itself: what it reports must be there, and what it presses must arrive.

use anyhow::Result;
use changzhi_browser_tests::{Browser, Network, Screen, Wire};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

const PAGE: &str = "<!doctype html><html lang=en><meta name=viewport content='width=device-width'><title>t</title><main><h1>t</h1><form action=/sent><label>a <input id=a name=a></label><button>send</button></form><a id=b href=/next>next</a></main>";

/// Answers every request with the page; the strict policy lets no inline script run.
fn server() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let addr = listener.local_addr()?;
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let head = String::from_utf8_lossy(&head).into_owned();
            let extra = if head.starts_with("GET /bad") { "<script>1</script><img src=x>" } else { "" };
            let body = format!("{PAGE}{extra}");
            let policy = "default-src 'none'; form-action 'self'; img-src 'self'";
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Security-Policy: {policy}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    Ok(addr)
}

#[test]
fn a_breach_of_the_policy_and_an_exception_are_reported_and_a_clean_page_reports_nothing() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let (tab, addr) = (browser.tab(Screen::Desk)?, server()?);
    tab.goto(&format!("http://{addr}/"))?;
    assert_eq!(tab.complaints(), Vec::<String>::new());
    tab.goto(&format!("http://{addr}/bad"))?;
    assert!(tab.complaints().iter().any(|c| c.starts_with("policy: script-src")), "an inline script is a breach");
    tab.eval("setTimeout(() => { throw new Error('oh') })")?;
    tab.eval("new Promise(r => setTimeout(r, 50))")?;
    assert!(tab.complaints().iter().any(|c| c.starts_with("exception: ")), "an exception is told");
    if let Some(violations) = tab.axe()? {
        assert!(violations.iter().any(|v| v.rule == "image-alt"), "{violations:?}");
    }
    Ok(())
}

#[test]
fn keys_letters_and_the_pointer_arrive_as_a_persons() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let (tab, addr) = (browser.tab(Screen::Phone)?, server()?);
    tab.goto(&format!("http://{addr}/"))?;
    tab.press("Tab")?;
    tab.write("Ab 水")?;
    assert_eq!(tab.text("document.activeElement.value")?, "Ab 水");
    tab.compose("shui")?;
    assert_eq!(tab.text("document.getElementById('a').value")?, "Ab 水shui");
    tab.press("Tab")?;
    assert_eq!(tab.focused()?, "button send");
    tab.press("Shift+Tab")?;
    tab.leave(|tab| tab.press("Enter"))?;
    assert!(tab.text("location.href")?.contains("/sent?a=Ab+"));
    tab.leave(|tab| tab.click("#b"))?;
    assert_eq!(tab.text("location.pathname")?, "/next");
    assert_eq!(tab.eval("innerWidth")?, 390);
    Ok(())
}

#[test]
fn a_pulled_cable_breaks_what_is_open_and_a_mended_one_leads_to_the_host() -> Result<()> {
    let Some(browser) = Browser::start()? else { return Ok(()) };
    let addr = server()?;
    let wire = Wire::to(addr)?;
    let mut tab = browser.tab(Screen::Desk)?;
    let page = format!("http://{}/", wire.addr);
    tab.goto(&page)?;
    wire.cut();
    assert!(tab.goto(&page).is_err());
    wire.mend(addr);
    tab.goto(&page)?;
    tab.network(Network::Offline)?;
    assert!(tab.goto(&page).is_err());
    tab.network(Network::Full)?;
    tab.transferred();
    tab.goto(&page)?;
    assert!((200..5_000).contains(&tab.transferred()));
    let shot = tab.screenshot("harness", true)?;
    assert!(std::fs::metadata(shot)?.len() > 1_000);
    assert!(tab.heap()? > 100_000);
    Ok(())
}
