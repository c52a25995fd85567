//! The journal's head, and a check of all of it that can be watched and stopped.

use super::{admin, framed, see_other, sent};
use crate::journal_check::Checking;
use crate::layer::About;
use crate::pages::act::{Sent, button, read};
use crate::state::App;
use axum::Extension;
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
    let visit = admin(&app, &headers, &about)?;
    let voice = visit.voice("");
    let say = |key: &str| voice.say(key);
    let (fresh, trail) = (app.town.fresh(), app.town.trail());
    let now = app.check.now();
    let begin = || button(&visit, "/admin/journal", &say("journal-check"), "primary", &[("do", "begin".into())]);
    let main = html! {
        dl {
            dt { (say("admin-head")) } dd { (fresh.durable) }
            dt { (say("admin-revision")) } dd { (fresh.revision) }
            dt { (say("status-trail")) } dd { (trail.upto()) @if trail.upto() < fresh.durable { " · " (say("trail-behind")) } }
        }
        h2 { (say("journal-check-title")) }
        p { (say("journal-check-note")) }
        @match &now {
            Checking::Never => { (begin()) },
            Checking::Running { done, total, stopping } => {
                p role="status" {
                    span.progress {
                        progress aria-label=(say("journal-check-title")) max=(total.0.max(1)) value=(done.0.min(total.0)) {}
                        span.num { (done) " / " (total) }
                    }
                }
                @if *stopping { p.muted { (say("journal-stopping")) } } @else {
                    (button(&visit, "/admin/journal", &say("job-cancel"), "danger", &[("do", "stop".into())]))
                }
                p { a href="/admin/journal" { (say("job-again")) } }
            },
            Checking::Ended(Ok(found)) => {
                p.notice.(if found.complete { "good" } else { "warning" }) role="status" {
                    (say(if found.complete { "journal-whole" } else { "journal-stopped" })) " " (found.seq)
                }
                dl { dt { (say("journal-chain")) } dd { code { (hex::encode(found.chain)) } } }
                (begin())
            },
            Checking::Ended(Err(reason)) => {
                p.notice.danger role="alert" { (say("journal-damaged")) " " (reason) }
                (begin())
            },
        }
    };
    let running = matches!(now, Checking::Running { .. });
    Ok(framed(&app, &visit, &say("admin-journal"), running, main))
}

pub(super) async fn check(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Sent,
) -> Result<Response, Response> {
    let visit = admin(&app, &headers, &about)?;
    let pairs = read(&app, &visit, &headers, bytes).map_err(IntoResponse::into_response)?;
    match sent(&pairs, "do") {
        Some("begin") => app.check.begin(Arc::clone(&app.town)),
        Some("stop") => app.check.stop(),
        _ => {}
    }
    Ok(see_other("/admin/journal"))
}
