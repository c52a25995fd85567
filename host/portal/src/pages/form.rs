//! Commands by form: made from the declaration, sent without a script, shown again with what is wrong.

use super::upload;
use super::{Visit, layout, see_other, sent};
use crate::api::{self, Declared, OUTDATED, Saw, ask, body_problem, decide, form as read_form, is_form};
use crate::layer::About;
use crate::problem::Problem;
use crate::render::{control, fresh_key};
use crate::state::App;
use crate::words::Voice;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use changzhi_model::{EntityId, FieldDecl, FieldType, Name, Sensitivity, Seq, body};
use maud::{Markup, html};
use std::sync::Arc;

pub(super) type Pairs = Vec<(String, String)>;

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Path((plugin, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    Ok(again(&app, &visit, &plugin, &name, &Vec::new(), None))
}

fn again(app: &App, visit: &Visit, plugin: &str, name: &str, kept: &Pairs, wrong: Option<Problem>) -> Response {
    let decl = visit.made.manifests().iter().find(|m| m.id == plugin).and_then(|m| m.command(name));
    let Some(decl) = decl else {
        return Problem::new(404, "not-found", format!("command {plugin}/{name}")).into_response();
    };
    let action = format!("/do/{plugin}/{name}");
    let form = Form { plugin, action: &action, label: &decl.label, fields: &decl.fields, purpose: decl.purpose };
    form.show(app, visit, kept, wrong)
}

/// A declared form: of a command, or of a job to start.
pub(super) struct Form<'a> {
    pub(super) plugin: &'a str,
    pub(super) action: &'a str,
    pub(super) label: &'a str,
    pub(super) fields: &'a [FieldDecl],
    pub(super) purpose: bool,
}

impl Form<'_> {
    /// With kept input; with a problem: its summary first.
    pub(super) fn show(&self, app: &App, visit: &Visit, kept: &Pairs, wrong: Option<Problem>) -> Response {
        let voice = visit.voice(self.plugin);
        let title = voice.name(self.label);
        let status = wrong.as_ref().and_then(|p| StatusCode::from_u16(p.status).ok()).unwrap_or(StatusCode::OK);
        // A refused request was not done: it keeps its key, so that pressing twice never does it twice.
        let key = sent(kept, "_key").map_or_else(fresh_key, str::to_owned);
        let main = self.painted(app, &voice, (&visit.csrf(), &key), &visit.session.purposes, kept, wrong.as_ref());
        let title = if wrong.is_some() { format!("{}: {title}", voice.say("core-error")) } else { title };
        (status, layout(app, visit.appearance, &voice, Some(visit), &title, &main)).into_response()
    }

    /// The form itself, with its proof of origin and its key.
    pub(super) fn painted(
        &self,
        app: &App,
        voice: &Voice<'_>,
        (csrf, key): (&str, &str),
        purposes: &[Name],
        kept: &Pairs,
        wrong: Option<&Problem>,
    ) -> Markup {
        let title = voice.name(self.label);
        let places = wrong.map(|p| p.places.as_slice()).unwrap_or_default();
        html! {
            h1 { (title) }
            @if let Some(problem) = wrong { (summary(problem, self.fields, voice)) }
            form.stack method="post" action=(self.action) novalidate enctype=[self.fields.iter().any(|f| f.kind == FieldType::Files).then_some("multipart/form-data")] {
                input type="hidden" name="_csrf" value=(csrf);
                input type="hidden" name="_key" value=(key);
                @for name in ["_back", "_rev", "_about"] {
                    @if let Some(value) = sent(kept, name) { input type="hidden" name=(name) value=(value); }
                }
                @if !places.is_empty() { (which_place(app, voice, places)) }
                @else if let Some(place) = sent(kept, "_place") { input type="hidden" name="_place" value=(place); }
                @if self.purpose {
                    label { (voice.say("core-purpose"))
                        select name="_purpose" {
                            @for p in purposes { option value=(p) selected[sent(kept, "_purpose") == Some(p.as_str())] { (voice.name(&format!("purpose-{p}"))) } }
                        }
                    }
                }
                // Answers to questions of a page that asked them: this form does not know the questions, and keeps what was said.
                @for (name, value) in kept.iter().filter(|(n, _)| n.ends_with(']')) { input type="hidden" name=(name) value=(value); }
                @for field in self.fields.iter().filter(|f| !f.is_by_the_gate()) {
                    // What is secret is typed anew each time.
                    @let shown = if field.sensitivity == Sensitivity::Secret { None } else { sent(kept, &field.name) };
                    @let error = wrong.iter().flat_map(|w| &w.fields).find(|f| f.field == field.name).map(|f| voice.text(&f.message));
                    (control(field, voice, shown, error.as_deref(), kept))
                }
                button.primary { (title) }
            }
        }
    }
}

/// The role holds in several divisions: one is chosen.
fn which_place(app: &App, voice: &Voice<'_>, places: &[EntityId]) -> Markup {
    let mut named = Vec::with_capacity(places.len());
    app.town.read(&mut |r| {
        named = places.iter().map(|p| (*p, r.value(*p, "host.place", "name"))).collect();
    });
    html! {
        label { (voice.say("core-place"))
            select name="_place" {
                @for (place, name) in &named { option value=(place) { (name.as_text().map_or_else(|| place.to_string(), str::to_owned)) } }
            }
        }
    }
}

