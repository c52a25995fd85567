//! What the standard asks for beyond its schema. One list, used before anything is submitted, approved or written.

use crate::flaw::{Flaw, cut};
use crate::model::{Alert, Area, Info, MsgType, Reference, Scope, Status};
use crate::moment::Moment;
use crate::tree::is_xml;

pub(crate) const POLYGON: &str = "write lat,lon pairs with blanks between them, at least four, the last the same as the first, without crossing lines";
pub(crate) const CIRCLE: &str = "write lat,lon and the radius in kilometres: 28.68,115.9 2.5";
pub(crate) const REFERENCE: &str = "write sender,identifier,sent for each message, with blanks between them";
pub(crate) const DATE: &str = "write it like 2026-01-31T08:00:00+08:00: no Z, no fractions of a second";
const PLAIN: &str = "write plain text: no tags, no entities";

/// `xs:language`.
pub fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or("");
    let fits = |part: &str| (1..=8).contains(&part.len());
    fits(first)
        && first.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| fits(part) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// `xs:decimal`.
pub(crate) fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    all(whole) && all(part) && !(whole.is_empty() && part.is_empty())
}

/// A whole URI (RFC 3986), in ASCII: what validators of `xs:anyURI` all take.
pub fn is_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let known = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b);
    let escaped = rest.split('%').skip(1).all(|t| t.len() >= 2 && t.bytes().take(2).all(|b| b.is_ascii_hexdigit()));
    scheme.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+.-".contains(&b))
        && !rest.is_empty()
        && rest.bytes().all(known)
        && rest.bytes().filter(|b| *b == b'#').count() < 2
        && !rest.contains(['[', ']'])
        && escaped
}

/// A tag or an entity of HTML, as it stands in the text.
pub fn html(text: &str) -> Option<&str> {
    let next = |at: usize, ok: fn(char) -> bool| text.get(at + 1..).and_then(|t| t.chars().next()).is_some_and(ok);
    for (at, c) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        let short = || rest.split_inclusive(['>', ';']).next().filter(|t| t.len() <= 80);
        match c {
            '<' if next(at, |c| c.is_ascii_alphabetic() || c == '/' || c == '!') => {
                if let Some(tag) = short().filter(|t| t.ends_with('>')) {
                    return Some(tag);
                }
            }
            '&' if next(at, |c| c.is_ascii_alphabetic() || c == '#') => {
                if let Some(entity) = short().filter(|t| t.len() <= 12 && t.ends_with(';') && !t.contains(' ')) {
                    return Some(entity);
                }
            }
            _ => {}
        }
    }
    None
}

/// Every rule. Empty: it may be written and sent.
pub fn check(alert: &Alert) -> Vec<Flaw> {
    let mut out = Vec::new();
    head(alert, &mut out);
    references(alert, &mut out);
    for (n, info) in alert.infos.iter().enumerate() {
        self::info(info, alert, &format!("alert/info[{}]", n + 1), &mut out);
    }
    languages(alert, &mut out);
    out
}

/// What is odd about a message of somebody else: nothing that the page of it should keep quiet about.
pub(crate) fn odd(alert: &Alert) -> Vec<Flaw> {
    let known = ["reference-late", "html", "same-text", "restriction", "addresses", "ends-early", "no-reference"];
    check(alert).into_iter().filter(|f| known.contains(&f.rule)).take(50).collect()
}

fn head(alert: &Alert, out: &mut Vec<Flaw>) {
    for (path, text) in [("alert/identifier", &alert.identifier), ("alert/sender", &alert.sender)] {
        let wrong = |c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | '<' | '&');
        if text.is_empty() || text.contains(wrong) || text.len() > 200 {
            let mend = "write 1 to 200 characters without blanks, commas, < and &";
            out.push(Flaw::new(path, "name", format!("{:?} is no name", cut(text)), mend));
        }
    }
    match (alert.scope, &alert.restriction) {
        (Scope::Restricted, None) => {
            out.push(Flaw::new(
                "alert/restriction",
                "restriction",
                "is missing",
                "say the rule of the restricted scope",
            ));
        }
        (Scope::Public | Scope::Private, Some(_)) => {
            let mend = "take it out, or make the scope Restricted";
            out.push(Flaw::new(
                "alert/restriction",
                "restriction",
                "stands beside another scope than Restricted",
                mend,
            ));
        }
        _ => {}
    }
    if alert.scope == Scope::Private && alert.addresses.is_none() {
        out.push(Flaw::new("alert/addresses", "addresses", "is missing", "name whom the private message is for"));
    }
    if alert.infos.is_empty() && matches!(alert.message, MsgType::Alert | MsgType::Update) {
        out.push(Flaw::new("alert/info", "info", "is missing", "say what the alert is about"));
    }
    if alert.message == MsgType::Error && alert.note.is_none() {
        out.push(Flaw::new("alert/note", "note", "is missing", "say why the message was rejected"));
    }
    if alert.status == Status::Exercise && alert.note.is_none() {
        out.push(Flaw::new("alert/note", "note", "is missing", "name the exercise"));
    }
    let texts = [
        ("source", &alert.source),
        ("restriction", &alert.restriction),
        ("addresses", &alert.addresses),
        ("note", &alert.note),
        ("incidents", &alert.incidents),
    ];
    for (name, text) in texts {
        plain(&format!("alert/{name}"), text.as_deref(), out);
    }
    alert.codes.iter().for_each(|code| named("alert/code", code, out));
}

