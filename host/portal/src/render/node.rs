//! The nodes, in pre-order, each painted with its children.

use super::{Painter, cell, input};
use crate::shape::{Action, Call, Chart, Deed, Layer, Layout, Node, NodeKind, Row, Series, Style, Table, Tone};
use maud::{Markup, PreEscaped, html};

/// Deeper nodes are not painted; the host refuses such a page when it arrives, this keeps the stack small all the same.
const DEPTH: usize = 16;

pub(super) fn all(p: &Painter<'_>, nodes: &[Node]) -> Markup {
    let mut out = String::new();
    let mut rest = nodes;
    while !rest.is_empty() {
        let (painted, after) = one(p, rest, 0);
        out.push_str(&painted.0);
        rest = after;
    }
    PreEscaped(out)
}

/// The children of a node, each still with its own, and what follows them.
fn children(rest: &[Node], count: u32) -> (Vec<&[Node]>, &[Node]) {
    let (mut each, mut rest) = (Vec::new(), rest);
    for _ in 0..count {
        if rest.is_empty() {
            break;
        }
        each.push(rest);
        rest = skip(rest);
    }
    (each, rest)
}

/// What follows a node and all below it.
fn skip(nodes: &[Node]) -> &[Node] {
    let (mut open, mut rest) = (1_u64, nodes);
    while let (true, Some((first, after))) = (open > 0, rest.split_first()) {
        open = open - 1 + u64::from(first.children);
        rest = after;
    }
    rest
}

fn one<'n>(p: &Painter<'_>, nodes: &'n [Node], depth: usize) -> (Markup, &'n [Node]) {
    let Some((node, below)) = nodes.split_first() else { return (html! {}, nodes) };
    let (each, after) = children(below, node.children);
    if depth > DEPTH {
        return (html! {}, after);
    }
    let inner = || html! { @for child in &each { (one(p, child, depth + 1).0) } };
    let painted = match &node.kind {
        NodeKind::Group(layout) => group(*layout, &inner()),
        NodeKind::Section(s) => html! {
            section.panel id={"s-" (node.key)} data-live[s.live] {
                h2 { (p.text(&s.title)) }
                @if let Some(help) = &s.help { p.muted { (p.text(help)) } }
                @if each.is_empty() { @if let Some(empty) = &s.empty { p.muted { (p.text(empty)) } } }
                (inner())
            }
        },
        NodeKind::Stat(s) => html! {
            div.stat {
                span.muted { (p.text(&s.label)) }
                strong { (cell::paint(p, &s.value)) }
                @if let Some(delta) = &s.delta { span.delta { (cell::paint(p, delta)) } }
                @if let Some(level) = s.level { (cell::level(p, level)) }
            }
        },
        NodeKind::Table(t) => table(p, t, &each),
        NodeKind::Row(r) => html! { table { tbody { (row(p, r, &[])) } } },
        NodeKind::Detail => html! { dl { (inner()) } },
        NodeKind::Labelled(l) => html! { dt { (p.text(&l.label)) } dd { (cell::paint(p, &l.value)) } },
        NodeKind::Form(f) => html! {
            form.stack method="post" action=(p.command_address(&f.submit)) novalidate data-offline[f.offline] {
                (p.hidden(&f.submit))
                (inner())
                button.primary { (p.text(&f.label)) }
            }
        },
        NodeKind::Input(i) => input::paint(p, i),
        NodeKind::Notice(n) => html! { p class=(tone(n.tone)) { (p.text(&n.text)) } },
        NodeKind::Paragraph(t) => html! { p { (p.text(t)) } },
        NodeKind::Action(a) => action(p, a),
        NodeKind::Chart(c) => chart(p, c, &each),
        NodeKind::Series(s) => html! { p { (p.text(&s.label)) } },
        NodeKind::Timeline => html! { ol.timeline { (inner()) } },
        NodeKind::Moment(m) => html! {
            li {
                time { (cell::time(m.at, p.zone, cell::TIME)) } " "
                @if let Some(level) = m.level { (cell::level(p, level)) " " }
                span.muted { (p.text(&m.actor)) } " " (p.text(&m.text))
            }
        },
        NodeKind::Progress => html! { ol.progress { (inner()) } },
        NodeKind::Step(s) => html! {
            li {
                (p.text(&s.label)) " " span.status { (p.voice.name(&s.state)) }
                @if let Some(at) = s.at { " " time { (cell::time(at, p.zone, cell::TIME)) } }
            }
        },
        NodeKind::Map => html! { div.map { (inner()) } },
        NodeKind::Layer(l) => layer(p, l),
        NodeKind::Tree => html! { ul.tree { (inner()) } },
        NodeKind::Branch(b) => html! {
            li {
                (link(p, b.open.as_ref(), &html! { (p.text(&b.label)) })) " " (cell::paint(p, &b.value))
                @if !each.is_empty() { ul { (inner()) } }
            }
        },
        NodeKind::Other(o) => html! { p.notice.info { (p.text(&o.fallback)) } },
    };
    (painted, after)
}

