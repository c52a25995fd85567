//! What the administrator of the whole city does to the host itself.

use super::{Body, blocking, body_problem};
use crate::auth;
use crate::problem::Problem;
use crate::state::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use changzhi_gate::{GateRefusal, Session};
use serde_json::json;
use std::sync::Arc;

/// Administrators of the whole city only: a component becomes part of the host's trust.
pub(crate) fn must_be_admin(session: &Session) -> Result<(), Problem> {
    if session.is_city_wide("admin") {
        return Ok(());
    }
    Err(Problem::of_gate(GateRefusal::Role { needed: vec!["admin".into()] }, ""))
}

pub(crate) async fn install(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let session = auth::of_api(&app, &headers, true)?;
    must_be_admin(&session)?;
    let component = bytes.map_err(|e| body_problem(&e, app.options.component))?;
    let (town, by, named) = (Arc::clone(&app.town), session.account, id.clone());
    match blocking(move || town.install(component, by, &|_| {})).await? {
        Ok((plugin, version)) if plugin == named.as_str() => {
            tracing::info!(account = session.account.0, %plugin, %version, "plugin installed");
            Ok(Json(json!({"plugin": plugin, "version": version})).into_response())
        }
        Ok((plugin, version)) => Ok(Json(json!({
            "plugin": plugin, "version": version,
            "warning": format!("the component is {plugin}, not {named}"),
        }))
        .into_response()),
        Err(reason) => Err(Problem::new(422, "component", reason)),
    }
}

pub(crate) async fn retry(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let session = auth::of_api(&app, &headers, true)?;
    must_be_admin(&session)?;
    let town = Arc::clone(&app.town);
    match blocking(move || town.retry(&id)).await? {
        Ok(count) => Ok(Json(json!({"tried": count})).into_response()),
        Err(reason) => Err(Problem::new(404, "not-found", reason)),
    }
}

/// The hash of the whole state and its revision: a replay of the journal up to there must give the same.
pub(crate) async fn state(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Problem> {
    let session = auth::of_api(&app, &headers, false)?;
    must_be_admin(&session)?;
    let town = Arc::clone(&app.town);
    match blocking(move || town.state()).await? {
        Ok((revision, hash)) => {
            Ok(Json(json!({"revision": revision.0, "state_hash": hex::encode(hash)})).into_response())
        }
        Err(reason) => Err(Problem::unavailable(reason, std::time::Duration::from_secs(60))),
    }
}
