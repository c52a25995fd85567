//! Through whose hands an alert went, and the steps between its author and its publisher.

use super::compose::{self, Sending};
use super::facet::Alert;
use super::{sender, successor};
use changzhi_sdk::prelude::*;

#[derive(Body)]
pub struct Which {
    #[field(entity = events, label = "alert")]
    pub alert: EntityId,
}

#[derive(Body)]
pub struct WhichAndWhy {
    #[field(entity = events, label = "alert")]
    pub alert: EntityId,
    #[field(max_len = 200)]
    pub reason: String,
}

/// Whoever does it, by name.
pub(crate) fn named(ctx: &Context) -> Result<EntityId, Refusal> {
    if ctx.actor.id == EntityId::default() { Err(Refusal::denied("alert-by-name")) } else { Ok(ctx.actor.id) }
}

/// One of our own alerts. What another sender wrote is neither changed nor published here.
pub(crate) fn own(alert: EntityId) -> Result<(), Refusal> {
    let (kind, origin) = get(alert, (core_fields::KIND, Alert::ORIGIN))?;
    match (kind.as_deref(), origin.as_deref()) {
        (Some("alert"), Some("own")) => Ok(()),
        (Some("alert"), _) => Err(Refusal::conflict("alert-not-ours")),
        _ => Err(Refusal::not_found("no-such-alert-message")),
    }
}

/// Whoever began it, changed it last or submitted it.
pub(crate) fn hands(alert: EntityId) -> Result<Vec<EntityId>, Refusal> {
    let (author, editor, submitter) = get(alert, (Alert::AUTHOR, Alert::EDITOR, Alert::SUBMITTER))?;
    Ok([author, editor, submitter].into_iter().flatten().collect())
}

#[command(label = "submit-alert", roles = ["operator", "duty-officer", "admin"])]
pub fn submit_alert(ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    let actor = named(ctx)?;
    own(body.alert)?;
    // Time has passed since it was written: what can no longer be published is not submitted.
    let (alert, category, place) = read(body.alert)?;
    let sender = sender::required()?;
    let sent = compose::moment(ctx.now, &sender)?;
    let references = successor::references(alert.replaces, &sender)?;
    let sending = Sending { sender: &sender, identifier: "draft".into(), sent, references };
    compose::judged(&compose::message(&alert, &category, place, sending)?)?;
    let mut changes = Changes::new();
    changes.advance(body.alert, "submit", "");
    changes.set(body.alert, Alert::SUBMITTER, actor);
    Ok(changes)
}

#[command(label = "withdraw-alert", roles = ["operator", "duty-officer", "admin"])]
pub fn withdraw_alert(_ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    stepped(body.alert, "withdraw", "")
}

#[command(label = "discard-alert", roles = ["operator", "duty-officer", "admin"])]
pub fn discard_alert(_ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    stepped(body.alert, "discard", "")
}

#[command(label = "return-alert", roles = ["duty-officer", "official", "admin"])]
pub fn return_alert(_ctx: &Context, body: WhichAndWhy) -> Result<Changes, Refusal> {
    stepped(body.alert, "return", body.reason)
}

fn stepped(alert: EntityId, event: &str, reason: impl Into<String>) -> Result<Changes, Refusal> {
    own(alert)?;
    let mut changes = Changes::new();
    changes.advance(alert, event, reason);
    Ok(changes)
}

/// An alert as it is kept, its category and its place.
pub(crate) fn read(id: EntityId) -> Result<(Alert, String, EntityId), Refusal> {
    let (category, place) = get(id, (core_fields::CATEGORY, core_fields::WITHIN))?;
    let (origin, title, headline_en, message, status, colour, severity, urgency) = get(
        id,
        (
            Alert::ORIGIN,
            Alert::TITLE,
            Alert::HEADLINE_EN,
            Alert::MESSAGE,
            Alert::STATUS,
            Alert::COLOUR,
            Alert::SEVERITY,
            Alert::URGENCY,
        ),
    )?;
    let (certainty, event, event_en, event_code, onset, expires, description, description_en) = get(
        id,
        (
            Alert::CERTAINTY,
            Alert::EVENT,
            Alert::EVENT_EN,
            Alert::EVENT_CODE,
            Alert::ONSET,
            Alert::EXPIRES,
            Alert::DESCRIPTION,
            Alert::DESCRIPTION_EN,
        ),
    )?;
    let (instruction, instruction_en, note, area_name, area_name_en, divisions, polygons, replaces) = get(
        id,
        (
            Alert::INSTRUCTION,
            Alert::INSTRUCTION_EN,
            Alert::NOTE,
            Alert::AREA_NAME,
            Alert::AREA_NAME_EN,
            Alert::DIVISIONS,
            Alert::POLYGONS,
            Alert::REPLACES,
        ),
    )?;
    let alert = Alert {
        origin: origin.unwrap_or_default(),
        title: title.unwrap_or_default(),
        headline_en,
        message: message.unwrap_or_default(),
        status: status.unwrap_or_default(),
        colour,
        severity: severity.unwrap_or_default(),
        urgency: urgency.unwrap_or_default(),
        certainty: certainty.unwrap_or_default(),
        event: event.unwrap_or_default(),
        event_en,
        event_code,
        onset,
        expires,
        description,
        description_en,
        instruction,
        instruction_en,
        note,
        area_name,
        area_name_en,
        divisions,
        polygons,
        replaces,
        ..Alert::default()
    };
    Ok((alert, category.unwrap_or_default(), place.unwrap_or_default()))
}
