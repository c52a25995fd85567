//! Parts that show data: tables, figures, charts, maps, trees.

use super::cell::Cell;
use super::element::{Element, call, call_about};
use crate::bindings::changzhi::platform::view as wit;
use crate::value::named;
use crate::{EntityId, Point, Text, Value};

/// A table: columns first, then rows.
#[derive(Clone, PartialEq, Debug)]
pub struct Table {
    head: wit::Table,
    open: Option<(String, String)>,
    body: Element,
}

impl Default for Table {
    fn default() -> Table {
        Table::new()
    }
}

impl Table {
    pub fn new() -> Table {
        let head = wit::Table { cols: Vec::new(), total: 0, next: None };
        Table { head, open: None, body: Element::new(wit::NodeKind::Detail) }
    }

    pub fn key(mut self, key: impl ToString) -> Table {
        self.body.set_key(key);
        self
    }

    fn column(mut self, key: &str, label: impl Into<Text>, numeric: bool) -> Table {
        // the first columns survive on a narrow screen
        let priority = u8::try_from(self.head.cols.len() + 1).unwrap_or(u8::MAX);
        let label = label.into();
        self.head.cols.push(wit::Col { key: key.to_owned(), label, priority, sortable: true, numeric });
        self
    }

    /// A column; earlier ones are kept longer when the screen is narrow.
    pub fn col(self, key: &str, label: impl Into<Text>) -> Table {
        self.column(key, label, false)
    }

    /// A column of numbers.
    pub fn num_col(self, key: &str, label: impl Into<Text>) -> Table {
        self.column(key, label, true)
    }

    /// Rows there are in all, when not all are shown.
    pub fn total(mut self, total: u64) -> Table {
        self.head.total = total;
        self
    }

    /// Rows that stand for an entity open this view with its id in this parameter.
    pub fn opens(mut self, view: &str, param: &str) -> Table {
        self.open = Some((view.to_owned(), param.to_owned()));
        self
    }

    /// The view, with its parameters, that shows the rows after these.
    pub fn next<V: Into<Value>>(mut self, view: &str, args: impl IntoIterator<Item = (&'static str, V)>) -> Table {
        let args = args.into_iter().map(|(name, value)| named(name, value)).collect();
        self.head.next = Some(call(view, args));
        self
    }

    /// A row that stands for an entity; its id is its key.
    pub fn row(mut self, entity: EntityId, cells: impl IntoIterator<Item = Cell>) -> Table {
        let open = self.open.as_ref().map(|(view, param)| call_about(view, param, entity));
        self.push(entity.to_string(), cells, open);
        self
    }

    /// A row that stands for something else, with a key of its own.
    pub fn plain_row(mut self, key: impl ToString, cells: impl IntoIterator<Item = Cell>) -> Table {
        self.push(key.to_string(), cells, None);
        self
    }

    fn push(&mut self, key: String, cells: impl IntoIterator<Item = Cell>, open: Option<wit::Call>) {
        let cells = cells.into_iter().map(|c| c.0).collect();
        self.body.push_leaf(key, wit::NodeKind::Row(wit::Row { cells, open }));
    }
}

impl From<Table> for Element {
    fn from(t: Table) -> Element {
        let mut body = t.body;
        if let Some(kind) = body.root_mut() {
            *kind = wit::NodeKind::Table(t.head);
        }
        body
    }
}

/// One figure with its label.
#[derive(Clone, PartialEq, Debug)]
pub struct Stat(wit::Stat);

impl Stat {
    pub fn new(label: impl Into<Text>, value: impl Into<Cell>) -> Stat {
        Stat(wit::Stat { label: label.into(), value: value.into().0, delta: None, level: None })
    }

    /// How it changed.
    pub fn delta(mut self, delta: impl Into<Cell>) -> Stat {
        self.0.delta = Some(delta.into().0);
        self
    }

    /// Urgency from 1 (most) to 4.
    pub fn level(mut self, level: u8) -> Stat {
        self.0.level = Some(level);
        self
    }
}

impl From<Stat> for Element {
    fn from(s: Stat) -> Element {
        Element::new(wit::NodeKind::Stat(s.0))
    }
}

/// The fields of one thing, each with its label.
#[derive(Clone, PartialEq, Debug)]
pub struct Detail(Element);

impl Default for Detail {
    fn default() -> Detail {
        Detail::new()
    }
}

impl Detail {
    pub fn new() -> Detail {
        Detail(Element::new(wit::NodeKind::Detail))
    }

