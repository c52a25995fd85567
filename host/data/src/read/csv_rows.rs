//! CSV (RFC 4180, as the `csv` crate reads it), with the raw input of each row.
//!
//! The `csv` crate reads ahead; [`Tape`] keeps the bytes since the beginning of the current row, so that the row can be given
//! back as written. The tape is what bounds a row: a quote that is never closed ends in an error, not in all of the file in
//! memory. Price: each byte is copied once more.

use super::open::{Input, Opened, broken};
use super::row::Columns;
use super::{ReadError, ReadOptions, Row};
use crate::Said;
use std::fmt;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// Bytes read ahead of the current row by the `csv` crate.
const AHEAD: usize = 64 << 10;

pub(super) fn read(
    opened: Opened,
    options: &ReadOptions,
    each: &mut dyn FnMut(Row) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    let path = opened.path;
    let Input::Text(text) = opened.input else { return Ok(()) };
    let tab = path.to_string_lossy().contains(".tsv");
    let delimiter = options.delimiter.unwrap_or(if tab { b'\t' } else { b',' });
    let limits = options.limits;
    let tape = Tape { inner: text, kept: Vec::new(), limit: limits.record + AHEAD };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(AHEAD)
        .from_reader(tape);
    let mut record = csv::StringRecord::new();
    let mut columns: Option<Arc<Columns>> = None;
    let mut began = 0_u64;
    let mut line = 1_u64;
    loop {
        let more = reader.read_record(&mut record).map_err(|e| failed(&path, line, e))?;
        if !more {
            break;
        }
        let ended = reader.position().byte();
        let raw = reader.get_mut().cut(ended - began);
        began = ended;
        // Empty lines before the row are skipped by the crate; the row begins after them.
        let skipped = raw.len() - raw.trim_start_matches(['\r', '\n']).len();
        let starts = line + newlines(raw.get(..skipped).unwrap_or_default());
        line += newlines(&raw);
        let raw = raw.get(skipped..).unwrap_or_default().trim_end_matches(['\r', '\n']).to_owned();
        let Some(columns) = &columns else {
            columns = Some(Arc::new(header(&path, starts, &record, limits.columns)?));
            continue;
        };
        let row = row(columns, starts, raw, &record, limits.field, delimiter);
        if each(row).is_break() {
            return Ok(());
        }
    }
    match columns {
        Some(_) => Ok(()),
        None => Err(ReadError::new(
            &path,
            1,
            Said::new("没有表头", "there is no header"),
            Said::new("第一行应为列名", "The first line must name the columns"),
        )),
    }
}

fn row(columns: &Arc<Columns>, line: u64, raw: String, record: &csv::StringRecord, field: usize, delimiter: u8) -> Row {
    let wanted = columns.names.len();
    if ends_in_quotes(&raw, delimiter) {
        let reason = Said::new("引号没有闭合", "a quote is opened and never closed");
        return Row::bad(line, raw, columns, reason);
    }
    if record.len() != wanted {
        let reason = Said::new(
            format!("有 {} 列，表头有 {wanted} 列", record.len()),
            format!("{} fields, the header has {wanted}: quote fields that hold the separator", record.len()),
        );
        return Row::bad(line, raw, columns, reason);
    }
    if let Some((name, cell)) = columns.names.iter().zip(record).find(|(_, cell)| cell.len() > field) {
        let reason = Said::new(
            format!("列 {name} 有 {} 字节，上限是 {field}", cell.len()),
            format!("column {name} has {} bytes, at most {field}", cell.len()),
        );
        return Row::bad(line, raw, columns, reason);
    }
    let cells = Ok(record.iter().map(str::to_owned).collect());
    Row { line, raw, columns: Arc::clone(columns), cells, tabular: true }
}

/// Names of columns: none empty, none twice, not too many.
fn header(path: &Path, line: u64, record: &csv::StringRecord, most: usize) -> Result<Columns, ReadError> {
    let names = record.iter().map(|n| n.trim().to_owned()).collect();
    check_header(path, line, names, most)
}

