//! The pages: their addresses, who visits, and what goes between head and foot ([`shell`]).

mod act;
mod admin;
mod assets;
mod bulk;
mod conflict;
mod division;
mod form;
mod gallery;
mod help;
mod home;
mod jobs;
mod look;
mod matter;
mod me;
mod messages;
mod navigation;
mod notices;
mod paint;
mod pwa;
mod report;
mod search;
mod shell;
mod sign_in;
mod sos;
mod status;
mod track;
mod upload;
mod view;

pub(crate) use assets::OWN;
pub(crate) use matter::opener;
pub use matter::{matter_number, matter_page};
pub(crate) use shell::layout;
pub(crate) use view::{Looking, NoPage};

use crate::appearance::Appearance;
use crate::auth;
use crate::cache::Made;
use crate::layer::About;
use crate::problem::Problem;
use crate::state::App;
use crate::words::{Locale, Voice};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use changzhi_gate::{Gate, Session};
use changzhi_model::EntityId;
use maud::{Markup, html};
use std::sync::Arc;

/// `component`: bytes of a plugin sent for installation.
pub(crate) fn routes(component: usize) -> Router<Arc<App>> {
    Router::new()
        .route("/", get(home::home))
        .route("/sign-in", get(sign_in::form).post(sign_in::submit))
        .route("/sign-out", post(sign_in::out))
        .route("/p/{plugin}/{view}", get(view::page))
        .route("/bulk/{plugin}/{command}", post(bulk::submit))
        .route("/gallery", get(gallery::index))
        .route("/gallery/{family}", get(gallery::family))
        .route("/do/{plugin}/{command}", get(form::page).post(form::submit).layer(DefaultBodyLimit::disable()))
        .route("/start/{plugin}/{job}", get(jobs::form).post(jobs::start))
        .route("/jobs", get(jobs::page))
        .route("/jobs/cancel", post(jobs::cancel))
        .route("/look", post(look::choose))
        .route("/division", get(division::page).post(division::choose))
        .route("/more", get(navigation::more))
        .route("/help", get(help::page))
        .route("/search", get(search::page))
        .route("/status", get(status::page))
        .route("/notices", get(notices::page))
        .route("/notices/read", post(notices::read))
        .route("/follow", post(matter::follow))
        .merge(report::routes())
        .merge(track::routes())
        .merge(me::routes())
        .merge(admin::routes().layer(DefaultBodyLimit::max(component)))
        .route("/assets/{folder}/{name}", get(assets::file))
        .route("/sos", get(sos::page))
        .route("/live", get(crate::live::live))
        .route("/manifest.webmanifest", get(pwa::manifest))
        .route("/service-worker.js", get(pwa::worker))
        .route("/offline", get(pwa::offline))
}

/// Who looks at a page, and in whose language.
pub(crate) struct Visit {
    pub(crate) session: Arc<Session>,
    cookie: String,
    pub(crate) made: Arc<Made>,
    pub(crate) locale: Locale,
    pub(crate) appearance: Appearance,
    pub(crate) path: Arc<str>,
    /// The division chosen to work in; `None`: wherever the roles hold.
    pub(crate) division: Option<EntityId>,
}

impl Visit {
    /// `Err`: the way to the sign-in page.
    fn of(app: &App, headers: &HeaderMap, about: &About) -> Result<Visit, Response> {
        let (session, cookie) = auth::of_cookie(app, headers).ok_or_else(|| see_other("/sign-in"))?;
        let division = division::chosen(app, &session, headers);
        Ok(Visit {
            session,
            cookie,
            made: app.made(),
            locale: about.locale,
            appearance: about.appearance,
            path: Arc::clone(&about.path),
            division,
        })
    }

    pub(crate) fn voice(&self, plugin: &str) -> Voice<'_> {
        self.made.words.voice(plugin, self.locale)
    }

    pub(crate) fn csrf(&self) -> String {
        Gate::csrf(&self.cookie)
    }

    /// A form must come from our own page.
    fn guard(&self, headers: &HeaderMap, sent: Option<&str>) -> Result<(), Problem> {
        let fits = auth::same_origin(headers, false) && sent.is_some_and(|t| Gate::csrf_fits(&self.cookie, t));
        if fits {
            Ok(())
        } else {
            Err(Problem::new(403, "cross-site", "the form was not made by this page, or is too old"))
        }
    }
}

fn see_other(to: &str) -> Response {
    let mut response = axum::http::StatusCode::SEE_OTHER.into_response();
    if let Ok(to) = to.parse() {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}

/// The value of a pair.
fn sent<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
}

/// An error as a page.
pub(crate) fn problem(app: &App, made: &Made, about: &About, problem: &Problem) -> Markup {
    let voice = made.words.voice(&problem.plugin, about.locale);
    let title = problem.title(&voice);
    let main = html! {
        h1 { (title) }
        @if let Some(said) = problem.said(&voice) { p { (said) } }
        p { (problem.mend(&voice)) }
        @if !problem.detail.is_empty() { p.muted { (problem.detail) } }
        p.muted { (voice.say("core-request")) " " code { (about.request) } }
        p { a href="/" { (voice.say("core-home")) } }
    };
    layout(app, about.appearance, &voice, None, &title, &main)
}
