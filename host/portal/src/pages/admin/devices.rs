//! Buttons over MQTT, for administrators: how the line to the broker stands, what came by it, and what was refused last. Which buttons there
//! are and which are dead is a page of the plugin.

use super::{admin, framed};
use crate::layer::About;
use crate::pages::paint;
use crate::state::App;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use changzhi_devices::Link;
use maud::html;
use std::sync::Arc;

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(about): Extension<About>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = admin(&app, &headers, &about)?;
    let voice = visit.voice("");
    let say = |key: &str| voice.say(key);
    let title = say("devices-title");
    let Some(line) = &app.options.buttons else {
        let main = html! { p.muted { (say("devices-none")) } };
        return Ok(framed(&app, &visit, &title, false, main));
    };
    let look = line.look();
    let word = |sort: &str, word: &str| paint::coded(&voice, sort, word);
    let counted: Vec<_> = look
        .tally
        .iter()
        .map(|((kind, became), count)| {
            vec![html! { (word("devices-kind", kind)) }, html! { (word("devices-word", became)) }, html! { (count) }]
        })
        .collect();
    let refused: Vec<_> = look
        .refused
        .iter()
        .map(|r| vec![paint::time(&app, r.at), html! { code { (r.topic) } }, html! { (word("devices-word", r.why)) }])
        .collect();
    let heads = ["devices-kind", "devices-became", "devices-count"].map(say);
    let heads_of_refused = ["devices-at", "devices-topic", "devices-why"].map(say);
    let main = html! {
        @match &look.link {
            Link::Up => p.notice.good role="status" { (say("devices-up")) },
            Link::Starting => p.notice role="status" { (say("devices-starting")) },
            Link::Down(why) => p.notice.danger role="alert" { (say("devices-down")) " " code { (why) } },
        }
        p { (say("devices-note")) }
        dl {
            dt { (say("devices-broker")) } dd { code { (look.broker) } }
            dt { (say("devices-topics")) } dd { code { (look.prefix) "/+/+/press" } }
            dt { (say("devices-since")) } dd { (paint::time(&app, look.since)) }
            dt { (say("devices-last")) } dd { @match look.last { Some(at) => (paint::time(&app, at)), None => "–" } }
            dt { (say("devices-connected")) } dd { (look.connected) }
        }
        h2 { (say("devices-messages")) }
        @if counted.is_empty() { p.muted { (say("devices-nothing")) } } @else { (paint::table(&heads, &counted)) }
        h2 { (say("devices-refused")) }
        @if refused.is_empty() { p.muted { (say("devices-nothing")) } } @else { (paint::table(&heads_of_refused, &refused)) }
    };
    Ok(framed(&app, &visit, &title, !look.is_up(), main))
}
