//! The flat list as a tree, within the limits of one page.
//!
//! The runtime has refused lists whose counts do not add up ([`changzhi_plugins`]); what comes from elsewhere may still lie about
//! its counts, so nothing here trusts them. A branch beyond a limit stays in the tree, marked, and is painted as one card.

use crate::shape::{Node, NodeKind};

/// Sections of one page.
pub(crate) const SECTIONS_MAX: usize = 40;
/// Groups within groups.
pub(crate) const GROUPS_MAX: u8 = 4;
/// Bytes of texts and values of one page.
pub(crate) const BYTES_MAX: u64 = 256 * 1024;
/// Deeper nodes are not painted at all: it keeps the stack small whatever is sent.
const DEPTH_MAX: usize = 32;

/// Why a branch is not painted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Beyond {
    Sections,
    Groups,
    Bytes,
}

impl Beyond {
    pub(super) const fn key(self) -> &'static str {
        match self {
            Beyond::Sections => "view-beyond-sections",
            Beyond::Groups => "view-beyond-groups",
            Beyond::Bytes => "view-beyond-bytes",
        }
    }
}

/// A node with what is under it.
#[derive(Debug)]
pub(super) struct Twig<'n> {
    pub(super) node: &'n Node,
    pub(super) under: Vec<Twig<'n>>,
    /// Of the keys from the root to here: the same for the same thing on the next render.
    pub(super) id: u64,
    pub(super) beyond: Option<Beyond>,
}

impl Twig<'_> {
    pub(super) fn key(&self) -> &str {
        &self.node.key
    }

    /// As it stands in the markup: letters and digits only, whatever the keys hold.
    pub(super) fn html_id(&self) -> String {
        format!("n{:016x}", self.id)
    }
}

/// What a walk has used up so far.
struct Walk<'n> {
    rest: &'n [Node],
    sections: usize,
    bytes: u64,
}

pub(super) fn of(nodes: &[Node]) -> Vec<Twig<'_>> {
    let mut walk = Walk { rest: nodes, sections: 0, bytes: 0 };
    let mut roots = Vec::new();
    while let Some(twig) = grow(&mut walk, Seed { id: 0xcbf2_9ce4_8422_2325, depth: 0, groups: 0, marked: false }) {
        roots.push(twig);
    }
    roots
}

#[derive(Clone, Copy)]
struct Seed {
    id: u64,
    depth: usize,
    groups: u8,
    /// Something above is marked already: one card is enough.
    marked: bool,
}

fn grow<'n>(walk: &mut Walk<'n>, seed: Seed) -> Option<Twig<'n>> {
    let (node, rest) = walk.rest.split_first()?;
    walk.rest = rest;
    walk.bytes += changzhi_plugins::view_bytes(node);
    let id = grown(seed.id, &node.key);
    let mut groups = seed.groups;
    let mut beyond = (walk.bytes > BYTES_MAX).then_some(Beyond::Bytes);
    match node.kind {
        NodeKind::Section(_) => {
            walk.sections += 1;
            if walk.sections > SECTIONS_MAX {
                beyond = Some(Beyond::Sections);
            }
        }
        NodeKind::Group(_) => {
            groups += 1;
            if groups > GROUPS_MAX {
                beyond = Some(Beyond::Groups);
            }
        }
        _ => {}
    }
    let beyond = beyond.filter(|_| !seed.marked);
    let next = Seed { id, depth: seed.depth + 1, groups, marked: seed.marked || beyond.is_some() };
    let mut under = Vec::new();
    if seed.depth >= DEPTH_MAX {
        walk.rest = skip(walk.rest, node.children);
    } else {
        for _ in 0..node.children {
            match grow(walk, next) {
                Some(child) => under.push(child),
                None => break,
            }
        }
    }
    Some(Twig { node, under, id, beyond })
}

/// FNV-1a over the key, with a mark between the levels.
fn grown(above: u64, key: &str) -> u64 {
    key.bytes().chain([0xff]).fold(above, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// What follows so many branches.
fn skip(nodes: &[Node], count: u32) -> &[Node] {
    let (mut open, mut rest) = (u64::from(count), nodes);
    while let (true, Some((first, after))) = (open > 0, rest.split_first()) {
        open = open - 1 + u64::from(first.children);
        rest = after;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{Layout, Section, Text};

    fn node(key: &str, children: u32, kind: NodeKind) -> Node {
        Node { key: key.into(), children, kind }
    }

    fn section() -> NodeKind {
        NodeKind::Section(Section { title: Text::Plain("s".into()), help: None, empty: None, live: false })
    }

    #[test]
    fn lying_counts_and_great_depth_end_in_a_small_tree() {
        let deep: Vec<Node> = (0..5_000).map(|_| node("k", 1, NodeKind::Group(Layout::Stack))).collect();
        let roots = of(&deep);
        assert_eq!(roots.len(), 1);
        let lying = [node("a", u32::MAX, NodeKind::Detail), node("b", 7, NodeKind::Detail)];
        assert_eq!(of(&lying).len(), 1);
    }

    #[test]
    fn the_forty_first_section_and_the_fifth_group_are_marked_and_only_at_their_head() {
        let many: Vec<Node> = (0..42).map(|i| node(&i.to_string(), 0, section())).collect();
        let marked = of(&many).iter().filter(|t| t.beyond == Some(Beyond::Sections)).count();
        assert_eq!(marked, 2);
        let nested: Vec<Node> = (0..6).map(|_| node("g", 1, NodeKind::Group(Layout::Stack))).collect();
        let mut marks = Vec::new();
        let mut at = &of(&nested)[0];
        loop {
            marks.push(at.beyond);
            match at.under.first() {
                Some(child) => at = child,
                None => break,
            }
        }
        assert_eq!(marks, [None, None, None, None, Some(Beyond::Groups), None]);
    }

    #[test]
    fn what_is_beyond_the_bytes_is_marked_and_what_came_before_it_is_not() {
        let big = Text::Plain("字".repeat(40_000));
        let nodes: Vec<Node> = (0..4).map(|i| node(&i.to_string(), 0, NodeKind::Paragraph(big.clone()))).collect();
        let marks: Vec<_> = of(&nodes).iter().map(|t| t.beyond.is_some()).collect();
        assert_eq!(marks, [false, false, true, true]);
    }

    #[test]
    fn an_id_follows_the_keys_and_not_the_place() {
        let a = [node("x", 0, NodeKind::Detail), node("y", 0, NodeKind::Detail)];
        let b = [node("y", 0, NodeKind::Detail)];
        assert_eq!(of(&a)[1].html_id(), of(&b)[0].html_id());
        let nested = [node("x", 1, NodeKind::Tree), node("y", 0, NodeKind::Detail)];
        assert_ne!(of(&nested)[0].under[0].id, of(&b)[0].id);
    }
}
