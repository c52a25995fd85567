//! What the whole-system tests drive the product with: the real binary, its folder, and clients as outsiders have them.
//!
//! Nothing in here links a crate of the host: a test sees what an operator and a browser see. The binary and the plugins are
//! taken from the target folder, and built when they are not there.
// JSON values are indexed: a missing key is null, not a panic.
#![allow(clippy::indexing_slicing)]

mod binary;
mod client;
mod folder;
mod host;
mod python;
mod reports;
mod shared;

pub use binary::{Done, mapping, root, run, run_on_terminal, run_with, spawn, target, xtask};
pub use client::{Client, Reply, in_hours};
pub use folder::{copy, files, flip, written};
pub use host::{Host, Start};
pub use python::python;
pub use reports::{body, count, grids, overview, rows_by};
pub use shared::{rows, shared};
