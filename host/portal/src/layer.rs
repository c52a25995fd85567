//! The one layer every request passes: its id, its limits in time and number, the dress of its answer.

use crate::appearance::Appearance;
use crate::pages;
use crate::problem::Problem;
use crate::state::App;
use crate::words::Locale;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

/// Nothing on a page comes from elsewhere, nothing stands inline, and nothing is made of text at run time. `blob:` is for
/// pictures a person chose and has not sent yet.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'";

/// What no page may ask the device for.
const NOTHING: &str = "camera=(), microphone=(), geolocation=()";
/// What pages with forms may: where one is, and a picture.
const FORMS: &str = "camera=(self), microphone=(), geolocation=(self)";
/// What a page with an online room may as well: be heard.
const ROOM: &str = "camera=(self), microphone=(self), geolocation=(self)";

/// What the layer found out about a request, for handlers.
#[derive(Clone)]
pub(crate) struct About {
    pub(crate) locale: Locale,
    pub(crate) appearance: Appearance,
    pub(crate) request: Arc<str>,
    /// The address without its query: what the navigation marks as current.
    pub(crate) path: Arc<str>,
}

pub(crate) async fn every_request(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let about = About {
        locale: locale(request.uri(), request.headers()),
        appearance: Appearance::of(request.uri(), request.headers()),
        request: request_id(request.headers()),
        path: request.uri().path().into(),
    };
    let time = if sends_files(&request) { app.options.files.time } else { app.options.time };
    let wants_page = !is_api(request.uri().path()) && accepts_html(request.headers());
    let path = request.uri().path().to_owned();
    let span = tracing::debug_span!("request", id = %about.request, method = %request.method(), path);
    request.extensions_mut().insert(about.clone());
    let mut response = match app.places.try_acquire() {
        Err(_) => {
            let full = "all places are taken".to_owned();
            Problem::unavailable(full, std::time::Duration::from_secs(1)).into_response()
        }
        Ok(_place) => match tokio::time::timeout(time, next.run(request).instrument(span)).await {
            Ok(response) => response,
            Err(_) => {
                let seconds = time.as_secs();
                Problem::new(504, "timeout", format!("no answer within {seconds} s")).into_response()
            }
        },
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = told(&app, &about, wants_page, &path, problem, response);
    } else if response.status().as_u16() == 405 {
        let problem = Problem::new(405, "method", "the method does not fit this address");
        response = told(&app, &about, wants_page, &path, problem, response);
    }
    dress(&app, &about, &path, &mut response);
    let status = response.status().as_u16();
    app.metrics.request(kind(&path), status, begun.elapsed().as_secs_f64());
    if status >= 500 {
        tracing::warn!(request = %about.request, path, status, "request failed");
    } else {
        tracing::debug!(request = %about.request, path, status, "request");
    }
    response
}

fn told(app: &App, about: &About, page: bool, path: &str, problem: Problem, bare: Response) -> Response {
    let made = app.made();
    let (mut parts, _) = bare.into_parts();
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    let mut response = if page {
        pages::problem(app, &made, about, &problem).into_response()
    } else {
        let json = problem.json(&made.words, about.locale, path, &about.request);
        let mut response = Json(json).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    };
    *response.status_mut() = parts.status;
    response.headers_mut().extend(parts.headers);
    response
}

fn dress(app: &App, about: &About, path: &str, response: &mut Response) {
    let h = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&about.request) {
        h.insert(REQUEST_ID, id);
    }
    // What people sent comes with a stricter one of its own.
    if !h.contains_key(header::CONTENT_SECURITY_POLICY) {
        h.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    }
    h.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    h.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    h.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    h.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    h.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    let forms = ["/p/", "/do/", "/start/", "/report", "/track/"].iter().any(|room| path.starts_with(room));
    let permissions = HeaderValue::from_static(if forms { FORMS } else { NOTHING });
    h.entry(PERMISSIONS).or_insert(permissions);
    if !h.contains_key(header::CACHE_CONTROL) {
        h.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if app.options.tls {
        h.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
}

/// Lets a page with an online room ask for camera and microphone.
pub(crate) fn with_room(response: &mut Response) {
    response.headers_mut().insert(PERMISSIONS, HeaderValue::from_static(ROOM));
}

/// Files come over slow lines: they get longer, and there are few places for them.
fn sends_files(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    let path = request.uri().path();
    request.method() == Method::POST
        && (path.starts_with("/files/")
            || (["/do/", "/track/do/", "/report"].iter().any(|p| path.starts_with(p))
                && kind.starts_with("multipart/form-data")))
}

pub(crate) fn is_api(path: &str) -> bool {
    path.starts_with("/api/")
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|a| a.contains("text/html"))
}

/// For a metric: few values, never what a stranger sent.
fn kind(path: &str) -> &'static str {
    match path {
        p if p.starts_with("/api/v1/") => "api",
        p if p.starts_with("/api/") => "api-other",
        "/healthz" | "/readyz" | "/metrics" => "probe",
        p if p.starts_with("/open311/") => "open311",
        p if p.starts_with("/cap/") => "cap",
        p if p.starts_with("/assets/") => "asset",
        "/live" => "live",
        p if p.starts_with("/room/") => "room",
        _ => "page",
    }
}

/// The client's own id when it is a decent one, else a new one.
fn request_id(headers: &HeaderMap) -> Arc<str> {
    let given = headers.get(&REQUEST_ID).and_then(|v| v.to_str().ok());
    let decent = |id: &&str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    match given.filter(decent) {
        Some(id) => id.into(),
        None => format!("{:016x}", rand::random::<u64>()).into(),
    }
}

/// `?lang=`, else what the visitor chose, else the browser's, else Chinese.
pub(crate) fn locale(uri: &Uri, headers: &HeaderMap) -> Locale {
    let asked = uri.query().and_then(|q| q.split('&').find_map(|p| p.strip_prefix("lang=")));
    let browser = || headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
    asked
        .and_then(Locale::of_accept_language)
        .or_else(|| crate::auth::cookie(headers, crate::auth::LANGUAGE).and_then(Locale::of_accept_language))
        .or_else(|| browser().and_then(Locale::of_accept_language))
        .unwrap_or_default()
}
