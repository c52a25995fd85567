//! The matter flow: which event leads from which state to which, for whom.
//!
//! Plugins bring flows as data. [`Flows::add`] reads one once and refuses it whole, with every fault named; after that every
//! question is a look-up that cannot fail by the flow's own fault. Nothing here knows a matter, a clock or a guard: time and
//! evidence come with the flow engine's later rooms. Versions of a flow live side by side, so that a matter that began under an
//! old one can end under it; where no version is said, the newest counts.
//!
//! Price: one hash look-up for the flow, one for (state, event); a `Flows` is cheap to clone (flows are shared).

mod check;
mod flows;

pub use check::{FlowError, FlowFault};
pub use flows::{FlowRefusal, Flows};
