//! Conditions, compiled once: names become numbers, so that a row costs a few compares.
//!
//! Contract: an unknown name equals nothing; a wrong type is an error, not a silent miss.

use crate::ask::{Condition, Op};
use crate::bits::Bits;
use crate::column::Data;
use crate::component::Spine;
use crate::error::QueryError;
use crate::field::{CoreField, FieldRef};
use crate::world::World;
use changzhi_model::{EntityId, Value};
use std::cmp::Ordering;

#[derive(Debug, Clone)]
pub(crate) enum Test {
    /// A core code against a number; `None` = a name nobody has.
    Code(CoreField, bool, Option<u16>),
    Within(Op, Option<u32>),
    /// In one of these places.
    Below(Bits),
    At(Op, i64),
    /// Anything else, by value.
    Value(FieldRef, Op, Value),
    /// A coded column: `None` = a name nobody has.
    Coded {
        facet: usize,
        field: usize,
        equal: bool,
        code: Option<u32>,
    },
    Int {
        facet: usize,
        field: usize,
        op: Op,
        value: i64,
    },
}

pub(crate) fn holds(op: Op, order: Option<Ordering>) -> bool {
    match op {
        Op::Eq => order == Some(Ordering::Equal),
        Op::Ne => order != Some(Ordering::Equal),
        Op::Lt => order == Some(Ordering::Less),
        Op::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Op::Gt => order == Some(Ordering::Greater),
        Op::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    }
}

