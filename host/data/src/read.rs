//! Reading files row by row.
//!
//! What a file is, is decided by its first bytes, never by its name alone: a picture named `.csv` is refused as a picture.
//! Text must be UTF-8; other encodings are recognised and refused with the line, the byte and the command that converts
//! them, because converting on a guess changes people's words. A bad row is handed on with its reason and its raw input and
//! reading goes on; a bad file ends the reading with a [`ReadError`].

mod bytes;
mod csv_rows;
mod error;
mod json_rows;
mod json_split;
mod open;
mod row;
mod utf8;
mod xlsx_rows;

pub use error::ReadError;
pub use open::Format;
pub use row::Row;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How much a file may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one field.
    pub field: usize,
    /// Bytes of one row as written in the file.
    pub record: usize,
    pub columns: usize,
    /// Bytes of an XLSX file, and of what it unpacks to times 32: a workbook cannot be streamed altogether.
    pub workbook: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { field: 256 << 10, record: 1 << 20, columns: 512, workbook: 128 << 20 }
    }
}

/// How to read a file.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// Column separator of CSV; a comma, or a tab for `.tsv`, when not given.
    pub delimiter: Option<u8>,
    /// Sheet of a workbook; the first when not given.
    pub sheet: Option<String>,
    pub limits: Limits,
}

/// How far the reading is, in bytes of the file on disk. Shared with whoever draws the bar.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    pub(crate) done: Arc<AtomicU64>,
    pub(crate) total: Arc<AtomicU64>,
}

impl Progress {
    pub fn bytes_done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    pub fn bytes_total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }
}

/// Reads `path` and hands each row to `each` until it breaks. Rows come in the order of the file.
pub fn read(
    path: &Path,
    options: &ReadOptions,
    progress: &Progress,
    each: &mut dyn FnMut(Row) -> ControlFlow<()>,
) -> Result<Format, ReadError> {
    let opened = open::open(path, options, progress)?;
    let format = opened.format;
    match format {
        Format::Csv => csv_rows::read(opened, options, each)?,
        Format::Json => json_rows::read(opened, options, each)?,
        Format::Xlsx => xlsx_rows::read(opened, options, each)?,
    }
    Ok(format)
}
