//! Accounts: who there is, by login; making and closing them, granting and withdrawing roles on divisions. Every change is a
//! command of the host's own domain and stands in the journal. An administrator of a division sees and changes what holds there.

use super::{framed, see_other, sent};
use crate::layer::About;
use crate::pages::act::{Pairs, Sent, act, button, pair, read, same, summary};
use crate::pages::{Visit, division, me, paint};
use crate::problem::Problem;
use crate::render::fresh_key;
use crate::state::App;
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use changzhi_gate::{GateRefusal, Session};
use changzhi_model::{EntityId, Name, body};
use maud::{Markup, html};
use std::collections::BTreeSet;
use std::sync::Arc;

const SHOWN: usize = 200;
const READ: u32 = 10_000;

/// Divisions where the visitor administers; `None`: the whole city.
fn reach(visit: &Visit) -> Result<Option<Vec<EntityId>>, Problem> {
    let held: Vec<_> = visit.session.held.iter().filter(|h| h.role == "admin").collect();
    if held.is_empty() {
        return Err(Problem::of_gate(GateRefusal::Role { needed: vec!["admin".into()] }, ""));
    }
    if held.iter().any(|h| h.division.is_none()) {
        return Ok(None);
    }
    Ok(Some(held.iter().filter_map(|h| h.division).collect()))
}

/// The accounts the visitor may see, by login, each with what holds where the visitor administers.
fn accounts(app: &App, visit: &Visit) -> Vec<Session> {
    let whole = visit.session.is_city_wide("admin");
    let mut all: Vec<Session> = Vec::new();
    app.town.read(&mut |r| {
        all = r.holding("account", EntityId::NONE, READ).into_iter().filter_map(|id| Session::own(r, id)).collect();
    });
    if !whole {
        for account in &mut all {
            account.held.retain(|h| h.division.is_some_and(|d| administers(app, visit, d)));
        }
        all.retain(|a| !a.held.is_empty());
    }
    all.sort_by(|a, b| a.login.cmp(&b.login));
    all
}

fn administers(app: &App, visit: &Visit, division: EntityId) -> bool {
    app.gate.reaches(&visit.session, &changzhi_gate::HOST, &["admin".into()], division)
}

fn held(app: &App, visit: &Visit, account: &Session) -> String {
    let voice = visit.voice("");
    let mut all: Vec<String> = account
        .held
        .iter()
        .map(|h| format!("{} · {}", paint::coded(&voice, "role", &h.role), me::where_held(app, visit, h.division)))
        .collect();
    all.sort();
    all.join("、")
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    reach(&visit).map_err(IntoResponse::into_response)?;
    let pairs = body::pairs(raw.unwrap_or_default().as_bytes()).unwrap_or_default();
    Ok(show_list(&app, &visit, &pairs, None))
}

fn show_list(app: &App, visit: &Visit, pairs: &Pairs, problem: Option<&Problem>) -> Response {
    let voice = visit.voice("");
    let say = |key: &str| voice.say(key);
    let asked = sent(pairs, "q").unwrap_or("").to_lowercase();
    let mut all = accounts(app, visit);
    all.retain(|a| a.login.contains(&*asked));
    let total = all.len();
    all.truncate(SHOWN);
    let heads = ["core-login", "me-roles", "me-purposes"].map(say);
    let rows: Vec<_> = all
        .iter()
        .map(|a| {
            let purposes = a.purposes.iter().map(|p| paint::coded(&voice, "purpose", p)).collect::<Vec<_>>().join("、");
            vec![
                html! { a href={"/admin/accounts/" (a.account)} { (a.login) } },
                html! { (held(app, visit, a)) },
                html! { (purposes) },
            ]
        })
        .collect();
    let field = |name: &str, kind: &str, most: &str| {
        html! {
            label for={"f-" (name)} { (say(&format!("host-field-{name}"))) }
            input id={"f-" (name)} type=(kind) name=(name) maxlength=(most) autocomplete="off" required
                value=[(kind != "password").then(|| sent(pairs, name)).flatten()];
        }
    };
    let main = html! {
        (paint::receipt(&voice, pairs))
        @if let Some(problem) = problem { (summary(problem, &voice)) }
        form.find.large method="get" action="/admin/accounts" {
            input type="search" name="q" value=(asked) maxlength="64" aria-label=(say("accounts-find"));
            button { (say("accounts-find")) }
        }
        @if rows.is_empty() { p.muted { (say("accounts-none")) } } @else { (paint::table(&heads, &rows)) }
        @if total > SHOWN { p.muted { (say("core-total")) " " (total) " · " (say("accounts-narrow")) } }
        @if visit.session.is_city_wide("admin") {
            h2 { (say("host-command-create-account")) }
            form.stack method="post" action="/admin/accounts" novalidate {
                input type="hidden" name="_csrf" value=(visit.csrf());
                input type="hidden" name="_key" value=(fresh_key());
                (field("login", "text", "64")) (field("name", "text", "80")) (field("password", "password", "128"))
                button.primary { (say("host-command-create-account")) }
            }
        }
    };
    let mut response = framed(app, visit, &say("accounts-title"), false, main);
    if let Some(status) = problem.and_then(|p| StatusCode::from_u16(p.status).ok()) {
        *response.status_mut() = status;
    }
    response
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Sent,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = read(&app, &visit, &headers, bytes).map_err(IntoResponse::into_response)?;
    let body = vec![same(&pairs, "login"), same(&pairs, "name"), same(&pairs, "password")];
    match act(&app, &visit, "create-account", body, sent(&pairs, "_key")).await {
        Ok((done, _)) => {
            let made = done.answer.iter().find_map(|n| n.value.as_entity()).unwrap_or_default();
            Ok(see_other(&format!("/admin/accounts/{made}?_done={}", done.seq)))
        }
        Err(problem) if problem.status == 403 => Err(problem.into_response()),
        Err(problem) => Ok(show_list(&app, &visit, &pairs, Some(&problem))),
    }
}

