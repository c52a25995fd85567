//! A plugin's view: as a page, as JSON, as GeoJSON, on paper, or one of its tables as a file. One look at the gate for each.

use super::{Visit, layout};
use crate::api::{Declared, ask, page_json, query, view_problem};
use crate::auth;
use crate::export;
use crate::layer::{About, with_room};
use crate::problem::Problem;
use crate::render::{Door, Here, Painter, ROOM, TIME, address, geojson, time};
use crate::shape::{Deed, NodeKind, Page, Value};
use crate::state::App;
use crate::words::{Locale, Voice};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use changzhi_gate::{GateRefusal, Session};
use changzhi_model::{Clock, Micros, Name, Seq, SystemClock, body};
use maud::{Markup, html};
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Path((plugin, name)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("");
    let wanted = match accept {
        a if a.contains("text/html") => Wanted::Page,
        a if a.contains("application/geo+json") => Wanted::GeoJson,
        a if a.contains("application/json") => Wanted::Json,
        _ => Wanted::Page,
    };
    let done = match wanted {
        Wanted::Page => {
            let visit = Visit::of(&app, &headers, &about)?;
            let host = crate::open311::host(&headers, app.options.tls);
            shown(&app, &visit, &plugin, &name, raw.as_deref(), &host).await
        }
        data => as_data(&app, &about, &plugin, &name, raw.as_deref(), &headers, data).await,
    };
    let mut response = done.map_err(IntoResponse::into_response)?;
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Page,
    Json,
    GeoJson,
}

/// One look at one view.
pub(crate) struct Looking<'a> {
    pub(crate) app: &'a App,
    pub(crate) session: &'a Arc<Session>,
    pub(crate) locale: Locale,
    pub(crate) plugin: &'a str,
    pub(crate) name: &'a str,
    pub(crate) purpose: Option<String>,
}

/// Why there is no page to show.
pub(crate) enum NoPage {
    /// One of these is to be stated first.
    Purpose(Vec<Name>),
    Problem(Problem),
}

impl Looking<'_> {
    /// Asks the gate and then the plugin; `pairs` are the view's parameters.
    pub(crate) async fn look(&self, pairs: &[(String, String)]) -> Result<(Page, Seq), NoPage> {
        let given = Declared { purpose: self.purpose.clone(), ..Declared::default() };
        let asked = ask(self.plugin, self.name, &given, self.locale);
        let looked =
            self.app.gate.look(self.session, &asked, |params| body::parse_form(params, pairs, &self.app.options.zone));
        let look = match looked {
            Err(GateRefusal::PurposeNeeded(held)) => return Err(NoPage::Purpose(held)),
            other => other.map_err(|r| NoPage::Problem(Problem::of_gate(r, self.plugin)))?,
        };
        let looked = self.app.town.view(look).await.map_err(|p| NoPage::Problem(view_problem(p, self.plugin)));
        let (mut page, seq) = looked?;
        if export::is_on(&page) {
            // The journal is read on a thread that may wait for the disk.
            let town = Arc::clone(&self.app.town);
            let said = move || {
                export::say(&*town, &mut page);
                page
            };
            page = crate::api::blocking(said).await.map_err(NoPage::Problem)?;
        }
        Ok((page, seq))
    }

    /// Micros since 1970.
    pub(crate) fn now(&self) -> i64 {
        SystemClock.now().0
    }

    /// Paints what this look found, at this address.
    pub(crate) fn painter<'a>(&'a self, voice: &'a Voice<'a>, csrf: String, here: Here, rev: Seq) -> Painter<'a> {
        Painter {
            plugin: self.plugin,
            voice,
            zone: &self.app.options.zone,
            csrf,
            here,
            purpose: self.purpose.as_deref().unwrap_or(""),
            rev,
            now: SystemClock.now(),
            base_map: self.app.options.base_map.as_ref(),
            said: Default::default(),
            wrong: AtomicU32::new(0),
        }
    }

    /// The address of the page with all its pairs, and the parameters the view declares.
    pub(crate) fn here(&self, all: &[(String, String)]) -> Here {
        let made = self.app.made();
        let decl = made.manifests().iter().find(|m| m.id == self.plugin).and_then(|m| m.view(self.name));
        let params = decl.map(|v| v.params.iter().map(|p| p.name.clone()).collect()).unwrap_or_default();
        let passing = |n: &str| matches!(n, "_done" | "_export" | "_table");
        Here {
            path: format!("/p/{}/{}", self.plugin, self.name),
            pairs: all.iter().filter(|(n, _)| !passing(n)).cloned().collect(),
            params,
            door: Door::Account,
        }
    }
}

