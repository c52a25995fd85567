//! Where a call of a plugin leads: always an address of our own.

use super::Painter;
use crate::shape::{Call, Value};
use maud::{Markup, html};

/// A new idempotency key: pressing a button twice is one request.
pub(crate) fn fresh_key() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}

/// Percent-encodes all but unreserved characters.
fn encode(s: &str, out: &mut String) {
    for b in s.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
}

/// A value as a form sends it.
pub(super) fn sent(value: &Value) -> Option<String> {
    Some(match value {
        Value::None => return None,
        Value::Flag(b) => b.to_string(),
        Value::Int(i) => i.to_string(),
        Value::Num(n) => n.to_string(),
        Value::Text(s) => s.clone(),
        Value::Time(t) => changzhi_model::Micros(*t).to_rfc3339(),
        Value::Entity(e) => e.to_string(),
        Value::Point(p) => format!("{},{}", p.lon, p.lat),
    })
}

/// Arguments as pairs; a point is two.
pub(super) fn pairs(call: &Call) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for arg in &call.args {
        match &arg.value {
            Value::Point(p) => {
                out.push((format!("{}.lon", arg.name), p.lon.to_string()));
                out.push((format!("{}.lat", arg.name), p.lat.to_string()));
            }
            value => out.extend(sent(value).map(|v| (arg.name.clone(), v))),
        }
    }
    out
}

impl Painter<'_> {
    /// `name` of this plugin, or `plugin/name` of another.
    fn address(&self, room: &str, call: &Call) -> String {
        let (plugin, name) = call.name.split_once('/').unwrap_or((self.plugin, &call.name));
        let mut out = format!("/{room}/");
        encode(plugin, &mut out);
        out.push('/');
        encode(name, &mut out);
        out
    }

    pub(super) fn command_address(&self, call: &Call) -> String {
        self.address("do", call)
    }

    pub(super) fn view_address(&self, call: &Call) -> String {
        let mut out = self.address("p", call);
        let mut joint = '?';
        let purpose = (!self.purpose.is_empty()).then(|| ("_purpose".to_owned(), self.purpose.to_owned()));
        for (name, value) in pairs(call).into_iter().chain(purpose) {
            out.push(joint);
            encode(&name, &mut out);
            out.push('=');
            encode(&value, &mut out);
            joint = '&';
        }
        out
    }

    /// What every form carries beside its inputs.
    pub(super) fn hidden(&self, call: &Call) -> Markup {
        html! {
            input type="hidden" name="_csrf" value=(self.csrf);
            input type="hidden" name="_key" value=(fresh_key());
            input type="hidden" name="_back" value=(self.back);
            @if !self.purpose.is_empty() { input type="hidden" name="_purpose" value=(self.purpose); }
            // Names starting with _ are the portal's own.
            @for (name, value) in pairs(call).into_iter().filter(|(n, _)| !n.starts_with('_')) {
                input type="hidden" name=(name) value=(value);
            }
        }
    }
}
