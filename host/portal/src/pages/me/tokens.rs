//! API tokens of this account: made with a part of its roles and purposes and an end, shown once, revoked at any time.

use super::framed;
use crate::layer::About;
use crate::pages::act::{Pairs, Sent, act, button, pair, read, same, summary};
use crate::pages::{Visit, paint, see_other, sent};
use crate::problem::Problem;
use crate::render::fresh_key;
use crate::state::App;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use changzhi_model::{EntityId, Micros, Value, body};
use maud::{Markup, html};
use std::sync::Arc;

/// Lengths of life offered, in days.
const DAYS: [i64; 4] = [7, 30, 90, 365];

struct Token {
    id: EntityId,
    label: String,
    roles: Option<String>,
    purposes: Option<String>,
    expires: Micros,
}

/// Those in force, the one that ends first first.
fn standing(app: &App, account: EntityId, now: Micros) -> Vec<Token> {
    let mut all = Vec::new();
    app.town.read(&mut |r| {
        let tokens = r.referring("token", "host.token", "account", account).into_iter();
        all = tokens
            .filter_map(|id| {
                let field = |f: &str| r.value(id, "host.token", f);
                let text = |f: &str| field(f).as_text().map(str::to_owned);
                let expires = field("expires").as_time().filter(|at| *at > now)?;
                let in_force = field("revoked") != Value::Flag(true);
                in_force.then(|| Token {
                    id,
                    label: text("label").unwrap_or_default(),
                    roles: text("roles"),
                    purposes: text("purposes"),
                    expires,
                })
            })
            .collect();
    });
    all.sort_by_key(|t| (t.expires, t.id));
    all
}

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

fn show(app: &App, visit: &Visit, pairs: &Pairs, problem: Option<&Problem>) -> Response {
    let voice = visit.voice("");
    let say = |key: &str| voice.say(key);
    let title = say("me-tokens");
    let part = |sort: &str, list: &Option<String>| match list.as_deref() {
        None => say("token-all"),
        Some("-") => say("token-none"),
        Some(some) => some.split(' ').map(|c| paint::coded(&voice, sort, c)).collect::<Vec<_>>().join("、"),
    };
    let all = standing(app, visit.session.account, app.gate.now());
    let heads = ["token-label", "token-roles", "token-purposes", "host-field-expires", "token-revoke"].map(say);
    let rows: Vec<_> = all
        .iter()
        .map(|t| {
            let label = format!("{} {}", say("token-revoke"), t.label);
            vec![
                html! { (t.label) },
                html! { (part("role", &t.roles)) },
                html! { (part("purpose", &t.purposes)) },
                paint::time(app, t.expires),
                button(visit, "/me/tokens/revoke", &label, "danger", &[("token", t.id.to_string())]),
            ]
        })
        .collect();
    let on = |name: &str| pairs.iter().any(|(n, _)| n == name);
    let checks = |sort: &str, legend: &str, codes: &[changzhi_model::Name]| -> Markup {
        html! {
            fieldset id={"f-" (sort) "s"} { legend { (say(legend)) }
                @if codes.is_empty() { p.muted { (say("token-none")) } }
                @for code in codes {
                    @let name = format!("{sort}.{code}");
                    label.tick { input type="checkbox" name=(name) value="1" checked[on(&name)]; " " (paint::coded(&voice, sort, code)) }
                }
            }
        }
    };
    let main = html! {
        (paint::receipt(&voice, pairs))
        @if let Some(problem) = problem { (summary(problem, &voice)) }
        p { (say("token-note")) }
        @if all.is_empty() { p.muted { (say("token-no-tokens")) } } @else { (paint::table(&heads, &rows)) }
        h2 { (say("token-new")) }
        form.stack method="post" action="/me/tokens" novalidate {
            input type="hidden" name="_csrf" value=(visit.csrf());
            input type="hidden" name="_key" value=(fresh_key());
            label for="f-label" { (say("token-label")) }
            input id="f-label" name="label" maxlength="64" required value=(sent(pairs, "label").unwrap_or(""));
            (checks("role", "token-roles", &visit.session.roles()))
            (checks("purpose", "token-purposes", &visit.session.purposes))
            label for="f-expires" { (say("token-days")) }
            select id="f-expires" name="days" { @for d in DAYS { option value=(d) selected[sent(pairs, "days").is_some_and(|s| s == d.to_string())] { (paint::span(&voice, d * 86_400)) } } }
            button.primary { (say("token-new")) }
        }
    };
    let status = problem.and_then(|p| StatusCode::from_u16(p.status).ok()).unwrap_or(StatusCode::OK);
    (status, framed(app, visit, &title, main)).into_response()
}

/// What was ticked of one sort; nothing ticked is nothing, never everything.
fn ticked(pairs: &Pairs, sort: &str) -> String {
    let prefix = format!("{sort}.");
    let some: Vec<&str> = pairs.iter().filter_map(|(n, _)| n.strip_prefix(&prefix)).collect();
    if some.is_empty() { "-".into() } else { some.join(" ") }
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Sent,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = read(&app, &visit, &headers, bytes).map_err(IntoResponse::into_response)?;
    let days = sent(&pairs, "days").and_then(|d| d.parse().ok()).filter(|d| DAYS.contains(d)).unwrap_or(7);
    let expires = Micros(app.gate.now().0.saturating_add(days * Micros::DAY)).to_rfc3339();
    let body = vec![
        same(&pairs, "label"),
        pair("roles", ticked(&pairs, "role")),
        pair("purposes", ticked(&pairs, "purpose")),
        pair("expires", expires),
    ];
    let done = if sent(&pairs, "label").is_none_or(|l| l.trim().is_empty()) {
        Err(crate::pages::act::wrong("label", "body-required"))
    } else {
        act(&app, &visit, "issue-token", body, sent(&pairs, "_key")).await
    };
    match done {
        Ok((_, private)) => {
            let voice = visit.voice("");
            let title = voice.say("token-made");
            let main = html! {
                p.notice.good role="status" { (voice.say("core-shown-once")) }
                @for n in &private { @if let Some(secret) = n.value.as_text() {
                    p { code.secret { (secret) } }
                } }
                p { a href="/me/tokens" { (voice.say("core-continue")) } }
            };
            Ok(framed(&app, &visit, &title, main).into_response())
        }
        Err(problem) => Ok(show(&app, &visit, &pairs, Some(&problem))),
    }
}

pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Sent,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let done = async {
        let pairs = read(&app, &visit, &headers, bytes)?;
        act(&app, &visit, "revoke-token", vec![same(&pairs, "token")], sent(&pairs, "_key")).await
    };
    let (done, _) = done.await.map_err(IntoResponse::into_response)?;
    Ok(see_other(&format!("/me/tokens?_done={}", done.seq)))
}
