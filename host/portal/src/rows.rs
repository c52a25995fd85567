//! A plugin's view as rows: what the formats of other systems (Open311, CAP) are made from.

use crate::api;
use crate::problem::Problem;
use crate::shape::{Cell, NodeKind, Page, Text};
use crate::state::App;
use crate::words::Locale;
use changzhi_gate::{Ask, Session};
use changzhi_model::{Micros, Seq, body};
use serde_json::Value as Json;

/// One row of a view, its cells by the keys of its columns.
pub(crate) struct Line(Vec<(String, Cell)>);

impl Line {
    pub(crate) fn cell(&self, key: &str) -> Option<&Cell> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, c)| c)
    }

    pub(crate) fn text(&self, key: &str) -> Option<String> {
        match self.cell(key)? {
            Cell::Text(Text::Plain(t)) | Cell::Code(t) | Cell::Status(t) => Some(t.clone()),
            _ => None,
        }
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        matches!(self.cell(key), Some(Cell::Flag(true)))
    }

    pub(crate) fn number(&self, key: &str) -> Option<f64> {
        match self.cell(key) {
            Some(Cell::Num(n)) => Some(*n),
            _ => None,
        }
    }

    pub(crate) fn time(&self, key: &str) -> Option<Micros> {
        match self.cell(key)? {
            Cell::Time(at) => Some(Micros(*at)),
            _ => None,
        }
    }

    pub(crate) fn int(&self, key: &str) -> Option<i64> {
        match self.cell(key) {
            Some(Cell::Int(n)) => Some(*n),
            _ => None,
        }
    }

    pub(crate) fn revision(&self) -> Option<Seq> {
        match self.cell("revision")? {
            Cell::Int(n) => u64::try_from(*n).ok().map(Seq),
            _ => None,
        }
    }
}

/// The rows of the one table a view shows.
fn lines(page: &Page) -> Vec<Line> {
    let mut keys: Vec<String> = Vec::new();
    let mut out = Vec::new();
    for node in &page.nodes {
        match &node.kind {
            NodeKind::Table(table) => keys = table.cols.iter().map(|c| c.key.clone()).collect(),
            NodeKind::Row(row) => out.push(Line(keys.iter().cloned().zip(row.cells.iter().cloned()).collect())),
            _ => {}
        }
    }
    out
}

/// Asks a view of a plugin as nobody in particular: [`Session::public`] holds no role.
pub(crate) async fn look(
    app: &App,
    locale: Locale,
    plugin: &str,
    view: &str,
    params: Json,
) -> Result<Vec<Line>, Problem> {
    let ask = Ask { plugin, command: view, purpose: None, place: None, key: None, locale: locale.tag() };
    let look = app.gate.look(&Session::public(), &ask, |declared| body::parse(declared, &params));
    let look = look.map_err(|refusal| Problem::of_gate(refusal, plugin))?;
    match app.town.view(look).await {
        Ok((page, _)) => Ok(lines(&page)),
        Err(problem) => Err(api::view_problem(problem, plugin)),
    }
}

/// Text of an element. Characters XML 1.0 cannot say are left out.
pub(crate) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(c),
            '\r' => out.push_str("&#13;"),
            c if u32::from(c) < 0x20 || matches!(u32::from(c), 0xfffe | 0xffff) => {}
            c => out.push(c),
        }
    }
}
