//! Changing one's own password. All other sign-ins end with it: whoever knew the old one is out.

use super::framed;
use crate::layer::About;
use crate::pages::act::{Sent, act, pair, read, same, summary, wrong};
use crate::pages::{Visit, paint, see_other, sent};
use crate::problem::Problem;
use crate::render::fresh_key;
use crate::state::App;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use changzhi_gate::PASSWORD_MIN;
use changzhi_model::body;
use std::sync::Arc;

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = body::pairs(raw.unwrap_or_default().as_bytes()).unwrap_or_default();
    Ok(show(&app, &visit, &pairs, None))
}

fn show(app: &App, visit: &Visit, pairs: &[(String, String)], problem: Option<&Problem>) -> Response {
    let voice = visit.voice("");
    let title = voice.say("me-password");
    let field = |name: &str, label: &str, complete: &str| {
        maud::html! {
            label for={"f-" (name)} { (voice.say(label)) }
            input id={"f-" (name)} type="password" name=(name) autocomplete=(complete) required;
        }
    };
    let main = maud::html! {
        (paint::receipt(&voice, pairs))
        @if let Some(problem) = problem { (summary(problem, &voice)) }
        p { (voice.say("password-note")) " " (PASSWORD_MIN) }
        form.stack method="post" action="/me/password" novalidate {
            input type="hidden" name="_csrf" value=(visit.csrf());
            input type="hidden" name="_key" value=(fresh_key());
            (field("current", "host-field-current", "current-password"))
            (field("password", "password-new", "new-password"))
            (field("again", "password-again", "new-password"))
            button.primary { (title) }
        }
    };
    let status = problem.and_then(|p| StatusCode::from_u16(p.status).ok()).unwrap_or(StatusCode::OK);
    (status, framed(app, visit, &title, main)).into_response()
}

pub(super) async fn change(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Sent,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = read(&app, &visit, &headers, bytes).map_err(IntoResponse::into_response)?;
    let done = if sent(&pairs, "password") == sent(&pairs, "again") {
        let body = vec![pair("account", visit.session.account), same(&pairs, "password"), same(&pairs, "current")];
        act(&app, &visit, "set-password", body, sent(&pairs, "_key")).await
    } else {
        Err(wrong("password", "password-differ"))
    };
    match done {
        Ok((done, _)) => {
            app.gate.end_other_sessions(visit.session.account, &visit.cookie);
            Ok(see_other(&format!("/me/password?_done={}", done.seq)))
        }
        Err(problem) => Ok(show(&app, &visit, &[], Some(&problem))),
    }
}
