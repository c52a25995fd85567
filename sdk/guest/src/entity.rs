//! Questions about one entity.

use crate::{
    ColumnValue, Delta, EntityId, Field, FieldSet, FieldValue, Happened, HostError, InColumn, Micros, NextStep,
    Running, Sealed, Stretch, Value, host,
};

fn unexpected(fields: &[String]) -> HostError {
    HostError::Other(format!("the host answered with other types than asked for {}", fields.join(", ")))
}

/// Fields of one entity: one field, or a tuple of up to eight read in a single call.
///
/// ```ignore
/// let (code, state) = get(matter, (Report::CODE, core_fields::STATE))?;
/// ```
pub fn get<S: FieldSet>(entity: EntityId, fields: S) -> Result<S::Values, HostError> {
    let names = fields.names();
    let values = host::get(entity.0, &names)?;
    fields.values(values).ok_or_else(|| unexpected(&names))
}

/// The entity whose unique field has this value.
pub fn find<T: ColumnValue>(field: Field<T, InColumn>, value: impl Into<T>) -> Result<Option<EntityId>, HostError> {
    let value: Value = value.into().into();
    Ok(host::find(field.full_name(), &value)?.map(EntityId))
}

/// Opens one sealed field. Needs a purpose and leaves an entry in the access log; `None` when the key was destroyed or the
/// field is empty.
pub fn reveal<T: FieldValue>(entity: EntityId, field: Field<T, Sealed>) -> Result<Option<T>, HostError> {
    let names = [field.full_name().to_owned()];
    match host::reveal(entity.0, &names)?.pop() {
        Some(Value::None) => Ok(None),
        Some(value) => T::from_value(value).map(Some).ok_or_else(|| unexpected(&names)),
        None => Err(unexpected(&names)),
    }
}

/// Entities of a kind changed after a revision.
pub fn since(kind: &str, revision: u64) -> Result<Delta, HostError> {
    let delta = host::since(kind, revision)?;
    Ok(Delta {
        revision: delta.revision,
        changed: delta.changed.into_iter().map(EntityId).collect(),
        resync: delta.resync,
    })
}

/// What the acting person may do next to an entity in its flow.
pub fn allowed(entity: EntityId) -> Result<Vec<NextStep>, HostError> {
    let steps = host::allowed(entity.0)?;
    Ok(steps.into_iter().map(|s| NextStep { event: s.event, target: s.target }).collect())
}

/// The clocks of a matter that run or are paused, the one that runs out first before the others.
pub fn clocks(entity: EntityId) -> Result<Vec<Running>, HostError> {
    let clocks = host::clocks(entity.0)?;
    let clock = |c: crate::bindings::changzhi::platform::flow::Clock| Running {
        name: c.name,
        owner: c.owner,
        begun: Micros(c.begun),
        due: Micros(c.due),
        paused: c.paused,
        light: c.light,
        day: c.day,
        days: c.days,
    };
    Ok(clocks.into_iter().map(clock).collect())
}

/// The newest run of a clock of a matter, stretch by stretch, without a gap.
pub fn explain(entity: EntityId, clock: &str) -> Result<Vec<Stretch>, HostError> {
    let stretches = host::explain(entity.0, clock)?;
    let stretch = |s: crate::bindings::changzhi::platform::flow::Stretch| Stretch {
        begin: Micros(s.begin),
        end: Micros(s.end),
        counts: s.counts,
        why: s.why,
        detail: s.detail,
    };
    Ok(stretches.into_iter().map(stretch).collect())
}

/// What happened to a matter, oldest first.
pub fn story(entity: EntityId) -> Result<Vec<Happened>, HostError> {
    let story = host::story(entity.0)?;
    let happened = |h: crate::bindings::changzhi::platform::flow::Happened| Happened {
        at: Micros(h.at),
        event: h.event,
        source: h.source,
        target: h.target,
        reason: h.reason,
        clock: h.clock,
    };
    Ok(story.into_iter().map(happened).collect())
}
