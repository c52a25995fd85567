//! The live sections of a rendered page.
//!
//! They are cut out of the whole page's markup, so that a section that comes alone is byte for byte what the page shows. The
//! markup is our own: maud escapes every `<` in texts and attributes, so tags can be counted without a parser.

use crate::shape::{Cell, Node, NodeKind, Page};

/// What marks a live section; see `render`.
const MARK: &str = " data-live";

/// One live section as it stands on the page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Cut {
    pub(super) id: String,
    /// Without form secrets: the page has its own.
    pub(super) html: String,
    /// What of it says something: without the revision its forms carry.
    pub(super) content: String,
}

/// Outermost live sections, in the order of the page.
pub(super) fn cut(markup: &str) -> Vec<Cut> {
    let mut out = Vec::new();
    let mut rest = markup;
    while let Some(part) = next(&mut rest) {
        if let Some(id) = attribute(head(part), "id") {
            let html = blank(part, "_key");
            let content = blank(&html, "_rev");
            out.push(Cut { id: id.to_owned(), html, content });
        }
    }
    out
}

fn head(element: &str) -> &str {
    element.split_once('>').map_or(element, |(head, _)| head)
}

fn attribute<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let (_, value) = head.split_once(&format!(" {name}=\""))?;
    value.split('"').next()
}

/// The next marked element with all that is in it; `rest` goes on behind it.
fn next<'m>(rest: &mut &'m str) -> Option<&'m str> {
    loop {
        let whole = *rest;
        let at = whole.find(MARK)?;
        let (before, after) = whole.split_at_checked(at)?;
        // In a text or a value it is no mark: there no tag is open, or a quote is.
        let begin = before.rfind('<').filter(|b| {
            let open = before.get(*b..).unwrap_or_default();
            !open.contains('>') && open.matches('"').count() % 2 == 0
        });
        let ends = after.get(MARK.len()..).and_then(|a| a.chars().next()).is_some_and(|c| " >=".contains(c));
        let Some(begin) = begin.filter(|_| ends) else {
            *rest = after.get(MARK.len()..)?;
            continue;
        };
        let element = whole.get(begin..)?;
        let end = end_of(element)?;
        *rest = element.get(end..)?;
        return element.get(..end);
    }
}

