//! No code: one choice of features for the packages that every build of this workspace shares.
//!
//! Cargo chooses the features of a shared package by what is built: one package alone would have other features of `anyhow`
//! than the workspace has, and with it everything that stands on it, the compiler of the plugins too, is built once more
//! (minutes). Who stands on `changzhi-plugins` stands on this crate, so that `-p` and `--workspace` agree. When they do not,
//! compare `cargo tree -e features` of both and add the feature that only the workspace has.
