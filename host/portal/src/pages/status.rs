//! How fresh the data is: the journal, each source, each plugin. What is late says so, in words and not by colour alone.

use super::{Visit, layout, paint};
use crate::layer::About;
use crate::state::App;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use changzhi_model::Micros;
use changzhi_trail::Source;
use maud::html;
use std::sync::Arc;

/// Seconds since a source last brought something, by the city's clock.
fn age(app: &App, at: Micros) -> i64 {
    app.gate.now().0.saturating_sub(at.0).max(0) / Micros::SECOND
}

fn is_late(app: &App, source: &Source) -> bool {
    u64::try_from(age(app, source.at)).unwrap_or(0) > app.options.late.as_secs()
}

/// Sources that brought nothing for longer than they should.
pub(super) fn late(app: &App) -> Vec<Source> {
    app.town.trail().sources().into_iter().filter(|s| is_late(app, s)).collect()
}

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let host = visit.voice("");
    let say = |key: &str| host.say(key);
    let title = say("status-title");
    let (fresh, trail, standing) = (app.town.fresh(), app.town.trail(), app.town.standing());
    let sources = trail.sources();
    let heads = ["admin-plugin", "status-source", "status-last", "status-age", "admin-revision"].map(say);
    let label = |id: &str| {
        let m = visit.made.manifests().iter().find(|m| m.id == id);
        m.map_or_else(|| id.to_owned(), |m| visit.voice(id).name(&m.label))
    };
    let rows: Vec<_> = sources
        .iter()
        .map(|s| {
            let late = is_late(&app, s);
            let ago = paint::ago(&host, age(&app, s.at));
            vec![
                html! { (label(&s.plugin)) },
                html! { (paint::coded(&visit.voice(&s.plugin), "source", &s.name)) },
                paint::time(&app, s.at),
                html! { @if late { span.late { (say("status-late")) " · " (ago) } } @else { (ago) } },
                html! { (s.seq) },
            ]
        })
        .collect();
    let main = html! {
        h1 { (title) }
        @if standing.failed.is_some() { p.notice.danger role="alert" { (say("status-stopped")) } }
        dl {
            dt { (say("shell-data-of")) } dd { (paint::time(&app, fresh.at)) " · " (paint::ago(&host, age(&app, fresh.at))) }
            dt { (say("admin-revision")) } dd { (fresh.revision) }
            dt { (say("admin-head")) } dd { (fresh.durable) }
            dt { (say("status-trail")) } dd { (trail.upto()) @if trail.upto() < fresh.durable { " · " (say("trail-behind")) } }
        }
        h2 { (say("status-sources")) }
        @if rows.is_empty() { p.muted { (say("status-no-sources")) } } @else { (paint::table(&heads, &rows)) }
        h2 { (say("admin-plugins")) }
        ul { @for p in &standing.plugins { li { (label(&p.id)) " " (p.version) " · " (host.name(&format!("breaker-{}", p.breaker))) } } }
    };
    Ok(layout(&app, visit.appearance, &host, Some(&visit), &title, &main).into_response())
}
