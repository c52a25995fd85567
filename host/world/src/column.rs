//! One field of one facet: one vector, so that a scan of the field touches nothing else.
//!
//! Contract: personal, secret and long-text fields hold only where the value is in the journal, never the value.
//! Codes are numbered for each field by first use. Price: 8 bytes a row for most types, 4 for codes, 1 for flags, 12 for
//! locators, and a presence bit.

use crate::bits::Bits;
use crate::intern::Interner;
use crate::text::TextArena;
use changzhi_model::{EntityId, FieldDecl, FieldType, Micros, Point, Value};

#[derive(Debug, Clone)]
pub(crate) enum Data {
    Flag(Vec<bool>),
    Int(Vec<i64>),
    Num(Vec<f64>),
    Time(Vec<i64>),
    Entity(Vec<u64>),
    Code(Vec<u32>, Interner),
    Text(TextArena),
    Point(Vec<f64>, Vec<f64>),
    /// Sequence and change number; `bool` = sealed.
    Locator(Vec<u64>, Vec<u32>, bool),
}

#[derive(Debug, Clone)]
pub(crate) struct FieldColumn {
    pub data: Data,
    pub present: Bits,
}

/// What a value of a declared type is kept in; `None` for a type of a later interface.
pub(crate) fn store_for(decl: &FieldDecl) -> Option<Data> {
    let sealed = decl.sensitivity.is_sealed();
    Some(match &decl.kind {
        FieldType::Other(_) => return None,
        _ if sealed => Data::Locator(Vec::new(), Vec::new(), true),
        FieldType::LongText => Data::Locator(Vec::new(), Vec::new(), false),
        FieldType::Flag => Data::Flag(Vec::new()),
        FieldType::Int => Data::Int(Vec::new()),
        FieldType::Num => Data::Num(Vec::new()),
        FieldType::Code => Data::Code(Vec::new(), Interner::default()),
        FieldType::Text | FieldType::Files | FieldType::Members => Data::Text(TextArena::default()),
        FieldType::Time => Data::Time(Vec::new()),
        FieldType::Entity(_) => Data::Entity(Vec::new()),
        FieldType::Point => Data::Point(Vec::new(), Vec::new()),
    })
}

/// True when `value` is of the type: `Value::None` never is.
pub(crate) fn fits(kind: &FieldType, value: &Value) -> bool {
    matches!(
        (kind, value),
        (FieldType::Flag, Value::Flag(_))
            | (FieldType::Int, Value::Int(_))
            | (FieldType::Num, Value::Num(_))
            | (
                FieldType::Code | FieldType::Text | FieldType::LongText | FieldType::Files | FieldType::Members,
                Value::Text(_),
            )
            | (FieldType::Time, Value::Time(_))
            | (FieldType::Entity(_), Value::Entity(_))
            | (FieldType::Point, Value::Point(_))
    )
}

fn put<T>(column: &mut [T], row: usize, value: T) {
    if let Some(at) = column.get_mut(row) {
        *at = value;
    }
}

impl FieldColumn {
    pub fn new(data: Data, rows: usize) -> FieldColumn {
        let mut column = FieldColumn { data, present: Bits::default() };
        for _ in 0..rows {
            column.push_empty();
        }
        column
    }

    pub fn push_empty(&mut self) {
        self.present.push(false);
        match &mut self.data {
            Data::Flag(v) => v.push(false),
            Data::Int(v) | Data::Time(v) => v.push(0),
            Data::Num(v) => v.push(0.0),
            Data::Entity(v) => v.push(0),
            Data::Code(v, _) => v.push(0),
            Data::Text(v) => v.push(""),
            Data::Point(x, y) => {
                x.push(0.0);
                y.push(0.0);
            }
            Data::Locator(s, c, _) => {
                s.push(0);
                c.push(0);
            }
        }
    }

    /// Sets a value that [`fits`]; `seq` and `change` say where it is in the journal.
    pub fn set(&mut self, row: usize, value: &Value, seq: u64, change: u32) {
        match (&mut self.data, value) {
            (Data::Flag(v), Value::Flag(b)) => put(v, row, *b),
            (Data::Int(v), Value::Int(n)) => put(v, row, *n),
            (Data::Num(v), Value::Num(n)) => put(v, row, *n),
            (Data::Time(v), Value::Time(t)) => put(v, row, t.0),
            (Data::Entity(v), Value::Entity(e)) => put(v, row, e.0),
            (Data::Code(v, names), Value::Text(s)) => put(v, row, names.intern(&s.into())),
            (Data::Text(v), Value::Text(s)) => v.set(row, s),
            (Data::Point(x, y), Value::Point(p)) => {
                put(x, row, p.lon);
                put(y, row, p.lat);
            }
            (Data::Locator(..), _) => return self.locate(row, seq, change),
            _ => return,
        }
        self.present.set(row, true);
    }

    pub fn locate(&mut self, row: usize, seq: u64, change: u32) {
        if let Data::Locator(s, c, _) = &mut self.data {
            put(s, row, seq);
            put(c, row, change);
            self.present.set(row, true);
        }
    }

    pub fn clear(&mut self, row: usize) {
        self.present.set(row, false);
        if let Data::Text(v) = &mut self.data {
            v.set(row, "");
        }
    }

    pub fn is_sealed(&self) -> bool {
        matches!(self.data, Data::Locator(_, _, true))
    }

    /// Where the value is in the journal, for locator columns.
    pub fn locator(&self, row: usize) -> Option<(u64, u32)> {
        match &self.data {
            Data::Locator(s, c, _) if self.present.get(row) => Some((*s.get(row)?, *c.get(row)?)),
            _ => None,
        }
    }

    /// The value in memory; `None` when there is none or it is only in the journal.
    pub fn value(&self, row: usize) -> Option<Value> {
        if !self.present.get(row) {
            return None;
        }
        Some(match &self.data {
            Data::Flag(v) => Value::Flag(*v.get(row)?),
            Data::Int(v) => Value::Int(*v.get(row)?),
            Data::Num(v) => Value::Num(*v.get(row)?),
            Data::Time(v) => Value::Time(Micros(*v.get(row)?)),
            Data::Entity(v) => Value::Entity(EntityId(*v.get(row)?)),
            Data::Code(v, names) => Value::Text(names.name(*v.get(row)?).to_string()),
            Data::Text(v) => Value::Text(v.get(row).to_owned()),
            Data::Point(x, y) => Value::Point(Point { lon: *x.get(row)?, lat: *y.get(row)? }),
            Data::Locator(..) => return None,
        })
    }
}
