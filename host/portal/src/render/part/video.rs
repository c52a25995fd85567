//! Pictures of cameras: one, a grid, or a room. Here are the tiles, what each shows and how it stands; a player takes a tile over
//! when there is one. What may be seen is decided when it is opened, with a purpose and an entry in the access log, never here.

use super::{Attributes, Read, other};
use crate::render::node::{self, Scope};
use crate::render::tree::Twig;
use crate::render::{Painter, action, cell, icon};
use crate::shape::{Call, Other, Text};
use maud::{Markup, html};

struct Source<'n> {
    label: &'n Text,
    kind: &'static str,
    up: bool,
    from: Option<i64>,
    open: Option<Call>,
}

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, o: &Other, _: Scope) -> Read<Markup> {
    let a = Attributes(o);
    let mode = a.one_of("mode", &["single", "grid-4", "grid-9", "grid-16", "room"])?;
    let mut sources = Vec::new();
    for child in &twig.under {
        let Some(s) = other(child, "source") else { continue };
        let of = Attributes(s);
        sources.push(Source {
            label: &s.fallback,
            kind: of.one_of("kind", &["live", "replay", "webrtc"])?,
            up: !of.flag("down")?,
            from: of.time("from")?,
            open: of.call("open")?,
        });
    }
    if sources.len() > 16 {
        return Err(a.wrong("source", "has more than 16 sources"));
    }
    Ok(html! {
        div.video id=(twig.html_id()) data-mode=(mode) {
            @if sources.is_empty() { p.empty { (icon::none()) (p.say("view-no-sources")) } }
            ul { @for s in &sources {
                li.down[!s.up] {
                    div.frame { (icon::of_file("video")) }
                    p { strong { (action::link(p, s.open.as_ref(), &html! { (p.text(s.label)) })) } }
                    p.muted {
                        (p.say(match s.kind { "replay" => "view-video-replay", "webrtc" => "view-video-call", _ => "view-video-live" }))
                        @if let Some(from) = s.from { " " (cell::moment(p, from)) }
                        @if !s.up { " · " (p.say("view-video-down")) }
                    }
                }
            } }
            (node::actions(p, &twig.under))
        }
    })
}
