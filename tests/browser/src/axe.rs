//! axe-core over a page. Its script comes from the packages' folder and is evaluated from outside: the page never loads it, so
//! the content security policy stays as it is.

use crate::tab::Tab;
use crate::web::asset;
use anyhow::Result;
use std::fmt;

/// A rule the page breaks, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    pub rule: String,
    pub help: String,
    /// Selector and what is wrong there, a line each.
    pub places: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    {}", self.rule, self.help, self.places.join("\n    "))
    }
}

const RUN: &str = "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => ({
    rule: v.id, help: v.help,
    places: v.nodes.slice(0, 20).map(n => n.target.join(' ') + ' | ' + n.html.slice(0, 200) + ' | ' + (n.failureSummary || '').replace(/\\s+/g, ' '))
})))";

impl Tab {
    /// Every rule of axe-core the page breaks. `None` where the packages are not there, said on the terminal.
    pub fn axe(&self) -> Result<Option<Vec<Violation>>> {
        let Some(script) = asset("axe-core/axe.min.js")? else { return Ok(None) };
        self.eval(&format!("window.axe || (() => {{ {script} }})(); Boolean(window.axe)"))?;
        let found = self.eval(RUN)?;
        let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
        let violations = found.as_array().into_iter().flatten().map(|v| Violation {
            rule: text(&v["rule"]),
            help: text(&v["help"]),
            places: v["places"].as_array().into_iter().flatten().map(text).collect(),
        });
        Ok(Some(violations.collect()))
    }
}
