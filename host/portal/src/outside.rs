//! Messages to the outside, as far as the portal has a part in them: what it shows, and a gateway's delivery reports coming in.

use crate::auth::bearer;
use crate::problem::Problem;
use crate::state::App;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use changzhi_outbox::{Outbox, ReceiptError, Receipts};
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// A report is a line; so many bytes of it are read, so many reports at once.
const REPORT: usize = 16 * 1024;
const REPORTS: usize = 200;

/// The outbox and what it is told by.
#[derive(Clone, Default)]
pub struct Outside {
    pub outbox: Option<Arc<Outbox>>,
    /// How a gateway's reports are read; none: they are not taken.
    pub receipts: Option<Receipts>,
    /// What a browser subscribes to Web Push with; none: pages do not offer it.
    pub push_key: Option<String>,
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside").field("push_key", &self.push_key).finish_non_exhaustive()
    }
}

/// `POST /outbox/receipts`: one report, or an array of them. It proves itself by the secret of the settings and is answered when it is
/// in the journal; one that comes again is no error.
pub(crate) async fn receipt(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    bytes: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Response, Response> {
    let outside = &app.options.outside;
    let (Some(outbox), Some(receipts)) = (outside.outbox.clone(), outside.receipts.clone()) else {
        return Err(Problem::new(404, "not-found", "receipts are not taken: sms.receipts is not set").into_response());
    };
    // Before the body is looked at: whoever has no secret learns nothing and costs nothing.
    let given = bearer(&headers).unwrap_or_default();
    if !bool::from(given.as_bytes().ct_eq(receipts.secret.as_bytes())) {
        return Err(Problem::new(401, "not-signed-in", "the secret is wrong or missing").into_response());
    }
    let wrong = |why: String| Problem::new(422, "invalid", why).into_response();
    let bytes = bytes.map_err(|e| wrong(e.body_text()))?;
    if bytes.len() > REPORT {
        return Err(Problem::new(413, "too-large", format!("a report has at most {REPORT} bytes")).into_response());
    }
    let json: Value = serde_json::from_slice(&bytes).map_err(|e| wrong(format!("it is no JSON: {e}")))?;
    let reports = match json {
        Value::Array(all) if all.len() <= REPORTS => all,
        Value::Array(_) => return Err(wrong(format!("more than {REPORTS} reports at once"))),
        one => vec![one],
    };
    let told: Option<Vec<_>> = reports.iter().map(|report| receipts.read(report)).collect();
    let told = told.ok_or_else(|| {
        wrong(format!("a report holds no key of ours at {} or no state at {}", receipts.key, receipts.state))
    })?;
    let taken = crate::api::blocking(move || {
        told.into_iter().map(|(key, arrived)| outbox.receipt(key, arrived)).collect::<Result<Vec<_>, _>>()
    });
    match taken.await.map_err(IntoResponse::into_response)? {
        Ok(all) => Ok(Json(json!({"taken": all.len()})).into_response()),
        Err(error @ ReceiptError::Unknown) => Err(Problem::new(404, "not-found", error.to_string()).into_response()),
        Err(error) => Err(Problem::unavailable(error.to_string(), Duration::from_secs(60)).into_response()),
    }
}
