//! A formal paper: which version, who has signed, and what may be done with it. Parties are `step`s.

use super::{Attributes, Read};
use crate::render::icon;
use crate::render::node::{self, Scope};
use crate::render::tree::Twig;
use crate::render::{Painter, cell, story};
use crate::shape::{NodeKind, Other};
use maud::{Markup, html};

const STATES: [&str; 5] = ["draft", "signing", "signed", "sealed", "void"];

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, o: &Other, scope: Scope) -> Read<Markup> {
    let a = Attributes(o);
    let state = a.one_of("state", &STATES)?;
    let (version, pages) = (a.int("version")?, a.int("pages")?);
    let (at, hash) = (a.time("at")?, a.text("hash")?);
    let (seq, chain) = (a.int("journal-seq")?, a.text("journal-chain")?);
    let with_text = a.text("text")?.is_some() && seq.is_some() && !p.here.path.is_empty();
    let proof = || p.here.with(&[("_export", Some("proof")), ("_table", None), ("_done", None)]);
    let parties: Vec<_> = twig.under.iter().filter(|t| matches!(t.node.kind, NodeKind::Step(_))).collect();
    Ok(html! {
        div.document id=(twig.html_id()) {
            (icon::of_file("file"))
            div {
                (scope.heading(&html! { (p.text(&o.fallback)) " " span.status { (p.say(&format!("view-document-{state}"))) } }))
                p.muted {
                    @if let Some(n) = version { (p.say_number("view-version", n)) " " }
                    @if let Some(n) = pages { (p.say_number("view-pages", n)) " " }
                    @if let Some(at) = at { (cell::moment(p, at)) }
                }
                @if let Some(hash) = hash { p.muted { (p.say("view-hash")) " " code { (hash) } } }
                @if let (Some(seq), Some(chain)) = (seq, chain) { p.muted { (p.say_number("view-journal", seq)) " " code { (chain) } } }
                @if with_text { p.export { a href=(proof()) download { (p.say("view-proof")) } } }
                (node::lines(p, &twig.under))
                @if !parties.is_empty() { p.label { (p.say("view-signatures")) } (story::steps(p, &parties)) }
                (node::actions(p, &twig.under))
            }
        }
    })
}
