//! For whom alone a record opens.
//!
//! A facet with a field of type [`Members`] keeps what is sealed in it for the accounts the field names on that record: the host opens it
//! for them, without a purpose because it is their own matter, and for nobody else, whatever role or purpose they hold. A record that
//! names nobody opens for nobody. Who may be named is the plugin's to decide; that nobody else gets in is the host's.
//!
//! ```ignore
//! #[field(internal)]
//! pub members: Members,
//! ```

use crate::bindings::changzhi::platform::describe::FieldType;
use crate::{EntityId, FieldValue, Value};

/// Accounts, each once; 64 at most.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Members(Vec<EntityId>);

impl Members {
    /// These accounts; one that comes twice is named once.
    pub fn of(accounts: impl IntoIterator<Item = EntityId>) -> Members {
        let mut all: Vec<EntityId> = Vec::new();
        for account in accounts {
            if !all.contains(&account) {
                all.push(account);
            }
        }
        Members(all)
    }

    pub fn ids(&self) -> &[EntityId] {
        &self.0
    }

    pub fn has(&self, account: EntityId) -> bool {
        self.0.contains(&account)
    }

    /// The same without one of them.
    #[must_use]
    pub fn without(&self, account: EntityId) -> Members {
        Members(self.0.iter().copied().filter(|a| *a != account).collect())
    }
}

impl From<Members> for Value {
    fn from(members: Members) -> Value {
        if members.0.is_empty() {
            return Value::None;
        }
        Value::Text(members.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    }
}

impl FieldValue for Members {
    fn field_type() -> FieldType {
        FieldType::Other("members".to_owned())
    }

    fn from_value(value: Value) -> Option<Members> {
        match value {
            Value::Text(ids) => {
                ids.split(' ').map(|id| id.parse().ok().map(EntityId)).collect::<Option<_>>().map(Members)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_back_as_they_went_each_once() {
        let members = Members::of([EntityId(3), EntityId(5), EntityId(3)]);
        assert_eq!(members.ids(), [EntityId(3), EntityId(5)]);
        assert_eq!(Members::from_value(members.clone().into()), Some(members.clone()));
        assert_eq!(members.without(EntityId(3)).ids(), [EntityId(5)]);
        assert!(Members::from_value(Value::Text("3 x".into())).is_none());
    }
}
