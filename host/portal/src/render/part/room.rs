//! The online room of a record: who has the word and until when, and, where a script runs, sound and picture between the members'
//! browsers ([`crate::room`]). Without a script, on a wall and on paper it is its fallback: the talk in text goes on.
//!
//! All the script says stands here, in the visitor's language. What it draws lies in an element that live pages leave alone; what
//! the record says of the speaker lies outside of it and comes by itself.

use super::{Attributes, Read, other};
use crate::render::node::Scope;
use crate::render::tree::Twig;
use crate::render::{Painter, cell, icon};
use crate::shape::{Other, Text};
use maud::{Markup, html};

pub(crate) const KIND: &str = "room";

struct Member<'n> {
    account: u64,
    label: &'n Text,
}

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, o: &Other, scope: Scope) -> Read<Markup> {
    let a = Attributes(o);
    let room = a.entity("room")?.ok_or_else(|| a.wrong("room", "is missing"))?;
    let (speaker, until) = (a.entity("speaker")?, a.time("until")?);
    let title = a.text("title")?;
    let mut members = Vec::new();
    for child in &twig.under {
        let Some(m) = other(child, "member") else { continue };
        let of = Attributes(m);
        let account = of.entity("account")?.ok_or_else(|| of.wrong("account", "is missing"))?;
        members.push(Member { account, label: &m.fallback });
    }
    let speaks = speaker.and_then(|s| members.iter().find(|m| m.account == s));
    let id = twig.html_id();
    let say = |word: &str| p.say(&format!("room-{word}"));
    let tick = |name: &str, on: bool| {
        let id = format!("{id}-{name}");
        html! { div.check {
            input type="checkbox" id=(id) data-use=(name) checked[on];
            label for=(id) { (say(name)) }
        } }
    };
    let title = match title {
        Some(title) => title.to_owned(),
        None => say("title"),
    };
    Ok(html! {
        gov-room.room id=(id) data-room=(room) data-speaker=[speaker] data-until=[until.map(|t| t / 1_000)] {
            (scope.heading(&html! { (title) }))
            @if speaks.is_some() || until.is_some() {
                p.turn {
                    @if let Some(m) = speaks { (say("speaks")) " " strong { (p.text(m.label)) } }
                    @if let Some(until) = until {
                        span.until { (say("until")) " " (cell::moment(p, until)) }
                        span.left role="timer" {}
                    }
                }
            }
            p.text-only { (icon::info()) span { (p.text(&o.fallback)) } }
            div.call hidden hx-morph-skip
                data-connecting=(say("connecting")) data-connected=(say("connected")) data-alone=(say("alone"))
                data-text=(say("text")) data-left=(say("left")) data-came=(say("came")) data-went=(say("went"))
                data-no-webrtc=(say("no-webrtc")) data-no-origin=(say("no-origin")) data-refused=(say("refused"))
                data-no-camera=(say("no-camera")) data-no-microphone=(say("no-microphone")) data-full=(say("full"))
                data-member=(say("not-member")) data-elsewhere=(say("elsewhere")) data-broken=(say("broken"))
                data-lost=(say("lost")) data-host=(say("host")) data-you=(say("you")) data-someone=(say("someone"))
                data-tile-connecting=(say("tile-connecting")) data-tile-failed=(say("tile-failed"))
                data-tile-camera=(say("tile-camera")) data-tile-microphone=(say("tile-microphone"))
                data-speaking=(say("speaking")) data-remaining=(say("remaining")) data-minute=(say("minute")) data-over=(say("over"))
                data-microphone-on=(say("microphone-on")) data-microphone-off=(say("microphone-off"))
                data-camera-on=(say("camera-on")) data-camera-off=(say("camera-off")) {
                fieldset.choices {
                    legend { (say("choose")) }
                    (tick("microphone", true))
                    (tick("camera", true))
                    p.hint { (say("neither")) }
                }
                p.hint.consent { (say("consent")) }
                div.actions {
                    button.primary type="button" data-do="join" { (say("join")) }
                    button type="button" data-do="microphone" hidden { (say("microphone-off")) }
                    button type="button" data-do="camera" hidden { (say("camera-off")) }
                    button.danger type="button" data-do="leave" hidden { (say("leave")) }
                }
                p.state role="status" {}
                p.vh.clock role="status" {}
                ul.tiles {}
            }
            ul.members hidden { @for m in &members { li data-account=(m.account) { (p.text(m.label)) } } }
        }
    })
}
