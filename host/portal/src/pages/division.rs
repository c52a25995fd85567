//! The division a visitor works in. Somebody with roles in several, or in the whole city, chooses one: lists begin there.
//!
//! The choice is a cookie that holds a number. It narrows what is shown first and gives no right at all: it is passed over as soon
//! as no role of the visitor's holds in all of that division.

use super::{Visit, layout, paint, see_other, sent};
use crate::api::{body_problem, form as read_form, is_form};
use crate::auth::{self, DIVISION, set_cookie};
use crate::layer::About;
use crate::state::App;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use changzhi_gate::Session;
use changzhi_model::{EntityId, Family, FieldType, Manifest};
use maud::{Markup, html};
use std::sync::Arc;

/// Divisions offered on one page.
const SHOWN: usize = 300;
/// Levels of a city are about eight.
const DEPTH: usize = 16;

/// As the cookie has it, when the session may work there.
pub(super) fn chosen(app: &App, session: &Session, headers: &HeaderMap) -> Option<EntityId> {
    let id = auth::cookie(headers, DIVISION)?.parse().ok().filter(|id| *id > 0).map(EntityId)?;
    app.gate.works_in(session, id).then_some(id)
}

/// A view's parameter `place` that was not given is the division worked in.
pub(super) fn default_place(visit: &Visit, manifest: Option<&Manifest>, view: &str, pairs: &mut Vec<(String, String)>) {
    let Some(division) = visit.division else { return };
    let Some(decl) = manifest.and_then(|m| m.view(view)) else { return };
    let takes = decl.params.iter().any(|p| p.name == "place" && p.kind == FieldType::Entity(Some(Family::Places)));
    if takes && !pairs.iter().any(|(name, _)| name == "place") {
        pairs.push(("place".into(), division.to_string()));
    }
}

/// From the city down to the division.
fn ancestry(app: &App, division: EntityId) -> Vec<(EntityId, String)> {
    let mut found = Vec::new();
    app.town.read(&mut |r| {
        found.clear();
        let mut at = Some(division);
        while let Some(here) = at.filter(|_| found.len() < DEPTH) {
            let name = r.value(here, "host.place", "name");
            found.push((here, name.as_text().map_or_else(|| format!("#{here}"), str::to_owned)));
            at = r.core(here).and_then(|c| c.within);
        }
    });
    found.reverse();
    found
}

/// The divisions directly within one (or at the top), by name.
pub(super) fn within(app: &App, parent: Option<EntityId>) -> Vec<(EntityId, String)> {
    let mut found = Vec::new();
    app.town.read(&mut |r| {
        let all = r.newest("division", parent, 10_000);
        let direct = all.into_iter().filter(|id| r.core(*id).is_some_and(|c| c.within == parent));
        found = direct
            .map(|id| {
                let name = r.value(id, "host.place", "name");
                (id, name.as_text().map_or_else(|| format!("#{id}"), str::to_owned))
            })
            .collect();
    });
    found.sort_by(|a, b| a.1.cmp(&b.1));
    found.truncate(SHOWN);
    found
}

/// Where the visitor's roles hold: divisions of their own, or the top of the city.
pub(super) fn own(app: &App, session: &Session) -> Vec<(EntityId, String)> {
    let own = session.divisions();
    if own.is_empty() {
        return if session.held.is_empty() { Vec::new() } else { within(app, None) };
    }
    let mut named: Vec<_> = own.into_iter().map(|d| (d, paint::place_name(app, d))).collect();
    named.sort_by(|a, b| a.1.cmp(&b.1));
    named
}

/// Where one works, and the way to work elsewhere; nothing for whoever has no choice.
pub(super) fn crumbs(app: &App, visit: &Visit) -> Markup {
    if visit.session.held.is_empty() {
        return html! {};
    }
    let voice = visit.voice("");
    let path = visit.division.map(|d| ancestry(app, d)).unwrap_or_default();
    html! {
        nav.crumbs aria-label=(voice.say("division-title")) {
            ol {
                @if path.is_empty() { li { (voice.say("division-all")) } }
                @for (_, name) in &path { li { (name) } }
                li { a href="/division" { (voice.say("division-switch")) } }
            }
        }
    }
}

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let voice = visit.voice("");
    let title = voice.say("division-title");
    let below = match visit.division {
        Some(division) => within(&app, Some(division)),
        None => own(&app, &visit.session),
    };
    let above: Vec<_> = visit.division.map(|d| ancestry(&app, d)).unwrap_or_default();
    let may = |d: &EntityId| app.gate.works_in(&visit.session, *d);
    let button = |id: EntityId, name: &str, on: bool| {
        html! { li { button name="division" value=(id) aria-pressed=(on) { (name) } } }
    };
    let main = html! {
        h1 { (title) }
        p { (voice.say("division-help")) }
        form method="post" action="/division" {
            input type="hidden" name="_csrf" value=(visit.csrf());
            ul.picks {
                li { button name="division" value="" aria-pressed=(visit.division.is_none()) { (voice.say("division-all")) } }
                @for (id, name) in above.iter().filter(|(id, _)| may(id)) { (button(*id, name, visit.division == Some(*id))) }
            }
            @if !below.is_empty() {
                h2 { (voice.say("division-below")) }
                ul.picks { @for (id, name) in &below { (button(*id, name, false)) } }
            }
            @if below.is_empty() && visit.session.held.is_empty() { p.muted { (voice.say("division-none")) } }
        }
    };
    Ok(layout(&app, visit.appearance, &voice, Some(&visit), &title, &main).into_response())
}

pub(super) async fn choose(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let read = || {
        is_form(&headers)?;
        let pairs = read_form(&bytes.map_err(|e| body_problem(&e, app.options.body))?)?;
        visit.guard(&headers, sent(&pairs, "_csrf"))?;
        Ok::<_, crate::problem::Problem>(pairs)
    };
    let pairs = read().map_err(IntoResponse::into_response)?;
    let wanted = sent(&pairs, "division").and_then(|d| d.parse().ok()).map(EntityId);
    let wanted = wanted.filter(|d| app.gate.works_in(&visit.session, *d));
    let cookie = match wanted {
        Some(division) => set_cookie(&app.options, DIVISION, &division.to_string(), None),
        None => set_cookie(&app.options, DIVISION, "", Some(0)),
    };
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), see_other("/division")).into_response())
}
