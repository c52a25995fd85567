//! Errors as the standard has them: a list of code and description.

use super::PLUGIN;
use super::answer::{Format, sent};
use super::item::Item;
use crate::problem::Problem;
use crate::state::App;
use crate::words::Locale;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use std::time::Duration;

/// What went wrong; every description says what, where and how to mend it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Fail {
    status: u16,
    said: Vec<String>,
    retry_after: Option<Duration>,
}

impl Fail {
    pub(super) fn new(status: u16, said: impl Into<String>) -> Fail {
        Fail { status, said: vec![said.into()], retry_after: None }
    }

    pub(super) fn all(status: u16, said: Vec<String>) -> Fail {
        Fail { status, said, retry_after: None }
    }

    /// What it says, to be said among others.
    pub(super) fn into_said(self) -> Vec<String> {
        self.said
    }

    /// A problem of the API in the standard's words: what is wrong with a value is 400.
    pub(super) fn of(app: &App, locale: Locale, problem: Problem) -> Fail {
        let made = app.made();
        let voice = made.words.voice(PLUGIN, locale);
        let status = match problem.status {
            409 | 415 | 422 => 400,
            status => status,
        };
        let mut said: Vec<String> =
            problem.fields.iter().map(|f| format!("{}: {}", named(&f.field), voice.text(&f.message))).collect();
        if said.is_empty() {
            let what = problem.said(&voice).filter(|s| !s.is_empty()).unwrap_or_else(|| problem.detail.clone());
            said.push(if what.is_empty() { problem.title(&voice) } else { what });
        }
        Fail { status, said, retry_after: problem.retry_after }
    }

    pub(super) fn response(self, format: Format) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let errors = self.said.into_iter().map(|said| {
            Item::Record(vec![("code", Item::Whole(i64::from(self.status))), ("description", Item::Text(said))])
        });
        let mut response = sent(status, format, "errors", &Item::List("error", errors.collect()), false);
        if let Some(wait) = self.retry_after {
            let seconds = (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Our field in the standard's words.
fn named(field: &str) -> &str {
    match field {
        "service" => "service_code",
        "place-code" => "address_id",
        "address" => "address_string",
        "media" => "media_url",
        "position" => "lat and long",
        "code" => "service_request_id",
        "update-id" => "update_id",
        "words" => "description",
        "contact" => "email, phone and name",
        other => other,
    }
}
