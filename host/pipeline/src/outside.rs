//! What the outbox needs of the city: opening a sealed field at the moment of sending, and journaling what became of an intent.

use crate::city::City;
use crate::commit::{CommitError, Origin};
use crate::members::Needs;
use crate::native::HOST;
use changzhi_model::{Actor, EntityId, Fact, Name, SealedAt, Seq, Value};
use changzhi_world::Cell;

/// The purpose a message is sent for, in the access log.
pub const SENDING: Name = Name::new_static("notify");

/// What a sealed field gave.
#[derive(Clone, PartialEq)]
pub enum Unsealed {
    Value(Value),
    /// Nothing was ever written there, or it was cleared.
    Empty,
    /// Its key is destroyed.
    Erased,
    /// The record opens for its members, and whoever is to be told is none of them.
    NotAMember,
}

impl City {
    /// Opens a sealed field to send it or to send to it. The look is durable in the access log before the value is returned
    /// (CHARTER 7), entered as the host's own for the purpose [`SENDING`]. What opens for members alone opens only when `receiver`
    /// is one of them: they are told what is theirs.
    ///
    /// # Errors
    /// The journal cannot be read or takes nothing; try again.
    pub fn open_to_send(&self, at: &SealedAt, receiver: Option<EntityId>) -> Result<Unsealed, String> {
        if let Needs::Membership = self.needs(receiver.unwrap_or_default(), at.entity, &at.facet) {
            return Ok(Unsealed::NotAMember);
        }
        let cell = self.read(|w| w.cell(at.entity, &at.facet, &at.field));
        let (seq, change) = match cell {
            None | Some(Cell::Here(Value::None)) if self.vault.is_erased(at.entity) => return Ok(Unsealed::Erased),
            None | Some(Cell::Here(Value::None)) => return Ok(Unsealed::Empty),
            Some(Cell::Here(value)) => return Ok(Unsealed::Value(value)),
            Some(Cell::InJournal { seq, change } | Cell::Sealed { seq, change }) => (seq, change),
        };
        let Some(value) = self.fetch(at.entity, &at.facet, &at.field, seq, change)? else {
            return Ok(Unsealed::Erased);
        };
        let host = crate::switch::system();
        self.looked(&host, &SENDING, &HOST, at.entity, (&at.facet, &at.field))?;
        Ok(Unsealed::Value(value))
    }

    /// Whether something is, or was and is erased, in a field; nothing is opened.
    pub fn held(&self, at: &SealedAt) -> bool {
        let cell = self.read(|w| w.cell(at.entity, &at.facet, &at.field));
        cell.is_some_and(|cell| cell != Cell::Here(Value::None)) || self.vault.is_erased(at.entity)
    }

    /// Journals facts of the outbox (what became of an intent, intents it made of one) as one transaction of the host. Returns
    /// its place; the journal's durable mark tells when it is safe.
    ///
    /// # Errors
    /// The journal takes nothing now (a full disk) or any more: nothing was written, try again.
    pub fn journal_outbox(&self, facts: Vec<Fact>) -> Result<Seq, String> {
        let (actor, purpose, command) = (Actor::default(), Name::default(), Name::new_static("outbox"));
        let request = self.fresh_request();
        let origin =
            Origin { actor: &actor, purpose: &purpose, plugin: &HOST, command: &command, request, digest: [0; 16] };
        self.append(origin, facts, Vec::new()).map_err(|error| match error {
            CommitError::Full(why) | CommitError::Fatal(why) | CommitError::Breach(why) => why,
            other => format!("{other:?}"),
        })
    }

    /// The city's clock.
    pub fn now(&self) -> changzhi_model::Micros {
        self.clock.now()
    }
}
