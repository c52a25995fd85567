//! What waits for whoever looks (待办), and one hazard with the steps that may be taken now.

use crate::commands::{Hazard, assign_fix, mark_fixed, recheck};
use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;

const PLACE_NAME: Field<String> = Field::new("host.place", "name", "host.place.name");
const ROWS: u32 = 50;
const DIVISIONS: usize = 20;
/// A hazard is to have an owner, and a mended one its check, within a day.
const SOON: i64 = Micros::DAY;

/// State and whose step is next. That an operator may do the work of a unit is nobody's task.
const DUTIES: [(&str, &[&str]); 3] =
    [("found", &["operator", "official"]), ("owned", &["unit", "grid-worker"]), ("fixed", &["verifier"])];

#[derive(Body)]
pub struct Where {
    /// This place and what lies in it.
    #[field(entity = places)]
    pub place: Option<EntityId>,
}

#[derive(Body)]
pub struct About {
    #[field(entity = events)]
    pub hazard: EntityId,
}

/// Until when the step of a state is due.
fn limit(state: &str, found: Micros, due: Option<Micros>, fixed: Option<Micros>) -> Option<Micros> {
    match state {
        "found" => Some(found.plus(SOON)),
        "owned" => due,
        "fixed" => fixed.map(|at| at.plus(SOON)),
        _ => None,
    }
}

#[view(label = "tasks", listed, roles = ["operator", "official", "unit", "grid-worker", "verifier"])]
pub fn tasks(ctx: &Context, which: Where) -> Result<Page, Refusal> {
    let places: Vec<Option<EntityId>> = match which.place {
        Some(place) => vec![Some(place)],
        None if ctx.actor.divisions.is_empty() => vec![None],
        None => ctx.actor.divisions.iter().take(DIVISIONS).map(|d| Some(*d)).collect(),
    };
    let (mut lines, mut total) = (Vec::new(), 0);
    for (state, _) in DUTIES.iter().filter(|(_, w)| w.iter().any(|r| ctx.actor.has_role(r))) {
        for place in &places {
            let mut query = Query::kind("hazard")
                .fields(&[&Hazard::TITLE, &Hazard::OWNER, &Hazard::DUE, &Hazard::FIXED])
                .fields(&[&core_fields::CATEGORY, &core_fields::AT, &core_fields::WITHIN])
                .filter(core_fields::STATE.is(*state))
                .oldest()
                .limit(ROWS);
            if let Some(place) = place {
                query = query.filter(core_fields::WITHIN.at_most(*place));
            }
            let rows = query.run()?;
            total += rows.total();
            let (title, owner) = (rows.column(Hazard::TITLE)?, rows.column(Hazard::OWNER)?);
            let (due, fixed) = (rows.column(Hazard::DUE)?, rows.column(Hazard::FIXED)?);
            let (category, at) = (rows.column(core_fields::CATEGORY)?, rows.column(core_fields::AT)?);
            let within = rows.column(core_fields::WITHIN)?;
            for (row, id) in rows.ids().enumerate() {
                let found = at.get(row).unwrap_or(ctx.now);
                let due = limit(state, found, due.get(row), fixed.get(row));
                let place = match within.get(row) {
                    Some(place) => Cell::from(get(place, PLACE_NAME)?.unwrap_or_else(|| format!("#{place}"))),
                    None => Cell::none(),
                };
                let cells = [
                    title.get(row).into(),
                    Cell::code(category.get(row).unwrap_or_default()),
                    Cell::status(format!("state-{state}")),
                    place,
                    due.map_or(Cell::none(), |limit| Cell::due(Due { at: ctx.now, limit })),
                    owner.get(row).into(),
                ];
                lines.push((due.unwrap_or(Micros(i64::MAX)), id, cells));
            }
        }
    }
    lines.sort_by_key(|(by, id, _)| (*by, *id));
    let mut table = Table::new()
        .key("tasks")
        .total(total)
        .opens("hazard", "hazard")
        .col("title", "title")
        .col("category", "category")
        .col("state", "state")
        .col("place", "place")
        .col("due", "due")
        .col("owner", "owner");
    for (_, id, cells) in lines.into_iter().take(ROWS as usize) {
        table = table.row(id, cells);
    }
    Ok(Page::new("tasks").add(Section::new("tasks").empty("no-tasks").live().add(table)))
}

#[view(name = "hazard", label = "hazard", roles = ["grid-worker", "unit", "operator", "verifier", "official", "duty-officer", "admin"])]
pub fn hazard_view(_ctx: &Context, about: About) -> Result<Page, Refusal> {
    let id = about.hazard;
    let core = (core_fields::KIND, core_fields::CATEGORY, core_fields::STATE, core_fields::AT, core_fields::WITHIN);
    let (kind, category, state, at, within) = get(id, core)?;
    if kind.as_deref() != Some("hazard") {
        return Err(Refusal::not_found("no-such-hazard"));
    }
    let (title, owner, due, fixed) = get(id, (Hazard::TITLE, Hazard::OWNER, Hazard::DUE, Hazard::FIXED))?;
    let mut detail = Detail::new()
        .line("category", Cell::code(category.unwrap_or_default()))
        .line("state", Cell::status(format!("state-{}", state.unwrap_or_default())))
        .line("found-at", at)
        .line("owner", owner)
        .line("due", due)
        .line("fixed", fixed);
    if let Some(within) = within {
        detail = detail.line("place", Cell::from(get(within, PLACE_NAME)?.unwrap_or_else(|| format!("#{within}"))));
    }
    let mut page = Page::new(Text::plain(title.unwrap_or_default())).add(detail);
    let next = allowed(id)?;
    let may = |event: &str| next.iter().any(|n| n.event.as_str() == event);
    if may("assign") {
        page = page.add(Form::of::<assign_fix>().with("hazard", id));
    }
    if may("fix") {
        page = page.add(Form::of::<mark_fixed>().with("hazard", id));
    }
    if may("pass") {
        page = page.add(Form::of::<recheck>().with("hazard", id));
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_open_state_has_a_limit_once_it_is_known() {
        let (found, due, fixed) = (Micros(0), Some(Micros(9)), Some(Micros(5)));
        assert_eq!(limit("found", found, due, fixed), Some(Micros(SOON)));
        assert_eq!(limit("owned", found, due, fixed), Some(Micros(9)));
        assert_eq!(limit("owned", found, None, None), None);
        assert_eq!(limit("fixed", found, due, fixed), Some(Micros(5 + SOON)));
        assert_eq!(limit("rechecked", found, due, fixed), None);
    }
}
