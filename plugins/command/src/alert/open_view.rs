//! What everybody may read of our alerts: the data behind /cap. These views ask for no role and show nobody's name.
//!
//! The host knows nothing of an alert but what stands here; the message itself is CAP, which both know.

use super::facet::Alert;
use changzhi_sdk::prelude::*;

/// Entries of the index.
const INDEX: u32 = 100;
/// States of what was published once.
pub(crate) const PUBLIC: [&str; 4] = ["published", "updated", "cancelled", "expired"];

#[derive(Body)]
pub struct Number {
    #[field(max_len = 64, label = "alert-identifier")]
    pub identifier: String,
}

/// In force, newest first; keys of columns are what the host reads by.
#[view(label = "open-alerts")]
pub fn open_alerts(ctx: &Context) -> Result<Page, Refusal> {
    let rows = Query::kind("alert")
        .fields(&[&Alert::ORIGIN, &Alert::IDENTIFIER, &Alert::TITLE, &Alert::EVENT, &Alert::SENT, &Alert::EXPIRES])
        .fields(&[&Alert::MESSAGE, &Alert::STATUS])
        .filter(core_fields::STATE.is("published"))
        .filter(Alert::ORIGIN.is("own"))
        .filter(Alert::EXPIRES.above(ctx.now))
        .descending(Alert::SENT)
        .limit(INDEX)
        .run()?;
    let (identifier, title) = (rows.column(Alert::IDENTIFIER)?, rows.column(Alert::TITLE)?);
    let (event, sent) = (rows.column(Alert::EVENT)?, rows.column(Alert::SENT)?);
    let (message, status) = (rows.column(Alert::MESSAGE)?, rows.column(Alert::STATUS)?);
    let mut table = Table::new().key("alerts").total(rows.total());
    let columns = [
        ("identifier", "alert-identifier"),
        ("title", "alert-headline"),
        ("event", "alert-event"),
        ("sent", "alert-sent"),
        ("message", "alert-message"),
        ("status", "alert-status"),
    ];
    for (key, label) in columns {
        table = table.col(key, label);
    }
    for (row, id) in rows.ids().enumerate() {
        let cells = [
            identifier.get(row).into(),
            title.get(row).into(),
            event.get(row).into(),
            Cell::from(sent.get(row)),
            Cell::code(message.get(row).unwrap_or_default()),
            Cell::code(status.get(row).unwrap_or_default()),
        ];
        table = table.row(id, cells);
    }
    Ok(Page::new("open-alerts").add(table))
}

/// One message as it was published, for as long as the city keeps it: a reader comes back for what a reference names.
#[view(label = "open-alert")]
pub fn open_alert(_ctx: &Context, which: Number) -> Result<Page, Refusal> {
    let missing = || Refusal::not_found("no-such-alert-message");
    let id = find(Alert::IDENTIFIER, which.identifier)?.ok_or_else(missing)?;
    let (origin, state, cap) = get(id, (Alert::ORIGIN, core_fields::STATE, Alert::CAP))?;
    let published = state.as_deref().is_some_and(|s| PUBLIC.contains(&s)) && origin.as_deref() == Some("own");
    let cap = cap.filter(|_| published).ok_or_else(missing)?;
    let table = Table::new().key("alert").col("state", "state").col("cap", "alert-cap");
    Ok(Page::new("open-alert")
        .add(table.row(id, [Cell::status(format!("state-alert-{}", state.unwrap_or_default())), cap.into()])))
}
