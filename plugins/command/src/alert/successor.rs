//! An update or a cancel: an alert of its own that begins as a copy of what it takes the place of.

use super::compose;
use super::facet::{Alert, Sender};
use super::hands::{self, Which, WhichAndWhy};
use changzhi_cap::Reference;
use changzhi_sdk::prelude::*;

/// Messages of one chain that a reference list names.
const CHAIN: usize = 20;

#[command(label = "update-alert", roles = ["operator", "duty-officer", "admin"])]
pub fn update_alert(ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    begun(ctx, body.alert, "message-update", None)
}

#[command(label = "cancel-alert", roles = ["operator", "duty-officer", "admin"])]
pub fn cancel_alert(ctx: &Context, body: WhichAndWhy) -> Result<Changes, Refusal> {
    begun(ctx, body.alert, "message-cancel", Some(body.reason))
}

/// A draft that will take the other's place once somebody else publishes it. Until then the other holds.
fn begun(ctx: &Context, of: EntityId, message: &str, why: Option<String>) -> Result<Changes, Refusal> {
    let actor = hands::named(ctx)?;
    hands::own(of)?;
    if get(of, core_fields::STATE)?.as_deref() != Some("published") {
        return Err(Refusal::conflict("alert-not-in-force"));
    }
    let (mut alert, category, place) = hands::read(of)?;
    if message == "message-cancel" {
        alert.title = mark("解除：", &alert.title);
        alert.headline_en = alert.headline_en.map(|h| mark("Cancelled: ", &h));
    }
    if let Some(why) = why {
        // Of an exercise the note goes on naming it.
        alert.note = Some(match alert.note {
            Some(note) if alert.status == "status-exercise" => cut(&format!("{note}；{why}"), 240),
            _ => why,
        });
    }
    let mut changes = Changes::new();
    let id = changes.create(New::of("alert", ctx.now).category(category).within(place));
    changes.put(
        id,
        Alert {
            origin: "own".into(),
            message: message.into(),
            replaces: Some(of),
            author: Some(actor),
            editor: Some(actor),
            ..alert
        },
    );
    changes.answer("alert", id);
    Ok(changes)
}

fn mark(mark: &str, headline: &str) -> String {
    if headline.starts_with(mark) { headline.to_owned() } else { cut(&format!("{mark}{headline}"), 240) }
}

/// As many whole characters as fit in so many bytes.
pub(crate) fn cut(text: &str, bytes: usize) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if out.len() + c.len_utf8() > bytes {
            break;
        }
        out.push(c);
    }
    out
}

/// Every message of the chain it goes on, the newest first.
pub(crate) fn references(replaces: Option<EntityId>, sender: &Sender) -> Result<Vec<Reference>, Refusal> {
    let mut out = Vec::new();
    let mut at = replaces;
    while let Some(id) = at.filter(|_| out.len() < CHAIN) {
        let (identifier, sent, before, text) = get(id, (Alert::IDENTIFIER, Alert::SENT, Alert::REPLACES, Alert::CAP))?;
        let (Some(identifier), Some(sent)) = (identifier, sent) else { break };
        // As it was published: the sender may have been another one then.
        let published = text.and_then(|t| changzhi_cap::read(&t, changzhi_cap::Limits::default()).ok());
        out.push(match published {
            Some(read) => read.alert.reference(),
            None => {
                Reference { sender: sender.address.clone(), identifier, sent: Some(compose::moment(sent, sender)?) }
            }
        });
        at = before;
    }
    Ok(out)
}
