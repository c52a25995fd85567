//! What is on a map as a list of names: for paper, where the picture cannot be moved or enlarged.

use super::{Content, LISTED_MAX, track_key};
use crate::render::part::Malformed;
use crate::render::tree::Twig;
use crate::render::{Painter, plain};
use crate::shape::{Layer, Other};
use changzhi_print::Leaf;

/// The areas, lines and spots, and the parts that do not read.
pub(in crate::render) fn leaves<'n>(p: &Painter<'_>, twig: &Twig<'n>) -> (Vec<Leaf>, Vec<(&'n Other, Malformed)>) {
    let content = Content::of(twig);
    let mut out = Vec::new();
    if !content.areas.is_empty() {
        out.push(leaf(0, p.say("view-areas"), content.areas.len().to_string()));
        for area in content.areas.iter().take(LISTED_MAX) {
            let level = area.level.map(|l| p.name(&format!("level-{l}")));
            let value = area.value.map(plain::decimal);
            out.push(leaf(1, p.text(area.label), [level, value].into_iter().flatten().collect::<Vec<_>>().join(" · ")));
        }
        out.extend(more(p, content.areas.len()));
    }
    for track in content.tracks.iter().take(LISTED_MAX) {
        out.push(leaf(0, p.text(track.label), p.say(track_key(track.of))));
    }
    content.layers.iter().for_each(|layer| out.extend(of_layer(p, layer)));
    (out, content.bad)
}

/// The spots of one layer.
pub(in crate::render) fn of_layer(p: &Painter<'_>, layer: &Layer) -> Vec<Leaf> {
    let mut out = vec![leaf(0, p.text(&layer.label), layer.points.len().to_string())];
    out.extend(layer.points.iter().take(LISTED_MAX).map(|s| leaf(1, p.text(&s.label), plain::degrees(&s.at))));
    out.extend(more(p, layer.points.len()));
    out
}

fn more(p: &Painter<'_>, all: usize) -> Option<Leaf> {
    (all > LISTED_MAX).then(|| leaf(1, p.say_number("view-more-spots", all - LISTED_MAX), String::new()))
}

fn leaf(depth: u8, label: String, value: String) -> Leaf {
    Leaf { depth, label, value }
}
