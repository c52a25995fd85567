//! A form as it is sent: text alone, or with files.
//!
//! Files come as parts of `multipart/form-data`, one after another, each taken in before the next is read. The form's own secret
//! stands before the first file (the host paints it so), and is checked before a byte of one is kept. A file that is refused is
//! told at its field; everything else of the form is kept, other files too.

use super::form::Pairs;
use super::{Visit, sent};
use crate::api::{form as read_form, is_form};
use crate::cache::Made;
use crate::files::{Cut, Sent, body_of, keep, takes_files};
use crate::problem::Problem;
use crate::state::App;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use changzhi_blobs::Refused;
use changzhi_gate::Session;
use changzhi_model::{FieldDecl, FieldType, Problem as FieldProblem, RequestId, Text};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Parts of one form.
const PARTS_MAX: usize = 512;

/// The request a form's fields stand for, where that is not the sender's own to say.
pub(super) type Numbering<'a> = dyn Fn(&Pairs) -> Result<RequestId, Problem> + Sync + 'a;

/// Who sends a form.
pub(super) struct Sender<'a> {
    pub(super) made: &'a Made,
    pub(super) session: &'a Arc<Session>,
    /// Whether the form is from our own page, by the proof it carries.
    pub(super) guard: &'a (dyn Fn(Option<&str>) -> Result<(), Problem> + Sync),
    /// Of whoever has no account: the request a form becomes, which its files belong to.
    pub(super) request: Option<&'a Numbering<'a>>,
}

/// What a form holds.
pub(super) struct Read {
    pub(super) pairs: Pairs,
    /// Files that were not taken, by their field.
    pub(super) refused: Vec<FieldProblem>,
}

pub(super) async fn read(
    app: &Arc<App>,
    visit: &Visit,
    plugin: &str,
    command: &str,
    request: Request,
) -> Result<Read, Problem> {
    let headers = request.headers().clone();
    let guard = |token: Option<&str>| visit.guard(&headers, token);
    let sender = Sender { made: &visit.made, session: &visit.session, guard: &guard, request: None };
    read_of(app, &sender, plugin, command, request).await
}

pub(super) async fn read_of(
    app: &Arc<App>,
    sender: &Sender<'_>,
    plugin: &str,
    command: &str,
    request: Request,
) -> Result<Read, Problem> {
    let headers = request.headers().clone();
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    if kind.starts_with("multipart/form-data") {
        let wrong = |e: axum::extract::multipart::MultipartRejection| Problem::new(400, "form", e.body_text());
        let parts = Multipart::from_request(request, &()).await.map_err(wrong)?;
        return with_files(app, sender, plugin, command, parts).await;
    }
    is_form(&headers)?;
    let limit = app.options.body;
    let bytes = body_of(request.into_body(), limit).await.map_err(|cut| match cut {
        Cut::TooLarge => Problem::new(413, "too-large", format!("the body has more than {limit} bytes")),
        Cut::BrokenOff => Problem::new(400, "body", "the body broke off"),
    })?;
    let pairs = read_form(&bytes)?;
    (sender.guard)(sent(&pairs, "_csrf"))?;
    Ok(Read { pairs, refused: Vec::new() })
}

fn broken(error: &MultipartError) -> Problem {
    Problem::new(400, "body", error.body_text())
}

