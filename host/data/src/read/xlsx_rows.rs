//! XLSX, cell by cell: a sheet that says it has a cell at XFD1048576 costs nothing.
//!
//! The first row with cells is the header. Dates become `2026-11-23T08:00:00` (a workbook knows no zone), whole numbers lose
//! their `.0`. What calamine cannot read, or where it fails in its own code, is an error of the file.

use super::csv_rows::check_header;
use super::open::{Input, Opened, broken};
use super::row::Columns;
use super::{ReadError, ReadOptions, Row};
use crate::Said;
use calamine::{DataRef, Reader, Xlsx};
use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

pub(super) fn read(
    opened: Opened,
    options: &ReadOptions,
    each: &mut dyn FnMut(Row) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    let path = opened.path;
    let Input::Workbook(file) = opened.input else { return Ok(()) };
    unpacks_to_bounded_size(&path, options.limits.workbook.saturating_mul(32))?;
    match catch_unwind(AssertUnwindSafe(|| sheet(&path, file, options, each))) {
        Ok(done) => done,
        Err(_) => Err(damaged(&path, 0, "the reader failed on it")),
    }
}

fn damaged(path: &Path, line: u64, why: &str) -> ReadError {
    ReadError::new(
        path,
        line,
        Said::new(format!("工作簿已损坏：{why}"), format!("the workbook is damaged: {why}")),
        Said::new(
            "请在表格软件中打开并另存为 XLSX 或 CSV",
            "Open it in a spreadsheet program and save it as XLSX or CSV",
        ),
    )
}

fn sheet<R: std::io::Read + Seek>(
    path: &Path,
    file: R,
    options: &ReadOptions,
    each: &mut dyn FnMut(Row) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    let mut book: Xlsx<R> = Xlsx::new(file).map_err(|e| damaged(path, 0, &e.to_string()))?;
    let sheets = book.sheet_names();
    let name = match &options.sheet {
        Some(wanted) if !sheets.contains(wanted) => {
            return Err(ReadError::new(
                path,
                0,
                Said::new(format!("没有工作表 {wanted:?}"), format!("there is no sheet {wanted:?}")),
                Said::new(format!("现有：{}", sheets.join("、")), format!("There are: {}", sheets.join(", "))),
            ));
        }
        Some(wanted) => wanted.clone(),
        None => sheets.first().cloned().ok_or_else(|| damaged(path, 0, "it has no sheet"))?,
    };
    let mut cells = book.worksheet_cells_reader(&name).map_err(|e| damaged(path, 0, &e.to_string()))?;
    let mut rows = Rows { path, options, columns: None, each };
    let mut current: Option<u32> = None;
    let mut row: Vec<String> = Vec::new();
    loop {
        let cell = cells.next_cell().map_err(|e| damaged(path, u64::from(current.unwrap_or(0)) + 1, &e.to_string()))?;
        let at = cell.as_ref().map(calamine::Cell::get_position);
        if let Some(line) = current
            && at.is_none_or(|(r, _)| r != line)
            && rows.end(u64::from(line) + 1, std::mem::take(&mut row))?.is_break()
        {
            return Ok(());
        }
        let (Some(cell), Some((line, column))) = (cell, at) else { break };
        current = Some(line);
        let column = column as usize;
        let text = text(cell.get_value());
        if text.is_empty() {
            continue;
        }
        if column >= options.limits.columns {
            let most = options.limits.columns;
            return Err(ReadError::new(
                path,
                u64::from(line) + 1,
                Said::new(
                    format!("第 {} 列有内容，上限是 {most} 列", column + 1),
                    format!("column {} is used, at most {most}", column + 1),
                ),
                Said::new("请删去不用的列", "Drop the columns that are not used"),
            ));
        }
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        if let Some(to) = row.get_mut(column) {
            *to = text;
        }
    }
    if rows.columns.is_none() {
        return Err(ReadError::new(
            path,
            0,
            Said::new("工作表是空的", "the sheet is empty"),
            Said::new("第一行应为列名", "Its first row must name the columns"),
        ));
    }
    Ok(())
}

