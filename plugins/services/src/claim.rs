//! Whose a matter is, as the host keeps it: the hash of its PIN, and a mark of the account it was filed from. Only the gate can say
//! whether a PIN or an account fits them; nothing here can.

use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;

const PIN: Field<String> = Field::new("host.claim", "pin", "host.claim.pin");
const OWN: Field<String> = Field::new("host.claim", "own", "host.claim.own");

/// Both as the gate filled them in. `own`: of the account that files it as its own; whoever files for somebody else gives none.
pub(crate) fn mark(changes: &mut Changes, matter: EntityId, pin: Option<String>, own: Option<String>) {
    if let Some(pin) = pin {
        changes.set(matter, PIN, pin);
    }
    if let Some(own) = own {
        changes.set(matter, OWN, own);
    }
}
