//! One tab: addresses, scripts, what is seen, and what went wrong.

use crate::pipe::{Event, PATIENCE, Pipe};
use anyhow::{Context, Result, bail};
use base64::Engine;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The sizes the portal is made for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Screen {
    /// 390 × 844, with touch.
    Phone,
    /// 320 × 568, with touch: the narrowest a page must fit, and a desk at 400 % (WCAG 1.4.10).
    Narrow,
    /// 1440 × 900.
    Desk,
    /// 1920 × 1080.
    Wall,
}

impl Screen {
    /// One for each profile.
    pub const ALL: [Screen; 3] = [Screen::Phone, Screen::Desk, Screen::Wall];

    /// As the portal calls it.
    pub const fn profile(self) -> &'static str {
        match self {
            Screen::Phone | Screen::Narrow => "phone",
            Screen::Desk => "desk",
            Screen::Wall => "wall",
        }
    }

    const fn size(self) -> (u32, u32) {
        match self {
            Screen::Phone => (390, 844),
            Screen::Narrow => (320, 568),
            Screen::Desk => (1440, 900),
            Screen::Wall => (1920, 1080),
        }
    }
}

/// What the tab's network is like.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Network {
    Full,
    /// 1.6 Mbit/s down, 150 ms.
    Slow,
    Offline,
}

/// Named here so that a page cannot take it for its own.
const BREACH: &str = "__changzhiBreach";

pub struct Tab {
    pub(crate) pipe: Arc<Pipe>,
    target: String,
    pub(crate) session: String,
    requests: bool,
}

impl Tab {
    pub(crate) fn new(pipe: Arc<Pipe>, target: String, session: String, screen: Screen) -> Result<Tab> {
        let tab = Tab { pipe, target, session, requests: false };
        for domain in ["Page", "Runtime", "Log"] {
            tab.call(&format!("{domain}.enable"), json!({}))?;
        }
        tab.call("Runtime.addBinding", json!({"name": BREACH}))?;
        let listen = format!(
            "addEventListener('securitypolicyviolation', e => {BREACH}([e.violatedDirective, e.blockedURI, e.sourceFile, e.sample].join(' ')), true)"
        );
        tab.call("Page.addScriptToEvaluateOnNewDocument", json!({"source": listen}))?;
        tab.resize(screen)?;
        Ok(tab)
    }

    pub(crate) fn call(&self, method: &str, params: Value) -> Result<Value> {
        self.pipe.call(&self.session, method, &params)
    }

