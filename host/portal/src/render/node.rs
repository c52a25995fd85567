//! Each branch of the tree, painted by its kind.

use super::tree::{self, Twig};
use super::{Painter, action, cell, chart, form, frame, input, layered, part, prose, story, table};
use crate::shape::{Node, NodeKind, Text};
use maud::{Markup, PreEscaped, Render, html};

/// Where on the page a branch stands.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    /// Level of the next heading, 2 to 6.
    heading: u8,
    /// What the section around it says when there is nothing in it.
    pub(super) empty: Option<&'a Text>,
}

impl<'a> Scope<'a> {
    pub(super) const TOP: Scope<'static> = Scope { heading: 2, empty: None };

    pub(super) fn within<'b>(self, empty: Option<&'b Text>) -> Scope<'b> {
        Scope { heading: (self.heading + 1).min(6), empty }
    }

    pub(super) fn heading(self, inner: &Markup) -> Markup {
        match self.heading {
            2 => html! { h2 { (inner) } },
            3 => html! { h3 { (inner) } },
            4 => html! { h4 { (inner) } },
            5 => html! { h5 { (inner) } },
            _ => html! { h6 { (inner) } },
        }
    }
}

pub(super) fn all(p: &Painter<'_>, nodes: &[Node]) -> Markup {
    each(p, &tree::of(nodes), Scope::TOP)
}

/// Siblings, one after another; figures, buttons and lines that follow each other share a row or a list.
pub(super) fn each(p: &Painter<'_>, twigs: &[Twig<'_>], scope: Scope<'_>) -> Markup {
    let mut out = String::new();
    let mut rest = twigs;
    while let Some(first) = rest.first() {
        let run = run_of(&first.node.kind);
        let length = match run {
            None => 1,
            Some(_) => rest.iter().take_while(|t| t.beyond.is_none() && run_of(&t.node.kind) == run).count().max(1),
        };
        let (these, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        let inner = || html! { @for twig in these { (one(p, twig, scope)) } };
        match run {
            Some(Run::Stats) => html! { div.stats { (inner()) } }.render_to(&mut out),
            Some(Run::Actions) => html! { div.actions { (inner()) } }.render_to(&mut out),
            Some(Run::Lines) => html! { dl { (inner()) } }.render_to(&mut out),
            None => these.iter().for_each(|twig| append(&mut out, one(p, twig, scope))),
        }
        rest = after;
    }
    PreEscaped(out)
}

/// What comes first is kept as it is: mostly it is also the last, and large.
fn append(out: &mut String, markup: Markup) {
    if out.is_empty() {
        *out = markup.into_string();
    } else {
        markup.render_to(out);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    Stats,
    Actions,
    Lines,
}

fn run_of(kind: &NodeKind) -> Option<Run> {
    match kind {
        NodeKind::Stat(_) => Some(Run::Stats),
        NodeKind::Action(_) => Some(Run::Actions),
        NodeKind::Labelled(_) => Some(Run::Lines),
        _ => None,
    }
}

pub(super) fn one(p: &Painter<'_>, twig: &Twig<'_>, scope: Scope<'_>) -> Markup {
    if let Some(beyond) = twig.beyond {
        return frame::beyond(p, twig, beyond);
    }
    match &twig.node.kind {
        NodeKind::Group(layout) => frame::group(p, twig, *layout, scope),
        NodeKind::Section(s) => frame::section(p, twig, s, scope),
        NodeKind::Stat(s) => frame::stat(p, twig, s),
        NodeKind::Table(t) => table::paint(p, twig, t, scope),
        NodeKind::Row(r) => table::lone_row(p, twig, r),
        NodeKind::Detail => html! { div.detail id=(twig.html_id()) { (each(p, &twig.under, scope)) } },
        NodeKind::Labelled(l) => html! {
            dt { (p.text(&l.label)) }
            dd { (cell::Shown(p, &l.value)) (actions(p, &twig.under)) }
        },
        NodeKind::Form(f) => form::paint(p, twig, f, scope),
        NodeKind::Input(i) => input::paint(p, twig, i),
        NodeKind::Notice(n) => frame::notice(p, twig, n),
        NodeKind::Paragraph(t) => html! { div.prose { (prose::paint(p, t)) } },
        NodeKind::Action(a) => action::paint(p, twig, a),
        NodeKind::Chart(c) => chart::paint(p, twig, c, scope),
        NodeKind::Series(s) => html! { p.muted { (p.text(&s.label)) } },
        NodeKind::Timeline => story::timeline(p, twig, scope),
        NodeKind::Moment(m) => html! { ol.timeline { (story::moment(p, twig, m)) } },
        NodeKind::Progress => story::progress(p, twig),
        NodeKind::Step(_) => story::steps(p, &[twig]),
        NodeKind::Map => layered::paint(p, twig, scope),
        NodeKind::Layer(l) => layered::list(p, l),
        NodeKind::Tree => story::tree(p, twig, scope),
        NodeKind::Branch(b) => html! { ul.tree { (story::branch(p, twig, b)) } },
        NodeKind::Other(o) => part::paint(p, twig, o, scope),
    }
}

/// The labelled lines among some children.
pub(super) fn lines(p: &Painter<'_>, under: &[Twig<'_>]) -> Markup {
    let is = |t: &&Twig<'_>| matches!(t.node.kind, NodeKind::Labelled(_));
    html! {
        @if under.iter().any(|t| is(&t)) { dl { @for t in under.iter().filter(is) { (one(p, t, Scope::TOP)) } } }
    }
}

/// The buttons among some children, as a row of their own.
pub(super) fn actions(p: &Painter<'_>, under: &[Twig<'_>]) -> Markup {
    let bare = actions_bare(p, under);
    html! { @if !bare.0.is_empty() { div.actions { (bare) } } }
}

pub(super) fn actions_bare(p: &Painter<'_>, under: &[Twig<'_>]) -> Markup {
    html! {
        @for t in under { @if let NodeKind::Action(a) = &t.node.kind { (action::paint(p, t, a)) } }
    }
}
