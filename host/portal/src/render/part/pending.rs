//! A part that comes later: what it will be and where it is. Without a script the link opens it; with one it fills itself in.

use super::{Attributes, Read};
use crate::render::Painter;
use crate::render::node::Scope;
use crate::render::tree::Twig;
use crate::shape::Other;
use maud::{Markup, html};

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, o: &Other, _: Scope) -> Read<Markup> {
    let a = Attributes(o);
    let call = a.call("open")?.ok_or_else(|| a.wrong("open", "is missing"))?;
    let to = p.view_address(&call);
    Ok(html! {
        gov-lazy.pending id=(twig.html_id()) data-src=(to) {
            p { a href=(to) { (p.text(&o.fallback)) } }
            div.skeleton aria-hidden="true" { span {} span {} span {} }
            p.muted role="status" { (p.say("view-pending")) }
        }
    })
}
