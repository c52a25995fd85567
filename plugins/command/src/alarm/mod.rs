//! Alarms of places: pressed, rung, taken by name, brought to an end. docs/alarm.md has the flow of data.
//!
//! ```text
//! press ──► [`press`] an alarm, or one more press of the alarm that rings there ──► the ladder of `data/flows/alarm.toml` (host) ──► [`called`] messages
//!               │                                                                        │ state rung, rung-all, rung-leaders, …
//!               ▼                                                                        ▼
//!         [`roster`] is the post covered? no: an alarm of its own      [`ringing_view`] who is rung now ──► sound and full screen (portal)
//! ```
//!
//! Invariants: no press is refused for its clock or its sender; whoever is off duty is not rung; only a named person, or the agreed word
//! of whoever pressed, ends the ringing; what whoever pressed sees never tells of a duress word.

mod board_view;
mod called;
mod cancel;
mod card;
mod device;
mod drill;
mod facet;
mod flow;
mod line;
mod place;
mod press;
mod pressable;
mod pressed_view;
mod ringing_view;
mod roster;
mod seat;
mod steps;
mod tasks_view;
mod whereabouts;

pub(crate) use board_view::board;
pub(crate) use called::{About, messages, tell};
pub(crate) use cancel::take_back;
pub use card::RunCard;
pub(crate) use card::set_card;
pub use device::Button;
pub(crate) use device::{button_alive, buttons_view, enrol_button, press_button, revoke_button};
pub use drill::Drill;
pub(crate) use drill::{drill_view, start_drill};
pub use facet::{Alarm, CommandSeat, Enrolment};
pub(crate) use facet::{LOGIN, chain, place_name};
pub(crate) use flow::Tier;
pub(crate) use flow::{alarm, first_alarm};
pub(crate) use line::line_down;
pub(crate) use place::{enrol, enrolments, leave_place};
pub(crate) use press::{HOLE, Press, Ring, alarm_of, check_roster, pressed as pressing, ring};
pub(crate) use pressable::pressable;
pub(crate) use pressed_view::{pressed, sos};
pub(crate) use ringing_view::ringing;
pub(crate) use roster::{Roster, is_rung};
pub(crate) use seat::{name as seat_name, sit};
pub(crate) use steps::{
    acknowledge, attend, clear, close_alarm, confirm_safe, control, dispatch, escalate, judge, review, stand_down,
    transfer,
};
pub(crate) use tasks_view::{alarm_view, tasks};
pub(crate) use whereabouts::position;
