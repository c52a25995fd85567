//! Rust values into the interface's values.

use crate::bindings::changzhi::platform::types::Named;
use crate::{EntityId, Micros, Point, Value};

impl Value {
    /// True for the absent value.
    pub fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }
}

/// A named value.
pub(crate) fn named(name: impl Into<String>, value: impl Into<Value>) -> Named {
    Named { name: name.into(), value: value.into() }
}

macro_rules! into_value {
    ($($from:ty, $v:ident => $to:expr;)*) => {
        $(impl From<$from> for Value {
            fn from($v: $from) -> Value { $to }
        })*
    };
}

into_value! {
    bool, v => Value::Flag(v);
    i64, v => Value::Int(v);
    i32, v => Value::Int(v.into());
    u32, v => Value::Int(v.into());
    f64, v => Value::Num(v);
    &str, v => Value::Text(v.to_owned());
    String, v => Value::Text(v);
    Micros, v => Value::Time(v.0);
    EntityId, v => Value::Entity(v.0);
    Point, v => Value::Point(v);
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Value {
        v.map_or(Value::None, Into::into)
    }
}
