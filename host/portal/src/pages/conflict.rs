//! A command from a page that has grown old: answered 409 with what was seen, what is now, and the choice.
//!
//! A page says at which revision it was made (`_rev`) and which entities its command is about (`_about`). When one of them has
//! changed since, nothing is done: the visitor compares, and sends it anyway or drops it. It is looked for before the command is
//! handed in, and once more under the commit lock (`Submission::expected`): of two who saw the same, one is told so.

use super::form::Pairs;
use super::view::{Looking, as_kept, of_address};
use super::{Visit, layout, sent};
use crate::render::{Difference, differences};
use crate::state::App;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use changzhi_model::{EntityId, Seq};
use maud::html;

/// The entities of a command that changed after its page was made.
pub(super) fn changed(app: &App, pairs: &Pairs) -> Vec<EntityId> {
    let Some(rev) = sent(pairs, "_rev").and_then(|r| r.parse().ok()).map(Seq) else { return Vec::new() };
    let about = sent(pairs, "_about").unwrap_or("").split(' ').filter_map(|id| id.parse().ok()).map(EntityId);
    let about: Vec<EntityId> = about.take(8).collect();
    if about.is_empty() { Vec::new() } else { app.town.changed_since(&about, rev) }
}

/// What is there now, and how it differs from what this account was shown.
struct Compared {
    now: Seq,
    /// `None`: what was shown is no longer remembered, or cannot be looked at now.
    differences: Option<Vec<Difference>>,
}

async fn compare(app: &App, visit: &Visit, pairs: &Pairs) -> Compared {
    let none = Compared { now: app.town.standing().revision, differences: None };
    let back = sent(pairs, "_back").unwrap_or("");
    let Some((plugin, view, all)) = of_address(back) else { return none };
    let Some(rev) = sent(pairs, "_rev").and_then(|r| r.parse().ok()).map(Seq) else { return none };
    let purpose = sent(&all, "_purpose").map(str::to_owned);
    let looking = Looking { app, session: &visit.session, locale: visit.locale, plugin: &plugin, name: &view, purpose };
    let own: Pairs = all.iter().filter(|(n, _)| n != "lang" && !n.starts_with('_')).cloned().collect();
    let Ok((page, now)) = looking.look(&own).await else { return none };
    let Some(saw) = app.seen.recall(visit.session.account, &as_kept(&plugin, &view, &all), rev) else {
        return Compared { now, differences: None };
    };
    let voice = visit.voice(&plugin);
    let painter = looking.painter(&voice, String::new(), looking.here(&all), now);
    Compared { now, differences: Some(differences(&painter, &saw, &page)) }
}

/// The choice. The key stays: whatever is chosen, nothing is done twice.
pub(super) async fn page(app: &App, visit: &Visit, plugin: &str, command: &str, pairs: &Pairs) -> Response {
    let compared = compare(app, visit, pairs).await;
    let voice = visit.voice(plugin);
    let title = voice.say("view-conflict");
    let label = visit.made.manifests().iter().find(|m| m.id == plugin).and_then(|m| m.command(command));
    let label = label.map_or_else(|| command.to_owned(), |c| voice.name(&c.label));
    let field = |name: &str| {
        let decl = visit.made.manifests().iter().find(|m| m.id == plugin).and_then(|m| m.command(command));
        decl.and_then(|c| c.fields.iter().find(|f| f.name == name))
            .map_or_else(|| name.to_owned(), |f| voice.name(&f.label))
    };
    let typed: Vec<_> = pairs.iter().filter(|(n, v)| !n.starts_with('_') && !v.is_empty()).collect();
    let back = sent(pairs, "_back").filter(|b| of_address(b).is_some()).unwrap_or("/");
    let main = html! {
        h1 { (title) }
        div.notice.warning role="alert" { div { p { (voice.say("view-conflict-why")) } } }
        section.panel {
            h2 { (voice.say("view-conflict-compare")) }
            @match &compared.differences {
                None => p { (voice.say("view-conflict-unknown")) " " a href=(back) { (voice.say("view-conflict-look")) } },
                Some(all) if all.is_empty() => p { (voice.say("view-conflict-same")) },
                Some(all) => div.scroll { table.view {
                    thead { tr { th scope="col" { (voice.say("view-what")) } th scope="col" { (voice.say("view-saw")) } th scope="col" { (voice.say("view-now")) } } }
                    tbody { @for d in all { tr {
                        th scope="row" { (d.what) }
                        td data-label=(voice.say("view-saw")) { @if d.saw.is_empty() { "–" } @else { (d.saw) } }
                        td data-label=(voice.say("view-now")) { @if d.now.is_empty() { "–" } @else { strong { (d.now) } } }
                    } } }
                } },
            }
        }
        section.panel {
            h2 { (voice.say("view-conflict-yours")) " " (label) }
            @if !typed.is_empty() { dl { @for (n, v) in &typed { dt { (field(n)) } dd { (v) } } } }
            div.actions {
                form.inline method="post" action={"/do/" (plugin) "/" (command)} {
                    @for (name, value) in pairs.iter().filter(|(n, _)| n != "_rev" && n != "_csrf") { input type="hidden" name=(name) value=(value); }
                    input type="hidden" name="_csrf" value=(visit.csrf());
                    input type="hidden" name="_rev" value=(compared.now.0);
                    button.danger { (voice.say("view-conflict-send")) }
                }
                a.button.primary href=(back) { (voice.say("view-conflict-drop")) }
            }
        }
    };
    (StatusCode::CONFLICT, layout(app, visit.appearance, &voice, Some(visit), &title, &main)).into_response()
}
