//! Charts, drawn here in SVG with the same figures as a table: they print, need no script, and read without colour.
//!
//! Words stand in HTML beside the drawing, never in it: they keep their size at any width. The drawing is stretched to its box,
//! so lines keep their width by `vector-effect`. Series are told apart by pattern and dash as well as by colour. A larger chart
//! on a desk is taken over by an interactive one when a script runs (`gov-chart`); it reads its figures from the table.

mod bars;
mod heat;
mod lines;
mod round;
mod scale;

use super::node::Scope;
use super::part::{Attributes, malformed, other};
use super::tree::Twig;
use super::{Painter, frame, plain};
use crate::shape::{Chart, NodeKind, Series, Text};
use maud::{Markup, html};
use scale::Scale;

/// Figures drawn at most; all are in the table.
const POINTS_MAX: usize = 500;
/// Colours there are: further series repeat them.
const COLOURS: usize = 8;

/// A line a figure should not cross.
struct Limit<'n> {
    label: &'n Text,
    y: f64,
    level: u8,
}

/// What is drawn, in the words of the reader.
struct Figure<'p, 'n> {
    p: &'p Painter<'p>,
    id: String,
    xs: Vec<String>,
    series: Vec<(String, &'n Series)>,
    limits: Vec<Limit<'n>>,
    unit: String,
}

impl Figure<'_, '_> {
    /// All finite figures.
    fn values(&self) -> impl Iterator<Item = f64> {
        let drawn = self.series.iter().flat_map(|(_, s)| s.ys.iter().take(POINTS_MAX).copied());
        drawn.chain(self.limits.iter().map(|l| l.y)).filter(|y| y.is_finite())
    }

    fn at(&self, series: &Series, i: usize) -> Option<f64> {
        series.ys.get(i).copied().filter(|y| y.is_finite())
    }

    fn title(&self, label: &str, i: usize, y: f64) -> String {
        let x = self.xs.get(i).map_or("", String::as_str);
        format!("{x} {label} {} {}", plain::decimal(y), self.unit)
    }
}

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, c: &Chart, scope: Scope<'_>) -> Markup {
    let mut limits = Vec::new();
    for child in &twig.under {
        let Some(o) = other(child, "limit") else { continue };
        let a = Attributes(o);
        match a.num("y").and_then(|y| Ok((y.ok_or_else(|| a.wrong("y", "is missing"))?, a.level("level")?))) {
            Ok((y, level)) => limits.push(Limit { label: &o.fallback, y, level: level.unwrap_or(1) }),
            Err(wrong) => return malformed(p, o, &wrong),
        }
    }
    let sent: Vec<&Series> = twig
        .under
        .iter()
        .filter_map(|t| match &t.node.kind {
            NodeKind::Series(s) => Some(s),
            _ => None,
        })
        .collect();
    let longest = sent.iter().map(|s| s.xs.as_slice()).max_by_key(|xs| xs.len()).unwrap_or_default();
    if longest.is_empty() {
        return frame::empty(p, scope);
    }
    let fig = Figure {
        p,
        id: twig.html_id(),
        xs: longest.iter().map(|x| p.name(x)).collect(),
        series: sent.iter().map(|s| (p.text(&s.label), *s)).collect(),
        limits,
        unit: p.text(&c.unit),
    };
    let drawing = match c.shape.as_str() {
        "bar" => bars::paint(&fig),
        "area" => lines::paint(&fig, lines::Kind::Area),
        "scatter" => lines::paint(&fig, lines::Kind::Points),
        "spark" => html! { @for (label, s) in &fig.series { p.inline { (label) " " (spark(p, s, label)) } } },
        "pie" => round::pie(&fig),
        "gauge" => round::gauge(&fig),
        "heat" => {
            return html! { figure.chart id=(fig.id) { (caption(&fig, &p.text(&c.x), false)) (heat::paint(&fig, &p.text(&c.x))) } };
        }
        // Unknown shapes are of a later minor: a line shows any series.
        _ => lines::paint(&fig, lines::Kind::Line),
    };
    let upgrades = matches!(c.shape.as_str(), "line" | "area" | "bar" | "scatter") && fig.xs.len() > 1;
    let name = name(&fig, &p.text(&c.x));
    html! {
        figure.chart id=(fig.id) {
            (caption(&fig, &p.text(&c.x), true))
            @if upgrades { gov-chart id={(fig.id) "g"} data-shape=(c.shape) data-unit=(fig.unit) { div.drawing role="img" aria-label=(name) { (drawing) } } }
            @else { div.drawing role="img" aria-label=(name) { (drawing) } }
            @if fig.xs.len() > POINTS_MAX { p.muted { (p.say_number("view-points-cut", POINTS_MAX)) } }
            @for l in &fig.limits { p.limit data-y=(l.y) data-level=(l.level) { (super::icon::level_shape(l.level)) (p.text(l.label)) " " (plain::decimal(l.y)) " " (fig.unit) } }
            details.figures { summary { (p.say("view-chart-table")) } (figures(&fig, &p.text(&c.x))) }
        }
    }
}