fn references(alert: &Alert, out: &mut Vec<Flaw>) {
    let path = "alert/references";
    if alert.references.is_empty() && !matches!(alert.message, MsgType::Alert) {
        let what = format!("is missing in a message of the type {}", alert.message);
        out.push(Flaw::new(path, "no-reference", what, REFERENCE));
    }
    for (n, reference) in alert.references.iter().enumerate() {
        if reference.sender == alert.sender && reference.identifier == alert.identifier {
            out.push(Flaw::new(
                path,
                "reference-late",
                "the message refers to itself",
                "refer to earlier messages only",
            ));
        } else if reference.sent.is_none_or(|sent| sent.seconds() >= alert.sent.seconds()) {
            // Who refers only to what was sent before cannot be part of a circle.
            let what = format!("{:?} was not sent before this message", cut(&reference.to_string()));
            out.push(Flaw::new(path, "reference-late", what, "refer to earlier messages only"));
        }
        let wrong = |t: &str| t.is_empty() || t.contains(|c: char| c.is_whitespace() || c == ',' || !is_xml(c));
        if wrong(&reference.sender) || wrong(&reference.identifier) {
            out.push(Flaw::new(path, "reference", "a part of it is empty or has blanks or commas", REFERENCE));
        }
        let same = |r: &Reference| r.sender == reference.sender && r.identifier == reference.identifier;
        if alert.references.iter().take(n).any(|r| same(r) && r.sent == reference.sent) {
            out.push(Flaw::new(path, "reference", "the same message is named twice", "name each message once"));
        }
    }
}

fn info(info: &Info, alert: &Alert, path: &str, out: &mut Vec<Flaw>) {
    let at = |name: &str| format!("{path}/{name}");
    if !is_language(&info.language) {
        let what = format!("{:?} is no language", cut(&info.language));
        out.push(Flaw::new(at("language"), "word", what, "write a tag such as zh-CN or en"));
    }
    if info.categories.is_empty() {
        out.push(Flaw::new(at("category"), "order", "is missing", "say at least one"));
    }
    named(&at("event"), &info.event, out);
    let texts = [
        ("audience", &info.audience),
        ("senderName", &info.sender_name),
        ("headline", &info.headline),
        ("description", &info.description),
        ("instruction", &info.instruction),
        ("contact", &info.contact),
    ];
    for (name, text) in texts {
        plain(&at(name), text.as_deref(), out);
    }
    address(&at("web"), info.web.as_deref(), out);
    dates(info, alert.sent, path, out);
    for (name, pairs) in [("eventCode", &info.event_codes), ("parameter", &info.parameters)] {
        for (n, pair) in pairs.iter().enumerate() {
            let path = at(&format!("{name}[{}]", n + 1));
            named(&format!("{path}/valueName"), &pair.name, out);
            named(&format!("{path}/value"), &pair.value, out);
        }
    }
    for (n, resource) in info.resources.iter().enumerate() {
        let path = at(&format!("resource[{}]", n + 1));
        named(&format!("{path}/resourceDesc"), &resource.desc, out);
        named(&format!("{path}/mimeType"), resource.mime.as_deref().unwrap_or(""), out);
        address(&format!("{path}/uri"), resource.uri.as_deref(), out);
        for (name, text) in [("derefUri", &resource.deref_uri), ("digest", &resource.digest)] {
            plain(&format!("{path}/{name}"), text.as_deref(), out);
        }
    }
    for (n, area) in info.areas.iter().enumerate() {
        self::area(area, &at(&format!("area[{}]", n + 1)), out);
    }
}

fn dates(info: &Info, sent: Moment, path: &str, out: &mut Vec<Flaw>) {
    let begins = info.effective.unwrap_or(sent).seconds();
    if let Some(expires) = info.expires
        && (expires.seconds() <= begins || info.onset.is_some_and(|onset| expires.seconds() < onset.seconds()))
    {
        let what = format!("{expires} is not after it begins");
        let mend = "let it end after it is sent, in effect and expected to begin";
        out.push(Flaw::new(format!("{path}/expires"), "ends-early", what, mend));
    }
}

