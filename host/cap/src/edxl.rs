//! Messages in an envelope: EDXL-DE 1.0 around one or more alerts, or an alert by itself.
//!
//! Of the envelope only the alerts inside are taken; its own target areas and roles are left to whoever reads it.

use crate::flaw::CapError;
use crate::read::{Read, of_node, version_of};
use crate::tree::{self, Limits, Node};
use std::ops::Range;

const EDXL: &str = "urn:oasis:names:tc:emergency:EDXL:DE:1.0";
/// Alerts in one envelope.
const ALERTS: usize = 500;

/// One alert of a document.
#[derive(Clone, PartialEq, Debug)]
pub struct Inside {
    /// Its text. It can be read by itself: namespaces its envelope bound are bound in it too, or it is refused.
    pub text: String,
    pub read: Result<Read, CapError>,
}

/// The alerts in a document: one that is an alert itself, or any number in an envelope, in order. One that does not fit does not cost
/// the others.
///
/// # Errors
/// [`CapError`] when the document as a whole is neither.
pub fn messages(text: &str, limits: Limits) -> Result<Vec<Inside>, CapError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let root = tree::parse(text, limits)?;
    if root.space != EDXL || root.name != "EDXLDistribution" {
        return Ok(vec![Inside { text: text.to_owned(), read: Ok(of_node(&root)?) }]);
    }
    let mut alerts = Vec::new();
    collect(&root, &mut alerts);
    if alerts.is_empty() {
        return Err(CapError::NotCap { found: "an EDXL-DE envelope without an alert".into() });
    }
    if alerts.len() > ALERTS {
        return Err(CapError::TooMuch { what: "alerts in one envelope", limit: ALERTS });
    }
    let slice = |range: Range<usize>| text.get(range).unwrap_or_default().to_owned();
    Ok(alerts
        .into_iter()
        .map(|node| {
            let text = slice(node.from..node.to);
            // Judged as it will stand by itself, with the lines of its own text.
            let read = crate::read(&text, limits);
            Inside { text, read }
        })
        .collect())
}

fn collect<'n>(node: &'n Node, into: &mut Vec<&'n Node>) {
    for child in &node.children {
        if version_of(child).is_some() { into.push(child) } else { collect(child, into) }
    }
}
