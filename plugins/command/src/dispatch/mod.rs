//! Who is sent to an alarm. docs/dispatch.md has the flow of data.
//!
//! ```text
//! [`responder`] signs on by themselves        [`cards`] what a place asks for, by kind of alarm and level
//!        └──────────────┬───────────────────────────┘
//!                       ▼
//!              [`stand`] who is free (read, never typed in) ──► [`propose`] picks and shortfalls, each with its reason: a pure function
//!                                                                    │ a person confirms, or says why not
//!                                                                    ▼
//! [`send`] one task for each ──► offered → accepted → on the way → arrived → done     (data/flows/task.toml: the clocks are the host's)
//!                                   └ declined · no answer ──► the next is proposed; [`ring`] and [`tell`] tell the seats
//! ```
//!
//! Invariants: nobody is sent by a program; whoever is signed off, on a task or has declined is not proposed; where somebody is, is known
//! only from themselves, only while an accepted task of theirs is open, and is cleared with it; what was declined or not answered is
//! counted of nobody.

mod card_view;
mod cards;
mod case;
mod facet;
mod flow;
mod handover;
mod merge;
mod my_view;
mod needs;
mod over;
mod places;
mod position;
mod proposal_view;
mod propose;
mod responder;
mod responder_view;
mod ring;
mod send;
mod stand;
mod steps;
mod tell;
mod wall_view;

pub(crate) use card_view::dispatch_cards;
pub(crate) use cards::set_dispatch_card;
pub(crate) use case::WORKED_ON;
pub use facet::{DispatchCard, Handover, Joined, Responder, Task};
pub(crate) use flow::{handover_flow, task_flow};
pub(crate) use handover::{hand_over, keep_receipt, withdraw_handover};
pub(crate) use merge::{join_alarms, part_alarms};
pub(crate) use my_view::{my_task, task_view};
pub(crate) use needs::is_code;
pub(crate) use over::over;
pub(crate) use position::{tell_position, where_now};
pub(crate) use proposal_view::proposal;
pub(crate) use responder::{end_responder, register_responder, sign_off, sign_on};
pub(crate) use responder_view::responders;
pub(crate) use ring::rings;
pub(crate) use send::send_responders;
pub(crate) use steps::{
    accept_task, arrive, check_in, decline_task, finish_task, hand_back, recall_task, see_task, set_out,
};
pub(crate) use tell::tell_of_task;
pub(crate) use wall_view::dispatch_wall;
