//! JSON: an array of objects, or an object a line. Objects inside are flattened to `outer.inner`; arrays stay as their text.

use super::json_split::{Piece, Splitter};
use super::open::{Input, Opened, broken};
use super::row::Columns;
use super::{Limits, ReadError, ReadOptions, Row};
use crate::Said;
use serde_json::{Map, Value};
use std::ops::ControlFlow;
use std::sync::Arc;

pub(super) fn read(
    opened: Opened,
    options: &ReadOptions,
    each: &mut dyn FnMut(Row) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    let path = opened.path;
    let Input::Text(text) = opened.input else { return Ok(()) };
    let mut pieces = Splitter::new(text, options.limits.record);
    let none = Arc::new(Columns::default());
    let mut rows = 0_u64;
    loop {
        let piece = pieces.next().map_err(|e| {
            let mut error = broken(&path, &e);
            if error.line == 0 {
                error.line = pieces.line();
            }
            error
        })?;
        let row = match piece {
            Piece::End if rows == 0 => {
                return Err(ReadError::new(
                    &path,
                    0,
                    Said::new("没有一个对象", "there is not one object in it"),
                    Said::new("应为对象数组，或每行一个对象", "It must be an array of objects, or an object a line"),
                ));
            }
            Piece::End => return Ok(()),
            Piece::Object(line, bytes) => object(line, bytes, &options.limits, &none),
            Piece::Other(line, bytes) => {
                let raw = String::from_utf8_lossy(&bytes).into_owned();
                Row::bad(line, raw, &none, Said::new("不是 JSON 对象", "this is not a JSON object"))
            }
            Piece::TooLong(line) => {
                let limit = options.limits.record;
                return Err(ReadError::new(
                    &path,
                    line,
                    Said::new(format!("一个对象超过 {limit} 字节"), format!("an object is longer than {limit} bytes")),
                    Said::new("请检查引号和括号是否闭合", "Look for a quote or bracket that is never closed"),
                ));
            }
            Piece::Unclosed(line) => {
                return Err(ReadError::new(
                    &path,
                    line,
                    Said::new("对象没有结束", "the object never ends"),
                    Said::new("文件被截断：请重新取得", "The file was cut: fetch it again"),
                ));
            }
        };
        rows += 1;
        if each(row).is_break() {
            return Ok(());
        }
    }
}

fn object(line: u64, bytes: Vec<u8>, limits: &Limits, none: &Arc<Columns>) -> Row {
    let parsed = serde_json::from_slice::<Map<String, Value>>(&bytes);
    let raw = String::from_utf8_lossy(&bytes).into_owned();
    let map = match parsed {
        Ok(map) => map,
        Err(e) => {
            let reason = Said::new(format!("JSON 有误：{e}"), format!("wrong JSON: {e}"));
            return Row::bad(line, raw, none, reason);
        }
    };
    let (mut names, mut cells) = (Vec::new(), Vec::new());
    flatten(String::new(), map, &mut names, &mut cells);
    if names.len() > limits.columns {
        let reason = Said::new(
            format!("有 {} 个字段，上限是 {}", names.len(), limits.columns),
            format!("{} fields, at most {}", names.len(), limits.columns),
        );
        return Row::bad(line, raw, none, reason);
    }
    if let Some((name, cell)) = names.iter().zip(&cells).find(|(_, cell): &(_, &String)| cell.len() > limits.field) {
        let reason = Said::new(
            format!("字段 {name} 有 {} 字节，上限是 {}", cell.len(), limits.field),
            format!("field {name} has {} bytes, at most {}", cell.len(), limits.field),
        );
        return Row::bad(line, raw, none, reason);
    }
    Row { line, raw, columns: Arc::new(Columns::new(names)), cells: Ok(cells), tabular: false }
}

/// serde_json bounds the depth of what it parses at 128, so this recursion is bounded too.
fn flatten(prefix: String, map: Map<String, Value>, names: &mut Vec<String>, cells: &mut Vec<String>) {
    for (name, value) in map {
        let name = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        let cell = match value {
            Value::Object(inner) => {
                flatten(name, inner, names, cells);
                continue;
            }
            Value::Null => String::new(),
            Value::String(s) => s,
            other => other.to_string(),
        };
        names.push(name);
        cells.push(cell);
    }
}
