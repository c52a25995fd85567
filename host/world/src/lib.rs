//! The world of people, places and events: a fold of the journal, in columns.
mod apply;
mod ask;
mod bits;
mod calendar;
mod check;
mod column;
mod component;
mod declare;
mod directory;
mod error;
mod facet;
mod field;
mod intern;
mod keys;
mod ledger;
mod revisions;
mod ring;
mod rowmap;
mod systems;
mod text;
mod world;

pub use ask::{Batch, Codes, Column, Condition, Delta, Dimension, Hit, Op, Query, TallySpec, TallyTable, Texts};
pub use error::{ApplyError, DeclareError, QueryError, SnapshotError, Wrong};
pub use ledger::{InForce, JobState};
pub use world::{Cell, Core, World, ZoneError};
