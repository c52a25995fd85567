//! The outside: JSON API, OpenAPI, health, metrics, and the pages.
//!
//! Everything that comes in passes one layer ([`layer`]) that names the request, bounds it in time and number, and dresses every
//! answer; handlers return either an answer or a [`problem::Problem`], which the layer turns into JSON or a page in the asker's
//! language. Pages are made from the node lists plugins send: only [`render`] writes markup, and nothing on a page needs a script: with one, pages are [`live`] and some forms work
//! offline.
//!
//! Price: a request costs one middleware, one route lookup and one hash of its token; OpenAPI and messages are built once for
//! each set of installed plugins.

#![allow(
    clippy::result_large_err,
    reason = "a problem or a ready response is made once for a request that fails; boxing buys nothing"
)]

mod api;
mod appearance;
mod auth;
mod cache;
mod cap;
mod city;
pub mod edge;
mod export;
mod files;
mod health;
mod hook;
mod install;
mod journal_check;
mod layer;
mod live;
mod metrics;
mod open311;
mod openapi;
mod options;
mod outside;
mod pages;
mod problem;
mod render;
mod room;
mod rows;
mod seen;
mod server;
pub mod shape;
mod sound;
mod state;
mod talk;
mod tls;
mod town;
mod words;

pub use appearance::{Appearance, Keys, Profile, Size, Theme};
pub use city::CityTown;
pub use files::{FileOptions, Swept, sweep as sweep_files};
pub use live::LiveOptions;
pub use openapi::document as openapi_document;
pub use options::{Footer, PortalOptions, SettingLine};
pub use outside::Outside;
pub use pages::{matter_number, matter_page};
pub use room::{Ice, IceError, RoomOptions};
pub use server::{BindError, Running, Server};
pub use tls::{Tls, TlsError, TlsFile};
pub use town::{Fresh, Kept, PluginStanding, Standing, Town, Verified, ViewFuture, ViewProblem, WatchFuture, Watched};
pub use words::{Locale, Voice, Words};
