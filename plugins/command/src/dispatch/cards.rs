//! Run cards: what a place asks for, by kind of alarm and level. A version never changes; the newest is in force.
//!
//! The most particular card wins: that of the nearest place going up, there the one of the alarm's own kind before the one of every kind,
//! and of those the one of the highest level that is not above the alarm's. Where none is, a default is used and said to be one.

use super::facet::DispatchCard;
use super::needs::{self, Need};
use crate::alarm::chain;
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct SetDispatchCard {
    /// None: the whole city.
    #[field(entity = places)]
    pub place: Option<EntityId>,
    /// None: every kind.
    #[field(code, options = ["help", "fire", "medical", "security"])]
    pub category: Option<String>,
    #[field(min = 1, max = 4, label = "response-level")]
    pub card_from: Option<i64>,
    /// Empty: there is no card here any more.
    #[field(long_text, internal, max_len = 240)]
    pub needs: Option<String>,
}

fn reference(place: Option<EntityId>, category: &str, level: i64) -> String {
    format!("{}:{category}:{level}", place.unwrap_or_default())
}

#[command(label = "set-dispatch-card", roles = ["duty-officer", "admin"])]
pub fn set_dispatch_card(ctx: &Context, body: SetDispatchCard) -> Result<Changes, Refusal> {
    let text = body.needs.unwrap_or_default();
    if !text.trim().is_empty() {
        needs::parse(&text).map_err(|why| Refusal::invalid("needs", why))?;
    }
    let (category, level) = (body.category.unwrap_or_default(), body.card_from.unwrap_or(1));
    let reference = reference(body.place, &category, level);
    let head = find(DispatchCard::REFERENCE, reference.as_str())?;
    let before = head.map(|h| get(h, DispatchCard::VERSION)).transpose()?.flatten().unwrap_or(0);
    let version = before.saturating_add(1);
    let card = DispatchCard { reference, version, category, level, needs: text };
    let mut changes = Changes::new();
    let new = New::of("dispatch-card", ctx.now).within(body.place);
    let kept = changes.create(new.clone());
    changes.put(kept, DispatchCard { reference: format!("{}@{version}", card.reference), ..card.clone() });
    let head = head.unwrap_or_else(|| changes.create(new));
    changes.put(head, card);
    changes.answer("card", kept).answer("version", version);
    Ok(changes)
}

/// Where needs come from.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Source {
    Card { place: Option<EntityId>, category: String, level: i64, version: i64 },
    Default,
}

/// What is asked for at a place, for a kind of alarm and a level.
pub(super) fn asked(within: Option<EntityId>, category: &str, level: i64) -> Result<(Source, Vec<Need>), Refusal> {
    let places = chain(within)?.into_iter().map(Some).chain([None]);
    for place in places {
        for kind in [category, ""] {
            for from in (1..=level.clamp(1, 4)).rev() {
                let Some(card) = find(DispatchCard::REFERENCE, reference(place, kind, from))? else { continue };
                let (version, text) = get(card, (DispatchCard::VERSION, DispatchCard::NEEDS))?;
                // It was read when it was set; an emptied one is no card.
                let Ok(needs) = needs::parse(&text.unwrap_or_default()) else { continue };
                let version = version.unwrap_or_default();
                return Ok((Source::Card { place, category: kind.to_owned(), level: from, version }, needs));
            }
        }
    }
    Ok((Source::Default, needs::default(category, level)))
}
