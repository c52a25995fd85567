//! The input of a call, in bytes that reproduce it.

use crate::limits::Export;
use crate::plugin::Notice;
use changzhi_model::{Context, Name, Value};
use serde::{Deserialize, Serialize};

/// One call as it was: what quarantine keeps.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Kept {
    pub plugin: Name,
    pub version: Name,
    pub export: Export,
    pub ctx: Context,
    /// command, view or job; the version migrated from; empty for `react`
    pub name: Name,
    pub values: Vec<Value>,
    pub notices: Vec<Notice>,
    pub cursor: Option<Vec<u8>>,
}

impl Kept {
    /// Postcard bytes; empty when it cannot be written, which no value of these types does.
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_allocvec(self).unwrap_or_default()
    }

    /// Reads what [`Kept::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Kept, postcard::Error> {
        postcard::from_bytes(bytes)
    }
}
