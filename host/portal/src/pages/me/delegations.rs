//! Roles I lent and roles I was lent, with their ends, and a form to lend one. Both sides see the same lines and either may end one.

use super::{framed, where_held};
use crate::layer::About;
use crate::pages::act::{Pairs, Sent, account_of, act, button, pair, read, same, summary, wrong};
use crate::pages::{Visit, division, paint, see_other, sent};
use crate::problem::Problem;
use crate::render::fresh_key;
use crate::state::App;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use changzhi_gate::{Delegation, Held};
use changzhi_model::{EntityId, body};
use maud::{Markup, html};
use std::sync::Arc;

/// Divisions within one's own offered to lend a role for a part.
const NARROWER: usize = 200;

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = body::pairs(raw.unwrap_or_default().as_bytes()).unwrap_or_default();
    Ok(show(&app, &visit, &pairs, None))
}

/// How one stands now, in words.
fn standing(app: &App, visit: &Visit, d: &Delegation) -> String {
    let now = app.gate.now();
    let mut covered = false;
    app.town.read(&mut |r| covered = d.is_covered(r));
    let key = if d.ended {
        "delegation-ended"
    } else if now >= d.until {
        "delegation-over"
    } else if now < d.from {
        "delegation-to-come"
    } else if covered {
        "delegation-in-force"
    } else {
        "delegation-void"
    };
    visit.voice("").say(key)
}

fn list(app: &App, visit: &Visit, all: &[Delegation], given: bool) -> Markup {
    let voice = visit.voice("");
    let say = |key: &str| voice.say(key);
    if all.is_empty() {
        return html! { p.muted { (say("delegation-none")) } };
    }
    let who = if given { "delegation-to" } else { "delegation-from" };
    let heads = [who, "me-role", "me-where", "delegation-time", "host-field-reason", "job-state", "delegation-end"];
    let heads = heads.map(say);
    let now = app.gate.now();
    let rows: Vec<_> = all
        .iter()
        .rev()
        .map(|d| {
            let other = paint::login(app, if given { d.taker } else { d.giver });
            let label = format!("{} {other}", say("delegation-end"));
            vec![
                html! { (other) },
                html! { (paint::coded(&voice, "role", &d.role)) },
                html! { (where_held(app, visit, d.division)) },
                html! { (paint::time(app, d.from)) " – " (paint::time(app, d.until)) },
                html! { (d.reason) },
                html! { span.status { (standing(app, visit, d)) } },
                html! { @if !d.ended && now < d.until {
                    (button(visit, "/me/delegations/end", &label, "danger", &[("delegation", d.id.to_string())]))
                } },
            ]
        })
        .collect();
    paint::table(&heads, &rows)
}

/// Roles held by own grants that may be lent, as `role@division`.
fn lendable(visit: &Visit) -> Vec<Held> {
    let lent = |h: &Held| visit.session.lent.iter().any(|l| l.held == *h);
    visit.session.held.iter().filter(|h| h.role != "admin" && !lent(h)).cloned().collect()
}

fn show(app: &App, visit: &Visit, pairs: &Pairs, problem: Option<&Problem>) -> Response {
    let voice = visit.voice("");
    let say = |key: &str| voice.say(key);
    let title = say("me-delegations");
    let (mut given, mut taken) = (Vec::new(), Vec::new());
    app.town.read(&mut |r| (given, taken) = Delegation::of(r, visit.session.account));
    let own = lendable(visit);
    let mut narrower: Vec<(EntityId, String)> =
        own.iter().flat_map(|h| division::within(app, h.division)).take(NARROWER).collect();
    narrower.sort_by(|a, b| a.1.cmp(&b.1));
    narrower.dedup();
    let value = |name: &str| sent(pairs, name).unwrap_or("").to_owned();
    let main = html! {
        (paint::receipt(&voice, pairs))
        @if let Some(problem) = problem { (summary(problem, &voice)) }
        p { (say("delegation-note")) }
        h2 { (say("delegation-given")) } (list(app, visit, &given, true))
        h2 { (say("delegation-taken")) } (list(app, visit, &taken, false))
        h2 { (say("host-command-delegate")) }
        @if own.is_empty() { p.muted { (say("delegation-nothing")) } } @else {
            form.stack method="post" action="/me/delegations" novalidate {
                input type="hidden" name="_csrf" value=(visit.csrf());
                input type="hidden" name="_key" value=(fresh_key());
                label for="f-delegate" { (say("delegation-login")) }
                input id="f-delegate" name="login" maxlength="64" autocapitalize="none" required value=(value("login"));
                label for="f-role" { (say("me-role")) }
                select id="f-role" name="held" { @for h in &own {
                    @let code = code(h);
                    option value=(code) selected[value("held") == code] { (paint::coded(&voice, "role", &h.role)) " · " (where_held(app, visit, h.division)) }
                } }
                @if !narrower.is_empty() {
                    label for="f-division" { (say("delegation-narrower")) }
                    select id="f-division" name="division" {
                        option value="" { (say("delegation-all-of-it")) }
                        @for (id, name) in &narrower { option value=(id) selected[value("division") == id.to_string()] { (name) } }
                    }
                }
                label for="f-from" { (say("delegation-begins")) }
                input id="f-from" type="datetime-local" name="from" value=(value("from"));
                label for="f-until" { (say("delegation-until")) }
                input id="f-until" type="datetime-local" name="until" required value=(value("until"));
                label for="f-reason" { (say("host-field-reason")) }
                input id="f-reason" name="reason" maxlength="80" required value=(value("reason"));
                button.primary { (say("host-command-delegate")) }
            }
        }
    };
    let status = problem.and_then(|p| StatusCode::from_u16(p.status).ok()).unwrap_or(StatusCode::OK);
    (status, framed(app, visit, &title, main)).into_response()
}

fn code(held: &Held) -> String {
    format!("{}@{}", held.role, held.division.map_or_else(String::new, |d| d.to_string()))
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Sent,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = read(&app, &visit, &headers, bytes).map_err(IntoResponse::into_response)?;
    let done = match account_of(&app, sent(&pairs, "login").unwrap_or("")) {
        None => Err(wrong("delegate", "host-no-such-login")),
        Some(taker) => {
            let (role, own) = sent(&pairs, "held").unwrap_or("").split_once('@').unwrap_or_default();
            let narrow = sent(&pairs, "division").filter(|d| !d.is_empty()).unwrap_or(own);
            let body = vec![
                pair("delegate", taker),
                pair("role", role),
                pair("division", narrow),
                same(&pairs, "from"),
                same(&pairs, "until"),
                same(&pairs, "reason"),
            ];
            act(&app, &visit, "delegate", body, sent(&pairs, "_key")).await
        }
    };
    match done {
        Ok((done, _)) => Ok(see_other(&format!("/me/delegations?_done={}", done.seq))),
        Err(problem) => Ok(show(&app, &visit, &pairs, Some(&problem))),
    }
}

pub(super) async fn end(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Sent,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let done = async {
        let pairs = read(&app, &visit, &headers, bytes)?;
        act(&app, &visit, "end-delegation", vec![same(&pairs, "delegation")], sent(&pairs, "_key")).await
    };
    let (done, _) = done.await.map_err(IntoResponse::into_response)?;
    Ok(see_other(&format!("/me/delegations?_done={}", done.seq)))
}
