//! `GET /live`.

use super::address::{Since, Wanted, resolve, unpacks};
use super::hub::Full;
use super::inbox::{Inbox, Letter, Reader};
use super::stream::{Proof, Stream};
use super::{hub, message};
use crate::auth;
use crate::pages::OWN;
use crate::problem::Problem;
use crate::state::App;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use std::sync::Arc;

/// A stream of what changes on the pages asked for. Signed out: a stream that says `auth` and ends, because a browser tells its
/// page nothing of another status.
pub(crate) async fn live(
    State(app): State<Arc<App>>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let options = app.hub.options;
    let asked = raw.as_deref().unwrap_or("");
    let inbox = Arc::new(Inbox::new(options.inbox, unpacks(asked)));
    let Some((session, proof)) = proved(&app, &headers) else {
        inbox.close_with(Some(message::auth(None)));
        return Ok(answer(Reader { inbox, _keep: () }));
    };
    let stream = Arc::new(Stream {
        id: rand::random(),
        owner: proof.key(),
        proof,
        session,
        inbox: Arc::clone(&inbox),
        topics: Mutex::new(Vec::new()),
    });
    let keep = app.hub.begin(&stream).map_err(|full| match full {
        Full::Streams => Problem::unavailable("all places of live pages are taken".into(), hub::AGAIN),
        Full::Own => Problem::new(429, "too-many", "this sign-in has as many live streams as it may have: close some"),
    })?;
    // The browser came back by itself: it has heard everything up to there, of all it asks for.
    let heard = headers.get("last-event-id").and_then(|v| v.to_str().ok()).map(|id| Since::Event(id.to_owned()));
    for wanted in Wanted::all(asked, options.topics_each) {
        let joined = match resolve(&app, &stream.session, &headers, &wanted.address) {
            Some(place) => app.hub.join(&app, &stream, place, heard.as_ref().unwrap_or(&wanted.since)).await,
            None => false,
        };
        if !joined {
            inbox.put(&Letter::plain(message::auth(Some(&wanted.address))), || message::resync(None));
        }
    }
    inbox.put(&Letter::plain(message::hello(OWN, app.hub.boot())), || message::resync(None));
    inbox.settle();
    Ok(answer(Reader { inbox, _keep: keep }))
}

fn proved(app: &App, headers: &HeaderMap) -> Option<(Arc<changzhi_gate::Session>, Proof)> {
    if let Some(token) = auth::bearer(headers) {
        return Some((app.gate.by_token(token)?, Proof::Token(token.to_owned())));
    }
    let (session, secret) = auth::of_cookie(app, headers)?;
    Some((session, Proof::Cookie(secret)))
}

fn answer<K: Send + Unpin + 'static>(reader: Reader<K>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // A proxy that gathers answers would hold everything back.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, Body::new(reader)).into_response()
}
