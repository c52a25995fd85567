//! Whether a message got through: under a matter, and in words for the pages of administrators. No receiver and no content is known here.

use super::{Visit, paint};
use crate::state::App;
use crate::words::Voice;
use changzhi_model::EntityId;
use changzhi_outbox::{Channel, Delivery, Stands, Why};
use maud::{Markup, html};

/// Messages about one matter that are shown.
const SHOWN: usize = 10;

pub(super) fn channel(voice: &Voice<'_>, channel: Channel) -> String {
    voice.say(&format!("channel-{channel}"))
}

pub(super) fn why(voice: &Voice<'_>, why: Why) -> String {
    let said = voice.say(&format!("messages-why-{}", why.name()));
    why.number().map_or_else(|| said.clone(), |n| format!("{said} {n}"))
}

/// How one stands, in words.
pub(super) fn stands(voice: &Voice<'_>, stands: Stands) -> String {
    match stands {
        Stands::Waiting { last: None, .. } => voice.say("messages-waiting"),
        Stands::Waiting { last: Some((by, reason)), .. } => {
            format!("{} · {}: {}", voice.say("messages-again"), channel(voice, by), why(voice, reason))
        }
        Stands::Sent(by) => format!("{} · {}", voice.say("messages-sent"), channel(voice, by)),
        Stands::Delivered(by) => format!("{} · {}", voice.say("messages-delivered"), channel(voice, by)),
        Stands::Told(n) => format!("{} {n}", voice.say("messages-told")),
        Stands::GivenUp(reason) => format!("{}: {}", voice.say("messages-given-up"), why(voice, reason)),
    }
}

/// Under a matter: its messages, when there are any.
pub(super) fn of_matter(app: &App, visit: &Visit, matter: EntityId) -> Markup {
    let Some(outbox) = &app.options.outside.outbox else { return html! {} };
    let all: Vec<Delivery> = outbox.look(|fold| fold.about(matter));
    // One that became many is shown as those.
    let shown: Vec<_> = all.iter().filter(|d| !matches!(d.stands, Stands::Told(_))).take(SHOWN).collect();
    if shown.is_empty() {
        return html! {};
    }
    let voice = visit.voice("");
    html! {
        h3 { (voice.say("messages-of-matter")) }
        ul.messages { @for d in shown { li { (paint::time(app, d.at)) " – " (stands(&voice, d.stands)) } } }
    }
}
