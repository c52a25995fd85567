//! The frame of a page: the page itself, sections, groups, notices and paragraphs.

use super::element::Element;
use crate::Text;
use crate::bindings::changzhi::platform::view as wit;

pub use crate::bindings::changzhi::platform::view::Tone;

/// A page: a title and what is on it.
#[derive(Clone, PartialEq, Debug)]
pub struct Page {
    title: Text,
    nodes: Vec<wit::Node>,
    roots: u32,
}

impl Page {
    pub fn new(title: impl Into<Text>) -> Page {
        Page { title: title.into(), nodes: Vec::new(), roots: 0 }
    }

    /// Adds a part at the end.
    #[allow(clippy::should_implement_trait)]
    pub fn add(mut self, part: impl Into<Element>) -> Page {
        let mut part = part.into();
        self.roots = self.roots.saturating_add(1);
        part.name_by_place(self.roots);
        self.nodes.append(&mut part.into_nodes());
        self
    }

    /// Adds a part if there is one.
    pub fn add_some<E: Into<Element>>(self, part: Option<E>) -> Page {
        match part {
            Some(part) => self.add(part),
            None => self,
        }
    }

    /// The nodes as they will be sent: for unit tests.
    pub fn nodes(&self) -> &[wit::Node] {
        &self.nodes
    }
}

impl From<Page> for wit::Page {
    fn from(p: Page) -> wit::Page {
        wit::Page { title: p.title, nodes: p.nodes }
    }
}

/// A part of a page with a heading.
#[derive(Clone, PartialEq, Debug)]
pub struct Section {
    head: wit::Section,
    body: Element,
}

impl Section {
    pub fn new(title: impl Into<Text>) -> Section {
        let head = wit::Section { title: title.into(), help: None, empty: None, live: false };
        Section { head, body: Element::new(wit::NodeKind::Detail) }
    }

    /// A sentence of help under the heading.
    pub fn help(mut self, help: impl Into<Text>) -> Section {
        self.head.help = Some(help.into());
        self
    }

    /// What is shown when there is nothing in it.
    pub fn empty(mut self, empty: impl Into<Text>) -> Section {
        self.head.empty = Some(empty.into());
        self
    }

    /// The host keeps it up to date while it is open: it renders the view again when something it read has changed, once for
    /// all who have the same rights. Such a rendering is for nobody in particular: `ctx.actor.id` is 0 in it. A view that shows
    /// an account its own things is found out and rendered for each account.
    pub fn live(mut self) -> Section {
        self.head.live = true;
        self
    }

    pub fn key(mut self, key: impl ToString) -> Section {
        self.body.set_key(key);
        self
    }

    #[allow(clippy::should_implement_trait)]
    pub fn add(mut self, part: impl Into<Element>) -> Section {
        self.body.push(part);
        self
    }

    pub fn add_some<E: Into<Element>>(self, part: Option<E>) -> Section {
        match part {
            Some(part) => self.add(part),
            None => self,
        }
    }
}

impl From<Section> for Element {
    fn from(s: Section) -> Element {
        let mut body = s.body;
        if let Some(kind) = body.root_mut() {
            *kind = wit::NodeKind::Section(s.head);
        }
        body
    }
}

fn group(layout: wit::Layout, parts: impl IntoIterator<Item = Element>) -> Element {
    let mut group = Element::new(wit::NodeKind::Group(layout));
    for part in parts {
        group.push(part);
    }
    group
}

/// Parts below each other.
pub fn stack(parts: impl IntoIterator<Item = Element>) -> Element {
    group(wit::Layout::Stack, parts)
}

/// Parts beside each other where there is room.
pub fn columns(parts: impl IntoIterator<Item = Element>) -> Element {
    group(wit::Layout::Columns, parts)
}

/// Parts of which one is shown at a time.
pub fn tabs(parts: impl IntoIterator<Item = Element>) -> Element {
    group(wit::Layout::Tabs, parts)
}

/// Parts that are closed until opened.
pub fn fold(parts: impl IntoIterator<Item = Element>) -> Element {
    group(wit::Layout::Fold, parts)
}

/// A line that stands out.
#[derive(Clone, PartialEq, Debug)]
pub struct Notice(wit::Notice);

impl Notice {
    pub fn new(tone: Tone, text: impl Into<Text>) -> Notice {
        Notice(wit::Notice { tone, text: text.into() })
    }
}

impl From<Notice> for Element {
    fn from(n: Notice) -> Element {
        Element::new(wit::NodeKind::Notice(n.0))
    }
}

/// A paragraph of text.
#[derive(Clone, PartialEq, Debug)]
pub struct Paragraph(Text);

impl Paragraph {
    pub fn new(text: impl Into<Text>) -> Paragraph {
        Paragraph(text.into())
    }
}

impl From<Paragraph> for Element {
    fn from(p: Paragraph) -> Element {
        Element::new(wit::NodeKind::Paragraph(p.0))
    }
}