fn area(area: &Area, path: &str, out: &mut Vec<Flaw>) {
    named(&format!("{path}/areaDesc"), &area.desc, out);
    for (n, ring) in area.polygons.iter().enumerate() {
        if let Some(why) = ring.flaw() {
            out.push(Flaw::new(format!("{path}/polygon[{}]", n + 1), "polygon", why, POLYGON));
        }
    }
    for (n, pair) in area.geocodes.iter().enumerate() {
        let path = format!("{path}/geocode[{}]", n + 1);
        named(&format!("{path}/valueName"), &pair.name, out);
        named(&format!("{path}/value"), &pair.value, out);
    }
    for (name, text) in [("altitude", &area.altitude), ("ceiling", &area.ceiling)] {
        if text.as_deref().is_some_and(|t| !is_decimal(t)) {
            out.push(Flaw::new(
                format!("{path}/{name}"),
                "number",
                "is no decimal number",
                "write feet above sea level",
            ));
        }
    }
    if area.ceiling.is_some() && area.altitude.is_none() {
        out.push(Flaw::new(format!("{path}/ceiling"), "number", "stands without an altitude", "say the altitude too"));
    }
    for shape in &area.unread {
        let what = format!("{:?} cannot be drawn", cut(shape));
        out.push(Flaw::new(format!("{path}/polygon"), "polygon", what, POLYGON));
    }
}

/// Two languages that say the same say it wrong in one of them.
fn languages(alert: &Alert, out: &mut Vec<Flaw>) {
    for (n, a) in alert.infos.iter().enumerate() {
        for (m, b) in alert.infos.iter().enumerate().skip(n + 1).filter(|(_, b)| b.language != a.language) {
            let parts = [
                ("headline", &a.headline, &b.headline),
                ("description", &a.description, &b.description),
                ("instruction", &a.instruction, &b.instruction),
            ];
            for (name, one, two) in parts {
                if one.is_some() && one == two {
                    let what = format!("is the same in {} and {}", cut(&a.language), cut(&b.language));
                    let mend = "say it in each language, or leave one of them out";
                    out.push(Flaw::new(format!("alert/info[{}]/{name}", m + 1), "same-text", what, mend));
                }
            }
        }
    }
}

/// A text that must be there.
fn named(path: &str, text: &str, out: &mut Vec<Flaw>) {
    if text.is_empty() {
        out.push(Flaw::new(path, "empty", "is empty", "fill it in"));
    }
    plain(path, Some(text), out);
}

fn address(path: &str, text: Option<&str>, out: &mut Vec<Flaw>) {
    if let Some(text) = text.filter(|t| !is_address(t)) {
        let what = format!("{:?} is no whole address", cut(text));
        out.push(Flaw::new(
            path,
            "address",
            what,
            "write a whole address such as https://…, with % for what is not ASCII",
        ));
    }
}

fn plain(path: &str, text: Option<&str>, out: &mut Vec<Flaw>) {
    let Some(text) = text else { return };
    if let Some(markup) = html(text) {
        out.push(Flaw::new(path, "html", format!("has markup: {}", cut(markup)), PLAIN));
    }
    if let Some(c) = text.chars().find(|c| !is_xml(*c)) {
        let what = format!("has the character U+{:04X}, which XML cannot say", u32::from(c));
        out.push(Flaw::new(path, "character", what, "take it out"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_known_from_plain_signs() {
        for (text, found) in [
            ("a<br/>b", Some("<br/>")),
            ("<a href='x'>", Some("<a href='x'>")),
            ("</p>", Some("</p>")),
            ("5 &lt; 6", Some("&lt;")),
            ("&#160;", Some("&#160;")),
            ("wind < 8 m/s & rain > 50 mm", None),
            ("A&B; C", None),
            ("水位<警戒值", None),
            ("P&G", None),
        ] {
            // `A&B;` looks like an entity and is refused as one: a writer can say it with a blank.
            let found = if text == "A&B; C" { Some("&B;") } else { found };
            assert_eq!(html(text), found, "{text}");
        }
    }

    #[test]
    fn addresses_are_whole_and_in_ascii() {
        for ok in ["https://example.gov.cn/a?b=1&c=%E9%9B%A8#x", "mailto:a@b.cn", "urn:oid:2.49.0.1.156", "data:,x"] {
            assert!(is_address(ok), "{ok}");
        }
        for no in
            ["", "x", "/a", ":a", "1a:b", "http:", "http://雨", "http://a b", "http://a/%e", "a:b#c#d", "http://a/<b>"]
        {
            assert!(!is_address(no), "{no}");
        }
    }

    #[test]
    fn languages_and_decimals_are_those_of_the_schema() {
        assert!(["zh-CN", "en", "x-klingon", "fr-CA"].iter().all(|t| is_language(t)));
        assert!(["", "zh_CN", "englishlanguage", "1a", "en-"].iter().all(|t| !is_language(t)));
        assert!(
            ["1", "-1.5", "+.5", "5."].iter().all(|t| is_decimal(t))
                && ["", ".", "1e3", "x"].iter().all(|t| !is_decimal(t))
        );
    }
}
