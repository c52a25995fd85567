//! A matter followed by code and PIN (一案一码): no account, no script, printable.
//!
//! ```text
//! GET  /track                 form; `?code=` is what the QR code on a receipt says
//! POST /track                 code and PIN ──► the gate ──► a cookie for this one matter
//! GET  /track/matter          the plugin's view for the role `reporter`, a QR code of the address
//! GET  /track/see/PLUGIN/VIEW another view for reporters; their own words are opened for the purpose `own-matter`
//! POST /track/do/PLUGIN/COMMAND   as the reporter's, through gate and pipeline like everybody's
//! GET  /track/looks           who looked at what is theirs (CHARTER 7)
//! POST /track/end             leaves
//! GET  /filed                 code and PIN for whoever has just filed, signed in
//! ```
//!
//! Nobody is signed in: the session names no account, opens no other page and is about one matter (`changzhi_gate`, `claim`). A wrong
//! code and a wrong PIN get the same page after the same time ([`FLOOR`]); guesses are slowed by code and by address.

mod looks;
mod page;
mod receipt;

pub(super) use looks::kept_apart;
pub(super) use receipt::{filed_at, ticket};

use super::{layout, matter, see_other, sent};
use crate::api::{body_problem, form as read_form, is_form};
use crate::appearance::Appearance;
use crate::auth::{self, FORM_COOKIE, cookie, set_cookie};
use crate::cache::Made;
use crate::layer::About;
use crate::options::PortalOptions;
use crate::problem::Problem;
use crate::state::{App, Peer};
use crate::words::{Locale, Voice};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use changzhi_gate::{Client, Gate, GateRefusal, Session};
use changzhi_model::{EntityId, KindDecl, Manifest, Value, body};
use maud::{Markup, html};
use std::sync::Arc;
use std::time::Duration;

/// Every answer to a code and a PIN takes so long: it tells nothing of where it was decided.
const FLOOR: Duration = Duration::from_millis(400);

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/track", get(form).post(claim))
        .route("/track/matter", get(page::matter))
        .route("/track/see/{plugin}/{view}", get(page::see))
        .route("/track/do/{plugin}/{command}", post(page::act).layer(DefaultBodyLimit::disable()))
        .route("/track/looks", get(looks::page))
        .route("/track/end", post(end))
        .route("/filed", get(receipt::filed))
}

const fn cookie_name(options: &PortalOptions) -> &'static str {
    if options.tls { "__Host-changzhi-track" } else { "changzhi-track" }
}

/// Whoever gave a code and its PIN.
pub(super) struct Visitor {
    session: Arc<Session>,
    matter: EntityId,
    cookie: String,
    made: Arc<Made>,
    locale: Locale,
    appearance: Appearance,
}

impl Visitor {
    /// `Err`: the way to the form.
    fn of(app: &App, headers: &HeaderMap, about: &About) -> Result<Visitor, Response> {
        let secret = cookie(headers, cookie_name(&app.options)).unwrap_or("").to_owned();
        let session = app.gate.by_claim(&secret).ok_or_else(|| see_other("/track"))?;
        let matter = session.about.ok_or_else(|| see_other("/track"))?;
        let (locale, appearance) = (about.locale, about.appearance);
        Ok(Visitor { session, matter, cookie: secret, made: app.made(), locale, appearance })
    }

    fn voice(&self, plugin: &str) -> Voice<'_> {
        self.made.words.voice(plugin, self.locale)
    }

    fn guard(&self, headers: &HeaderMap, token: Option<&str>) -> Result<(), Problem> {
        let token = token.unwrap_or("");
        if auth::same_origin(headers, false) && Gate::csrf_fits(&self.cookie, token) {
            Ok(())
        } else {
            Err(Problem::new(403, "cross-site", "the form was not made by this page, or is too old"))
        }
    }

    /// The plugin whose matter it is, and its kind.
    fn declared(&self, app: &App) -> Option<(&Manifest, &KindDecl)> {
        let mut kind = None;
        app.town.read(&mut |r| kind = r.core(self.matter).map(|c| c.kind));
        let kind = kind?;
        self.made.manifests().iter().find_map(|m| Some((&**m, m.kinds.iter().find(|k| k.name == kind)?)))
    }
}

/// Ways a code may be typed: small letters, without its hyphen, with letters it has not.
fn readings(typed: &str) -> Vec<String> {
    let one = |c: char| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let plain: String = typed.chars().filter(|c| !c.is_whitespace()).take(32).map(one).collect();
    let mut all = vec![plain.clone()];
    if plain.len() == 10 && plain.is_ascii() {
        let (first, rest) = plain.split_at(5);
        all.push(format!("{first}-{rest}"));
    }
    all
}

/// The matter with this number.
fn find(app: &App, made: &Made, typed: &str) -> Option<EntityId> {
    let readings = readings(typed);
    let mut found = None;
    app.town.read(&mut |r| {
        for m in made.manifests().iter().filter(|m| m.kinds.iter().any(|k| k.flow.is_some())) {
            for (facet, field) in matter::numbers(m) {
                let hit = readings.iter().find_map(|code| r.find(&facet, &field, &Value::text(code.as_str())));
                let is_matter = |id: &EntityId| {
                    r.core(*id).is_some_and(|c| m.kinds.iter().any(|k| k.name == c.kind && k.flow.is_some()))
                };
                found = found.or(hit.filter(is_matter));
            }
        }
    });
    found
}

