//! Files of the host's own that pages load. Their names hold their content, so they may be kept for ever.

use crate::problem::Problem;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// One file, so that a page needs one request: tokens and frame first, then what builds on them.
const CSS: &str = concat!(
    include_str!("../../assets/css/portal.css"),
    include_str!("../../assets/css/views.css"),
    include_str!("../../assets/css/live.css"),
    include_str!("../../assets/css/shell.css"),
);

static CSS_NAME: LazyLock<String> = LazyLock::new(|| {
    let hash = hex::encode(Sha256::digest(CSS.as_bytes()));
    format!("portal.{}.css", hash.get(..16).unwrap_or_default())
});

/// What every page's head loads.
pub(super) fn head() -> Markup {
    html! { link rel="stylesheet" href={"/assets/" (*CSS_NAME)}; }
}

pub(super) async fn file(Path(name): Path<String>) -> Result<Response, Problem> {
    if name != *CSS_NAME {
        return Err(Problem::new(404, "not-found", "no such file"));
    }
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, CSS).into_response())
}
