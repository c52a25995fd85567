//! What devices send: `POST /hook/button`.
//!
//! ```text
//! POST /hook/button   Authorization: Bearer SECRET   Idempotency-Key: …
//! {"device": "A-3F-302", "pressed": "2026-01-01T08:00:00Z", "category": "help"}     pressed and category where the device has them
//! 200 {"alarm": 7, "outcome": "rung"}   401 wrong secret or device   403 revoked   429 too many wrong ones
//! ```
//!
//! A device is a record of a plugin with a unique field `device`; that it is the device is the gate's to say ([`changzhi_gate::Gate::device`]).
//! The command is the plugin's `press-button`, through gate and pipeline like everybody's. MQTT and vendors' own protocols are adapters in
//! front of this address.

use crate::api::{self, ask, body_problem};
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
use changzhi_gate::GateRefusal;
use changzhi_model::{EntityId, Named, Value};
use serde::Deserialize;
use serde_json::{Map, json};
use std::sync::Arc;

/// The plugin whose devices these are, its facet of one, and its command.
const PLUGIN: &str = "command";
const FACET: &str = "command.button";
const PRESS: &str = "press-button";

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
    let secret = auth::bearer(&headers).unwrap_or("");
    let mut record = None;
    let device = Value::text(sent.device.as_str());
    app.town.read(&mut |r| record = r.find(FACET, "device", &device));
    let session = app.gate.device(record, &sent.device, secret, &peer.ip().to_string());
    let session = session.map_err(|no| match no {
        GateRefusal::WrongPin => Problem::new(401, "wrong-secret", "no such device, or another secret: enrol it again"),
        other => Problem::of_gate(other, PLUGIN),
    })?;
    let given = api::declared(&headers)?;
    let mut body = Map::from_iter([("button".to_owned(), json!(record.unwrap_or(EntityId::NONE).0))]);
    body.extend(sent.pressed.map(|at| ("pressed".to_owned(), json!(at))));
    body.extend(sent.category.map(|kind| ("category".to_owned(), json!(kind))));
    let locale = about.locale;
    let checked = api::decide(&app, PLUGIN, move |gate| {
        gate.check(&session, &ask(PLUGIN, PRESS, &given, locale), &serde_json::Value::Object(body))
    });
    let done = api::run(&app, checked.await?).await?;
    let said = |name: &str| done.answer.iter().find(|n: &&Named| n.name == name).map(|n| n.value.to_json());
    if said("outcome").is_some_and(|o| o == "revoked") {
        return Err(Problem::new(403, "revoked", "this device is revoked: nobody was rung"));
    }
    Ok(Json(json!({"alarm": said("alarm"), "outcome": said("outcome")})).into_response())
}
