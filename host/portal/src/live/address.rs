//! The address of a page as a stream asks for it.

use super::audience::Audience;
use crate::api::{Declared, ask, form, query};
use crate::appearance::Appearance;
use crate::layer;
use crate::state::App;
use crate::words::Locale;
use axum::http::{HeaderMap, Uri};
use changzhi_gate::{Look, Session};
use changzhi_model::{Seq, body};

/// Longest address.
const LONGEST: usize = 1_024;

/// What a browser shows of a page already.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Since {
    /// The page as it was at a revision.
    Page(Seq),
    /// Everything up to the event with this id.
    Event(String),
}

/// What a stream asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Wanted {
    pub(super) address: String,
    pub(super) since: Since,
}

impl Wanted {
    /// `REVISION:ADDRESS` or `EVENT-ID:ADDRESS`.
    fn of(text: &str) -> Option<Wanted> {
        let (since, address) = text.split_once(':')?;
        let since = match since.parse() {
            Ok(rev) => Since::Page(Seq(rev)),
            Err(_) if since.contains('-') => Since::Event(since.to_owned()),
            Err(_) => return None,
        };
        let decent =
            address.starts_with("/p/") && address.len() <= LONGEST && address.bytes().all(|b| b.is_ascii_graphic());
        decent.then(|| Wanted { address: address.to_owned(), since })
    }

    /// What the query of a stream asks for. Too many or malformed ones are left out: the others are still served.
    pub(super) fn all(raw: &str, most: usize) -> Vec<Wanted> {
        let Ok(pairs) = body::pairs(raw.as_bytes()) else { return Vec::new() };
        let mut all: Vec<Wanted> = Vec::new();
        for wanted in pairs.iter().filter(|(name, _)| name == "t").filter_map(|(_, text)| Wanted::of(text)) {
            if all.len() < most && all.iter().all(|w| w.address != wanted.address) {
                all.push(wanted);
            }
        }
        all
    }
}

/// `z=1`: the reader unpacks sections that come packed.
pub(super) fn unpacks(raw: &str) -> bool {
    body::pairs(raw.as_bytes()).is_ok_and(|pairs| pairs.iter().any(|(name, value)| name == "z" && value == "1"))
}

/// A page somebody may look at, and with whom its renderings are shared.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) address: String,
    pub(super) audience: Audience,
    /// For the account itself.
    pub(super) look: Look,
}

/// Passes the gate as opening the page does. `None`: this may not be seen, or is not there.
pub(super) fn resolve(app: &App, session: &Session, headers: &HeaderMap, address: &str) -> Option<Place> {
    let uri: Uri = address.parse().ok()?;
    let mut parts = uri.path().strip_prefix("/p/")?.split('/');
    let (plugin, view, None) = (parts.next()?, parts.next()?, parts.next()) else { return None };
    let all = form(uri.query().unwrap_or("").as_bytes()).ok()?;
    let purpose = all.iter().find(|(name, _)| name == "_purpose").map(|(_, p)| p.clone());
    let given = Declared { purpose, ..Declared::default() };
    let locale: Locale = layer::locale(&uri, headers);
    let pairs = query(uri.query()).ok()?;
    let look = app
        .gate
        .look(session, &ask(plugin, view, &given, locale), |params| body::parse_form(params, &pairs, &app.options.zone))
        .ok()?;
    let audience = Audience::of(&look, locale, Appearance::of(&uri, headers));
    Some(Place { address: address.to_owned(), audience, look })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_malformed_or_too_much_is_left_out() {
        let long = format!("t=1:/p/{}", "x".repeat(LONGEST));
        let raw = format!(
            "t=5:/p/a/b%3Fx%3D1&t=ab-7:/p/c/d&t=:/p/c/e&t=x:/p/e/f&t=1:/admin&t=7:/p/a/b%3Fx%3D1&t=1://evil&t&{long}&t=2:/p/g/h"
        );
        let all = Wanted::all(&raw, 3);
        let said: Vec<_> = all.iter().map(|w| (w.address.as_str(), w.since.clone())).collect();
        assert_eq!(
            said,
            [
                ("/p/a/b?x=1", Since::Page(Seq(5))),
                ("/p/c/d", Since::Event("ab-7".into())),
                ("/p/g/h", Since::Page(Seq(2))),
            ]
        );
    }
}
