//! Files that pages load: embedded, compressed at build, under names that hold their content, so they may be kept for ever.

use super::Visit;
use crate::problem::Problem;
use crate::words::Voice;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

/// A file of build.rs.
pub(super) struct Embedded {
    folder: &'static str,
    name: &'static str,
    plain: &'static [u8],
    brotli: &'static [u8],
    gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// What every page's head loads. Without scripts a page is whole; with them it is live.
pub(super) fn head(voice: &Voice<'_>, visit: Option<&Visit>, rings: Option<&str>) -> Markup {
    html! {
        link rel="stylesheet" href={"/assets/" (OWN) "/portal.css"};
        link rel="icon" type="image/svg+xml" href={"/assets/" (OWN) "/icon.svg"};
        link rel="apple-touch-icon" href={"/assets/" (OWN) "/icon-192.png"};
        link rel="manifest" href={"/manifest.webmanifest?lang=" (voice.locale.tag())};
        meta name="theme-color" content="#a8071a";
        // htmx is asked for nothing but its morph: no history, no style of its own.
        meta name="htmx-config" content="includeIndicatorCSS:false,history:false";
        script type="module" id="portal" src={"/assets/" (OWN) "/portal.js"} data-build=(OWN)
            data-stale=(voice.say("live-stale")) data-auth=(voice.say("live-auth"))
            data-alarm1=(voice.say("live-alarm-1")) data-alarm2=(voice.say("live-alarm-2"))
            data-rings=[rings] data-ring-title=[rings.map(|_| voice.say("ring-title"))]
            data-ring-mute=[rings.map(|_| voice.say("ring-mute"))] data-ring-taken=[rings.map(|_| voice.say("ring-taken"))]
            data-ring-failed=[rings.map(|_| voice.say("ring-failed"))]
            data-account=[visit.map(|v| v.session.account)]
            data-outbox-title=(voice.say("outbox-title")) data-outbox-empty=(voice.say("outbox-empty"))
            data-outbox-waiting=(voice.say("outbox-waiting")) data-outbox-wrong=(voice.say("outbox-wrong"))
            data-outbox-send=(voice.say("outbox-send")) data-outbox-kept=(voice.say("outbox-kept"))
            data-outbox-mend=(voice.say("outbox-mend")) data-outbox-drop=(voice.say("outbox-drop"))
            data-outbox-sign-out=(voice.say("outbox-sign-out")) data-outbox-foreign=(voice.say("outbox-foreign"))
            data-outbox-old=(voice.say("outbox-old")) data-outbox-expired=(voice.say("outbox-expired"))
            data-outbox-photos=(voice.say("outbox-photos")) {}
    }
}

/// Of a file of our own, by name.
pub(super) fn own(name: &str) -> Option<&'static [u8]> {
    FILES.iter().find(|f| f.folder == OWN && f.name == name).map(|f| f.plain)
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

/// The smallest form the client takes.
fn packed(file: &Embedded, headers: &HeaderMap) -> (&'static [u8], Option<HeaderValue>) {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or("");
    let takes = |coding: &str| {
        accepted.split(',').any(|part| {
            let (name, weight) = part.split_once(';').unwrap_or((part, ""));
            name.trim().eq_ignore_ascii_case(coding) && !matches!(weight.trim(), "q=0" | "q=0.0")
        })
    };
    if takes("br") && file.brotli.len() < file.plain.len() {
        (file.brotli, Some(HeaderValue::from_static("br")))
    } else if takes("gzip") && file.gzip.len() < file.plain.len() {
        (file.gzip, Some(HeaderValue::from_static("gzip")))
    } else {
        (file.plain, None)
    }
}

pub(super) async fn file(
    Path((folder, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = FILES
        .iter()
        .find(|f| f.folder == folder && f.name == name)
        .ok_or_else(|| Problem::new(404, "not-found", "no such file"))?;
    let (bytes, coding) = packed(file, &headers);
    let mut response = (
        [
            (header::CONTENT_TYPE, kind(file.name)),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            (header::VARY, "accept-encoding"),
        ],
        bytes,
    )
        .into_response();
    if let Some(coding) = coding {
        response.headers_mut().insert(header::CONTENT_ENCODING, coding);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed_for(accepted: &'static str) -> Option<HeaderValue> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
        packed(FILES.iter().find(|f| f.name == "portal.css").unwrap(), &headers).1
    }

    #[test]
    fn the_best_coding_the_client_takes_is_sent() {
        assert_eq!(packed_for("gzip, deflate, br;q=0.9").unwrap(), "br");
        assert_eq!(packed_for("gzip, br;q=0").unwrap(), "gzip");
        assert_eq!(packed_for("identity"), None);
    }

    #[test]
    fn what_our_modules_load_of_the_packages_is_there() {
        for file in FILES.iter().filter(|f| f.folder == OWN && f.name.ends_with(".js")) {
            let text = std::str::from_utf8(file.plain).unwrap();
            for (at, _) in text.match_indices("/assets/") {
                let rest = text[at + "/assets/".len()..].split(['\'', '"', '`']).next().unwrap();
                // The worker names the room, no file in it.
                let Some((folder, name)) = rest.split_once('/') else { continue };
                // What it is called in the worker, until it is served.
                let folder = if folder == "%BUILD%" { OWN } else { folder };
                assert!(FILES.iter().any(|f| f.folder == folder && f.name == name), "{}: {rest}", file.name);
            }
        }
    }

    #[test]
    fn packages_stay_small_and_bring_no_source_maps() {
        for file in FILES.iter().filter(|f| f.folder == NPM) {
            assert!(!file.plain.windows(16).any(|w| w == b"sourceMappingURL"), "{}", file.name);
        }
        let htmx = FILES.iter().find(|f| f.name == "htmx.js").unwrap();
        assert!(htmx.brotli.len() < 14_000, "{}", htmx.brotli.len());
    }
}
