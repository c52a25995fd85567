//! What the host keeps of division codes through time: which code took whose place when, and boundaries that no longer hold.
//!
//! A place of today is one entity with one code and one boundary (`host.place`, `host.extent`). What was before is no place, nobody's roles
//! hold there and nothing lies in it; so it is kept beside the places, in two kinds of record of its own:
//!
//! ```text
//! succession  from a day on, `new` has what `old` had, or a part of it       one record for each pair of codes
//! boundary    the rings a code had until a day                               one record for each code and day
//! ```
//!
//! A journal that has neither opens as before: then every code means the place that has it. What is wrong is withdrawn or sent again with
//! the right dates; the journal keeps both.

use super::{Call, invalid, manifest, put};
use crate::Records;
use changzhi_divisions::{Codes, Step, circle, plain};
use changzhi_model::{Change, Changes, EntityId, Micros, Named, Problem, Refusal, Text, Value, body};
use std::collections::{HashMap, HashSet};
use std::convert::Infallible;

pub(super) const SUCCESSION: &str = "host.succession";
pub(super) const BOUNDARY: &str = "host.boundary";
const PLACE: &str = "host.place";
/// Rows of one `record-successions`.
const MANY: usize = 500;
/// Records of a kind, all of which are looked through for circles: what one question to the world gives.
pub(super) const ALL: u32 = 10_000;
/// Rings of one boundary.
const RINGS: usize = 50;

/// All steps that are not withdrawn, with what answers for places.
pub(super) struct Book<'a> {
    records: &'a dyn Records,
    pub(super) steps: Vec<(EntityId, Step)>,
    pub(super) boundaries: Vec<Old>,
}

/// A boundary that no longer holds.
pub(super) struct Old {
    pub(super) id: EntityId,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) since: Option<Micros>,
    pub(super) until: Micros,
}

impl<'a> Book<'a> {
    pub(super) fn open(records: &'a dyn Records) -> Book<'a> {
        let standing = |kind: &str, facet: &str| {
            let mut all = records.holding(kind, EntityId::NONE, ALL);
            all.retain(|id| records.value(*id, facet, "withdrawn") != Value::Flag(true));
            all
        };
        let text = |id, facet: &str, field: &str| match records.value(id, facet, field) {
            Value::Text(text) => text,
            _ => String::new(),
        };
        let flag = |id, field: &str| match records.value(id, SUCCESSION, field) {
            Value::Flag(flag) => Some(flag),
            _ => None,
        };
        let time = |id, facet: &str, field: &str| records.value(id, facet, field).as_time();
        let steps = standing("succession", SUCCESSION).into_iter().map(|id| {
            let said = |field: &str| text(id, SUCCESSION, field);
            let step = Step {
                old: said("old"),
                old_name: said("old-name"),
                new: said("new"),
                at: time(id, SUCCESSION, "effective").unwrap_or_default().0,
                ends: flag(id, "old-ends"),
                begins: flag(id, "new-begins"),
                note: said("note"),
            };
            (id, step)
        });
        let boundaries = standing("boundary", BOUNDARY).into_iter().map(|id| Old {
            id,
            code: text(id, BOUNDARY, "code"),
            name: text(id, BOUNDARY, "name"),
            since: time(id, BOUNDARY, "since"),
            until: time(id, BOUNDARY, "until").unwrap_or_default(),
        });
        Book { records, steps: steps.collect(), boundaries: boundaries.collect() }
    }

    /// The place with a code, however many zeros it was written with.
    pub(super) fn place(&self, code: &str) -> Option<EntityId> {
        let twelve = changzhi_divisions::Division::parse(code).map(|d| d.twelve());
        let forms = [Some(code.to_owned()), twelve];
        forms.into_iter().flatten().find_map(|c| self.records.find(PLACE, "code", &Value::Text(c)))
    }
}

impl Codes for Book<'_> {
    type Error = Infallible;

    fn after(&self, code: &str) -> Result<Vec<Step>, Infallible> {
        Ok(self.steps.iter().map(|(_, s)| s).filter(|s| s.old == code).cloned().collect())
    }

    fn before(&self, code: &str) -> Result<Vec<Step>, Infallible> {
        Ok(self.steps.iter().map(|(_, s)| s).filter(|s| s.new == code).cloned().collect())
    }

    fn held(&self, code: &str) -> Result<bool, Infallible> {
        Ok(self.place(code).is_some())
    }

    fn drawn(&self, code: &str) -> Result<Option<i64>, Infallible> {
        Ok(self.boundaries.iter().filter(|b| b.code == code).map(|b| b.until.0).min())
    }
}

fn problem(field: String, key: &str, args: Vec<Named>) -> Problem {
    let message =
        if args.is_empty() { Text::key(key) } else { Text::Msg(changzhi_model::Msg { key: key.to_owned(), args }) };
    Problem { field: field.into(), message }
}

