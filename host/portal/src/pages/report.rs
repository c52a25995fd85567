//! Filing without an account (complaining is a right, CHARTER 4): nobody signs in, nothing is asked that is not needed.
//!
//! ```text
//! GET  /report    the plugin's view [`VIEW`] for nobody in particular, its form leading here; a cookie with a secret of the form
//! POST /report    address not too fast ──► proof and files ──► the gate ──► the command ──► code, PIN, QR code, to be printed
//! ```
//!
//! Which page and command: those of the plugin that has a view called `new-report` and a command that asks for no role and gets the
//! hash of a PIN (docs/reports.md); nothing else can be done by this way.
//!
//! Invariants: the request is made from the form's secret and its key, so sending twice files once and tells the same PIN, and nobody
//! without the cookie can ask for it; files belong to that request and no other can take them; no account, no name of a browser and no
//! address is kept of whoever filed (the address stands in the memory of the throttle for a quarter of an hour at most).

use super::form::{Form, Pairs, parts};
use super::track::ticket;
use super::upload::{Sender, read_of};
use super::{Looking, NoPage, layout, sent};
use crate::api::{self, Declared, ask, decide};
use crate::auth::{self, cookie, set_cookie};
use crate::cache::Made;
use crate::layer::About;
use crate::problem::Problem;
use crate::render::{Door, Here, fresh_key};
use crate::state::{App, Peer};
use axum::extract::{DefaultBodyLimit, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use changzhi_gate::{Gate, Session};
use changzhi_model::{CommandDecl, EntityId, Manifest, ViewDecl, body};
use maud::html;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The view that is shown, of whichever plugin has it.
const VIEW: &str = "new-report";
/// The secret of the form. Its own, so that a sign-in or a look at `/track` beside it does not make a long form worthless.
const COOKIE: &str = "changzhi-report";
/// A form may lie open for so long, in seconds.
const OPEN: u32 = 6 * 3600;
/// Parameters of the view that an address may give.
const ASKED: [&str; 4] = ["category", "place", "lon", "lat"];

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/report", get(page).post(submit).layer(DefaultBodyLimit::disable()))
}

/// What is shown and given.
struct Filing<'a> {
    manifest: &'a Manifest,
    view: &'a ViewDecl,
    command: &'a CommandDecl,
}

impl Filing<'_> {
    /// # Errors
    /// Nothing in this city can be filed without an account.
    fn of(made: &Made) -> Result<Filing<'_>, Problem> {
        let is_open = |c: &&CommandDecl| c.roles.is_empty() && c.fields.iter().any(|f| f.name == changzhi_gate::PIN);
        let of = |m: &'_ Manifest| {
            m.view(VIEW).is_some_and(|v| v.roles.is_empty()) && m.commands.iter().any(|c| is_open(&c))
        };
        let found =
            made.manifests().iter().find(|m| of(m)).and_then(|m| {
                Some(Filing { manifest: m, view: m.view(VIEW)?, command: m.commands.iter().find(is_open)? })
            });
        found.ok_or_else(|| Problem::new(404, "not-found", "nothing can be filed here without an account"))
    }
}

async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let made = app.made();
    let filing = Filing::of(&made)?;
    let pairs = body::pairs(raw.unwrap_or_default().as_bytes()).unwrap_or_default();
    let pairs: Pairs = pairs.into_iter().filter(|(n, _)| ASKED.contains(&n.as_str())).collect();
    let session = Arc::new(Session::public());
    let (plugin, name) = (filing.manifest.id.as_str(), filing.view.name.as_str());
    let looking = Looking { app: &app, session: &session, locale: about.locale, plugin, name, purpose: None };
    let (shown, seq) = looking.look(&pairs).await.map_err(NoPage::problem)?;
    let params = filing.view.params.iter().map(|p| p.name.clone()).collect();
    let here = Here { path: "/report".into(), pairs, params, door: Door::Filing };
    // Two forms side by side have one secret and keys of their own.
    let secret = cookie(&headers, COOKIE).filter(|s| s.len() >= 32).map_or_else(Gate::fresh_secret, str::to_owned);
    let voice = made.words.voice(plugin, about.locale);
    let painter = looking.painter(&voice, Gate::csrf(&secret), here, seq);
    let (title, content) = (painter.text(&shown.title), painter.page(&shown));
    app.metrics.view_wrong(plugin, painter.wrongs());
    let host = made.words.voice("", about.locale);
    let main = html! {
        h1 { (title) }
        p { (host.say("report-help")) }
        div.page { (content) }
        p { a href="/track" { (host.say("track-find")) } " · " a href="/sign-in" { (host.say("core-sign-in")) } }
    };
    let cookie = set_cookie(&app.options, COOKIE, &secret, Some(OPEN));
    let page = layout(&app, about.appearance, &host, None, &title, &main);
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), page).into_response())
}

