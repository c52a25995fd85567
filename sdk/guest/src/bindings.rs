//! The generated side of `wit/`: the only place where the interface's own types are made.
//!
//! Plugins do not name this module; the types they need are re-exported by name from the crate's root. It is public because
//! the code that [`crate::plugin!`] writes and the test kit refer to it.
#![doc(hidden)]
#![allow(clippy::all, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

wit_bindgen::generate!({
    path: "../../wit",
    world: "plugin",
    pub_export_macro: true,
    export_macro_name: "export_component",
    default_bindings_module: "::changzhi_sdk::bindings",
    additional_derives: [PartialEq],
});
