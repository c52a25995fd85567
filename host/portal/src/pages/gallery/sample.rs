//! Small tools for writing samples: a tree that flattens itself, and texts in both languages.

use crate::shape::{
    Action, Call, Cell, Deed, Input, Labelled, Named, Node, NodeKind, Other, Point, Section, Series, Style, Text, Value,
};

/// 2026-11-23 09:20 in Shanghai: the samples' now.
pub(super) const NOW: i64 = 1_795_396_800_000_000;
pub(super) const MINUTE: i64 = 60_000_000;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// Which of two texts.
#[derive(Clone, Copy)]
pub(super) struct Say {
    pub(super) zh: bool,
}

impl Say {
    pub(super) fn s(self, zh: &str, en: &str) -> String {
        if self.zh { zh } else { en }.to_owned()
    }

    pub(super) fn t(self, zh: &str, en: &str) -> Text {
        Text::Plain(self.s(zh, en))
    }

    pub(super) fn c(self, zh: &str, en: &str) -> Cell {
        Cell::Text(self.t(zh, en))
    }
}

/// A node with what is under it.
pub(super) struct Part {
    key: String,
    kind: NodeKind,
    under: Vec<Part>,
}

pub(super) fn part(key: &str, kind: NodeKind) -> Part {
    Part { key: key.to_owned(), kind, under: Vec::new() }
}

impl Part {
    pub(super) fn with(mut self, under: Vec<Part>) -> Part {
        self.under = under;
        self
    }
}

pub(super) fn flat(parts: Vec<Part>) -> Vec<Node> {
    fn push(part: Part, out: &mut Vec<Node>) {
        let children = u32::try_from(part.under.len()).unwrap_or(u32::MAX);
        out.push(Node { key: part.key, children, kind: part.kind });
        for child in part.under {
            push(child, out);
        }
    }
    let mut out = Vec::new();
    for part in parts {
        push(part, &mut out);
    }
    out
}

pub(super) fn section(key: &str, title: Text, under: Vec<Part>) -> Part {
    let empty = None;
    part(key, NodeKind::Section(Section { title, help: None, empty, live: false })).with(under)
}

pub(super) fn other(key: &str, kind: &str, fallback: Text, attributes: Vec<(&str, Value)>) -> Part {
    let attributes = attributes.into_iter().map(|(name, value)| Named { name: name.to_owned(), value }).collect();
    part(key, NodeKind::Other(Other { kind: kind.to_owned(), attributes, fallback }))
}

pub(super) fn text(s: &str) -> Value {
    Value::Text(s.to_owned())
}

pub(super) fn line(key: &str, label: Text, value: Cell) -> Part {
    part(key, NodeKind::Labelled(Labelled { label, value }))
}

pub(super) fn call(name: &str, args: Vec<(&str, Value)>) -> Call {
    let args = args.into_iter().map(|(name, value)| Named { name: name.to_owned(), value }).collect();
    Call { name: name.to_owned(), args }
}

pub(super) fn command(key: &str, label: Text, style: Style) -> Part {
    let deed = Deed::Command(call("nothing", vec![("matter", Value::Entity(7))]));
    part(key, NodeKind::Action(Action { label, style, deed, confirm: None, reason: false }))
}

pub(super) fn opens(key: &str, label: Text) -> Part {
    let deed = Deed::Open(call("nothing", vec![]));
    part(key, NodeKind::Action(Action { label, style: Style::Plain, deed, confirm: None, reason: false }))
}

pub(super) fn input(name: &str, kind: &str, label: Text) -> Input {
    Input {
        name: name.to_owned(),
        label,
        hint: None,
        kind: kind.to_owned(),
        required: false,
        value: Value::None,
        options: Vec::new(),
        min: None,
        max: None,
        max_len: 0,
    }
}

pub(super) fn field(input: Input) -> Part {
    part(&input.name.clone(), NodeKind::Input(input))
}

pub(super) fn series(key: &str, label: Text, points: Vec<(String, f64)>) -> Part {
    let (xs, ys) = points.into_iter().unzip();
    part(key, NodeKind::Series(Series { label, xs, ys }))
}

pub(super) const fn at(lon: f64, lat: f64) -> Point {
    Point { lon, lat }
}
