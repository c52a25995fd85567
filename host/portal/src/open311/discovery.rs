//! Where this is, and what it speaks.

use super::Asked;
use super::item::Item;
use axum::http::{HeaderMap, header};

/// When what is served here last changed its shape.
const CHANGESET: &str = "2026-01-01T00:00:00+08:00";

/// The address a client came by, when it looks like one.
pub(crate) fn host(headers: &HeaderMap, tls: bool) -> String {
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or("");
    let decent =
        (1..=255).contains(&host.len()) && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b));
    format!("{}://{}", if tls { "https" } else { "http" }, if decent { host } else { "localhost" })
}

pub(super) fn document(asked: &Asked, host: &str) -> (&'static str, Item) {
    let contact = asked.app.options.footer.contact.clone();
    let contact = contact.unwrap_or_else(|| format!("{}: {host}/", asked.app.options.title));
    let endpoint = |kind: &str| {
        let formats = ["text/xml", "application/json"].map(Item::text).to_vec();
        Item::Record(vec![
            ("specification", Item::text("http://wiki.open311.org/GeoReport_v2")),
            ("url", Item::text(format!("{host}/open311/v2"))),
            ("changeset", Item::text(CHANGESET)),
            ("type", Item::text(kind)),
            ("formats", Item::List("format", formats)),
        ])
    };
    let document = vec![
        ("changeset", Item::text(CHANGESET)),
        ("contact", Item::Text(contact)),
        ("key_service", Item::text(format!("{host}/me/tokens: sign in and make an API token; it is the api_key"))),
        ("endpoints", Item::List("endpoint", vec![endpoint("production"), endpoint("test")])),
    ];
    ("discovery", Item::Record(document))
}
