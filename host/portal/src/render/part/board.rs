//! Cards in lanes. A card is a `branch` (title, value, where it opens) with `labelled` fields and `action`s under it. Moving a
//! card is a command; the menu on the card does what a drag would.

use super::{Attributes, Read, other};
use crate::render::node::{self, Scope};
use crate::render::tree::Twig;
use crate::render::{Painter, action, cell};
use crate::shape::{Branch, Call, NodeKind, Other, Text};
use maud::{Markup, html};

struct Lane<'n, 't> {
    key: &'n str,
    title: &'n Text,
    /// Cards that should lie in it at most; more are allowed, and said.
    limit: Option<i64>,
    cards: Vec<Card<'n, 't>>,
}

struct Card<'n, 't> {
    twig: &'t Twig<'n>,
    head: &'n Branch,
}

struct Move<'n> {
    call: Call,
    card: &'n str,
    lane: &'n str,
}

fn lanes<'n, 't>(a: Attributes<'n>, twig: &'t Twig<'n>) -> Read<Vec<Lane<'n, 't>>> {
    let mut lanes = Vec::with_capacity(twig.under.len());
    for lane in &twig.under {
        let o = other(lane, "lane").ok_or_else(|| a.wrong(lane.key(), "is not a lane"))?;
        let mut cards = Vec::with_capacity(lane.under.len());
        for card in &lane.under {
            let NodeKind::Branch(head) = &card.node.kind else { return Err(a.wrong(card.key(), "is not a card")) };
            cards.push(Card { twig: card, head });
        }
        lanes.push(Lane { key: &lane.node.key, title: &o.fallback, limit: Attributes(o).int("limit")?, cards });
    }
    Ok(lanes)
}

pub(super) fn paint(p: &Painter<'_>, twig: &Twig<'_>, o: &Other, scope: Scope) -> Read<Markup> {
    let a = Attributes(o);
    let lanes = lanes(a, twig)?;
    let by = match a.call("move")? {
        None => None,
        Some(call) => Some(Move {
            call,
            card: a.text("card-param")?.unwrap_or("card"),
            lane: a.text("lane-param")?.unwrap_or("lane"),
        }),
    };
    Ok(html! {
        div.board id=(twig.html_id()) {
            @for lane in &lanes {
                div.lane role="group" aria-label=(p.text(lane.title)) {
                    (scope.heading(&html! {
                        (p.text(lane.title)) " "
                        span.count { (lane.cards.len()) @if let Some(limit) = lane.limit { " / " (limit) } }
                    }))
                    @if lane.limit.is_some_and(|l| i64::try_from(lane.cards.len()).unwrap_or(i64::MAX) > l) {
                        p.over { (p.say("view-lane-over")) }
                    }
                    @if lane.cards.is_empty() { p.muted { (p.say("view-lane-empty")) } }
                    ul { @for card in &lane.cards { (self::card(p, card, lane, &lanes, by.as_ref())) } }
                }
            }
        }
    })
}

fn card(p: &Painter<'_>, c: &Card<'_, '_>, at: &Lane<'_, '_>, lanes: &[Lane<'_, '_>], by: Option<&Move<'_>>) -> Markup {
    let id = c.twig.html_id();
    html! {
        li.card id=(id) {
            p.title { (action::link(p, c.head.open.as_ref(), &html! { (p.text(&c.head.label)) })) }
            p { (cell::Shown(p, &c.head.value)) }
            (node::lines(p, &c.twig.under))
            (node::actions(p, &c.twig.under))
            @if let Some(by) = by {
                form.move method="post" action=(p.command_address(&by.call)) {
                    (p.hidden(&by.call))
                    input type="hidden" name=(by.card) value=(c.twig.key());
                    label for={(id) "m"} { (p.say("view-move-to")) }
                    select id={(id) "m"} name=(by.lane) {
                        @for lane in lanes { @if lane.key != at.key { option value=(lane.key) { (p.text(lane.title)) } } }
                    }
                    button { (p.say("view-move")) }
                }
            }
        }
    }
}
