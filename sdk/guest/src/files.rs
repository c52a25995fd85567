//! Attached files, as a plugin knows them: numbers, types and sizes. Their bytes never reach one.
//!
//! A field of a body or facet of the type [`Files`] takes them. The host checks that they are the sender's own and belongs each to
//! the record that takes it; who may open the record's page may open its files, for a purpose, and each opening is in the access
//! log. In a facet the field is `personal`: pictures show people and homes. One sort is not: a field `plan` of one file, `internal`, in a
//! facet that names nobody, is the plan of a place; it opens without a purpose, and each opening is in the access log all the same.
//!
//! ```ignore
//! #[field(personal, max = 6)]
//! pub photos: Option<Files>,
//! ```

use crate::bindings::changzhi::platform::describe::FieldType;
use crate::{EntityId, Field, FieldValue, HostError, Value, get};

/// Files somebody attached, in the order they were sent; ten at most, or fewer by `max`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Files(Vec<EntityId>);

impl Files {
    pub fn ids(&self) -> &[EntityId] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Files> for Value {
    fn from(files: Files) -> Value {
        if files.0.is_empty() {
            return Value::None;
        }
        Value::Text(files.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    }
}

impl FieldValue for Files {
    fn field_type() -> FieldType {
        FieldType::Other("files".to_owned())
    }

    fn from_value(value: Value) -> Option<Files> {
        match value {
            Value::Text(ids) => {
                ids.split(' ').map(|id| id.parse().ok().map(EntityId)).collect::<Option<_>>().map(Files)
            }
            _ => None,
        }
    }
}

const TYPE: Field<String> = Field::new("host.file", "type", "host.file.type");
const BYTES: Field<i64> = Field::new("host.file", "bytes", "host.file.bytes");

/// What is known of one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    pub id: EntityId,
    /// `image/jpeg`, `image/png` or `application/pdf`.
    pub media_type: String,
    pub bytes: i64,
}

impl Stored {
    pub fn is_picture(&self) -> bool {
        self.media_type.starts_with("image/")
    }
}

/// What is known of a file. Needs `Grant::read("host.file", …)`.
///
/// # Errors
/// The grant is missing, or there is no such file.
pub fn stored(id: EntityId) -> Result<Stored, HostError> {
    let (media_type, bytes) = get(id, (TYPE, BYTES))?;
    Ok(Stored { id, media_type: media_type.unwrap_or_default(), bytes: bytes.unwrap_or(0) })
}
