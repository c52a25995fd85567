//! Search over what the visitor may see: pages and commands by their label, places by name or code, matters by number or title,
//! help. Personal fields are never looked at; places and matters only where a role of the visitor's holds.
//!
//! Price: labels are few. Places are read in chunks of [`CHUNK`], up to [`PLACES`], under the world's read lock for one chunk at a
//! time; of matters the newest [`MATTERS`] of each kind, and any one by its whole number at once. What was not looked at is said.

use super::matter::{describe, numbers};
use super::{Visit, help, layout, matter, navigation, sent};
use crate::layer::About;
use crate::problem::Problem;
use crate::sound;
use crate::state::App;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use changzhi_gate::PLACE_KINDS;
use changzhi_model::{EntityId, Family, FieldType, Name, Value, body};
use maud::{Markup, html};
use std::sync::Arc;

const LETTERS: usize = 64;
const CHUNK: u32 = 4_096;
const PLACES: usize = 200_000;
const MATTERS: u32 = 5_000;
/// Shown of each sort.
const SHOWN: usize = 20;

/// A place that was found.
struct Place {
    id: EntityId,
    name: String,
    code: String,
    kind: Name,
    within: Option<String>,
}

#[derive(Default)]
struct Found {
    places: Vec<Place>,
    matters: Vec<EntityId>,
    /// More than is shown, or not everything was looked at.
    more: bool,
}

fn holds(text: &str, wanted: &str) -> bool {
    text.to_lowercase().contains(wanted)
}

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Arc::new(Visit::of(&app, &headers, &about)?);
    let pairs = body::pairs(raw.unwrap_or_default().as_bytes())
        .map_err(|e| Problem::new(400, "form", e.to_string()).into_response())?;
    let asked: String =
        sent(&pairs, "q").unwrap_or("").trim().chars().filter(|c| !c.is_control()).take(LETTERS).collect();
    let voice = visit.voice("");
    let title = voice.say("shell-search");
    let wanted = asked.to_lowercase();
    let found = if wanted.is_empty() {
        Found::default()
    } else {
        let (app, visit, wanted, exact) = (Arc::clone(&app), Arc::clone(&visit), wanted.clone(), asked.clone());
        let look = move || places(&app, &visit, &wanted).with(matters(&app, &visit, &wanted, &exact));
        crate::api::blocking(look).await.map_err(IntoResponse::into_response)?
    };
    let ways = if wanted.is_empty() { Vec::new() } else { ways(&app, &visit, &wanted) };
    let shown = found.matters.get(..found.matters.len().min(SHOWN)).unwrap_or_default();
    let matters = describe(&app, &visit, shown, false);
    let nothing = ways.is_empty() && found.places.is_empty() && matters.is_empty();
    let main = html! {
        h1 { (title) }
        form.find.large method="get" action="/search" {
            input type="search" name="q" value=(asked) maxlength=(LETTERS) aria-label=(title);
            button.primary { (title) }
        }
        @if asked.is_empty() { p.muted { (voice.say("search-what")) } }
        @else if nothing { (why(&app, &visit, &asked)) }
        @if !ways.is_empty() { section { h2 { (voice.say("search-ways")) } ul.found { @for (to, label, of) in &ways {
            li { a href=(to) { (label) } " " span.muted { (of) } }
        } } } }
        @if !matters.is_empty() { section { h2 { (voice.say("search-matters")) } (matter::table(&app, &visit, &matters, |_| html! {})) } }
        @if !found.places.is_empty() { section { h2 { (voice.say("search-places")) } ul.found { @for p in &found.places {
            li { (place(&app, &visit, p)) }
        } } } }
        @if found.more { p.muted { (voice.say("search-more")) } }
    };
    Ok(layout(&app, visit.appearance, &voice, Some(&visit), &title, &main).into_response())
}

impl Found {
    fn with(mut self, other: (Vec<EntityId>, bool)) -> Found {
        self.matters = other.0;
        self.more |= other.1;
        self
    }
}

/// Pages, commands, jobs and help whose label holds what is asked for.
fn ways(app: &App, visit: &Visit, wanted: &str) -> Vec<(String, String, String)> {
    let host = visit.voice("");
    let mut out: Vec<(String, String, String)> = Vec::new();
    for m in visit.made.manifests() {
        let voice = visit.voice(&m.id);
        let of = voice.name(&m.label);
        for v in navigation::open_to(app, visit, m) {
            out.push((format!("/p/{}/{}", m.id, v.name), voice.name(&v.label), of.clone()));
        }
        for c in m.commands.iter().filter(|c| app.gate.is_served(&visit.session, &m.id, &c.roles)) {
            out.push((format!("/do/{}/{}", m.id, c.name), voice.name(&c.label), of.clone()));
        }
        for j in m.jobs.iter().filter(|j| app.gate.is_served(&visit.session, &m.id, &j.roles)) {
            out.push((format!("/start/{}/{}", m.id, j.name), voice.name(&j.label), of.clone()));
        }
    }
    for topic in help::TOPICS {
        out.push((format!("/help#{topic}"), host.say(&format!("help-{topic}")), host.say("help-title")));
    }
    let fits = |text: &str| holds(text, wanted) || sound::sounds_like(text, wanted);
    out.retain(|(_, label, of)| fits(label) || fits(of));
    out.sort_by(|a, b| sound::compare(&a.1, &b.1));
    out.truncate(SHOWN);
    out
}

