//! The run card of a place for a kind of alarm: what is asked, done and told first. And whom to ring there.

use super::facet::{Enrolment, chain};
use changzhi_sdk::prelude::*;
use std::collections::BTreeSet;

#[derive(Facet)]
#[facet(name = "command.card", on = events, label = "run-card")]
pub struct RunCard {
    /// `PLACE:CATEGORY`
    #[field(unique, internal, max_len = 48)]
    pub key: String,
    #[field(code, internal)]
    pub kind: String,
    #[field(internal, max_len = 240, label = "first-actions")]
    pub first: String,
    #[field(internal, max_len = 240)]
    pub questions: Option<String>,
    #[field(internal, max_len = 240)]
    pub told: Option<String>,
    /// When it may be stood down.
    #[field(internal, max_len = 240)]
    pub stops: Option<String>,
}

#[derive(Body)]
pub struct Card {
    #[field(entity = places)]
    pub place: EntityId,
    #[field(code, options = ["help", "fire", "medical", "security"])]
    pub category: String,
    #[field(max_len = 240, label = "first-actions")]
    pub first: String,
    #[field(max_len = 240)]
    pub questions: Option<String>,
    #[field(max_len = 240)]
    pub told: Option<String>,
    #[field(max_len = 240)]
    pub stops: Option<String>,
}

/// The newest card counts; the journal keeps those before.
#[command(label = "set-card", roles = ["duty-officer", "operator", "admin"])]
pub fn set_card(ctx: &Context, body: Card) -> Result<Changes, Refusal> {
    let key = format!("{}:{}", body.place, body.category);
    let known = find(RunCard::KEY, key.as_str())?;
    let mut changes = Changes::new();
    let card = known.unwrap_or_else(|| changes.create(New::of("run-card", ctx.now).within(body.place)));
    let (questions, told, stops) = (body.questions, body.told, body.stops);
    changes.put(card, RunCard { key, kind: body.category, first: body.first, questions, told, stops });
    Ok(changes)
}

/// The card of the nearest place that has one for this kind.
fn nearest(within: Option<EntityId>, category: &str) -> Result<Option<EntityId>, Refusal> {
    for place in chain(within)? {
        if let Some(card) = find(RunCard::KEY, format!("{place}:{category}"))? {
            return Ok(Some(card));
        }
    }
    Ok(None)
}

/// What is done first, in one line.
pub(super) fn first(within: Option<EntityId>, category: &str) -> Result<Option<String>, Refusal> {
    nearest(within, category)?.map_or(Ok(None), |card| Ok(get(card, RunCard::FIRST)?))
}

/// The whole card, as lines.
pub(super) fn lines(within: Option<EntityId>, category: &str, detail: Detail) -> Result<Detail, Refusal> {
    let Some(card) = nearest(within, category)? else { return Ok(detail) };
    let (first, questions, told, stops) =
        get(card, (RunCard::FIRST, RunCard::QUESTIONS, RunCard::TOLD, RunCard::STOPS))?;
    Ok(detail.line("first-actions", first).line("questions", questions).line("told", told).line("stops", stops))
}

/// Numbers of one duty.
const EACH: usize = 2;

/// Telephones of the place: label (the duty of who answers) and number, each once, two of each duty.
pub(super) fn phones(within: Option<EntityId>) -> Result<Vec<(&'static str, String)>, Refusal> {
    let mut phones: Vec<(&'static str, String)> = Vec::new();
    let Some(place) = within else { return Ok(phones) };
    // Duty by duty: a hospital has thousands of staff, who are not to crowd out whoever guards it and speaks for it.
    for (duty, label) in [("staff", "duty_phone"), ("contact", "contact-phone"), ("guard", "guard-phone")] {
        let rows = Query::kind("enrolment")
            .fields(&[&Enrolment::PHONE, &Enrolment::ENDED])
            .filter(core_fields::WITHIN.is(place))
            .filter(Enrolment::DUTY.is(duty))
            .newest()
            .limit(200)
            .run()?;
        let (phone, ended) = (rows.column(Enrolment::PHONE)?, rows.column(Enrolment::ENDED)?);
        let standing = (0..rows.len()).filter(|row| ended.get(*row) != Some(true));
        let of_duty: BTreeSet<&str> = standing.filter_map(|row| phone.get(row)).filter(|p| !p.is_empty()).collect();
        let new = |number: &&str| phones.iter().all(|(_, known)| known != number);
        let more: Vec<_> = of_duty.into_iter().filter(new).take(EACH).map(|n| (label, n.to_owned())).collect();
        phones.extend(more);
    }
    Ok(phones)
}
