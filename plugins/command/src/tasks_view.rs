//! What waits for whoever looks (待办), and one alarm with the steps that may be taken now.

use crate::commands::{Alarm, acknowledge, attend, stand_down};
use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;

const PLACE_NAME: Field<String> = Field::new("host.place", "name", "host.place.name");
const ROWS: u32 = 50;
const DIVISIONS: usize = 20;

/// State, whose step is next, and by when after the alarm was rung (microseconds); 0 has no limit.
const DUTIES: [(&str, &[&str], i64); 3] = [
    ("rung", &["operator", "duty-officer"], Micros::MINUTE),
    ("acknowledged", &["unit", "grid-worker"], 10 * Micros::MINUTE),
    ("attended", &["operator", "duty-officer"], 0),
];

#[derive(Body)]
pub struct Where {
    /// This place and what lies in it.
    #[field(entity = places)]
    pub place: Option<EntityId>,
}

#[derive(Body)]
pub struct About {
    #[field(entity = events)]
    pub alarm: EntityId,
}

#[view(label = "tasks", listed, roles = ["operator", "duty-officer", "unit", "grid-worker"])]
pub fn tasks(ctx: &Context, which: Where) -> Result<Page, Refusal> {
    let places: Vec<Option<EntityId>> = match which.place {
        Some(place) => vec![Some(place)],
        None if ctx.actor.divisions.is_empty() => vec![None],
        None => ctx.actor.divisions.iter().take(DIVISIONS).map(|d| Some(*d)).collect(),
    };
    let (mut lines, mut total) = (Vec::new(), 0);
    for (state, _, limit) in DUTIES.iter().filter(|(_, w, _)| w.iter().any(|r| ctx.actor.has_role(r))) {
        for place in &places {
            let mut query = Query::kind("alarm")
                .fields(&[&Alarm::SPOT, &core_fields::CATEGORY, &core_fields::AT, &core_fields::WITHIN])
                .filter(core_fields::STATE.is(*state))
                .oldest()
                .limit(ROWS);
            if let Some(place) = place {
                query = query.filter(core_fields::WITHIN.at_most(*place));
            }
            let rows = query.run()?;
            total += rows.total();
            let (spot, category) = (rows.column(Alarm::SPOT)?, rows.column(core_fields::CATEGORY)?);
            let (at, within) = (rows.column(core_fields::AT)?, rows.column(core_fields::WITHIN)?);
            for (row, id) in rows.ids().enumerate() {
                let rung = at.get(row).unwrap_or(ctx.now);
                let place = match within.get(row) {
                    Some(place) => Cell::from(get(place, PLACE_NAME)?.unwrap_or_else(|| format!("#{place}"))),
                    None => Cell::none(),
                };
                let due = match *limit {
                    0 => Cell::none(),
                    limit => Cell::due(Due { at: ctx.now, limit: rung.plus(limit) }),
                };
                let cells = [
                    Cell::code(category.get(row).unwrap_or_default()),
                    place,
                    spot.get(row).into(),
                    Cell::status(format!("state-{state}")),
                    due,
                ];
                lines.push((rung, id, cells));
            }
        }
    }
    lines.sort_by_key(|(rung, id, _)| (*rung, *id));
    let mut table = Table::new()
        .key("tasks")
        .total(total)
        .opens("alarm", "alarm")
        .col("category", "category")
        .col("place", "place")
        .col("spot", "spot")
        .col("state", "state")
        .col("due", "due");
    for (_, id, cells) in lines.into_iter().take(ROWS as usize) {
        table = table.row(id, cells);
    }
    Ok(Page::new("tasks").add(Section::new("tasks").empty("no-tasks").live().add(table)))
}

#[view(name = "alarm", label = "alarm", roles = ["operator", "duty-officer", "unit", "grid-worker", "official", "admin"])]
pub fn alarm_view(_ctx: &Context, about: About) -> Result<Page, Refusal> {
    let id = about.alarm;
    let core = (core_fields::KIND, core_fields::CATEGORY, core_fields::STATE, core_fields::AT, core_fields::WITHIN);
    let (kind, category, state, at, within) = get(id, core)?;
    if kind.as_deref() != Some("alarm") {
        return Err(Refusal::not_found("no-such-alarm"));
    }
    let (spot, taker, taken, outcome) = get(id, (Alarm::SPOT, Alarm::TAKEN_BY, Alarm::TAKEN, Alarm::OUTCOME))?;
    let mut detail = Detail::new()
        .line("category", Cell::code(category.unwrap_or_default()))
        .line("state", Cell::status(format!("state-{}", state.unwrap_or_default())))
        .line("rung", at)
        .line("spot", spot)
        .line("taken_by", taker.map_or(Cell::none(), Cell::person))
        .line("taken", taken)
        .line("outcome", outcome.map_or(Cell::none(), Cell::code));
    if let Some(within) = within {
        detail = detail.line("place", Cell::from(get(within, PLACE_NAME)?.unwrap_or_else(|| format!("#{within}"))));
    }
    let mut page = Page::new("alarm").add(detail);
    for next in allowed(id)? {
        page = match next.event.as_str() {
            "acknowledge" => page.add(Form::of::<acknowledge>().with("alarm", id)),
            "attend" => page.add(Form::of::<attend>().with("alarm", id)),
            "stand-down" => page.add(Form::of::<stand_down>().with("alarm", id)),
            _ => page,
        };
    }
    Ok(page)
}
