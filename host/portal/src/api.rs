//! The JSON API: one address for each command and view.

mod read;

use read::declared;
pub(crate) use read::{Declared, ask, body_problem, form, is_form, query};

use crate::auth;
use crate::layer::About;
use crate::problem::Problem;
use crate::state::App;
use crate::town::ViewProblem;
use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use changzhi_gate::{Checked, Gate, GateRefusal, Outcome, Session};
use changzhi_model::{Named, Seq, body};
use serde_json::{Value as JsonValue, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Instant;

type Body = Result<Bytes, BytesRejection>;

/// What a command that was done answers.
pub(crate) struct Done {
    pub(crate) seq: Seq,
    pub(crate) answer: Vec<Named>,
    pub(crate) replayed: bool,
}

/// Submits and waits until it is durable.
pub(crate) async fn run(app: &App, checked: Checked) -> Result<Done, Problem> {
    let begun = Instant::now();
    let plugin = checked.submission.plugin.clone();
    let (tell, told) = tokio::sync::oneshot::channel();
    app.town.submit_then(
        checked.submission,
        Box::new(move |outcome| {
            // The client may have gone away: what was done stands.
            let _ = tell.send(outcome);
        }),
    );
    let outcome = told.await;
    let (label, result) = match outcome {
        Ok(Outcome::Done { seq, mut answer, replayed, .. }) => {
            if !replayed {
                answer.extend(checked.private);
            }
            (if replayed { "replayed" } else { "done" }, Ok(Done { seq, answer, replayed }))
        }
        Ok(Outcome::Refused(refusal)) => ("refused", Err(Problem::of_refusal(refusal, &plugin))),
        Ok(Outcome::Unavailable { reason, retry_after }) => {
            ("unavailable", Err(Problem::unavailable(reason, retry_after)))
        }
        Ok(Outcome::Failed(reason)) => {
            tracing::warn!(%plugin, reason, "a plugin failed on a command");
            ("failed", Err(Problem::new(500, "plugin-failed", format!("plugin {plugin} failed; its input is kept"))))
        }
        Err(_) => {
            ("unavailable", Err(Problem::unavailable("the city stopped".into(), std::time::Duration::from_secs(5))))
        }
    };
    app.metrics.command(&plugin, label, begun.elapsed().as_secs_f64());
    result
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
    let of = plugin.clone();
    let checked =
        decide(&app, &of, move |gate| gate.check(&session, &ask(&plugin, &name, &given, about.locale), &json)).await?;
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
    let page = serde_json::to_value(&page).unwrap_or(JsonValue::Null);
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
    Ok(response)
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

/// Administrators of the whole city only: a component becomes part of the host's trust.
pub(crate) fn must_be_admin(session: &Session) -> Result<(), Problem> {
    if session.is_city_wide("admin") {
        return Ok(());
    }
    Err(Problem::of_gate(GateRefusal::Role { needed: vec!["admin".into()] }, ""))
}

pub(crate) async fn install(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Body,
) -> Result<Response, Problem> {
    let session = auth::of_api(&app, &headers, true)?;
    must_be_admin(&session)?;
    let component = bytes.map_err(|e| body_problem(&e, app.options.component))?;
    let town = Arc::clone(&app.town);
    let named = id.clone();
    let installed = tokio::task::spawn_blocking(move || town.install(component)).await;
    match installed {
        Ok(Ok((plugin, version))) if plugin == named.as_str() => {
            tracing::info!(account = session.account.0, %plugin, %version, "plugin installed");
            Ok(Json(json!({"plugin": plugin, "version": version})).into_response())
        }
        Ok(Ok((plugin, version))) => Ok(Json(json!({
            "plugin": plugin, "version": version,
            "warning": format!("the component is {plugin}, not {named}"),
        }))
        .into_response()),
        Ok(Err(reason)) => Err(Problem::new(422, "component", reason)),
        Err(_) => Err(Problem::new(500, "bug", "the installation hit a bug of the host")),
    }
}

pub(crate) async fn retry(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let session = auth::of_api(&app, &headers, true)?;
    must_be_admin(&session)?;
    let town = Arc::clone(&app.town);
    let tried = tokio::task::spawn_blocking(move || town.retry(&id)).await;
    match tried {
        Ok(Ok(count)) => Ok(Json(json!({"tried": count})).into_response()),
        Ok(Err(reason)) => Err(Problem::new(404, "not-found", reason)),
        Err(_) => Err(Problem::new(500, "bug", "the retry hit a bug of the host")),
    }
}
