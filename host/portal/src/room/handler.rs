//! The four addresses of a room. For people in a browser: a sign-in's cookie with the proof of origin every form has; tokens of
//! programs are not taken.

use super::hall::{Full, is_member, may};
use super::letter::{Join, Leave, Over, Say, Signal, said};
use super::peer::{Peer, PeerId};
use crate::api::{body_problem, query};
use crate::auth;
use crate::problem::Problem;
use crate::state::App;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use changzhi_gate::{Gate, GateRefusal};
use changzhi_model::{EntityId, Micros};
use serde::de::DeserializeOwned;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

type Sent = Result<Bytes, BytesRejection>;

/// When to try again where all places are taken.
const AGAIN: Duration = Duration::from_secs(30);

/// `message`: bytes of one.
pub(crate) fn routes(message: usize) -> Router<Arc<App>> {
    Router::new()
        .route("/room/{entity}/join", post(join))
        .route("/room/{entity}/signal", post(signal))
        .route("/room/{entity}/leave", post(leave))
        .route("/room/{entity}/events", get(events))
        .layer(DefaultBodyLimit::max(message))
}

/// A member of a room, at this moment.
struct Member {
    room: EntityId,
    account: EntityId,
    cookie: String,
}

/// The same answer for a record that is not there and for one that is none of the asker's business.
fn nothing() -> Problem {
    Problem::new(404, "not-found", "there is no such room")
}

/// Who asks, by a cookie; the sign-in is used by it, so that nobody is signed out in the middle of a talk.
fn member(app: &App, entity: &str, headers: &HeaderMap) -> Result<Member, Problem> {
    let signed_in = auth::of_cookie(app, headers);
    let (session, cookie) = signed_in.ok_or_else(|| Problem::of_gate(GateRefusal::NotSignedIn, ""))?;
    let decent = |id: &u64| (1..EntityId::PROVISIONAL).contains(id);
    let room = entity.parse().ok().filter(decent).map(EntityId).ok_or_else(nothing)?;
    if !is_member(app, room, session.account) {
        return Err(nothing());
    }
    Ok(Member { room, account: session.account, cookie })
}

/// What was sent from our own page: proved by its origin and by the secret every form of it has, here in a header.
fn letter<T: DeserializeOwned>(app: &App, by: &Member, headers: &HeaderMap, sent: Sent) -> Result<T, Problem> {
    let secret = headers.get("x-csrf").and_then(|v| v.to_str().ok()).unwrap_or("");
    if !auth::same_origin(headers, true) || !Gate::csrf_fits(&by.cookie, secret) {
        return Err(Problem::new(403, "cross-site", "the message was not sent by this page, or is too old"));
    }
    let media = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    if media != "application/json" {
        return Err(Problem::new(415, "content-type", "send Content-Type: application/json in UTF-8"));
    }
    let bytes = sent.map_err(|e| body_problem(&e, app.options.room.message))?;
    // Not what of it: nothing that was sent is said again.
    let wrong = |e: serde_json::Error| {
        let at = format!("line {}, column {}: see docs/room.md for the shapes", e.line(), e.column());
        Problem::new(400, "json", at)
    };
    serde_json::from_slice(&bytes).map_err(wrong)
}

/// The asker's own peer of the room.
fn own(app: &App, by: &Member, id: &PeerId) -> Result<Arc<Peer>, Problem> {
    let gone = || Problem::new(410, "room-gone", "this peer is not in the room any more: join again");
    app.hall.own(by.room, id, by.account, &by.cookie).ok_or_else(gone)
}

async fn join(
    State(app): State<Arc<App>>,
    Path(entity): Path<String>,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, Problem> {
    let by = member(&app, &entity, &headers)?;
    let Join {} = letter(&app, &by, &headers, sent)?;
    let options = &app.hall.options;
    let (peer, others) = app.hall.join(by.room, by.account, by.cookie).map_err(|full| match full {
        Full::Room => Problem::new(409, "room-full", format!("a room holds {}", options.most)),
        Full::Host => Problem::unavailable("all places of all rooms are taken".into(), AGAIN),
    })?;
    let now = app.gate.now().0.div_euclid(Micros::SECOND);
    let others: Vec<_> = others.iter().map(|(id, account)| json!({"peer": id, "account": account.0})).collect();
    let told = json!({
        "peer": peer.id,
        "account": by.account.0,
        "peers": others,
        "most": options.most,
        "beat": options.beat.as_millis(),
        // The relay's log has a word of its own: not who it was, nor which room.
        "rtc": options.ice.configuration(now, &hex::encode(rand::random::<[u8; 8]>())),
    });
    Ok(Json(told).into_response())
}

async fn signal(
    State(app): State<Arc<App>>,
    Path(entity): Path<String>,
    headers: HeaderMap,
    sent: Sent,
) -> Result<StatusCode, Problem> {
    let by = member(&app, &entity, &headers)?;
    let signal: Signal = letter(&app, &by, &headers, sent)?;
    let peer = own(&app, &by, &signal.peer)?;
    let now = Instant::now();
    if let Err(wait) = peer.pace.lock().take(now) {
        let slower = Problem::new(429, "too-many", "messages come too fast: wait a moment");
        return Err(Problem { retry_after: Some(wait), ..slower });
    }
    *peer.heard.lock() = now;
    if signal.say == Say::Here {
        return Ok(StatusCode::NO_CONTENT);
    }
    if let Some(wrong) = signal.say.wrong() {
        return Err(Problem::new(422, "invalid", wrong));
    }
    // Who has left meanwhile hears nothing: that is no mistake of the one who speaks, and is told by `left`.
    let to = signal.to.filter(|to| *to != peer.id).and_then(|to| app.hall.find(by.room, &to));
    match to {
        Some(to) if may(&app, by.room, &to) => {
            app.hall.count_message();
            to.line.put(said(&peer.id, &signal.say));
        }
        Some(to) => app.hall.out(by.room, &to, Over::Member),
        None => {}
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn leave(
    State(app): State<Arc<App>>,
    Path(entity): Path<String>,
    headers: HeaderMap,
    sent: Sent,
) -> Result<StatusCode, Problem> {
    let by = member(&app, &entity, &headers)?;
    let leave: Leave = letter(&app, &by, &headers, sent)?;
    let peer = own(&app, &by, &leave.peer)?;
    app.hall.out(by.room, &peer, Over::Left);
    Ok(StatusCode::NO_CONTENT)
}

/// What is said to one peer, as it comes.
async fn events(
    State(app): State<Arc<App>>,
    Path(entity): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let by = member(&app, &entity, &headers)?;
    if !auth::same_origin(&headers, false) {
        return Err(Problem::new(403, "cross-site", "the stream was not asked for by this page"));
    }
    let asked = query(raw.as_deref())?.into_iter().find(|(n, _)| n == "peer").map(|(_, v)| v).unwrap_or_default();
    let id = PeerId::try_from(asked).map_err(|e| Problem::new(400, "form", e))?;
    let peer = own(&app, &by, &id)?;
    *peer.heard.lock() = Instant::now();
    let heard = headers.get("last-event-id").and_then(|v| v.to_str().ok()).and_then(|n| n.parse().ok());
    let dress = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // A proxy that gathers answers would hold everything back.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((dress, Body::new(peer.line.read(heard))).into_response())
}
