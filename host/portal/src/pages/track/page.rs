//! The matter's page for whoever reported it, and what they do there.

use super::{Visitor, receipt};
use crate::api::{self, Declared, ask, decide};
use crate::layer::About;
use crate::pages::form::{Pairs, parts, receipt as back};
use crate::pages::matter::reporters_view;
use crate::pages::upload::{Sender, read_of};
use crate::pages::{Looking, NoPage, layout, paint, see_other, sent};
use crate::problem::Problem;
use crate::render::{Door, Here};
use crate::state::App;
use axum::Extension;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use changzhi_gate::{Gate, OWN_MATTER, REPORTER};
use changzhi_model::body;
use maud::{Markup, html};
use std::sync::Arc;

pub(super) async fn matter(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visitor = Visitor::of(&app, &headers, &about)?;
    let missing = || Problem::new(404, "not-found", "this matter has no page for reporters").into_response();
    let (manifest, kind) = visitor.declared(&app).ok_or_else(missing)?;
    let view = reporters_view(manifest, &kind.name).ok_or_else(missing)?;
    let painted = paint_view(&app, &visitor, &manifest.id, &view.name, &kind.name, None).await;
    let (title, content) = painted.map_err(IntoResponse::into_response)?;
    let voice = visitor.voice("");
    let pairs = body::pairs(raw.unwrap_or_default().as_bytes()).unwrap_or_default();
    let main = html! {
        (paint::receipt(&voice, &pairs))
        h1 { (title) }
        div.page { (content) }
        (receipt::card(&voice, &receipt::address(&app, &headers, receipt::code(&app, visitor.matter, manifest).as_deref())))
        p { a href="/track/looks" { (voice.say("me-looks")) } }
        form.inline method="post" action="/track/end" {
            input type="hidden" name="_csrf" value=(Gate::csrf(&visitor.cookie));
            button.plain { (voice.say("track-end")) }
        }
    };
    Ok(layout(&app, visitor.appearance, &voice, None, &title, &main).into_response())
}

/// Another view for reporters, about their matter.
pub(super) async fn see(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Path((plugin, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visitor = Visitor::of(&app, &headers, &about)?;
    let missing = || Problem::new(404, "not-found", "there is nothing at this address").into_response();
    let (manifest, kind) = visitor.declared(&app).filter(|(m, _)| m.id == plugin).ok_or_else(missing)?;
    let view = manifest.view(&name).filter(|v| v.roles.contains(&REPORTER)).ok_or_else(missing)?;
    if reporters_view(manifest, &kind.name).is_some_and(|v| v.name == view.name) {
        return Ok(see_other("/track/matter"));
    }
    // To open this page is to state the one purpose there is.
    let purpose = view.purpose.then(|| OWN_MATTER.to_string());
    let painted = paint_view(&app, &visitor, &manifest.id, &view.name, &kind.name, purpose).await;
    let (title, content) = painted.map_err(IntoResponse::into_response)?;
    let voice = visitor.voice("");
    let main = html! { h1 { (title) } div.page { (content) } };
    Ok(layout(&app, visitor.appearance, &voice, None, &title, &main).into_response())
}

async fn paint_view(
    app: &App,
    visitor: &Visitor,
    plugin: &str,
    name: &str,
    kind: &str,
    purpose: Option<String>,
) -> Result<(String, Markup), Problem> {
    let looking = Looking { app, session: &visitor.session, locale: visitor.locale, plugin, name, purpose };
    let pairs = [(kind.to_owned(), visitor.matter.to_string())];
    let (page, seq) = looking.look(&pairs).await.map_err(NoPage::problem)?;
    let voice = visitor.voice(plugin);
    let here = Here { path: "/track/matter".into(), door: Door::Matter, ..Here::default() };
    let painter = looking.painter(&voice, Gate::csrf(&visitor.cookie), here, seq);
    let painted = (painter.text(&page.title), painter.page(&page));
    app.metrics.view_wrong(plugin, painter.wrongs());
    Ok(painted)
}

/// What the reporter asks for. It is answered by the page as it is then, so a page that has grown old is no conflict.
pub(super) async fn act(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Path((plugin, name)): Path<(String, String)>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Response> {
    let visitor = Visitor::of(&app, &headers, &about)?;
    let done = async {
        if visitor.declared(&app).is_none_or(|(m, _)| m.id != plugin) {
            return Err(Problem::new(404, "not-found", "there is nothing at this address"));
        }
        let guard = |token: Option<&str>| visitor.guard(&headers, token);
        let of_form = |pairs: &Pairs| {
            let made = app.gate.request_of(&visitor.session, sent(pairs, "_key"));
            made.map_err(|refusal| Problem::of_gate(refusal, ""))
        };
        let sender = Sender { made: &visitor.made, session: &visitor.session, guard: &guard, request: Some(&of_form) };
        let form = read_of(&app, &sender, &plugin, &name, request).await?;
        if !form.refused.is_empty() {
            return Err(Problem { fields: form.refused, ..Problem::new(422, "invalid", "") });
        }
        let pairs = form.pairs;
        let (given, body) = parts(&pairs);
        let given = Declared { saw: None, place: None, purpose: None, ..given };
        let (session, zone, locale) = (Arc::clone(&visitor.session), app.options.zone.clone(), visitor.locale);
        let of = plugin.clone();
        let checked = decide(&app, &plugin, move |gate| {
            gate.check_with(&session, &ask(&of, &name, &given, locale), |f| body::parse_form(f, &body, &zone))
        })
        .await?;
        let done = api::run(&app, checked).await?;
        Ok::<String, Problem>(back(Some(sent(&pairs, "_back").unwrap_or("/track/matter")), done.seq.0))
    };
    match done.await {
        Ok(to) => Ok(see_other(&to)),
        Err(problem) => Ok(refused(&app, &visitor, &problem)),
    }
}

fn refused(app: &App, visitor: &Visitor, problem: &Problem) -> Response {
    let voice = visitor.voice(&problem.plugin);
    let title = problem.title(&voice);
    let main = html! {
        h1 { (title) }
        div.summary role="alert" tabindex="-1" {
            @if let Some(said) = problem.said(&voice) { p { (said) } }
            p { (problem.mend(&voice)) }
            @if !problem.fields.is_empty() { ul { @for f in &problem.fields { li { (voice.text(&f.message)) } } } }
        }
        p { a href="/track/matter" { (voice.say("track-back")) } }
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, layout(app, visitor.appearance, &voice, None, &title, &main)).into_response()
}