async fn submit(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let made = app.made();
    let filing = Filing::of(&made)?;
    let plugin = filing.manifest.id.to_string();
    app.gate.admit_stranger(&peer.ip().to_string()).map_err(|r| Problem::of_gate(r, &plugin))?;
    let secret = cookie(&headers, COOKIE).unwrap_or("").to_owned();
    let session = Arc::new(Session::public());
    let guard = |token: Option<&str>| {
        let fits = !secret.is_empty() && token.is_some_and(|t| Gate::csrf_fits(&secret, t));
        match fits && auth::same_origin(&headers, false) {
            true => Ok(()),
            false => Err(Problem::new(403, "cross-site", "the form was not made by this page, or is too old")),
        }
    };
    let of_form = |pairs: &Pairs| {
        let made = app.gate.request_of(&Session::public(), Some(&own_key(&secret, pairs)));
        made.map_err(|refusal| Problem::of_gate(refusal, ""))
    };
    let sender = Sender { made: &made, session: &session, guard: &guard, request: Some(&of_form) };
    let form = read_of(&app, &sender, &plugin, &filing.command.name, request).await?;
    let again = |pairs: &Pairs, problem: Problem| shown_again(&app, &about, &filing, &secret, pairs, problem);
    if !form.refused.is_empty() {
        let problem = Problem { fields: form.refused, plugin, ..Problem::new(422, "invalid", "") };
        return Ok(again(&form.pairs, problem));
    }
    let (_, fields) = parts(&form.pairs);
    let key = Some(own_key(&secret, &form.pairs));
    let given = Declared { key, ..Declared::default() };
    let (zone, locale, of, name) =
        (app.options.zone.clone(), about.locale, plugin.clone(), filing.command.name.clone());
    let decided = decide(&app, &plugin, move |gate| {
        gate.check_with(&session, &ask(&of, &name, &given, locale), |f| body::parse_form(f, &fields, &zone))
    })
    .await;
    let done = match decided {
        Ok(checked) => {
            let private = checked.private.clone();
            api::run(&app, checked).await.map(|done| (done, private))
        }
        Err(problem) => Err(problem),
    };
    let (done, private) = match done {
        Ok(done) => done,
        Err(problem) => return Ok(again(&form.pairs, problem)),
    };
    let pin = private.iter().find(|n| n.name == changzhi_gate::PIN).and_then(|n| n.value.as_text());
    let matter = done.answer.iter().find_map(|n| n.value.as_entity()).unwrap_or(EntityId::NONE);
    let host = made.words.voice("", about.locale);
    let title = host.say("track-filed");
    let main = html! {
        h1 { (title) }
        p { (host.say("track-filed-help")) }
        (ticket(&app, &headers, &host, filing.manifest, matter, pin))
        p.notice.warning { (host.say("report-pin-once")) }
        p { a href="/track" { (host.say("track-find")) } }
    };
    Ok(layout(&app, about.appearance, &host, None, &title, &main).into_response())
}

/// The key a form's request is made from: whoever has not the cookie cannot make it, whatever they send.
fn own_key(secret: &str, pairs: &Pairs) -> String {
    let key = sent(pairs, "_key").unwrap_or("");
    hex::encode(Sha256::digest(format!("filed without an account {secret} {key}")))
}

/// The form with what was written and what is wrong. Only what was asked for is asked for again.
fn shown_again(
    app: &App,
    about: &About,
    filing: &Filing<'_>,
    secret: &str,
    pairs: &Pairs,
    problem: Problem,
) -> Response {
    let made = app.made();
    let voice = made.words.voice(&filing.manifest.id, about.locale);
    let asked = |name: &str| {
        let is = |n: &String| n == name || n.strip_prefix(name).is_some_and(|rest| rest == ".lon");
        pairs.iter().any(|(n, _)| is(n)) || problem.fields.iter().any(|p| p.field == name)
    };
    let files = |f: &changzhi_model::FieldDecl| f.kind == changzhi_model::FieldType::Files;
    let fields: Vec<_> =
        filing.command.fields.iter().filter(|f| !f.is_by_the_gate() && (asked(&f.name) || files(f))).cloned().collect();
    let form = Form {
        plugin: &filing.manifest.id,
        action: "/report",
        label: &filing.command.label,
        fields: &fields,
        purpose: false,
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    let title = format!("{}: {}", voice.say("core-error"), voice.name(form.label));
    // What was filed under this key already was something else: this is another report, and its files are to be chosen again.
    let another = problem.status == 409;
    let key = sent(pairs, "_key").filter(|_| !another).map_or_else(fresh_key, str::to_owned);
    let is_file = |name: &str| another && filing.command.fields.iter().any(|f| files(f) && f.name == name);
    let pairs: &Pairs = &pairs.iter().filter(|(n, _)| !is_file(n)).cloned().collect();
    let main = form.painted(app, &voice, (&Gate::csrf(secret), &key), &[], pairs, Some(&problem));
    let host = made.words.voice("", about.locale);
    (status, layout(app, about.appearance, &host, None, &title, &main)).into_response()
}