/// How two values of one field compare; nothing equals nothing and is in no order with anything else.
pub(crate) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::None, Value::None) => Some(Ordering::Equal),
        (Value::Flag(a), Value::Flag(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Num(a), Value::Num(b)) => a.partial_cmp(b),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Entity(a), Value::Entity(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// The value as the field's own type.
fn coerce(world: &World, field: FieldRef, value: &Value) -> Option<Value> {
    let fits = match (field, value) {
        (_, Value::None) => true,
        (FieldRef::Core(CoreField::Id | CoreField::Within), Value::Entity(_)) => true,
        (FieldRef::Core(CoreField::At), Value::Time(_)) => true,
        (FieldRef::Core(CoreField::Changed), Value::Int(_)) => true,
        (FieldRef::Core(CoreField::Kind | CoreField::Category | CoreField::State), Value::Text(_)) => true,
        (FieldRef::Core(CoreField::Lon | CoreField::Lat) | FieldRef::Facet { part: Some(_), .. }, Value::Int(n)) => {
            return Some(Value::Num(*n as f64));
        }
        (FieldRef::Core(CoreField::Lon | CoreField::Lat) | FieldRef::Facet { part: Some(_), .. }, Value::Num(_)) => {
            true
        }
        (FieldRef::Facet { facet, field, .. }, value) => {
            match (&world.facets.get(facet)?.columns.get(field)?.data, value) {
                (Data::Num(_), Value::Int(n)) => return Some(Value::Num(*n as f64)),
                (Data::Flag(_), Value::Flag(_))
                | (Data::Int(_), Value::Int(_))
                | (Data::Num(_), Value::Num(_))
                | (Data::Time(_), Value::Time(_))
                | (Data::Entity(_), Value::Entity(_))
                | (Data::Code(..) | Data::Text(_), Value::Text(_)) => true,
                _ => false,
            }
        }
        _ => false,
    };
    fits.then(|| value.clone())
}

impl Test {
    pub fn compile(world: &World, c: &Condition) -> Result<Test, QueryError> {
        let field = FieldRef::queryable(world, &c.field)?;
        let value = coerce(world, field, &c.value)
            .ok_or_else(|| QueryError::Invalid(format!("{} cannot be compared with this type of value", c.field)))?;
        let equality = matches!(c.op, Op::Eq | Op::Ne);
        let small = |n: Option<u32>| n.and_then(|n| u16::try_from(n).ok());
        Ok(match (field, &value) {
            (FieldRef::Core(f @ CoreField::Kind), Value::Text(s)) if equality => {
                Test::Code(f, c.op == Op::Eq, small(world.kinds.number(s)))
            }
            (FieldRef::Core(f @ CoreField::Category), Value::Text(s)) if equality => {
                Test::Code(f, c.op == Op::Eq, small(world.categories.number(s)))
            }
            (FieldRef::Core(f @ CoreField::State), Value::Text(s)) if equality => {
                Test::Code(f, c.op == Op::Eq, small(world.states.number(s)))
            }
            (FieldRef::Core(CoreField::Within), Value::Entity(e)) => match c.op {
                // Nowhere is stored as zero, which is nobody's id.
                Op::Eq | Op::Ne => Test::Within(c.op, u32::try_from(e.0).ok().filter(|id| *id != 0)),
                Op::Le => Test::Below(world.places_below(*e, true)),
                Op::Lt => Test::Below(world.places_below(*e, false)),
                Op::Gt | Op::Ge => return Err(QueryError::Invalid("`within` takes eq, ne, le and lt".into())),
            },
            (FieldRef::Core(CoreField::At), Value::Time(t)) => Test::At(c.op, t.0),
            (FieldRef::Facet { facet, field, part: None }, Value::Int(n)) => {
                Test::Int { facet, field, op: c.op, value: *n }
            }
            (FieldRef::Facet { facet, field, .. }, Value::Text(s)) if equality => {
                match world.facets.get(facet).and_then(|f| f.columns.get(field)).map(|c| &c.data) {
                    Some(Data::Code(_, names)) => {
                        Test::Coded { facet, field, equal: c.op == Op::Eq, code: names.number(s) }
                    }
                    _ => Test::Value(FieldRef::Facet { facet, field, part: None }, c.op, value),
                }
            }
            _ => Test::Value(field, c.op, value),
        })
    }

    pub fn holds(&self, world: &World, spine: &Spine) -> bool {
        match self {
            Test::Code(field, equal, code) => {
                let here = match field {
                    CoreField::Kind => spine.kind,
                    CoreField::Category => spine.category,
                    _ => spine.state,
                };
                (Some(here) == *code) == *equal
            }
            Test::Within(op, place) => (Some(spine.within) == *place) == (*op == Op::Eq),
            Test::Below(places) => places.get(spine.within as usize),
            Test::At(op, at) => holds(*op, Some(spine.at.cmp(at))),
            Test::Coded { facet, field, equal, code } => {
                let here = world.row(*facet, spine.id).and_then(|(f, row)| {
                    let column = f.columns.get(*field).filter(|c| c.present.get(row))?;
                    match &column.data {
                        Data::Code(v, _) => v.get(row).copied(),
                        _ => None,
                    }
                });
                (here.is_some() && here == *code) == *equal
            }
            Test::Int { facet, field, op, value } => {
                let here = world.row(*facet, spine.id).and_then(|(f, row)| {
                    let column = f.columns.get(*field).filter(|c| c.present.get(row))?;
                    match &column.data {
                        Data::Int(v) => v.get(row).copied(),
                        _ => None,
                    }
                });
                holds(*op, here.map(|n| n.cmp(value)))
            }
            Test::Value(field, op, value) => holds(*op, compare(&world.value_of(*field, spine), value)),
        }
    }
}

impl World {
    pub(crate) fn row(&self, facet: usize, id: u32) -> Option<(&crate::facet::Facet, usize)> {
        let facet = self.facets.get(facet)?;
        Some((facet, facet.rows.get(id)? as usize))
    }

    /// The value of a queryable field of one entity.
    pub(crate) fn value_of(&self, field: FieldRef, spine: &Spine) -> Value {
        match field {
            FieldRef::Core(CoreField::Id) => Value::Entity(EntityId(spine.id.into())),
            FieldRef::Core(CoreField::At) => Value::Time(changzhi_model::Micros(spine.at)),
            FieldRef::Core(core) => {
                let id = EntityId(spine.id.into());
                self.core(id).map_or(Value::None, |c| core.value(id, &c))
            }
            FieldRef::Facet { facet, field, part } => {
                let value = self.row(facet, spine.id).and_then(|(f, row)| f.columns.get(field)?.value(row));
                match (value, part) {
                    (Some(Value::Point(p)), Some(CoreField::Lon)) => Value::Num(p.lon),
                    (Some(Value::Point(p)), Some(_)) => Value::Num(p.lat),
                    (value, _) => value.unwrap_or_default(),
                }
            }
        }
    }

    /// The places at and below one, or only below, by id.
    pub(crate) fn places_below(&self, top: EntityId, itself: bool) -> Bits {
        let mut found = Bits::zeros(self.ids.len() + 1);
        let Some(top) = u32::try_from(top.0).ok().filter(|id| self.ids.holds((*id).into())) else { return found };
        let Some(children) = self.ecs.get_resource::<crate::systems::Children>() else { return found };
        let mut open = vec![top];
        while let Some(at) = open.pop() {
            if found.get(at as usize) {
                continue;
            }
            found.set(at as usize, true);
            let below = children.of(at).iter().copied();
            open.extend(
                below.filter(|id| self.ids.address(*id).is_some_and(|a| a.family() == changzhi_model::Family::Places)),
            );
        }
        if !itself {
            found.set(top as usize, false);
        }
        found
    }
}
