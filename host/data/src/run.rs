//! An import run: rows in, commands out, a report.
//!
//! Idempotent twice over. A row whose `reference` is known with the same digest is not submitted at all; a row that is
//! submitted carries a request key made of source, key, digest and the revision of what it changes, so that the same row sent
//! again is answered again and not done again; and the plugin holds the reference unique. A killed run is therefore resumed
//! by running it again. Many rows are in flight at once; outcomes are taken in the order of the file.

mod flight;
mod import;
mod report;
mod sink;

pub use import::{Import, ImportError};
pub use report::{Rejected, Report};
pub use sink::{Answer, Known, Sink, Submit};
