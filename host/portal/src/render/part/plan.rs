//! The plan of one floor or ground: its picture, the points on it as numbers, and beside it what each number is. The picture is loaded when
//! it comes into sight; without it the names and what the page says in words are all there is to know.

use super::{Attributes, Read, other};
use crate::render::Painter;
use crate::render::node::Scope;
use crate::render::tree::Twig;
use crate::shape::{Other, Text};
use maud::{Markup, html};

pub(super) const KIND: &str = "plan";
/// Points that can be told apart on one picture.
const POINTS: usize = 20;
/// What may be marked, and the message that names it. Nothing that moves is in it.
const SORTS: [&str; 2] = ["entrance", "assembly"];

/// One point, in per cent from the left and from the top.
pub(in crate::render) struct Mark<'n> {
    pub(in crate::render) sort: &'static str,
    pub(in crate::render) name: &'n Text,
    x: f64,
    y: f64,
}

/// The points of a plan, as far as there is room for them.
pub(in crate::render) fn marks<'n>(twig: &Twig<'n>) -> Read<Vec<Mark<'n>>> {
    let points = twig.under.iter().filter_map(|t| other(t, "plan-mark")).take(POINTS);
    points
        .map(|o| {
            let a = Attributes(o);
            let at = |name: &str| {
                let given = a.num(name)?.ok_or_else(|| a.wrong(name, "is missing"))?;
                if (0.0..=100.0).contains(&given) { Ok(given) } else { Err(a.wrong(name, "is not within the picture")) }
            };
            Ok(Mark { sort: a.one_of("sort", &SORTS)?, name: &o.fallback, x: at("x")?, y: at("y")? })
        })
        .collect()
}

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, o: &Other, _: Scope) -> Read<Markup> {
    let a = Attributes(o);
    let marks = marks(twig)?;
    let named = p.text(&o.fallback);
    Ok(html! {
        figure.plan id=(twig.html_id()) {
            @match a.entity("stored")? {
                Some(picture) => {
                    @let at = p.file_address(picture);
                    a.drawn href=(at) {
                        img src=(at) alt=(named) loading="lazy" decoding="async";
                        @if !marks.is_empty() { svg aria-hidden="true" focusable="false" { @for (n, mark) in marks.iter().enumerate() {
                            g class=(mark.sort) {
                                circle cx={(mark.x) "%"} cy={(mark.y) "%"} r="13" {}
                                text x={(mark.x) "%"} y={(mark.y) "%"} dy="5" { (n + 1) }
                            }
                        } } }
                    }
                }
                None => p.muted { (named) },
            }
            @if !marks.is_empty() { figcaption { ol { @for mark in &marks {
                li { (p.say(&format!("view-plan-{}", mark.sort))) ": " (p.text(mark.name)) }
            } } } }
        }
    })
}