async fn with_files(
    app: &Arc<App>,
    sender: &Sender<'_>,
    plugin: &str,
    command: &str,
    mut parts: Multipart,
) -> Result<Read, Problem> {
    let decl = sender.made.manifests().iter().find(|m| m.id == plugin).and_then(|m| m.command(command));
    let decl = decl.ok_or_else(|| Problem::new(404, "not-found", format!("command {plugin}/{command}")))?;
    let _place = app.files.sending()?;
    let mut read = Read { pairs: Vec::new(), refused: Vec::new() };
    let (mut left, mut guarded, mut count) = (app.options.body, false, 0_usize);
    while let Some(part) = parts.next_field().await.map_err(|e| broken(&e))? {
        count += 1;
        if count > PARTS_MAX {
            return Err(Problem::new(400, "form", format!("the form has more than {PARTS_MAX} parts")));
        }
        let name = part.name().unwrap_or_default().to_owned();
        if part.file_name().is_none() {
            let bytes = bytes_of(part, left).await?.ok_or_else(|| {
                Problem::new(413, "too-large", format!("the form has more than {} bytes of text", app.options.body))
            })?;
            left -= bytes.len();
            let text = String::from_utf8(bytes).map_err(|_| Problem::new(400, "encoding", "the form is not UTF-8"))?;
            read.pairs.push((name, text));
            continue;
        }
        if !guarded {
            (sender.guard)(sent(&read.pairs, "_csrf"))?;
            takes_files(app, sender.session, plugin)?;
            guarded = true;
        }
        let field = decl.fields.iter().find(|f| f.kind == FieldType::Files && f.name == name);
        let field = field.ok_or_else(|| Problem::new(400, "form", "a file for a field that takes none"))?;
        file(app, sender, plugin, field, part, &mut read).await?;
    }
    if !guarded {
        (sender.guard)(sent(&read.pairs, "_csrf"))?;
    }
    Ok(read)
}

async fn file(
    app: &Arc<App>,
    sender: &Sender<'_>,
    plugin: &str,
    field: &FieldDecl,
    part: Field<'_>,
    read: &mut Read,
) -> Result<(), Problem> {
    let mut refuse = |text: Text| read.refused.push(FieldProblem { field: field.name.clone(), message: text });
    let name = part.file_name().map(str::to_owned);
    // The form's key stands before its first file, as its secret does.
    let of = sender.request.map(|request| request(&read.pairs)).transpose()?;
    let limit = app.options.files.limits.bytes;
    let Some(bytes) = bytes_of(part, limit).await? else {
        refuse(crate::files::refused(Refused::TooLarge { limit }).text.unwrap_or_else(|| Text::key("file-broken")));
        return Ok(());
    };
    // A picker nobody used sends a part of nothing.
    if bytes.is_empty() && name.as_deref().is_none_or(str::is_empty) {
        return Ok(());
    }
    let taken = read.pairs.iter().filter(|(n, _)| field.name == n.as_str()).count();
    if taken >= field.files_limit() {
        let limit = changzhi_model::Value::Int(i64::try_from(field.files_limit()).unwrap_or(i64::MAX));
        let args = vec![changzhi_model::Named::new("limit", limit)];
        refuse(Text::Msg(changzhi_model::Msg { key: "body-too-many-files".to_owned(), args }));
        return Ok(());
    }
    // The same bytes for the same form are one file, however often the form is sent.
    let hash = hex::encode(Sha256::digest(&bytes));
    let key = sent(&read.pairs, "_key").map_or_else(crate::render::fresh_key, |key| format!("{key}-{hash}"));
    match keep(app, sender.session, Sent { plugin: plugin.to_owned(), bytes, name, key, of }).await {
        Ok(kept) => {
            let pair = (field.name.to_string(), kept.id.to_string());
            if !read.pairs.contains(&pair) {
                read.pairs.push(pair);
            }
        }
        Err(Problem { text: Some(text), .. }) => refuse(text),
        Err(problem) => return Err(problem),
    }
    Ok(())
}

/// The bytes of a part; `None` when there are more than the limit.
async fn bytes_of(mut part: Field<'_>, limit: usize) -> Result<Option<Vec<u8>>, Problem> {
    let mut out = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|e| broken(&e))? {
        if out.len() + chunk.len() > limit {
            // The rest is read over, so that the parts after it are found; the whole form has its limit in time.
            while part.chunk().await.map_err(|e| broken(&e))?.is_some() {}
            return Ok(None);
        }
        out.extend_from_slice(&chunk);
    }
    Ok(Some(out))
}
