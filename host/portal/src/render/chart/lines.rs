//! Lines, areas and points over an axis.

use super::bars::round;
use super::scale::{Scale, x_of};
use super::{COLOURS, Figure, POINTS_MAX, pattern};
use crate::render::{icon, plain};
use maud::{Markup, html};
use std::fmt::Write as _;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Line,
    Area,
    Points,
}

pub(super) fn paint(fig: &Figure<'_, '_>, kind: Kind) -> Markup {
    let scale = Scale::round(fig.values());
    let n = fig.xs.len().min(POINTS_MAX);
    let place = places(fig, kind, n);
    let body = html! {
        @for (s, (label, series)) in fig.series.iter().enumerate() {
            @let all: Vec<(usize, f64, f64, f64)> = (0..n).filter_map(|i| {
                let y = fig.at(series, i)?;
                Some((i, *place.get(i)?, scale.down(y), y))
            }).collect();
            @let line: Vec<(f64, f64)> = all.iter().map(|(_, x, d, _)| (*x, *d)).collect();
            @let colour = s % COLOURS;
            @if kind == Kind::Area && line.len() > 1 {
                @let id = format!("{}a{s}", fig.id);
                (pattern(&id, s))
                path class={"area c" (colour)} d=(closed(&line, scale.down(0.0))) {}
            }
            @if kind != Kind::Points && line.len() > 1 { path class={"line c" (colour) " d" (colour)} d=(path(&line)) {} }
            // A stroke of no length with round ends is a dot that is round however the drawing is stretched.
            @if kind == Kind::Points || n <= 60 {
                @for (i, x, d, y) in &all {
                    path class={"dot c" (colour)} d={"M" (round(*x)) " " (round(*d)) "h0"} { title { (fig.title(label, *i, *y)) } }
                }
            }
        }
    };
    framed(fig, &scale, &body)
}

/// Points stand where their number says, if all of them are numbers; else one after another.
fn places(fig: &Figure<'_, '_>, kind: Kind, n: usize) -> Vec<f64> {
    let numbers: Option<Vec<f64>> = match kind {
        Kind::Points => fig.xs.iter().take(n).map(|x| x.parse().ok().filter(|x: &f64| x.is_finite())).collect(),
        _ => None,
    };
    match numbers {
        Some(xs) => {
            let scale = Scale::tight(xs.iter().copied());
            xs.iter().map(|x| 2.0 + (100.0 - scale.down(*x)) * 0.96).collect()
        }
        None => (0..n).map(|i| x_of(i, n)).collect(),
    }
}

/// `M x y L …`.
pub(super) fn path(points: &[(f64, f64)]) -> String {
    let mut d = String::with_capacity(points.len() * 12);
    for (i, (x, y)) in points.iter().enumerate() {
        let _ = write!(d, "{}{} {}", if i == 0 { 'M' } else { 'L' }, round(*x), round(*y));
    }
    d
}

fn closed(points: &[(f64, f64)], zero: f64) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return String::new() };
    format!("{}L{} {}L{} {}Z", path(points), round(last.0), round(zero), round(first.0), round(zero))
}

/// The drawing between its axes: figures on the left, names below, limits across.
pub(super) fn framed(fig: &Figure<'_, '_>, scale: &Scale, body: &Markup) -> Markup {
    let ticks = scale.ticks();
    let n = fig.xs.len().min(POINTS_MAX);
    // Each name has its slot; where there are many, every so many-th is written.
    let every = n.div_ceil(12).max(1);
    html! {
        div.plot {
            div.ys aria-hidden="true" { @for y in &ticks { span { (plain::decimal(*y)) } } }
            svg viewBox="0 0 100 100" preserveAspectRatio="none" {
                @for y in &ticks { path.grid d={"M0 " (round(scale.down(*y))) "H100"} {} }
                (body)
                @for l in &fig.limits { path class={"cut " (icon::level_class(l.level))} d={"M0 " (round(scale.down(l.y))) "H100"} {} }
            }
            div.xs.many[n > 6] aria-hidden="true" { @for (i, x) in fig.xs.iter().take(n).enumerate() {
                span.odd[i / every % 2 == 1] { @if i % every == 0 { (x) } }
            } }
        }
    }
}
