//! Every part a page can have, with sample data, in any profile, theme, size and language by address: the reference for authors of
//! plugins, and what the browser tests look at.
//!
//! The samples are trees as a plugin would send them, made by hand from the same shapes and painted by the same painter; their texts
//! stand here in both languages because they are data, not words of the host. Nothing on these pages does anything: their commands
//! lead to a plugin that is not there.

mod boards;
mod charts;
mod duty;
mod figures;
mod forms;
mod layouts;
mod maps;
mod sample;
mod states;
mod stories;
mod tables;
mod talk;
mod words;

use super::{Visit, layout, sent};
use crate::appearance::{Profile, Size, Theme};
use crate::export;
use crate::layer::About;
use crate::problem::Problem;
use crate::render::{Door, Here, Painter, address, geojson};
use crate::shape::{Page, Text};
use crate::state::App;
use crate::words::{Locale, Voice};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use changzhi_model::{Micros, Seq, body};
use maud::{Markup, html};
use sample::{Part, Say, flat};
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

type Make = fn(Say) -> Vec<Part>;

/// Name in the address, and what is on the page.
const FAMILIES: [(&str, Make); 12] = [
    ("words", words::parts),
    ("figures", figures::parts),
    ("tables", tables::parts),
    ("charts", charts::parts),
    ("maps", maps::parts),
    ("forms", forms::parts),
    ("stories", stories::parts),
    ("boards", boards::parts),
    ("talk", talk::parts),
    ("duty", duty::parts),
    ("layout", layouts::parts),
    ("states", states::parts),
];

pub(super) async fn index(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let voice = visit.voice("");
    let title = voice.say("gallery-title");
    let pairs = read(raw.as_deref()).map_err(IntoResponse::into_response)?;
    let main = html! {
        h1 { (title) }
        p { (voice.say("gallery-intro")) }
        (switches(&visit, &voice, "/gallery", &pairs))
        div.panel { (families(&voice, None, &pairs)) }
    };
    Ok(layout(&app, visit.appearance, &voice, Some(&visit), &title, &main).into_response())
}

pub(super) async fn family(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Path(name): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = read(raw.as_deref()).map_err(IntoResponse::into_response)?;
    let Some((name, make)) = FAMILIES.iter().find(|(n, _)| *n == name) else {
        return Err(Problem::new(404, "not-found", "there is no such page of the gallery").into_response());
    };
    let path = format!("/gallery/{name}");
    let voice = visit.voice("");
    let title = voice.say(&format!("gallery-family-{name}"));
    let page = page(visit.locale, title.clone(), *make);
    let painter = painter(&app, &visit, &voice, &path, &pairs);
    if headers.get(header::ACCEPT).is_some_and(|a| a.as_bytes() == b"application/geo+json") {
        let mut response = Json(geojson(&painter, &page)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/geo+json"));
        return Ok(response);
    }
    if let Some(kind) = sent(&pairs, "_export") {
        let made = export::of_page(&app, &visit, &painter, &page, kind, sent(&pairs, "_table").unwrap_or("")).await;
        return made.map_err(IntoResponse::into_response);
    }
    let main = html! {
        (super::view::print_head(&app, &visit, &voice, painter.now))
        h1 { (title) }
        (switches(&visit, &voice, &path, &pairs))
        div.page { (painter.page(&page)) }
        (export::link(&app, &painter))
        (families(&voice, Some(name), &pairs))
    };
    Ok(layout(&app, visit.appearance, &voice, Some(&visit), &title, &main).into_response())
}

fn read(raw: Option<&str>) -> Result<Vec<(String, String)>, Problem> {
    body::pairs(raw.unwrap_or("").as_bytes()).map_err(|e| Problem::new(400, "form", e.to_string()))
}

fn page(locale: Locale, title: String, make: Make) -> Page {
    Page { title: Text::Plain(title), nodes: flat(make(Say { zh: locale == Locale::Zh })) }
}

fn painter<'a>(
    app: &'a App,
    visit: &Visit,
    voice: &'a Voice<'a>,
    path: &str,
    pairs: &[(String, String)],
) -> Painter<'a> {
    let kept = pairs.iter().filter(|(n, _)| !matches!(n.as_str(), "_export" | "_table" | "_done")).cloned();
    Painter {
        plugin: "gallery",
        voice,
        zone: &app.options.zone,
        csrf: visit.csrf(),
        here: Here {
            path: path.to_owned(),
            pairs: kept.collect(),
            params: vec!["state".into(), "words".into()],
            door: Door::Account,
        },
        purpose: "",
        rev: Seq(7),
        // The samples stand still, so that what they show does.
        now: Micros(sample::NOW),
        base_map: app.options.base_map.as_ref(),
        said: Default::default(),
        wrong: AtomicU32::new(0),
    }
}

fn families(voice: &Voice<'_>, now: Option<&str>, pairs: &[(String, String)]) -> Markup {
    let with = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).filter(|(n, _)| is_switch(n));
    html! {
        div.actions.gallery-bar {
            @for (name, _) in FAMILIES {
                a class=(if Some(name) == now { "button primary" } else { "button plain" }) aria-current=[(Some(name) == now).then_some("page")]
                    href=(address(&format!("/gallery/{name}"), with.clone())) { (voice.say(&format!("gallery-family-{name}"))) }
            }
        }
    }
}

fn is_switch(name: &str) -> bool {
    matches!(name, "lang" | "_profile" | "_theme" | "_size")
}

/// Links to the same page in every other look.
fn switches(visit: &Visit, voice: &Voice<'_>, path: &str, pairs: &[(String, String)]) -> Markup {
    let look = visit.appearance;
    let kept: Vec<(&str, &str)> =
        pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).filter(|(n, _)| is_switch(n)).collect();
    let to = |name: &'static str, value: &'static str| {
        address(path, kept.iter().copied().filter(|(n, _)| *n != name).chain([(name, value)]))
    };
    let one = |name: &'static str, value: &'static str, now: bool, words: String| {
        html! {
            a.button.plain href=(to(name, value)) aria-current=[now.then_some("true")] { @if now { strong { (words) } } @else { (words) } }
        }
    };
    let say = |word: &str| voice.say(&format!("gallery-{word}"));
    html! {
        div.gallery-bar.actions {
            span { (say("profile")) } @for p in Profile::ALL { (one("_profile", p.word(), look.profile == *p, say(p.word()))) }
            span { (say("theme")) } @for t in Theme::ALL { (one("_theme", t.word(), look.theme == *t, say(t.word()))) }
            span { (say("size")) } @for s in Size::ALL { (one("_size", s.word(), look.size == *s, say(s.word()))) }
            span { (say("language")) }
            (one("lang", "zh-CN", visit.locale == Locale::Zh, "中文".into()))
            (one("lang", "en", visit.locale == Locale::En, "English".into()))
        }
    }
}
