//! Messages of other systems: read, then given to the plugin one by one.
//!
//! A message that is none is refused before the plugin hears of it, with every line that is wrong. Of several in one envelope each is
//! answered by itself: a bad one does not cost the others. The same message sent again is `same`, and changes nothing.

use super::PLUGIN;
use crate::api;
use crate::auth;
use crate::files::{Cut, body_of};
use crate::layer::About;
use crate::problem::Problem;
use crate::state::App;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use changzhi_cap::{CapError, Inside, Limits};
use changzhi_gate::{Ask, Session};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn receive(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let session = auth::of_api(&app, &headers, true)?;
    let limit = app.options.body;
    let bytes = body_of(body, limit).await.map_err(|cut| match cut {
        Cut::TooLarge => Problem::new(413, "too-large", format!("the message has more than {limit} bytes")),
        Cut::BrokenOff => Problem::new(400, "body", "the message broke off"),
    })?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Problem::new(400, "body", "the message is not UTF-8: send it in UTF-8"))?;
    let limits = Limits { bytes: limit, ..Limits::default() };
    let mut all = changzhi_cap::messages(text, limits).map_err(|e| refused(&e))?;
    if all.len() == 1
        && let Some(message) = all.pop()
    {
        let answer = take(&app, &about, &session, message).await?;
        return Ok(Json(json!({"alerts": [answer]})).into_response());
    }
    let mut answers = Vec::with_capacity(all.len());
    for message in all {
        answers.push(match take(&app, &about, &session, message).await {
            Ok(answer) => answer,
            // Not allowed, or not able to: true of all of them.
            Err(problem) if !matches!(problem.status, 400 | 409 | 422) => return Err(problem),
            Err(problem) => {
                let made = app.made();
                let problem = problem.json(&made.words, about.locale, &about.path, &about.request);
                json!({"outcome": "refused", "problem": problem})
            }
        });
    }
    Ok(Json(json!({"alerts": answers})).into_response())
}

fn refused(error: &CapError) -> Problem {
    let status = if matches!(error, CapError::TooMuch { .. }) { 413 } else { 400 };
    Problem::new(status, if status == 413 { "too-large" } else { "body" }, error.lines().join("\n"))
}

async fn take(app: &Arc<App>, about: &About, session: &Arc<Session>, message: Inside) -> Result<Value, Problem> {
    let read = message.read.map_err(|e| refused(&e))?;
    let (session, locale) = (Arc::clone(session), about.locale);
    let checked = api::decide(app, PLUGIN, move |gate| {
        let ask = Ask {
            plugin: PLUGIN,
            command: "receive-alert",
            purpose: None,
            place: None,
            key: None,
            locale: locale.tag(),
        };
        gate.check(&session, &ask, &json!({"message": message.text}))
    });
    let done = api::run(app, checked.await?).await?;
    let mut answer: serde_json::Map<String, Value> =
        done.answer.iter().map(|n| (n.name.to_string(), n.value.to_json())).collect();
    answer.insert("identifier".into(), json!(read.alert.identifier));
    answer.insert("sender".into(), json!(read.alert.sender));
    Ok(Value::Object(answer))
}
