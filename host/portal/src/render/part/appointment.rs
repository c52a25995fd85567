//! When and where something takes place, and the way to have it in one's own calendar ([`crate::export`]).

use super::{Attributes, Read};
use crate::render::node::Scope;
use crate::render::tree::Twig;
use crate::render::{Painter, cell, icon};
use crate::shape::Other;
use maud::{Markup, html};

pub(crate) const KIND: &str = "appointment";

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, o: &Other, _scope: Scope) -> Read<Markup> {
    let a = Attributes(o);
    let at = a.time("at")?.ok_or_else(|| a.wrong("at", "is missing"))?;
    a.text("uid")?.ok_or_else(|| a.wrong("uid", "is missing"))?;
    let place = a.text("place")?;
    let to = p.here.with(&[("_export", Some("ics")), ("_table", None), ("_done", None)]);
    Ok(html! {
        div.notice.info id=(twig.html_id()) {
            (icon::info())
            div {
                p { strong { (p.text(&o.fallback)) } }
                p { (cell::moment(p, at)) @if let Some(place) = place { " · " (place) } }
                @if !p.here.path.is_empty() { p.export { a href=(to) download { (p.say("view-ics")) } } }
            }
        }
    })
}
