//! CAP 1.0, 1.1 and 1.2 by their schemas, into one model.
//!
//! Strict where the schema is: elements and their order, the words of enumerations, the form of dates. What the schema lets pass and
//! is still of no use (a polygon that is none, an unsigned zone) is kept as far as it can be and told as a warning.

use crate::flaw::{CapError, Flaw, cut};
use crate::geometry::{Circle, Ring};
use crate::model::{
    Alert, Area, Category, Certainty, Info, MsgType, Pair, Reference, Resource, Response, Scope, Severity, Status,
    Urgency, Version,
};
use crate::moment::Moment;
use crate::rules;
use crate::schema::{Children, Found};
use crate::tree::{self, Limits, Node};

const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";

/// A message that was read.
#[derive(Clone, PartialEq, Debug)]
pub struct Read {
    pub alert: Alert,
    /// What is odd about it.
    pub warnings: Vec<Flaw>,
    /// It carries an XML signature, which nobody has checked.
    pub signed: bool,
}

/// Reads one message.
///
/// # Errors
/// [`CapError`]: with every place that does not fit the schema, up to fifty.
pub fn read(text: &str, limits: Limits) -> Result<Read, CapError> {
    of_node(&tree::parse(text, limits)?)
}

pub(crate) fn version_of(node: &Node) -> Option<Version> {
    Version::ALL.iter().copied().find(|v| node.name == "alert" && node.space == v.namespace())
}

pub(crate) fn of_node(node: &Node) -> Result<Read, CapError> {
    let Some(version) = version_of(node) else {
        return Err(CapError::NotCap { found: format!("<{}> of {:?}", cut(&node.name), cut(&node.space)) });
    };
    let mut found = Found::default();
    let mut signed = false;
    let alert = alert(node, version, &mut found, &mut signed);
    let (alert, mut warnings) = found.result(alert)?;
    warnings.extend(rules::odd(&alert));
    Ok(Read { alert, warnings, signed })
}

fn alert(node: &Node, version: Version, found: &mut Found, signed: &mut bool) -> Option<Alert> {
    let old = version == Version::V1_0;
    let mut c = Children::of(node, "alert".into());
    let identifier = c.words("identifier", found);
    let sender = c.words("sender", found);
    let sent = c.one("sent", found).and_then(|n| moment(n, "alert/sent".into(), version, found));
    let status = word(c.one("status", found), "alert/status", Status::parse, Status::ALL, found);
    let message = word(c.one("msgType", found), "alert/msgType", MsgType::parse, MsgType::ALL, found);
    if old {
        // A password of whoever sent it is nothing to keep.
        c.maybe("password");
    }
    let source = c.text("source");
    // CAP 1.0 may leave it out.
    let scope = match if old { c.maybe("scope") } else { c.one("scope", found) } {
        None if old => Some(Scope::Public),
        node => word(node, "alert/scope", Scope::parse, Scope::ALL, found),
    };
    let restriction = c.text("restriction");
    let addresses = c.text("addresses");
    let codes = texts(c.many("code"));
    let note = c.text("note");
    let references = c.maybe("references").map(|n| references(n, version, found)).unwrap_or_default();
    let incidents = c.text("incidents");
    let infos: Vec<Option<Info>> = c
        .many("info")
        .into_iter()
        .enumerate()
        .map(|(n, node)| info(node, format!("alert/info[{}]", n + 1), version, found))
        .collect();
    if version == Version::V1_2 {
        *signed = c.foreign(SIGNATURE);
    }
    c.end(found);
    Some(Alert {
        version,
        identifier: identifier?,
        sender: sender?,
        sent: sent?,
        status: status?,
        message: message?,
        source,
        scope: scope?,
        restriction,
        addresses,
        codes,
        note,
        references,
        incidents,
        infos: infos.into_iter().collect::<Option<_>>()?,
    })
}

