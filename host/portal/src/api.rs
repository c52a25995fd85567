//! The JSON API: one address for each command, view and job.

mod admin;
mod jobs;
mod read;

pub(crate) use admin::{install, must_be_admin, retry, state};
pub(crate) use jobs::{
    begin as begin_job, cancel as cancel_job, list as list_jobs, one as one_job, start as start_job, stop as stop_job,
    visible as visible_jobs, word as job_word,
};

pub(crate) use read::{Declared, Saw, ask, body_problem, declared, form, is_form, query};

use crate::auth;
use crate::layer::About;
use crate::problem::Problem;
use crate::shape::Page;
use crate::state::App;
use crate::town::ViewProblem;
use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use changzhi_gate::{Checked, Gate, GateRefusal, Outcome};
use changzhi_model::{Named, Seq, body};
use serde_json::{Value as JsonValue, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Instant;

type Body = Result<Bytes, BytesRejection>;
type Tell = Box<dyn FnOnce(Outcome) + Send>;

/// The code of a command that was not done because what it is about has changed.
pub(crate) const OUTDATED: &str = "outdated";

/// What a command that was done answers.
pub(crate) struct Done {
    pub(crate) seq: Seq,
    pub(crate) answer: Vec<Named>,
    pub(crate) replayed: bool,
}

/// Submits and waits until it is durable.
pub(crate) async fn run(app: &App, checked: Checked) -> Result<Done, Problem> {
    let (submission, private) = (checked.submission, checked.private);
    let plugin = submission.plugin.clone();
    let mut done = outcome(app, &plugin, |tell| app.town.submit_then(submission, tell)).await?;
    // A secret is told once; a PIN is a function of the request, and whoever sends that again is told the same.
    done.answer.extend(private.into_iter().filter(|n| !done.replayed || n.name == changzhi_gate::PIN));
    Ok(done)
}

/// Hands something in and waits for what comes of it.
async fn outcome(app: &App, plugin: &str, hand_in: impl FnOnce(Tell) + Send) -> Result<Done, Problem> {
    let begun = Instant::now();
    let (tell, told) = tokio::sync::oneshot::channel();
    hand_in(Box::new(move |outcome| {
        // The client may have gone away: what was done stands.
        let _ = tell.send(outcome);
    }));
    let (label, result) = match told.await {
        Ok(Outcome::Done { seq, answer, replayed, .. }) => {
            (if replayed { "replayed" } else { "done" }, Ok(Done { seq, answer, replayed }))
        }
        Ok(Outcome::Refused(refusal)) => ("refused", Err(Problem::of_refusal(refusal, plugin))),
        Ok(Outcome::Outdated(changed)) => {
            let changed = changed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            ("outdated", Err(Problem::new(409, OUTDATED, format!("changed meanwhile: {changed}"))))
        }
        Ok(Outcome::Unavailable { reason, retry_after }) => {
            ("unavailable", Err(Problem::unavailable(reason, retry_after)))
        }
        Ok(Outcome::Failed(reason)) => {
            tracing::warn!(plugin, reason, "a plugin failed on a command");
            ("failed", Err(Problem::new(500, "plugin-failed", format!("plugin {plugin} failed; its input is kept"))))
        }
        Err(_) => {
            ("unavailable", Err(Problem::unavailable("the city stopped".into(), std::time::Duration::from_secs(5))))
        }
    };
    app.metrics.command(plugin, label, begun.elapsed().as_secs_f64());
    result
}

/// What may block runs on a thread of its own.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Problem::new(500, "bug", "the request hit a bug of the host"))
}

/// Decides, on a thread of its own where that may take long.
pub(crate) async fn decide(
    app: &Arc<App>,
    plugin: &str,
    check: impl FnOnce(&Gate) -> Result<Checked, GateRefusal> + Send + 'static,
) -> Result<Checked, Problem> {
    let decided = if Gate::may_block(plugin) {
        let gate = Arc::clone(&app.gate);
        tokio::task::spawn_blocking(move || check(&gate))
            .await
            .unwrap_or_else(|_| Err(GateRefusal::Unavailable("the host is stopping".into())))
    } else {
        check(&app.gate)
    };
    decided.map_err(|refusal| Problem::of_gate(refusal, plugin))
}

pub(crate) async fn command(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Path((plugin, name)): Path<(String, String)>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let session = auth::of_api(&app, &headers, true)?;
    read::is_json(&headers)?;
    let json = read::json(&bytes.map_err(|e| body_problem(&e, app.options.body))?)?;
    let given = declared(&headers)?;
    let (of, saw) = (plugin.clone(), given.clone());
    let mut checked =
        decide(&app, &of, move |gate| gate.check(&session, &ask(&plugin, &name, &given, about.locale), &json)).await?;
    saw.expect(&mut checked);
    let done = run(&app, checked).await?;
    let answer: serde_json::Map<_, _> = done.answer.iter().map(|n| (n.name.to_string(), n.value.to_json())).collect();
    Ok(Json(json!({"seq": done.seq.0, "answer": answer, "replayed": done.replayed})).into_response())
}

pub(crate) async fn view(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Path((plugin, name)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let session = auth::of_api(&app, &headers, false)?;
    let pairs = read::query(query.as_deref())?;
    let given = declared(&headers)?;
    let look = app
        .gate
        .look(&session, &ask(&plugin, &name, &given, about.locale), |params| {
            body::parse_form(params, &pairs, &app.options.zone)
        })
        .map_err(|r| Problem::of_gate(r, &plugin))?;
    let (page, seq) = app.town.view(look).await.map_err(|p| view_problem(p, &plugin))?;
    Ok(page_json(&page, seq, &headers))
}

/// A page as data, with a tag by its content. The same at the API and, where JSON is asked for, at the page's own address.
pub(crate) fn page_json(page: &Page, seq: Seq, headers: &HeaderMap) -> Response {
    let page = serde_json::to_value(page).unwrap_or(JsonValue::Null);
    let tag = format!("\"{}\"", hex::encode(Sha256::digest(page.to_string())));
    let unchanged = headers.get(header::IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == tag.as_bytes());
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Json(json!({"revision": seq.0, "page": page})).into_response()
    };
    let h = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        h.insert(header::ETAG, tag);
    }
    h.insert("x-revision", HeaderValue::from(seq.0));
    h.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

pub(crate) fn view_problem(problem: ViewProblem, plugin: &str) -> Problem {
    match problem {
        ViewProblem::Refused(refusal) => Problem::of_refusal(refusal, plugin),
        ViewProblem::Unavailable { reason, retry_after } => Problem::unavailable(reason, retry_after),
        ViewProblem::Failed(reason) => {
            tracing::warn!(plugin, reason, "a plugin failed on a view");
            Problem::new(500, "plugin-failed", format!("plugin {plugin} failed to make this page"))
        }
    }
}

pub(crate) async fn openapi(State(app): State<Arc<App>>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], app.made().openapi.clone()).into_response()
}
