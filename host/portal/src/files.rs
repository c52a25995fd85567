//! Files people attach: sent before the form, opened by the rule of their record.
//!
//! ```text
//! POST /files/PLUGIN   bytes ─▶ clean ─▶ sealed, on disk ─▶ host/keep-file (journal) ─▶ {id}
//! a command with a field of files ─▶ the record takes them, under the commit lock (`pipeline::files`)
//! GET  /files/ID       the gate's answer for the record's page, for a purpose ─▶ access log ─▶ bytes
//! ```
//!
//! Who may see a file: whoever may open the page of its record (the view about one of its kind) now, for a purpose of theirs. Where the
//! field that holds it is not sealed, the file shows a thing and no person: no purpose is asked for, and the look is entered all the same.
//! Nobody sees one that no record has taken. Each opening is in the access log under the record before a byte leaves.
//!
//! A plugin is told ids, types and sizes; bytes never reach one. What the browser gets cannot run: its own strict policy, no
//! sniffing, no name of a stranger's.
//!
//! Price: a file is in memory whole while it is sent, cleaned and sealed, and when it is opened; [`FilePlaces`] bounds how many.

mod keep;
mod open;
mod sweep;

pub(crate) use keep::{Sent, keep, refused, takes_files};
pub(crate) use open::get;
pub(crate) use sweep::keep_swept;
pub use sweep::{Swept, sweep};

use crate::api::{blocking, query};
use crate::auth;
use crate::problem::Problem;
use crate::state::App;
use axum::Json;
use axum::body::{Body, HttpBody};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use changzhi_blobs::{Blobs, Limits, Memory};
use serde_json::json;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Where attached files lie, and how large they may be.
#[derive(Clone, Debug)]
pub struct FileOptions {
    /// Default: in memory, gone with the process.
    pub store: Arc<dyn Blobs>,
    /// Default 10 MiB, 64 megapixels.
    pub limits: Limits,
    /// Sending may take so long. Default 5 min.
    pub time: Duration,
    /// A file no record takes for so long is removed. Default 24 h.
    pub wait: Duration,
    /// Files of one account that no record has taken yet. Default 60.
    pub waiting: usize,
}

impl Default for FileOptions {
    fn default() -> FileOptions {
        FileOptions {
            store: Arc::new(Memory::default()),
            limits: Limits::default(),
            time: Duration::from_secs(300),
            wait: Duration::from_secs(24 * 3600),
            waiting: 60,
        }
    }
}

/// How many are sent and how many drawn at once.
pub(crate) struct FilePlaces {
    sending: Semaphore,
    drawing: Semaphore,
}

impl Default for FilePlaces {
    /// 32 slow lines hold some 320 MB at most; two pictures drawn at once as much again.
    fn default() -> FilePlaces {
        FilePlaces { sending: Semaphore::new(32), drawing: Semaphore::new(2) }
    }
}

impl FilePlaces {
    /// A place to send from.
    pub(crate) fn sending(&self) -> Result<SemaphorePermit<'_>, Problem> {
        let full = |_| Problem::unavailable("many files are being sent".into(), Duration::from_secs(5));
        self.sending.try_acquire().map_err(full)
    }
}

/// The bytes of one file, from a script or a program; the answer is its id.
pub(crate) async fn post(
    State(app): State<Arc<App>>,
    Path(plugin): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let session = auth::of_api(&app, &headers, true)?;
    takes_files(&app, &session, &plugin)?;
    let key = match headers.get("idempotency-key").map(|k| k.to_str()) {
        None => crate::render::fresh_key(),
        Some(Ok(key)) if (1..=200).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) => key.to_owned(),
        Some(_) => return Err(Problem::new(400, "key", "Idempotency-Key must be 1 to 200 visible ASCII characters")),
    };
    let name = query(raw.as_deref())?.into_iter().find(|(n, _)| n == "name").map(|(_, v)| v);
    let _place = app.files.sending()?;
    let limit = app.options.files.limits.bytes;
    let bytes = match body_of(body, limit).await {
        Ok(bytes) => bytes,
        Err(Cut::TooLarge) => return Err(refused(changzhi_blobs::Refused::TooLarge { limit })),
        Err(Cut::BrokenOff) => return Err(Problem::new(400, "body", "the file broke off")),
    };
    let kept = keep(&app, &session, Sent { plugin, bytes, name, key, of: None }).await?;
    let said = Json(json!({"id": kept.id.0, "type": kept.kind, "bytes": kept.bytes}));
    Ok((StatusCode::CREATED, said).into_response())
}

/// Why there is no body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cut {
    TooLarge,
    BrokenOff,
}

/// Of what is too large, so much is read over before the line is closed: who sends a file too large is to hear why.
const READ_OVER: usize = 8;

/// A body of at most so many bytes.
pub(crate) async fn body_of(mut body: Body, limit: usize) -> Result<Vec<u8>, Cut> {
    let (mut out, mut over) = (Vec::new(), 0_usize);
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(data) = frame.map_err(|_| Cut::BrokenOff)?.into_data() else { continue };
        if over > 0 || out.len() + data.len() > limit {
            over += data.len();
            out = Vec::new();
            if over > limit.saturating_mul(READ_OVER) {
                break;
            }
        } else {
            out.extend_from_slice(&data);
        }
    }
    if over > 0 { Err(Cut::TooLarge) } else { Ok(out) }
}
