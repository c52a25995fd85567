//! Values of fields.

use crate::{EntityId, Micros, Name};
use serde::{Deserialize, Serialize};

/// WGS84 degrees. Other datums exist only at the edge of the host.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Point {
    pub lon: f64,
    pub lat: f64,
}

impl Point {
    /// On the globe, and numbers at all.
    pub fn is_valid(self) -> bool {
        (-180.0..=180.0).contains(&self.lon) && (-90.0..=90.0).contains(&self.lat)
    }

    /// Metres on a sphere of 6,371,008.8 m (IUGG mean radius), by haversine: within 0.6 % of the ellipsoid.
    pub fn metres_to(self, other: Point) -> f64 {
        const R: f64 = 6_371_008.8;
        let (a, b) = (self.lat.to_radians(), other.lat.to_radians());
        let (dlat, dlon) = (b - a, (other.lon - self.lon).to_radians());
        let h = (dlat / 2.0).sin().powi(2) + a.cos() * b.cos() * (dlon / 2.0).sin().powi(2);
        2.0 * R * h.sqrt().min(1.0).asin()
    }
}

/// One value of one field. Which of text, long text and code a `Text` is, is said by the field's type.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub enum Value {
    #[default]
    None,
    Flag(bool),
    Int(i64),
    Num(f64),
    Text(String),
    Time(Micros),
    Entity(EntityId),
    Point(Point),
}

impl Value {
    pub fn text(s: impl Into<String>) -> Value {
        Value::Text(s.into())
    }

    pub fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(s) => Some(s),
            _ => None,
        }
    }

    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(i) => Some(*i),
            _ => None,
        }
    }

    pub fn as_entity(&self) -> Option<EntityId> {
        match self {
            Value::Entity(e) => Some(*e),
            _ => None,
        }
    }

    pub fn as_time(&self) -> Option<Micros> {
        match self {
            Value::Time(t) => Some(*t),
            _ => None,
        }
    }

    /// The value as plain JSON: times as RFC 3339, points as `{lon, lat}`, entities as numbers.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Value::None => serde_json::Value::Null,
            Value::Flag(b) => (*b).into(),
            Value::Int(i) => (*i).into(),
            Value::Num(n) => (*n).into(),
            Value::Text(s) => s.as_str().into(),
            Value::Time(t) => t.to_rfc3339().into(),
            Value::Entity(e) => e.0.into(),
            Value::Point(p) => serde_json::json!({"lon": p.lon, "lat": p.lat}),
        }
    }
}

/// A field by name with its value.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Named {
    pub name: Name,
    pub value: Value,
}

impl Named {
    pub fn new(name: impl Into<Name>, value: Value) -> Named {
        Named { name: name.into(), value }
    }
}

/// Text for people: a message key with arguments, or data shown as it is. Never markup.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Text {
    Msg(Msg),
    Plain(String),
}

impl Text {
    pub fn key(key: impl Into<String>) -> Text {
        Text::Msg(Msg { key: key.into(), args: Vec::new() })
    }

    pub fn plain(s: impl Into<String>) -> Text {
        Text::Plain(s.into())
    }
}

/// A key of a plugin's (or the host's) message files with its arguments.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Msg {
    pub key: String,
    pub args: Vec<Named>,
}
