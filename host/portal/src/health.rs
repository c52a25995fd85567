//! Is it alive, can it work, how is it doing.

use crate::state::App;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::Arc;

/// The process answers; nothing more.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// 200 while the journal takes commands and something beside the host is installed; else 503 with the reason.
pub(crate) async fn readyz(State(app): State<Arc<App>>) -> Response {
    let s = app.town.standing();
    let plugins: Vec<_> =
        s.plugins.iter().map(|p| json!({"id": p.id, "version": p.version, "breaker": p.breaker})).collect();
    let ready = s.failed.is_none() && !plugins.is_empty();
    let body = json!({
        "ready": ready,
        "journal": {"alive": s.failed.is_none(), "failed": s.failed, "durable": s.durable.0, "revision": s.revision.0},
        "snapshot": {"revision": s.snapshot.map(|s| s.0), "behind": s.durable.0.saturating_sub(s.snapshot.map_or(0, |s| s.0))},
        "plugins": plugins,
        // A city without its broker works on, but its buttons on walls do not ring.
        "mqtt": app.options.buttons.as_ref().map(|line| line.look().is_up()),
    });
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(body)).into_response()
}

pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let text = app.metrics.text(&app);
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response()
}
