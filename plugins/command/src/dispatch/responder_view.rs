//! Who is there: everybody who can be sent, and whether they are free. No number of a person is shown, and nobody is ordered by one.

use super::facet::Responder;
use super::propose::Stand;
use super::responder::register_responder;
use super::stand::Busy;
use crate::alarm::place_name;
use changzhi_sdk::prelude::*;
use std::collections::BTreeMap;

const ROWS: u32 = 500;

#[derive(Body)]
pub struct Of {
    /// What stands by in this place and what lies in it.
    #[field(entity = places)]
    pub place: Option<EntityId>,
}

/// The key of how somebody stands.
fn word(stand: Stand) -> &'static str {
    match stand {
        Stand::Free(_) => "stand-free",
        Stand::Off => "stand-off",
        _ => "stand-busy",
    }
}

#[view(label = "responders", listed, roles = ["duty-officer", "operator", "official", "admin"])]
pub fn responders(ctx: &Context, of: Of) -> Result<Page, Refusal> {
    let mut query = Query::kind("responder")
        .fields(&[&Responder::SHOWN, &Responder::SORT, &Responder::SKILLS, &Responder::ON_SINCE])
        .fields(&[&Responder::ENDED, &core_fields::WITHIN])
        .ascending(core_fields::AT)
        .limit(ROWS);
    if let Some(place) = of.place {
        query = query.filter(core_fields::WITHIN.at_most(place));
    }
    let rows = query.run()?;
    let (shown, sort) = (rows.column(Responder::SHOWN)?, rows.column(Responder::SORT)?);
    let (skills, on) = (rows.column(Responder::SKILLS)?, rows.column(Responder::ON_SINCE)?);
    let (ended, within) = (rows.column(Responder::ENDED)?, rows.column(core_fields::WITHIN)?);
    let busy = Busy::read(ctx.now, None)?;
    let mut free: BTreeMap<&str, i64> = BTreeMap::new();
    let mut table = Table::new()
        .key("responders")
        .total(rows.total())
        .col("shown", "shown")
        .col("sort", "responder-kind")
        .col("stand", "stand")
        .col("place", "stands-by")
        .col("skills", "skills");
    for (row, id) in rows.ids().enumerate() {
        if ended.get(row).unwrap_or(false) {
            continue;
        }
        let (sort, stand) = (sort.get(row).unwrap_or_default(), busy.stand(id, on.get(row), true));
        *free.entry(sort).or_default() += i64::from(matches!(stand, Stand::Free(_)));
        let place = within.get(row).map(place_name).transpose()?;
        let cells =
            [shown.get(row).into(), Cell::code(sort), Cell::status(word(stand)), place.into(), skills.get(row).into()];
        table = table.row(id, cells);
    }
    let table = table.bulk("responder", [Action::command("end-responder", "end-responder").style(Style::Danger)]);
    let cover = free.into_iter().fold(Detail::new(), |detail, (sort, n)| detail.line(Text::key(sort), n));
    Ok(Page::new("responders")
        .add(Section::new("free-now").key("free-now").live().add(cover))
        .add(
            Section::new("responders")
                .key("responders")
                .help("responders-help")
                .empty("no-responders")
                .live()
                .add(table),
        )
        .add(Form::of::<register_responder>()))
}
