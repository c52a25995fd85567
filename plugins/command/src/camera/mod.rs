//! Cameras near an alarm, opened at once by whoever answers it (break glass, CHARTER 9).
//!
//! ```text
//! a seat that has the alarm says why ──► [`opening`] `open` ── stand-down, clear, `shut-cameras`, or four hours ──► `shut` ──► `reviewed`
//!          │                                │   told at once to the officials of the place (outbox)                         by somebody else
//!          ▼                                ▼
//!   written down for ever          [`near_view`] the cameras nearest to the alarm, for whoever opened them and nobody else
//! ```
//!
//! Invariants: no camera is on any page without an open opening of the reader's own; an opening ends with its alarm, in the same
//! transaction; each one is announced when it is made and reviewed by somebody else than who made it; it is of an alarm's place and
//! never of a person.

mod near_view;
mod opening;

pub(crate) use near_view::{cameras, opening_page, openings, table_of};
pub use opening::BreakGlass;
pub(crate) use opening::{open_cameras, opening_flow, over, review_opening, shut_cameras};
