//! Which Rust types a field may have, and how each is read back.

use crate::bindings::changzhi::platform::describe::FieldType;
use crate::bindings::changzhi::platform::world::Column as Raw;
use crate::{EntityId, Micros, Point, Value};

/// A Rust type that a field of a facet or body may have.
pub trait FieldValue: Into<Value> + Sized {
    /// The field's type when no attribute says otherwise (a `String` may also be `code` or `long_text`).
    fn field_type() -> FieldType;
    /// `None` when the value is of another type.
    fn from_value(value: Value) -> Option<Self>;
}

/// A field type that lives in columns of the world, and what a cell of the column is read as.
pub trait ColumnValue: FieldValue {
    type Cell<'a>;
    /// `None` when the column has another type or no such row.
    fn cell(column: &Raw, row: usize) -> Option<Self::Cell<'_>>;
}

macro_rules! field_value {
    ($($ty:ty, $kind:expr, $pattern:pat => $to:expr;)*) => {
        $(impl FieldValue for $ty {
            fn field_type() -> FieldType { $kind }
            fn from_value(value: Value) -> Option<Self> {
                match value { $pattern => $to, _ => None }
            }
        })*
    };
}

field_value! {
    bool, FieldType::Flag, Value::Flag(v) => Some(v);
    i64, FieldType::Int, Value::Int(v) => Some(v);
    i32, FieldType::Int, Value::Int(v) => i32::try_from(v).ok();
    u32, FieldType::Int, Value::Int(v) => u32::try_from(v).ok();
    f64, FieldType::Num, Value::Num(v) => Some(v);
    String, FieldType::Text, Value::Text(v) => Some(v);
    Micros, FieldType::Time, Value::Time(v) => Some(Micros(v));
    EntityId, FieldType::Entity(String::new()), Value::Entity(v) => Some(EntityId(v));
    Point, FieldType::Point, Value::Point(v) => Some(v);
}

macro_rules! column_value {
    ($($ty:ty, $case:ident, $v:ident => $to:expr;)*) => {
        $(impl ColumnValue for $ty {
            type Cell<'a> = $ty;
            fn cell(column: &Raw, row: usize) -> Option<$ty> {
                match column { Raw::$case(all) => all.get(row).and_then(|$v| $to), _ => None }
            }
        })*
    };
}

column_value! {
    bool, Flags, v => Some(*v != 0);
    i64, Ints, v => Some(*v);
    i32, Ints, v => i32::try_from(*v).ok();
    u32, Ints, v => u32::try_from(*v).ok();
    f64, Nums, v => Some(*v);
    Micros, Times, v => Some(Micros(*v));
    EntityId, Entities, v => Some(EntityId(*v));
}

impl ColumnValue for String {
    type Cell<'a> = &'a str;
    fn cell(column: &Raw, row: usize) -> Option<&str> {
        match column {
            Raw::Codes(codes) => {
                let index = usize::try_from(*codes.index.get(row)?).ok()?;
                codes.names.get(index).map(String::as_str)
            }
            Raw::Texts(texts) => {
                let end = usize::try_from(*texts.ends.get(row)?).ok()?;
                let start = match row.checked_sub(1) {
                    Some(before) => usize::try_from(*texts.ends.get(before)?).ok()?,
                    None => 0,
                };
                texts.arena.get(start..end)
            }
            _ => None,
        }
    }
}
