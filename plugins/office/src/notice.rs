//! Notices, and who has read them: a receipt for each reader and notice, once.

use changzhi_sdk::prelude::*;

#[derive(Facet)]
#[facet(name = "office.notice", on = events, label = "notice")]
pub struct Announcement {
    #[field(internal, max_len = 200)]
    pub title: String,
    #[field(long_text, internal)]
    pub text: String,
    #[field(internal, name = "read-by")]
    pub read_by: Option<Micros>,
}

#[derive(Facet)]
#[facet(name = "office.receipt", on = events, label = "receipt")]
pub struct Receipt {
    /// `NOTICE:READER`
    #[field(unique, internal, max_len = 48)]
    pub key: String,
    #[field(entity = events, internal)]
    pub notice: EntityId,
    #[field(entity = people, internal)]
    pub reader: EntityId,
}

#[derive(Body)]
pub struct Published {
    #[field(max_len = 200)]
    pub title: String,
    #[field(long_text, max_len = 16000)]
    pub text: String,
    #[field(name = "read-by")]
    pub read_by: Option<Micros>,
    #[field(entity = places)]
    pub place: Option<EntityId>,
}

#[derive(Body)]
pub struct Read {
    #[field(entity = events)]
    pub notice: EntityId,
}

#[command(label = "publish-notice", roles = ["operator", "duty-officer", "admin"])]
pub fn publish_notice(ctx: &Context, body: Published) -> Result<Changes, Refusal> {
    if body.read_by.is_some_and(|by| by <= ctx.now) {
        return Err(Refusal::invalid("read-by", "limit-in-the-past"));
    }
    let mut changes = Changes::new();
    let notice = changes.create(New::of("notice", ctx.now).within(body.place.or(ctx.place)));
    changes.put(notice, Announcement { title: body.title, text: body.text, read_by: body.read_by });
    changes.answer("notice", notice);
    Ok(changes)
}

#[command(label = "read-notice")]
pub fn read_notice(ctx: &Context, body: Read) -> Result<Changes, Refusal> {
    let reader = ctx.actor.id;
    if reader == EntityId::default() {
        return Err(Refusal::denied("named-only"));
    }
    if get(body.notice, Announcement::TITLE)?.is_none() {
        return Err(Refusal::not_found("no-such-notice"));
    }
    let known = find(Receipt::KEY, key(body.notice, reader))?;
    Ok(receipt(ctx.now, body.notice, reader, known))
}

fn key(notice: EntityId, reader: EntityId) -> String {
    format!("{notice}:{reader}")
}

/// Reading again leaves the first receipt as it is.
fn receipt(now: Micros, notice: EntityId, reader: EntityId, known: Option<EntityId>) -> Changes {
    let mut changes = Changes::new();
    let receipt = known.unwrap_or_else(|| {
        let receipt = changes.create(New::of("receipt", now));
        changes.put(receipt, Receipt { key: key(notice, reader), notice, reader });
        receipt
    });
    changes.answer("receipt", receipt);
    changes
}

#[view(label = "notices", listed)]
pub fn notices(ctx: &Context) -> Result<Page, Refusal> {
    let rows = Query::kind("notice")
        .fields(&[&Announcement::TITLE, &Announcement::READ_BY, &core_fields::AT])
        .newest()
        .limit(50)
        .run()?;
    let (title, read_by, at) =
        (rows.column(Announcement::TITLE)?, rows.column(Announcement::READ_BY)?, rows.column(core_fields::AT)?);
    let mut table = Table::new()
        .total(rows.total())
        .col("title", "title")
        .col("published", "published")
        .col("read-by", "read-by")
        .col("read", "read");
    for (row, id) in rows.ids().enumerate() {
        let read = find(Receipt::KEY, key(id, ctx.actor.id))?.is_some();
        table = table.row(id, [title.get(row).into(), at.get(row).into(), read_by.get(row).into(), read.into()]);
    }
    Ok(Page::new("notices")
        .add(Section::new("notices").empty("no-notices").add(table))
        .add(Form::of::<read_notice>())
        .add(Form::of::<publish_notice>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_read_once_by_each_reader() {
        let first = receipt(Micros(1), EntityId(5), EntityId(6), None);
        assert_eq!(first.len(), 2);
        assert!(receipt(Micros(2), EntityId(5), EntityId(6), Some(EntityId(9))).is_empty());
        assert_ne!(key(EntityId(5), EntityId(6)), key(EntityId(56), EntityId(6)));
    }
}
