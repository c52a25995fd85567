//! Plans of places: a picture of one floor, and the same in words, for whoever answers an alarm there. docs/plans.md has the flow of data.
//!
//! ```text
//! set-plan {place, floor, picture, words …} ──► a version of that floor's plan; the one before ends, and is kept
//!                                                    │
//! an alarm {place, floor, rung} ──► [`kept`] those in force when it rang, nearest place first ──► [`show`] the floor pressed, then the others
//!                                                    └─ none: said in words, with whom to ring; [`gap`] lists the place for whoever enrols
//! ```
//!
//! Invariants: a plan is of a facility or a building, never of a dwelling or of persons; what was in force at a moment can always be told;
//! the picture opens for whoever may open the alarm and for whoever looks after the place, and each opening is in the access log.

mod facet;
mod floor;
mod gap;
mod keep;
mod kept;
mod list_view;
mod marks;
mod one_view;
mod show;

use changzhi_sdk::prelude::*;

pub use facet::FloorPlan;
pub(crate) use gap::section as gaps;
pub(crate) use keep::{end_plan, set_plan};
pub(crate) use list_view::plans;
pub(crate) use one_view::floor_plan;
pub(crate) use show::{Asked, in_short, on_alarm};

/// Whoever enrols the staff and buttons of a place looks after its plans too: nobody else is offered what they may not do.
fn looks_after(actor: &Actor) -> bool {
    ["duty-officer", "operator", "admin"].iter().any(|role| actor.has_role(role))
}
