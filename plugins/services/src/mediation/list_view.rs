//! Lists of disputes: the desk's and the mediator's by what is due next, a party's own.

use super::case::PARTIES;
use super::dispute::{Dispute, Party, Seat};
use super::page_view::STAFF;
use super::{join_dispute, register_dispute, set_seat};
use crate::standing::DUE;
use changzhi_sdk::prelude::*;

const SHOWN: u32 = 100;

#[derive(Body)]
pub struct Which {
    #[field(code)]
    pub state: Option<String>,
    /// Only those I mediate.
    pub mine: Option<bool>,
}

fn row_of(ctx: &Context, table: Table, id: EntityId) -> Result<Table, Refusal> {
    let (code, title) = get(id, (Dispute::CODE, Dispute::TITLE))?;
    let (category, state, at) = get(id, (core_fields::CATEGORY, core_fields::STATE, core_fields::AT))?;
    let due = get(id, DUE)?;
    let cells = [
        due.map_or(Cell::none(), |limit| Cell::due(changzhi_sdk::Due { at: ctx.now, limit })),
        Cell::status(format!("state-{}", state.unwrap_or_default())),
        Cell::text(Text::plain(title.unwrap_or_default())),
        Cell::code(category.unwrap_or_default()),
        Cell::text(Text::plain(code.unwrap_or_default())),
        Cell::date(at.unwrap_or_default()),
    ];
    Ok(table.row(id, cells))
}

fn columns(key: &str) -> Table {
    let table = Table::new().key(key).opens("dispute", "dispute").col("due", "due").col("state", "state");
    table.col("title", "title").col("category", "category").col("code", "code").col("created", "created")
}

/// The day list: what is due next comes first.
#[view(label = "disputes", listed, roles = ["operator", "mediator", "official", "verifier", "admin"])]
pub fn disputes(ctx: &Context, which: Which) -> Result<Page, Refusal> {
    let mut query = Query::kind("dispute").field(DUE).ascending(DUE).limit(SHOWN);
    if let Some(state) = &which.state {
        query = query.filter(core_fields::STATE.is(state.clone()));
    }
    let only_mine = which.mine.unwrap_or(!ctx.actor.has_role("operator") && ctx.actor.has_role("mediator"));
    if only_mine {
        query = query.filter(Dispute::MEDIATOR.is(ctx.actor.id));
    }
    let rows = query.run()?;
    let mut table = columns("disputes").total(rows.total());
    for id in rows.ids() {
        table = row_of(ctx, table, id)?;
    }
    let mut page = Page::new("disputes").add(Section::new("day-list").live().empty("no-disputes").add(table));
    if ctx.actor.has_role("mediator") {
        let own = super::mediator::seat_of(ctx.actor.id)?;
        let (shown, away) = match own {
            Some(seat) => get(seat, (Seat::SHOWN, Seat::AWAY))?,
            None => (None, None),
        };
        let mut section = Section::new("own-seat");
        section = match shown {
            Some(shown) => section.add(Detail::new().line("shown", shown).line("away", away.unwrap_or(false))),
            None => section.add(Notice::new(Tone::Warning, "no-seat-yet")),
        };
        page = page.add(section.add(Form::of::<set_seat>()));
    }
    Ok(page.add(Action::open("register-dispute", "new-dispute")))
}

#[derive(Body)]
pub struct Nothing {}

/// What a person takes part in, and how to take part with a letter.
#[view(name = "my-disputes", label = "my-disputes", listed)]
pub fn my_disputes(ctx: &Context, _none: Nothing) -> Result<Page, Refusal> {
    let rows = Query::kind("dispute-party")
        .fields(&[&Party::OF, &Party::LEFT])
        .filter(Party::ACCOUNT.is(ctx.actor.id))
        .newest()
        .limit(SHOWN.max(PARTIES))
        .run()?;
    let (of, left) = (rows.column(Party::OF)?, rows.column(Party::LEFT)?);
    let mut table = columns("mine");
    // Who takes part twice (for two sides, or as a party's agent as well) has the dispute once.
    let mut seen = Vec::new();
    for row in (0..rows.len()).filter(|row| left.get(*row).is_none()) {
        if let Some(id) = of.get(row).filter(|id| !seen.contains(id)) {
            seen.push(id);
            table = row_of(ctx, table, id)?;
        }
    }
    Ok(Page::new("my-disputes")
        .add(Section::new("my-disputes").live().empty("no-disputes").add(table))
        .add(Section::new("join-dispute").help("join-help").add(Form::of::<join_dispute>()))
        .add(Action::open("register-dispute", "new-dispute")))
}

/// Where a dispute is registered.
#[view(name = "new-dispute", label = "register-dispute", listed)]
pub fn new_dispute(ctx: &Context, _none: Nothing) -> Result<Page, Refusal> {
    let staff = STAFF.iter().any(|role| ctx.actor.has_role(role)) || ctx.actor.has_role("grid-worker");
    let mut form = Form::of::<register_dispute>();
    if !staff {
        // Who registers for themselves is the first party, through the portal.
        for field in ["first-name", "first-contact", "dispute-channel", "reference"] {
            form = form.without(field);
        }
    }
    Ok(Page::new("register-dispute").add(Notice::new(Tone::Info, "mediation-means")).add(form))
}
