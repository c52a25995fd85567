//! The frame of a page: sections, groups, figures, notices, and the card that stands where a part is beyond a limit.

use super::node::{self, Scope};
use super::tree::{Beyond, Twig};
use super::{Painter, action, cell, chart, icon, prose};
use crate::shape::{Layout, NodeKind, Notice, Section, Stat, Tone};
use maud::{Markup, html};

pub(super) fn section(p: &Painter<'_>, twig: &Twig<'_>, s: &Section, scope: Scope<'_>) -> Markup {
    let id = twig.html_id();
    html! {
        section.panel id=(id) data-live[s.live] {
            (scope.heading(&html! { (p.text(&s.title)) }))
            @if let Some(help) = &s.help { p.help { (p.text(help)) } }
            (body(p, twig, s, scope))
        }
    }
}

fn body(p: &Painter<'_>, twig: &Twig<'_>, s: &Section, scope: Scope<'_>) -> Markup {
    let inner = scope.within(s.empty.as_ref());
    html! {
        @if twig.under.is_empty() { (empty(p, inner)) } @else { (node::each(p, &twig.under, inner)) }
    }
}

/// What stands where there is nothing: the section's own words, or the host's.
pub(super) fn empty(p: &Painter<'_>, scope: Scope<'_>) -> Markup {
    html! {
        p.empty { (icon::none()) @match scope.empty { Some(words) => (p.text(words)), None => (p.say("view-empty")) } }
    }
}

/// A part that is not painted says so and why; the rest of the page is there.
pub(super) fn beyond(p: &Painter<'_>, twig: &Twig<'_>, beyond: Beyond) -> Markup {
    p.count_wrong();
    tracing::warn!(plugin = p.plugin, key = twig.key(), ?beyond, "a part of a page is beyond a limit and is not shown");
    let title = match &twig.node.kind {
        NodeKind::Section(s) => Some(p.text(&s.title)),
        _ => None,
    };
    html! {
        div.notice.warning.beyond id=(twig.html_id()) data-beyond {
            (icon::warning())
            div {
                @if let Some(title) = title { p { strong { (title) } } }
                p { (p.say("core-not-shown")) " " (p.say(beyond.key())) }
            }
        }
    }
}

pub(super) fn group(p: &Painter<'_>, twig: &Twig<'_>, layout: Layout, scope: Scope<'_>) -> Markup {
    let id = twig.html_id();
    match layout {
        Layout::Stack => html! { div.stack id=(id) { (node::each(p, &twig.under, scope)) } },
        Layout::Columns => html! { div.columns id=(id) { (node::each(p, &twig.under, scope)) } },
        // One is open at a time where the browser knows how; each can be opened without a script, and all of them print.
        Layout::Tabs => folds(p, twig, scope, Some(&id)),
        Layout::Fold => folds(p, twig, scope, None),
    }
}

fn folds(p: &Painter<'_>, twig: &Twig<'_>, scope: Scope<'_>, one_at_a_time: Option<&str>) -> Markup {
    let is_section = |t: &Twig<'_>| t.beyond.is_none() && matches!(t.node.kind, NodeKind::Section(_));
    let loose: Vec<&Twig<'_>> = twig.under.iter().filter(|t| !is_section(t)).collect();
    html! {
        div.folds.tabs[one_at_a_time.is_some()] id=(twig.html_id()) {
            @for (i, child) in twig.under.iter().filter(|t| is_section(t)).enumerate() {
                @if let NodeKind::Section(s) = &child.node.kind {
                    details.panel id=(child.html_id()) name=[one_at_a_time] open[one_at_a_time.is_some() && i == 0] data-live[s.live] {
                        summary { (p.text(&s.title)) }
                        @if let Some(help) = &s.help { p.help { (p.text(help)) } }
                        (body(p, child, s, scope))
                    }
                }
            }
            @if !loose.is_empty() {
                details.panel { summary { (p.say("view-more")) } @for child in loose { (node::one(p, child, scope)) } }
            }
        }
    }
}

/// A `series` under it is its trend, an `action` under it opens what it counts.
pub(super) fn stat(p: &Painter<'_>, twig: &Twig<'_>, s: &Stat) -> Markup {
    let label = p.text(&s.label);
    let opens = twig.under.iter().find_map(|t| match &t.node.kind {
        NodeKind::Action(a) => action::opens(a),
        _ => None,
    });
    let class = s.level.map_or("stat", |l| match l {
        0 | 1 => "stat s1",
        2 => "stat s2",
        3 => "stat s3",
        _ => "stat s4",
    });
    html! {
        div class=(class) id=(twig.html_id()) {
            p.label { (action::link(p, opens, &html! { (label) })) }
            p.figure { (cell::Shown(p, &s.value)) }
            @if s.delta.is_some() || s.level.is_some() {
                p.delta {
                    @if let Some(level) = s.level { (icon::level(p, level)) " " }
                    @if let Some(delta) = &s.delta { (cell::Shown(p, delta)) }
                }
            }
            @for t in &twig.under { @if let NodeKind::Series(series) = &t.node.kind { (chart::spark(p, series, &label)) } }
        }
    }
}

pub(super) fn notice(p: &Painter<'_>, twig: &Twig<'_>, n: &Notice) -> Markup {
    let (class, key, shape) = match n.tone {
        Tone::Info => ("notice info", "view-tone-info", icon::info()),
        Tone::Good => ("notice good", "view-tone-good", icon::State::Done.shape()),
        Tone::Warning => ("notice warning", "view-tone-warning", icon::warning()),
        Tone::Danger => ("notice danger", "view-tone-danger", icon::level_shape(1).clone()),
    };
    html! {
        div class=(class) id=(twig.html_id()) {
            (shape) span.sr { (p.say(key)) }
            div { (prose::paint(p, &n.text)) (node::actions(p, &twig.under)) }
        }
    }
}
