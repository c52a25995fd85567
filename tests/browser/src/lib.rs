//! The portal as a person sees it: the real binary with the demo city, and a real Chromium.
//!
//! The browser is driven over its debugging pipe (`--remote-debugging-pipe`: JSON on file descriptors 3 and 4), with plain
//! JSON values. That needs no socket, no port, and no crate of a thousand generated types that breaks when Chromium learns a
//! new message; the price is that a misspelt method is found when it is called.
//!
//! Each [`City`] is a host of its own on a copy of one prepared folder, and each [`Browser`] a fresh profile: tests share
//! nothing. What the page did wrong meanwhile (breaches of its content security policy, exceptions, errors on the console) is
//! collected by [`Tab::complaints`] and belongs to the assertions of every test.
// JSON values are indexed: a missing key is null, not a panic.
#![allow(clippy::indexing_slicing)]

mod axe;
mod browser;
mod city;
mod input;
mod lighthouse;
pub mod outbox;
mod pipe;
mod steps;
mod tab;
mod web;
mod wire;

pub use axe::Violation;
pub use browser::{Browser, Devices};
pub use city::City;
pub use lighthouse::Scores;
pub use tab::{Network, Screen, Tab};
pub use web::asset;
pub use wire::Wire;
