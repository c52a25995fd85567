//! Public alerts at `/cap`, for everybody: an Atom index, each message as CAP 1.2 and as GeoJSON; and the way in for other systems.
//!
//! ```text
//! GET  /cap/index.atom · /cap/IDENTIFIER.xml · /cap/IDENTIFIER.geojson      open to everybody, with an ETag
//! POST /cap/in          CAP 1.0–1.2, or EDXL-DE 1.0 around it               Authorization: Bearer TOKEN of a connector
//! ```
//!
//! The host knows two views and one command of the plugin `command`, and of an alert only what CAP says: the message is served as it
//! was published, byte for byte, and its GeoJSON is made from it. Everything goes through the gate: reading as
//! [`Session::public`](changzhi_gate::Session::public), which holds no role, sending as the token's account.
//!
//! Price: an answer costs one view; a reader that has it already is told so (304) without the bytes.

mod atom;
mod geojson;
mod serve;
mod take_in;

use crate::state::App;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use std::sync::Arc;

/// The plugin whose alerts are spoken of.
const PLUGIN: &str = "command";

pub(crate) fn routes() -> Router<Arc<App>> {
    // How much a message may be is asked where it is read: whoever sends too much hears why.
    Router::new()
        .route("/cap/in", post(take_in::receive).layer(DefaultBodyLimit::disable()))
        .route("/cap/{name}", get(serve::one))
}