fn group(layout: Layout, inner: &Markup) -> Markup {
    match layout {
        Layout::Columns => html! { div.columns { (inner) } },
        // Tabs need a script to hide things; one below the other hides nothing.
        Layout::Stack | Layout::Tabs => html! { div.stack { (inner) } },
        Layout::Fold => html! { details { summary { "…" } (inner) } },
    }
}

const fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Info => "notice info",
        Tone::Good => "notice good",
        Tone::Warning => "notice warning",
        Tone::Danger => "notice danger",
    }
}

fn link(p: &Painter<'_>, open: Option<&Call>, inner: &Markup) -> Markup {
    match open {
        Some(call) => html! { a href=(p.view_address(call)) { (inner) } },
        None => html! { (inner) },
    }
}

/// Cards on a phone: each cell carries its column's name.
fn table(p: &Painter<'_>, t: &Table, each: &[&[Node]]) -> Markup {
    let labels: Vec<(String, bool, u8)> = t.cols.iter().map(|c| (p.text(&c.label), c.numeric, c.priority)).collect();
    html! {
        div.scroll { table {
            thead { tr { @for (label, numeric, _) in &labels { th.num[*numeric] scope="col" { (label) } } } }
            tbody { @for child in each {
                @if let Some(NodeKind::Row(r)) = child.first().map(|n| &n.kind) { (row(p, r, &labels)) }
            } }
        } }
        @if t.total > 0 || t.next.is_some() { p.muted { (p.voice.say("core-total")) " " (t.total)
            @if let Some(next) = &t.next { " · " a href=(p.view_address(next)) rel="next" { (p.voice.say("core-next")) } }
        } }
    }
}

fn row(p: &Painter<'_>, r: &Row, labels: &[(String, bool, u8)]) -> Markup {
    html! {
        tr { @for (i, c) in r.cells.iter().enumerate() {
            @let (label, numeric, priority) = labels.get(i).map_or(("", false, 1), |(l, n, k)| (l.as_str(), *n, *k));
            td.num[numeric].minor[priority > 2] data-label=(label) {
                @if i == 0 { (link(p, r.open.as_ref(), &cell::paint(p, c))) } @else { (cell::paint(p, c)) }
            }
        } }
    }
}

fn action(p: &Painter<'_>, a: &Action) -> Markup {
    let class = match a.style {
        Style::Primary => "primary",
        Style::Plain => "plain",
        Style::Danger => "danger",
    };
    let label = p.text(&a.label);
    match &a.deed {
        Deed::Open(call) | Deed::Download(call) => {
            html! { a.button class=(class) href=(p.view_address(call)) { (label) } }
        }
        Deed::Command(call) => {
            let button = html! {
                form.inline method="post" action=(p.command_address(call)) {
                    (p.hidden(call))
                    @if a.reason { label { (p.voice.say("core-reason")) input name="reason" required; } }
                    button class=(class) { (label) }
                }
            };
            match &a.confirm {
                // Without a script, opening the fold is the second thought.
                Some(confirm) => html! { details.confirm { summary { (label) } p { (p.text(confirm)) } (button) } },
                None => button,
            }
        }
        Deed::Other(_) => html! { p.notice.info { (p.voice.say("core-not-shown")) } },
    }
}

/// Bars in SVG and the figures as a table: reads without colour, prints, needs no script.
fn chart(p: &Painter<'_>, c: &Chart, each: &[&[Node]]) -> Markup {
    let series: Vec<&Series> = each
        .iter()
        .filter_map(|n| match n.first().map(|n| &n.kind) {
            Some(NodeKind::Series(s)) => Some(s),
            _ => None,
        })
        .collect();
    let xs = series.first().map(|s| s.xs.as_slice()).unwrap_or_default();
    let most = series.iter().flat_map(|s| &s.ys).copied().filter(|y| y.is_finite()).fold(0.0, f64::max);
    let width = |y: f64| if most > 0.0 && y.is_finite() { (y.max(0.0) / most * 100.0).round() } else { 0.0 };
    html! {
        figure.chart {
            div.scroll { table {
                thead { tr { th scope="col" { (p.text(&c.x)) } @for s in &series { th.num scope="col" { (p.text(&s.label)) " " (p.text(&c.unit)) } } } }
                tbody { @for (i, x) in xs.iter().enumerate() { tr {
                    th scope="row" { (p.voice.name(x)) }
                    @for s in &series { @let y = s.ys.get(i).copied().unwrap_or(0.0);
                        td.num {
                            (y)
                            svg.bar viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" { rect width=(width(y)) height="6" {} }
                        }
                    }
                } } }
            } }
        }
    }
}

/// Without a script a map is the list of what is on it.
fn layer(p: &Painter<'_>, l: &Layer) -> Markup {
    html! {
        h3 { (p.text(&l.label)) }
        ul { @for s in &l.points {
            li { (link(p, s.open.as_ref(), &html! { (p.text(&s.label)) })) " " span.muted { (format!("{:.5}, {:.5}", s.at.lon, s.at.lat)) } }
        } }
    }
}
