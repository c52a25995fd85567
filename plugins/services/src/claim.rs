//! Whose a matter is, as the host keeps it: the hash of its PIN, and the account it was filed from. Both are sealed under the
//! matter's key and read by the gate alone; nothing here can read them back.

use changzhi_sdk::prelude::*;
use changzhi_sdk::{Field, Sealed};

const PIN: Field<String, Sealed> = Field::new("host.claim", "pin", "host.claim.pin");
const BY: Field<EntityId, Sealed> = Field::new("host.claim", "by", "host.claim.by");

/// `pin`: its hash, as the gate filled it in. `by`: the account that filed it as its own; whoever files for somebody else is not it.
pub(crate) fn mark(changes: &mut Changes, matter: EntityId, pin: Option<String>, by: Option<EntityId>) {
    if let Some(pin) = pin {
        changes.set(matter, PIN, pin);
    }
    if let Some(by) = by.filter(|by| by.0 != 0) {
        changes.set(matter, BY, by);
    }
}
