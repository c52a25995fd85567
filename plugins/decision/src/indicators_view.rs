//! The definitions in force and before, newest version first.

use crate::indicator::Indicator;
use changzhi_sdk::prelude::*;

#[view(label = "indicators", listed, roles = ["official", "operator", "admin"])]
pub fn indicators(_ctx: &Context) -> Result<Page, Refusal> {
    let rows = Query::kind("indicator")
        .fields(&[&Indicator::CODE, &Indicator::VERSION, &Indicator::TITLE, &Indicator::COUNTS])
        .fields(&[&Indicator::AMONG, &Indicator::DIRECTION, &Indicator::MIN_N, &core_fields::AT])
        .newest()
        .limit(500)
        .run()?;
    let (code, version, title) =
        (rows.column(Indicator::CODE)?, rows.column(Indicator::VERSION)?, rows.column(Indicator::TITLE)?);
    let (counts, among, direction) =
        (rows.column(Indicator::COUNTS)?, rows.column(Indicator::AMONG)?, rows.column(Indicator::DIRECTION)?);
    let (min_n, at) = (rows.column(Indicator::MIN_N)?, rows.column(core_fields::AT)?);
    let mut table = Table::new()
        .total(rows.total())
        .col("title", "title")
        .col("code", "code")
        .num_col("version", "version")
        .col("counts", "counts")
        .col("among", "among")
        .col("direction", "direction")
        .num_col("min-n", "min-n")
        .col("defined", "defined");
    for (row, id) in rows.ids().enumerate() {
        let coded = |c: Option<&str>| Cell::from(c.map(Cell::code));
        let cells = [
            title.get(row).into(),
            code.get(row).into(),
            version.get(row).into(),
            coded(counts.get(row)),
            coded(among.get(row)),
            coded(direction.get(row)),
            min_n.get(row).into(),
            at.get(row).into(),
        ];
        table = table.row(id, cells);
    }
    Ok(Page::new("indicators")
        .add(Section::new("indicators").empty("no-indicators").add(table))
        .add(Form::of::<crate::indicator::define_indicator>()))
}
