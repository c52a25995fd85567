//! The nodes of `wit/view.wit`, as the runtime hands them over.

pub use changzhi_plugins::view::*;
