//! Columns of an answer: from the world's own columns, row by row of the answer.

use crate::ask::{Codes, Column, Texts};
use crate::column::Data;
use crate::field::{CoreField, FieldRef};
use crate::intern::Interner;
use crate::world::World;
use changzhi_model::Value;
use hashbrown::HashMap;

/// One field of these entities, and the rows that hold nothing.
pub(crate) fn column(world: &World, field: FieldRef, ids: &[u32]) -> (Column, Vec<u32>) {
    let mut missing = Vec::new();
    let column = match field {
        FieldRef::Core(CoreField::Kind) => codes(world, ids, &world.kinds, |s| s.kind),
        FieldRef::Core(CoreField::Category) => codes(world, ids, &world.categories, |s| s.category),
        FieldRef::Core(CoreField::State) => codes(world, ids, &world.states, |s| s.state),
        FieldRef::Facet { facet, field, part: None } => {
            let data = world.facets.get(facet).and_then(|f| f.columns.get(field)).map(|c| &c.data);
            match data {
                Some(Data::Code(values, names)) => {
                    let mut picked = Picked::default();
                    for (row, id) in (0u32..).zip(ids) {
                        let code = world.row(facet, *id).and_then(|(f, at)| {
                            let present = f.columns.get(field)?.present.get(at);
                            values.get(at).copied().filter(|_| present)
                        });
                        match code {
                            Some(code) => picked.push(code, names),
                            None => {
                                missing.push(row);
                                picked.codes.index.push(0);
                            }
                        }
                    }
                    picked.column()
                }
                Some(data) => by_value(world, FieldRef::Facet { facet, field, part: None }, ids, data, &mut missing),
                None => Column::Ints(Vec::new()),
            }
        }
        FieldRef::Core(CoreField::Id | CoreField::Within) => {
            by_value(world, field, ids, &Data::Entity(Vec::new()), &mut missing)
        }
        FieldRef::Core(CoreField::At) => by_value(world, field, ids, &Data::Time(Vec::new()), &mut missing),
        FieldRef::Core(CoreField::Changed) => by_value(world, field, ids, &Data::Int(Vec::new()), &mut missing),
        FieldRef::Core(CoreField::Lon | CoreField::Lat) | FieldRef::Facet { part: Some(_), .. } => {
            by_value(world, field, ids, &Data::Num(Vec::new()), &mut missing)
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

fn codes(world: &World, ids: &[u32], names: &Interner, code: impl Fn(&crate::component::Spine) -> u16) -> Column {
    let mut picked = Picked::default();
    for id in ids {
        picked.push(world.spine((*id).into()).map_or(0, |s| u32::from(code(s))), names);
    }
    picked.column()
}

fn by_value(world: &World, field: FieldRef, ids: &[u32], like: &Data, missing: &mut Vec<u32>) -> Column {
    let values = ids.iter().map(|id| world.spine((*id).into()).map_or(Value::None, |s| world.value_of(field, s)));
    let values = (0u32..).zip(values).inspect(|(row, value)| {
        if value.is_none() {
            missing.push(*row);
        }
    });
    let values = values.map(|(_, value)| value);
    match like {
        Data::Flag(_) => Column::Flags(values.map(|v| u8::from(v == Value::Flag(true))).collect()),
        Data::Int(_) | Data::Locator(..) => Column::Ints(values.map(|v| v.as_int().unwrap_or(0)).collect()),
        Data::Num(_) | Data::Point(..) => {
            Column::Nums(values.map(|v| if let Value::Num(n) = v { n } else { 0.0 }).collect())
        }
        Data::Time(_) => Column::Times(values.map(|v| v.as_time().map_or(0, |t| t.0)).collect()),
        Data::Entity(_) => Column::Entities(values.map(|v| v.as_entity().map_or(0, |e| e.0)).collect()),
        Data::Text(_) | Data::Code(..) => {
            let mut texts = Texts::default();
            for value in values {
                texts.arena.push_str(value.as_text().unwrap_or(""));
                texts.ends.push(texts.arena.len() as u32);
            }
            Column::Texts(texts)
        }
    }
}
