//! Division codes (GB/T 2260 and its longer ones), and what took their place when.
//!
//! ```text
//! code ──► Division: the digits of its own level                              no time in it
//! code + the moment it was written at + steps ──► today: the codes places have now, and by which steps │ lost: why there is none
//! ```
//!
//! A [`Step`] says that from a moment on a code has (a part of) what another one had. Codes are followed, not places: a place of today
//! is one entity whatever its codes were. Whoever keeps the steps gives them by [`Codes`]; nothing here reads or writes.
//!
//! Invariants: [`today`] ends whatever the steps are, within [`MOST`] codes; each of its answers is a code a place has, or says why there
//! is none; of a code that lives on after a step only what was written before that step goes along it. A [`circle`] is no history.

mod circle;
mod code;
mod today;

pub use circle::circle;
pub use code::{Division, plain};
pub use today::{Codes, Lost, MOST, Now, Step, Today, since, today, until};
