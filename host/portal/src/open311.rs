//! Open311 GeoReport v2 at `/open311/v2`: other systems' way to file requests and to follow them, in XML and JSON.
//!
//! ```text
//! GET  discovery · services · services/CODE · requests · requests/ID · tokens/ID · servicerequestupdates
//! POST requests · servicerequestupdates        api_key = an API token of the gate, in the form or as `Authorization: Bearer`
//! ```
//!
//! Everything goes through the gate to views and commands of `services`, as every client does: reading as [`Session::public`], which
//! holds no role, writing as the token's account. What those views show holds no words, names or contacts; a matter of a category
//! that is not open is in no list and has no place. Errors are the standard's list of code and description, in the format asked for.
//!
//! The jurisdiction is the city; `jurisdiction_id`, where it is given, is the code of one of its divisions and narrows the answer to it.
//! Price: a list costs one view and one read of the journal for each row (when it last changed), on a thread of its own.

mod answer;
mod discovery;
mod fail;
mod item;
mod read;
mod requests;
mod services;
mod updates;
mod write;

use crate::layer::About;
use crate::state::App;
use answer::{Format, answered};
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::Method;
use axum::response::Response;
use axum::routing::any;
use axum::{Extension, Router};
use fail::Fail;
use item::Item;
use std::sync::Arc;

pub(crate) use discovery::host;

/// The plugin whose matters are spoken of.
const PLUGIN: &str = "services";

pub(crate) fn routes() -> Router<Arc<App>> {
    // How much a form may be is asked where it is read: words and files have limits of their own.
    Router::new().route("/open311/v2/{*rest}", any(entry).layer(DefaultBodyLimit::disable()))
}

/// One request, taken apart.
struct Asked {
    app: Arc<App>,
    about: About,
    pairs: Vec<(String, String)>,
    media: Vec<read::Medium>,
}

impl Asked {
    /// The first value of a name; an empty one counts as absent.
    fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(n, v)| n == name && !v.trim().is_empty()).map(|(_, v)| v.trim())
    }
}

async fn entry(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Path(rest): Path<String>,
    request: Request,
) -> Response {
    let (path, format) = Format::of(&rest, request.headers());
    let done = match format.clone() {
        Ok(format) => serve(app, about, &path, request).await.map(|item| (format, item)),
        Err(fail) => Err(fail),
    };
    match done {
        Ok((format, (root, item))) => answered(format, root, &item, path == "discovery"),
        Err(fail) => fail.response(format.unwrap_or(Format::Xml)),
    }
}

async fn serve(app: Arc<App>, about: About, path: &str, request: Request) -> Result<(&'static str, Item), Fail> {
    let method = request.method().clone();
    let parts: Vec<&str> = path.split('/').collect();
    let known = match parts.as_slice() {
        ["discovery" | "services"] | ["services" | "requests" | "tokens", _] => {
            method == Method::GET || method == Method::HEAD
        }
        ["requests" | "servicerequestupdates"] => matches!(method, Method::GET | Method::HEAD | Method::POST),
        _ => return Err(Fail::new(404, format!("there is nothing at {}", read::cut(path)))),
    };
    if !known {
        return Err(Fail::new(405, format!("{method} does not fit this address")));
    }
    let host = discovery::host(request.headers(), app.options.tls);
    let mut pairs = read::query(request.uri().query())?;
    let bearer = crate::auth::bearer(request.headers()).map(str::to_owned);
    let key = request.headers().get("idempotency-key").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let mut media = Vec::new();
    if method == Method::POST {
        let _place = app.files.sending().map_err(|p| Fail::of(&app, about.locale, p))?;
        let most = read::Most { words: app.options.body, file: app.options.files.limits.bytes };
        let form = read::form(request, most).await?;
        pairs.extend(form.pairs);
        media = form.media;
    }
    let asked = Asked { app: Arc::clone(&app), about, pairs, media };
    match (method == Method::POST, parts.as_slice()) {
        (false, ["discovery"]) => Ok(discovery::document(&asked, &host)),
        (false, ["services"]) => services::list(&asked).await,
        (false, ["services", code]) => services::one(&asked, code).await,
        (false, ["requests"]) => requests::list(&asked).await,
        (false, ["requests", id]) => requests::one(&asked, id).await,
        (false, ["tokens", token]) => requests::token(&asked, token).await,
        (false, _) => updates::list(&asked).await,
        (true, ["requests"]) => write::request(asked, bearer, key).await,
        (true, _) => updates::add(&asked, bearer, key).await,
    }
}
