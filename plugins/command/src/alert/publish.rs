//! Publishing: by somebody else than whoever wrote it. Here the message is made, and from here on it is what it is.

use super::compose::{self, Sending};
use super::facet::{Alert, AlertArea};
use super::hands::{self, Which};
use super::{sender, successor};
use changzhi_cap::SenderCode;
use changzhi_sdk::prelude::*;

/// Alerts of one sender in one second.
const SAME_SECOND: u32 = 99;
/// Alerts whose time is up, closed on the way.
const SWEPT: u32 = 20;

#[command(label = "publish-alert", roles = ["duty-officer", "official", "admin"])]
pub fn publish_alert(ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    let (actor, id) = (hands::named(ctx)?, body.alert);
    hands::own(id)?;
    if hands::hands(id)?.contains(&actor) {
        return Err(Refusal::denied("alert-second-person"));
    }
    let (alert, category, place) = hands::read(id)?;
    let sender = sender::required()?;
    let code = SenderCode::parse(&sender.code).ok_or_else(|| Refusal::conflict("alert-no-sender"))?;
    // To the second, as messages are: what is kept and what is written are the same moment.
    let now = Micros(ctx.now.0.div_euclid(Micros::SECOND) * Micros::SECOND);
    let sent = compose::moment(now, &sender)?;
    let mut identifier = None;
    for n in 1..=SAME_SECOND {
        let candidate = code.identifier(sent, n);
        if find(Alert::IDENTIFIER, candidate.as_str())?.is_none() {
            identifier = Some(candidate);
            break;
        }
    }
    let identifier = identifier.ok_or_else(|| Refusal::conflict("alert-wait-a-second"))?;
    let references = successor::references(alert.replaces, &sender)?;
    if references.iter().any(|r| r.sent.is_none_or(|before| before.seconds() >= sent.seconds())) {
        return Err(Refusal::conflict("alert-wait-a-second"));
    }
    let sending = Sending { sender: &sender, identifier: identifier.clone(), sent, references };
    let message = compose::message(&alert, &category, place, sending)?;
    let text = changzhi_cap::write(&message)
        .map_err(|flaws| Refusal::Invalid(flaws.iter().map(compose::problem).collect()))?;
    let reference = compose::reference_key(&message.reference()).ok_or_else(|| Refusal::conflict("alert-no-sender"))?;
    let mut changes = Changes::new();
    changes.advance(id, "publish", "");
    changes.set(id, Alert::IDENTIFIER, identifier.clone());
    changes.set(id, Alert::REFERENCE, reference);
    changes.set(id, Alert::SENT, now);
    changes.set(id, Alert::PUBLISHER, actor);
    changes.set(id, Alert::CAP, text);
    if let Some(replaced) = alert.replaces {
        // The engine refuses it when another one took its place meanwhile: then nothing of this is done.
        changes.advance(
            replaced,
            if alert.message == "message-cancel" { "cancel" } else { "update" },
            identifier.clone(),
        );
    }
    for place in compose::places(&alert, place)? {
        let area = changes.create(New::of("alert-area", ctx.now).within(place));
        changes.put(area, AlertArea { alert: id, place, by: "by-name".into(), written: None });
    }
    sweep(ctx, &mut changes, &[Some(id), alert.replaces])?;
    changes.answer("alert", id);
    changes.answer("identifier", identifier);
    Ok(changes)
}

/// Its time is up: nobody decides anything here, so anybody's hand will do.
#[command(label = "expire-alert", roles = ["operator", "duty-officer", "official", "connector", "admin"])]
pub fn expire_alert(ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    let (kind, expires) = get(body.alert, (core_fields::KIND, Alert::EXPIRES))?;
    if kind.as_deref() != Some("alert") {
        return Err(Refusal::not_found("no-such-alert-message"));
    }
    if expires.is_none_or(|at| at > ctx.now) {
        return Err(Refusal::conflict("alert-still-in-force"));
    }
    let mut changes = Changes::new();
    changes.advance(body.alert, "expire", "");
    Ok(changes)
}

/// Closes alerts whose time is up, besides. Pages and feeds go by the time itself; this only brings the states after it.
pub(crate) fn sweep(ctx: &Context, changes: &mut Changes, but: &[Option<EntityId>]) -> Result<(), Refusal> {
    // The role of whoever acts holds in a part of the city only: others' alerts are left to others.
    if !ctx.actor.divisions.is_empty() {
        return Ok(());
    }
    for state in ["published", "received"] {
        let rows = Query::kind("alert")
            .field(Alert::EXPIRES)
            .filter(core_fields::STATE.is(state))
            .filter(Alert::EXPIRES.at_most(ctx.now))
            .oldest()
            .limit(SWEPT)
            .run()?;
        for id in rows.ids().filter(|id| !but.contains(&Some(*id))) {
            changes.advance(id, "expire", "");
        }
    }
    Ok(())
}
