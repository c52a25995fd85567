//! What follows an agreement on the page of a dispute: the plan with its steps, and the calls.

use super::after::{Due, plan};
use super::calling::calls;
use super::case::Case;
use super::follow_up;
use super::page_deeds::button;
use super::page_view::{Reader, side};
use changzhi_sdk::prelude::*;

pub(super) fn performance(ctx: &Context, case: &Case, reader: &Reader) -> Result<Option<Section>, Refusal> {
    let all = plan(case.id)?;
    if all.is_empty() || !(reader.mediating || reader.side.is_some() || reader.staff) {
        return Ok(None);
    }
    let mut section = Section::new("performance").live().add(plan_table(Some(ctx.now), &all));
    let sealed = ["agreed", "confirmed", "performing", "breached"].contains(&case.state.as_str());
    let Some(own) = reader.side.as_deref().filter(|_| sealed) else { return Ok(Some(section)) };
    for one in all.iter().filter(|i| i.confirmed.is_none()) {
        let with = |command: &'static str| button(command, case).with("instalment", one.id);
        let mut doable = Vec::new();
        if one.from_side == own && one.proved.is_none() {
            doable.push(with("prove-instalment"));
        }
        if one.to_side == own {
            doable.push(with("confirm-instalment"));
            if one.due.plus(5 * Micros::DAY) <= ctx.now {
                doable.push(with("report-breach").style(Style::Danger));
            }
        }
        if !doable.is_empty() {
            section = section.add(Paragraph::new(Text::plain(one.what.clone())));
            section = doable.into_iter().fold(section, Section::add);
        }
    }
    Ok(Some(section))
}

/// `now`: how each step stands by then; a paper has none, and says the same on every day.
pub(super) fn plan_table(now: Option<Micros>, all: &[Due]) -> Table {
    let mut table = Table::new()
        .key("plan")
        .total(all.len() as u64)
        .col("what", "what")
        .num_col("amount", "amount")
        .col("due", "due")
        .col("from-side", "from-side")
        .col("to-side", "to-side");
    if now.is_some() {
        table = table.col("state", "state");
    }
    for one in all {
        let mut cells = vec![
            Cell::text(Text::plain(one.what.clone())),
            one.amount.map_or(Cell::none(), Cell::money),
            Cell::date(one.due),
            Cell::text(side(&one.from_side)),
            Cell::text(side(&one.to_side)),
        ];
        cells.extend(now.map(|now| Cell::status(one.state(now).to_owned())));
        table = table.plain_row(one.id, cells);
    }
    table
}

pub(super) fn follow_ups(ctx: &Context, case: &Case, reader: &Reader) -> Result<Option<Section>, Refusal> {
    let all = calls(case.id)?;
    if all.is_empty() || !reader.staff {
        return Ok(None);
    }
    let mut table =
        Table::new().key("calls").total(all.len() as u64).col("days", "days").col("due", "due").col("kept", "kept");
    for call in &all {
        let kept = call.kept.clone().map_or(Cell::none(), Cell::status);
        table = table.plain_row(call.id, [call.days.into(), Cell::date(call.due), kept]);
    }
    let mut section = Section::new("follow-ups").add(table);
    let next = all.iter().find(|c| c.kept.is_none() && c.due <= ctx.now);
    if let Some(call) = next.filter(|_| reader.desk && !reader.mediating) {
        section = section.add(Form::of::<follow_up>().with("dispute", case.id).with("call", call.id));
    }
    Ok(Some(section))
}
