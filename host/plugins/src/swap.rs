//! A new version takes over while the host runs.
//!
//! The candidate is loaded beside the old one and migrates in steps; the old one answers meanwhile. Only the last step's
//! commit and the switch happen while the write lane stands still between two calls, so callers see a pause and no error.
//! A refusal, fault or failed commit leaves the old version in force. After the switch the new one is on trial: a fault
//! within its first calls puts the old one back.

use crate::fault::Fault;
use crate::limits::Export;
use crate::plugin::{Call, Plugin, Step};
use crate::readset::ReadSet;
use crate::slot::Slot;
use changzhi_model::{Context, Name, Refusal};
use std::sync::Arc;

/// The caller's side of a migration.
pub trait Migration {
    /// The context of the next step: now, and the world's revision.
    fn context(&mut self) -> Context;

    /// Commits a step's changes; with `last`, together with the switch to the new version. `Ok(Migrated::Stale)` when what it
    /// read has changed: the step is made again. `Err` ends the migration.
    fn commit(&mut self, step: &Step, reads: &ReadSet, last: bool) -> Result<Migrated, String>;
}

/// What became of a step's commit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Migrated {
    Done,
    Stale,
}

/// Why the old version is still in force.
#[derive(Debug, thiserror::Error)]
pub enum SwapError {
    #[error("the component is plugin {found}, not {expected}")]
    OtherPlugin { expected: Name, found: Name },
    #[error("the new version refuses to migrate: {0:?}")]
    Refused(Refusal),
    #[error("migration: {0}")]
    Fault(#[from] Fault),
    #[error("migration's changes were not committed: {0}")]
    Commit(String),
    #[error("the plugin is stopped")]
    Stopped,
}

/// Times a step is made again because the world moved.
const STALE_MAX: u32 = 16;

impl Slot {
    /// Puts `candidate` in force, or says why not. One swap at a time. Do not call it from the write lane.
    pub fn swap(&self, candidate: Arc<Plugin>, migration: &mut dyn Migration) -> Result<(), SwapError> {
        let _one = self.swapping().lock();
        let old = self.current();
        if old.id() != candidate.id() {
            return Err(SwapError::OtherPlugin { expected: old.id().clone(), found: candidate.id().clone() });
        }
        let mut cursor: Option<Vec<u8>> = None;
        let mut stale = 0;
        loop {
            let (step, reads) = make(&candidate, &old, migration, cursor.as_deref())?;
            let committed = if step.cursor.is_some() {
                migration.commit(&step, &reads, false).map_err(SwapError::Commit)?
            } else {
                let last = self.between_commands(|| {
                    self.last(&candidate, &old, migration, step.clone(), &reads, cursor.as_deref())
                });
                match last.ok_or(SwapError::Stopped)?? {
                    Migrated::Done => return Ok(()),
                    Migrated::Stale => Migrated::Stale,
                }
            };
            match committed {
                Migrated::Done if step.cursor == cursor => {
                    let what = "migrate gave the same cursor again: it would never end";
                    return Err(Fault { export: Some(Export::Migrate), ..Fault::breach(what) }.into());
                }
                Migrated::Done => (cursor, stale) = (step.cursor, 0),
                Migrated::Stale if stale < STALE_MAX => stale += 1,
                Migrated::Stale => {
                    return Err(SwapError::Commit("the world moves too fast: try when it is quieter".into()));
                }
            }
        }
    }

    /// With the lane standing still: commits the last step, made again once if the world moved on, and switches.
    fn last(
        &self,
        candidate: &Arc<Plugin>,
        old: &Plugin,
        migration: &mut dyn Migration,
        step: Step,
        reads: &ReadSet,
        cursor: Option<&[u8]>,
    ) -> Result<Migrated, SwapError> {
        let mut done = migration.commit(&step, reads, true).map_err(SwapError::Commit)?;
        if done == Migrated::Stale {
            let (step, reads) = make(candidate, old, migration, cursor)?;
            if step.cursor.is_none() {
                done = migration.commit(&step, &reads, true).map_err(SwapError::Commit)?;
            }
        }
        if done == Migrated::Done {
            self.switch(Arc::clone(candidate));
        }
        Ok(done)
    }
}

fn make(
    candidate: &Plugin,
    old: &Plugin,
    migration: &mut dyn Migration,
    cursor: Option<&[u8]>,
) -> Result<(Step, ReadSet), SwapError> {
    let ctx = migration.context();
    let reads = ReadSet::at(ctx.revision);
    let call = Call { ctx: &ctx, reads: &reads };
    let step = candidate.migrate(&call, old.version(), cursor)?.map_err(SwapError::Refused)?;
    Ok((step, reads))
}
