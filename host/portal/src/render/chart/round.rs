//! Pies and gauges.

use super::bars::round;
use super::{COLOURS, Figure, pattern};
use crate::render::plain;
use maud::{Markup, html};
use std::f64::consts::PI;

/// Slices shown; what is smaller is one slice together.
const SLICES: usize = 7;

struct Slice {
    label: String,
    value: f64,
}

/// Of the first series: a whole has one set of parts.
pub(super) fn pie(fig: &Figure<'_, '_>) -> Markup {
    let Some((_, series)) = fig.series.first() else { return html! {} };
    let mut slices: Vec<Slice> = fig
        .xs
        .iter()
        .enumerate()
        .filter_map(|(i, x)| Some(Slice { label: x.clone(), value: fig.at(series, i).filter(|y| *y > 0.0)? }))
        .collect();
    slices.sort_by(|a, b| b.value.total_cmp(&a.value));
    if slices.len() > SLICES + 1 {
        let rest: f64 = slices.iter().skip(SLICES).map(|s| s.value).sum();
        slices.truncate(SLICES);
        slices.push(Slice { label: fig.p.say("view-rest"), value: rest });
    }
    let whole: f64 = slices.iter().map(|s| s.value).sum();
    let mut from = 0.0;
    let arcs: Vec<(f64, f64)> = slices
        .iter()
        .map(|s| {
            let to = from + s.value / whole;
            let arc = (from, to);
            from = to;
            arc
        })
        .collect();
    html! {
        div.pie {
            svg viewBox="-104 -104 208 208" {
                @for (i, (s, (from, to))) in slices.iter().zip(&arcs).enumerate() {
                    @let id = format!("{}p{i}", fig.id);
                    @let d = wedge(*from, *to);
                    g {
                        title { (s.label) " " (plain::decimal(s.value)) " " (fig.unit) }
                        path class={"slice c" (i % COLOURS)} d=(d) {}
                        (pattern(&id, i))
                        @if i % COLOURS > 0 { path fill={"url(#" (id) ")"} d=(d) {} }
                    }
                }
            }
            ul.legend { @for (i, s) in slices.iter().enumerate() {
                li {
                    svg.swatch viewBox="0 0 16 16" aria-hidden="true" {
                        rect class={"c" (i % COLOURS)} width="16" height="16" {}
                        (pattern(&format!("{}q{i}", fig.id), i))
                        rect width="16" height="16" fill={"url(#" (fig.id) "q" (i) ")"} {}
                    }
                    (s.label) " " span.num { (plain::decimal(s.value)) " (" (plain::percent(s.value / whole)) ")" }
                }
            } }
        }
    }
}

/// From one share of the circle to another, clockwise from the top.
fn wedge(from: f64, to: f64) -> String {
    if to - from > 0.9999 {
        return "M0 -100A100 100 0 1 1 0 100A100 100 0 1 1 0 -100Z".to_owned();
    }
    let at = |share: f64| {
        let angle = share * 2.0 * PI - PI / 2.0;
        (round(angle.cos() * 100.0), round(angle.sin() * 100.0))
    };
    let ((x0, y0), (x1, y1)) = (at(from), at(to));
    let large = u8::from(to - from > 0.5);
    format!("M0 0L{x0} {y0}A100 100 0 {large} 1 {x1} {y1}Z")
}

/// The last figure of the first series, of the highest limit; of a hundred where there is no limit, and in per cent.
pub(super) fn gauge(fig: &Figure<'_, '_>) -> Markup {
    let Some(value) = fig.series.first().and_then(|(_, s)| s.ys.iter().rev().copied().find(|y| y.is_finite())) else {
        return html! {};
    };
    let most = fig.limits.iter().map(|l| l.y).fold(0.0_f64, f64::max);
    let most = if most > 0.0 && fig.unit != "%" { most.max(value) } else { 100.0_f64.max(most).max(value) };
    let share = (value / most).clamp(0.0, 1.0);
    let angle = PI * (1.0 - share);
    let (x, y) = (round(angle.cos() * 40.0), round(-angle.sin() * 40.0));
    html! {
        div.gauge {
            svg viewBox="-50 -48 100 56" {
                path.rest d="M-40 0A40 40 0 0 1 40 0" {}
                @if share > 0.0 { path.value d={"M-40 0A40 40 0 0 1 " (x) " " (y)} {} }
                @for l in &fig.limits {
                    @let a = PI * (1.0 - (l.y / most).clamp(0.0, 1.0));
                    path class={"cut " (crate::render::icon::level_class(l.level))}
                        d={"M" (round(a.cos() * 33.0)) " " (round(-a.sin() * 33.0)) "L" (round(a.cos() * 47.0)) " " (round(-a.sin() * 47.0))} {}
                }
            }
            p.figure { (plain::decimal(value)) " " small { (fig.unit) } }
            p.muted { "0 – " (plain::decimal(most)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::wedge;

    #[test]
    fn slices_are_arcs_and_a_whole_is_a_circle() {
        assert_eq!(wedge(0.0, 0.25), "M0 0L0 -100A100 100 0 0 1 100 0Z");
        assert!(wedge(0.0, 0.75).contains("A100 100 0 1 1"));
        assert!(wedge(0.0, 1.0).starts_with("M0 -100A"));
    }
}