pub(super) async fn one(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Path(id): Path<u64>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    reach(&visit).map_err(IntoResponse::into_response)?;
    let pairs = body::pairs(raw.unwrap_or_default().as_bytes()).unwrap_or_default();
    show_one(&app, &visit, EntityId(id), &pairs, None).map_err(IntoResponse::into_response)
}

/// Every role and purpose the installed plugins ask for; a code nobody asks for opens nothing.
fn roles(visit: &Visit) -> BTreeSet<Name> {
    let mut all = BTreeSet::from([Name::from("admin"), Name::from("resident")]);
    for m in visit.made.manifests() {
        all.extend(m.commands.iter().flat_map(|c| c.roles.clone()));
        all.extend(m.views.iter().flat_map(|v| v.roles.clone()));
        all.extend(m.jobs.iter().flat_map(|j| j.roles.clone()));
        all.extend(m.flows.iter().flat_map(|f| f.transitions.iter().flat_map(|t| t.roles.clone())));
    }
    all
}

/// The visitor's own divisions and what lies directly within them.
fn divisions(app: &App, visit: &Visit) -> Vec<(EntityId, String)> {
    let mut all = match reach(visit) {
        Ok(Some(own)) => own.into_iter().map(|d| (d, paint::place_name(app, d))).collect(),
        _ => division::within(app, None),
    };
    let below: Vec<_> = all.iter().flat_map(|(d, _)| division::within(app, Some(*d))).collect();
    all.extend(below);
    if let Some(chosen) = visit.division.filter(|d| administers(app, visit, *d)) {
        all.push((chosen, paint::place_name(app, chosen)));
        all.extend(division::within(app, Some(chosen)));
    }
    all.sort_by(|a, b| a.1.cmp(&b.1).then(a.0.cmp(&b.0)));
    all.dedup();
    all
}

