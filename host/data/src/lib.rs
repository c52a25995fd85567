//! Bringing data in: readers, mappings, import runs, the demo city.
//!
//! A file is read row by row ([`read`]), a [`Mapping`] turns each row into the body of a command, and an [`Import`] submits
//! the commands to a [`Sink`] which the binary makes of the gate and the city. Nothing here writes the world: every row goes
//! the way of any other command. [`demo`] generates a city the same way, as commands; [`divisions`] reads how codes and boundaries were before.
//!
//! Price: one row is held in memory for each command in flight ([`Import::in_flight`]), 40 bytes for each distinct key of a
//! file (to find duplicates), and the whole of a workbook's shared strings for XLSX.

pub mod demo;
pub mod divisions;
mod mapping;
mod read;
mod run;
mod said;

pub use mapping::{Draft, Mapping, MappingError, PlaceWish, RowProblem};
pub use read::{Format, Limits, Progress, ReadError, ReadOptions, Row, read};
pub use run::{Answer, Import, ImportError, Known, Rejected, Report, Sink, Submit};
pub use said::Said;
