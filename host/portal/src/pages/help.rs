//! How to do each thing, and the shortcuts. For whoever is signed in or not.

use super::{Visit, layout, look, shell};
use crate::auth;
use crate::layer::About;
use crate::state::App;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use maud::html;
use std::sync::Arc;

/// Topics: `help-TOPIC` is the question, `help-TOPIC.how` the answer.
pub(super) const TOPICS: [&str; 16] = [
    "report", "todo", "answer", "follow", "search", "notices", "division", "wall", "elder", "language", "delegate",
    "tokens", "sessions", "looked", "jobs", "admin",
];

/// Keys as they are printed on a keyboard, and what each does (`keys-NAME`).
const KEYS: [(&str, &str); 10] = [
    ("J", "next"),
    ("K", "previous"),
    ("Enter", "open"),
    ("/", "search"),
    ("G H", "home"),
    ("G N", "notices"),
    ("G M", "me"),
    ("G J", "jobs"),
    ("G A", "admin"),
    ("?", "help"),
];

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = match auth::of_cookie(&app, &headers) {
        Some(_) => Some(Visit::of(&app, &headers, &about)?),
        None => None,
    };
    let made = app.made();
    let voice = made.words.voice("", about.locale);
    let say = |key: &str| voice.say(key);
    let title = say("help-title");
    let main = html! {
        h1 { (title) }
        nav aria-label=(say("help-topics")) { ul.topics { @for t in TOPICS { li { a href={"#" (t)} { (say(&format!("help-{t}"))) } } } } }
        @for t in TOPICS {
            section id=(t) { h2 { (say(&format!("help-{t}"))) } p { (say(&format!("help-{t}.how"))) } }
        }
        section id="keys" {
            h2 { (say("keys-title")) }
            p { (say("keys-note")) }
            dl.keys { @for (key, what) in KEYS {
                dt { @for k in key.split(' ') { kbd { (k) } " " } } dd { (say(&format!("keys-{what}"))) }
            } }
        }
        section id="look" { h2 { (say("shell-look")) } (shell::looks(about.appearance, &voice)) (look::choices(about.appearance, &voice)) }
    };
    Ok(layout(&app, about.appearance, &voice, visit.as_ref(), &title, &main).into_response())
}
