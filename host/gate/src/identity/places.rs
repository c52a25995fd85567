//! Places, one or many at a time, so that a city can be made of data through commands.

use super::{Call, invalid, manifest, put};
use crate::scope::lies_within;
use changzhi_model::body;
use changzhi_model::{Change, Changes, Create, EntityId, Msg, Named, Problem, Refusal, Text, Value};
use std::collections::HashMap;

const PLACE: &str = "host.place";
const EXTENT: &str = "host.extent";
/// Entries of one `create-places`.
const MANY: usize = 1_000;

/// Refused when the code is taken: a single place is somebody's own wish.
pub(super) fn create_one(call: &Call<'_>) -> Result<Changes, Refusal> {
    let mut batch = Batch::new(call);
    if !batch.add(call.body).map_err(|p| Refusal::Invalid(vec![p]))? {
        return Err(Refusal::Conflict(Text::key("host-code-taken")));
    }
    let answer = super::answer("place", Value::Entity(EntityId::provisional(0)));
    Ok(Changes { ops: batch.ops, answer })
}

/// A JSON array of places as `create-place` takes them, parents before children. A code that is there already is left as it
/// is and counted, so that the same data can be sent again.
pub(super) fn create_many(call: &Call<'_>) -> Result<Changes, Refusal> {
    let list: Vec<serde_json::Value> = serde_json::from_str(call.text(0)).map_err(|e| {
        let at = Named::new("at", Value::text(format!("{}:{}", e.line(), e.column())));
        invalid("places", "host-places-json", vec![at])
    })?;
    if list.len() > MANY {
        return Err(invalid("places", "host-places-many", vec![Named::new("limit", Value::Int(MANY as i64))]));
    }
    let fields = manifest::place_fields();
    let (mut batch, mut problems, mut same) = (Batch::new(call), Vec::new(), 0_i64);
    for (i, entry) in list.iter().enumerate() {
        let added = body::parse(&fields, entry).and_then(|place| batch.add(&place).map_err(|p| vec![p]));
        match added {
            Ok(true) => {}
            Ok(false) => same += 1,
            Err(of_entry) => problems.extend(
                of_entry
                    .into_iter()
                    .map(|p| Problem { field: format!("places[{i}].{}", p.field).into(), message: p.message }),
            ),
        }
    }
    if !problems.is_empty() {
        problems.truncate(body::PROBLEMS_MAX);
        return Err(Refusal::Invalid(problems));
    }
    let created = i64::try_from(batch.new.len()).unwrap_or(i64::MAX);
    let answer = vec![Named::new("created", Value::Int(created)), Named::new("same", Value::Int(same))];
    Ok(Changes { ops: batch.ops, answer })
}

struct Batch<'a> {
    call: &'a Call<'a>,
    /// Code of a place of this batch, and its number.
    new: HashMap<String, EntityId>,
    ops: Vec<Change>,
}

impl<'a> Batch<'a> {
    fn new(call: &'a Call<'a>) -> Batch<'a> {
        Batch { call, new: HashMap::new(), ops: Vec::new() }
    }

    /// `false`: a place with this code is there already. Fields as in [`manifest::place_fields`].
    fn add(&mut self, place: &[Value]) -> Result<bool, Problem> {
        let records = self.call.records;
        let text = |i: usize| place.get(i).and_then(Value::as_text).unwrap_or_default();
        let (kind, category, code, parent) = (text(0), text(1), text(2), text(4));
        let known = Value::text(code);
        if self.new.contains_key(code) || records.find(PLACE, "code", &known).is_some() {
            return Ok(false);
        }
        let problem = |field: &str, key: &str| Problem { field: field.into(), message: Text::key(key) };
        let own = &self.call.ctx.actor.divisions;
        let within = if parent.is_empty() {
            None
        } else if let Some(id) = self.new.get(parent) {
            Some(*id)
        } else {
            let found = records.find(PLACE, "code", &Value::text(parent));
            let found = found.ok_or_else(|| problem("parent", "host-no-such-place"))?;
            if !own.is_empty() && !lies_within(records, found, own) {
                return Err(problem("parent", "host-beyond-division"));
            }
            Some(found)
        };
        if within.is_none() && !own.is_empty() {
            return Err(problem("parent", "host-beyond-division"));
        }
        let position = match place.get(5) {
            Some(Value::Point(p)) => Some(*p),
            _ => None,
        };
        let extent = place.get(6).and_then(Value::as_text);
        if let Some(why) = extent.and_then(changzhi_world::extent_problem) {
            let message =
                Text::Msg(Msg { key: "host-no-extent".into(), args: vec![Named::new("why", Value::text(why))] });
            return Err(Problem { field: "extent".into(), message });
        }
        let id = EntityId::provisional(self.new.len() as u64);
        self.ops.push(Change::Create(Create {
            kind: kind.into(),
            category: category.into(),
            at: self.call.ctx.now,
            within,
            position,
        }));
        self.ops.push(put(id, PLACE, vec![("code", known), ("name", Value::text(text(3)))]));
        if let Some(ring) = extent {
            self.ops.push(put(id, EXTENT, vec![("ring", Value::text(ring))]));
        }
        self.new.insert(code.to_owned(), id);
        Ok(true)
    }
}