/// A JSON array of steps, all or none. A pair of codes that is there already gets what is said now.
pub(super) fn record_successions(call: &Call<'_>) -> Result<Changes, Refusal> {
    call.whole_city_only()?;
    let list: Vec<serde_json::Value> = serde_json::from_str(call.text(0)).map_err(|e| {
        let at = Named::new("at", Value::text(format!("{}:{}", e.line(), e.column())));
        invalid("rows", "host-rows-json", vec![at])
    })?;
    if list.len() > MANY {
        return Err(invalid("rows", "host-rows-many", vec![Named::new("limit", Value::Int(MANY as i64))]));
    }
    let fields = manifest::succession_fields();
    let (mut rows, mut problems, mut pairs) = (Vec::new(), Vec::new(), HashSet::new());
    for (i, entry) in list.iter().enumerate() {
        let here = |field: &str| format!("rows[{i}].{field}");
        match body::parse(&fields, entry) {
            Ok(values) => {
                let row = Row::of(&values);
                if !pairs.insert((row.step.old.clone(), row.step.new.clone())) {
                    problems.push(problem(here("new"), "host-pair-twice", Vec::new()));
                }
                rows.push(row);
            }
            Err(found) => problems.extend(found.into_iter().map(|p| Problem { field: here(&p.field).into(), ..p })),
        }
    }
    let book = Book::open(call.records);
    let kept = book.steps.iter().map(|(_, s)| s).filter(|s| !pairs.contains(&(s.old.clone(), s.new.clone())));
    let all: Vec<Step> = kept.cloned().chain(rows.iter().map(|r| r.step.clone())).collect();
    if all.len() > ALL as usize {
        problems.push(problem("rows".into(), "host-rows-all", vec![Named::new("limit", Value::Int(i64::from(ALL)))]));
    }
    if let Some(round) = circle(&all) {
        let round = Named::new("round", Value::text(round.join(" → ")));
        problems.push(problem("rows".into(), "host-succession-circle", vec![round]));
    }
    if !problems.is_empty() {
        problems.truncate(body::PROBLEMS_MAX);
        return Err(Refusal::Invalid(problems));
    }
    let (mut ops, mut count) = (Vec::new(), Counts::default());
    for row in rows {
        row.write(call, &mut ops, &mut count);
    }
    Ok(Changes { ops, answer: count.answer() })
}

#[derive(Default)]
struct Counts {
    new: u64,
    changed: i64,
    same: i64,
}

impl Counts {
    fn answer(&self) -> Vec<Named> {
        let new = i64::try_from(self.new).unwrap_or(i64::MAX);
        let of = |name: &str, n| Named::new(name, Value::Int(n));
        vec![of("new", new), of("changed", self.changed), of("same", self.same)]
    }
}

struct Row {
    step: Step,
    /// As `host.succession` keeps them, without the key.
    fields: Vec<(&'static str, Value)>,
}

impl Row {
    /// Fields as in [`manifest::succession_fields`].
    fn of(values: &[Value]) -> Row {
        let at = |i: usize| values.get(i).cloned().unwrap_or_default();
        let code = |i: usize| plain(at(i).as_text().unwrap_or_default());
        let flag = |i: usize| match at(i) {
            Value::Flag(flag) => Some(flag),
            _ => None,
        };
        let step = Step {
            old: code(0),
            new: code(1),
            at: at(2).as_time().unwrap_or_default().0,
            ends: flag(6),
            begins: flag(7),
            ..Step::default()
        };
        let fields = vec![
            ("old", Value::text(step.old.as_str())),
            ("new", Value::text(step.new.as_str())),
            ("effective", at(2)),
            ("old-name", at(3)),
            ("new-name", at(4)),
            ("note", at(5)),
            ("old-ends", at(6)),
            ("new-begins", at(7)),
            ("withdrawn", Value::None),
        ];
        Row { step, fields }
    }