fn show_one(
    app: &App,
    visit: &Visit,
    id: EntityId,
    pairs: &Pairs,
    problem: Option<&Problem>,
) -> Result<Response, Problem> {
    let voice = visit.voice("");
    let say = |key: &str| voice.say(key);
    let whole = visit.session.is_city_wide("admin");
    let mut found = None;
    app.town.read(&mut |r| found = r.core(id).filter(|c| c.kind == "account").and_then(|_| Session::own(r, id)));
    let missing = || Problem::new(404, "not-found", format!("account {id}"));
    let mut account = found.ok_or_else(missing)?;
    if !whole {
        account.held.retain(|h| h.division.is_some_and(|d| administers(app, visit, d)));
    }
    let to = format!("/admin/accounts/{id}");
    let withdraw = |what: &str, fields: &[(&str, String)], label: &str| -> Markup {
        let mut all = vec![("do", what.to_owned())];
        all.extend(fields.iter().cloned());
        button(visit, &to, &format!("{} {label}", say("accounts-withdraw")), "danger", &all)
    };
    let heads = ["me-role", "me-where", "accounts-withdraw"].map(say);
    let mut rows: Vec<(String, Vec<Markup>)> = account
        .held
        .iter()
        .map(|h| {
            let role = paint::coded(&voice, "role", &h.role);
            let division = h.division.map_or_else(String::new, |d| d.to_string());
            let fields = [("role", h.role.to_string()), ("division", division)];
            let end = html! { @if whole || h.division.is_some() { (withdraw("revoke-role", &fields, &role)) } };
            (role.clone(), vec![html! { (role) }, html! { (me::where_held(app, visit, h.division)) }, end])
        })
        .collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let rows: Vec<_> = rows.into_iter().map(|r| r.1).collect();
    let main = html! {
        (paint::receipt(&voice, pairs))
        @if let Some(problem) = problem { (summary(problem, &voice)) }
        @if rows.is_empty() { p.muted { (say("me-no-roles")) } } @else { (paint::table(&heads, &rows)) }
        h2 { (say("host-command-grant-role")) }
        form.stack method="post" action=(to) novalidate {
            input type="hidden" name="_csrf" value=(visit.csrf());
            input type="hidden" name="_key" value=(fresh_key());
            input type="hidden" name="do" value="grant-role";
            label for="f-role" { (say("me-role")) }
            select id="f-role" name="role" { @for r in roles(visit) { option value=(r) { (paint::coded(&voice, "role", &r)) } } }
            label for="f-division" { (say("me-where")) }
            select id="f-division" name="division" {
                @if whole { option value="" { (say("me-whole-city")) } }
                @for (d, name) in divisions(app, visit) { option value=(d) { (name) } }
            }
            p.hint { (say("accounts-division-hint")) }
            button.primary { (say("host-command-grant-role")) }
        }
        @if whole {
            h2 { (say("me-purposes")) }
            ul { @for p in &account.purposes {
                @let name = paint::coded(&voice, "purpose", p);
                li { (name) " " (withdraw("disallow-purpose", &[("purpose", p.to_string())], &name)) }
            } }
            form.stack method="post" action=(to) novalidate {
                input type="hidden" name="_csrf" value=(visit.csrf());
                input type="hidden" name="_key" value=(fresh_key());
                input type="hidden" name="do" value="allow-purpose";
                label for="f-purpose" { (say("host-command-allow-purpose")) }
                input id="f-purpose" name="purpose" maxlength="64" required;
                button { (say("host-command-allow-purpose")) }
            }
            h2 { (say("host-command-close-account")) }
            p { (say("accounts-close-note")) }
            form.stack method="post" action=(to) novalidate {
                input type="hidden" name="_csrf" value=(visit.csrf());
                input type="hidden" name="_key" value=(fresh_key());
                input type="hidden" name="do" value="close-account";
                label for="f-confirm" { (say("accounts-type-login")) " " code { (account.login) } }
                input id="f-confirm" name="confirm" autocomplete="off" required;
                button.danger { (say("host-command-close-account")) }
            }
        }
    };
    let mut response = framed(app, visit, &account.login, false, main);
    if let Some(status) = problem.and_then(|p| StatusCode::from_u16(p.status).ok()) {
        *response.status_mut() = status;
    }
    Ok(response)
}

pub(super) async fn change(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Path(id): Path<u64>,
    headers: HeaderMap,
    bytes: Sent,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = read(&app, &visit, &headers, bytes).map_err(IntoResponse::into_response)?;
    let (account, mut body) = (EntityId(id), vec![pair("account", id)]);
    let command = match sent(&pairs, "do") {
        Some("grant-role") => "grant-role",
        Some("revoke-role") => "revoke-role",
        Some("allow-purpose") => "allow-purpose",
        Some("disallow-purpose") => "disallow-purpose",
        Some("close-account") => "close-account",
        _ => return Err(Problem::new(422, "form", "nothing was asked for").into_response()),
    };
    match command {
        "grant-role" | "revoke-role" => body.extend([same(&pairs, "role"), same(&pairs, "division")]),
        "close-account" => {
            if sent(&pairs, "confirm").map(str::trim) != Some(paint::login(&app, account).as_str()) {
                let problem = crate::pages::act::wrong("confirm", "accounts-not-confirmed");
                return show_one(&app, &visit, account, &pairs, Some(&problem)).map_err(IntoResponse::into_response);
            }
        }
        _ => body.push(same(&pairs, "purpose")),
    }
    match act(&app, &visit, command, body, sent(&pairs, "_key")).await {
        Ok(_) if command == "close-account" => {
            app.gate.revoke_sessions(account);
            Ok(see_other("/admin/accounts"))
        }
        Ok((done, _)) => Ok(see_other(&format!("/admin/accounts/{account}?_done={}", done.seq))),
        Err(problem) if problem.status == 403 => Err(problem.into_response()),
        Err(problem) => show_one(&app, &visit, account, &pairs, Some(&problem)).map_err(IntoResponse::into_response),
    }
}
