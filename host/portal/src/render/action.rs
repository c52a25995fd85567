//! Buttons and links. What they do is data: the host adds the key, the revision, the permission and the proof of origin.

use super::Painter;
use super::tree::Twig;
use crate::shape::{Action, Call, Deed, Style};
use maud::{Markup, html};

pub(super) fn link(p: &Painter<'_>, open: Option<&Call>, inner: &Markup) -> Markup {
    match open {
        Some(call) => html! { a href=(p.view_address(call)) { (inner) } },
        None => html! { (inner) },
    }
}

/// The view an action opens, if that is what it does.
pub(super) fn opens(a: &Action) -> Option<&Call> {
    match &a.deed {
        Deed::Open(call) => Some(call),
        _ => None,
    }
}

pub(super) const fn class(style: Style) -> &'static str {
    match style {
        Style::Primary => "primary",
        Style::Plain => "plain",
        Style::Danger => "danger",
    }
}

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, a: &Action) -> Markup {
    let class = class(a.style);
    let label = p.text(&a.label);
    let id = twig.html_id();
    match &a.deed {
        Deed::Open(call) => html! { a class={"button " (class)} href=(p.view_address(call)) { (label) } },
        Deed::Download(call) => html! { a class={"button " (class)} href=(p.view_address(call)) download { (label) } },
        Deed::Command(call) => {
            let form = html! {
                form.inline method="post" action=(p.command_address(call)) {
                    (p.hidden(call))
                    @if a.reason {
                        div.field {
                            label for={(id) "r"} { (p.say("core-reason")) }
                            textarea id={(id) "r"} name="reason" rows="2" maxlength="2000" required {}
                        }
                    }
                    button class=(class) { (label) }
                }
            };
            // Without a script, opening the fold is the second thought.
            if a.confirm.is_some() || a.reason {
                html! {
                    details.confirm id=(id) {
                        summary class={"button " (class)} { (label) }
                        div.panel { @if let Some(confirm) = &a.confirm { p { (p.text(confirm)) } } (form) }
                    }
                }
            } else {
                form
            }
        }
        Deed::Other(_) => {
            p.count_wrong();
            html! { p.muted { (label) ": " (p.say("core-not-shown")) } }
        }
    }
}
