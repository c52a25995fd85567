//! Steps of a matter under its rules: the part of the check that knows clocks and guards.
//!
//! A kind whose flow has rules in force gets `host.track` beside every step: where it stands now (packed), when it is due, when its
//! clocks do something next, and the event itself, which names the one before. The track is a fold of those events and of nothing
//! else. A matter keeps the version and edition it began under; one without a track began before there were rules, and goes on by
//! the table of its flow's oldest version.

use crate::check::{CheckError, Checker};
use changzhi_flow::{CLOCK_ROLE, Engine, Event, FlowRefusal, Guard, Track};
use changzhi_model::{Change, EntityId, Fact, Msg, Name, Named, Refusal, Stored, Text, Value};
use changzhi_world::{Cell, World};
use hashbrown::HashMap;
use std::sync::Arc;

/// The facet the pipeline writes beside each step.
pub(crate) const TRACK: Name = Name::new_static("host.track");
/// A text argument is kept with the event up to here; the field it came from has all of it.
const KEPT_TEXT: usize = 200;

/// What a list of changes knows of the matters it moves.
#[derive(Default)]
pub(crate) struct Tracks {
    /// After the steps so far, with the seq of the last event that is in the journal.
    now: HashMap<EntityId, (Track, i64)>,
    /// Open values the list puts, by the entity as the list names it: arguments of its steps.
    given: HashMap<EntityId, Vec<(Name, Name, Value)>>,
}

impl Tracks {
    /// Takes down what a list with steps puts where.
    pub(crate) fn read(&mut self, ops: &[Change]) {
        if !ops.iter().any(|op| matches!(op, Change::Advance(_))) {
            return;
        }
        for op in ops {
            if let Change::Put(put) = op {
                let given = self.given.entry(put.entity).or_default();
                given.extend(put.fields.iter().map(|f| (put.facet.clone(), f.name.clone(), f.value.clone())));
            }
        }
    }
}

/// One step that is asked for.
pub(crate) struct Walk<'a> {
    /// As the list names it.
    pub(crate) id: EntityId,
    pub(crate) entity: EntityId,
    pub(crate) kind: &'a Name,
    pub(crate) state: &'a Name,
    pub(crate) category: &'a Name,
    pub(crate) flow: &'a Name,
}

/// The track the world keeps of an entity.
pub(crate) fn kept(world: &World, entity: EntityId) -> Result<Option<Track>, String> {
    let Some(Cell::Here(Value::Text(standing))) = world.cell(entity, &TRACK, "standing") else { return Ok(None) };
    let here = |field: &str| match world.cell(entity, &TRACK, field) {
        Some(Cell::Here(value)) => value,
        _ => Value::None,
    };
    let mut track = Track::unpack(&standing).map_err(|e| e.to_string())?;
    track.handoffs = here("handoffs").as_int().and_then(|n| u32::try_from(n).ok()).unwrap_or_default();
    track.outcome = here("outcome").as_text().and_then(|o| o.parse().ok());
    track.into = here("into").as_entity().unwrap_or_default();
    track.next = here("next").as_time();
    Ok(Some(track))
}

/// Where the newest event of an entity is in the journal; 0 is nowhere.
pub(crate) fn newest(world: &World, entity: EntityId) -> i64 {
    match world.cell(entity, &TRACK, "event") {
        Some(Cell::InJournal { seq, .. }) => i64::try_from(seq.0).unwrap_or_default(),
        _ => 0,
    }
}

/// The fact that keeps a track and the event that made it.
pub(crate) fn put(entity: EntityId, track: &Track, event: &Event, prev: i64) -> Result<Fact, CheckError> {
    let time = |at: Option<changzhi_model::Micros>| at.map_or(Value::None, Value::Time);
    let json =
        serde_json::to_string(event).map_err(|e| CheckError::Breach(format!("the event cannot be written: {e}")))?;
    let fields = [
        ("standing", Value::Text(track.pack())),
        ("due", time(track.first_due().map(|r| r.due))),
        ("next", time(track.next)),
        ("handoffs", Value::Int(i64::from(track.handoffs))),
        ("outcome", track.outcome.map_or(Value::None, |o| Value::text(o.name()))),
        ("into", if track.into.is_none() { Value::None } else { Value::Entity(track.into) }),
        ("event", Value::Text(json)),
        ("prev", Value::Int(prev)),
    ];
    // Of a track that begins, what is empty need not be said to be so.
    let said = |value: &Value| prev != 0 || !matches!(value, Value::None | Value::Int(0));
    let fields = fields.into_iter().filter(|(_, value)| said(value));
    let fields = fields.map(|(name, value)| (Name::new_static(name), Stored::Open(value))).collect();
    Ok(Fact::Put { entity, facet: TRACK, fields })
}

