//! The two words of one's own alarms: the one that takes an alarm back, and the one that only looks as if it did. Each sets their own, both at
//! once; nobody else can set or see them, an administrator neither. The page never says whether there are any: whoever stands beside
//! somebody learns nothing from it.

use super::framed;
use crate::layer::About;
use crate::pages::act::{Sent, act, read, same, summary};
use crate::pages::{Visit, paint, see_other, sent};
use crate::problem::Problem;
use crate::render::fresh_key;
use crate::state::App;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use changzhi_model::body;
use maud::html;
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
    let say = |key: &str| voice.say(key);
    // Never what was typed before: words are typed anew, hidden from whoever stands beside.
    let field = |name: &str, label: &str, note: &str| {
        html! {
            label for={"f-" (name)} { (say(label)) }
            p.muted id={"n-" (name)} { (say(note)) }
            input id={"f-" (name)} type="password" name=(name) maxlength="64" autocomplete="off" aria-describedby={"n-" (name)} required;
        }
    };
    let main = html! {
        (paint::receipt(&voice, pairs))
        @if let Some(problem) = problem { (summary(problem, &voice)) }
        p { (say("words-note")) }
        form.stack method="post" action="/me/words" novalidate {
            input type="hidden" name="_csrf" value=(visit.csrf());
            input type="hidden" name="_key" value=(fresh_key());
            (field("safe", "host-field-safe", "words-safe-note"))
            (field("duress", "host-field-duress", "words-duress-note"))
            button.primary { (say("host-command-set-alarm-words")) }
        }
    };
    let status = problem.and_then(|p| StatusCode::from_u16(p.status).ok()).unwrap_or(StatusCode::OK);
    (status, framed(app, visit, &say("me-words"), main)).into_response()
}

pub(super) async fn set(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Sent,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = read(&app, &visit, &headers, bytes).map_err(IntoResponse::into_response)?;
    let body = vec![same(&pairs, "safe"), same(&pairs, "duress")];
    match act(&app, &visit, "set-alarm-words", body, sent(&pairs, "_key")).await {
        Ok((done, _)) => Ok(see_other(&format!("/me/words?_done={}", done.seq))),
        Err(problem) => Ok(show(&app, &visit, &[], Some(&problem))),
    }
}