async fn form(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Response {
    let pairs = body::pairs(raw.unwrap_or_default().as_bytes()).unwrap_or_default();
    let code = sent(&pairs, "code").unwrap_or("");
    if code.is_empty() && Visitor::of(&app, &headers, &about).is_ok() {
        return see_other("/track/matter");
    }
    show(&app, &about, code, None)
}

fn show(app: &App, about: &About, code: &str, wrong: Option<Problem>) -> Response {
    let made = app.made();
    let voice = made.words.voice("", about.locale);
    let secret = Gate::fresh_secret();
    let title = voice.say("track-find");
    let main: Markup = html! {
        h1 { (title) }
        p { (voice.say("track-help")) }
        @if let Some(problem) = &wrong {
            div.summary role="alert" tabindex="-1" { p { (problem.title(&voice)) } p { (problem.mend(&voice)) } }
        }
        form.stack method="post" action="/track" novalidate {
            input type="hidden" name="_csrf" value=(Gate::csrf(&secret));
            div.field {
                label for="t-code" { (voice.say("track-code")) }
                input id="t-code" name="code" value=(code) maxlength="32" autocapitalize="characters" autocomplete="off" spellcheck="false" required;
            }
            div.field {
                label for="t-pin" { (voice.say("track-pin")) }
                input id="t-pin" name="pin" inputmode="numeric" maxlength="32" autocomplete="off" required;
            }
            button.primary { (voice.say("track-open")) }
        }
        p.muted { (voice.say("track-lost")) }
        p { a href="/report" { (voice.say("report-open")) } }
    };
    let status = wrong.as_ref().and_then(|p| StatusCode::from_u16(p.status).ok()).unwrap_or(StatusCode::OK);
    let cookie = set_cookie(&app.options, FORM_COOKIE, &secret, Some(3600));
    (status, AppendHeaders([(header::SET_COOKIE, cookie)]), layout(app, about.appearance, &voice, None, &title, &main))
        .into_response()
}

async fn claim(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    is_form(&headers)?;
    let pairs = read_form(&bytes.map_err(|e| body_problem(&e, app.options.body))?)?;
    let secret = cookie(&headers, FORM_COOKIE).unwrap_or("");
    let token = sent(&pairs, "_csrf").unwrap_or("");
    if secret.is_empty() || !auth::same_origin(&headers, false) || !Gate::csrf_fits(secret, token) {
        return Err(Problem::new(403, "cross-site", "the form was not made by this page, or is too old"));
    }
    let code = sent(&pairs, "code").unwrap_or("").to_owned();
    let pin = sent(&pairs, "pin").unwrap_or("").to_owned();
    let answered_at = tokio::time::Instant::now() + FLOOR;
    let client = Client { address: peer.ip().to_string(), device: String::new() };
    let (own, typed) = (Arc::clone(&app), code.clone());
    let work = move || {
        let matter = find(&own, &own.made(), &typed);
        // The last reading is the code as it is printed: guesses are counted by it however they are typed.
        let number = readings(&typed).pop().unwrap_or_default();
        own.gate.claim(matter, &number, &pin, client)
    };
    let claimed = tokio::task::spawn_blocking(work).await;
    tokio::time::sleep_until(answered_at).await;
    match claimed.unwrap_or_else(|_| Err(GateRefusal::Unavailable("the host is stopping".into()))) {
        Ok(claimed) => {
            let mut response = see_other("/track/matter");
            let session = set_cookie(&app.options, cookie_name(&app.options), &claimed.cookie, None);
            let gone = set_cookie(&app.options, FORM_COOKIE, "", Some(0));
            for c in [session, gone] {
                if let Ok(c) = c.parse() {
                    response.headers_mut().append(header::SET_COOKIE, c);
                }
            }
            Ok(response)
        }
        Err(refusal) => Ok(show(&app, &about, &code, Some(Problem::of_gate(refusal, "")))),
    }
}

async fn end(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Response> {
    let visitor = Visitor::of(&app, &headers, &about)?;
    let pairs = read_form(&bytes).map_err(IntoResponse::into_response)?;
    visitor.guard(&headers, sent(&pairs, "_csrf")).map_err(IntoResponse::into_response)?;
    app.gate.end_claim(&visitor.cookie);
    let mut response = see_other("/track");
    if let Ok(c) = set_cookie(&app.options, cookie_name(&app.options), "", Some(0)).parse() {
        response.headers_mut().append(header::SET_COOKIE, c);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::readings;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        assert_eq!(readings(" abcde-12345 "), ["ABCDE-12345"]);
        assert_eq!(readings("abcde12345"), ["ABCDE12345", "ABCDE-12345"]);
        assert_eq!(readings("oIl00-00000"), ["01100-00000"]);
        assert_eq!(readings("编号"), ["编号"]);
    }
}
