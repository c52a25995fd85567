//! Where I want to be reached: my own phone, mail and browsers, in which order, and when not. For everybody with an account; nobody else can
//! add or see an address. What is kept is sealed; here is shown which ways there are, by what they were called, never the address.

use super::framed;
use crate::layer::About;
use crate::pages::act::{Pairs, Sent, act, button, pair, read, same, summary};
use crate::pages::{Visit, messages, paint, see_other, sent};
use crate::problem::Problem;
use crate::render::fresh_key;
use crate::state::App;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use changzhi_gate::Reach;
use changzhi_model::{EntityId, Name, Value, body};
use changzhi_outbox::Channel;
use maud::html;
use std::sync::Arc;

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

/// Of an address its end is enough to know it again: it is what its owner typed as a name for it.
struct Way {
    id: EntityId,
    channel: Option<Channel>,
    label: String,
}

fn own(app: &App, account: EntityId) -> (Reach, Vec<Way>, [String; 3]) {
    let (mut reach, mut ways, mut chosen) = (Reach::default(), Vec::new(), Default::default());
    app.town.read(&mut |r| {
        reach = Reach::of(r, account).unwrap_or_default();
        let text = |id, facet: &str, field: &str| r.value(id, facet, field).as_text().unwrap_or_default().to_owned();
        ways = r
            .referring("way", "host.way", "account", account)
            .into_iter()
            .filter(|w| r.value(*w, "host.way", "ended") != Value::Flag(true))
            .map(|id| Way {
                id,
                channel: text(id, "host.way", "channel").parse().ok(),
                label: text(id, "host.way", "label"),
            })
            .collect();
        if let Some(id) = r.referring("reach", "host.reach", "account", account).first() {
            chosen = ["order", "quiet-from", "quiet-until"].map(|field| text(*id, "host.reach", field));
        }
    });
    (reach, ways, chosen)
}

fn show(app: &App, visit: &Visit, pairs: &Pairs, problem: Option<&Problem>) -> Response {
    let voice = visit.voice("");
    let say = |key: &str| voice.say(key);
    let (reach, ways, [order, from, until]) = own(app, visit.session.account);
    let outside = &app.options.outside;
    let there: Vec<Channel> = outside.outbox.as_ref().map(|o| o.channels().to_vec()).unwrap_or_default();
    let value = |name: &str, kept: &str| sent(pairs, name).unwrap_or(kept).to_owned();
    let heads = ["messages-channel", "host-field-label", "reach-state", "reach-end"].map(say);
    let rows: Vec<_> = ways
        .iter()
        .map(|w| {
            let name = w.channel.map_or_else(String::new, |c| messages::channel(&voice, c));
            let used =
                w.channel.is_some_and(|c| there.contains(&c) && reach.by(c.name()).is_some_and(|at| at.entity == w.id));
            let label = format!("{} {name} {}", say("reach-end"), w.label);
            vec![
                html! { (name) },
                html! { (w.label) },
                html! { span.status { (say(if used { "reach-used" } else { "reach-not-used" })) } },
                button(visit, "/me/reach/end", &label, "danger", &[("way", w.id.to_string())]),
            ]
        })
        .collect();
    let orders: Vec<(String, String)> = orders()
        .into_iter()
        .map(|all| {
            let said: Vec<_> = all.iter().map(|c| messages::channel(&voice, *c)).collect();
            (all.iter().map(|c| c.name()).collect::<Vec<_>>().join(" "), said.join(" → "))
        })
        .collect();
    let (chosen, language) = (value("order", &order), value("language", &reach.language));
    let main = html! {
        (paint::receipt(&voice, pairs))
        @if let Some(problem) = problem { (summary(problem, &voice)) }
        p { (say("reach-note")) }
        @if there.is_empty() { p.notice { (say("reach-no-channels")) } }
        @if rows.is_empty() { p.muted { (say("reach-none")) } } @else { (paint::table(&heads, &rows)) }
        h2 { (say("host-command-add-way")) }
        form.stack method="post" action="/me/reach/add" novalidate {
            input type="hidden" name="_csrf" value=(visit.csrf());
            input type="hidden" name="_key" value=(fresh_key());
            label for="f-channel" { (say("messages-channel")) }
            select id="f-channel" name="channel" { @for c in [Channel::Sms, Channel::Mail] {
                option value=(c.name()) selected[value("channel", "") == c.name()] { (messages::channel(&voice, c)) }
            } }
            label for="f-address" { (say("reach-address")) }
            input id="f-address" name="address" maxlength="254" autocomplete="off" required;
            label for="f-label" { (say("reach-label")) }
            input id="f-label" name="label" maxlength="20" value=(value("label", ""));
            button.primary { (say("host-command-add-way")) }
        }
        @if let Some(key) = &outside.push_key {
            h2 { (say("channel-push")) }
            p { (say("reach-push-note")) }
            form.stack #push method="post" action="/me/reach/add" data-push=(key) data-refused=(say("reach-push-refused")) hidden {
                input type="hidden" name="_csrf" value=(visit.csrf());
                input type="hidden" name="_key" value=(fresh_key());
                input type="hidden" name="channel" value="push";
                input type="hidden" name="address" value="";
                input type="hidden" name="label" value=(say("reach-this-browser"));
                button.primary { (say("reach-push-begin")) }
                p.muted role="status" {}
            }
            noscript { p.muted { (say("reach-push-script")) } }
        }
        h2 { (say("host-command-set-reach")) }
        form.stack method="post" action="/me/reach" novalidate {
            input type="hidden" name="_csrf" value=(visit.csrf());
            input type="hidden" name="_key" value=(fresh_key());
            label for="f-order" { (say("host-field-order")) }
            select id="f-order" name="order" { @for (code, said) in &orders {
                option value=(code) selected[chosen == *code] { (said) }
            } }
            label for="f-quiet-from" { (say("host-field-quiet-from")) }
            input id="f-quiet-from" type="time" name="quiet-from" value=(value("quiet-from", &from));
            label for="f-quiet-until" { (say("host-field-quiet-until")) }
            input id="f-quiet-until" type="time" name="quiet-until" value=(value("quiet-until", &until));
            p.muted { (say("reach-quiet-note")) }
            label for="f-language" { (say("host-field-language")) }
            select id="f-language" name="language" { @for (tag, name) in [("zh-CN", "中文"), ("en", "English")] {
                option value=(tag) selected[language == tag || (language.is_empty() && tag == visit.locale.tag())] { (name) }
            } }
            button.primary { (say("host-command-set-reach")) }
        }
    };
    let status = problem.and_then(|p| StatusCode::from_u16(p.status).ok()).unwrap_or(StatusCode::OK);
    (status, framed(app, visit, &say("me-reach"), main)).into_response()
}

