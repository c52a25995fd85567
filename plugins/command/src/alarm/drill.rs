//! The monthly drill: every button of a place is pressed once while it runs; what was not is red, and stays so until it is.

use super::device::buttons;
use super::facet::place_name;
use changzhi_sdk::prelude::*;

/// Longest drill.
const LONGEST: i64 = 24;
const ROWS: u32 = 50;

#[derive(Facet)]
#[facet(name = "command.drill", on = events, label = "drill")]
pub struct Drill {
    #[field(internal)]
    pub ends: Micros,
    #[field(entity = people, internal)]
    pub started_by: EntityId,
}

#[derive(Body)]
pub struct NewDrill {
    /// This place and what lies in it.
    #[field(entity = places)]
    pub place: EntityId,
    #[field(min = 1, max = 24)]
    pub hours: i64,
}

#[derive(Body)]
pub struct DrillOf {
    #[field(entity = places)]
    pub place: Option<EntityId>,
}

#[command(label = "start-drill", roles = ["duty-officer", "operator", "admin"])]
pub fn start_drill(ctx: &Context, body: NewDrill) -> Result<Changes, Refusal> {
    let ends = ctx.now.plus(body.hours.clamp(1, LONGEST) * Micros::HOUR);
    let mut changes = Changes::new();
    let drill = changes.create(New::of("drill", ctx.now).within(body.place));
    changes.put(drill, Drill { ends, started_by: ctx.actor.id });
    changes.answer("drill", drill);
    Ok(changes)
}

/// A drill runs at a place, or at one that holds it.
pub(super) fn running_at(now: Micros, chain: &[EntityId]) -> Result<bool, Refusal> {
    let rows = Query::kind("drill").field(core_fields::WITHIN).filter(Drill::ENDS.above(now)).limit(ROWS).run()?;
    let within = rows.column(core_fields::WITHIN)?;
    Ok((0..rows.len()).any(|row| within.get(row).is_some_and(|place| chain.contains(&place))))
}

/// Red: the drill is over, and this button was not pressed in it or since.
const fn is_dead(over: bool, revoked: bool, begun: Micros, last: Option<Micros>) -> bool {
    let pressed = match last {
        Some(last) => last.0 >= begun.0,
        None => false,
    };
    over && !revoked && !pressed
}

#[view(name = "drill", label = "drill", listed, roles = ["duty-officer", "operator", "official", "admin"])]
pub fn drill_view(ctx: &Context, of: DrillOf) -> Result<Page, Refusal> {
    let mut query =
        Query::kind("drill").fields(&[&Drill::ENDS, &core_fields::AT, &core_fields::WITHIN]).newest().limit(ROWS);
    if let Some(place) = of.place {
        query = query.filter(core_fields::WITHIN.at_most(place));
    }
    let rows = query.run()?;
    let (ends, at, within) =
        (rows.column(Drill::ENDS)?, rows.column(core_fields::AT)?, rows.column(core_fields::WITHIN)?);
    let mut table = Table::new()
        .key("dead-buttons")
        .col("level", "level")
        .col("device", "device")
        .col("place", "place")
        .col("spot", "spot")
        .col("state", "state")
        .col("last_press", "last_press");
    let mut drills = Table::new()
        .key("drills")
        .col("place", "place")
        .col("begun", "begun")
        .col("ends", "ends")
        .col("state", "state");
    let mut seen: Vec<EntityId> = Vec::new();
    let mut dead = 0_usize;
    for (row, id) in rows.ids().enumerate() {
        let (Some(ends), Some(begun), Some(place)) = (ends.get(row), at.get(row), within.get(row)) else { continue };
        let over = ends <= ctx.now;
        let state = if over { "drill-over" } else { "drill-running" };
        drills = drills.row(id, [Cell::from(place_name(place)?), begun.into(), ends.into(), Cell::status(state)]);
        // Of each button the newest drill it was in counts.
        for button in buttons(Some(place))?.0 {
            if button.revoked || seen.contains(&button.id) {
                continue;
            }
            seen.push(button.id);
            let pressed = button.last.is_some_and(|last| last >= begun);
            let red = is_dead(over, button.revoked, begun, button.last);
            dead += usize::from(red);
            if pressed {
                continue;
            }
            let cells = [
                Cell::level(if red { 1 } else { 3 }),
                Cell::from(button.device),
                Cell::from(place_name(button.place)?),
                Cell::from(button.spot),
                Cell::status(if red { "button-dead" } else { "button-to-press" }),
                button.last.into(),
            ];
            table = table.row(button.id, cells);
        }
    }
    Ok(Page::new("drill")
        .add(Stat::new("dead-buttons", dead).level(if dead > 0 { 1 } else { 4 }))
        .add(Section::new("dead-buttons").help("dead-help").empty("no-dead-buttons").live().add(table))
        .add(Section::new("drills").empty("no-drills").add(drills))
        .add(Form::of::<start_drill>()))
}

#[cfg(test)]
mod tests {
    use super::is_dead;
    use changzhi_sdk::Micros;

    #[test]
    fn a_button_is_dead_when_the_drill_is_over_and_it_was_not_pressed_since_it_began() {
        let begun = Micros(100);
        assert!(is_dead(true, false, begun, None) && is_dead(true, false, begun, Some(Micros(99))));
        assert!(!is_dead(true, false, begun, Some(begun)), "pressed in it, or later");
        assert!(!is_dead(false, false, begun, None), "it still runs");
        assert!(!is_dead(true, true, begun, None), "revoked ones are not missed");
    }
}
