//! My own account: what I may, from where I am signed in, what I lent, what I did, and who looked at what is mine.

mod actions;
mod delegations;
mod looks;
mod password;
mod reach;
mod sessions;
mod tokens;
mod words;

pub(crate) use looks::{LOG as LOOK_LOG, looked_fields};

use super::{Visit, layout, paint};
use crate::layer::About;
use crate::state::App;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use maud::{Markup, html};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/me", get(page))
        .route("/me/password", get(password::page).post(password::change))
        .route("/me/sessions", get(sessions::page))
        .route("/me/sessions/end", post(sessions::end))
        .route("/me/tokens", get(tokens::page).post(tokens::create))
        .route("/me/tokens/revoke", post(tokens::revoke))
        .route("/me/delegations", get(delegations::page).post(delegations::create))
        .route("/me/delegations/end", post(delegations::end))
        .route("/me/reach", get(reach::page).post(reach::set))
        .route("/me/reach/add", post(reach::add))
        .route("/me/reach/end", post(reach::end))
        .route("/me/words", get(words::page).post(words::set))
        .route("/me/actions", get(actions::page))
        .route("/me/looks", get(looks::page))
}

const PAGES: [(&str, &str); 9] = [
    ("/me", "me-title"),
    ("/me/password", "me-password"),
    ("/me/sessions", "me-sessions"),
    ("/me/tokens", "me-tokens"),
    ("/me/delegations", "me-delegations"),
    ("/me/reach", "me-reach"),
    ("/me/words", "me-words"),
    ("/me/actions", "me-actions"),
    ("/me/looks", "me-looks"),
];

/// One of these pages, with the way to the others.
fn framed(app: &App, visit: &Visit, title: &str, main: Markup) -> Markup {
    let host = visit.voice("");
    let main = html! {
        nav.ways aria-label=(host.say("me-title")) { ul { @for (to, key) in PAGES {
            li { a href=(to) aria-current=[(*visit.path == *to).then_some("page")] { (host.say(key)) } }
        } } }
        h1 { (title) }
        (main)
    };
    layout(app, visit.appearance, &host, Some(visit), title, &main)
}

/// What a command is called, in the words of its plugin; what the host does by itself has words of its own.
pub(super) fn command_label(visit: &Visit, plugin: &str, command: &str) -> String {
    let voice = visit.voice(plugin);
    let manifest = visit.made.manifests().iter().find(|m| m.id == plugin);
    if let Some(decl) = manifest.and_then(|m| m.command(command)) {
        return voice.name(&decl.label);
    }
    if let Some(job) = manifest.and_then(|m| m.job(command)) {
        return voice.name(&job.label);
    }
    paint::coded(&visit.voice(""), "deed", command)
}

/// Where a role holds, in words.
pub(super) fn where_held(app: &App, visit: &Visit, division: Option<changzhi_model::EntityId>) -> String {
    division.map_or_else(|| visit.voice("").say("me-whole-city"), |d| paint::place_name(app, d))
}

async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let host = visit.voice("");
    let say = |key: &str| host.say(key);
    let s = &visit.session;
    let heads = ["me-role", "me-where", "me-by"].map(say);
    let mut rows: Vec<(String, Vec<Markup>)> = s
        .held
        .iter()
        .map(|h| {
            let role = paint::coded(&host, "role", &h.role);
            let lent = s.lent.iter().find(|l| l.held == *h);
            let by = html! { @match lent {
                Some(l) => { (say("me-lent-by")) " " (paint::login(&app, l.giver)) " · " (say("delegation-until")) " " (paint::time(&app, l.until)) },
                None => { (say("me-granted")) },
            } };
            (role.clone(), vec![html! { (role) }, html! { (where_held(&app, &visit, h.division)) }, by])
        })
        .collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let rows: Vec<_> = rows.into_iter().map(|r| r.1).collect();
    let main = html! {
        dl {
            dt { (say("core-login")) } dd { (s.login) }
            dt { (say("host-field-name")) } dd { (app.gate.own_name(s).unwrap_or_default()) }
            dt { (say("me-number")) } dd { (s.account) }
        }
        h2 { (say("me-roles")) }
        @if rows.is_empty() { p.muted { (say("me-no-roles")) } } @else { (paint::table(&heads, &rows)) }
        h2 { (say("me-purposes")) }
        @if s.purposes.is_empty() { p.muted { (say("me-no-purposes")) } } @else {
            ul { @for p in &s.purposes { li { (paint::coded(&host, "purpose", p)) } } }
        }
    };
    Ok(framed(&app, &visit, &say("me-title"), main).into_response())
}
