//! Columns of an answer, each straight from the column of the world that holds it.

use crate::ask::{Codes, Column, Texts};
use crate::column::{Data, FieldColumn};
use crate::component::Spine;
use crate::field::{CoreField, FieldRef};
use crate::intern::Interner;
use crate::selection::{Selection, blank};
use crate::text::TextArena;
use crate::world::World;
use changzhi_model::Point;
use hashbrown::HashMap;

/// The fields of these entities, and for each the positions that hold nothing.
pub(crate) fn columns(world: &World, fields: &[FieldRef], ids: &[u32]) -> (Vec<Column>, Vec<Vec<u32>>) {
    let mut selections = HashMap::new();
    for facet in fields.iter().filter_map(|f| f.facet()) {
        if let Some(kept) = world.facets.get(facet) {
            selections.entry(facet).or_insert_with(|| Selection::of(kept, ids));
        }
    }
    let core = fields.iter().any(|f| matches!(f, FieldRef::Core(_)));
    let spines = if core { spines(world, ids) } else { Vec::new() };
    let column = |field: &FieldRef| match *field {
        FieldRef::Core(field) => core_column(world, field, ids, &spines),
        FieldRef::Facet { facet, field, part } => {
            let kept = world.facets.get(facet).and_then(|f| f.columns.get(field));
            match (kept, selections.get(&facet)) {
                (Some(kept), Some(selection)) => facet_column(kept, part, selection),
                _ => (Column::Ints(Vec::new()), Vec::new()),
            }
        }
    };
    fields.iter().map(column).unzip()
}

fn facet_column(kept: &FieldColumn, part: Option<CoreField>, rows: &Selection) -> (Column, Vec<u32>) {
    let missing = rows.missing(&kept.present);
    let column = match &kept.data {
        Data::Flag(v) => Column::Flags(blank(rows.take(v), &missing).into_iter().map(u8::from).collect()),
        Data::Int(v) => Column::Ints(blank(rows.take(v), &missing)),
        Data::Num(v) => Column::Nums(blank(rows.take(v), &missing)),
        Data::Time(v) => Column::Times(blank(rows.take(v), &missing)),
        Data::Entity(v) => Column::Entities(blank(rows.take(v), &missing)),
        Data::Point(lon, lat) => {
            let half = if part == Some(CoreField::Lat) { lat } else { lon };
            Column::Nums(blank(rows.take(half), &missing))
        }
        Data::Code(v, names) => {
            let mut picked = Picked::default();
            rows.each(|row| match row.filter(|row| kept.present.get(*row)).and_then(|row| v.get(row)) {
                Some(code) => picked.push(*code, names),
                None => picked.codes.index.push(0),
            });
            picked.column()
        }
        Data::Text(arena) => Column::Texts(texts(arena, kept, rows)),
        // Refused when the query was read: personal fields and long texts are in no column.
        Data::Locator(..) => Column::Ints(Vec::new()),
    };
    (column, missing)
}

fn texts(arena: &TextArena, kept: &FieldColumn, rows: &Selection) -> Texts {
    let mut texts = Texts::default();
    rows.each(|row| {
        texts.arena.push_str(row.filter(|row| kept.present.get(*row)).map_or("", |row| arena.get(row)));
        texts.ends.push(texts.arena.len() as u32);
    });
    texts
}

/// Entities that were found: each has a spine, or the answer would not name it.
fn spines(world: &World, ids: &[u32]) -> Vec<Spine> {
    let all = world.all_spines();
    let none = Spine { at: 0, id: 0, within: 0, kind: 0, category: 0, state: 0 };
    ids.iter().map(|id| all.get(world, *id).copied().unwrap_or(none)).collect()
}

fn core_column(world: &World, field: CoreField, ids: &[u32], spines: &[Spine]) -> (Column, Vec<u32>) {
    let mut missing = Vec::new();
    let column = match field {
        CoreField::Id => Column::Entities(ids.iter().map(|id| u64::from(*id)).collect()),
        CoreField::Kind => codes(spines, &world.kinds, |s| s.kind),
        CoreField::Category => codes(spines, &world.categories, |s| s.category),
        CoreField::State => codes(spines, &world.states, |s| s.state),
        CoreField::At => Column::Times(spines.iter().map(|s| s.at).collect()),
        CoreField::Within => {
            missing = (0u32..).zip(spines).filter(|(_, s)| s.within == 0).map(|(at, _)| at).collect();
            Column::Entities(spines.iter().map(|s| u64::from(s.within)).collect())
        }
        CoreField::Lon | CoreField::Lat => {
            let half = |p: Point| if field == CoreField::Lon { p.lon } else { p.lat };
            let mut values = Vec::with_capacity(ids.len());
            for (at, id) in (0u32..).zip(ids) {
                match world.position((*id).into()) {
                    Some(position) => values.push(half(position)),
                    None => {
                        missing.push(at);
                        values.push(0.0);
                    }
                }
            }
            Column::Nums(values)
        }
        CoreField::Changed => {
            let changed = |id: &u32| world.ids.changed.get((*id as usize).saturating_sub(1)) as i64;
            Column::Ints(ids.iter().map(changed).collect())
        }
    };
    (column, missing)
}

#[derive(Default)]
struct Picked {
    codes: Codes,
    seen: HashMap<u32, u32>,
}

impl Picked {
    fn push(&mut self, code: u32, names: &Interner) {
        let next = self.codes.names.len() as u32;
        let index = *self.seen.entry(code).or_insert(next);
        if index == next {
            self.codes.names.push(names.name(code).to_string());
        }
        self.codes.index.push(index);
    }

    /// An index always points at a name, rows that hold nothing included.
    fn column(mut self) -> Column {
        if self.codes.names.is_empty() && !self.codes.index.is_empty() {
            self.codes.names.push(String::new());
        }
        Column::Codes(self.codes)
    }
}

fn codes(spines: &[Spine], names: &Interner, code: impl Fn(&Spine) -> u16) -> Column {
    let mut picked = Picked::default();
    spines.iter().for_each(|spine| picked.push(u32::from(code(spine)), names));
    picked.column()
}