impl Checker<'_> {
    /// A new entity of a kind with a flow: its clocks begin.
    pub(crate) fn begun(&mut self, id: EntityId, flow: &Name, state: &Name, category: &Name) {
        let Some(version) = self.registry.flows.newest_version(flow) else { return };
        let Some(engine) = self.registry.engines.newest(flow, version) else { return };
        let event = Event::begun(self.at, state.clone(), category.clone()).by(self.actor.id);
        let track = engine.after(None, &event, "");
        if let Ok(fact) = put(id, &track, &event, 0) {
            self.facts.push(fact);
            self.tracks.now.insert(id, (track, 0));
        }
    }

    /// Where an event leads, by the table and the guards of the version the matter began under, and what is kept of it.
    pub(crate) fn walked(
        &mut self,
        walk: &Walk<'_>,
        event: &Name,
        reason: &str,
    ) -> Result<(Name, Option<Fact>), CheckError> {
        let registry = self.registry;
        let before = match self.tracks.now.get(&walk.entity) {
            Some(now) => Some(now.clone()),
            None => {
                kept(self.world, walk.entity).map_err(unread)?.map(|track| (track, newest(self.world, walk.entity)))
            }
        };
        let flows = &registry.flows;
        let Some((track, prev)) = before else {
            // Of a flow without rules the newest table counts; of one that got rules later, the table from before.
            let newest = flows.newest_version(walk.flow).unwrap_or_default();
            let ruled = registry.engines.newest(walk.flow, newest).is_some();
            let version = flows.oldest_version(walk.flow).filter(|_| ruled).unwrap_or(newest);
            let target = flows.next_at(walk.flow, version, walk.state, event, &self.actor.roles).map_err(conflict)?;
            return Ok((target.clone(), None));
        };
        let engine = registry.engines.at(walk.flow, track.version, track.edition).ok_or_else(|| {
            let (flow, version, edition) = (walk.flow, track.version, track.edition);
            CheckError::Breach(format!(
                "flow {flow} has no rules of version {version}, edition {edition}, which entity {} began under",
                walk.entity
            ))
        })?;
        let next = flows.next_at(walk.flow, track.version, walk.state, event, &self.actor.roles);
        let target = next.map_err(|refused| conflict(without_told(refused, engine)))?.clone();
        let happening = self.event(engine, walk, event, &target, reason);
        engine.judge(&track, &happening).map_err(|guard| refused(&guard))?;
        if engine.rules().event(event).is_some_and(|r| r.merges) {
            self.may_join(walk, happening.arg("into"))?;
        }
        let holder = self.holder(engine, walk.entity);
        let after = engine.after(Some(&track), &happening, &holder);
        let fact = put(walk.entity, &after, &happening, prev)?;
        self.tracks.now.insert(walk.entity, (after, prev));
        Ok((target, Some(fact)))
    }

    /// The event with its arguments: what this list puts into the fields the rules name.
    fn event(&self, engine: &Engine, walk: &Walk<'_>, event: &Name, target: &Name, reason: &str) -> Event {
        let mut made = Event::new(self.at, event.clone(), walk.state.clone(), target.clone()).by(self.actor.id);
        made.category = walk.category.clone();
        made.reason = reason.to_owned();
        let given = self.tracks.given.get(&walk.id).into_iter().flatten();
        for (facet, field, value) in given {
            for (arg, path) in &engine.rules().args {
                if path.rsplit_once('.').is_some_and(|(f, n)| f == facet && n == field) && !value.is_none() {
                    // What is sealed is only said to be there: an event is open.
                    let sealed = self
                        .registry
                        .facets
                        .get(facet)
                        .and_then(|f| f.field(field))
                        .is_some_and(|f| f.sensitivity.is_sealed());
                    made.args.insert(arg.clone(), if sealed { Value::Flag(true) } else { short(value) });
                }
            }
        }
        made
    }

    /// Whose it was before this list.
    fn holder(&self, engine: &Engine, entity: EntityId) -> String {
        let Some((facet, field)) = engine.rules().holder.rsplit_once('.') else { return String::new() };
        match self.world.cell(entity, facet, field) {
            Some(Cell::Here(Value::Text(holder))) => holder,
            _ => String::new(),
        }
    }

    /// A voice joins a matter of its own kind that is no voice itself.
    fn may_join(&self, walk: &Walk<'_>, into: &Value) -> Result<(), CheckError> {
        let no = |key: &str| Err(Refusal::Conflict(Text::key(key)).into());
        let Value::Entity(into) = into else { return no("core-flow-merge-nowhere") };
        match self.world.core(*into) {
            Some(core) if core.kind == *walk.kind && *into != walk.entity => {}
            _ => return no("core-flow-merge-nowhere"),
        }
        let joined = kept(self.world, *into).map_err(unread)?;
        match joined {
            Some(track) if track.into.is_none() => Ok(()),
            _ => no("core-flow-merge-into-voice"),
        }
    }
}

