//! What happened to matters I filed, follow or handle, to jobs I started and to rights I hold; for administrators also what is wrong
//! with the host now. No message leaves the host; that is for another day.

use super::{Visit, act, layout, matter, paint, see_other, sent};
use crate::layer::About;
use crate::problem::Problem;
use crate::state::App;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use changzhi_model::{EntityId, Micros, Transaction, body};
use changzhi_trail::{About as Subject, News};
use maud::{Markup, html};
use std::sync::Arc;

const SHOWN: usize = 50;

/// Up to when the account has read.
fn seen(app: &App, account: EntityId) -> Micros {
    let mut seen = Micros(0);
    app.town.read(&mut |r| {
        let inbox = r.referring("inbox", "host.inbox", "account", account).first().copied();
        seen = inbox.and_then(|i| r.value(i, "host.inbox", "seen").as_time()).unwrap_or(Micros(0));
    });
    seen
}

/// Whether the visitor may (still) see what a line is about.
fn shows(app: &App, visit: &Visit, news: &News) -> bool {
    match news.about {
        Subject::Matter(id) => {
            let filed = app.town.trail().filed(visit.session.account).contains(&id);
            !matter::describe(app, visit, &[id], filed).is_empty()
        }
        _ => true,
    }
}

/// Lines not read yet, counted up to the page's length.
pub(super) fn unread(app: &App, visit: &Visit) -> usize {
    let account = visit.session.account;
    let news = app.town.trail().news(account);
    if news.is_empty() {
        return 0;
    }
    let seen = seen(app, account);
    news.iter().take(SHOWN).take_while(|n| n.at > seen).filter(|n| shows(app, visit, n)).count()
}

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = body::pairs(raw.unwrap_or_default().as_bytes()).unwrap_or_default();
    let host = visit.voice("");
    let title = host.say("shell-notices");
    let seen = seen(&app, visit.session.account);
    let mut news = app.town.trail().news(visit.session.account);
    news.retain(|n| shows(&app, &visit, n));
    news.truncate(SHOWN);
    let lines = told(&app, news).await.map_err(IntoResponse::into_response)?;
    let main = html! {
        (paint::receipt(&host, &pairs))
        h1 { (title) }
        (alarms(&app, &visit))
        @if lines.is_empty() { p.muted { (host.say("notices-none")) } } @else {
            @if lines.iter().any(|(n, _)| n.at > seen) {
                (act::button(&visit, "/notices/read", &host.say("notices-read"), "", &[]))
            }
            ul.news { @for (n, tx) in &lines {
                li.unread[n.at > seen] {
                    @if n.at > seen { span.tag { (host.say("shell-unread")) } " " }
                    (paint::time(&app, n.at)) " " (line(&app, &visit, n, tx))
                }
            } }
        }
    };
    Ok(layout(&app, visit.appearance, &host, Some(&visit), &title, &main).into_response())
}

/// Each line with its transaction, read on a thread that may block.
async fn told(app: &Arc<App>, news: Vec<News>) -> Result<Vec<(News, Transaction)>, Problem> {
    let town = Arc::clone(&app.town);
    crate::api::blocking(move || news.into_iter().filter_map(|n| Some((n, town.transaction(n.seq).ok()?))).collect())
        .await
}

fn line(app: &App, visit: &Visit, news: &News, tx: &Transaction) -> Markup {
    let host = visit.voice("");
    let done = super::me::command_label(visit, &tx.plugin, &tx.command);
    match news.about {
        Subject::Matter(id) => {
            let filed = app.town.trail().filed(visit.session.account).contains(&id);
            let matter = matter::describe(app, visit, &[id], filed);
            html! { @for m in &matter { (m.name(visit)) " · " } (done) @for m in &matter { " → " (m.state(visit)) } }
        }
        Subject::Job(_) => html! { a href="/jobs" { (host.say("notices-job")) } },
        Subject::Delegation(_) => {
            html! { a href="/me/delegations" { (done) } " · " (paint::login(app, tx.actor)) }
        }
        Subject::Grant(_) => html! { a href="/me" { (done) } " · " (paint::login(app, tx.actor)) },
    }
}

/// What is wrong with the host now, for whoever can mend it.
fn alarms(app: &App, visit: &Visit) -> Markup {
    if !visit.session.is_city_wide("admin") {
        return html! {};
    }
    let host = visit.voice("");
    let standing = app.town.standing();
    html! {
        @if let Some(why) = &standing.failed { p.notice.danger role="alert" { (host.say("admin-failed")) " " (why) } }
        @for p in standing.plugins.iter().filter(|p| p.breaker != "closed" || !p.kept.is_empty()) {
            p.notice.warning {
                a href="/admin/plugins" { (host.say("admin-plugin")) " " (p.id) } ": " (host.name(&format!("breaker-{}", p.breaker)))
                " · " (host.say("admin-kept")) " " (p.kept.len())
            }
        }
    }
}

pub(super) async fn read(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: act::Sent,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let done = async {
        let pairs = act::read(&app, &visit, &headers, bytes)?;
        act::act(&app, &visit, "mark-read", Vec::new(), sent(&pairs, "_key")).await
    };
    done.await.map_err(IntoResponse::into_response)?;
    Ok(see_other("/notices"))
}