    pub fn resize(&self, screen: Screen) -> Result<()> {
        let (width, height) = screen.size();
        let phone = matches!(screen, Screen::Phone | Screen::Narrow);
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone});
        self.call("Emulation.setDeviceMetricsOverride", metrics)?;
        self.call("Emulation.setTouchEmulationEnabled", json!({"enabled": phone}))?;
        Ok(())
    }

    /// What the device prefers.
    pub fn prefer_dark(&self, dark: bool) -> Result<()> {
        let value = if dark { "dark" } else { "light" };
        let features = json!([{"name": "prefers-color-scheme", "value": value}]);
        self.call("Emulation.setEmulatedMedia", json!({"features": features}))?;
        Ok(())
    }

    /// Runs in every page of the tab before its own scripts do.
    pub fn before_each_page(&self, script: &str) -> Result<()> {
        self.call("Page.addScriptToEvaluateOnNewDocument", json!({"source": script})).map(|_| ())
    }

    /// Opens the address and waits until the page has loaded.
    pub fn goto(&self, url: &str) -> Result<()> {
        self.pipe.take(&self.session, &["Page.loadEventFired"]);
        let answer = self.call("Page.navigate", json!({"url": url}))?;
        if let Some(error) = answer["errorText"].as_str() {
            bail!("{url}: {error}");
        }
        if answer["loaderId"].is_string() {
            self.pipe.wait(&self.session, "Page.loadEventFired").with_context(|| url.to_owned())?;
        }
        Ok(())
    }

    /// Does something that leads to another page, and waits until that one has loaded.
    pub fn leave(&self, by: impl FnOnce(&Tab) -> Result<()>) -> Result<()> {
        self.eval("window.__stays = true")?;
        by(self)?;
        self.until("another page", "!window.__stays && document.readyState === 'complete'")
    }

    /// The value of an expression; a promise is waited for.
    pub fn eval(&self, script: &str) -> Result<Value> {
        let params = json!({"expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true});
        let mut answer = self.call("Runtime.evaluate", params)?;
        if answer["exceptionDetails"].is_object() {
            let about = &answer["exceptionDetails"];
            let what = about["exception"]["description"].as_str().or(about["text"].as_str()).unwrap_or_default();
            bail!("{what}\nin: {}", script.chars().take(300).collect::<String>());
        }
        Ok(answer["result"]["value"].take())
    }

    /// The same as text.
    pub fn text(&self, script: &str) -> Result<String> {
        let value = self.eval(script)?;
        value.as_str().map(str::to_owned).with_context(|| format!("{script} is {value}"))
    }

    /// Waits until the expression is true; what it says meanwhile is lost with a page that goes.
    pub fn until(&self, what: &str, script: &str) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        let mut last = String::new();
        while Instant::now() < end {
            // A promise is true before it has answered: what it answers counts.
            match self.eval(&format!("(async () => Boolean(await ({script})))()")) {
                Ok(Value::Bool(true)) => return Ok(()),
                Ok(other) => last = other.to_string(),
                Err(gone) => last = format!("{gone:#}"),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        // What a person would look at first: where the tab is, what stands there and what it complained about.
        let about =
            "[location.href, document.readyState, document.title, document.body?.innerText.slice(0, 400)].join(' | ')";
        let there = self.text(about).unwrap_or_else(|gone| format!("{gone:#}"));
        bail!("{what} did not come in {PATIENCE:?} ({last}): {script}\n{there}\n{:?}", self.complaints())
    }

    /// What the page did that it must not, since the last call: policy breaches, exceptions, errors on the console.
    pub fn complaints(&self) -> Vec<String> {
        let told = ["Runtime.bindingCalled", "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"];
        let said = |event: crate::pipe::Event| {
            let p = &event.params;
            match event.method.as_str() {
                "Runtime.bindingCalled" => {
                    (p["name"] == BREACH).then(|| format!("policy: {}", p["payload"].as_str().unwrap_or_default()))
                }
                "Runtime.exceptionThrown" => Some(format!("exception: {}", p["exceptionDetails"])),
                "Log.entryAdded" => (p["entry"]["level"] == "error")
                    .then(|| format!("log: {} {}", p["entry"]["text"].as_str().unwrap_or_default(), p["entry"]["url"])),
                _ => (p["type"] == "error").then(|| format!("console: {}", p["args"])),
            }
        };
        self.pipe.take(&self.session, &told).into_iter().filter_map(said).collect()
    }

    /// Writes target/shots/NAME.png; `whole`: as long as the page is.
    pub fn screenshot(&self, name: &str, whole: bool) -> Result<PathBuf> {
        let params = json!({"format": "png", "captureBeyondViewport": whole});
        let shot = self.call("Page.captureScreenshot", params)?;
        let bytes = base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().unwrap_or_default())?;
        let file = changzhi_system_tests::target().join("shots").join(format!("{name}.png"));
        std::fs::create_dir_all(file.parent().context("a folder for shots")?)?;
        std::fs::write(&file, bytes)?;
        Ok(file)
    }

    pub fn network(&mut self, network: Network) -> Result<()> {
        self.count_requests()?;
        let (offline, rate, latency) = match network {
            Network::Full => (false, -1.0, 0),
            Network::Slow => (false, 1.6e6 / 8.0, 150),
            Network::Offline => (true, 0.0, 0),
        };
        let params =
            json!({"offline": offline, "latency": latency, "downloadThroughput": rate, "uploadThroughput": rate});
        self.call("Network.emulateNetworkConditions", params)?;
        Ok(())
    }

    /// From here on bytes are counted; see [`Tab::transferred`].
    pub fn count_requests(&mut self) -> Result<()> {
        if !self.requests {
            self.call("Network.enable", json!({}))?;
            self.requests = true;
        }
        Ok(())
    }

    /// Bytes over the wire, heads and bodies, since the last call. What came from a cache is nothing.
    pub fn transferred(&self) -> u64 {
        self.transferred_of(|_| true)
    }

    /// The same of those addresses that count.
    pub fn transferred_of(&self, counts: impl Fn(&str) -> bool) -> u64 {
        let all = self.pipe.take(&self.session, &["Network.loadingFinished", "Network.responseReceived"]);
        let id = |e: &Event| e.params["requestId"].as_str().unwrap_or_default().to_owned();
        let responses = all.iter().filter(|e| e.method == "Network.responseReceived");
        let left_out: HashSet<String> =
            responses.filter(|e| !counts(e.params["response"]["url"].as_str().unwrap_or_default())).map(id).collect();
        let finished = all.iter().filter(|e| e.method == "Network.loadingFinished" && !left_out.contains(&id(e)));
        finished.filter_map(|e| e.params["encodedDataLength"].as_f64()).map(|b| b as u64).sum()
    }

    /// Cookies of the page, to be given to another browser.
    pub fn cookies(&self) -> Result<Value> {
        Ok(self.call("Network.getCookies", json!({}))?["cookies"].take())
    }

    pub fn set_cookies(&self, cookies: &Value) -> Result<()> {
        self.call("Network.setCookies", json!({"cookies": cookies})).map(|_| ())
    }

    /// Signed out, and every choice of looks forgotten.
    pub fn forget(&self) -> Result<()> {
        self.call("Network.clearBrowserCookies", json!({})).map(|_| ())
    }

    /// Bytes of the page's heap after a collection.
    pub fn heap(&self) -> Result<u64> {
        self.call("HeapProfiler.enable", json!({}))?;
        self.call("HeapProfiler.collectGarbage", json!({}))?;
        let usage = self.call("Runtime.getHeapUsage", json!({}))?;
        self.call("HeapProfiler.disable", json!({}))?;
        usage["usedSize"].as_f64().map(|b| b as u64).context("no heap usage")
    }

    pub fn to_front(&self) -> Result<()> {
        self.call("Page.bringToFront", json!({})).map(|_| ())
    }

    /// Closes without asking the page.
    pub fn kill(self) -> Result<()> {
        self.pipe.call("", "Target.closeTarget", &json!({"targetId": self.target})).map(|_| ())
    }
}
