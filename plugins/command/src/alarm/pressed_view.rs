//! What whoever pressed sees: the button, and then that it arrived and who took it. Nothing here tells of a duress word, a wrong word or
//! what seats write: the phone may be in the wrong hands.

use super::facet::{Alarm, place_name};
use super::flow::table::RINGING;
use super::place::{self, Station};
use changzhi_sdk::prelude::*;

/// How long the button is held.
const HOLD: u32 = 1_500;
const ROWS: u32 = 20;

#[derive(Body)]
pub struct Mine {
    #[field(entity = events)]
    pub alarm: EntityId,
}

/// What the phone says of an alarm: a key, and the name of who took it.
fn told(state: &str, marked: bool, taker: Option<String>) -> (&'static str, Option<String>) {
    match state {
        // Whatever word was given.
        _ if marked => ("press-taken-back", None),
        s if RINGING.contains(&s) => ("press-delivered", None),
        "kept" => ("press-kept", None),
        "stood-down" | "reviewed" | "closed" => ("press-over", taker),
        "attended" | "controlled" => ("press-attended", taker),
        _ => ("press-taken", taker),
    }
}

/// For whoever pressed, live.
#[view(label = "pressed")]
pub fn pressed(ctx: &Context, of: Mine) -> Result<Page, Refusal> {
    let (kind, state) = get(of.alarm, (core_fields::KIND, core_fields::STATE))?;
    let (presser, mark, taker) = get(of.alarm, (Alarm::PRESSED_BY, Alarm::MARK, Alarm::TAKEN_NAME))?;
    let own = presser.is_some_and(|p| p == ctx.actor.id && p != EntityId::default());
    if kind.as_deref() != Some("alarm") || !own {
        return Err(Refusal::not_found("no-such-alarm"));
    }
    let (said, taker) = told(&state.unwrap_or_default(), mark.is_some(), taker);
    let mut detail = Detail::new().line("state", Cell::status(said));
    if let Some(taker) = taker {
        detail = detail.line("taken_by", taker);
    }
    Ok(Page::new("pressed").add(Section::new("pressed").key("pressed").live().add(detail)))
}

fn site(station: &Station) -> Result<String, Refusal> {
    let parts = [Some(place_name(station.place)?), station.floor.clone(), station.room.clone()];
    Ok(parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

fn button(station: &Station) -> Result<Sos, Refusal> {
    let mut ring = To::new("ring").with("place", station.place);
    for (name, value) in [("floor", &station.floor), ("room", &station.room), ("presser_role", &station.role)] {
        if let Some(value) = value {
            ring = ring.with(name, value.as_str());
        }
    }
    let mut sos = Sos::new("sos", ring, "category").site(site(station)?).hold_ms(HOLD);
    for kind in ["help", "medical", "fire", "security"] {
        sos = sos.kind(kind, kind);
    }
    if let Some(phone) = &station.phone {
        sos = sos.contact("duty_phone", phone.as_str());
    }
    Ok(sos.contact("police-line", "110").key(station.place))
}

/// One key for each place the account is enrolled at. The host serves it at `/sos`, small and kept on the phone.
#[view(label = "sos", listed)]
pub fn sos(ctx: &Context) -> Result<Page, Refusal> {
    let stations = place::stations(ctx.actor.id)?;
    let mut page = Page::new("sos");
    if stations.is_empty() {
        return Ok(page.add(Notice::new(Tone::Warning, "not-enrolled")));
    }
    for station in &stations {
        page = page.add(button(station)?);
    }
    Ok(page.add(Section::new("open-here").key("open-here").empty("no-alarms").live().add(open_here(&stations)?)))
}

/// What is under way at the places of the account, without what only seats may know.
fn open_here(stations: &[Station]) -> Result<Table, Refusal> {
    let mut table =
        Table::new().key("open-here").col("category", "category").col("place", "place").col("state", "state");
    for station in stations {
        let rows = Query::kind("alarm")
            .fields(&[&core_fields::CATEGORY, &core_fields::STATE, &Alarm::MARK])
            .filter(core_fields::WITHIN.is(station.place))
            .filter(core_fields::STATE.is_not("closed"))
            .newest()
            .limit(ROWS)
            .run()?;
        let (category, state, mark) =
            (rows.column(core_fields::CATEGORY)?, rows.column(core_fields::STATE)?, rows.column(Alarm::MARK)?);
        for (row, id) in rows.ids().enumerate() {
            let state = state.get(row).unwrap_or_default();
            let over = ["stood-down", "reviewed", "kept"].contains(&state);
            if over || mark.get(row).is_some() || category.get(row) == Some("roster-hole") {
                continue;
            }
            let (said, _) = told(state, false, None);
            let cells = [
                Cell::code(category.get(row).unwrap_or_default()),
                Cell::from(place_name(station.place)?),
                Cell::status(said),
            ];
            table = table.row(id, cells);
        }
    }
    Ok(table.bulk("alarm", [Action::command("confirm-safe", "confirm-safe")]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_alarm_looks_taken_back_whatever_the_seats_do() {
        for state in RINGING.iter().chain(&["taken-back", "acknowledged", "attended", "stood-down"]) {
            assert_eq!(told(state, true, Some("陈".into())), ("press-taken-back", None), "{state}");
        }
        assert_eq!(told("acknowledged", false, Some("陈".into())), ("press-taken", Some("陈".into())));
        assert_eq!(told("rung-all", false, None), ("press-delivered", None));
    }
}
