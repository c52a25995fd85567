//! Messages of a thread, who may read them, and where to write one: the composer is a `form` under it.

use super::{Attributes, Read, files, other};
use crate::render::node::{self, Scope};
use crate::render::tree::Twig;
use crate::render::{Painter, cell, form, icon};
use crate::shape::{NodeKind, Other, Text};
use maud::{Markup, html};

struct Message<'n, 't> {
    twig: &'t Twig<'n>,
    text: &'n Text,
    by: &'n str,
    at: i64,
    own: bool,
    /// Read by one side only.
    private: bool,
}

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, o: &Other, scope: Scope) -> Read<Markup> {
    let a = Attributes(o);
    let private = a.one_of("visibility", &["all", "private"])? == "private";
    let mut messages = Vec::new();
    for child in &twig.under {
        let Some(m) = other(child, "message") else { continue };
        let of = Attributes(m);
        messages.push(Message {
            twig: child,
            text: &m.fallback,
            by: of.text("by")?.ok_or_else(|| of.wrong("by", "is missing"))?,
            at: of.time("at")?.ok_or_else(|| of.wrong("at", "is missing"))?,
            own: of.flag("own")?,
            private: of.flag("private")?,
        });
    }
    Ok(html! {
        div.conversation id=(twig.html_id()) {
            p.visibility {
                @if private { (icon::warning()) (p.say_about("view-visible-side", a.text("side")?.unwrap_or(""))) }
                @else { (icon::info()) (p.say("view-visible-all")) }
            }
            (node::lines(p, &twig.under))
            @if messages.is_empty() { p.empty { (icon::none()) (p.say("view-no-messages")) } }
            div.log role="log" aria-label=(p.text(&o.fallback)) tabindex="0" { ol { @for m in &messages {
                li.own[m.own].private[m.private] id=(m.twig.html_id()) {
                    p.who {
                        strong { (m.by) } " " (cell::moment(p, m.at))
                        @if m.private { " " span.tag { (p.say("view-private")) } }
                    }
                    p { (p.text(m.text)) }
                    (files(p, &m.twig.under))
                }
            } } }
            @for child in &twig.under {
                @if let NodeKind::Form(f) = &child.node.kind { (form::paint(p, child, f, scope)) }
            }
        }
    })
}