struct Rows<'a> {
    path: &'a Path,
    options: &'a ReadOptions,
    columns: Option<Arc<Columns>>,
    each: &'a mut dyn FnMut(Row) -> ControlFlow<()>,
}

impl Rows<'_> {
    fn end(&mut self, line: u64, mut cells: Vec<String>) -> Result<ControlFlow<()>, ReadError> {
        if cells.iter().all(String::is_empty) {
            return Ok(ControlFlow::Continue(()));
        }
        let Some(columns) = &self.columns else {
            let names = cells.into_iter().map(|c| c.trim().to_owned()).collect();
            self.columns = Some(Arc::new(check_header(self.path, line, names, self.options.limits.columns)?));
            return Ok(ControlFlow::Continue(()));
        };
        let raw = cells.join("\t");
        let wanted = columns.names.len();
        if cells.len() > wanted {
            let reason = Said::new(
                format!("有 {} 列，表头有 {wanted} 列", cells.len()),
                format!("{} cells, the header has {wanted}", cells.len()),
            );
            return Ok((self.each)(Row::bad(line, raw, columns, reason)));
        }
        cells.resize(wanted, String::new());
        let field = self.options.limits.field;
        if let Some((name, cell)) = columns.names.iter().zip(&cells).find(|(_, cell)| cell.len() > field) {
            let reason = Said::new(
                format!("列 {name} 有 {} 字节，上限是 {field}", cell.len()),
                format!("column {name} has {} bytes, at most {field}", cell.len()),
            );
            return Ok((self.each)(Row::bad(line, raw, columns, reason)));
        }
        let row = Row { line, raw, columns: Arc::clone(columns), cells: Ok(cells), tabular: true };
        Ok((self.each)(row))
    }
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(i) => i.to_string(),
        // Display of f64 writes whole numbers without a point.
        DataRef::Float(f) => f.to_string(),
        DataRef::String(s) | DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => s.clone(),
        DataRef::SharedString(s) => (*s).to_owned(),
        DataRef::Bool(b) => b.to_string(),
        DataRef::DateTime(t) if t.is_datetime() => {
            let (year, month, day, hour, minute, second, milli) = t.to_ymd_hms_milli();
            let fraction = if milli == 0 { String::new() } else { format!(".{milli:03}") };
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}")
        }
        DataRef::DateTime(t) => t.as_f64().to_string(),
        DataRef::Error(e) => e.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// Adds up what the archive's directory says its parts unpack to, before anything is unpacked: a small workbook may hold
/// terabytes of zeros.
fn unpacks_to_bounded_size(path: &Path, limit: u64) -> Result<(), ReadError> {
    use std::io::Read;
    let mut file = BufReader::new(File::open(path).map_err(|e| broken(path, &e))?);
    let length = file.seek(SeekFrom::End(0)).map_err(|e| broken(path, &e))?;
    file.seek(SeekFrom::Start(0)).map_err(|e| broken(path, &e))?;
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.read_to_end(&mut bytes).map_err(|e| broken(path, &e))?;
    let mut total = 0_u64;
    let mut rest = bytes.as_slice();
    while let Some(at) = rest.windows(4).position(|w| w == b"PK\x01\x02") {
        let entry = rest.get(at..).unwrap_or_default();
        let size = entry.get(24..28).and_then(|b| <[u8; 4]>::try_from(b).ok()).map_or(0, u32::from_le_bytes);
        total = total.saturating_add(u64::from(size));
        rest = entry.get(4..).unwrap_or_default();
    }
    if total <= limit {
        return Ok(());
    }
    Err(ReadError::new(
        path,
        0,
        Said::new(
            format!("解压后有 {total} 字节，上限是 {limit}"),
            format!("it unpacks to {total} bytes, at most {limit}"),
        ),
        Said::new("请另存为 CSV", "Save it as CSV"),
    ))
}
