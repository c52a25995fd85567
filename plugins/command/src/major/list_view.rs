//! All events: what goes on, what is to come, what waits for an approval, what is over.

use super::facet::Major;
use super::flow::table::PLANNER;
use super::form;
use crate::alarm::place_name;
use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;

const DUE: Field<Micros> = Field::new("host.track", "due", "host.track.due");
const ROWS: u32 = 200;
/// States of each table, the most pressing first.
const TABLES: [(&str, &[&str]); 3] = [
    ("major-to-approve", &["submitted"]),
    ("major-coming", &["live", "briefed", "approved", "draft"]),
    ("major-past", &["stood-down", "reviewed", "cancelled"]),
];

#[view(label = "majors", listed, roles = ["operator", "duty-officer", "official", "admin"])]
pub fn majors(ctx: &Context) -> Result<Page, Refusal> {
    let mut page = Page::new("majors");
    for (title, states) in TABLES {
        let section = Section::new(title).key(title).empty(Text::key(&format!("no-{title}"))).live();
        page = page.add(section.add(table(ctx, title, states)?));
    }
    if PLANNER.iter().any(|role| ctx.actor.has_role(role)) {
        page = page.add(fold([Section::new("new-major").key("new").add(form::write(None)?).into()]));
    }
    Ok(page)
}

fn table(ctx: &Context, key: &str, states: &[&str]) -> Result<Table, Refusal> {
    let mut table = Table::new()
        .key(key)
        .opens("major", "major")
        .col("title", "major-title")
        .col("state", "state")
        .col("from", "major-from")
        .col("place", "place")
        .col("due", "due")
        .col("sort", "major-sort")
        .num_col("crowd", "major-crowd")
        .num_col("version", "major-version");
    for state in states {
        let rows = Query::kind("major")
            .fields(&[&Major::TITLE, &Major::FROM, &Major::CROWD, &Major::VERSION, &DUE])
            .fields(&[&core_fields::CATEGORY, &core_fields::WITHIN])
            .filter(core_fields::STATE.is(*state))
            .oldest()
            .limit(ROWS)
            .run()?;
        let (title, from) = (rows.column(Major::TITLE)?, rows.column(Major::FROM)?);
        let (crowd, version) = (rows.column(Major::CROWD)?, rows.column(Major::VERSION)?);
        let (due, sort, within) =
            (rows.column(DUE)?, rows.column(core_fields::CATEGORY)?, rows.column(core_fields::WITHIN)?);
        for (row, id) in rows.ids().enumerate() {
            let cells = [
                title.get(row).into(),
                Cell::status(format!("state-major-{state}")),
                from.get(row).into(),
                within.get(row).map(place_name).transpose()?.into(),
                due.get(row).map_or(Cell::none(), |limit| Cell::due(Due { at: ctx.now, limit })),
                Cell::code(sort.get(row).unwrap_or_default()),
                crowd.get(row).into(),
                version.get(row).into(),
            ];
            table = table.row(id, cells);
        }
    }
    Ok(table)
}
