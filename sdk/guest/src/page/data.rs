//! Parts that show data: tables, figures, charts.

use super::cell::Cell;
use super::element::{Element, call, call_about};
use super::form::{Action, Input};
use super::part::{Part, To};
use crate::bindings::changzhi::platform::view as wit;
use crate::value::named;
use crate::{EntityId, Text, Value};

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

    /// Inputs above it that show this view again with other parameters: each must be a parameter of the view.
    pub fn filters(mut self, label: impl Into<Text>, inputs: impl IntoIterator<Item = Input>) -> Table {
        let part = inputs.into_iter().fold(Part::new("filters", label).key("filters"), Part::add);
        self.body.push(part);
        self
    }

    /// Commands on the rows somebody has chosen: each row is one command, with the row's key in this parameter.
    pub fn bulk(mut self, row_param: &str, actions: impl IntoIterator<Item = Action>) -> Table {
        let part = Part::new("bulk", Text::plain("")).key("bulk").set("row-param", row_param);
        self.body.push(actions.into_iter().fold(part, Part::add));
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
pub struct Stat {
    head: wit::Stat,
    trend: Option<wit::Series>,
    open: Option<To>,
}

impl Stat {
    pub fn new(label: impl Into<Text>, value: impl Into<Cell>) -> Stat {
        let head = wit::Stat { label: label.into(), value: value.into().0, delta: None, level: None };
        Stat { head, trend: None, open: None }
    }

    /// How it changed.
    pub fn delta(mut self, delta: impl Into<Cell>) -> Stat {
        self.head.delta = Some(delta.into().0);
        self
    }

    /// Urgency from 1 (most) to 4.
    pub fn level(mut self, level: u8) -> Stat {
        self.head.level = Some(level);
        self
    }

    /// How it went before now, the oldest first: drawn as small as a word.
    pub fn trend(mut self, trend: Series) -> Stat {
        self.trend = Some(trend.0);
        self
    }

    /// Opens what it counts.
    pub fn opens(mut self, view: impl Into<To>) -> Stat {
        self.open = Some(view.into());
        self
    }
}

impl From<Stat> for Element {
    fn from(s: Stat) -> Element {
        let label = s.head.label.clone();
        let mut element = Element::new(wit::NodeKind::Stat(s.head));
        if let Some(trend) = s.trend {
            element.push_leaf("", wit::NodeKind::Series(trend));
        }
        if let Some(open) = s.open {
            element.push(
                open.args.into_iter().fold(Action::open(label, &open.name), |a, arg| a.with(&arg.name, arg.value)),
            );
        }
        element
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
    /// `shape` is `line`, `bar`, `area`, `pie`, `gauge`, `spark`, `heat` or `scatter`; `x` names the axis, `unit` the figures.
    pub fn new(shape: &str, x: impl Into<Text>, unit: impl Into<Text>) -> Chart {
        let head = wit::Chart { shape: shape.to_owned(), x: x.into(), unit: unit.into() };
        Chart(Element::new(wit::NodeKind::Chart(head)))
    }

    /// A line the figures should not cross, with how bad it is to cross it, from 1 (worst) to 4.
    pub fn limit(mut self, label: impl Into<Text>, y: f64, level: u8) -> Chart {
        self.0.push(Part::new("limit", label).set("y", y).set("level", i64::from(level)));
        self
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
