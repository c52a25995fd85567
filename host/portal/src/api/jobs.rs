//! Long work over the API: start it, watch it, stop it.

use super::{Body, Done, ask, blocking, body_problem, declared, outcome, read};
use crate::auth;
use crate::layer::About;
use crate::problem::Problem;
use crate::state::App;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use changzhi_gate::{Session, Submission};
use changzhi_model::{Actor, RequestId, body};
use changzhi_pipeline::{JobInfo, JobState};
use serde_json::{Map, Value as JsonValue, json};
use std::sync::Arc;
use std::time::Duration;

/// Hands a job in; done when its start is durable. Its id is the answer `job`.
pub(crate) async fn begin(app: &App, submission: Submission) -> Result<Done, Problem> {
    let plugin = submission.plugin.clone();
    outcome(app, &plugin, |tell| app.town.start_job_then(submission, tell)).await
}

/// The jobs this session may see, newest first.
pub(crate) async fn visible(app: &Arc<App>, session: &Arc<Session>) -> Result<Vec<JobInfo>, Problem> {
    let town = Arc::clone(&app.town);
    let jobs = blocking(move || town.jobs()).await?.map_err(stopped)?;
    Ok(jobs.into_iter().filter(|job| app.gate.oversees(session, job)).collect())
}

/// Stops a job the session may see.
pub(crate) async fn stop(app: &Arc<App>, session: &Arc<Session>, id: &str) -> Result<JobInfo, Problem> {
    let id = found(app, session, id).await?.id;
    let by = Actor { id: session.account, roles: session.roles(), divisions: session.divisions() };
    let town = Arc::clone(&app.town);
    blocking(move || town.cancel_job(id, &by)).await?.map_err(stopped)?.ok_or_else(|| missing(&id.to_string()))
}

/// A job that may not be seen is as one that is not there.
async fn found(app: &Arc<App>, session: &Session, id: &str) -> Result<JobInfo, Problem> {
    let wanted: RequestId = id.parse().map_err(|_| missing(id))?;
    let town = Arc::clone(&app.town);
    let job = blocking(move || town.job(wanted)).await?.map_err(stopped)?;
    job.filter(|job| app.gate.oversees(session, job)).ok_or_else(|| missing(id))
}

fn missing(id: &str) -> Problem {
    let id: String = id.chars().take(64).collect();
    Problem::new(404, "not-found", format!("job {id}"))
}

fn stopped(reason: String) -> Problem {
    Problem::unavailable(reason, Duration::from_secs(60))
}

pub(crate) async fn start(
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
    let submission = app
        .gate
        .check_job(&session, &ask(&plugin, &name, &given, about.locale), |params| body::parse(params, &json))
        .map_err(|refusal| Problem::of_gate(refusal, &plugin))?;
    let id = submission.request;
    let done = begin(&app, submission).await?;
    let job = found(&app, &session, &id.to_string()).await?;
    let body = json!({"seq": done.seq.0, "replayed": done.replayed, "job": told(&app, &job)});
    let mut response = (StatusCode::ACCEPTED, Json(body)).into_response();
    if let Ok(at) = HeaderValue::from_str(&format!("/api/v1/jobs/{id}")) {
        response.headers_mut().insert(header::LOCATION, at);
    }
    Ok(response)
}

pub(crate) async fn list(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Problem> {
    let session = auth::of_api(&app, &headers, false)?;
    let jobs: Vec<_> = visible(&app, &session).await?.iter().map(|job| told(&app, job)).collect();
    Ok(Json(json!({"jobs": jobs})).into_response())
}

pub(crate) async fn one(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let session = auth::of_api(&app, &headers, false)?;
    let job = found(&app, &session, &id).await?;
    Ok(Json(told(&app, &job)).into_response())
}

pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let session = auth::of_api(&app, &headers, true)?;
    let job = stop(&app, &session, &id).await?;
    Ok(Json(told(&app, &job)).into_response())
}

/// A job as JSON. Its parameters are never personal: the host refuses a plugin that declares such.
fn told(app: &App, job: &JobInfo) -> JsonValue {
    let decl = app.town.manifest(&job.plugin);
    let fields = decl.as_ref().and_then(|m| m.job(&job.name)).map(|d| d.params.as_slice()).unwrap_or_default();
    let params: Map<String, JsonValue> = fields
        .iter()
        .zip(&job.params)
        .filter(|(_, v)| !v.is_none())
        .map(|(f, v)| (f.name.to_string(), v.to_json()))
        .collect();
    let reason = match &job.state {
        JobState::Failed(why) => Some(why.as_str()),
        _ => None,
    };
    json!({
        "id": job.id.to_string(),
        "plugin": job.plugin,
        "job": job.name,
        "params": params,
        "by": job.actor.id.0,
        "place": job.place.map(|p| p.0),
        "begun": job.begun.to_rfc3339(),
        "ended": job.ended.map(changzhi_model::Micros::to_rfc3339),
        "done": job.done,
        "total": job.total,
        "state": word(&job.state),
        "reason": reason,
    })
}

/// The state's name, in the API and as a message key `job-…`.
pub(crate) fn word(state: &JobState) -> &'static str {
    match state {
        JobState::Running => "running",
        JobState::Stopping => "stopping",
        JobState::Waiting => "waiting",
        JobState::Done => "done",
        JobState::Cancelled => "cancelled",
        JobState::Failed(_) => "failed",
    }
}
