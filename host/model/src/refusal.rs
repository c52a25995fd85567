//! A refusal is a value.

use crate::{Name, Text};
use serde::{Deserialize, Serialize};

/// One thing wrong with one field of a body.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Problem {
    pub field: Name,
    pub message: Text,
}

/// Why a command, view or job was not done. The world is as it was.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Refusal {
    /// The actor may not do this.
    Denied(Text),
    /// The body is wrong: every problem, not just the first.
    Invalid(Vec<Problem>),
    /// Somebody else was faster, or the state does not allow it.
    Conflict(Text),
    NotFound(Text),
    Other(Text),
}
