//! Who looked at what is kept sealed of a matter, when and for which purpose: for whoever reported it (CHARTER 7).

use super::Visitor;
use crate::cache::Made;
use crate::layer::About;
use crate::pages::me::{LOOK_LOG as LOG, looked_fields};
use crate::pages::{layout, paint};
use crate::problem::Problem;
use crate::state::App;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use changzhi_gate::{HOST, OWN_MATTER};
use changzhi_model::{Actor, EntityId, FieldType, Seq};
use maud::html;
use std::sync::Arc;

const SHOWN: usize = 200;

/// Records with sealed fields that are about a matter and kept apart from it: those of a facet of its plugin with sealed fields and
/// a field named as the matter's kind.
pub(crate) fn kept_apart(app: &App, made: &Made, matter: EntityId) -> Vec<EntityId> {
    let mut found = Vec::new();
    app.town.read(&mut |r| {
        let Some(core) = r.core(matter) else { return };
        let Some(m) = made.manifests().iter().find(|m| m.kinds.iter().any(|k| k.name == core.kind)) else { return };
        for facet in m.facets.iter().filter(|f| f.fields.iter().any(|f| f.sensitivity.is_sealed())) {
            let about = |f: &&changzhi_model::FieldDecl| f.name == core.kind && matches!(f.kind, FieldType::Entity(_));
            if let Some(field) = facet.fields.iter().find(about) {
                for kind in m.kinds.iter().filter(|k| k.on == facet.on && k.flow.is_none()) {
                    found.extend(r.referring(&kind.name, &facet.name, &field.name, matter));
                }
            }
        }
    });
    found
}

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visitor = Visitor::of(&app, &headers, &about)?;
    let voice = visitor.voice("");
    let (trail, matter) = (app.town.trail(), visitor.matter);
    let records = std::iter::once(matter).chain(kept_apart(&app, &visitor.made, matter));
    let mut all: Vec<(Seq, EntityId)> =
        records.flat_map(|record| trail.looks(record).into_iter().map(move |seq| (seq, record))).collect();
    all.sort_by(|a, b| b.cmp(a));
    all.truncate(SHOWN);
    let town = Arc::clone(&app.town);
    let actor = Actor { roles: visitor.session.roles(), ..Actor::default() };
    // Who looks at who looked is looked at too: entered before it is shown, and shown from the next time on.
    let read = move || {
        town.looked(&actor, &OWN_MATTER, &HOST, matter, LOG)?;
        Ok::<_, String>(all.into_iter().filter_map(|(s, of)| Some((of, town.transaction(s).ok()?))).collect::<Vec<_>>())
    };
    let all = crate::api::blocking(read).await.map_err(IntoResponse::into_response)?;
    let refused = |e| Problem::unavailable(e, std::time::Duration::from_secs(5)).into_response();
    let all = all.map_err(refused)?;
    let heads = ["action-at", "look-who", "core-purpose", "look-fields"].map(|h| voice.say(h));
    let rows: Vec<_> = all
        .iter()
        .map(|(of, tx)| {
            let myself = tx.actor.is_none() && tx.purpose == OWN_MATTER;
            vec![
                paint::time(&app, tx.at),
                html! { @if myself { (voice.say("look-myself")) } @else { (paint::login(&app, tx.actor)) } },
                html! { (paint::coded(&voice, "purpose", &tx.purpose)) },
                html! { (looked_fields(&visitor.made, visitor.locale, tx, *of)) },
            ]
        })
        .collect();
    let title = voice.say("me-looks");
    let main = html! {
        h1 { (title) }
        p { (voice.say("track-looks-note")) }
        @if trail.upto() < app.town.fresh().durable { p.notice { (voice.say("trail-behind")) } }
        @if rows.is_empty() { p.muted { (voice.say("look-none")) } } @else { (paint::table(&heads, &rows)) }
        p { a href="/track/matter" { (voice.say("track-back")) } }
    };
    Ok(layout(&app, visitor.appearance, &voice, None, &title, &main).into_response())
}
