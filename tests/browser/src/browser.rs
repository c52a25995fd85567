//! Chromium on a fresh profile.

use crate::pipe::Pipe;
use crate::tab::{Screen, Tab};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use tempfile::TempDir;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// No word to anybody, no graphics card, the software renderer named.
const FLAGS: [&str; 17] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--enable-unsafe-swiftshader",
    "--mute-audio",
    "--force-color-profile=srgb",
    "--js-flags=--expose-gc",
    // A machine without a mouse would have none to hover with.
    "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4",
    "--remote-debugging-pipe",
];

/// One browser with its profile; both end with it.
pub struct Browser {
    child: Child,
    pub(crate) pipe: Arc<Pipe>,
    _profile: TempDir,
}

/// Where Chromium is, if it is anywhere.
pub(crate) fn program() -> Option<PathBuf> {
    let dirs = std::env::var_os("PATH").unwrap_or_default();
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    named.into_iter().chain(std::env::split_paths(&dirs).flat_map(|d| NAMES.map(|n| d.join(n)))).find(|p| p.is_file())
}

/// Whether a page gets camera and microphone when it asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Devices {
    Given,
    Refused,
}

impl Browser {
    /// `None` where there is no Chromium: said on the terminal, past what the test runner hides.
    pub fn start() -> Result<Option<Browser>> {
        Browser::start_with(&[])
    }

    /// With a camera that films a test card and a microphone that beeps, and connections between tabs of this machine.
    pub fn start_with_devices() -> Result<Option<Browser>> {
        Browser::start_with(&["--use-fake-device-for-media-stream", "--allow-loopback-in-peer-connection"])
    }

    fn start_with(more: &[&str]) -> Result<Option<Browser>> {
        let Some(program) = program() else {
            let line =
                b"skipped: no browser to test the pages in; on Debian: apt-get install -y chromium fonts-noto-cjk\n";
            let _ = std::io::stderr().write_all(line);
            return Ok(None);
        };
        let profile = tempfile::tempdir()?;
        // The shell puts both pipes where the browser looks for them, then becomes the browser: its process id is ours to end.
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null", "sh"]).arg(program).args(FLAGS).args(more);
        command.arg(format!("--user-data-dir={}", profile.path().display())).arg("about:blank");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().context("the browser cannot be started")?;
        let to = child.stdin.take().context("no pipe to the browser")?;
        let from = child.stdout.take().context("no pipe from the browser")?;
        let browser = Browser { child, pipe: Arc::new(Pipe::new(to, from)), _profile: profile };
        browser.pipe.call("", "Browser.getVersion", &json!({})).context("the browser does not answer")?;
        Ok(Some(browser))
    }

    /// A tab of the browser's one profile: tabs share cookies, storage and workers.
    pub fn tab(&self, screen: Screen) -> Result<Tab> {
        self.tab_in(&json!({"url": "about:blank"}), screen)
    }

    /// A tab of a person with a browser of their own: it shares nothing with the others.
    pub fn apart(&self, screen: Screen, devices: Devices) -> Result<Tab> {
        let made = self.pipe.call("", "Target.createBrowserContext", &json!({}))?;
        let context = made["browserContextId"].as_str().context("no context")?;
        let setting = if devices == Devices::Given { "granted" } else { "denied" };
        for name in ["camera", "microphone"] {
            let permission = json!({"permission": {"name": name}, "setting": setting, "browserContextId": context});
            self.pipe.call("", "Browser.setPermission", &permission)?;
        }
        self.tab_in(&json!({"url": "about:blank", "browserContextId": context}), screen)
    }

    fn tab_in(&self, target: &Value, screen: Screen) -> Result<Tab> {
        let made = self.pipe.call("", "Target.createTarget", target)?;
        let target = made["targetId"].as_str().context("no tab")?.to_owned();
        let attached = self.pipe.call("", "Target.attachToTarget", &json!({"targetId": target, "flatten": true}))?;
        let session = attached["sessionId"].as_str().context("no session with the tab")?.to_owned();
        Tab::new(Arc::clone(&self.pipe), target, session, screen)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.pipe.call("", "Browser.close", &json!({}));
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
