//! What I did: every transaction in my name, newest first, with the purpose I stated. Only my own; nobody's are counted.

use super::{command_label, framed};
use crate::layer::About;
use crate::pages::{Visit, matter, paint, sent};
use crate::state::App;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use changzhi_gate::ACTED_FOR;
use changzhi_model::{EntityId, Fact, Seq, Transaction, body};
use maud::{Markup, html};
use std::sync::Arc;

const SHOWN: usize = 50;

/// What a transaction is about: what it made, moved, changed or looked at, each once.
pub(super) fn subjects(tx: &Transaction) -> Vec<EntityId> {
    let mut out = Vec::new();
    for fact in &tx.facts {
        let id = match fact {
            Fact::Created { id, .. } => *id,
            Fact::Put { entity, .. }
            | Fact::Advanced { entity, .. }
            | Fact::Moved { entity, .. }
            | Fact::Recategorised { entity, .. }
            | Fact::Looked { entity, .. }
            | Fact::Erased { entity } => *entity,
            _ => continue,
        };
        if !out.contains(&id) && out.len() < 8 {
            out.push(id);
        }
    }
    out
}

/// In whose name it was done, when a lent role did it: "A for B".
pub(super) fn acted_for(app: &App, visit: &Visit, tx: &Transaction) -> Markup {
    let giver = tx.facts.iter().find_map(|fact| match fact {
        Fact::Noted { entity, kind, .. } if *kind == ACTED_FOR => Some(*entity),
        _ => None,
    });
    let Some(giver) = giver else { return html! {} };
    let (by, giver) = (paint::login(app, tx.actor), paint::login(app, giver));
    let said = fluent_bundle::FluentValue::from;
    let args = [("by", said(by)), ("giver", said(giver))].into_iter().collect();
    html! { br; span.muted { (visit.voice("").with("action-acted-for", &args)) } }
}

/// Records as links where they have a page this visitor may open.
pub(super) fn named(app: &App, visit: &Visit, ids: &[EntityId]) -> Markup {
    let filed = app.town.trail().filed(visit.session.account);
    html! { @for id in ids {
        @match matter::describe(app, visit, &[*id], filed.contains(id)).first() {
            Some(m) => { (m.name(visit)) " " },
            None => { span.muted { "#" (id) } " " },
        }
    } }
}

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = body::pairs(raw.unwrap_or_default().as_bytes()).unwrap_or_default();
    let voice = visit.voice("");
    let trail = app.town.trail();
    let before = sent(&pairs, "before").and_then(|s| s.parse().ok()).map_or(Seq(u64::MAX), Seq);
    let mut seqs: Vec<Seq> = trail.deeds(visit.session.account).into_iter().filter(|s| *s < before).collect();
    let more = seqs.len() > SHOWN;
    seqs.truncate(SHOWN);
    let town = Arc::clone(&app.town);
    let read = move || seqs.into_iter().filter_map(|s| Some((s, town.transaction(s).ok()?))).collect::<Vec<_>>();
    let all = crate::api::blocking(read).await.map_err(IntoResponse::into_response)?;
    let heads = ["action-at", "action-what", "action-about", "core-purpose", "action-seq"].map(|h| voice.say(h));
    let rows: Vec<_> = all
        .iter()
        .map(|(seq, tx)| {
            vec![
                paint::time(&app, tx.at),
                html! { (command_label(&visit, &tx.plugin, &tx.command)) (acted_for(&app, &visit, tx)) },
                named(&app, &visit, &subjects(tx)),
                html! { @if tx.purpose.is_empty() { "–" } @else { (paint::coded(&voice, "purpose", &tx.purpose)) } },
                html! { (seq) },
            ]
        })
        .collect();
    let main = html! {
        p { (voice.say("action-note")) }
        @if trail.upto() < app.town.fresh().durable { p.notice { (voice.say("trail-behind")) } }
        @if rows.is_empty() { p.muted { (voice.say("action-none")) } } @else { (paint::table(&heads, &rows)) }
        @if more { @if let Some((last, _)) = all.last() { p { a href={"/me/actions?before=" (last)} { (voice.say("core-next")) } } } }
    };
    Ok(framed(&app, &visit, &voice.say("me-actions"), main).into_response())
}