/// What the picture says, for who does not see it: how many, from where to where. The figures are in the table.
fn name(fig: &Figure<'_, '_>, x: &str) -> String {
    let labels: Vec<&str> = fig.series.iter().map(|(label, _)| label.as_str()).collect();
    let (low, high) = fig.values().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), y| (l.min(y), h.max(y)));
    let span = if low <= high {
        format!("{} – {} {}", plain::decimal(low), plain::decimal(high), fig.unit)
    } else {
        String::new()
    };
    format!("{} · {x} · {span}", labels.join(", "))
}

/// Names of the series with their colour and pattern, where there is more than one.
fn caption(fig: &Figure<'_, '_>, x: &str, legend: bool) -> Markup {
    html! {
        figcaption {
            span.muted { (x) @if !fig.unit.is_empty() { " · " (fig.unit) } }
            @if fig.series.len() > 1 && legend {
                ul.legend { @for (i, (label, _)) in fig.series.iter().enumerate() {
                    li { (swatch(fig, i)) (label) }
                } }
            }
        }
    }
}

fn swatch(fig: &Figure<'_, '_>, i: usize) -> Markup {
    html! {
        svg.swatch viewBox="0 0 16 16" aria-hidden="true" {
            rect class={"c" (i % COLOURS)} width="16" height="16" {}
            (pattern(&format!("{}k{i}", fig.id), i))
            rect width="16" height="16" fill={"url(#" (fig.id) "k" (i) ")"} {}
        }
    }
}

/// Stripes over a colour; the first series has none.
fn pattern(id: &str, i: usize) -> Markup {
    // Lines across, nearer or farther: they stay lines when the drawing is stretched to its box.
    let (every, thick) = match i % COLOURS {
        0 => return html! {},
        1 | 5 => (4, "0.8"),
        2 | 6 => (7, "0.8"),
        3 | 7 => (7, "2.4"),
        _ => (4, "1.6"),
    };
    html! {
        defs { pattern id=(id) width="8" height=(every) patternUnits="userSpaceOnUse" { rect.decal width="8" height=(thick) {} } }
    }
}

fn figures(fig: &Figure<'_, '_>, x: &str) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label=(fig.p.say("view-chart-table")) { table.view {
            thead { tr { th scope="col" { (x) } @for (label, _) in &fig.series { th.num scope="col" { (label) } } } }
            tbody { @for (i, x) in fig.xs.iter().enumerate() { tr {
                th scope="row" { (x) }
                @for (label, s) in &fig.series { td.num data-label=(label) {
                    @match fig.at(s, i) { Some(y) => (plain::decimal(y)), None => "–" }
                } }
            } } }
        } }
    }
}

/// A line as small as a word.
pub(super) fn spark(p: &Painter<'_>, s: &Series, label: &str) -> Markup {
    let ys: Vec<f64> = s.ys.iter().copied().filter(|y| y.is_finite()).take(POINTS_MAX).collect();
    let (Some(first), Some(last)) = (ys.first(), ys.last()) else { return html! {} };
    let scale = Scale::tight(ys.iter().copied());
    let said = format!("{label}: {} → {}", plain::decimal(*first), plain::decimal(*last));
    let _ = p;
    html! {
        svg.spark viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label=(said) {
            path d=(lines::path(&ys.iter().enumerate().map(|(i, y)| (scale::x_of(i, ys.len()), 2.0 + scale.down(*y) * 0.26)).collect::<Vec<_>>())) {}
        }
    }
}
