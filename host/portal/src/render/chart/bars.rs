//! Bars: upright for a few short names or for time, lying for long names, which then have room.

use super::scale::Scale;
use super::{COLOURS, Figure, POINTS_MAX, lines, pattern};
use crate::render::plain;
use maud::{Markup, html};

/// More bars than this, or longer names, and a row for each reads better.
const UPRIGHT_MAX: usize = 31;
const NAME_MAX: usize = 10;

pub(super) fn paint(fig: &Figure<'_, '_>) -> Markup {
    let wide = |x: &String| x.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    let long = fig.xs.iter().any(|x| wide(x) > NAME_MAX);
    if long && fig.xs.len() <= UPRIGHT_MAX && fig.series.len() == 1 { lying(fig) } else { upright(fig) }
}

#[allow(clippy::cast_precision_loss, reason = "a few hundred at most")]
fn upright(fig: &Figure<'_, '_>) -> Markup {
    let scale = Scale::round(fig.values());
    let n = fig.xs.len().min(POINTS_MAX);
    let slot = 100.0 / n as f64;
    let wide = slot * 0.72 / fig.series.len().max(1) as f64;
    let zero = scale.down(0.0);
    let body = html! {
        @for (s, (label, series)) in fig.series.iter().enumerate() {
            @let id = format!("{}b{s}", fig.id);
            (pattern(&id, s))
            @for i in 0..n { @if let Some(y) = fig.at(series, i) {
                @let top = scale.down(y);
                @let x = slot * (i as f64 + 0.14) + wide * s as f64;
                g {
                    title { (fig.title(label, i, y)) }
                    rect class={"c" (s % COLOURS)} x=(round(x)) y=(round(top.min(zero))) width=(round(wide)) height=(round((top - zero).abs())) {}
                    @if s % COLOURS > 0 {
                        rect fill={"url(#" (id) ")"} x=(round(x)) y=(round(top.min(zero))) width=(round(wide)) height=(round((top - zero).abs())) {}
                    }
                }
            } }
        }
    };
    lines::framed(fig, &scale, &body)
}

fn lying(fig: &Figure<'_, '_>) -> Markup {
    let most = fig.values().fold(0.0_f64, |m, y| m.max(y.abs()));
    html! {
        ul.lying { @for (i, x) in fig.xs.iter().enumerate() { @for (label, s) in &fig.series { @if let Some(y) = fig.at(s, i) {
            li {
                span.name { (x) } span.num { (plain::decimal(y)) }
                svg viewBox="0 0 100 4" preserveAspectRatio="none" {
                    title { (fig.title(label, i, y)) }
                    rect.rest width="100" height="4" {}
                    rect.c0 width=(round(if most > 0.0 { y.abs() / most * 100.0 } else { 0.0 })) height="4" {}
                }
            }
        } } } }
    }
}

/// Two places are less than a pixel of any screen.
pub(super) fn round(n: f64) -> f64 {
    (n * 100.0).round() / 100.0
}