fn info(node: &Node, path: String, version: Version, found: &mut Found) -> Option<Info> {
    let old = version == Version::V1_0;
    let mut c = Children::of(node, path);
    let language = c.maybe("language").map(|n| {
        let language = n.trimmed().to_owned();
        if !rules::is_language(&language) {
            let what = format!("{:?} is no language", cut(&language));
            found.wrong(Flaw::new(c.path("language"), "word", what, "write a tag such as zh-CN or en").at(n.line));
        }
        language
    });
    let path = c.path("category");
    let mut categories = Vec::new();
    let mut all = c.many("category");
    if all.is_empty() && !old {
        all.extend(c.one("category", found));
    }
    let known: Vec<Category> = Category::ALL.iter().copied().filter(|k| !old || *k != Category::Cbrne).collect();
    for node in all {
        categories.extend(word(Some(node), &path, |w| Category::parse(w).filter(|k| known.contains(k)), &known, found));
    }
    let event = c.words("event", found);
    let known: Vec<Response> = Response::ALL
        .iter()
        .copied()
        .filter(|r| version == Version::V1_2 || !matches!(r, Response::Avoid | Response::AllClear))
        .collect();
    let mut responses = Vec::new();
    if !old {
        let path = c.path("responseType");
        for node in c.many("responseType") {
            let parse = |w: &str| Response::parse(w).filter(|r| known.contains(r));
            responses.extend(word(Some(node), &path, parse, &known, found));
        }
    }
    let path = c.path("urgency");
    let urgency = word(c.one("urgency", found), &path, Urgency::parse, Urgency::ALL, found);
    let path = c.path("severity");
    let severity = word(c.one("severity", found), &path, Severity::parse, Severity::ALL, found);
    let path = c.path("certainty");
    let certainty = c.one("certainty", found).and_then(|n| match (old, n.text.as_str()) {
        (true, "Very Likely") => Some(Certainty::Likely),
        (true, "Observed") => word(Some(n), &path, |_| None, Certainty::ALL.get(1..).unwrap_or_default(), found),
        _ => word(Some(n), &path, Certainty::parse, Certainty::ALL, found),
    });
    let audience = c.text("audience");
    let event_codes = pairs(&mut c, "eventCode", version, found);
    let mut date = |c: &mut Children<'_>, name: &str| {
        let path = c.path(name);
        c.maybe(name).map(|n| moment(n, path, version, found))
    };
    let (effective, onset, expires) = (date(&mut c, "effective"), date(&mut c, "onset"), date(&mut c, "expires"));
    let sender_name = c.text("senderName");
    let headline = c.text("headline");
    let description = c.text("description");
    let instruction = c.text("instruction");
    let web = c.text("web");
    let contact = c.text("contact");
    let parameters = pairs(&mut c, "parameter", version, found);
    let path = c.path("resource");
    let resources: Vec<Option<Resource>> = c
        .many("resource")
        .into_iter()
        .enumerate()
        .map(|(n, node)| resource(node, format!("{path}[{}]", n + 1), version, found))
        .collect();
    let path = c.path("area");
    let areas: Vec<Option<Area>> = c
        .many("area")
        .into_iter()
        .enumerate()
        .map(|(n, node)| area(node, format!("{path}[{}]", n + 1), version, found))
        .collect();
    c.end(found);
    // A date that does not read is a flaw already.
    let given = |d: Option<Option<Moment>>| d.map_or(Some(None), |d| d.map(Some));
    Some(Info {
        language: language.unwrap_or_else(|| "en-US".into()),
        categories,
        event: event?,
        responses,
        urgency: urgency?,
        severity: severity?,
        certainty: certainty?,
        audience,
        event_codes,
        effective: given(effective)?,
        onset: given(onset)?,
        expires: given(expires)?,
        sender_name,
        headline,
        description,
        instruction,
        web,
        contact,
        parameters,
        resources: resources.into_iter().collect::<Option<_>>()?,
        areas: areas.into_iter().collect::<Option<_>>()?,
    })
}

fn resource(node: &Node, path: String, version: Version, found: &mut Found) -> Option<Resource> {
    let mut c = Children::of(node, path);
    let desc = c.words("resourceDesc", found);
    let mime = if version == Version::V1_2 { c.words("mimeType", found) } else { c.text("mimeType") };
    let size = c.maybe("size").and_then(|n| {
        let text = n.trimmed();
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            let what = format!("{:?} is no whole number", cut(text));
            found.wrong(Flaw::new(c.path("size"), "number", what, "write the number of bytes").at(n.line));
        }
        text.strip_prefix('+').unwrap_or(text).parse().ok()
    });
    let uri = c.text("uri");
    let deref_uri = if version == Version::V1_0 { None } else { c.text("derefUri") };
    let digest = c.text("digest");
    c.end(found);
    Some(Resource { desc: desc?, mime: mime.filter(|m| !m.is_empty()), size, uri, deref_uri, digest })
}

