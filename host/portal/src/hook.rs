//! What devices send: `POST /hook/button`.
//!
//! ```text
//! POST /hook/button   Authorization: Bearer SECRET   Idempotency-Key: …
//! {"device": "A-3F-302", "pressed": "2026-01-01T08:00:00Z", "category": "help"}     pressed and category where the device has them
//! 200 {"alarm": 7, "outcome": "rung"}   401 wrong secret or device   403 revoked   429 too many wrong ones
//! ```
//!
//! Proof, session and command are those of every device, whatever way it sends by: [`changzhi_devices::door`]. Over MQTT the adapter of that
//! crate comes to the same door; vendors' own protocols are adapters in front of this address.

use crate::api::{self, body_problem};
use crate::auth;
use crate::layer::About;
use crate::problem::Problem;
use crate::state::{App, Peer};
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use changzhi_devices::door::{self, Became, Knock, PLUGIN, Says};
use changzhi_gate::{DeviceProof, GateRefusal};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pressed {
    device: String,
    pressed: Option<String>,
    category: Option<String>,
}

pub(crate) async fn button(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let bytes = bytes.map_err(|e| body_problem(&e, app.options.body))?;
    let sent: Pressed = serde_json::from_slice(&bytes).map_err(|e| Problem::new(400, "json", e.to_string()))?;
    let given = api::declared(&headers)?;
    let address = peer.ip().to_string();
    let knock = Knock {
        device: &sent.device,
        proof: DeviceProof::Secret(auth::bearer(&headers).unwrap_or("")),
        address: &address,
        key: given.key.as_deref(),
        locale: about.locale.tag(),
    };
    let says = Says::Pressed { pressed: sent.pressed, category: sent.category };
    let checked = door::check(&app.gate, &*app.town, &knock, &says).map_err(|no| match no {
        GateRefusal::WrongPin => Problem::new(401, "wrong-secret", "no such device, or another secret: enrol it again"),
        other => Problem::of_gate(other, PLUGIN),
    })?;
    let became = Became::of(&api::run(&app, checked).await?.answer);
    if became.is_revoked() {
        return Err(Problem::new(403, "revoked", "this device is revoked: nobody was rung"));
    }
    Ok(Json(json!({"alarm": became.alarm, "outcome": became.outcome})).into_response())
}
