//! Signing in and out.

use super::{Visit, layout, see_other, sent};
use crate::api::{body_problem, form as read_form, is_form};
use crate::auth::{self, FORM_COOKIE, cookie, cookie_name, set_cookie};
use crate::layer::About;
use crate::problem::Problem;
use crate::state::{App, Peer};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use changzhi_gate::{Gate, GateRefusal};
use maud::html;
use std::sync::Arc;

pub(super) async fn form(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
) -> Response {
    let revoked = auth::was_revoked(&app, &headers);
    let mut response = show(&app, &about, "", None, revoked);
    // Said once; the sign-in it came with is of no more use.
    if let Some(gone) =
        revoked.then(|| set_cookie(&app.options, cookie_name(&app.options), "", Some(0)).parse().ok()).flatten()
    {
        response.headers_mut().append(header::SET_COOKIE, gone);
    }
    response
}

/// `wiped`: what this device kept is gone, and the page's script sees to it where the browser does not.
fn show(app: &App, about: &About, login: &str, wrong: Option<Problem>, wiped: bool) -> Response {
    let made = app.made();
    let voice = made.words.voice("", about.locale);
    let secret = Gate::fresh_secret();
    let title = voice.say("core-sign-in");
    let main = html! {
        h1 { (title) }
        @if wiped { p.notice.warning role="status" data-wipe { (voice.say("outbox-revoked")) } }
        @if let Some(problem) = &wrong {
            div.summary role="alert" { p { (problem.title(&voice)) } p { (problem.mend(&voice)) } }
        }
        form.stack method="post" action="/sign-in" novalidate {
            input type="hidden" name="_csrf" value=(Gate::csrf(&secret));
            label { (voice.say("core-login")) input name="login" value=(login) autocomplete="username" autocapitalize="none" required; }
            label { (voice.say("core-password")) input type="password" name="password" autocomplete="current-password" required; }
            button.primary { (title) }
        }
        p { a href="/report" { (voice.say("report-open")) } " · " a href="/track" { (voice.say("track-find")) } }
    };
    let status = wrong.as_ref().and_then(|p| StatusCode::from_u16(p.status).ok()).unwrap_or(StatusCode::OK);
    let cookie = set_cookie(&app.options, FORM_COOKIE, &secret, Some(3600));
    (status, AppendHeaders([(header::SET_COOKIE, cookie)]), layout(app, about.appearance, &voice, None, &title, &main))
        .into_response()
}

pub(super) async fn submit(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    is_form(&headers)?;
    let pairs = read_form(&bytes.map_err(|e| body_problem(&e, app.options.body))?)?;
    let secret = cookie(&headers, FORM_COOKIE).unwrap_or("");
    let token = sent(&pairs, "_csrf").unwrap_or("");
    if secret.is_empty() || !auth::same_origin(&headers, false) || !Gate::csrf_fits(secret, token) {
        return Err(Problem::new(403, "cross-site", "the form was not made by this page, or is too old"));
    }
    let login = sent(&pairs, "login").unwrap_or("").to_owned();
    let password = sent(&pairs, "password").unwrap_or("").to_owned();
    let device = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
    let (gate, kept) = (Arc::clone(&app.gate), login.clone());
    let client = changzhi_gate::Client { address: peer.ip().to_string(), device };
    let signed = tokio::task::spawn_blocking(move || gate.sign_in(&login, &password, client)).await;
    match signed.unwrap_or_else(|_| Err(GateRefusal::Unavailable("the host is stopping".into()))) {
        Ok(signed) => {
            let mut response = see_other("/");
            let session = set_cookie(&app.options, cookie_name(&app.options), &signed.cookie, None);
            let gone = set_cookie(&app.options, FORM_COOKIE, "", Some(0));
            for c in [session, gone] {
                if let Ok(c) = c.parse() {
                    response.headers_mut().append(header::SET_COOKIE, c);
                }
            }
            Ok(response)
        }
        Err(refusal) => Ok(show(&app, &about, &kept, Some(Problem::of_gate(refusal, "")), false)),
    }
}

pub(super) async fn out(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = read_form(&bytes).map_err(IntoResponse::into_response)?;
    visit.guard(&headers, sent(&pairs, "_csrf")).map_err(IntoResponse::into_response)?;
    app.gate.sign_out(&visit.cookie);
    let mut response = see_other("/sign-in");
    if let Ok(c) = set_cookie(&app.options, cookie_name(&app.options), "", Some(0)).parse() {
        response.headers_mut().append(header::SET_COOKIE, c);
    }
    Ok(response)
}
