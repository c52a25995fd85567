//! What another system sends: one message, taken once.
//!
//! An update or a cancel closes what it refers to when both are of the same sender; of another sender's or of our own alerts it closes
//! nothing. What it refers to and is not held here is a gap.

use super::compose;
use super::facet::{Alert, AlertArea};
use super::successor::cut;
use super::{publish, resolve, sender};
use changzhi_cap::{Limits, MsgType, Reference};
use changzhi_sdk::prelude::*;

/// Bytes of a message: what a long text holds.
const MESSAGE: u32 = 60_000;

#[derive(Body)]
pub struct ReceiveAlert {
    /// CAP 1.0, 1.1 or 1.2.
    #[field(long_text, max_len = MESSAGE, label = "alert-cap")]
    pub message: String,
}

#[command(label = "receive-alert", roles = ["connector", "operator", "admin"])]
pub fn receive_alert(ctx: &Context, body: ReceiveAlert) -> Result<Changes, Refusal> {
    let read = changzhi_cap::read(&body.message, Limits::default());
    let read = read.map_err(|e| Refusal::invalid("message", cut(&e.lines().join("\n"), 2_000)))?;
    let message = &read.alert;
    if sender::current()?.is_some_and(|own| own.address == message.sender) {
        // Ours come back in other systems' feeds; taken in they would be an alert of nobody.
        return Err(Refusal::conflict("alert-sent-by-us"));
    }
    let key = compose::reference_key(&message.reference());
    let key = key.ok_or_else(|| Refusal::invalid("message", "alert-names-too-long"))?;
    if let Some(known) = find(Alert::REFERENCE, key.as_str())? {
        let mut changes = Changes::none();
        changes.answer("alert", known).answer("outcome", "same");
        return Ok(changes);
    }
    let mut resolved = resolve::resolve(message, ctx.now)?;
    let mut changes = Changes::new();
    let place = resolved.places.first().map(|(place, ..)| *place);
    let category = message.infos.first().and_then(|i| i.categories.first());
    let category = compose::code("cap", category.map_or("other", |c| c.word()));
    let id = changes.create(New::of("alert", ctx.now).category(category).within(place));
    changes.advance(id, "take-in", "");
    closes(&mut changes, message, &mut resolved.gaps)?;
    if read.signed {
        resolved.gaps.push("XML-DSig".into());
    }
    resolved.gaps.extend(read.warnings.iter().map(|w| cut(&w.to_string(), 300)));
    let mut alert = shown(message);
    alert.reference = Some(key);
    alert.gaps = Some(resolved.gaps.join("\n")).filter(|g| !g.is_empty());
    alert.history = Some(resolved.history.join("\n")).filter(|h| !h.is_empty());
    alert.cap = Some(body.message);
    changes.put(id, alert);
    for (place, by, written) in &resolved.places {
        let area = changes.create(New::of("alert-area", ctx.now).within(*place));
        changes.put(area, AlertArea { alert: id, place: *place, by: (*by).into(), written: Some(cut(written, 120)) });
    }
    publish::sweep(ctx, &mut changes, &closed(message)?)?;
    changes.answer("alert", id).answer("outcome", "new");
    changes.answer("places", i64::try_from(resolved.places.len()).unwrap_or(i64::MAX));
    changes.answer("gaps", i64::try_from(resolved.gaps.len()).unwrap_or(i64::MAX));
    Ok(changes)
}

/// What lists show of it, in Chinese where it speaks Chinese.
fn shown(message: &changzhi_cap::Alert) -> Alert {
    let chinese = message.infos.iter().find(|i| i.language.to_ascii_lowercase().starts_with("zh"));
    let english = message.infos.iter().find(|i| i.language.to_ascii_lowercase().starts_with("en"));
    let first = chinese.or(message.infos.first());
    let headline = |i: &changzhi_cap::Info| i.headline.clone().unwrap_or_else(|| i.event.clone());
    let title = first.map(headline).or_else(|| message.note.clone()).unwrap_or_else(|| message.identifier.clone());
    let other = english.filter(|e| first.is_some_and(|f| !std::ptr::eq(*e, f)));
    let expires = message.infos.iter().map(|i| i.expires.map(|e| Micros(e.micros()))).max().flatten();
    let word = |of: &str, word: Option<&str>| compose::code(of, word.unwrap_or("unknown"));
    Alert {
        origin: "received".into(),
        title: cut(&title, 240),
        headline_en: other.map(|i| cut(&headline(i), 240)),
        message: compose::code("message", message.message.word()),
        status: compose::code("status", message.status.word()),
        colour: first.and_then(|i| compose::colour(i.severity)),
        severity: word("severity", first.map(|i| i.severity.word())),
        urgency: word("urgency", first.map(|i| i.urgency.word())),
        certainty: word("certainty", first.map(|i| i.certainty.word())),
        event: cut(first.map_or("", |i| i.event.as_str()), 120),
        event_code: first.and_then(|i| i.event_codes.first()).map(|p| cut(&p.value, 40)).filter(|c| !c.is_empty()),
        sent: Some(Micros(message.sent.micros())),
        onset: first.and_then(|i| i.onset).map(|m| Micros(m.micros())),
        expires,
        ..Alert::default()
    }
}

/// What the message refers to and holds here, of the same sender.
fn closed(message: &changzhi_cap::Alert) -> Result<Vec<Option<EntityId>>, Refusal> {
    message.references.iter().map(|reference| held(reference, message)).collect()
}

fn held(reference: &Reference, message: &changzhi_cap::Alert) -> Result<Option<EntityId>, Refusal> {
    let Some(key) = compose::reference_key(reference) else { return Ok(None) };
    let Some(id) = find(Alert::REFERENCE, key)? else { return Ok(None) };
    let (origin, state) = get(id, (Alert::ORIGIN, core_fields::STATE))?;
    let ours = origin.as_deref() != Some("received") || reference.sender != message.sender;
    Ok((!ours && state.as_deref() == Some("received")).then_some(id))
}

fn closes(changes: &mut Changes, message: &changzhi_cap::Alert, gaps: &mut Vec<String>) -> Result<(), Refusal> {
    let event = match message.message {
        MsgType::Update => "update",
        MsgType::Cancel => "cancel",
        MsgType::Alert | MsgType::Ack | MsgType::Error => return Ok(()),
    };
    let mut done: Vec<EntityId> = Vec::new();
    for reference in &message.references {
        let known = compose::reference_key(reference).map(|key| find(Alert::REFERENCE, key)).transpose()?.flatten();
        match held(reference, message)? {
            Some(id) if !done.contains(&id) => {
                changes.advance(id, event, cut(&message.identifier, 200));
                done.push(id);
            }
            Some(_) => {}
            None if known.is_none() => gaps.push(cut(&format!("→ {reference}"), 250)),
            None if reference.sender != message.sender => gaps.push(cut(&format!("✗ {reference}"), 250)),
            None => {}
        }
    }
    Ok(())
}
