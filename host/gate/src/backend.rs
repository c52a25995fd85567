//! What the gate needs of the platform below it, and no more.

use crate::{Outcome, Submission};
use changzhi_model::{EntityId, Family, Manifest, Micros, Name, Seq, Value};
use std::sync::Arc;

/// What every entity has, as far as gate and portal look at it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Core {
    pub family: Family,
    pub kind: Name,
    pub category: Name,
    pub state: Name,
    pub at: Micros,
    pub within: Option<EntityId>,
}

/// Reading the host's own facets. Open fields only: a sealed field reads as [`Value::None`].
pub trait Records {
    fn core(&self, entity: EntityId) -> Option<Core>;
    fn value(&self, entity: EntityId, facet: &str, field: &str) -> Value;
    /// The entity whose unique field has this value.
    fn find(&self, facet: &str, field: &str, value: &Value) -> Option<EntityId>;
    /// Entities of a kind whose field refers to `to`, in id order.
    fn referring(&self, kind: &str, facet: &str, field: &str, to: EntityId) -> Vec<EntityId>;
    /// Entities of a kind whose field says this, in id order, at most `limit` of them after `after`.
    fn saying(&self, kind: &str, facet: &str, field: &str, text: &str, after: EntityId, limit: u32) -> Vec<EntityId>;
    /// Entities of a kind, in id order, at most `limit` of them after `after`.
    fn holding(&self, kind: &str, after: EntityId, limit: u32) -> Vec<EntityId>;
    /// The newest entities of a kind, within a place when one is named, newest first.
    fn newest(&self, kind: &str, within: Option<EntityId>, limit: u32) -> Vec<EntityId>;
    /// The time of the last transaction. It never goes back, whatever the wall clock does.
    fn at(&self) -> Micros;
    /// The revision at which a value of the facet last changed.
    fn facet_revision(&self, facet: &str) -> Seq;
}

/// The city as the gate sees it.
pub trait Backend: Send + Sync + 'static {
    /// Looks at the world under its read lock: keep it short.
    fn read(&self, look: &mut dyn FnMut(&dyn Records));
    fn manifest(&self, plugin: &str) -> Option<Arc<Manifest>>;
    fn submit_then(&self, submission: Submission, tell: Box<dyn FnOnce(Outcome) + Send>);
    /// A sealed field of the host's own facets, for the host's own use (a password hash, one's own name): it is shown to
    /// nobody else, so it leaves no access-log entry. `None`: nothing there, or erased.
    fn secret(&self, entity: EntityId, facet: &str, field: &str) -> Result<Option<Value>, String>;
}

/// The facets a session is made of; see [`crate::Identity`].
const FACETS: [&str; 4] = ["host.account", "host.grant", "host.delegation", "host.token"];

/// Changes whenever a session might have to be made anew.
pub fn identity_revision(records: &dyn Records) -> Seq {
    FACETS.iter().map(|f| records.facet_revision(f)).max().unwrap_or(Seq::ZERO)
}
