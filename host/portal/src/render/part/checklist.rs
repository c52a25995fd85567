//! Things to do one after another, each done by somebody at some time.

use super::{Attributes, Read, other};
use crate::render::icon::State;
use crate::render::node::Scope;
use crate::render::tree::Twig;
use crate::render::{Painter, cell, node};
use crate::shape::{Other, Text};
use maud::{Markup, html};

struct Item<'n, 't> {
    twig: &'t Twig<'n>,
    label: &'n Text,
    done: bool,
    required: bool,
    by: Option<&'n str>,
    at: Option<i64>,
}

fn items<'n, 't>(a: Attributes<'n>, twig: &'t Twig<'n>) -> Read<Vec<Item<'n, 't>>> {
    let mut out = Vec::with_capacity(twig.under.len());
    for item in &twig.under {
        let o = other(item, "item").ok_or_else(|| a.wrong(item.key(), "is not an item"))?;
        let i = Attributes(o);
        out.push(Item {
            twig: item,
            label: &o.fallback,
            done: i.flag("done")?,
            required: i.flag("required")?,
            by: i.text("by")?,
            at: i.time("at")?,
        });
    }
    Ok(out)
}

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, o: &Other, _: Scope) -> Read<Markup> {
    let a = Attributes(o);
    let items = items(a, twig)?;
    let toggle = a.call("toggle")?;
    let param = a.text("item-param")?.unwrap_or("item");
    let done = items.iter().filter(|i| i.done).count();
    Ok(html! {
        div.checklist id=(twig.html_id()) {
            p.muted { (p.say("view-checklist-done")) " " (done) " / " (items.len()) }
            ol { @for item in &items {
                @let state = if item.done { State::Done } else { State::Open };
                li class=(state.class()) {
                    span.mark { (state.shape()) span.sr { (p.say(state.key())) } }
                    div {
                        p { (p.text(item.label)) @if item.required && !item.done { " " span.tag { (p.say("view-required")) } } }
                        @if item.by.is_some() || item.at.is_some() {
                            p.muted { @if let Some(by) = item.by { (by) " " } @if let Some(at) = item.at { (cell::moment(p, at)) } }
                        }
                        (super::files(p, &item.twig.under))
                        (node::actions(p, &item.twig.under))
                    }
                    @if let Some(call) = &toggle {
                        form method="post" action=(p.command_address(call)) {
                            (p.hidden(call))
                            input type="hidden" name=(param) value=(item.twig.key());
                            input type="hidden" name="done" value=(if item.done { "false" } else { "true" });
                            button aria-label={(p.say(if item.done { "view-undo" } else { "view-mark-done" })) ": " (p.text(item.label))} {
                                (p.say(if item.done { "view-undo" } else { "view-mark-done" }))
                            }
                        }
                    }
                }
            } }
        }
    })
}
