//! The matter flow: which event leads from which state to which, for whom, under which guards, and by when.
//!
//! Plugins bring flows as data ([`Flows`]); a deployment brings rules and calendars ([`Deployed`]), by the same name and version.
//! Both are read once and refused whole, with every fault named; after that nothing can fail by their fault. An [`Engine`] is one
//! version of both. Everything here is a pure function of its arguments: no clock, no I/O. Times are given.
//!
//! ```text
//!     events ── Engine::after ──► Track      where a matter stands: clocks, counts, outcome (kept beside its state)
//!                 Engine::judge ─► Guard      may this event happen now?
//!                 Engine::next ──► Step       what a clock does by itself, and when
//!                 Engine::explain ► Account   what every second since was, and why it counted or not
//!                 Engine::recount ► Event     what an edited calendar changes of clocks that are open
//! ```
//!
//! Invariants, each with a property test: a track is the fold of its events and nothing else; its due moments are those of the
//! explanation; the stretches of an explanation follow one another without a gap; what somebody else's matters are, and how many
//! they filed, is no argument of anything.
//!
//! Price: one look-up for the flow, one for (state, event); a step costs the days between two events for each clock (at most three).

mod bpmn;
mod calendar;
mod check;
mod day;
mod engine;
mod engines;
mod explain;
mod flows;
mod guard;
mod limit;
mod outcome;
mod rules;
mod running;
mod story;
mod track;
mod validate;

pub use bpmn::bpmn;
pub use calendar::{Calendar, CalendarError, Hours, Rest, WorkTime};
pub use check::{FlowError, FlowFault};
pub use day::Day;
pub use engine::{Engine, Standing, Step};
pub use engines::{DeployError, Deployed, Engines, digest};
pub use explain::{Account, Light, Stretch, Why};
pub use flows::{FlowRefusal, Flows};
pub use guard::Guard;
pub use limit::{Limit, LimitError, Unit};
pub use outcome::Outcome;
pub use rules::{CLOCK_ROLE, ClockRule, Count, EventRule, Other, Rules, RulesShape, Rung, RungAt, StateRule};
pub use running::Running;
pub use story::{BEGUN, Event, Fired, RECOUNTED};
pub use track::{CLOCKS, PACKED, Track, TrackError};
pub use validate::{ARGUMENTS, RuleFault, RulesError};
