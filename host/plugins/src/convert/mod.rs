//! Between the words of `host/model` and the generated types of the interface.
//!
//! Vectors and strings move where the shapes agree; names are copied, because a short name is inline here and a string there.

mod from_guest;
mod into_guest;
mod manifest;
mod reading;

pub(crate) use from_guest::{changes, refusal, step, value as value_from};
pub(crate) use into_guest::{clear_context, context_into, notice, value as value_into, values};
pub(crate) use manifest::manifest;
pub(crate) use reading::{batch, delta, host_error, query, query_error, tally, tally_spec};