fn short(value: &Value) -> Value {
    match value {
        Value::Text(text) if text.len() > KEPT_TEXT => {
            Value::Text(text.chars().take(KEPT_TEXT / 4).chain(['…']).collect())
        }
        other => other.clone(),
    }
}

/// What a loser is told: what cannot happen any more, from where, and what still can.
fn conflict(refused: FlowRefusal) -> CheckError {
    CheckError::Refused(Refusal::Conflict(Text::plain(refused.to_string())))
}

/// Nobody is offered what only another system tells, or a clock does.
fn without_told(refused: FlowRefusal, engine: &Arc<Engine>) -> FlowRefusal {
    match refused {
        FlowRefusal::NotPossible { event, state, mut possible } => {
            possible.retain(|e| !engine.rules().event(e).is_some_and(|r| r.told));
            FlowRefusal::NotPossible { event, state, possible }
        }
        FlowRefusal::NotYours { event, mut roles } => {
            roles.retain(|r| *r != CLOCK_ROLE);
            FlowRefusal::NotYours { event, roles }
        }
        other => other,
    }
}

/// Damage: told, and nothing done.
fn unread(why: String) -> CheckError {
    CheckError::Refused(Refusal::Other(Text::plain(why)))
}

fn refused(guard: &Guard) -> CheckError {
    let text = Text::Msg(Msg { key: guard.key().into(), args: args(guard) });
    CheckError::Refused(if guard.is_denial() { Refusal::Denied(text) } else { Refusal::Conflict(text) })
}

fn args(guard: &Guard) -> Vec<Named> {
    let text = |name: &'static str, value: &str| Named::new(name, Value::text(value));
    match guard {
        Guard::Missing { event, missing } => vec![text("event", event), text("missing", missing)],
        Guard::UnknownCode { event, code, .. } => vec![text("event", event), text("code", code)],
        Guard::TooOften { event, done, most } => {
            vec![text("event", event), text("done", &done.to_string()), text("most", &most.to_string())]
        }
        Guard::TooLate { event, limit } => vec![text("event", event), text("limit", limit)],
        Guard::AlreadyDue { event, clock } => vec![text("event", event), text("clock", clock)],
        Guard::Days { days, most } => vec![text("days", &days.to_string()), text("most", &most.to_string())],
        Guard::UnknownOutcome(outcome) => vec![text("outcome", outcome)],
        Guard::NoReason { event }
        | Guard::VerifierIsHandler { event }
        | Guard::AskerAnswers { event }
        | Guard::Bound { event } => vec![text("event", event)],
        Guard::NothingAsked | Guard::AskedAlready | Guard::Nameless | Guard::NothingToAcknowledge | Guard::NoVoice => {
            Vec::new()
        }
    }
}
