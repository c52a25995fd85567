//! A rendered page, as texts a test compares.

use changzhi_model::Seq;
use changzhi_pipeline::view::{Cell, Deed, Node, NodeKind, Page, Text};

/// What a view showed. Messages are shown by their key, data as it is, times in microseconds.
#[derive(Clone, Debug)]
pub struct Shown {
    pub page: Page,
    /// The revision it is good for.
    pub revision: Seq,
}

impl Shown {
    pub fn title(&self) -> &str {
        text(&self.page.title)
    }

    /// The rows of a table, by the table's key or the title of the section it is in; a cell that is empty is `""`.
    /// No such table is no rows: compare with what must be there.
    pub fn rows(&self, of: &str) -> Vec<Vec<String>> {
        let found = self.page.nodes.iter().enumerate().find(|(_, node)| match &node.kind {
            NodeKind::Table(_) => node.key == of,
            NodeKind::Section(section) => text(&section.title) == of,
            _ => false,
        });
        let Some((at, _)) = found else { return Vec::new() };
        let cells = |node: &Node| match &node.kind {
            NodeKind::Row(row) => Some(row.cells.iter().map(cell).collect()),
            _ => None,
        };
        self.under(at).filter_map(cells).collect()
    }

    pub fn has_section(&self, title: &str) -> bool {
        self.page.nodes.iter().any(|n| matches!(&n.kind, NodeKind::Section(s) if text(&s.title) == title))
    }

    /// The value of a figure or of a line of details, by its label.
    pub fn value(&self, label: &str) -> Option<String> {
        self.page.nodes.iter().find_map(|node| match &node.kind {
            NodeKind::Stat(stat) if text(&stat.label) == label => Some(cell(&stat.value)),
            NodeKind::Labelled(line) if text(&line.label) == label => Some(cell(&line.value)),
            _ => None,
        })
    }

    /// The points of a series of a chart, by its label.
    pub fn series(&self, label: &str) -> Vec<(String, f64)> {
        let found = self.page.nodes.iter().find_map(|node| match &node.kind {
            NodeKind::Series(series) if text(&series.label) == label => Some(series),
            _ => None,
        });
        found.map(|s| s.xs.iter().cloned().zip(s.ys.iter().copied()).collect()).unwrap_or_default()
    }

    /// True when a paragraph, notice or moment says this.
    pub fn says(&self, words: &str) -> bool {
        self.page.nodes.iter().any(|node| match &node.kind {
            NodeKind::Paragraph(said) => text(said) == words,
            NodeKind::Notice(notice) => text(&notice.text) == words,
            NodeKind::Moment(moment) => text(&moment.text) == words,
            _ => false,
        })
    }

    /// The keys of its parts of a kind that travels as `other` (`alarm`, `card`), in order.
    pub fn parts(&self, kind: &str) -> Vec<&str> {
        let is = |node: &&Node| matches!(&node.kind, NodeKind::Other(other) if other.kind == kind);
        self.page.nodes.iter().filter(is).map(|node| node.key.as_str()).collect()
    }

    /// The commands its forms and buttons give, in order.
    pub fn commands(&self) -> Vec<&str> {
        self.page
            .nodes
            .iter()
            .filter_map(|node| match &node.kind {
                NodeKind::Form(form) => Some(form.submit.name.as_str()),
                NodeKind::Action(action) => match &action.deed {
                    Deed::Command(call) => Some(call.name.as_str()),
                    _ => None,
                },
                _ => None,
            })
            .collect()
    }

    /// The nodes under one, in order.
    fn under(&self, at: usize) -> impl Iterator<Item = &Node> {
        let mut left = self.page.nodes.get(at).map_or(0, |n| u64::from(n.children));
        self.page.nodes.iter().skip(at + 1).take_while(move |node| {
            let inside = left > 0;
            left = left.saturating_sub(1) + u64::from(node.children);
            inside
        })
    }
}

fn text(text: &Text) -> &str {
    match text {
        Text::Plain(words) => words,
        Text::Msg(message) => &message.key,
    }
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::None => String::new(),
        Cell::Text(words) => text(words).to_owned(),
        Cell::Int(n) | Cell::Duration(n) | Cell::Time(n) | Cell::Date(n) => n.to_string(),
        Cell::Num(n) | Cell::Money(n) | Cell::Percent(n) => n.to_string(),
        Cell::Flag(on) => on.to_string(),
        Cell::Code(code) | Cell::Status(code) => code.clone(),
        Cell::Level(level) => level.to_string(),
        Cell::Due(due) => format!("{}>{}", due.at, due.limit),
        Cell::Place(place) => text(&place.label).to_owned(),
        Cell::Person(person) => format!("#{person}"),
        Cell::Tags(tags) => tags.join(" "),
        Cell::Other(named) => named.name.clone(),
    }
}
