//! Parts that tell how something went or is ordered: timelines, progress, trees.

use super::icon::State;
use super::node::Scope;
use super::tree::Twig;
use super::{Painter, action, cell, frame, icon, node, part};
use crate::shape::{Branch, Moment, NodeKind, Step};
use maud::{Markup, html};

pub(super) fn timeline(p: &Painter<'_>, twig: &Twig<'_>, scope: Scope<'_>) -> Markup {
    if twig.under.is_empty() {
        return frame::empty(p, scope);
    }
    html! {
        ol.timeline id=(twig.html_id()) { @for child in &twig.under {
            @match &child.node.kind {
                NodeKind::Moment(m) => (moment(p, child, m)),
                _ => li { (node::one(p, child, scope)) },
            }
        } }
    }
}

pub(super) fn moment(p: &Painter<'_>, twig: &Twig<'_>, m: &Moment) -> Markup {
    html! {
        li id=(twig.html_id()) {
            p.when { (cell::moment(p, m.at)) " " strong { (p.text(&m.actor)) } @if let Some(level) = m.level { " " (icon::level(p, level)) } }
            p.data { (p.text(&m.text)) }
            (part::files(p, &twig.under))
            (node::actions(p, &twig.under))
        }
    }
}

pub(super) fn progress(p: &Painter<'_>, twig: &Twig<'_>) -> Markup {
    let all: Vec<&Twig<'_>> = twig.under.iter().filter(|t| matches!(t.node.kind, NodeKind::Step(_))).collect();
    html! { div id=(twig.html_id()) { (steps(p, &all)) } }
}

pub(super) fn steps(p: &Painter<'_>, all: &[&Twig<'_>]) -> Markup {
    html! {
        ol.progress { @for twig in all { @if let NodeKind::Step(s) = &twig.node.kind { (step(p, twig, s)) } } }
    }
}

fn step(p: &Painter<'_>, twig: &Twig<'_>, s: &Step) -> Markup {
    let state = State::of(&s.state);
    html! {
        li class=(state.map_or("is-other", State::class)) aria-current=[(state == Some(State::Current)).then_some("step")] {
            @if let Some(state) = state { span.mark { (state.shape()) } }
            div {
                p { (p.text(&s.label)) }
                p.muted {
                    @match state { Some(state) => (p.say(state.key())), None => span.status { (p.name(&s.state)) } }
                    @if let Some(at) = s.at { " " (cell::moment(p, at)) }
                }
                (node::lines(p, &twig.under))
            }
        }
    }
}

pub(super) fn tree(p: &Painter<'_>, twig: &Twig<'_>, scope: Scope<'_>) -> Markup {
    if twig.under.is_empty() {
        return frame::empty(p, scope);
    }
    html! {
        ul.tree id=(twig.html_id()) { @for child in &twig.under {
            @match &child.node.kind {
                NodeKind::Branch(b) => (branch(p, child, b)),
                _ => li { (node::one(p, child, scope)) },
            }
        } }
    }
}

/// What can be opened is a link beside the fold, never in its summary: one control cannot be within another.
pub(super) fn branch(p: &Painter<'_>, twig: &Twig<'_>, b: &Branch) -> Markup {
    let line = html! {
        (action::link(p, b.open.as_ref(), &html! { (p.text(&b.label)) })) " " span.value { (cell::Shown(p, &b.value)) }
    };
    let under = html! {
        ul { @for child in &twig.under {
            @match &child.node.kind {
                NodeKind::Branch(b) => (branch(p, child, b)),
                _ => li { (node::one(p, child, Scope::TOP)) },
            }
        } }
    };
    html! {
        li id=(twig.html_id()) {
            @if twig.under.is_empty() { div.leaf { (line) } }
            @else if b.open.is_none() { details open { summary { (line) } (under) } }
            @else {
                div.leaf { (line) }
                details open { summary { span.count { (p.say_number("view-under", twig.under.len())) } } (under) }
            }
        }
    }
}
