//! The tiles of the host's own archive, to whoever is signed in: where people look is their own business, and so is the map.

use crate::api::blocking;
use crate::auth;
use crate::problem::Problem;
use crate::state::App;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

pub(crate) async fn tile(
    State(app): State<Arc<App>>,
    Path((zoom, x, y)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    auth::of_api(&app, &headers, false)?;
    let nothing = || Problem::new(404, "not-found", "no such tile");
    let archive = app.options.tiles.clone().ok_or_else(nothing)?;
    let y = y.split_once('.').map_or(y.as_str(), |(y, _)| y);
    let (Ok(zoom), Ok(x), Ok(y)) = (zoom.parse(), x.parse(), y.parse()) else { return Err(nothing()) };
    let of = Arc::clone(&archive);
    let found = blocking(move || of.tile(zoom, x, y)).await?;
    let found = found.map_err(|error| {
        tracing::error!(%error, "a tile of the base map cannot be read");
        Problem::new(500, "bug", "the base map's file cannot be read")
    })?;
    // Where an archive holds nothing there is nothing to draw, and that is no error.
    let Some(bytes) = found else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let mut response = bytes.into_response();
    let h = response.headers_mut();
    h.insert(header::CONTENT_TYPE, HeaderValue::from_static(archive.kind().media_type()));
    h.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=86400"));
    if archive.gzip {
        h.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}
