//! What the host gives a running plugin, seen from this crate.

use changzhi_model::{Context, EntityId, Micros, Name, Value};
use changzhi_world::World;

/// Why an import did not do what was asked: `host-error` of the interface.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HostError {
    #[error("not granted: {0}")]
    NotGranted(String),
    #[error("unknown: {0}")]
    Unknown(String),
    #[error("a purpose is needed: {0}")]
    PurposeNeeded(String),
    #[error("budget exceeded: {0}")]
    BudgetExceeded(String),
    #[error("invalid: {0}")]
    Invalid(String),
    #[error("{0}")]
    Other(String),
}

/// A value that is not in a column.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Opened {
    pub value: Value,
    /// The purpose it was opened for, if it was sealed: a [`Look`] to be accounted for before the call's answer leaves.
    pub purpose: Option<Name>,
}

impl From<Value> for Opened {
    fn from(value: Value) -> Opened {
        Opened { value, purpose: None }
    }
}

/// A sealed field that was opened during a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Look {
    pub entity: EntityId,
    pub facet: Name,
    pub field: Name,
    pub purpose: Name,
}

/// The host behind the imports. Called on the thread that runs the plugin.
pub trait Platform: Send + Sync + 'static {
    /// Shows the world under a short shared lock. Does not call `look` when there is no world any more.
    fn with_world(&self, look: &mut dyn FnMut(&World));

    /// A value that is not in a column: a long text, or a personal field opened for the stated purpose.
    fn stored(
        &self,
        ctx: &Context,
        plugin: &Name,
        entity: EntityId,
        facet: &str,
        field: &str,
    ) -> Result<Opened, HostError>;

    /// Enters the looks of one call in the access log, durable on return. Called before the call's answer is handed to anybody; on an
    /// error the answer is thrown away. One entry for all of them costs one wait for the disk, however much a page opens.
    fn looked(&self, ctx: &Context, plugin: &Name, looks: &[Look]) -> Result<(), HostError>;

    /// `(event, target)` of what the acting person may raise now on the entity.
    fn allowed(&self, ctx: &Context, entity: EntityId) -> Result<Vec<(Name, Name)>, HostError>;

    /// How the clocks of a matter stand at `ctx.now`. A host without rules has none.
    fn clocks(&self, _ctx: &Context, _entity: EntityId) -> Result<Vec<ClockStands>, HostError> {
        Ok(Vec::new())
    }

    /// The newest run of a clock, stretch by stretch.
    fn explain(&self, _ctx: &Context, _entity: EntityId, _clock: &str) -> Result<Vec<ClockStretch>, HostError> {
        Ok(Vec::new())
    }

    /// What happened to a matter, oldest first.
    fn story(&self, _ctx: &Context, _entity: EntityId) -> Result<Vec<Happened>, HostError> {
        Ok(Vec::new())
    }
}

/// `flow.clock` of the interface.
#[derive(Clone, PartialEq, Debug)]
pub struct ClockStands {
    pub name: Name,
    pub owner: Name,
    pub begun: Micros,
    pub due: Micros,
    pub paused: bool,
    pub light: &'static str,
    pub day: u32,
    pub days: u32,
}

/// `flow.stretch` of the interface.
#[derive(Clone, PartialEq, Debug)]
pub struct ClockStretch {
    pub begin: Micros,
    pub end: Micros,
    pub counts: bool,
    pub why: &'static str,
    pub detail: String,
}

/// `flow.happened` of the interface.
#[derive(Clone, PartialEq, Debug)]
pub struct Happened {
    pub at: Micros,
    pub event: Name,
    pub source: Name,
    pub target: Name,
    pub reason: String,
    pub clock: Name,
}
