//! The pages: head, navigation, and what goes between.

mod admin;
mod assets;
mod form;
mod home;
mod jobs;
mod pwa;
mod sign_in;
mod view;

pub(crate) use assets::OWN;

use crate::appearance::Appearance;
use crate::auth;
use crate::cache::Made;
use crate::layer::About;
use crate::problem::Problem;
use crate::state::App;
use crate::words::{Locale, Voice};
use axum::Router;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use changzhi_gate::{Gate, Session};
use maud::{DOCTYPE, Markup, html};
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(home::home))
        .route("/sign-in", get(sign_in::form).post(sign_in::submit))
        .route("/sign-out", post(sign_in::out))
        .route("/p/{plugin}/{view}", get(view::page))
        .route("/do/{plugin}/{command}", get(form::page).post(form::submit))
        .route("/start/{plugin}/{job}", get(jobs::form).post(jobs::start))
        .route("/jobs", get(jobs::page))
        .route("/jobs/cancel", post(jobs::cancel))
        .route("/admin", get(admin::page))
        .route("/admin/retry", post(admin::retry))
        .route("/assets/{folder}/{name}", get(assets::file))
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
}

impl Visit {
    /// `Err`: the way to the sign-in page.
    fn of(app: &App, headers: &HeaderMap, about: &About) -> Result<Visit, Response> {
        match auth::of_cookie(app, headers) {
            Some((session, cookie)) => {
                Ok(Visit { session, cookie, made: app.made(), locale: about.locale, appearance: about.appearance })
            }
            None => Err(see_other("/sign-in")),
        }
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

/// A whole page. Signed out: no navigation.
pub(crate) fn layout(
    app: &App,
    look: Appearance,
    voice: &Voice<'_>,
    visit: Option<&Visit>,
    title: &str,
    main: &Markup,
) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(voice.locale.tag()) data-profile=(look.profile.word()) data-theme=(look.theme.word()) data-size=(look.size.word()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (app.options.title) }
                (assets::head(voice, visit))
            }
            body {
                a.skip href="#main" { (voice.say("core-skip")) }
                header.top {
                    a.brand href="/" { (app.options.title) }
                    @if let Some(visit) = visit {
                        form method="post" action="/sign-out" {
                            input type="hidden" name="_csrf" value=(visit.csrf());
                            span.who { (visit.session.login) }
                            button.plain { (voice.say("core-sign-out")) }
                        }
                    }
                }
                @if let Some(visit) = visit { (home::navigation(app, visit)) }
                main id="main" { (main) }
                footer {
                    a href="?lang=zh-CN" lang="zh-CN" hreflang="zh-CN" { "中文" }
                    " · "
                    a href="?lang=en" lang="en" hreflang="en" { "English" }
                }
            }
        }
    }
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