    fn write(self, call: &Call<'_>, ops: &mut Vec<Change>, count: &mut Counts) {
        let key = Value::Text(format!("{}>{}", self.step.old, self.step.new));
        let id = match call.records.find(SUCCESSION, "key", &key) {
            Some(id) => {
                let differs = |(name, value): &(&str, Value)| call.records.value(id, SUCCESSION, name) != *value;
                if !self.fields.iter().any(differs) {
                    count.same += 1;
                    return;
                }
                count.changed += 1;
                id
            }
            None => {
                let at = Micros(self.step.at);
                ops.push(Change::Create(changzhi_model::Create { at, ..super::create(call, "succession", "code") }));
                count.new += 1;
                EntityId::provisional(count.new - 1)
            }
        };
        let fields = std::iter::once(("key", key)).chain(self.fields).collect();
        ops.push(put(id, SUCCESSION, fields));
    }
}

/// The rings a code had until a day; without such a day they are those of the place of today.
pub(super) fn record_boundary(call: &Call<'_>) -> Result<Changes, Refusal> {
    call.whole_city_only()?;
    let code = plain(call.text(0));
    let (since, until) = (call.at(2).as_time(), call.at(3).as_time());
    let rings: Vec<&str> = call.text(4).split(';').map(str::trim).filter(|r| !r.is_empty()).collect();
    if rings.is_empty() || rings.len() > RINGS {
        return Err(invalid("rings", "host-rings-many", vec![Named::new("limit", Value::Int(RINGS as i64))]));
    }
    if let Some((n, why)) = rings.iter().enumerate().find_map(|(n, r)| Some((n, changzhi_world::extent_problem(r)?))) {
        let args = vec![Named::new("why", Value::text(format!("{}: {why}", n + 1)))];
        return Err(invalid("rings", "host-no-extent", args));
    }
    if since.zip(until).is_some_and(|(since, until)| since >= until) {
        return Err(invalid("until", "host-until-before-since", Vec::new()));
    }
    let book = Book::open(call.records);
    let same_day = |b: &&Old| b.code == code && Some(b.until) == until;
    let others = book.boundaries.iter().filter(|b| b.code == code && !same_day(b));
    let meets = |b: &&Old| {
        let begins_before = |a: Option<Micros>, end: Option<Micros>| end.is_none_or(|e| a.is_none_or(|a| a < e));
        // Without a first day an older one begins where the one before it ended.
        let own = since.or_else(|| (until.is_none_or(|u| b.until < u)).then_some(b.until));
        let its = b.since.or_else(|| until.filter(|u| *u < b.until));
        begins_before(own, Some(b.until)) && begins_before(its, until)
    };
    if let Some(other) = others.into_iter().find(meets) {
        let args = vec![Named::new("until", Value::Time(other.until))];
        return Err(invalid("since", "host-boundaries-meet", args));
    }
    let Some(until) = until else { return of_today(&book, &code, since, &rings) };
    let text = rings.join("; ");
    let digest = Value::Text(hex::encode(crate::sessions::key(&text)));
    let key = Value::Text(format!("{code}@{}", until.to_rfc3339()));
    let name = call.at(1).clone();
    let fields = vec![
        ("code", Value::Text(code)),
        ("name", name),
        ("since", since.map_or(Value::None, Value::Time)),
        ("until", Value::Time(until)),
        ("digest", digest),
        ("withdrawn", Value::None),
    ];
    let (mut ops, known) = (Vec::new(), call.records.find(BOUNDARY, "key", &key));
    let (id, outcome) = match known {
        Some(id) if !fields.iter().any(|(name, v)| call.records.value(id, BOUNDARY, name) != *v) => (id, "same"),
        Some(id) => (id, "changed"),
        None => {
            ops.push(Change::Create(changzhi_model::Create { at: until, ..super::create(call, "boundary", "code") }));
            (EntityId::provisional(0), "new")
        }
    };
    if outcome != "same" {
        let more = [("key", key), ("rings", Value::Text(text))];
        ops.push(put(id, BOUNDARY, more.into_iter().chain(fields).collect()));
    }
    Ok(Changes { ops, answer: vec![Named::new("outcome", Value::text(outcome))] })
}

fn of_today(book: &Book<'_>, code: &str, since: Option<Micros>, rings: &[&str]) -> Result<Changes, Refusal> {
    let place = book.place(code).ok_or_else(|| invalid("code", "host-no-place-of-code", Vec::new()))?;
    let [ring] = rings else {
        return Err(invalid("rings", "host-one-ring", vec![Named::new("count", Value::Int(rings.len() as i64))]));
    };
    let fields = vec![("ring", Value::text(*ring)), ("since", since.map_or(Value::None, Value::Time))];
    let answer = vec![Named::new("outcome", Value::text("changed"))];
    Ok(Changes { ops: vec![put(place, "host.extent", fields)], answer })
}

/// Takes a succession or an older boundary back, as if it had never been said; sending it again brings it back.
pub(super) fn withdraw(call: &Call<'_>) -> Result<Changes, Refusal> {
    call.whole_city_only()?;
    let id = call.entity(0);
    let facets = HashMap::from([("succession", SUCCESSION), ("boundary", BOUNDARY)]);
    let kind = call.records.core(id).map(|c| c.kind);
    let facet = kind.as_ref().and_then(|k| facets.get(k.as_str()));
    let facet = facet.ok_or_else(|| invalid("record", "host-not-dated", Vec::new()))?;
    Ok(Changes { ops: vec![put(id, facet, vec![("withdrawn", Value::Flag(true))])], answer: Vec::new() })
}
