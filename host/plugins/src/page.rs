//! Is what a view returned a tree, and within its limits? One pass.

use crate::bindings::changzhi::platform::types as wit;
use crate::bindings::changzhi::platform::view::{Cell, NodeKind, Page};
use crate::fault::FaultKind;
use crate::limits::Limits;
use hashbrown::HashSet;

/// Bytes of the page's texts, or the rule it broke. Counts must add up, siblings have different keys, roots may be many.
pub(crate) fn check(page: &Page, limits: &Limits) -> Result<u64, FaultKind> {
    let nodes = page.nodes.len() as u64;
    if nodes > u64::from(limits.nodes) {
        return Err(FaultKind::Nodes { limit: limits.nodes, was: nodes });
    }
    let mut bytes = text(&page.title);
    // Children still to come for each open ancestor, with the place of that ancestor.
    let mut open: Vec<(u32, u32)> = Vec::new();
    let mut keys: HashSet<(u32, &str)> = HashSet::with_capacity(page.nodes.len());
    for (at, node) in page.nodes.iter().enumerate() {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        while open.last().is_some_and(|(left, _)| *left == 0) {
            open.pop();
        }
        let parent = match open.last_mut() {
            Some((left, parent)) => {
                *left -= 1;
                *parent
            }
            None => u32::MAX,
        };
        if !keys.insert((parent, node.key.as_str())) {
            return Err(FaultKind::Page(format!("node {at}: key {:?} is used twice among siblings", node.key)));
        }
        if u64::from(node.children) > nodes - u64::from(at) - 1 {
            return Err(FaultKind::Page(format!(
                "node {at} ({:?}) claims {} children, {} nodes follow",
                node.key,
                node.children,
                nodes - u64::from(at) - 1
            )));
        }
        open.push((node.children, at));
        if open.len() > limits.depth as usize {
            return Err(FaultKind::Page(format!("node {at} ({:?}) is deeper than {} levels", node.key, limits.depth)));
        }
        bytes += node_bytes(node);
    }
    if let Some((left, at)) = open.iter().find(|(left, _)| *left > 0) {
        return Err(FaultKind::Page(format!("node {at} claims {left} more children than there are")));
    }
    if bytes > limits.output as u64 {
        return Err(FaultKind::Output { limit: limits.output as u64, was: bytes });
    }
    Ok(bytes)
}

/// Bytes of one node's texts and values, without what is under it.
pub fn node_bytes(node: &crate::view::Node) -> u64 {
    16 + node.key.len() as u64 + weight(&node.kind)
}

fn named(list: &[wit::Named]) -> u64 {
    list.iter().map(|n| n.name.len() as u64 + value(&n.value)).sum()
}

fn value(v: &wit::Value) -> u64 {
    match v {
        wit::Value::Text(s) => s.len() as u64,
        _ => 8,
    }
}

fn text(t: &wit::Text) -> u64 {
    match t {
        wit::Text::Plain(s) => s.len() as u64,
        wit::Text::Msg(m) => m.key.len() as u64 + named(&m.args),
    }
}

fn maybe(t: Option<&wit::Text>) -> u64 {
    t.map_or(0, text)
}

fn call(c: &crate::view::Call) -> u64 {
    c.name.len() as u64 + named(&c.args)
}

fn cell(c: &Cell) -> u64 {
    8 + match c {
        Cell::Text(t) => text(t),
        Cell::Code(s) | Cell::Status(s) => s.len() as u64,
        Cell::Place(p) => text(&p.label),
        Cell::Tags(tags) => tags.iter().map(|t| t.len() as u64 + 8).sum(),
        Cell::Other(n) => n.name.len() as u64 + value(&n.value),
        _ => 0,
    }
}

fn weight(kind: &NodeKind) -> u64 {
    match kind {
        NodeKind::Section(s) => text(&s.title) + maybe(s.help.as_ref()) + maybe(s.empty.as_ref()),
        NodeKind::Stat(s) => text(&s.label) + cell(&s.value) + s.delta.as_ref().map_or(0, cell),
        NodeKind::Table(t) => {
            t.cols.iter().map(|c| c.key.len() as u64 + text(&c.label)).sum::<u64>() + t.next.as_ref().map_or(0, call)
        }
        NodeKind::Row(r) => r.cells.iter().map(cell).sum::<u64>() + r.open.as_ref().map_or(0, call),
        NodeKind::Labelled(l) => text(&l.label) + cell(&l.value),
        NodeKind::Form(f) => call(&f.submit) + text(&f.label),
        NodeKind::Input(i) => {
            i.name.len() as u64
                + i.kind.len() as u64
                + text(&i.label)
                + maybe(i.hint.as_ref())
                + value(&i.value)
                + i.options.iter().map(|o| o.value.len() as u64 + text(&o.label)).sum::<u64>()
        }
        NodeKind::Notice(n) => text(&n.text),
        NodeKind::Paragraph(t) => text(t),
        NodeKind::Action(a) => {
            let deed = match &a.deed {
                crate::view::Deed::Command(c)
                | crate::view::Deed::Open(c)
                | crate::view::Deed::Download(c)
                | crate::view::Deed::Other(c) => call(c),
            };
            text(&a.label) + maybe(a.confirm.as_ref()) + deed
        }
        NodeKind::Chart(c) => c.shape.len() as u64 + text(&c.x) + text(&c.unit),
        NodeKind::Series(s) => {
            text(&s.label) + s.xs.iter().map(|x| x.len() as u64 + 8).sum::<u64>() + s.ys.len() as u64 * 8
        }
        NodeKind::Moment(m) => text(&m.actor) + text(&m.text),
        NodeKind::Step(s) => text(&s.label) + s.state.len() as u64,
        NodeKind::Layer(l) => {
            text(&l.label)
                + l.points
                    .iter()
                    .map(|p| 24 + p.key.len() as u64 + text(&p.label) + p.open.as_ref().map_or(0, call))
                    .sum::<u64>()
        }
        NodeKind::Branch(b) => text(&b.label) + cell(&b.value) + b.open.as_ref().map_or(0, call),
        NodeKind::Other(o) => o.kind.len() as u64 + named(&o.attributes) + text(&o.fallback),
        NodeKind::Group(_)
        | NodeKind::Detail
        | NodeKind::Timeline
        | NodeKind::Progress
        | NodeKind::Map
        | NodeKind::Tree => 0,
    }
}
