//! Questions about one entity.

use crate::{
    ColumnValue, Delta, EntityId, Field, FieldSet, FieldValue, HostError, InColumn, NextStep, Sealed, Value, host,
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
