//! What the sides state, side by side: a column for each, what it says and how it takes what the others say.

use super::case::{Case, MEDIATOR};
use super::facts::{Stated, stated};
use super::page_view::{Reader, side};
use super::state;
use changzhi_sdk::prelude::*;

/// A row for each statement: its words stand under the side that made it, under each other how that side takes them. What the mediator put
/// before everybody has a column of its own, where there is any.
pub(super) fn side_by_side<'a>(key: &str, case: &Case, all: impl IntoIterator<Item = &'a Stated>) -> Table {
    let all: Vec<&Stated> = all.into_iter().collect();
    let mut columns: Vec<&str> = case.sides();
    let others = all.iter().map(|one| one.side.as_str()).filter(|by| !columns.contains(by)).collect::<Vec<_>>();
    columns.extend(others.into_iter().fold(Vec::new(), |mut seen, by| {
        if !seen.contains(&by) {
            seen.push(by);
        }
        seen
    }));
    let head = Table::new().key(key).total(all.len() as u64).col("sort", "sort");
    let head = columns.iter().fold(head, |table, by| table.col(by, side(by)));
    all.iter().fold(head, |table, one| {
        let mut cells = vec![Cell::code(format!("sort-{}", one.sort))];
        cells.extend(columns.iter().map(|by| {
            if *by == one.side {
                one.text.clone().map_or(Cell::none(), |t| Cell::text(Text::plain(t)))
            } else if *by == MEDIATOR {
                Cell::none()
            } else {
                Cell::status(one.take_of(by))
            }
        }));
        table.plain_row(one.id, cells)
    })
}

/// What all agree on, and what not.
pub(super) fn statements(case: &Case, reader: &Reader) -> Result<Option<Section>, Refusal> {
    if case.mediator.is_none() || !(reader.mediating || reader.side.is_some()) {
        return Ok(None);
    }
    let all = stated(case.id)?;
    let (agreed, open): (Vec<Stated>, Vec<Stated>) = all.into_iter().partition(|s| s.is_admitted_by_all(case));
    let mut section = Section::new("statements")
        .add(Section::new("agreed-facts").empty("none-yet").add(side_by_side("agreed", case, &agreed)))
        .add(Section::new("contested-facts").empty("none-yet").add(side_by_side("open", case, &open)));
    if reader.decides {
        for one in &open {
            let words: String = one.text.as_deref().unwrap_or_default().chars().take(40).collect();
            section = section.add(Paragraph::new(Text::plain(words)));
            for take in ["admits", "contests"] {
                let action = Action::command(take, "take-statement").with("dispute", case.id);
                section = section.add(action.with("statement", one.id).with("take", take).style(Style::Plain));
            }
        }
    }
    Ok(Some(section.add(Form::of::<state>().with("dispute", case.id))))
}
