//! Public alerts: written by one person, published by another, and what other systems send in (CAP, docs/cap.md).
//!
//! ```text
//! write ─► draft ─► submitted ─► published ─► updated │ cancelled │ expired      ours: each step by a named person
//!            ▲ returned │ withdrawn  └─ the message itself, as CAP 1.2, is kept as it was published
//! receive ─► received ─► updated │ cancelled │ expired                           somebody else's: never published as ours
//! ```
//!
//! Invariants: whoever wrote, changed or submitted an alert does not publish it ([`publish`]); status never changes once an alert is
//! begun, so an exercise stays one; an update and a cancel are alerts of their own, written and published by two persons again, with
//! references to what they replace; what was published is kept word for word and is what is served; what breaks a rule of the
//! standard is refused while it is written, not when it is sent. Nothing here is about a person.

mod alert_view;
mod area;
mod compose;
mod desk_view;
mod draft;
mod facet;
mod flow;
mod form;
mod hands;
mod history;
mod land;
mod open_view;
mod publish;
mod receive;
mod resolve;
mod sender;
mod successor;

pub(crate) use alert_view::{alert_page, alerts};
pub(crate) use area::PLACE_CODE;
pub(crate) use desk_view::{alert_desk, new_alert};
pub(crate) use draft::write_alert;
pub use facet::{Alert, AlertArea, Sender};
pub(crate) use flow::alert as alert_flow;
pub(crate) use hands::{discard_alert, return_alert, submit_alert, withdraw_alert};
pub(crate) use open_view::{open_alert, open_alerts};
pub(crate) use publish::{expire_alert, publish_alert};
pub(crate) use receive::receive_alert;
pub(crate) use sender::set_alert_sender;
pub(crate) use successor::{cancel_alert, update_alert};
