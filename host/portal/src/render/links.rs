//! Where a call of a plugin leads: always an address of our own.

use super::{Door, Here, Painter};
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
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            let digit = |n: u8| char::from(HEX.get(usize::from(n & 15)).copied().unwrap_or(b'0'));
            out.extend(['%', digit(b >> 4), digit(b)]);
        }
    }
}

/// A path with its query.
pub(crate) fn address<'p>(path: &str, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> String {
    let mut out = path.to_owned();
    let mut joint = '?';
    for (name, value) in pairs {
        out.push(joint);
        encode(name, &mut out);
        out.push('=');
        encode(value, &mut out);
        joint = '&';
    }
    out
}

impl Here {
    pub(crate) fn address(&self) -> String {
        address(&self.path, self.pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))
    }

    /// The same page with other values for some names; `None` takes one away.
    pub(crate) fn with(&self, other: &[(&str, Option<&str>)]) -> String {
        let kept = self.pairs.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        let kept = kept.filter(|(n, _)| !other.iter().any(|(o, _)| o == n));
        address(&self.path, kept.chain(other.iter().filter_map(|(n, v)| Some((*n, (*v)?)))))
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub(super) fn takes(&self, param: &str) -> bool {
        self.params.iter().any(|p| p == param)
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

/// Entities a call is about, as pairs of its arguments: what must not have changed since the page was made.
fn about(call: &Call) -> Vec<u64> {
    let mut out: Vec<u64> = call
        .args
        .iter()
        .filter_map(|a| match a.value {
            Value::Entity(e) => Some(e),
            _ => None,
        })
        .collect();
    out.truncate(8);
    out
}

impl Painter<'_> {
    /// `name` of this plugin, or `plugin/name` of another.
    fn room(&self, room: &str, call: &Call) -> String {
        let (plugin, name) = call.name.split_once('/').unwrap_or((self.plugin, &call.name));
        let mut out = format!("/{room}/");
        encode(plugin, &mut out);
        out.push('/');
        encode(name, &mut out);
        out
    }

    pub(super) fn command_address(&self, call: &Call) -> String {
        match self.here.door {
            Door::Account => self.room("do", call),
            Door::Matter => self.room("track/do", call),
            Door::Filing => self.here.path.clone(),
        }
    }

    pub(super) fn bulk_address(&self, call: &Call) -> String {
        self.room("bulk", call)
    }

    pub(super) fn view_address(&self, call: &Call) -> String {
        match self.here.door {
            Door::Account => {}
            // It is about the one matter whoever looks has the PIN of.
            Door::Matter => return self.room("track/see", call),
            Door::Filing => return self.here.path.clone(),
        }
        let path = self.room("p", call);
        let pairs = pairs(call);
        let purpose = (!self.purpose.is_empty()).then_some(("_purpose", self.purpose));
        address(&path, pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).chain(purpose))
    }

    /// Where a file the host keeps is opened, for the purpose this page was.
    pub(super) fn file_address(&self, file: u64) -> String {
        let purpose = (!self.purpose.is_empty()).then_some(("_purpose", self.purpose));
        address(&format!("/files/{file}"), purpose)
    }

    /// What every form carries beside its inputs.
    pub(super) fn hidden(&self, call: &Call) -> Markup {
        let about = about(call).iter().map(u64::to_string).collect::<Vec<_>>().join(" ");
        html! {
            input type="hidden" name="_csrf" value=(self.csrf);
            input type="hidden" name="_key" value=(fresh_key());
            input type="hidden" name="_back" value=(self.here.address());
            @if !about.is_empty() {
                input type="hidden" name="_rev" value=(self.rev.0);
                input type="hidden" name="_about" value=(about);
            }
            @if !self.purpose.is_empty() { input type="hidden" name="_purpose" value=(self.purpose); }
            // Names starting with _ are the portal's own.
            @for (name, value) in pairs(call).into_iter().filter(|(n, _)| !n.starts_with('_')) {
                input type="hidden" name=(name) value=(value);
            }
        }
    }
}
