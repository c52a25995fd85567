//! The first page and the navigation: the listed views a visitor may see.

use super::{Visit, layout};
use crate::layer::About;
use crate::state::App;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use changzhi_model::{Manifest, ViewDecl};
use maud::{Markup, html};
use std::sync::Arc;

/// Listed views of a plugin this visitor may open without further parameters.
fn open_to<'a>(app: &'a App, visit: &'a Visit, m: &'a Manifest) -> impl Iterator<Item = &'a ViewDecl> {
    let open = |v: &&ViewDecl| v.listed && !v.params.iter().any(|p| p.required);
    m.views.iter().filter(open).filter(|v| app.gate.is_served(&visit.session, &m.id, &v.roles))
}

pub(super) fn navigation(app: &App, visit: &Visit) -> Markup {
    let host = visit.voice("");
    html! {
        nav aria-label=(host.say("core-navigation")) {
            ul {
                @for m in visit.made.manifests() {
                    @for v in open_to(app, visit, m) {
                        li { a href={"/p/" (m.id) "/" (v.name)} { (visit.voice(&m.id).name(&v.label)) } }
                    }
                }
                @if visit.session.is_city_wide("admin") || super::jobs::startable(app, visit).next().is_some() {
                    li { a href="/jobs" { (host.say("job-title")) } }
                }
                @if visit.session.is_city_wide("admin") {
                    li { a href="/admin" { (host.say("core-admin")) } }
                }
            }
        }
    }
}

pub(super) async fn home(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let host = visit.voice("");
    let name = app.gate.own_name(&visit.session).unwrap_or_else(|| visit.session.login.to_string());
    let main = html! {
        h1 { (host.say("core-welcome")) " " (name) }
        div.cards {
            @for m in visit.made.manifests() {
                @let voice = visit.voice(&m.id);
                @if open_to(&app, &visit, m).next().is_some() {
                    section.panel {
                        h2 { (voice.name(&m.label)) }
                        ul {
                            @for v in open_to(&app, &visit, m) {
                                li { a href={"/p/" (m.id) "/" (v.name)} { (voice.name(&v.label)) } }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(layout(&app, visit.appearance, &host, Some(&visit), &host.say("core-home"), &main).into_response())
}