/// Every order of the three channels, the usual one first.
fn orders() -> [[Channel; 3]; 6] {
    use Channel::{Mail, Push, Sms};
    [[Sms, Mail, Push], [Push, Sms, Mail], [Mail, Push, Sms], [Sms, Push, Mail], [Mail, Sms, Push], [Push, Mail, Sms]]
}

async fn done(
    app: &Arc<App>,
    visit: &Visit,
    command: &'static str,
    fields: &[&str],
    pairs: &Pairs,
) -> Result<Response, Problem> {
    // A field left empty is none.
    let body = fields.iter().map(|f| same(pairs, f)).filter(|(_, value)| !value.trim().is_empty()).collect();
    let (done, _) = act(app, visit, command, body, sent(pairs, "_key")).await?;
    Ok(see_other(&format!("/me/reach?_done={}", done.seq)))
}

pub(super) async fn add(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Sent,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = read(&app, &visit, &headers, bytes).map_err(IntoResponse::into_response)?;
    let done = done(&app, &visit, "add-way", &["channel", "address", "label"], &pairs).await;
    Ok(done.unwrap_or_else(|problem| show(&app, &visit, &pairs, Some(&problem))))
}

pub(super) async fn set(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Sent,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let pairs = read(&app, &visit, &headers, bytes).map_err(IntoResponse::into_response)?;
    let done = done(&app, &visit, "set-reach", &["order", "quiet-from", "quiet-until", "language"], &pairs).await;
    Ok(done.unwrap_or_else(|problem| show(&app, &visit, &pairs, Some(&problem))))
}

/// The way ends, and its key is destroyed: the address is unreadable in the journal too (CHARTER 8).
pub(super) async fn end(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
    bytes: Sent,
) -> Result<Response, Response> {
    let visit = Visit::of(&app, &headers, &about)?;
    let ended = async {
        let pairs = read(&app, &visit, &headers, bytes)?;
        let way = same(&pairs, "way");
        let (done, _) = act(&app, &visit, "end-way", vec![pair("way", &way.1)], sent(&pairs, "_key")).await?;
        let (town, way) = (Arc::clone(&app.town), way.1.parse().map(EntityId).unwrap_or_default());
        let erased = crate::api::blocking(move || town.erase(way, &Name::new_static("own-wish"))).await?;
        erased.map_err(|why| Problem::unavailable(why, std::time::Duration::from_secs(5)))?;
        Ok::<_, Problem>(done)
    };
    let done = ended.await.map_err(IntoResponse::into_response)?;
    Ok(see_other(&format!("/me/reach?_done={}", done.seq)))
}
