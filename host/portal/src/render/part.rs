//! Nodes that travel as `other`: read into typed parts, or not shown.
//!
//! `docs/views.md` is the reference of kinds and attributes. A kind the host does not know, and one that does not read, is shown
//! as the fallback its author wrote; the second is counted and logged, because it is a mistake of the plugin's.
//!
//! Two conventions hold for all kinds: the `fallback` of a part within a part (a lane, an item, a message) is what the part says
//! in words, its title or label; and a call travels as `NAME` (text: the command or view) with its arguments as `NAME.ARGUMENT`.

mod alarms;
mod appointment;
mod attributes;
mod board;
mod checklist;
mod conversation;
mod document;
mod media;
mod pending;
mod plan;
mod room;
mod sos;
mod video;

pub(crate) use appointment::KIND as APPOINTMENT;
pub(super) use attributes::{Attributes, Malformed};
pub(super) use media::files;
pub(super) use plan::{Mark, marks as plan_marks};
pub(crate) use room::KIND as ROOM;

use super::node::Scope;
use super::tree::Twig;
use super::{Painter, icon};
use crate::shape::{NodeKind, Other};
use maud::{Markup, html};

type Read<T> = Result<T, Malformed>;

/// The node as `other`, if it is one of this kind.
pub(super) fn other<'n>(twig: &Twig<'n>, kind: &str) -> Option<&'n Other> {
    match &twig.node.kind {
        NodeKind::Other(o) if o.kind == kind => Some(o),
        _ => None,
    }
}

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, o: &Other, scope: Scope) -> Markup {
    let read = match o.kind.as_str() {
        "board" => board::paint(p, twig, o, scope),
        "checklist" => checklist::paint(p, twig, o, scope),
        "conversation" => conversation::paint(p, twig, o, scope),
        "video" => video::paint(p, twig, o, scope),
        "document" => document::paint(p, twig, o, scope),
        "media" => media::paint(p, twig, o, scope),
        "alarms" => alarms::paint(p, twig, o, scope),
        "sos" => sos::paint(p, twig, o, scope),
        plan::KIND => plan::paint(p, twig, o, scope),
        "pending" => pending::paint(p, twig, o, scope),
        appointment::KIND => appointment::paint(p, twig, o, scope),
        room::KIND => room::paint(p, twig, o, scope),
        "form-step" | "when" => super::form::part(p, twig, o, scope),
        // Of a later minor, or a part outside of what it is a part of.
        _ => return fallback(p, o),
    };
    read.unwrap_or_else(|wrong| malformed(p, o, &wrong))
}

fn fallback(p: &Painter<'_>, o: &Other) -> Markup {
    html! { div.notice.info data-other=(o.kind) { (icon::info()) p { (p.text(&o.fallback)) } } }
}

/// Shown as its fallback; said in the log and counted.
pub(super) fn malformed(p: &Painter<'_>, o: &Other, wrong: &Malformed) -> Markup {
    p.count_wrong();
    tracing::warn!(plugin = p.plugin, kind = o.kind, %wrong, "a part of a page does not read: its fallback is shown");
    html! {
        div.notice.warning data-malformed {
            (icon::warning())
            div { p { (p.text(&o.fallback)) } p.muted { (p.say_about("view-malformed", p.plugin)) } }
        }
    }
}
