//! Why a component is not loaded, and how to mend it.

use crate::fault::Fault;
use changzhi_model::charter::CharterBreach;

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("not a component: {0}. Build it for wasm32-wasip2")]
    NotAComponent(String),
    #[error("component of {was} bytes is over the limit of {limit}")]
    TooLarge { was: usize, limit: usize },
    /// `mend` is the grant line to add, or what to leave out.
    #[error("imports {import}, which it may not: {mend}")]
    Import { import: String, mend: String },
    #[error("cannot be compiled: {0}")]
    Compile(String),
    #[error("does not fit the interface changzhi:platform: {0}. Build it against the host's wit/ folder")]
    Interface(String),
    #[error("could not describe itself: {0}")]
    Describe(Fault),
    #[error("manifest is wrong:\n  {}", .0.join("\n  "))]
    Manifest(Vec<String>),
    #[error("refused by the charter:\n  {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  "))]
    Charter(Vec<CharterBreach>),
    #[error("engine: {0}")]
    Engine(String),
    #[error("{what} {path}: {source}")]
    Io { what: &'static str, path: String, source: std::io::Error },
}