fn summary(problem: &Problem, fields: &[FieldDecl], voice: &Voice<'_>) -> Markup {
    let label = |name: &str| fields.iter().find(|f| f.name == name).map_or(name.to_owned(), |f| voice.name(&f.label));
    html! {
        div.summary role="alert" tabindex="-1" {
            h2 { (problem.title(voice)) }
            @if let Some(said) = problem.said(voice) { p { (said) } }
            p { (problem.mend(voice)) }
            @if !problem.fields.is_empty() {
                ul { @for f in &problem.fields { li { a href={"#f-" (f.field)} { (label(&f.field)) ": " (voice.text(&f.message)) } } } }
            }
        }
    }
}

pub(super) async fn submit(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Path((plugin, name)): Path<(String, String)>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let form = upload::read(&app, &visit, &plugin, &name, request).await.map_err(IntoResponse::into_response)?;
    let pairs = form.pairs;
    if !form.refused.is_empty() {
        let problem = Problem { fields: form.refused, plugin: plugin.clone(), ..Problem::new(422, "invalid", "") };
        return Ok(again(&app, &visit, &plugin, &name, &pairs, Some(problem)));
    }
    if !super::conflict::changed(&app, &pairs).is_empty() {
        return Ok(super::conflict::page(&app, &visit, &plugin, &name, &pairs).await);
    }
    let (given, body) = parts(&pairs);
    let (session, zone, locale) = (Arc::clone(&visit.session), app.options.zone.clone(), visit.locale);
    let (to, of, saw) = (plugin.clone(), name.clone(), given.clone());
    let decided = decide(&app, &plugin, move |gate| {
        gate.check_with(&session, &ask(&to, &of, &given, locale), |fields| body::parse_form(fields, &body, &zone))
    })
    .await;
    let done = match decided {
        Ok(mut checked) => {
            saw.expect(&mut checked);
            let private = checked.private.clone();
            api::run(&app, checked).await.map(|done| (done, private))
        }
        Err(problem) => Err(problem),
    };
    match done {
        Err(problem) if problem.code == OUTDATED => {
            Ok(super::conflict::page(&app, &visit, &plugin, &name, &pairs).await)
        }
        Err(problem) => Ok(again(&app, &visit, &plugin, &name, &pairs, Some(problem))),
        Ok((done, private)) if private.is_empty() => Ok(see_other(&receipt(sent(&pairs, "_back"), done.seq.0))),
        Ok((done, private)) if private.iter().any(|n| n.name == changzhi_gate::PIN) => {
            Ok(see_other(&super::track::filed_at(&done, sent(&pairs, "_key").unwrap_or(""))))
        }
        // A secret is shown here and now, and never again.
        Ok((done, _)) => {
            let voice = visit.voice(&plugin);
            let title = voice.say("core-done");
            let main = html! {
                h1 { (title) }
                dl { @for n in &done.answer { dt { (n.name) } dd { code { (n.value.as_text().map_or_else(|| n.value.to_json().to_string(), str::to_owned)) } } } }
                p { (voice.say("core-shown-once")) }
            };
            Ok(layout(&app, visit.appearance, &voice, Some(&visit), &title, &main).into_response())
        }
    }
}

/// The revision the page was made at, and what its command is about.
fn saw(pairs: &Pairs) -> Option<Saw> {
    let revision = sent(pairs, "_rev").and_then(|r| r.parse().ok()).map(Seq)?;
    let about = sent(pairs, "_about").unwrap_or("").split(' ').filter_map(|id| id.parse().ok()).map(EntityId);
    Some(Saw { revision, about: Some(about.collect()) })
}

/// What stands in headers for a program, and the declared fields.
pub(super) fn parts(pairs: &Pairs) -> (Declared, Pairs) {
    let given = Declared {
        purpose: sent(pairs, "_purpose").map(str::to_owned),
        place: sent(pairs, "_place").and_then(|p| p.parse().ok()).filter(|p| *p > 0).map(EntityId),
        key: sent(pairs, "_key").map(str::to_owned),
        saw: saw(pairs),
    };
    (given, pairs.iter().filter(|(n, _)| !n.starts_with('_')).cloned().collect())
}

pub(super) fn read(
    app: &App,
    visit: &Visit,
    headers: &HeaderMap,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Pairs, Problem> {
    is_form(headers)?;
    guarded(visit, headers, &bytes.map_err(|e| body_problem(&e, app.options.body))?)
}

/// The pairs of a form from our own page.
pub(super) fn guarded(visit: &Visit, headers: &HeaderMap, bytes: &[u8]) -> Result<Pairs, Problem> {
    let pairs = read_form(bytes)?;
    visit.guard(headers, sent(&pairs, "_csrf"))?;
    Ok(pairs)
}

/// Only ever a path of our own.
pub(super) fn receipt(back: Option<&str>, seq: u64) -> String {
    let own =
        |b: &&str| b.starts_with('/') && !b.starts_with("//") && !b.contains(['\\', '\r', '\n', '#']) && b.is_ascii();
    let back = back.filter(own).unwrap_or("/");
    let joint = if back.contains('?') { '&' } else { '?' };
    format!("{back}{joint}_done={seq}")
}

#[cfg(test)]
mod tests {
    use super::receipt;

    #[test]
    fn the_way_back_never_leaves_the_house() {
        assert_eq!(receipt(Some("/p/desk/list?x=1"), 7), "/p/desk/list?x=1&_done=7");
        for evil in ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", "/a\r\nSet-Cookie: x"]
        {
            assert_eq!(receipt(Some(evil), 7), "/?_done=7", "{evil}");
        }
    }
}
