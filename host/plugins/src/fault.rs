//! A bug of a plugin, and what it costs it: the instance.

use crate::limits::Export;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What went wrong, with the number that was exceeded.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, Serialize, Deserialize)]
pub enum FaultKind {
    #[error("trapped: {0}")]
    Trap(String),
    #[error("ran longer than its deadline of {ms} ms")]
    Deadline { ms: u64 },
    #[error("needed more memory than {limit} bytes for the whole instance")]
    Memory { limit: u64 },
    #[error("recursed deeper than its stack")]
    Stack,
    #[error("called the host more than {limit} times after being told that its budget of {budget} is spent")]
    HostCalls { limit: u32, budget: u32 },
    #[error("made the host copy more than {limit} bytes in one crossing")]
    Crossing { limit: u64 },
    #[error("returned {was} bytes, the limit is {limit}")]
    Output { limit: u64, was: u64 },
    #[error("asked for {was} changes, the limit is {limit}")]
    Changes { limit: u32, was: u64 },
    #[error("returned a page of {was} nodes, the limit is {limit}")]
    Nodes { limit: u32, was: u64 },
    #[error("returned a page that is not a tree: {0}")]
    Page(String),
    #[error("ended its own process with code {0}")]
    Exit(i32),
    #[error("waited: plugins have no clock, take `now` from the context")]
    Wait,
    #[error("could not be instantiated: {0}")]
    Instantiate(String),
    /// What it asked for cannot be: found by the checks after the call.
    #[error("broke its contract: {0}")]
    Breach(String),
    #[error("made the host panic: {0}")]
    Panic(String),
    /// No bug of the plugin: what it opened could not be entered in the access log, so its answer is not given.
    #[error("looked at what could not be accounted for: {0}")]
    Unaccounted(String),
}

/// A plugin's bug. The instance that had it is gone; the input is kept where there was one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    pub kind: FaultKind,
    pub export: Option<Export>,
    /// The call, in bytes that reproduce it: see [`Kept::decode`](crate::Kept::decode).
    pub kept: Option<Arc<[u8]>>,
}

impl Fault {
    /// Found by the checks after the call: the plugin asked for what no plugin may.
    pub fn breach(what: impl Into<String>) -> Fault {
        Fault { kind: FaultKind::Breach(what.into()), export: None, kept: None }
    }

    pub(crate) fn at(export: Export, kind: FaultKind) -> Fault {
        Fault { kind, export: Some(export), kept: None }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.export {
            Some(export) => write!(f, "plugin fault in {export}: {}", self.kind),
            None => write!(f, "plugin fault: {}", self.kind),
        }
    }
}

impl std::error::Error for Fault {}
