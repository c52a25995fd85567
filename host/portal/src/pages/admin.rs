//! What administrators see and do: the host's health, plugins, settings, the journal, accounts. Each page does one thing; whatever
//! takes long runs on a thread of its own and shows how far it is.

mod accounts;
mod devices;
mod journal;
mod outbox;
mod plugins;
mod settings;

use super::{Visit, layout, paint, see_other, sent};
use crate::api::must_be_admin;
use crate::layer::About;
use crate::state::App;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use maud::{Markup, html};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/admin", get(page))
        .route("/admin/plugins", get(plugins::page).post(plugins::install))
        .route("/admin/retry", post(plugins::retry))
        .route("/admin/journal", get(journal::page).post(journal::check))
        .route("/admin/outbox", get(outbox::page))
        .route("/admin/devices", get(devices::page))
        .route("/admin/settings", get(settings::page))
        .route("/admin/accounts", get(accounts::list).post(accounts::create))
        .route("/admin/accounts/{id}", get(accounts::one).post(accounts::change))
}

const PAGES: [(&str, &str); 8] = [
    ("/admin", "core-admin"),
    ("/admin/plugins", "admin-plugins"),
    ("/admin/journal", "admin-journal"),
    ("/admin/outbox", "messages-title"),
    ("/admin/devices", "devices-title"),
    ("/admin/settings", "admin-settings"),
    ("/admin/accounts", "accounts-title"),
    ("/jobs", "job-title"),
];

/// One of these pages, with the way to the others. `again`: it shows something that moves, and is loaded again by itself.
fn framed(app: &App, visit: &Visit, title: &str, again: bool, main: Markup) -> Response {
    let voice = visit.voice("");
    let all = visit.session.is_city_wide("admin");
    let main = html! {
        nav.ways aria-label=(voice.say("core-admin")) { ul { @for (to, key) in PAGES.iter().filter(|p| all || p.0 == "/admin/accounts") {
            li { a href=(to) aria-current=[(*visit.path == **to).then_some("page")] { (voice.say(key)) } }
        } } }
        h1 { (title) }
        (main)
    };
    let mut response = layout(app, visit.appearance, &voice, Some(visit), title, &main).into_response();
    if again {
        response.headers_mut().insert("refresh", HeaderValue::from_static("2"));
    }
    response
}

/// The administrator of the whole city, or the way out.
fn admin(app: &App, headers: &HeaderMap, about: &About) -> Result<Visit, Response> {
    let visit = Visit::of(app, headers, about)?;
    must_be_admin(&visit.session).map_err(IntoResponse::into_response)?;
    Ok(visit)
}

async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = admin(&app, &headers, &about)?;
    let s = app.town.standing();
    let voice = visit.voice("");
    let say = |key: &str| voice.say(key);
    let fresh = app.town.fresh();
    let heads = ["admin-figure", "admin-labels", "admin-value"].map(say);
    let rows: Vec<_> = figures(&app.metrics.text(&app))
        .into_iter()
        .map(|(name, labels, value)| {
            vec![html! { (say(&format!("figure-{name}"))) }, html! { (labels) }, html! { (value) }]
        })
        .collect();
    let main = html! {
        @match &s.failed {
            Some(reason) => { p.notice.danger role="alert" { (say("admin-failed")) " " (reason) } },
            None => { p.notice.good { (say("admin-well")) } },
        }
        dl {
            dt { (say("admin-head")) } dd { (s.durable) }
            dt { (say("admin-revision")) } dd { (s.revision) }
            dt { (say("shell-data-of")) } dd { (paint::time(&app, fresh.at)) }
            dt { (say("admin-snapshot")) } dd { @match s.snapshot { Some(seq) => (seq), None => "–" } }
            dt { (say("admin-sessions")) } dd { (app.gate.sessions()) }
            dt { (say("admin-version")) } dd { (env!("CARGO_PKG_VERSION")) }
        }
        h2 { (say("admin-plugins")) }
        (plugins::standing(&visit, &s))
        h2 { (say("admin-figures")) }
        (paint::table(&heads, &rows))
        p { a href="/metrics" { "/metrics" } " · " a href="/readyz" { "/readyz" } " · " a href="/api/openapi.json" { "/api/openapi.json" } }
    };
    Ok(framed(&app, &visit, &say("core-admin"), false, main))
}

/// Of all figures those a person reads at a glance: name, labels, value.
fn figures(text: &str) -> Vec<(&'static str, String, String)> {
    const WANTED: [(&str, &str); 5] = [
        ("changzhi_http_requests_total", "requests"),
        ("changzhi_commands_total", "commands"),
        ("changzhi_sessions", "sessions"),
        ("changzhi_durable_lag", "lag"),
        ("changzhi_snapshot_lag", "snapshot"),
    ];
    let mut out: Vec<_> = text
        .lines()
        .filter(|l| !l.starts_with('#'))
        .filter_map(|line| {
            let (head, value) = line.rsplit_once(' ')?;
            let (name, labels) = head.split_once('{').unwrap_or((head, ""));
            let known = WANTED.iter().find(|w| w.0 == name)?;
            Some((known.1, labels.trim_end_matches('}').replace('"', ""), value.to_owned()))
        })
        .collect();
    out.sort();
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn figures_are_read_out_of_the_text_that_prometheus_reads() {
        let text = "# TYPE x counter\nchangzhi_commands_total{plugin=\"a\",outcome=\"done\"} 3\nchangzhi_sessions 2\nother 1\n# EOF\n";
        let wanted = [
            ("commands", "plugin=a,outcome=done".to_owned(), "3".to_owned()),
            ("sessions", String::new(), "2".to_owned()),
        ];
        assert_eq!(super::figures(text), wanted);
    }
}
