//! Where files are chosen. Two pickers: the camera, where there is one, and what is on the device. Both send under the same name,
//! without a script too; with one, pictures are drawn smaller first and kept until there is a network (`outbox.js`).

use super::Painter;
use super::tree::Twig;
use crate::shape::{Input, NodeKind};
use maud::{Markup, html};

/// What pickers offer. Named one by one: a phone that photographs in HEIC then hands over a JPEG.
const ACCEPT: &str = "image/jpeg,image/png,image/webp,application/pdf";

/// Whether a form has files to send.
pub(super) fn is_in(under: &[Twig<'_>]) -> bool {
    under.iter().any(|t| matches!(&t.node.kind, NodeKind::Input(i) if i.kind == "files") || is_in(&t.under))
}

pub(super) fn paint(p: &Painter<'_>, id: &str, i: &Input) -> Markup {
    let most = i.max.filter(|m| *m >= 1.0).map_or(10, |m| m as i64);
    html! {
        fieldset.field.files data-files=(i.name) {
            legend { (p.text(&i.label)) @if !i.required { " " span.muted { (p.say("core-optional")) } } }
            p.hint { @if let Some(hint) = &i.hint { (p.text(hint)) " " } (p.say_number("file-hint", most)) }
            (pickers(id, &i.name, &p.say("file-camera"), &p.say("file-choose"), i.required))
        }
    }
}

/// The camera is for where one points with a finger: elsewhere the first picker is not shown.
pub(super) fn pickers(id: &str, name: &str, camera: &str, choose: &str, required: bool) -> Markup {
    html! {
        div.pickers {
            div.camera {
                label for={(id) "c"} { (camera) }
                input type="file" id={(id) "c"} name=(name) accept="image/jpeg,image/png" capture="environment";
            }
            div {
                label for=(id) { (choose) }
                input type="file" id=(id) name=(name) accept=(ACCEPT) multiple required[required];
            }
        }
    }
}
