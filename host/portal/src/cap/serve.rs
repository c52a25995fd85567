//! The index and the messages, with a tag by their content.

use super::{PLUGIN, atom, geojson};
use crate::layer::About;
use crate::open311::host;
use crate::problem::Problem;
use crate::rows::look;
use crate::state::App;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use changzhi_cap::Limits;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A warning is not to wait in caches: half a minute takes the load of a rush, and a tag costs a reader next to nothing.
const CACHE: &str = "public, max-age=30";

pub(super) async fn one(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if name == "index.atom" {
        let lines = look(&app, about.locale, PLUGIN, "open-alerts", json!({})).await?;
        let base = host(&headers, app.options.tls);
        let feed = atom::Feed { base: &base, title: &app.options.title, zone: &app.options.zone };
        return Ok(tagged("application/atom+xml; charset=utf-8", feed.document(&lines), &headers));
    }
    let nothing = || Problem::new(404, "not-found", "there is no such alert; /cap/index.atom lists those in force");
    let (identifier, ending) = name.rsplit_once('.').ok_or_else(nothing)?;
    if !matches!(ending, "xml" | "geojson") || identifier.len() > 64 {
        return Err(nothing());
    }
    let lines = look(&app, about.locale, PLUGIN, "open-alert", json!({"identifier": identifier})).await?;
    let message = lines.first().and_then(|line| line.text("cap")).ok_or_else(nothing)?;
    if ending == "xml" {
        return Ok(tagged("application/cap+xml; charset=utf-8", message, &headers));
    }
    let read = changzhi_cap::read(&message, Limits::default());
    let read = read.map_err(|e| Problem::new(500, "bug", format!("a published message does not read: {e}")))?;
    Ok(tagged("application/geo+json", geojson::document(&read.alert).to_string(), &headers))
}

/// The tag is weak: the same content may come packed or not.
fn tagged(kind: &'static str, body: String, headers: &HeaderMap) -> Response {
    let hash = hex::encode(Sha256::digest(body.as_bytes()));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()).is_some_and(|v| {
        v.split(',').any(|tag| {
            let tag = tag.trim();
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"') == hash
        })
    });
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { body.into_response() };
    let h = response.headers_mut();
    if known {
        h.remove(header::CONTENT_TYPE);
    } else {
        h.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{hash}\"")) {
        h.insert(header::ETAG, tag);
    }
    h.insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHE));
    response
}