    pub fn line(mut self, label: impl Into<Text>, value: impl Into<Cell>) -> Detail {
        let line = wit::Labelled { label: label.into(), value: value.into().0 };
        self.0.push_leaf("", wit::NodeKind::Labelled(line));
        self
    }
}

impl From<Detail> for Element {
    fn from(d: Detail) -> Element {
        d.0
    }
}

/// A chart; the host draws it and offers the same figures as a table.
#[derive(Clone, PartialEq, Debug)]
pub struct Chart(Element);

impl Chart {
    /// `shape` such as `line`, `bar`, `pie`; `x` names the axis, `unit` the figures.
    pub fn new(shape: &str, x: impl Into<Text>, unit: impl Into<Text>) -> Chart {
        let head = wit::Chart { shape: shape.to_owned(), x: x.into(), unit: unit.into() };
        Chart(Element::new(wit::NodeKind::Chart(head)))
    }

    pub fn series(mut self, series: Series) -> Chart {
        self.0.push_leaf("", wit::NodeKind::Series(series.0));
        self
    }
}

impl From<Chart> for Element {
    fn from(c: Chart) -> Element {
        c.0
    }
}

/// One line or set of bars.
#[derive(Clone, PartialEq, Debug)]
pub struct Series(wit::Series);

impl Series {
    pub fn new(label: impl Into<Text>) -> Series {
        Series(wit::Series { label: label.into(), xs: Vec::new(), ys: Vec::new() })
    }

    pub fn point(mut self, x: impl Into<String>, y: f64) -> Series {
        self.0.xs.push(x.into());
        self.0.ys.push(y);
        self
    }
}

/// A map with layers.
#[derive(Clone, PartialEq, Debug)]
pub struct WorldMap(Element);

impl Default for WorldMap {
    fn default() -> WorldMap {
        WorldMap::new()
    }
}

impl WorldMap {
    pub fn new() -> WorldMap {
        WorldMap(Element::new(wit::NodeKind::Map))
    }

    pub fn layer(mut self, layer: Layer) -> WorldMap {
        self.0.push_leaf("", wit::NodeKind::Layer(layer.head));
        self
    }
}

impl From<WorldMap> for Element {
    fn from(m: WorldMap) -> Element {
        m.0
    }
}

/// Spots of one sort on a map.
#[derive(Clone, PartialEq, Debug)]
pub struct Layer {
    head: wit::Layer,
    open: Option<(String, String)>,
}

impl Layer {
    /// `shape` such as `pin`, `dot`, `heat`; `token` names a colour of the design system.
    pub fn new(label: impl Into<Text>, shape: &str, token: &str) -> Layer {
        let head =
            wit::Layer { label: label.into(), shape: shape.to_owned(), points: Vec::new(), token: token.to_owned() };
        Layer { head, open: None }
    }

    /// Spots open this view with their entity in this parameter.
    pub fn opens(mut self, view: &str, param: &str) -> Layer {
        self.open = Some((view.to_owned(), param.to_owned()));
        self
    }

    pub fn spot(mut self, entity: EntityId, at: Point, label: impl Into<Text>) -> Layer {
        let open = self.open.as_ref().map(|(view, param)| call_about(view, param, entity));
        self.head.points.push(wit::Spot { key: entity.to_string(), at, label: label.into(), open });
        self
    }
}

/// A tree of things that hold things.
#[derive(Clone, PartialEq, Debug)]
pub struct Tree(Element);

impl Default for Tree {
    fn default() -> Tree {
        Tree::new()
    }
}

impl Tree {
    pub fn new() -> Tree {
        Tree(Element::new(wit::NodeKind::Tree))
    }

    pub fn branch(mut self, branch: Branch) -> Tree {
        self.0.push(branch.into_element());
        self
    }
}

impl From<Tree> for Element {
    fn from(t: Tree) -> Element {
        t.0
    }
}

/// A thing of a tree and what it holds.
#[derive(Clone, PartialEq, Debug)]
pub struct Branch {
    head: wit::Branch,
    body: Element,
}

impl Branch {
    pub fn new(label: impl Into<Text>, value: impl Into<Cell>) -> Branch {
        let head = wit::Branch { label: label.into(), value: value.into().0, open: None };
        Branch { head, body: Element::new(wit::NodeKind::Detail) }
    }

    pub fn key(mut self, key: impl ToString) -> Branch {
        self.body.set_key(key);
        self
    }

    /// Opens this view with the entity in this parameter.
    pub fn opens(mut self, view: &str, param: &str, entity: EntityId) -> Branch {
        self.head.open = Some(call_about(view, param, entity));
        self
    }

    pub fn branch(mut self, branch: Branch) -> Branch {
        self.body.push(branch.into_element());
        self
    }

    fn into_element(self) -> Element {
        let mut body = self.body;
        if let Some(kind) = body.root_mut() {
            *kind = wit::NodeKind::Branch(self.head);
        }
        body
    }
}
