//! Messages to the outside, for administrators: which channels there are, what became of messages, how long the oldest waits, and what was
//! given up. Who was meant and what was said is not shown to anybody.

use super::{admin, framed};
use crate::layer::About;
use crate::pages::{messages, paint};
use crate::state::App;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use changzhi_outbox::{Channel, Delivery};
use maud::{Markup, html};
use std::sync::Arc;

const SHOWN: usize = 100;
/// What happened, in the order of a message's life.
const WHAT: [&str; 4] = ["sent", "delivered", "retry", "failed"];

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = admin(&app, &headers, &about)?;
    let voice = visit.voice("");
    let say = |key: &str| voice.say(key);
    let title = say("messages-title");
    let Some(outbox) = &app.options.outside.outbox else {
        let main = html! { p.muted { (say("messages-none")) } };
        return Ok(framed(&app, &visit, &title, false, main));
    };
    let (waiting, oldest, tally, late, given_up, upto) =
        outbox.look(|f| (f.waiting(), f.oldest(), f.tally().clone(), f.late(SHOWN), f.given_up(SHOWN), f.upto()));
    let count = |channel: Option<Channel>, what: &'static str| tally.get(&(channel, what)).copied().unwrap_or_default();
    let heads = std::iter::once(say("messages-channel"))
        .chain(WHAT.iter().map(|w| say(&format!("messages-{w}"))))
        .collect::<Vec<_>>();
    let by_channel: Vec<Vec<Markup>> = Channel::ALL
        .into_iter()
        .map(|c| {
            let there = outbox.channels().contains(&c);
            let name = html! { (messages::channel(&voice, c)) @if !there { " " span.status { (say("messages-not-connected")) } } };
            std::iter::once(name).chain(WHAT.iter().map(|w| html! { (count(Some(c), w)) })).collect()
        })
        .collect();
    let line = |d: &Delivery| {
        let about = html! { @match d.about { Some(id) => { "#" (id) }, None => "–" } };
        vec![
            html! { (d.key) },
            paint::time(&app, d.at),
            paint::time(&app, d.changed),
            about,
            html! { (messages::stands(&voice, d.stands)) },
        ]
    };
    let heads_of_lines = ["messages-key", "messages-asked", "messages-changed", "messages-about", "job-state"].map(say);
    let main = html! {
        p { (say("messages-note")) }
        @if upto < app.town.fresh().durable { p.notice { (say("trail-behind")) } }
        dl {
            dt { (say("messages-waiting-count")) } dd { (waiting) }
            dt { (say("messages-oldest")) } dd { @match oldest { Some(at) => { (paint::time(&app, at)) }, None => "–" } }
            dt { (say("messages-told")) } dd { (count(None, "told")) }
            dt { (say("messages-given-up")) } dd { (count(None, "given-up")) }
        }
        h2 { (say("messages-by-channel")) }
        (paint::table(&heads, &by_channel))
        h2 { (say("messages-waiting-list")) }
        @if late.is_empty() { p.muted { (say("messages-nothing")) } } @else {
            (paint::table(&heads_of_lines, &late.iter().map(line).collect::<Vec<_>>()))
        }
        h2 { (say("messages-given-up-list")) }
        @if given_up.is_empty() { p.muted { (say("messages-nothing")) } } @else {
            (paint::table(&heads_of_lines, &given_up.iter().map(|(d, _)| line(d)).collect::<Vec<_>>()))
        }
    };
    Ok(framed(&app, &visit, &title, waiting > 0, main))
}
