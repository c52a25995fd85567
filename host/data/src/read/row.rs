//! One row of a file.

use crate::Said;
use hashbrown::HashMap;
use std::sync::Arc;

/// The names of a row's cells.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    pub(crate) names: Vec<String>,
    index: HashMap<String, usize>,
}

impl Columns {
    pub(crate) fn new(names: Vec<String>) -> Columns {
        let index = names.iter().enumerate().map(|(i, n)| (n.clone(), i)).collect();
        Columns { names, index }
    }
}

/// A row: where it stands, how it was written, and its cells, or why it has none.
#[derive(Clone, Debug)]
pub struct Row {
    /// Line of the text where the row begins, from 1; row of the sheet for a workbook.
    pub line: u64,
    /// As written in the file: the lines of CSV, the object of JSON, tab-joined cells of a workbook.
    pub raw: String,
    pub(crate) columns: Arc<Columns>,
    pub(crate) cells: Result<Vec<String>, Said>,
    /// All rows have the same columns (CSV, XLSX): a column missing here is missing everywhere.
    pub(crate) tabular: bool,
}

impl Row {
    pub(crate) fn bad(line: u64, raw: String, columns: &Arc<Columns>, reason: Said) -> Row {
        Row { line, raw, columns: Arc::clone(columns), cells: Err(reason), tabular: true }
    }

    /// Why the row cannot be used, if so.
    pub fn problem(&self) -> Option<&Said> {
        self.cells.as_ref().err()
    }

    /// The cell of a column; `None` when there is no such column (or the row is bad).
    pub fn get(&self, column: &str) -> Option<&str> {
        let at = *self.columns.index.get(column)?;
        self.cells.as_ref().ok()?.get(at).map(String::as_str)
    }

    /// The columns of this row, in their order.
    pub fn columns(&self) -> &[String] {
        &self.columns.names
    }
}
