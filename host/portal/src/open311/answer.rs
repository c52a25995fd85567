//! The two formats, and how an answer is sent.

use super::fail::Fail;
use super::item::Item;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Format {
    Xml,
    Json,
}

impl Format {
    /// The path without its ending, and the format it names. Without an ending `Accept` decides, and XML is the standard's own.
    pub(super) fn of(rest: &str, headers: &HeaderMap) -> (String, Result<Format, Fail>) {
        let rest = rest.trim_end_matches('/');
        match rest.rsplit_once('.') {
            Some((path, "xml")) => (path.to_owned(), Ok(Format::Xml)),
            Some((path, "json")) => (path.to_owned(), Ok(Format::Json)),
            Some((path, other)) => {
                let other = super::read::cut(other);
                (
                    path.to_owned(),
                    Err(Fail::new(400, format!("the format {other} is not spoken here: end with .xml or .json"))),
                )
            }
            None => {
                let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("");
                let format = if accept.contains("json") { Format::Json } else { Format::Xml };
                (rest.to_owned(), Ok(format))
            }
        }
    }
}

/// `bare`: the media type alone, as discovery's readers want it.
pub(super) fn answered(format: Format, root: &str, item: &Item, bare: bool) -> Response {
    sent(StatusCode::OK, format, root, item, bare)
}

pub(super) fn sent(status: StatusCode, format: Format, root: &str, item: &Item, bare: bool) -> Response {
    let (kind, body) = match (format, bare) {
        (Format::Xml, true) => ("text/xml", item.xml(root)),
        (Format::Xml, false) => ("text/xml; charset=utf-8", item.xml(root)),
        (Format::Json, true) => ("application/json", item.json().to_string()),
        (Format::Json, false) => ("application/json; charset=utf-8", item.json().to_string()),
    };
    let mut response = (status, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