fn area(node: &Node, path: String, version: Version, found: &mut Found) -> Option<Area> {
    let mut c = Children::of(node, path);
    let desc = c.words("areaDesc", found);
    let mut area = Area::default();
    let odd = |found: &mut Found, path: String, node: &Node, mend: &'static str| {
        let what = format!("{:?} cannot be drawn", cut(node.trimmed()));
        found.warn(Flaw::new(path, "shape", what, mend).at(node.line));
    };
    for (n, node) in c.many("polygon").into_iter().enumerate().filter(|(_, n)| !n.trimmed().is_empty()) {
        match Ring::parse(node.trimmed()).filter(|ring| ring.flaw().is_none()) {
            Some(ring) => area.polygons.push(ring),
            None => {
                odd(found, c.path(&format!("polygon[{}]", n + 1)), node, rules::POLYGON);
                area.unread.push(node.trimmed().to_owned());
            }
        }
    }
    for (n, node) in c.many("circle").into_iter().enumerate().filter(|(_, n)| !n.trimmed().is_empty()) {
        match Circle::parse(node.trimmed()) {
            Some(circle) => area.circles.push(circle),
            None => {
                odd(found, c.path(&format!("circle[{}]", n + 1)), node, rules::CIRCLE);
                area.unread.push(node.trimmed().to_owned());
            }
        }
    }
    area.geocodes = pairs(&mut c, "geocode", version, found);
    for (name, into) in [("altitude", &mut area.altitude), ("ceiling", &mut area.ceiling)] {
        let Some(node) = c.maybe(name) else { continue };
        let text = node.trimmed();
        if version == Version::V1_2 && !rules::is_decimal(text) {
            let what = format!("{:?} is no decimal number", cut(text));
            found.wrong(Flaw::new(c.path(name), "number", what, "write feet above sea level").at(node.line));
        }
        *into = Some(text.to_owned()).filter(|t| !t.is_empty());
    }
    c.end(found);
    area.desc = desc?;
    Some(area)
}

/// `valueName` and `value`; in CAP 1.0 `NAME=VALUE`.
fn pairs(c: &mut Children<'_>, name: &str, version: Version, found: &mut Found) -> Vec<Pair> {
    let mut out = Vec::new();
    let path = c.path(name);
    for (n, node) in c.many(name).into_iter().enumerate() {
        if version == Version::V1_0 {
            let text = node.trimmed();
            let (name, value) = text.split_once('=').unwrap_or(("", text));
            out.push(Pair::new(name.trim(), value.trim()));
            continue;
        }
        let mut c = Children::of(node, format!("{path}[{}]", n + 1));
        let (name, value) = (c.words("valueName", found), c.words("value", found));
        c.end(found);
        if let (Some(name), Some(value)) = (name, value) {
            out.push(Pair { name, value });
        }
    }
    out
}

fn references(node: &Node, version: Version, found: &mut Found) -> Vec<Reference> {
    let mut out = Vec::new();
    for text in node.trimmed().split_ascii_whitespace() {
        let parts: Vec<&str> = text.split(',').collect();
        let read = match (version, parts.as_slice()) {
            (Version::V1_0, [one]) => one.split_once('/').map(|(identifier, sender)| (sender, identifier, None)),
            (_, [sender, identifier, sent]) => {
                Moment::lenient(sent).map(|(sent, _)| (*sender, *identifier, Some(sent)))
            }
            _ => None,
        };
        match read.filter(|(sender, identifier, _)| !sender.is_empty() && !identifier.is_empty()) {
            Some((sender, identifier, sent)) => {
                out.push(Reference { sender: sender.to_owned(), identifier: identifier.to_owned(), sent });
            }
            None => {
                let what = format!("{:?} names no message", cut(text));
                found.warn(Flaw::new("alert/references", "reference", what, rules::REFERENCE).at(node.line));
            }
        }
    }
    out
}

fn texts(nodes: Vec<&Node>) -> Vec<String> {
    nodes.into_iter().map(|n| n.trimmed().to_owned()).filter(|t| !t.is_empty()).collect()
}

/// One of the words the schema has. Blanks around it make it another word, as the schema has it.
fn word<T: Copy + std::fmt::Display>(
    node: Option<&Node>,
    path: &str,
    parse: impl Fn(&str) -> Option<T>,
    all: &[T],
    found: &mut Found,
) -> Option<T> {
    let node = node?;
    let read = parse(&node.text);
    if read.is_none() {
        let words = all.iter().map(T::to_string).collect::<Vec<_>>().join(", ");
        let what = format!("{:?} is not one of {words}", cut(&node.text));
        found.wrong(Flaw::new(path, "word", what, "write one of these words, exactly so").at(node.line));
    }
    read
}

fn moment(node: &Node, path: String, version: Version, found: &mut Found) -> Option<Moment> {
    let read = match version {
        Version::V1_2 => Moment::strict(&node.text).map(|m| (m, false)),
        _ => Moment::lenient(&node.text),
    };
    match read {
        Some((moment, assumed)) => {
            if assumed {
                let mend = "write the offset from UTC; it is taken for UTC";
                found.warn(Flaw::new(path, "date", "the date has no zone", mend).at(node.line));
            }
            Some(moment)
        }
        None => {
            let what = format!("{:?} is no date", cut(node.trimmed()));
            found.wrong(Flaw::new(path, "date", what, rules::DATE).at(node.line));
            None
        }
    }
}