pub(super) fn check_header(path: &Path, line: u64, names: Vec<String>, most: usize) -> Result<Columns, ReadError> {
    let fail = |reason, mend| Err(ReadError::new(path, line, reason, mend));
    if names.len() > most {
        return fail(
            Said::new(
                format!("有 {} 列，上限是 {most}", names.len()),
                format!("{} columns, at most {most}", names.len()),
            ),
            Said::new("请删去不用的列", "Drop the columns that are not used"),
        );
    }
    for (i, name) in names.iter().enumerate() {
        if name.is_empty() {
            return fail(
                Said::new(format!("第 {} 列没有名称", i + 1), format!("column {} has no name", i + 1)),
                Said::new("请在表头中给每列命名", "Name every column in the header"),
            );
        }
        if names.iter().take(i).any(|n| n == name) {
            return fail(
                Said::new(format!("列名 {name:?} 出现了两次"), format!("column {name:?} is named twice")),
                Said::new("请改其中一个列名", "Rename one of the two"),
            );
        }
    }
    Ok(Columns::new(names))
}

fn newlines(s: &str) -> u64 {
    s.bytes().filter(|b| *b == b'\n').count() as u64
}

/// Whether the row as written stops inside a quoted field.
fn ends_in_quotes(raw: &str, delimiter: u8) -> bool {
    let mut bytes = raw.bytes().peekable();
    let mut at_start = true;
    let mut quoted = false;
    while let Some(b) = bytes.next() {
        if quoted {
            if b == b'"' && bytes.next_if_eq(&b'"').is_none() {
                quoted = false;
            }
        } else if b == b'"' && at_start {
            quoted = true;
        }
        at_start = !quoted && b == delimiter;
    }
    quoted
}

fn failed(path: &Path, line: u64, e: csv::Error) -> ReadError {
    let text = e.to_string();
    match e.into_kind() {
        csv::ErrorKind::Io(e) => match e.get_ref().and_then(|inner| inner.downcast_ref::<TooLong>()) {
            Some(TooLong(limit)) => ReadError::new(
                path,
                line,
                Said::new(format!("一行超过 {limit} 字节"), format!("a row is longer than {limit} bytes")),
                Said::new(
                    "多半是这一行里有一个没有闭合的引号：请改正后再导入",
                    "Most likely a quote in this row is never closed: mend it and import again",
                ),
            ),
            None => {
                let mut error = broken(path, &e);
                if error.line == 0 {
                    error.line = line;
                }
                error
            }
        },
        _ => ReadError::new(
            path,
            line,
            Said::new(format!("无法解析：{text}"), format!("it cannot be parsed: {text}")),
            Said::new("请检查这一行", "Look at this row"),
        ),
    }
}

#[derive(Debug)]
struct TooLong(usize);

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row over {} bytes", self.0)
    }
}

impl std::error::Error for TooLong {}

/// Keeps what was read since the beginning of the current row.
struct Tape {
    inner: Box<dyn Read>,
    kept: Vec<u8>,
    limit: usize,
}

impl Tape {
    /// Takes the first `n` bytes off the tape: the row just read.
    fn cut(&mut self, n: u64) -> String {
        let n = usize::try_from(n).unwrap_or(usize::MAX).min(self.kept.len());
        let rest = self.kept.split_off(n);
        let row = std::mem::replace(&mut self.kept, rest);
        String::from_utf8_lossy(&row).into_owned()
    }
}

impl Read for Tape {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.kept.len() > self.limit {
            return Err(io::Error::other(TooLong(self.limit - AHEAD)));
        }
        let n = self.inner.read(buf)?;
        self.kept.extend_from_slice(buf.get(..n).unwrap_or_default());
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::ends_in_quotes;

    #[test]
    fn an_open_quote_is_seen_only_where_a_field_begins() {
        assert!(ends_in_quotes("a,\"b", b','));
        assert!(ends_in_quotes("\"a\"\"", b','));
        assert!(!ends_in_quotes("a,\"b\"", b','));
        assert!(!ends_in_quotes("pipe of 5\" width,b", b','));
        assert!(!ends_in_quotes("\"a\"\"b\",c", b','));
    }
}