impl NoPage {
    pub(crate) fn problem(self) -> Problem {
        match self {
            NoPage::Problem(problem) => problem,
            NoPage::Purpose(held) => Problem::of_gate(GateRefusal::PurposeNeeded(held), ""),
        }
    }
}

fn read(raw: Option<&str>) -> Result<Vec<(String, String)>, Problem> {
    body::pairs(raw.unwrap_or("").as_bytes()).map_err(|e| Problem::new(400, "form", e.to_string()))
}

async fn as_data(
    app: &App,
    about: &About,
    plugin: &str,
    name: &str,
    raw: Option<&str>,
    headers: &HeaderMap,
    wanted: Wanted,
) -> Result<Response, Problem> {
    let session = auth::of_api(app, headers, false)?;
    let all = read(raw)?;
    let stated = headers.get("x-purpose").and_then(|v| v.to_str().ok()).or_else(|| super::sent(&all, "_purpose"));
    let purpose = stated.map(str::to_owned);
    let looking = Looking { app, session: &session, locale: about.locale, plugin, name, purpose };
    let (page, seq) = looking.look(&query(raw)?).await.map_err(NoPage::problem)?;
    if wanted == Wanted::Json {
        return Ok(page_json(&page, seq, headers));
    }
    let made = app.made();
    let voice = made.words.voice(plugin, about.locale);
    let painter = looking.painter(&voice, String::new(), looking.here(&all), seq);
    let mut response = Json(geojson(&painter, &page)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/geo+json"));
    response.headers_mut().insert("x-revision", HeaderValue::from(seq.0));
    Ok(response)
}

async fn shown(
    app: &App,
    visit: &Visit,
    plugin: &str,
    name: &str,
    raw: Option<&str>,
    host: &str,
) -> Result<Response, Problem> {
    let all = read(raw)?;
    let mut pairs = query(raw)?;
    let manifest = visit.made.manifests().iter().find(|m| m.id == plugin);
    super::division::default_place(visit, manifest.map(|m| &**m), name, &mut pairs);
    let purpose = super::sent(&all, "_purpose").map(str::to_owned);
    let looking = Looking { app, session: &visit.session, locale: visit.locale, plugin, name, purpose };
    if let Some(kind) = super::sent(&all, "_export") {
        let table = super::sent(&all, "_table").unwrap_or("");
        return export::answer(&looking, visit, &all, &pairs, (kind, table), host).await;
    }
    let (page, seq) = match looking.look(&pairs).await {
        Ok(found) => found,
        Err(NoPage::Purpose(held)) => return Ok(purposes(app, visit, plugin, &pairs, &held)),
        Err(NoPage::Problem(problem)) => return Err(problem),
    };
    let voice = visit.voice(plugin);
    let painter = looking.painter(&voice, visit.csrf(), looking.here(&all), seq);
    let title = painter.text(&page.title);
    let content = painter.page(&page);
    // What keeps the page live must not depend on where somebody works by then: the address says it.
    let worked_in = pairs.iter().find(|(n, _)| n == "place").filter(|_| super::sent(&all, "place").is_none());
    let topic = worked_in.map(|(_, place)| {
        let here = painter.here.address();
        format!("{here}{}place={place}", if here.contains('?') { '&' } else { '?' })
    });
    app.metrics.view_wrong(plugin, painter.wrongs());
    let receipt = super::sent(&all, "_done").filter(|s| s.bytes().all(|b| b.is_ascii_digit()));
    let main = html! {
        (print_head(app, visit, &voice, painter.now))
        @if let Some(seq) = receipt {
            div.notice.good role="status" { p { (voice.say("core-done")) " " code { (seq) } } }
        }
        h1 { (title) }
        div.page { (content) }
        (export::link(app, &painter))
        (super::matter::panel(app, visit, plugin, name, &pairs))
        p.muted.revision data-rev=(seq.0) data-topic=[topic] {
            (voice.say("core-revision")) " " (seq.0) " · "
            time datetime=(painter.now.to_rfc3339()) { (time(painter.now.0, &app.options.zone, TIME)) }
        }
    };
    let has_room = page.nodes.iter().any(|n| matches!(&n.kind, NodeKind::Other(o) if o.kind == ROOM));
    if acts_on_something(&page) {
        app.seen.remember(visit.session.account, &painter.here.address(), seq, Arc::new(page));
    }
    let mut response = layout(app, visit.appearance, &voice, Some(visit), &title, &main).into_response();
    if has_room {
        with_room(&mut response);
    }
    Ok(response)
}

/// On paper only: whose page this is, printed when and by whom. The page number is the style sheet's.
pub(super) fn print_head(app: &App, visit: &Visit, voice: &Voice<'_>, now: Micros) -> Markup {
    html! {
        div.print-head {
            span { (app.options.title) }
            span { (voice.say("view-printed-by")) " " (visit.session.login) }
            span { (time(now.0, &app.options.zone, TIME)) }
        }
    }
}

/// A command about an entity is on the page: what was shown is kept, to be compared with what is when it is pressed.
fn acts_on_something(page: &Page) -> bool {
    let about = |args: &[crate::shape::Named]| args.iter().any(|a| matches!(a.value, Value::Entity(_)));
    page.nodes.iter().any(|n| match &n.kind {
        NodeKind::Form(f) => about(&f.submit.args),
        NodeKind::Action(a) => matches!(&a.deed, Deed::Command(call) if about(&call.args)),
        NodeKind::Other(o) => about(&o.attributes),
        _ => false,
    })
}

/// Personal data needs a reason: the visitor chooses one of the own purposes.
fn purposes(app: &App, visit: &Visit, plugin: &str, pairs: &[(String, String)], held: &[Name]) -> Response {
    let voice = visit.voice(plugin);
    let title = voice.say("error-purpose-needed");
    let main = html! {
        h1 { (title) }
        @if held.is_empty() { p { (voice.say("error-purpose.mend")) } } @else {
            form.stack method="get" {
                @for (name, value) in pairs { input type="hidden" name=(name) value=(value); }
                label { (voice.say("core-purpose"))
                    select name="_purpose" { @for p in held { option value=(p) { (voice.name(&format!("purpose-{p}"))) } } }
                }
                button.primary { (voice.say("core-continue")) }
            }
        }
    };
    (StatusCode::UNPROCESSABLE_ENTITY, layout(app, visit.appearance, &voice, Some(visit), &title, &main))
        .into_response()
}

/// The view an address of our own leads to, if it is one: plugin, view and pairs.
pub(super) fn of_address(back: &str) -> Option<(String, String, super::form::Pairs)> {
    let (path, query) = back.split_once('?').unwrap_or((back, ""));
    let (plugin, view) = path.strip_prefix("/p/")?.split_once('/')?;
    let plain = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !plain(plugin) || !plain(view) {
        return None;
    }
    Some((plugin.to_owned(), view.to_owned(), body::pairs(query.as_bytes()).ok()?))
}

/// An address again, as it was kept.
pub(super) fn as_kept(plugin: &str, view: &str, pairs: &[(String, String)]) -> String {
    address(&format!("/p/{plugin}/{view}"), pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))
}
