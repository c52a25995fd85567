//! How pages look to this visitor: language, profile, colours, size of letters, shortcuts. Kept in cookies that say nothing else.

use super::{see_other, sent};
use crate::api::{body_problem, form as read_form, is_form};
use crate::appearance::{Appearance, COOKIE, Keys, Profile, Theme};
use crate::auth::{self, LANGUAGE, set_cookie};
use crate::layer::About;
use crate::problem::Problem;
use crate::state::App;
use crate::words::{Locale, Voice};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use maud::{Markup, html};
use std::sync::Arc;

/// A year: a choice of looks is no session.
const KEPT: u32 = 366 * 24 * 3600;

/// All that can be chosen, on the pages that have room for it.
pub(super) fn choices(look: Appearance, voice: &Voice<'_>) -> Markup {
    let button = |word: &str, key: &str, on: bool| {
        html! { button name="look" value=(word) aria-pressed=(on) { (voice.say(key)) } }
    };
    html! {
        form.choices method="post" action="/look" {
            fieldset { legend { (voice.say("look-profile")) }
                @for p in Profile::ALL { (button(p.word(), &format!("look-{}", p.word()), look.profile == *p)) }
            }
            fieldset { legend { (voice.say("look-theme")) }
                @for t in Theme::ALL { (button(t.word(), &format!("look-{}", t.word()), look.theme == *t)) }
            }
            fieldset { legend { (voice.say("look-keys")) }
                @for k in Keys::ALL { (button(k.word(), &format!("look-{}", k.word()), look.keys == *k)) }
            }
        }
    }
}

/// Anybody's, signed in or not; another site cannot choose for them.
pub(super) async fn choose(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    is_form(&headers)?;
    let pairs = read_form(&bytes.map_err(|e| body_problem(&e, app.options.body))?)?;
    if !auth::same_origin(&headers, false) {
        return Err(Problem::new(403, "cross-site", "the form was not made by this page"));
    }
    let mut cookies = Vec::new();
    if let Some(word) = sent(&pairs, "look") {
        cookies.push(set_cookie(&app.options, COOKIE, &about.appearance.with(word).to_cookie(), Some(KEPT)));
    }
    if let Some(locale) = sent(&pairs, "language").and_then(Locale::of_accept_language) {
        cookies.push(set_cookie(&app.options, LANGUAGE, locale.tag(), Some(KEPT)));
    }
    let cookies = AppendHeaders(cookies.into_iter().map(|c| (header::SET_COOKIE, c)).collect::<Vec<_>>());
    Ok((cookies, see_other(&back(&headers))).into_response())
}

/// The page the form stood on, by its own referrer; without what the choice would have to win over.
pub(super) fn back(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let (Some(from), Some(host)) = (text("referer"), text("host")) else { return "/".into() };
    let Some((_, rest)) = from.split_once("://") else { return "/".into() };
    let Some(path) = rest.strip_prefix(host).filter(|p| p.starts_with('/') && !p.starts_with("//")) else {
        return "/".into();
    };
    let path = path.split('#').next().unwrap_or("/");
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    let stays =
        |p: &&str| !["lang=", "_theme=", "_size=", "_profile=", "_done="].iter().any(|gone| p.starts_with(gone));
    let query: Vec<&str> = query.split('&').filter(stays).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::back;
    use axum::http::HeaderMap;

    #[test]
    fn the_way_back_is_the_page_the_form_stood_on_and_never_another_site() {
        let of = |referer: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("host", "city.example".parse().unwrap());
            headers.insert("referer", referer.parse().unwrap());
            back(&headers)
        };
        assert_eq!(of("https://city.example/p/a/b?x=1&lang=en&_theme=dark"), "/p/a/b?x=1");
        assert_eq!(of("https://city.example/p/a/b?lang=en#main"), "/p/a/b");
        for evil in ["https://evil.example/x", "https://city.example.evil/x", "https://city.example//evil", "x"] {
            assert_eq!(of(evil), "/", "{evil}");
        }
        assert_eq!(back(&HeaderMap::new()), "/");
    }
}
