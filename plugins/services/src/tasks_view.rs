//! What waits for whoever looks (待办): matters in a state that their role moves on, where the role holds, longest waiting first.
//!
//! Only the step that is due counts: that a resident may reopen or withdraw, or that an operator may step in for a unit, is nobody's
//! task. The clocks of the host say what is due when. Without them limits are of the whole way from the filing, so that whoever is late does not eat the time of the next.
//! A matter whose reporter has been left without a word for too long says so: to write to them is what is to be done.

use crate::place;
use crate::report::Report;
use crate::standing::DUE;
use changzhi_sdk::clocks;
use changzhi_sdk::prelude::*;
use std::collections::BTreeMap;

/// Rows of one state; the list of reports has the rest.
const ROWS: u32 = 50;
/// Divisions asked for each.
const DIVISIONS: usize = 20;

/// State, who moves it on, and by when after the filing (microseconds) when no clock of the host says when.
const DUTIES: [(&str, &[&str], i64); 10] = [
    ("submitted", &["operator"], 2 * Micros::HOUR),
    ("reopened", &["operator"], 0),
    ("awaiting", &["operator"], 0),
    ("accepted", &["operator"], 4 * Micros::HOUR),
    ("assigned", &["unit", "grid-worker"], 8 * Micros::HOUR),
    ("handling", &["unit", "grid-worker"], 15 * Micros::DAY),
    ("paused", &["unit", "grid-worker"], 0),
    ("arbitration", &["official"], 0),
    ("answered", &["verifier"], 16 * Micros::DAY),
    ("verified", &["verifier"], 0),
];

#[derive(Body)]
pub struct Where {
    /// This place and what lies in it.
    #[field(entity = places)]
    pub place: Option<EntityId>,
}

/// States whose next step is this actor's, with their limits; 0 has none.
fn duties(roles: &[String]) -> Vec<(&'static str, i64)> {
    let mine = |wanted: &[&str]| wanted.iter().any(|w| roles.iter().any(|r| r == w));
    DUTIES.iter().filter(|(_, wanted, _)| mine(wanted)).map(|(state, _, limit)| (*state, *limit)).collect()
}

#[view(label = "tasks", listed, roles = ["operator", "unit", "grid-worker", "verifier", "official"])]
pub fn tasks(ctx: &Context, which: Where) -> Result<Page, Refusal> {
    let places: Vec<Option<EntityId>> = match which.place {
        Some(place) => vec![Some(place)],
        None if ctx.actor.divisions.is_empty() => vec![None],
        None => ctx.actor.divisions.iter().take(DIVISIONS).map(|d| Some(*d)).collect(),
    };
    let (mut lines, mut total) = (Vec::new(), 0);
    let mut names: BTreeMap<EntityId, Text> = BTreeMap::new();
    for (state, limit) in duties(&ctx.actor.roles) {
        for place in &places {
            let mut query = Query::kind("matter")
                .fields(&[&Report::CODE, &Report::TITLE])
                .fields(&[&core_fields::AT, &core_fields::WITHIN, &DUE])
                .filter(core_fields::STATE.is(state))
                .oldest()
                .limit(ROWS);
            if let Some(place) = place {
                query = query.filter(core_fields::WITHIN.at_most(*place));
            }
            let rows = query.run()?;
            total += rows.total();
            let (code, title) = (rows.column(Report::CODE)?, rows.column(Report::TITLE)?);
            let (at, within) = (rows.column(core_fields::AT)?, rows.column(core_fields::WITHIN)?);
            let dues = rows.column(DUE)?;
            for (row, id) in rows.ids().enumerate() {
                let filed = at.get(row).unwrap_or(ctx.now);
                let place = match within.get(row) {
                    None => Cell::none(),
                    Some(place) => {
                        if let std::collections::btree_map::Entry::Vacant(empty) = names.entry(place) {
                            empty.insert(place::name(place)?);
                        }
                        names.get(&place).cloned().map_or(Cell::none(), Cell::text)
                    }
                };
                let said = dues.get(row);
                let by = said.unwrap_or(filed.plus(limit));
                let due =
                    if limit == 0 && said.is_none() { Cell::none() } else { Cell::due(Due { at: ctx.now, limit: by }) };
                let cells = [
                    code.get(row).into(),
                    title.get(row).into(),
                    Cell::status(format!("state-{state}")),
                    place,
                    due,
                    filed.into(),
                ];
                lines.push((by, id, cells));
            }
        }
    }
    lines.sort_by_key(|(by, id, _)| (*by, *id));
    let mut table = Table::new()
        .key("tasks")
        .total(total)
        .opens("report", "matter")
        .col("code", "code")
        .col("title", "title")
        .col("state", "state")
        .col("place", "place")
        .col("due", "due")
        .col("news", "news")
        .col("created", "created");
    for (_, id, [code, title, state, place, due, filed]) in lines.into_iter().take(ROWS as usize) {
        let silent = clocks(id)?.iter().any(|c| c.name == "silence" && c.light == "overdue");
        let news = if silent { Cell::status("silent") } else { Cell::none() };
        table = table.row(id, [code, title, state, place, due, news, filed]);
    }
    Ok(Page::new("tasks").add(Section::new("tasks").empty("no-tasks").live().add(table)))
}

#[cfg(test)]
mod tests {
    use super::duties;

    #[test]
    fn a_role_has_the_steps_that_are_its_own_and_no_others() {
        let of = |role: &str| duties(&[role.to_owned()]).into_iter().map(|d| d.0).collect::<Vec<_>>();
        assert_eq!(of("operator"), ["submitted", "reopened", "awaiting", "accepted"]);
        assert_eq!(of("unit"), ["assigned", "handling", "paused"]);
        assert_eq!(of("verifier"), ["answered", "verified"]);
        assert_eq!(of("official"), ["arbitration"]);
        assert!(of("resident").is_empty());
    }
}
