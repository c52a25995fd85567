//! What makes the portal an app on a device: its manifest, its service worker, and the page for when there is no network.
//!
//! The worker (assets/js/service-worker.js) must live at the root to see pages; its version is the folder of our own files, so a
//! new build brings a new worker, which drops what the old one kept.

use super::assets::{self, OWN};
use super::layout;
use crate::layer::About;
use crate::problem::Problem;
use crate::state::App;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use maud::html;
use serde_json::json;
use std::sync::Arc;

pub(super) async fn manifest(State(app): State<Arc<App>>, Extension(about): Extension<About>) -> Response {
    let icon = |name: &str, sizes: &str, kind: &str, purpose: &str| json!({"src": format!("/assets/{OWN}/{name}"), "sizes": sizes, "type": kind, "purpose": purpose});
    let made = app.made();
    let voice = made.words.voice("", about.locale);
    let manifest = json!({
        "id": "/",
        "name": app.options.title,
        "short_name": app.options.title.split_whitespace().next(),
        "lang": about.locale.tag(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f4f6f9",
        "theme_color": "#a8071a",
        "shortcuts": [{"name": voice.say("sos-title"), "url": "/sos", "icons": [icon("icon-192.png", "192x192", "image/png", "any")]}],
        "icons": [
            icon("icon.svg", "any", "image/svg+xml", "any"),
            icon("icon-192.png", "192x192", "image/png", "any"),
            icon("icon-512.png", "512x512", "image/png", "any maskable"),
        ],
    });
    ([(header::CONTENT_TYPE, "application/manifest+json")], Json(manifest).into_response().into_body()).into_response()
}

pub(super) async fn worker() -> Result<Response, Problem> {
    let script = assets::own("service-worker.js").and_then(|bytes| std::str::from_utf8(bytes).ok());
    let script = script.ok_or_else(|| Problem::new(404, "not-found", "no such file"))?.replace("%BUILD%", OWN);
    let headers = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    Ok((headers, script).into_response())
}

/// Shown by the worker where nothing is kept; says nothing of anybody.
pub(super) async fn offline(State(app): State<Arc<App>>, Extension(about): Extension<About>) -> Response {
    let made = app.made();
    let voice = made.words.voice("", about.locale);
    let title = voice.say("offline-title");
    let main = html! { h1 { (title) } p { (voice.say("offline-text")) } p { a.button href="" { (voice.say("offline-again")) } } };
    layout(&app, about.appearance, &voice, None, &title, &main).into_response()
}
