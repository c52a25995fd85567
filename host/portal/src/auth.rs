//! Who a request comes from: a bearer token, or the cookie of a sign-in.

use crate::options::PortalOptions;
use crate::problem::Problem;
use crate::state::App;
use axum::http::{HeaderMap, header};
use changzhi_gate::{GateRefusal, Session};
use std::sync::Arc;

/// The cookie of a session; `__Host-` binds it to this host and to TLS.
pub(crate) const fn cookie_name(options: &PortalOptions) -> &'static str {
    if options.tls { "__Host-changzhi" } else { "changzhi" }
}

/// The cookie of the sign-in form, before there is a session.
pub(crate) const FORM_COOKIE: &str = "changzhi-form";

/// The language a visitor chose: a tag and nothing else.
pub(crate) const LANGUAGE: &str = "changzhi-language";

/// The division a visitor works in: its number and nothing else.
pub(crate) const DIVISION: &str = "changzhi-division";

pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .find_map(|pair| pair.trim().split_once('=').filter(|(n, _)| *n == name).map(|(_, v)| v))
}

/// `age` in seconds; `None` ends with the browser.
pub(crate) fn set_cookie(options: &PortalOptions, name: &str, value: &str, age: Option<u32>) -> String {
    let age = age.map_or(String::new(), |s| format!("; Max-Age={s}"));
    let secure = if options.tls { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{age}{secure}")
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The session of a page.
pub(crate) fn of_cookie(app: &App, headers: &HeaderMap) -> Option<(Arc<Session>, String)> {
    let secret = cookie(headers, cookie_name(&app.options))?;
    Some((app.gate.by_cookie(secret)?, secret.to_owned()))
}

/// Whether the request comes with a sign-in that was ended from elsewhere.
pub(crate) fn was_revoked(app: &App, headers: &HeaderMap) -> bool {
    cookie(headers, cookie_name(&app.options)).is_some_and(|secret| app.gate.was_revoked(secret))
}

/// The session of an API call. A cookie counts only when the call does not come from another site.
pub(crate) fn of_api(app: &App, headers: &HeaderMap, writes: bool) -> Result<Arc<Session>, Problem> {
    let refused = || Problem::of_gate(GateRefusal::NotSignedIn, "");
    if let Some(token) = bearer(headers) {
        return app.gate.by_token(token).ok_or_else(refused);
    }
    let (session, _) = of_cookie(app, headers).ok_or_else(refused)?;
    if writes && !same_origin(headers, true) {
        return Err(Problem::new(403, "cross-site", "the request comes from another site"));
    }
    Ok(session)
}

/// `Sec-Fetch-Site` where the browser sends it, else `Origin` against `Host`. Without either: `strict` says no.
pub(crate) fn same_origin(headers: &HeaderMap, strict: bool) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, o)| o == host),
        _ => !strict,
    }
}
