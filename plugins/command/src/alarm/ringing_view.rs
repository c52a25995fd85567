//! Who is rung now: what the portal shows over every page of theirs, with sound, until somebody takes it.

use super::card;
use super::facet::{Alarm, chain, place_name, spot_cell, spot_label};
use super::flow::Tier;
use super::flow::table::RINGING;
use super::press::is_aside;
use super::roster::{Roster, is_rung};
use super::{place, seat};
use crate::plan::{Asked, in_short};
use changzhi_sdk::Alarm as Item;
use changzhi_sdk::prelude::*;

/// Alarms that ring at once in all the city; who is rung for more has enough to do.
const ROWS: u32 = 200;

/// One alarm that rings.
pub(super) struct Ringing {
    pub(super) id: EntityId,
    pub(super) tier: Tier,
    pub(super) category: String,
    pub(super) at: Micros,
    pub(super) within: Option<EntityId>,
}

/// What rings at somebody now: whoever calls for help first, oldest first, then what is wrong with the house: holes of the roster, a line that is down. A test is on the board and
/// rings nobody.
pub(super) fn ringing_at(ctx: &Context) -> Result<Vec<Ringing>, Refusal> {
    let mut all = Vec::new();
    for state in RINGING {
        let Some(tier) = Tier::of(state) else { continue };
        let rows = Query::kind("alarm")
            .fields(&[&core_fields::CATEGORY, &core_fields::AT, &core_fields::WITHIN])
            .filter(core_fields::STATE.is(state))
            .oldest()
            .limit(ROWS)
            .run()?;
        let (category, at, within) =
            (rows.column(core_fields::CATEGORY)?, rows.column(core_fields::AT)?, rows.column(core_fields::WITHIN)?);
        for (row, id) in rows.ids().enumerate() {
            let category = category.get(row).unwrap_or_default().to_owned();
            if category != "test" {
                all.push(Ringing { id, tier, category, at: at.get(row).unwrap_or(ctx.now), within: within.get(row) });
            }
        }
    }
    if all.is_empty() {
        return Ok(all);
    }
    let (roster, guarded) = (Roster::read(ctx.now)?, place::guarded(ctx.actor.id)?);
    let mut mine = Vec::new();
    for alarm in all {
        let chain = chain(alarm.within)?;
        let guard = guarded.iter().any(|g| chain.contains(g));
        if is_rung(&ctx.actor, guard, alarm.tier, &chain, &roster) {
            mine.push(alarm);
        }
    }
    mine.sort_by_key(|a| (is_aside(&a.category), a.at, a.id));
    Ok(mine)
}

/// The host looks for a view of this name and shows its live section over every page, with sound, while something waits in it.
#[view(label = "ringing", roles = ["operator", "duty-officer", "official", "police", "guard"])]
pub fn ringing(ctx: &Context) -> Result<Page, Refusal> {
    let mut queue = Alarms::new("no-alarms", "alarm").acknowledges("acknowledge").key("ringing");
    for alarm in ringing_at(ctx)? {
        queue = queue.alarm(item(&alarm)?);
    }
    // Who is rung differs from one to the next: the page says whose it is, so that no two share a rendering.
    let whose = if ctx.actor.id == EntityId::default() { String::new() } else { seat::name(ctx.actor.id)? };
    Ok(Page::new("ringing")
        .add(
            Section::new("ringing")
                .key("ringing")
                .live()
                .add(queue)
                .add_some(crate::dispatch::rings(ctx)?)
                .add_some(crate::major::rings(ctx)?),
        )
        .add(Detail::new().line("rung-as", Cell::from(whose)).line("person", Cell::person(ctx.actor.id))))
}

fn item(alarm: &Ringing) -> Result<Item, Refusal> {
    let (spot, role, presses, more) = get(alarm.id, (Alarm::SPOT, Alarm::PRESSER_ROLE, Alarm::PRESSES, Alarm::MORE))?;
    let (late, pressed, mark, exercise) = get(alarm.id, (Alarm::LATE, Alarm::PRESSED, Alarm::MARK, Alarm::EXERCISE))?;
    let level = if exercise == Some(true) || is_aside(&alarm.category) { 2 } else { 1 };
    let mut item = Item::new(alarm.id, level, alarm.at, Text::key(&alarm.category))
        .state(tier_key(alarm.tier))
        .opens(To::new("alarm").with("alarm", alarm.id));
    if is_aside(&alarm.category) {
        item = item.aside();
    }
    if let Some(within) = alarm.within {
        item = item.place(place_name(within)?, None);
    }
    if let Some(spot) = spot {
        item = item.line(spot_label(&alarm.category), spot_cell(&alarm.category, Some(&spot)));
    }
    if let Some(role) = role {
        item = item.line("presser_role", role);
    }
    if presses.unwrap_or(1) > 1 {
        item = item.line("presses", presses);
    }
    if let Some(more) = more {
        item = item.line("more", more);
    }
    if late == Some(true) {
        item = item.line("pressed-late", pressed);
    }
    if exercise == Some(true) {
        item = item.line("exercise", Cell::code("exercise"));
    }
    if let Some(mark) = mark {
        item = item.line("mark", Cell::status(format!("mark-{mark}")));
        if mark == "duress" {
            item = item.quiet();
        }
    }
    for (label, phone) in card::phones(alarm.within)? {
        item = item.line(label, Cell::from(phone));
    }
    if !is_aside(&alarm.category) {
        let floor = get(alarm.id, Alarm::FLOOR)?;
        let asked = Asked { within: alarm.within, floor: floor.as_deref(), rung: alarm.at };
        item = item.line("plan", in_short(&asked)?);
    }
    if let Some(first) = card::first(alarm.within, &alarm.category)? {
        item = item.line("first-actions", Cell::from(first));
    }
    Ok(item)
}

fn tier_key(tier: Tier) -> &'static str {
    match tier {
        Tier::Near => "state-rung",
        Tier::All => "state-rung-all",
        Tier::Leaders => "state-rung-leaders",
        Tier::District => "state-rung-district",
    }
}
