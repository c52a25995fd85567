//! Small things many pages show: times, ages, lists with heads, receipts.

use crate::render::{TIME, time as local};
use crate::state::App;
use crate::words::Voice;
use changzhi_model::{EntityId, Micros};
use maud::{Markup, html};

/// A time in the city's zone, readable by machines as well.
pub(super) fn time(app: &App, at: Micros) -> Markup {
    html! { time datetime=(at.to_rfc3339()) { (local(at.0, &app.options.zone, TIME)) } }
}

/// Seconds in the largest unit that fits.
pub(super) fn span(voice: &Voice<'_>, seconds: i64) -> String {
    let (n, unit) = match seconds {
        s if s >= 86_400 => (s / 86_400, "unit-day"),
        s if s >= 3_600 => (s / 3_600, "unit-hour"),
        s if s >= 60 => (s / 60, "unit-minute"),
        s => (s, "unit-second"),
    };
    format!("{n} {}", voice.say(unit))
}

/// How long ago.
pub(super) fn ago(voice: &Voice<'_>, seconds: i64) -> String {
    let args = [("span", fluent_bundle::FluentValue::from(span(voice, seconds)))].into_iter().collect();
    voice.with("shell-ago", &args)
}

/// What was done, after the page a form led back to.
pub(super) fn receipt(voice: &Voice<'_>, pairs: &[(String, String)]) -> Markup {
    let seq = super::sent(pairs, "_done").filter(|s| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit()));
    html! {
        @if let Some(seq) = seq { p.notice.good role="status" { (voice.say("core-done")) " " code { (seq) } } }
    }
}

/// A table that turns into cards on a phone. Each row has one cell for each column.
pub(super) fn table(heads: &[String], rows: &[Vec<Markup>]) -> Markup {
    html! {
        div.scroll { table.view {
            thead { tr { @for head in heads { th scope="col" { (head) } } } }
            tbody { @for row in rows {
                tr { @for (head, cell) in heads.iter().zip(row) { td data-label=(head) { (cell) } } }
            } }
        } }
    }
}

/// The name of a role or purpose in the visitor's language; the code itself when it has none.
pub(super) fn coded(voice: &Voice<'_>, sort: &str, code: &str) -> String {
    let key = format!("{sort}-{code}");
    let said = voice.name(&key);
    if said == key { code.to_owned() } else { said }
}

pub(super) fn place_name(app: &App, place: EntityId) -> String {
    text_of(app, place, "host.place", "name")
}

/// The sign-in name of an account; a closed one has none.
pub(super) fn login(app: &App, account: EntityId) -> String {
    if account.is_none() { String::from("–") } else { text_of(app, account, "host.account", "login") }
}

fn text_of(app: &App, entity: EntityId, facet: &str, field: &str) -> String {
    let mut text = None;
    app.town.read(&mut |r| text = r.value(entity, facet, field).as_text().map(str::to_owned));
    text.unwrap_or_else(|| format!("#{entity}"))
}
