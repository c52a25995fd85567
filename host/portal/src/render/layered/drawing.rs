//! The picture of a map: areas, tracks and spots, each told apart by shape as well as by colour, with a scale bar.

use super::project::{HEIGHT, Projection, WIDTH};
use super::{Content, project};
use crate::render::{Painter, icon};
use crate::shape::{Layer, Point, Spot};
use maud::{Markup, html};
use std::fmt::Write as _;

/// Spots drawn at most, over all layers; all are in the data.
const SPOTS_MAX: usize = 2_000;
/// More than this and spots carry no number, more areas and they carry no name.
const NUMBERED_MAX: usize = 60;
const NAMED_MAX: usize = 40;

pub(super) fn paint(p: &Painter<'_>, id: &str, c: &Content<'_>, center: Option<Point>) -> Markup {
    let view = Projection::of(c.points().chain(center));
    let spots: usize = c.layers.iter().map(|l| l.points.len()).sum();
    let names = c.areas.len() <= NAMED_MAX;
    let said = said(p, c, spots);
    html! {
        svg.drawing viewBox={"0 0 " (WIDTH) " " (HEIGHT)} role="img" aria-label=(said) {
            rect.ground width=(WIDTH) height=(HEIGHT) {}
            @for a in &c.areas {
                path class={"area " (a.level.map_or("level", icon::level_class))} d={(path(&view, &a.ring)) "Z"} {
                    title { (p.text(a.label)) }
                }
            }
            @for t in &c.tracks { path.track d=(path(&view, &t.line)) { title { (p.text(t.label)) } } }
            @if names { @for a in &c.areas {
                @let (x, y) = middle(&view, &a.ring);
                text.name x=(x) y=(y) { (p.text(a.label)) }
            } }
            @for (n, l) in c.layers.iter().enumerate() { (layer(p, &view, l, n, spots <= NUMBERED_MAX)) }
            (scale_bar(&view, c))
        }
        @if spots > SPOTS_MAX { p.muted { (p.say_number("view-spots-cut", SPOTS_MAX)) } }
        p.upgrade hidden data-id=(id) { button type="button" { (p.say("view-map-open")) } }
    }
}

/// How much of what is on it; what exactly is in the list.
fn said(p: &Painter<'_>, c: &Content<'_>, spots: usize) -> String {
    let layers: Vec<String> = c.layers.iter().map(|l| p.text(&l.label)).collect();
    let mut out = p.say("view-map");
    for (n, key) in [(c.areas.len(), "view-map-areas"), (c.tracks.len(), "view-map-tracks"), (spots, "view-map-spots")]
    {
        if n > 0 {
            out.push_str(" · ");
            out.push_str(&p.say_number(key, n));
        }
    }
    if !layers.is_empty() {
        out.push_str(" · ");
        out.push_str(&layers.join(", "));
    }
    out
}

fn path(view: &Projection, points: &[Point]) -> String {
    let mut d = String::with_capacity(points.len() * 12);
    for (i, at) in points.iter().enumerate() {
        let (x, y) = view.at(*at);
        let _ = write!(d, "{}{x} {y}", if i == 0 { 'M' } else { 'L' });
    }
    d
}

/// Mean of the corners: good enough for a name.
#[allow(clippy::cast_precision_loss, reason = "a few thousand at most")]
fn middle(view: &Projection, ring: &[Point]) -> (f64, f64) {
    let n = ring.len().max(1) as f64;
    let (x, y) = ring.iter().map(|at| view.at(*at)).fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
    ((x / n * 10.0).round() / 10.0, (y / n * 10.0).round() / 10.0)
}

fn layer(p: &Painter<'_>, view: &Projection, l: &Layer, n: usize, numbered: bool) -> Markup {
    let class = match l.token.as_str() {
        "level-1" | "danger" => "spot l1",
        "level-2" | "warning" => "spot l2",
        "level-3" => "spot l3",
        "good" => "spot good",
        "level-4" | "info" => "spot l4",
        _ => match n % 4 {
            0 => "spot k0",
            1 => "spot k1",
            2 => "spot k2",
            _ => "spot k3",
        },
    };
    let shown = l.points.iter().filter(|s| project::is_on_globe(&s.at)).take(SPOTS_MAX);
    html! {
        g class=(class) { @for (i, s) in shown.enumerate() {
            @let (x, y) = view.at(s.at);
            (spot(p, l, s, x, y, numbered.then_some(i + 1)))
        } }
    }
}

/// `heat` is a wide soft ground, `camera` a box, `pin` a drop; every other shape a dot.
fn spot(p: &Painter<'_>, l: &Layer, s: &Spot, x: f64, y: f64, number: Option<usize>) -> Markup {
    let shape = match l.shape.as_str() {
        "heat" => html! { circle.heat cx=(x) cy=(y) r="26" {} },
        "camera" => html! { rect x=(x - 8.0) y=(y - 7.0) width="16" height="14" rx="3" {} },
        "pin" => html! { path d={"M" (x) " " (y) "l-7 -12a8.5 8.5 0 1 1 14 0Z"} {} },
        _ => html! { circle cx=(x) cy=(y) r="8" {} },
    };
    let up = if l.shape == "pin" { 12.5 } else { -4.0 };
    html! {
        g {
            title { (p.text(&s.label)) }
            (shape)
            @if let Some(number) = number.filter(|_| l.shape != "heat") { text.number x=(x) y=((y - up) * 10.0 / 10.0) { (number) } }
        }
    }
}

/// A round number of metres, a fifth of the width at most.
fn scale_bar(view: &Projection, c: &Content<'_>) -> Markup {
    let lat = c.points().next().map_or(0.0, |at| at.lat);
    let most = view.metres(WIDTH / 5.0, lat);
    if !most.is_finite() || most <= 0.0 {
        return html! {};
    }
    let power = 10.0_f64.powf(most.log10().floor());
    let metres = [5.0, 2.0, 1.0].into_iter().map(|m| m * power).find(|m| *m <= most).unwrap_or(power);
    let long = ((metres / most * WIDTH / 5.0) * 10.0).round() / 10.0;
    let said = if metres >= 1_000.0 { format!("{} km", metres / 1_000.0) } else { format!("{metres} m") };
    html! {
        g.scale { path d={"M16 " (HEIGHT - 20.0) "v6h" (long) "v-6"} {} text x={(22.0 + long)} y=(HEIGHT - 12.0) { (said) } }
    }
}
