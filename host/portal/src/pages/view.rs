//! A plugin's view as a page.

use super::{Visit, layout};
use crate::api::{Declared, ask, query, view_problem};
use crate::layer::About;
use crate::problem::Problem;
use crate::render::Painter;
use crate::state::App;
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use changzhi_gate::GateRefusal;
use changzhi_model::{Name, body};
use maud::html;
use std::sync::Arc;

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Path((plugin, name)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    shown(&app, &visit, &plugin, &name, raw.as_deref()).await.map_err(IntoResponse::into_response)
}

async fn shown(app: &App, visit: &Visit, plugin: &str, name: &str, raw: Option<&str>) -> Result<Response, Problem> {
    let all = body::pairs(raw.unwrap_or("").as_bytes()).map_err(|e| Problem::new(400, "form", e.to_string()))?;
    let control = |key: &str| super::sent(&all, key).map(str::to_owned);
    let pairs = query(raw)?;
    let given = Declared { purpose: control("_purpose"), place: None, key: None };
    let looked = app.gate.look(&visit.session, &ask(plugin, name, &given, visit.locale), |params| {
        body::parse_form(params, &pairs, &app.options.zone)
    });
    let look = match looked {
        Err(GateRefusal::PurposeNeeded(held)) => return Ok(purposes(app, visit, plugin, &pairs, &held)),
        other => other.map_err(|r| Problem::of_gate(r, plugin))?,
    };
    let (page, seq) = app.town.view(look).await.map_err(|p| view_problem(p, plugin))?;
    let voice = visit.voice(plugin);
    let painter = Painter {
        plugin,
        voice: &voice,
        zone: &app.options.zone,
        csrf: visit.csrf(),
        back: format!("/p/{plugin}/{name}{}", raw.map_or(String::new(), |q| format!("?{}", without_receipt(q)))),
        purpose: given.purpose.as_deref().unwrap_or(""),
    };
    let title = painter.text(&page.title);
    let main = html! {
        @if let Some(seq) = control("_done").filter(|s| s.bytes().all(|b| b.is_ascii_digit())) {
            p.notice.good role="status" { (voice.say("core-done")) " " code { (seq) } }
        }
        h1 { (title) }
        (painter.page(&page))
        p.muted.revision data-rev=(seq.0) { (voice.say("core-revision")) " " (seq.0) }
    };
    Ok(layout(app, visit.appearance, &voice, Some(visit), &title, &main).into_response())
}

fn without_receipt(query: &str) -> String {
    query.split('&').filter(|p| !p.starts_with("_done=")).collect::<Vec<_>>().join("&")
}

/// Personal data needs a reason: the visitor chooses one of the own purposes.
fn purposes(app: &App, visit: &Visit, plugin: &str, pairs: &[(String, String)], held: &[Name]) -> Response {
    let voice = visit.voice(plugin);
    let title = voice.say("error-purpose-needed");
    let main = html! {
        h1 { (title) }
        @if held.is_empty() { p { (voice.say("error-purpose.mend")) } } @else {
            form.stack method="get" {
                @for (name, value) in pairs { input type="hidden" name=(name) value=(value); }
                label { (voice.say("core-purpose"))
                    select name="_purpose" { @for p in held { option value=(p) { (voice.name(&format!("purpose-{p}"))) } } }
                }
                button.primary { (voice.say("core-continue")) }
            }
        }
    };
    (axum::http::StatusCode::UNPROCESSABLE_ENTITY, layout(app, visit.appearance, &voice, Some(visit), &title, &main))
        .into_response()
}