/// Where the element that begins here ends.
fn end_of(element: &str) -> Option<usize> {
    let name: String = element.chars().skip(1).take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let (mut depth, mut at) = (0_usize, 0_usize);
    loop {
        let rest = element.get(at..)?;
        let closing = rest.find(&close)?;
        match rest.find(&open).filter(|o| *o < closing) {
            Some(opening) => {
                at += opening + open.len();
                // `<section` also begins `<sections`, which is another element.
                let follows = element.get(at..)?.chars().next()?;
                depth += usize::from(follows == ' ' || follows == '>');
            }
            None => {
                at += closing + close.len();
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
        }
    }
}

/// Empties the value of hidden inputs of this name.
fn blank(html: &str, name: &str) -> String {
    let before = format!("name=\"{name}\" value=\"");
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((head, tail)) = rest.split_once(&before) {
        out.push_str(head);
        out.push_str(&before);
        rest = tail.find('"').and_then(|end| tail.get(end..)).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// A row of level 1 or 2 in a live section.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Urgent {
    /// Which of the page's outermost live sections.
    pub(super) section: usize,
    pub(super) key: String,
    pub(super) level: u8,
}

/// What the nodes of a page say beyond their markup.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Said {
    /// Titles of the outermost live sections, as nodes.
    pub(super) live: Vec<usize>,
    pub(super) urgent: Vec<Urgent>,
    /// A live table has levels at all: alarms may come.
    pub(super) levels: bool,
    /// Something shows an age or a remaining time.
    pub(super) ticks: bool,
}

pub(super) fn said(page: &Page) -> Said {
    let mut said = Said::default();
    let mut at = 0;
    while let Some(node) = page.nodes.get(at) {
        let size = match &node.kind {
            NodeKind::Section(s) if s.live => size(&page.nodes, at),
            _ => 1,
        };
        if size > 1 || matches!(&node.kind, NodeKind::Section(s) if s.live) {
            said.live.push(at);
            for inner in page.nodes.get(at..at + size).unwrap_or_default() {
                note(&mut said, inner);
            }
        }
        at += size;
    }
    said
}

fn note(said: &mut Said, node: &Node) {
    let row = match &node.kind {
        NodeKind::Row(row) => row,
        // A queue of alarms: they come at once, and each shows how old it is.
        NodeKind::Other(other) if other.kind == "alarms" => {
            (said.levels, said.ticks) = (true, true);
            return;
        }
        // A figure that has a level stands over a board whose rows have them, also while it is empty.
        NodeKind::Stat(stat) => {
            said.levels |= stat.level.is_some();
            return;
        }
        _ => return,
    };
    let section = said.live.len() - 1;
    for cell in &row.cells {
        match cell {
            Cell::Level(level) => {
                said.levels = true;
                if *level <= 2 {
                    said.urgent.push(Urgent { section, key: node.key.clone(), level: *level });
                }
            }
            Cell::Duration(_) | Cell::Due(_) => said.ticks = true,
            _ => {}
        }
    }
}

/// A node with all below it.
fn size(nodes: &[Node], at: usize) -> usize {
    let mut open = 1_u64;
    let mut size = 0;
    while let (true, Some(node)) = (open > 0, nodes.get(at + size)) {
        open = open - 1 + u64::from(node.children);
        size += 1;
    }
    size
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{Row, Section, Text};
    use maud::html;

    #[test]
    fn live_sections_are_cut_out_whole_and_without_form_secrets() {
        let evil = "<section data-live id=\"x\">\" data-live=\"";
        let page = html! {
            section { p { (evil) } }
            section.panel id="s-a" data-live title=(evil) {
                section { (evil) } sections {}
                input type="hidden" name="_csrf" value=""; input type="hidden" name="_key" value="0123abcd";
                input type="hidden" name="_rev" value="77";
            }
            div { details id="s-b" data-live { section data-live id="inner" {} } }
            section data-lively id="no" {}
        };
        let cuts = cut(&page.0);
        assert_eq!(cuts.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["s-a", "s-b"]);
        assert!(cuts[0].html.starts_with("<section class=\"panel\" id=\"s-a\" data-live"));
        assert!(cuts[0].html.ends_with("value=\"77\"></section>"), "{}", cuts[0].html);
        assert!(cuts[0].html.contains("name=\"_key\" value=\"\""));
        assert!(!cuts[0].content.contains("77"));
        assert!(cuts[1].html.ends_with("</section></details>"));
    }

    #[test]
    fn markup_that_breaks_off_is_left_alone() {
        for broken in
            ["<section data-live id=\"a\"><p>", "<section data-live", " data-live", "<a data-live id=\"a\"></b>"]
        {
            assert!(cut(broken).is_empty(), "{broken}");
        }
    }

    fn node(key: &str, children: u32, kind: NodeKind) -> Node {
        Node { key: key.into(), children, kind }
    }

    fn section(live: bool) -> NodeKind {
        NodeKind::Section(Section { title: Text::Plain("s".into()), help: None, empty: None, live })
    }

    fn row(cells: Vec<Cell>) -> NodeKind {
        NodeKind::Row(Row { cells, open: None })
    }

    #[test]
    fn urgent_rows_are_those_of_live_sections() {
        let nodes = vec![
            node("still", 1, section(false)),
            node("r0", 0, row(vec![Cell::Level(1)])),
            node("a", 2, section(true)),
            node("r1", 0, row(vec![Cell::Level(1), Cell::Duration(5)])),
            node("r2", 0, row(vec![Cell::Level(3)])),
            node("b", 0, section(true)),
        ];
        let said = said(&Page { title: Text::Plain("p".into()), nodes });
        assert_eq!(said.live, [2, 5]);
        assert_eq!(said.urgent, [Urgent { section: 0, key: "r1".into(), level: 1 }]);
        assert!(said.levels && said.ticks);
    }
}
