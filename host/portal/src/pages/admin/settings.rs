//! The settings in force and where each came from. No setting is a secret: what is one never reaches the settings.

use super::{admin, framed};
use crate::layer::About;
use crate::pages::paint;
use crate::state::App;
use crate::words::Locale;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use maud::html;
use std::sync::Arc;

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = admin(&app, &headers, &about)?;
    let voice = visit.voice("");
    let heads = ["settings-key", "settings-value", "settings-from", "settings-meaning"].map(|h| voice.say(h));
    let rows: Vec<_> = app
        .options
        .settings
        .iter()
        .map(|s| {
            let from = s.from.clone().unwrap_or_else(|| voice.say("settings-default"));
            let meaning = if voice.locale == Locale::Zh { &s.zh } else { &s.en };
            vec![html! { code { (s.key) } }, html! { code { (s.value) } }, html! { (from) }, html! { (meaning) }]
        })
        .collect();
    let main = html! {
        p { (voice.say("settings-note")) }
        @if rows.is_empty() { p.muted { (voice.say("settings-none")) } } @else { (paint::table(&heads, &rows)) }
    };
    Ok(framed(&app, &visit, &voice.say("admin-settings"), false, main))
}
