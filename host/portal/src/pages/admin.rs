//! What the administrator of the whole city sees of the host.

use super::{Visit, layout, see_other, sent};
use crate::api::{form as read_form, must_be_admin};
use crate::layer::About;
use crate::problem::Problem;
use crate::state::App;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use maud::html;
use std::sync::Arc;

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    must_be_admin(&visit.session).map_err(IntoResponse::into_response)?;
    let s = app.town.standing();
    let voice = visit.voice("");
    let say = |key: &str| voice.say(key);
    let title = say("core-admin");
    let main = html! {
        h1 { (title) }
        @if let Some(reason) = &s.failed { p.notice.danger role="alert" { (say("admin-failed")) " " (reason) } }
        dl {
            dt { (say("admin-head")) } dd { (s.durable.0) }
            dt { (say("admin-revision")) } dd { (s.revision.0) }
            dt { (say("admin-snapshot")) } dd { @match s.snapshot { Some(seq) => (seq.0), None => "–" } }
            dt { (say("admin-sessions")) } dd { (app.gate.sessions()) }
        }
        h2 { (say("admin-plugins")) }
        div.scroll { table {
            thead { tr { th { (say("admin-plugin")) } th { (say("admin-version")) } th { (say("admin-breaker")) } th.num { (say("admin-traps")) } th.num { (say("admin-kept")) } td {} } }
            tbody { @for p in &s.plugins {
                tr {
                    td data-label=(say("admin-plugin")) { (p.id) }
                    td data-label=(say("admin-version")) { (p.version) }
                    td data-label=(say("admin-breaker")) { (voice.name(&format!("breaker-{}", p.breaker))) }
                    td.num data-label=(say("admin-traps")) { (p.traps) }
                    td.num data-label=(say("admin-kept")) { (p.kept.len()) }
                    td { @if !p.kept.is_empty() || p.breaker != "closed" {
                        form method="post" action="/admin/retry" {
                            input type="hidden" name="_csrf" value=(visit.csrf());
                            input type="hidden" name="plugin" value=(p.id);
                            button { (say("admin-retry")) }
                        }
                    } }
                }
            } }
        } }
        @for p in s.plugins.iter().filter(|p| !p.kept.is_empty()) {
            h3 { (say("admin-kept")) " · " (p.id) }
            ul { @for k in &p.kept { li { code { (k.id) } " " (k.at) " " (k.reason) } } }
        }
        p { a href="/jobs" { (say("job-title")) } }
    };
    Ok(layout(&app, visit.appearance, &voice, Some(&visit), &title, &main).into_response())
}

pub(super) async fn retry(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let plugin = allowed(&visit, &headers, &bytes).map_err(IntoResponse::into_response)?;
    let town = Arc::clone(&app.town);
    let tried = tokio::task::spawn_blocking(move || town.retry(&plugin)).await;
    match tried {
        Ok(Ok(_)) => Ok(see_other("/admin")),
        Ok(Err(reason)) => Err(Problem::new(404, "not-found", reason).into_response()),
        Err(_) => Err(Problem::new(500, "bug", "the retry hit a bug of the host").into_response()),
    }
}

fn allowed(visit: &Visit, headers: &HeaderMap, bytes: &[u8]) -> Result<String, Problem> {
    must_be_admin(&visit.session)?;
    let pairs = read_form(bytes)?;
    visit.guard(headers, sent(&pairs, "_csrf"))?;
    Ok(sent(&pairs, "plugin").unwrap_or("").to_owned())
}
