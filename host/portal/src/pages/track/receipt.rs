//! What somebody takes away after filing: code, PIN (told to the account that filed, for a quarter of an hour), and the address as a QR code, for paper.

use crate::api::Done;
use crate::layer::About;
use crate::pages::matter::numbers;
use crate::pages::{Visit, layout, sent};
use crate::problem::Problem;
use crate::render::address as with_query;
use crate::state::App;
use crate::words::Voice;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use changzhi_model::{EntityId, Manifest, body};
use maud::{Markup, PreEscaped, html};
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write as _;
use std::sync::Arc;

/// Light modules around the code, by its standard.
const QUIET: usize = 4;

/// Where a matter is followed; the code is in it, the PIN never.
pub(super) fn address(app: &App, headers: &HeaderMap, code: Option<&str>) -> String {
    let host = crate::open311::host(headers, app.options.tls);
    with_query(&format!("{host}/track"), code.map(|c| ("code", c)))
}

/// The number of a matter.
pub(super) fn code(app: &App, matter: EntityId, manifest: &Manifest) -> Option<String> {
    let mut found = None;
    app.town.read(&mut |r| {
        found =
            numbers(manifest).find_map(|(facet, field)| r.value(matter, &facet, &field).as_text().map(str::to_owned));
    });
    found
}

/// A QR code as a drawing: no picture is loaded. Nothing when the text is too long for one.
fn qr(text: &str, label: &str) -> Markup {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return html! {} };
    let (width, mut path) = (code.width(), String::new());
    for (at, _) in code.to_colors().iter().enumerate().filter(|(_, c)| **c == Color::Dark) {
        // Writing to a string does not fail.
        let _ = write!(path, "M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET);
    }
    let side = width + 2 * QUIET;
    html! {
        svg.qr viewBox={"0 0 " (side) " " (side)} role="img" aria-label=(label) {
            (PreEscaped(format!("<path d=\"{path}\"/>")))
        }
    }
}

/// The address, to be scanned or typed.
pub(super) fn card(voice: &Voice<'_>, address: &str) -> Markup {
    html! {
        section.panel.ticket {
            h2 { (voice.say("track-scan")) }
            (qr(address, &voice.say("track-scan")))
            p { code { (address) } }
            p.muted { (voice.say("track-scan-help")) }
        }
    }
}

/// Code, PIN (while it is told) and the address as a QR code, for the screen and for paper.
pub(crate) fn ticket(
    app: &App,
    headers: &HeaderMap,
    voice: &Voice<'_>,
    manifest: &Manifest,
    matter: EntityId,
    pin: Option<&str>,
) -> Markup {
    let code = code(app, matter, manifest);
    html! {
        dl.ticket {
            dt { (voice.say("track-code")) } dd { code.big { (code.as_deref().unwrap_or("–")) } }
            @if let Some(pin) = pin { dt { (voice.say("track-pin")) } dd { code.big { (pin) } } }
        }
        (card(voice, &address(app, headers, code.as_deref())))
    }
}

/// Where whoever filed is led: the key of the form is what the PIN can be told again by, to its own account.
pub(crate) fn filed_at(done: &Done, key: &str) -> String {
    let matter = done.answer.iter().find_map(|n| n.value.as_entity()).unwrap_or_default().to_string();
    with_query("/filed", [("matter", matter.as_str()), ("_key", key), ("_done", &done.seq.0.to_string())])
}

/// Code and PIN after filing; later the code alone.
pub(super) async fn filed(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = body::pairs(raw.unwrap_or_default().as_bytes()).unwrap_or_default();
    let matter = sent(&pairs, "matter").and_then(|m| m.parse().ok()).map(EntityId).unwrap_or_default();
    let pin = app.gate.pin_again(&visit.session, matter, sent(&pairs, "_key").unwrap_or(""));
    if pin.is_none() && !app.gate.filed(visit.session.account, matter) {
        return Err(Problem::new(404, "not-found", "there is nothing at this address").into_response());
    }
    let mut kind = None;
    app.town.read(&mut |r| kind = r.core(matter).map(|c| c.kind));
    let manifest = visit.made.manifests().iter().find(|m| m.kinds.iter().any(|k| Some(&k.name) == kind.as_ref()));
    let code = manifest.and_then(|m| code(&app, matter, m));
    let voice = visit.voice("");
    let title = voice.say("track-filed");
    let main = html! {
        h1 { (title) }
        p { (voice.say("track-filed-help")) }
        dl.ticket {
            dt { (voice.say("track-code")) } dd { code.big { (code.as_deref().unwrap_or("–")) } }
            @if let Some(pin) = &pin { dt { (voice.say("track-pin")) } dd { code.big { (pin) } } }
        }
        p.notice.warning { (voice.say(if pin.is_some() { "track-pin-once" } else { "track-lost" })) }
        (card(&voice, &address(&app, &headers, code.as_deref())))
        p { a href="/" { (voice.say("core-home")) } }
    };
    Ok(layout(&app, visit.appearance, &voice, Some(&visit), &title, &main).into_response())
}

#[cfg(test)]
mod tests {
    use super::qr;

    #[test]
    fn an_address_is_a_drawing_with_a_quiet_zone_and_says_what_it_is() {
        let drawn = qr("https://city.example/track?code=ABCDE-12345", "address").into_string();
        assert!(
            drawn.starts_with("<svg class=\"qr\" viewBox=\"0 0 ") && drawn.contains("aria-label=\"address\""),
            "{drawn}"
        );
        // The first corner mark begins after the quiet zone.
        assert!(drawn.contains("<path d=\"M4 4h1v1h-1z"), "{drawn}");
        assert!(qr(&"x".repeat(10_000), "too long").into_string().is_empty());
    }
}
