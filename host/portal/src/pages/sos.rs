//! The one-key alarm at an address of its own: `/sos`.
//!
//! A page without the portal's frame, with its own small stylesheet and script (assets/js/sos.js), kept by the service worker, so that it
//! opens at once and without a network. What is on it is a plugin's: a view called `sos` with the keys (nodes `sos`), a view called
//! `pressed` that tells whoever pressed what became of it, a command `take-back`. At most 30 KB with everything it loads (a test).

use super::assets::OWN;
use super::{Looking, Visit};
use crate::layer::About;
use crate::problem::Problem;
use crate::render::Here;
use crate::shape::{NodeKind, Page};
use crate::state::App;
use crate::words::Voice;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use changzhi_model::Manifest;
use maud::{DOCTYPE, Markup, html};
use std::sync::Arc;

/// The conventional name of the view with the keys.
const SOS: &str = "sos";
pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let served = |m: &&Arc<Manifest>| m.view(SOS).is_some_and(|v| app.gate.is_served(&visit.session, &m.id, &v.roles));
    let Some(plugin) = visit.made.manifests().iter().find(served) else {
        return Err(Problem::new(404, "not-found", "no plugin here brings a one-key alarm").into_response());
    };
    let looking = Looking {
        app: &app,
        session: &visit.session,
        locale: visit.locale,
        plugin: &plugin.id,
        name: SOS,
        purpose: None,
    };
    let (page, seq) = looking.look(&[]).await.map_err(|no| no.problem().into_response())?;
    let voice = visit.voice(&plugin.id);
    let here = Here { path: "/sos".to_owned(), ..Here::default() };
    let painter = looking.painter(&voice, visit.csrf(), here, seq);
    let main = painter.page(&only_keys(&page));
    Ok(whole(&app, &visit, plugin, &painter.text(&page.title), &main).into_response())
}

/// The keys and what is said where there is none: the page of the view in the portal has the rest.
fn only_keys(page: &Page) -> Page {
    let mut nodes = Vec::new();
    let mut at = 0;
    while let Some(node) = page.nodes.get(at) {
        let (mut open, mut size) = (1_u64, 0);
        while let (true, Some(inner)) = (open > 0, page.nodes.get(at + size)) {
            open = open - 1 + u64::from(inner.children);
            size += 1;
        }
        let wanted = match &node.kind {
            NodeKind::Other(other) => other.kind == "sos",
            NodeKind::Notice(_) => true,
            _ => false,
        };
        if wanted {
            nodes.extend(page.nodes.iter().skip(at).take(size).cloned());
        }
        at += size.max(1);
    }
    Page { title: page.title.clone(), nodes }
}

fn whole(app: &App, visit: &Visit, plugin: &Manifest, title: &str, main: &Markup) -> Markup {
    let voice = visit.voice("");
    let look = visit.appearance;
    html! {
        (DOCTYPE)
        html lang=(voice.locale.tag()) data-theme=(look.theme.word()) data-size=(look.size.word()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (app.options.title) }
                link rel="stylesheet" href={"/assets/" (OWN) "/sos.css"};
                link rel="icon" type="image/svg+xml" href={"/assets/" (OWN) "/icon.svg"};
                link rel="manifest" href={"/manifest.webmanifest?lang=" (voice.locale.tag())};
                meta name="theme-color" content="#a8071a";
                (script(&voice, visit, plugin))
            }
            body data-sos {
                header {
                    a href="/" { (app.options.title) }
                    p id="light" role="status" {}
                }
                main id="main" {
                    h1 { (title) }
                    section id="receipt" aria-live="assertive" hidden { p id="said" {} }
                    (main)
                    section id="back" hidden {
                        details {
                            summary { (voice.say("sos-take-back")) }
                            form id="back-form" {
                                label for="word" { (voice.say("sos-word")) }
                                input id="word" type="password" autocomplete="off" maxlength="64";
                                p.muted { (voice.say("sos-word-help")) }
                                button { (voice.say("sos-take-back")) }
                            }
                        }
                    }
                    button id="ready" type="button" hidden { (voice.say("sos-ready")) }
                    p.muted { (voice.say("sos-hold-help")) " " a href={"/p/" (plugin.id) "/" (SOS)} { (voice.say("sos-more")) } }
                }
                section id="call" role="alertdialog" aria-labelledby="call-title" hidden {
                    h2 id="call-title" { (voice.say("sos-call")) }
                    div id="numbers" {}
                    button id="calls-close" type="button" { (voice.say("sos-call-close")) }
                }
            }
        }
    }
}

fn script(voice: &Voice<'_>, visit: &Visit, plugin: &Manifest) -> Markup {
    html! {
        script type="module" id="sos" src={"/assets/" (OWN) "/sos.js"} data-account=(visit.session.account)
            data-pressed={"/p/" (plugin.id) "/pressed"} data-take-back={"/api/v1/" (plugin.id) "/take-back"}
            data-health={"/api/v1/" (plugin.id) "/" (SOS)}
            data-sending=(voice.say("sos-sending")) data-delivered=(voice.say("sos-delivered")) data-over=(voice.say("sos-over"))
            data-waiting=(voice.say("sos-waiting")) data-signed-out=(voice.say("sos-signed-out"))
            data-refused=(voice.say("sos-refused")) data-not-yet=(voice.say("sos-not-yet"))
            data-taken-back=(voice.say("sos-taken-back")) data-sms=(voice.say("sos-sms"))
            data-sms-label=(voice.say("sos-sms-label")) data-fine=(voice.say("sos-fine"))
            data-offline=(voice.say("sos-offline")) {}
    }
}
