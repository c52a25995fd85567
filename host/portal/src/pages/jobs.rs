//! Long work: what runs and how far it is, what may be started, and a button to stop it.

use super::form::{Form, Pairs, parts, read, receipt};
use super::{Visit, layout, see_other, sent};
use crate::api::{ask, begin_job, job_word, query, stop_job, visible_jobs};
use crate::layer::About;
use crate::problem::Problem;
use crate::render::{TIME, time};
use crate::state::App;
use crate::words::Voice;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use changzhi_model::{EntityId, JobDecl, Manifest, body};
use changzhi_pipeline::{JobInfo, JobState};
use maud::{Markup, html};
use std::sync::Arc;

type Sent = Result<Bytes, BytesRejection>;

/// Jobs of all plugins this visitor may start.
pub(super) fn startable<'a>(app: &'a App, visit: &'a Visit) -> impl Iterator<Item = (&'a Manifest, &'a JobDecl)> {
    let all = visit.made.manifests().iter().flat_map(|m| m.jobs.iter().map(move |j| (&**m, j)));
    all.filter(|(m, j)| app.gate.is_served(&visit.session, &m.id, &j.roles))
}

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let jobs = visible_jobs(&app, &visit.session).await.map_err(IntoResponse::into_response)?;
    let all = body::pairs(raw.unwrap_or_default().as_bytes()).unwrap_or_default();
    let host = visit.voice("");
    let title = host.say("job-title");
    let may_start: Vec<_> = startable(&app, &visit).collect();
    let main = html! {
        @if let Some(seq) = sent(&all, "_done").filter(|s| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit())) {
            p.notice.good role="status" { (host.say("core-done")) " " code { (seq) } }
        }
        h1 { (title) }
        @if !may_start.is_empty() {
            section.panel {
                h2 { (host.say("job-start")) }
                ul.actions { @for (m, j) in may_start {
                    li { a.button href={"/start/" (m.id) "/" (j.name)} { (visit.voice(&m.id).name(&j.label)) } }
                } }
            }
        }
        @if jobs.is_empty() { p.muted { (host.say("job-none")) } } @else {
            p { a href="/jobs" { (host.say("job-again")) } }
            (table(&app, &visit, &host, &jobs))
        }
    };
    Ok(layout(&app, visit.appearance, &host, Some(&visit), &title, &main).into_response())
}

fn table(app: &App, visit: &Visit, host: &Voice<'_>, jobs: &[JobInfo]) -> Markup {
    let say = |key: &str| host.say(key);
    let at = |micros: i64| time(micros, &app.options.zone, TIME);
    html! {
        div.scroll { table.view {
            thead { tr {
                th { (say("job-what")) } th { (say("job-progress")) } th { (say("job-state")) }
                th { (say("job-by")) } th { (say("job-begun")) } td {}
            } }
            tbody { @for job in jobs {
                @let label = label(visit, job);
                tr {
                    td data-label=(say("job-what")) { (label) }
                    td data-label=(say("job-progress")) { (progress(job, &label)) }
                    td data-label=(say("job-state")) {
                        span { span.status { (say(&format!("job-{}", job_word(&job.state)))) }
                        @if let JobState::Failed(why) = &job.state { " " span.muted { (why) } } }
                    }
                    td data-label=(say("job-by")) { (login(app, job.actor.id)) }
                    td data-label=(say("job-begun")) { (at(job.begun.0)) @if let Some(end) = job.ended { " – " (at(end.0)) } }
                    td { @if matches!(job.state, JobState::Running | JobState::Waiting) {
                        form method="post" action="/jobs/cancel" {
                            input type="hidden" name="_csrf" value=(visit.csrf());
                            input type="hidden" name="id" value=(job.id);
                            button.danger aria-label={(say("job-cancel")) ": " (label)} { (say("job-cancel")) }
                        }
                    } }
                }
            } }
        } }
    }
}

/// A bar without a value says that it is not known how much there is to do.
fn progress(job: &JobInfo, label: &str) -> Markup {
    html! {
        span.progress {
            @if job.total == 0 && job.ended.is_none() { progress aria-label=(label) {} }
            @else { progress aria-label=(label) max=(job.total.max(1)) value=(job.done.min(job.total)) {} }
            span.num { (job.done) " / " @if job.total == 0 { "–" } @else { (job.total) } }
        }
    }
}

fn label(visit: &Visit, job: &JobInfo) -> String {
    let decl = visit.made.manifests().iter().find(|m| m.id == job.plugin).and_then(|m| m.job(&job.name));
    decl.map_or_else(|| format!("{}/{}", job.plugin, job.name), |d| visit.voice(&job.plugin).name(&d.label))
}

fn login(app: &App, account: EntityId) -> String {
    let mut login = None;
    app.town.read(&mut |r| login = r.value(account, "host.account", "login").as_text().map(str::to_owned));
    login.unwrap_or_else(|| "–".into())
}

pub(super) async fn form(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Path((plugin, name)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let kept = query(raw.as_deref()).map_err(IntoResponse::into_response)?;
    Ok(again(&app, &visit, &plugin, &name, &kept, None))
}

fn again(app: &App, visit: &Visit, plugin: &str, name: &str, kept: &Pairs, wrong: Option<Problem>) -> Response {
    let decl = visit.made.manifests().iter().find(|m| m.id == plugin).and_then(|m| m.job(name));
    let Some(decl) = decl else {
        return Problem::new(404, "not-found", format!("job {plugin}/{name}")).into_response();
    };
    let action = format!("/start/{plugin}/{name}");
    let form = Form { plugin, action: &action, label: &decl.label, fields: &decl.params, purpose: false };
    form.show(app, visit, kept, wrong)
}

pub(super) async fn start(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Path((plugin, name)): Path<(String, String)>,
    headers: HeaderMap,
    bytes: Sent,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = read(&app, &visit, &headers, bytes).map_err(IntoResponse::into_response)?;
    let (given, body) = parts(&pairs);
    let ask = ask(&plugin, &name, &given, visit.locale);
    let checked = app.gate.check_job(&visit.session, &ask, |params| body::parse_form(params, &body, &app.options.zone));
    let begun = match checked.map_err(|refusal| Problem::of_gate(refusal, &plugin)) {
        Ok(submission) => begin_job(&app, submission).await,
        Err(problem) => Err(problem),
    };
    match begun {
        Ok(done) => Ok(see_other(&receipt(Some("/jobs"), done.seq.0))),
        Err(problem) => Ok(again(&app, &visit, &plugin, &name, &pairs, Some(problem))),
    }
}

pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Sent,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = read(&app, &visit, &headers, bytes).map_err(IntoResponse::into_response)?;
    let id = sent(&pairs, "id").unwrap_or_default();
    stop_job(&app, &visit.session, id).await.map_err(IntoResponse::into_response)?;
    Ok(see_other("/jobs"))
}
