//! Maps: our own layers drawn here, without a network, and the list of what is on them. Coordinates come in WGS84.
//!
//! Under a `map` node stand `layer`s of spots, and as `other` nodes: `area` (a ring), `track` (a line: of a route, a vehicle, an
//! event, a pipe; never of a person, and what it is of must be said), `map-view` (where to look). The picture is drawn once, in
//! SVG; with a script `gov-map` puts an interactive map over it, which asks this same address for `application/geo+json`.

mod drawing;
mod geojson;
mod listed;
mod project;

pub(crate) use geojson::of as geojson;
pub(super) use listed::{leaves, of_layer};

use super::node::Scope;
use super::part::{Attributes, Malformed, malformed, other};
use super::tree::Twig;
use super::{Painter, action, frame, icon, plain};
use crate::edge::BaseMap;
use crate::shape::{Call, Layer, NodeKind, Other, Point, Text};
use maud::{Markup, html};

/// Spots whose names are listed; the rest are counted.
const LISTED_MAX: usize = 200;
/// What a track may be of. People are not on this list, and nothing can put them there.
const TRACKS: [&str; 4] = ["route", "vehicle", "event", "pipe"];

/// A ring on the map: a place, its name and how it stands.
pub(super) struct Area<'n> {
    key: &'n str,
    label: &'n Text,
    ring: Vec<Point>,
    level: Option<u8>,
    value: Option<f64>,
    open: Option<Call>,
}

pub(super) struct Track<'n> {
    key: &'n str,
    label: &'n Text,
    line: Vec<Point>,
    of: &'static str,
}

/// What of a map reads, and what does not.
#[derive(Default)]
pub(super) struct Content<'n> {
    areas: Vec<Area<'n>>,
    tracks: Vec<Track<'n>>,
    layers: Vec<&'n Layer>,
    bad: Vec<(&'n Other, Malformed)>,
}

impl<'n> Content<'n> {
    fn of(twig: &Twig<'n>) -> Content<'n> {
        let mut out = Content::default();
        for child in &twig.under {
            match &child.node.kind {
                NodeKind::Layer(l) => out.layers.push(l),
                NodeKind::Other(o) if o.kind == "area" => match area(&child.node.key, o) {
                    Ok(area) => out.areas.push(area),
                    Err(wrong) => out.bad.push((o, wrong)),
                },
                NodeKind::Other(o) if o.kind == "track" => match track(&child.node.key, o) {
                    Ok(track) => out.tracks.push(track),
                    Err(wrong) => out.bad.push((o, wrong)),
                },
                _ => {}
            }
        }
        out
    }

    /// Every point there is, on the globe and finite.
    fn points(&self) -> impl Iterator<Item = Point> {
        let rings = self.areas.iter().flat_map(|a| a.ring.iter().copied());
        let lines = self.tracks.iter().flat_map(|t| t.line.iter().copied());
        let spots = self.layers.iter().flat_map(|l| l.points.iter().map(|s| s.at));
        rings.chain(lines).chain(spots).filter(project::is_on_globe)
    }
}

fn area<'n>(key: &'n str, o: &'n Other) -> Result<Area<'n>, Malformed> {
    let a = Attributes(o);
    let (level, value) = (a.level("level")?, a.num("value")?);
    Ok(Area { key, label: &o.fallback, ring: a.line("ring", 3)?, level, value, open: a.call("open")? })
}

fn track<'n>(key: &'n str, o: &'n Other) -> Result<Track<'n>, Malformed> {
    let a = Attributes(o);
    if a.text("of")?.is_none() {
        return Err(a.wrong("of", "is missing: a track says what it is of"));
    }
    Ok(Track { key, label: &o.fallback, line: a.line("line", 2)?, of: a.one_of("of", &TRACKS)? })
}

/// Where to look at first, if the page says so.
fn view(twig: &Twig<'_>) -> Result<Option<Point>, (Malformed, String)> {
    let Some(o) = twig.under.iter().find_map(|t| other(t, "map-view")) else { return Ok(None) };
    Attributes(o).point("center").map_err(|wrong| (wrong, o.kind.clone()))
}

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, scope: Scope<'_>) -> Markup {
    let content = Content::of(twig);
    let id = twig.html_id();
    let empty =
        content.areas.is_empty() && content.tracks.is_empty() && content.layers.iter().all(|l| l.points.is_empty());
    let center = view(twig).ok().flatten().filter(project::is_on_globe);
    html! {
        div.map id=(id) {
            @for (o, wrong) in &content.bad { (malformed(p, o, wrong)) }
            @if empty { (frame::empty(p, scope)) } @else {
                gov-map id={(id) "g"} data-map=(id) data-src=(p.here.address()) data-lon=[center.map(|c| c.lon)] data-lat=[center.map(|c| c.lat)]
                    data-tiles=[p.base_map.map(BaseMap::tiles)] data-datum=[p.base_map.map(|b| b.datum().word())]
                    data-max-zoom=[p.base_map.map(BaseMap::max_zoom)] data-vector=[p.base_map.and_then(BaseMap::vector)] data-attribution=[p.base_map.map(BaseMap::attribution)] {
                    (drawing::paint(p, &id, &content, center))
                }
                div.on-map {
                    @if !content.areas.is_empty() { (areas(p, &content.areas)) }
                    @for t in &content.tracks { p.track { (p.say(track_key(t.of))) ": " (p.text(t.label)) } }
                    @for l in &content.layers { (list(p, l)) }
                }
            }
        }
    }
}

fn track_key(of: &str) -> &'static str {
    match of {
        "vehicle" => "view-track-vehicle",
        "event" => "view-track-event",
        "pipe" => "view-track-pipe",
        _ => "view-track-route",
    }
}

fn areas(p: &Painter<'_>, areas: &[Area<'_>]) -> Markup {
    html! {
        details open[areas.len() <= 12] {
            summary { (p.say("view-areas")) " " span.count { (areas.len()) } }
            ul { @for a in areas.iter().take(LISTED_MAX) {
                li {
                    @if let Some(level) = a.level { (icon::level(p, level)) " " }
                    (action::link(p, a.open.as_ref(), &html! { (p.text(a.label)) }))
                    @if let Some(value) = a.value { " " span.num { (plain::decimal(value)) } }
                }
            } }
        }
    }
}

/// The spots of a layer by name, numbered as on the picture.
pub(super) fn list(p: &Painter<'_>, l: &Layer) -> Markup {
    let more = l.points.len().saturating_sub(LISTED_MAX);
    html! {
        details open[l.points.len() <= 12] {
            summary { (p.text(&l.label)) " " span.count { (l.points.len()) } }
            @if l.points.is_empty() { p.muted { (p.say("view-empty")) } }
            ol { @for s in l.points.iter().take(LISTED_MAX) {
                li { (action::link(p, s.open.as_ref(), &html! { (p.text(&s.label)) })) " " small.muted { (plain::degrees(&s.at)) } }
            } }
            @if more > 0 { p.muted { (p.say_number("view-more-spots", more)) } }
        }
    }
}
