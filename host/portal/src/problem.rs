//! Errors as RFC 9457 problem details: what, where, how to mend it, in both languages.

use crate::words::{Locale, Voice, Words};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use changzhi_gate::GateRefusal;
use changzhi_model::{EntityId, Problem as FieldProblem, Refusal, Text};
use serde_json::{Value as Json, json};
use std::time::Duration;

/// An error on its way out. The words are added by the layer, which knows language, path and request id.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    /// `error-CODE` names title and mend in the message files.
    pub(crate) code: &'static str,
    /// Whose words the texts are.
    pub(crate) plugin: String,
    /// What exactly; shown as it is, in English.
    pub(crate) detail: String,
    pub(crate) text: Option<Text>,
    pub(crate) fields: Vec<FieldProblem>,
    pub(crate) retry_after: Option<Duration>,
    /// One of these is to be named as the place.
    pub(crate) places: Vec<EntityId>,
}

impl Problem {
    pub(crate) fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Problem {
        Problem {
            status,
            code,
            plugin: String::new(),
            detail: detail.into(),
            text: None,
            fields: Vec::new(),
            retry_after: None,
            places: Vec::new(),
        }
    }

    pub(crate) fn of_gate(refusal: GateRefusal, plugin: &str) -> Problem {
        let mut p = Problem::new(refusal.status(), refusal.code(), refusal.to_string());
        p.plugin = plugin.to_owned();
        match refusal {
            GateRefusal::Invalid(fields) => p.fields = fields,
            GateRefusal::Throttled(wait) | GateRefusal::Rate { wait, .. } => p.retry_after = Some(wait),
            GateRefusal::PlaceNeeded(places) => p.places = places,
            GateRefusal::Unavailable(_) => p.retry_after = Some(Duration::from_secs(1)),
            _ => {}
        }
        p
    }

    pub(crate) fn of_refusal(refusal: Refusal, plugin: &str) -> Problem {
        let (status, code, text, fields) = match refusal {
            Refusal::Denied(t) => (403, "denied", Some(t), Vec::new()),
            Refusal::Invalid(fields) => (422, "invalid", None, fields),
            Refusal::Conflict(t) => (409, "conflict", Some(t), Vec::new()),
            Refusal::NotFound(t) => (404, "not-found", Some(t), Vec::new()),
            Refusal::Other(t) => (422, "refused", Some(t), Vec::new()),
        };
        Problem { plugin: plugin.to_owned(), text, fields, ..Problem::new(status, code, "") }
    }

    pub(crate) fn unavailable(reason: String, retry_after: Duration) -> Problem {
        Problem { retry_after: Some(retry_after), ..Problem::new(503, "unavailable", reason) }
    }

    pub(crate) fn title(&self, voice: &Voice<'_>) -> String {
        voice.say(&format!("error-{}", self.code))
    }

    pub(crate) fn mend(&self, voice: &Voice<'_>) -> String {
        voice.say(&format!("error-{}.mend", self.code))
    }

    pub(crate) fn said(&self, voice: &Voice<'_>) -> Option<String> {
        self.text.as_ref().map(|t| voice.text(t))
    }

    pub(crate) fn json(&self, words: &Words, locale: Locale, path: &str, request: &str) -> Json {
        let voice = |l| words.voice(&self.plugin, l);
        let own = voice(locale);
        let in_all = |say: &dyn Fn(&Voice<'_>) -> String| {
            let said = Locale::ALL.map(|l| (l.tag().to_owned(), json!(say(&voice(l)))));
            Json::Object(said.into_iter().collect())
        };
        let errors: Vec<Json> = self
            .fields
            .iter()
            .map(|f| json!({"field": f.field.as_str(), "message": in_all(&|v| v.text(&f.message))}))
            .collect();
        let mut detail = self.said(&own).unwrap_or_default();
        if detail.is_empty() {
            detail.clone_from(&self.detail);
        }
        json!({
            "type": format!("urn:changzhi:problem:{}", self.code),
            "title": self.title(&own),
            "status": self.status,
            "detail": detail,
            "instance": path,
            "code": self.code,
            "request_id": request,
            "mend": self.mend(&own),
            "titles": in_all(&|v| self.title(v)),
            "mends": in_all(&|v| self.mend(v)),
            "errors": errors,
        })
    }
}

/// Carries the problem to the layer, which writes the body.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if self.status == 401 {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}
