//! CAP 1.2, in the order of its schema.

use crate::flaw::Flaw;
use crate::model::{Alert, Area, Info, Pair, Resource, Version};
use crate::rules;
use std::fmt::Display;

/// The message as CAP 1.2, whatever version it was read from.
///
/// # Errors
/// Every rule it does not keep: nothing that is wrong is ever written.
pub fn write(alert: &Alert) -> Result<String, Vec<Flaw>> {
    let flaws = rules::check(alert);
    if !flaws.is_empty() {
        return Err(flaws);
    }
    let mut out = Xml::new();
    out.open_root(Version::V1_2.namespace());
    out.leaf("identifier", &alert.identifier);
    out.leaf("sender", &alert.sender);
    out.leaf("sent", alert.sent);
    out.leaf("status", alert.status);
    out.leaf("msgType", alert.message);
    out.maybe("source", alert.source.as_ref());
    out.leaf("scope", alert.scope);
    out.maybe("restriction", alert.restriction.as_ref());
    out.maybe("addresses", alert.addresses.as_ref());
    alert.codes.iter().for_each(|code| out.leaf("code", code));
    out.maybe("note", alert.note.as_ref());
    if !alert.references.is_empty() {
        let all: Vec<String> = alert.references.iter().map(ToString::to_string).collect();
        out.leaf("references", all.join(" "));
    }
    out.maybe("incidents", alert.incidents.as_ref());
    alert.infos.iter().for_each(|info| self::info(info, &mut out));
    out.close("alert");
    Ok(out.text)
}

fn info(info: &Info, out: &mut Xml) {
    out.open("info");
    out.leaf("language", &info.language);
    info.categories.iter().for_each(|c| out.leaf("category", c));
    out.leaf("event", &info.event);
    info.responses.iter().for_each(|r| out.leaf("responseType", r));
    out.leaf("urgency", info.urgency);
    out.leaf("severity", info.severity);
    out.leaf("certainty", info.certainty);
    out.maybe("audience", info.audience.as_ref());
    info.event_codes.iter().for_each(|p| pair("eventCode", p, out));
    out.maybe("effective", info.effective);
    out.maybe("onset", info.onset);
    out.maybe("expires", info.expires);
    out.maybe("senderName", info.sender_name.as_ref());
    out.maybe("headline", info.headline.as_ref());
    out.maybe("description", info.description.as_ref());
    out.maybe("instruction", info.instruction.as_ref());
    out.maybe("web", info.web.as_ref());
    out.maybe("contact", info.contact.as_ref());
    info.parameters.iter().for_each(|p| pair("parameter", p, out));
    info.resources.iter().for_each(|r| resource(r, out));
    info.areas.iter().for_each(|a| area(a, out));
    out.close("info");
}

fn resource(resource: &Resource, out: &mut Xml) {
    out.open("resource");
    out.leaf("resourceDesc", &resource.desc);
    out.maybe("mimeType", resource.mime.as_ref());
    out.maybe("size", resource.size);
    out.maybe("uri", resource.uri.as_ref());
    out.maybe("derefUri", resource.deref_uri.as_ref());
    out.maybe("digest", resource.digest.as_ref());
    out.close("resource");
}

fn area(area: &Area, out: &mut Xml) {
    out.open("area");
    out.leaf("areaDesc", &area.desc);
    area.polygons.iter().for_each(|ring| out.leaf("polygon", ring));
    area.circles.iter().for_each(|circle| out.leaf("circle", circle));
    area.geocodes.iter().for_each(|p| pair("geocode", p, out));
    out.maybe("altitude", area.altitude.as_ref());
    out.maybe("ceiling", area.ceiling.as_ref());
    out.close("area");
}

fn pair(name: &str, pair: &Pair, out: &mut Xml) {
    out.open(name);
    out.leaf("valueName", &pair.name);
    out.leaf("value", &pair.value);
    out.close(name);
}

/// Names are the schema's own, so they need no escaping.
struct Xml {
    text: String,
    depth: usize,
}

impl Xml {
    fn new() -> Xml {
        Xml { text: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"), depth: 0 }
    }

    fn indent(&mut self) {
        (0..self.depth).for_each(|_| self.text.push_str("  "));
    }

    fn open_root(&mut self, space: &str) {
        self.text.push_str(&format!("<alert xmlns=\"{space}\">\n"));
        self.depth = 1;
    }

    fn open(&mut self, name: &str) {
        self.indent();
        self.text.push_str(&format!("<{name}>\n"));
        self.depth += 1;
    }

    fn close(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.indent();
        self.text.push_str(&format!("</{name}>\n"));
    }

    fn leaf(&mut self, name: &str, value: impl Display) {
        self.indent();
        self.text.push_str(&format!("<{name}>"));
        for c in value.to_string().chars() {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '\r' => self.text.push_str("&#13;"),
                c => self.text.push(c),
            }
        }
        self.text.push_str(&format!("</{name}>\n"));
    }

    fn maybe(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.leaf(name, value);
        }
    }
}
