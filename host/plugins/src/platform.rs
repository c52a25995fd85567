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

/// The host behind the imports. Called on the thread that runs the plugin.
pub trait Platform: Send + Sync + 'static {
    /// Shows the world under a short shared lock. Does not call `look` when there is no world any more.
    fn with_world(&self, look: &mut dyn FnMut(&World));

    /// A value that is not in a column: a long text, or a personal field opened for the stated purpose, whose look is in the
    /// access log before it returns.
    fn stored(
        &self,
        ctx: &Context,
        plugin: &Name,
        entity: EntityId,
        facet: &str,
        field: &str,
    ) -> Result<Value, HostError>;

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
