//! Who looked at my records, when, and for which purpose (CHARTER 7). For everybody with an account, without asking anybody.
//!
//! My records are my account, the ways I am reached by, the matters I filed and what is kept apart of them. Each line is an entry of the access log in the journal, which nobody can
//! change; the account that looked is named, because whoever looks answers for it.

use super::{actions, framed};
use crate::cache::Made;
use crate::layer::About;
use crate::pages::{Visit, paint, track};
use crate::problem::Problem;
use crate::state::App;
use crate::words::Locale;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use changzhi_gate::HOST;
use changzhi_model::{Actor, EntityId, Fact, Name, Seq, Transaction};
use maud::html;
use std::sync::Arc;

const SHOWN: usize = 200;
/// What a look at this page is entered as.
pub(crate) const LOG: (&str, &str) = ("host.access-log", "looks");

/// The fields of a record that were looked at, by their labels: here, and on the page of whoever follows a matter by its PIN.
pub(crate) fn looked_fields(made: &Made, locale: Locale, tx: &Transaction, of: EntityId) -> String {
    let voice = |plugin: &str| made.words.voice(plugin, locale);
    let mut out = Vec::new();
    for fact in &tx.facts {
        let Fact::Looked { entity, facet, fields } = fact else { continue };
        if *entity != of {
            continue;
        }
        if facet == LOG.0 {
            out.push(voice("").say("look-log"));
            continue;
        }
        let plugin = facet.split('.').next().unwrap_or_default();
        let decl = made.manifests().iter().find(|m| m.id == plugin).and_then(|m| m.facet(facet));
        for field in fields {
            let label = decl.and_then(|d| d.field(field)).map_or_else(|| field.clone(), |f| f.label.clone());
            out.push(voice(plugin).name(&label));
        }
    }
    out.join("、")
}

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let voice = visit.voice("");
    let (trail, account) = (app.town.trail(), visit.session.account);
    let mut ways = Vec::new();
    app.town.read(&mut |r| ways = r.referring("way", "host.way", "account", account));
    let mut all: Vec<(Seq, EntityId)> = std::iter::once(account)
        .chain(ways.clone())
        .chain(
            trail
                .filed(account)
                .into_iter()
                .flat_map(|m| std::iter::once(m).chain(track::kept_apart(&app, &visit.made, m))),
        )
        .flat_map(|record| trail.looks(record).into_iter().map(move |seq| (seq, record)))
        .collect();
    all.sort_by(|a, b| b.cmp(a));
    all.truncate(SHOWN);
    let town = Arc::clone(&app.town);
    let actor = Actor { id: account, ..Actor::default() };
    // Who looks at who looked is looked at too: entered before it is shown, and shown from the next time on.
    let read = move || {
        town.looked(&actor, &Name::default(), &HOST, account, LOG)?;
        Ok::<_, String>(all.into_iter().filter_map(|(s, of)| Some((of, town.transaction(s).ok()?))).collect::<Vec<_>>())
    };
    let all = crate::api::blocking(read).await.map_err(IntoResponse::into_response)?;
    let refused = |e| Problem::unavailable(e, std::time::Duration::from_secs(5)).into_response();
    let all = all.map_err(refused)?;
    let heads = ["action-at", "look-who", "core-purpose", "look-record", "look-fields"].map(|h| voice.say(h));
    let rows: Vec<_> = all
        .iter()
        .map(|(of, tx)| {
            let record = if *of == account || ways.contains(of) { html! { (voice.say("look-account")) } } else { actions::named(&app, &visit, &[*of]) };
            vec![
                paint::time(&app, tx.at),
                html! { @if tx.actor == account { (voice.say("look-myself")) } @else { (paint::login(&app, tx.actor)) } },
                html! { (paint::coded(&voice, "purpose", &tx.purpose)) },
                record,
                html! { (looked_fields(&visit.made, visit.locale, tx, *of)) },
            ]
        })
        .collect();
    let main = html! {
        p { (voice.say("look-note")) }
        @if trail.upto() < app.town.fresh().durable { p.notice { (voice.say("trail-behind")) } }
        @if rows.is_empty() { p.muted { (voice.say("look-none")) } } @else { (paint::table(&heads, &rows)) }
    };
    Ok(framed(&app, &visit, &voice.say("me-looks"), main).into_response())
}
