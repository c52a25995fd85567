//! The world of people, places and events: a fold of the journal, in columns.
//!
//! [`World::apply`] folds one transaction, checked whole by [`World::check`] first; everything else reads. Core fields are
//! components of a bevy_ecs world, facets live in a column for each field, and what is derived (counts, places, extents) is
//! kept by systems that look only at what a transaction touched. The same journal gives the same [`World::state_hash`], by
//! replay or from a snapshot. No I/O, no clock, no randomness. Price: about 140 bytes an event without facets.

mod apply;
mod ask;
mod batch;
mod bits;
mod calendar;
mod check;
mod column;
mod component;
mod condition;
mod declare;
mod directory;
mod error;
mod facet;
mod field;
mod hash;
mod intern;
mod keys;
mod ledger;
mod query;
mod revisions;
mod ring;
mod rowmap;
mod selection;
mod since;
mod snapshot;
mod space;
mod systems;
mod tally;
mod text;
mod world;

pub use ask::{Batch, Codes, Column, Condition, Delta, Dimension, Hit, Op, Query, TallySpec, TallyTable, Texts};
pub use error::{ApplyError, DeclareError, QueryError, SnapshotError, Wrong};
pub use ledger::{ENDED_KEPT, InForce, JobState};
pub use query::{LIMIT_MAX, QueryCursor, SCAN_MAX};
pub use ring::extent_problem;
pub use since::SINCE_MAX;
pub use space::LOCATE_METRES;
pub use tally::{TALLY_CELLS_MAX, TallyCursor};
pub use world::{Cell, Core, World, ZoneError};
