//! Where this account is signed in, and a button to end each.

use super::framed;
use crate::layer::About;
use crate::pages::act::{Sent, button, read};
use crate::pages::{Visit, paint, see_other, sent};
use crate::state::App;
use crate::words::Voice;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use maud::html;
use std::sync::Arc;

/// What people call a device, out of what its browser calls itself. Only known words come out of it.
fn device(voice: &Voice<'_>, agent: &str) -> String {
    let first =
        |known: &[(&'static str, &'static str)]| known.iter().find(|(mark, _)| agent.contains(mark)).map(|k| k.1);
    let browser = first(&[
        ("MicroMessenger", "WeChat"),
        ("DingTalk", "DingTalk"),
        ("Edg", "Edge"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = first(&[
        ("HarmonyOS", "HarmonyOS"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (None, None) => voice.say("session-unknown"),
        (browser, system) => [browser, system].into_iter().flatten().collect::<Vec<_>>().join(" · "),
    }
}

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let voice = visit.voice("");
    let say = |key: &str| voice.say(key);
    let all = app.gate.sessions_of(visit.session.account, &visit.cookie);
    let heads = ["session-device", "session-address", "session-begun", "session-used", "session-end"].map(say);
    let rows: Vec<_> = all
        .iter()
        .map(|s| {
            let name = device(&voice, &s.device);
            let end = if s.own {
                html! { span.tag { (say("session-own")) } }
            } else {
                let label = format!("{} {name}", say("session-end"));
                button(&visit, "/me/sessions/end", &label, "danger", &[("id", s.id.clone())])
            };
            vec![html! { (name) }, html! { (s.address) }, paint::time(&app, s.begun), paint::time(&app, s.used), end]
        })
        .collect();
    let main = html! {
        p { (say("session-note")) }
        (paint::table(&heads, &rows))
        @if all.len() > 1 { (button(&visit, "/me/sessions/end", &say("session-end-others"), "danger", &[("id", "others".into())])) }
    };
    Ok(framed(&app, &visit, &say("me-sessions"), main).into_response())
}

pub(super) async fn end(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Sent,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = read(&app, &visit, &headers, bytes).map_err(IntoResponse::into_response)?;
    let account = visit.session.account;
    match sent(&pairs, "id") {
        Some("others") => {
            app.gate.end_other_sessions(account, &visit.cookie);
        }
        // One that has ended by itself meanwhile is what was wanted.
        Some(id) => {
            app.gate.end_session(account, id);
        }
        None => {}
    }
    Ok(see_other("/me/sessions"))
}
