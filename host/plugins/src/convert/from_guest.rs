//! From the guest to the model, counting what it sent.

use crate::bindings::changzhi::platform::{changes as ch, types as wit};
use crate::bindings::exports::changzhi::platform::guest;
use crate::fault::FaultKind;
use crate::limits::Limits;
use crate::plugin::Step;
use changzhi_model::{
    Advance, Change, Changes, Create, EntityId, Intent, Micros, Move, Msg, Named, Note, Point, Problem, Put,
    Recategorise, Refusal, Text, Value,
};

/// Counts bytes while values move; over the limit the whole answer is a fault.
struct Scale {
    bytes: u64,
}

impl Scale {
    fn string(&mut self, s: &str) {
        self.bytes += s.len() as u64 + 8;
    }

    fn name(&mut self, s: &str) -> changzhi_model::Name {
        self.string(s);
        s.into()
    }

    fn named(&mut self, list: Vec<wit::Named>) -> Vec<Named> {
        list.into_iter().map(|n| Named { name: self.name(&n.name), value: self.value(n.value) }).collect()
    }

    fn value(&mut self, from: wit::Value) -> Value {
        self.bytes += 16;
        if let wit::Value::Text(s) = &from {
            self.string(s);
        }
        value(from)
    }

    fn text(&mut self, from: wit::Text) -> Text {
        match from {
            wit::Text::Plain(s) => {
                self.string(&s);
                Text::Plain(s)
            }
            wit::Text::Msg(m) => {
                self.string(&m.key);
                Text::Msg(Msg { key: m.key, args: self.named(m.args) })
            }
        }
    }

    fn change(&mut self, from: ch::Change) -> Change {
        match from {
            ch::Change::Create(c) => Change::Create(Create {
                kind: self.name(&c.kind),
                category: self.name(&c.category),
                at: Micros(c.at),
                within: c.within.map(EntityId),
                position: c.position.map(point),
            }),
            ch::Change::Put(p) => Change::Put(Put {
                entity: EntityId(p.entity),
                facet: self.name(&p.facet),
                fields: self.named(p.fields),
            }),
            ch::Change::Advance(a) => {
                self.string(&a.reason);
                Change::Advance(Advance { entity: EntityId(a.entity), event: self.name(&a.event), reason: a.reason })
            }
            ch::Change::Note(n) => {
                Change::Note(Note { entity: EntityId(n.entity), kind: self.name(&n.kind), text: self.text(n.text) })
            }
            ch::Change::Intent(i) => Change::Intent(Intent {
                kind: self.name(&i.kind),
                entity: i.entity.map(EntityId),
                args: self.named(i.args),
            }),
            ch::Change::Move(m) => Change::Move(Move {
                entity: EntityId(m.entity),
                within: m.within.map(EntityId),
                position: m.position.map(point),
            }),
            ch::Change::Recategorise(r) => {
                Change::Recategorise(Recategorise { entity: EntityId(r.entity), category: self.name(&r.category) })
            }
        }
    }
}

fn point(p: wit::Point) -> Point {
    Point { lon: p.lon, lat: p.lat }
}

pub(crate) fn value(from: wit::Value) -> Value {
    match from {
        wit::Value::None => Value::None,
        wit::Value::Flag(b) => Value::Flag(b),
        wit::Value::Int(i) => Value::Int(i),
        wit::Value::Num(n) => Value::Num(n),
        wit::Value::Text(s) => Value::Text(s),
        wit::Value::Time(t) => Value::Time(Micros(t)),
        wit::Value::Entity(e) => Value::Entity(EntityId(e)),
        wit::Value::Point(p) => Value::Point(point(p)),
    }
}

/// The changes and how many bytes they carry, or the limit they broke.
pub(crate) fn changes(from: ch::Changes, limits: &Limits) -> Result<(Changes, u64), FaultKind> {
    let asked = from.ops.len() as u64;
    if asked > u64::from(limits.changes) {
        return Err(FaultKind::Changes { limit: limits.changes, was: asked });
    }
    let mut scale = Scale { bytes: 0 };
    let ops = from.ops.into_iter().map(|c| scale.change(c)).collect();
    let answer = scale.named(from.answer);
    if scale.bytes > limits.output as u64 {
        return Err(FaultKind::Output { limit: limits.output as u64, was: scale.bytes });
    }
    Ok((Changes { ops, answer }, scale.bytes))
}

pub(crate) fn refusal(from: wit::Refusal, limits: &Limits) -> Result<(Refusal, u64), FaultKind> {
    let mut scale = Scale { bytes: 0 };
    let refusal = match from {
        wit::Refusal::Denied(t) => Refusal::Denied(scale.text(t)),
        wit::Refusal::Invalid(problems) => Refusal::Invalid(
            problems
                .into_iter()
                .map(|p| Problem { field: scale.name(&p.field), message: scale.text(p.message) })
                .collect(),
        ),
        wit::Refusal::Conflict(t) => Refusal::Conflict(scale.text(t)),
        wit::Refusal::NotFound(t) => Refusal::NotFound(scale.text(t)),
        wit::Refusal::Other(t) => Refusal::Other(scale.text(t)),
    };
    if scale.bytes > limits.output as u64 {
        return Err(FaultKind::Output { limit: limits.output as u64, was: scale.bytes });
    }
    Ok((refusal, scale.bytes))
}

pub(crate) fn step(from: guest::Step, limits: &Limits) -> Result<(Step, u64), FaultKind> {
    let cursor_bytes = from.cursor.as_ref().map_or(0, |c| c.len() as u64);
    if cursor_bytes > limits.output as u64 {
        return Err(FaultKind::Output { limit: limits.output as u64, was: cursor_bytes });
    }
    let (changes, bytes) = changes(from.changes, limits)?;
    Ok((Step { done: from.done, total: from.total, cursor: from.cursor, changes }, bytes + cursor_bytes))
}
