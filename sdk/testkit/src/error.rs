//! Why the kit could not do what a test asked.

use crate::refused::Refused;
use changzhi_pipeline::{InstallError, OpenError};
use std::fmt;

/// What went wrong, in words that say how to mend it. Tests unwrap it, so `Debug` is those words too.
#[derive(thiserror::Error)]
pub enum TestError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Install(#[from] InstallError),
    /// There is no component, or one that is older than its source. Holds the line to run.
    #[error("{0}")]
    Component(String),
    #[error("{0}: no such command, view or job; write it as plugin/name")]
    Unknown(String),
    /// What was asked had to be done and was not.
    #[error("{asked} was refused: {refused}")]
    Refused { asked: String, refused: Refused },
    /// The plugin could not answer, or broke its contract.
    #[error("{asked} failed: {why}")]
    Failed { asked: String, why: String },
    /// A test's own mistake.
    #[error("{0}")]
    Wrong(String),
}

impl fmt::Debug for TestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
