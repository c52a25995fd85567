//! Plugins: what is in force, what each was granted and why, where it answers, what it fell over; installing another version.

use super::{admin, framed, see_other, sent};
use crate::install::Installing;
use crate::layer::About;
use crate::pages::act::{Sent, button, read};
use crate::pages::{Visit, paint};
use crate::problem::Problem;
use crate::state::App;
use crate::town::Standing;
use axum::Extension;
use axum::extract::State;
use axum::extract::multipart::Multipart;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use changzhi_model::Access;
use maud::{Markup, html};
use std::sync::Arc;

/// How each stands, in one line.
pub(super) fn standing(visit: &Visit, s: &Standing) -> Markup {
    let voice = visit.voice("");
    let say = |key: &str| voice.say(key);
    let heads = ["admin-plugin", "admin-version", "admin-breaker", "admin-traps", "admin-kept", "admin-retry"].map(say);
    let rows: Vec<_> = s
        .plugins
        .iter()
        .map(|p| {
            let label = format!("{} {}", say("admin-retry"), p.id);
            let retry = button(visit, "/admin/retry", &label, "", &[("plugin", p.id.to_string())]);
            vec![
                html! { (p.id) },
                html! { (p.version) },
                html! { (voice.name(&format!("breaker-{}", p.breaker))) },
                html! { (p.traps) },
                html! { (p.kept.len()) },
                html! { @if !p.kept.is_empty() || p.breaker != "closed" { (retry) } },
            ]
        })
        .collect();
    html! {
        (paint::table(&heads, &rows))
        @for p in s.plugins.iter().filter(|p| !p.kept.is_empty()) {
            h3 { (say("admin-kept")) " · " (p.id) }
            ul { @for k in &p.kept { li { code { (k.id) } " " (k.at) " " (k.reason) } } }
        }
    }
}

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = admin(&app, &headers, &about)?;
    let voice = visit.voice("");
    let say = |key: &str| voice.say(key);
    let now = app.install.now();
    let running = matches!(now, Installing::Running { .. });
    let heads = ["action-at", "admin-plugin", "admin-version", "plugin-digest", "job-by"].map(say);
    let switches = app.town.trail().switches();
    let rows: Vec<_> = switches
        .iter()
        .take(30)
        .map(|s| {
            let digest = hex::encode(s.digest);
            vec![
                paint::time(&app, s.at),
                html! { (s.plugin) },
                html! { (s.version) },
                html! { code { (digest.get(..12).unwrap_or_default()) } },
                html! { @if s.by.is_none() { (say("plugin-by-host")) } @else { (paint::login(&app, s.by)) } },
            ]
        })
        .collect();
    let main = html! {
        (standing(&visit, &app.town.standing()))
        h2 { (say("plugin-install")) }
        p { (say("plugin-install-note")) }
        @match &now {
            Installing::Never => {},
            Installing::Running { since, bytes, percent } => {
                p.notice role="status" {
                    (say("plugin-installing")) " " (bytes) " B · " (paint::time(&app, *since)) " "
                    progress max="100" value=(percent) aria-label=(say("plugin-installing")) {}
                    " " (percent) " %"
                }
                p { a href="/admin/plugins" { (say("job-again")) } }
            },
            Installing::Ended(Ok((plugin, version))) => { p.notice.good role="status" { (say("plugin-in-force")) " " (plugin) " " (version) } },
            Installing::Ended(Err(reason)) => { p.notice.danger role="alert" { (say("plugin-refused")) " " (reason) } },
        }
        @if !running {
            form.stack method="post" action="/admin/plugins" enctype="multipart/form-data" {
                input type="hidden" name="_csrf" value=(visit.csrf());
                label for="f-component" { (say("plugin-file")) }
                input id="f-component" type="file" name="component" accept=".wasm,application/wasm" required;
                button.primary { (say("plugin-install")) }
            }
        }
        h2 { (say("plugin-history")) }
        p { (say("plugin-history-note")) }
        @if rows.is_empty() { p.muted { (say("plugin-no-history")) } } @else { (paint::table(&heads, &rows)) }
        h2 { (say("plugin-sets")) }
        @if app.options.sets.is_empty() { p { (say("plugin-no-sets")) } } @else {
            ul { @for (name, plugins, divisions) in &app.options.sets {
                li { strong { (name) } ": " (plugins.join("、")) " · " (divisions.join("、")) }
            } }
        }
        h2 { (say("plugin-grants")) }
        @for m in visit.made.manifests() {
            details {
                summary { (m.id) " " (m.version) " · " (visit.voice(&m.id).name(&m.label)) }
                @if m.grants.is_empty() { p.muted { (say("plugin-no-grants")) } }
                ul { @for g in &m.grants { li { code { (g.name) } " " (say(access(g.access))) " · " (g.reason) } } }
            }
        }
    };
    Ok(framed(&app, &visit, &say("admin-plugins"), running, main))
}

fn access(access: Access) -> &'static str {
    match access {
        Access::Import => "grant-import",
        Access::Read => "grant-read",
        Access::ReadWrite => "grant-write",
    }
}

/// The form sends its token first: a body from elsewhere is not read to its end.
pub(super) async fn install(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Response, Response> {
    let visit = admin(&app, &headers, &about)?;
    let component = component(&visit, &headers, multipart).await.map_err(IntoResponse::into_response)?;
    app.install.begin(Arc::clone(&app.town), component, visit.session.account, app.gate.now());
    Ok(see_other("/admin/plugins"))
}

async fn component(
    visit: &Visit,
    headers: &HeaderMap,
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<bytes::Bytes, Problem> {
    let broken = |e: axum::extract::multipart::MultipartError| {
        let (status, code) = if e.status().as_u16() == 413 { (413, "too-large") } else { (400, "form") };
        Problem::new(status, code, e.to_string())
    };
    let mut form = multipart.map_err(|e| Problem::new(415, "content-type", e.to_string()))?;
    let mut guarded = false;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name() {
            Some("_csrf") => {
                let token = field.text().await.map_err(broken)?;
                visit.guard(headers, Some(&token))?;
                guarded = true;
            }
            Some("component") if guarded => {
                let bytes = field.bytes().await.map_err(broken)?;
                if bytes.is_empty() {
                    break;
                }
                return Ok(bytes);
            }
            _ => {}
        }
    }
    if !guarded {
        visit.guard(headers, None)?;
    }
    Err(Problem::new(422, "component", "no file was sent"))
}

pub(super) async fn retry(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Sent,
) -> Result<Response, Response> {
    let visit = admin(&app, &headers, &about)?;
    let pairs = read(&app, &visit, &headers, bytes).map_err(IntoResponse::into_response)?;
    let (town, plugin) = (Arc::clone(&app.town), sent(&pairs, "plugin").unwrap_or("").to_owned());
    match crate::api::blocking(move || town.retry(&plugin)).await.map_err(IntoResponse::into_response)? {
        Ok(_) => Ok(see_other("/admin/plugins")),
        Err(reason) => Err(Problem::new(404, "not-found", reason).into_response()),
    }
}