/// Where a role holds: `None` is the whole city.
fn reach(visit: &Visit) -> Option<Vec<EntityId>> {
    if visit.session.held.is_empty() {
        return Some(Vec::new());
    }
    let divisions = visit.session.divisions();
    if divisions.is_empty() { None } else { Some(divisions) }
}

fn places(app: &App, visit: &Visit, wanted: &str) -> Found {
    let mut found = Found::default();
    let reach = reach(visit);
    let (mut looked, wide) = (0_usize, reach.is_none());
    for kind in PLACE_KINDS {
        let mut after = EntityId::NONE;
        loop {
            let mut read = 0_usize;
            app.town.read(&mut |r| {
                let chunk = r.holding(kind, after, CHUNK);
                read = chunk.len();
                after = chunk.last().copied().unwrap_or(after);
                for id in chunk {
                    let text = |field: &str| r.value(id, "host.place", field).as_text().unwrap_or_default().to_owned();
                    let (name, code) = (text("name"), text("code"));
                    if !(holds(&name, wanted)
                        || sound::sounds_like(&name, wanted)
                        || code.to_lowercase().starts_with(wanted))
                    {
                        continue;
                    }
                    let within = r.core(id).and_then(|c| c.within);
                    let within = within.and_then(|w| r.value(w, "host.place", "name").as_text().map(str::to_owned));
                    found.places.push(Place { id, name, code, kind: kind.into(), within });
                }
            });
            if !wide {
                found.places.retain(|p| app.gate.stands_in(&visit.session, p.id));
            }
            found.more |= found.places.len() > SHOWN;
            found.places.truncate(SHOWN);
            looked += read;
            if read < CHUNK as usize || found.places.len() >= SHOWN || looked >= PLACES {
                found.more |= looked >= PLACES;
                break;
            }
        }
    }
    found.places.sort_by(|a, b| sound::compare(&a.name, &b.name));
    found
}

/// Matters by their whole number anywhere, by title among the newest; only those the visitor may see.
fn matters(app: &App, visit: &Visit, wanted: &str, exact: &str) -> (Vec<EntityId>, bool) {
    let (mut ids, mut more): (Vec<EntityId>, bool) = (Vec::new(), false);
    for m in visit.made.manifests() {
        for (facet, field) in numbers(m) {
            for number in [exact.to_owned(), exact.to_uppercase()] {
                app.town.read(&mut |r| {
                    ids.extend(r.find(&facet, &field, &Value::text(number.as_str())).filter(|id| !ids.contains(id)));
                });
            }
        }
        // Open texts of events; a sealed one is never read, and long ones are not in memory.
        let texts: Vec<(&Name, &Name)> = m
            .facets
            .iter()
            .filter(|f| f.on == Family::Events && f.name.starts_with(&format!("{}.", m.id)))
            .flat_map(|f| f.fields.iter().map(move |field| (f, field)))
            .filter(|(_, field)| {
                field.kind == FieldType::Text && field.name == "title" && !field.sensitivity.is_sealed()
            })
            .map(|(facet, field)| (&facet.name, &field.name))
            .collect();
        for kind in m.kinds.iter().filter(|k| k.flow.is_some() && !texts.is_empty()) {
            app.town.read(&mut |r| {
                let newest = r.newest(&kind.name, visit.division, MATTERS);
                more |= newest.len() >= MATTERS as usize;
                let says = |id: &EntityId| {
                    texts.iter().any(|(f, n)| r.value(*id, f, n).as_text().is_some_and(|t| holds(t, wanted)))
                };
                let hits: Vec<_> =
                    newest.into_iter().filter(says).filter(|id| !ids.contains(id)).take(SHOWN * 5).collect();
                ids.extend(hits);
            });
        }
    }
    let seen = describe(app, visit, &ids, false);
    (seen.into_iter().map(|m| m.id).collect(), more)
}

/// A place, with the views that take one.
fn place(app: &App, visit: &Visit, place: &Place) -> Markup {
    let host = visit.voice("");
    let takes = |p: &changzhi_model::FieldDecl| p.name == "place" && p.kind == FieldType::Entity(Some(Family::Places));
    html! {
        strong { (place.name) } " " span.muted { (host.name(&format!("host-kind-{}", place.kind))) " " (place.code) @if let Some(w) = &place.within { " · " (w) } }
        @for m in visit.made.manifests() {
            @for v in navigation::open_to(app, visit, m).filter(|v| v.params.iter().any(takes)) {
                " " a href={"/p/" (m.id) "/" (v.name) "?place=" (place.id)} { (visit.voice(&m.id).name(&v.label)) }
            }
        }
    }
}

/// Nothing was found: what was looked at, and what was not.
fn why(app: &App, visit: &Visit, asked: &str) -> Markup {
    let voice = visit.voice("");
    let args = [("asked", fluent_bundle::FluentValue::from(asked.to_owned()))].into_iter().collect();
    let divisions = super::division::own(app, &visit.session);
    html! {
        div.notice role="status" {
            p { (voice.with("search-nothing", &args)) }
            ul {
                li { (voice.say("search-looked")) }
                li { (voice.say("search-never")) }
                @match reach(visit) {
                    None => {},
                    Some(none) if none.is_empty() => { li { (voice.say("search-no-role")) } },
                    Some(_) => { li { (voice.say("search-only-in")) " " (divisions.iter().map(|d| d.1.as_str()).collect::<Vec<_>>().join("、")) } },
                }
            }
        }
    }
}
