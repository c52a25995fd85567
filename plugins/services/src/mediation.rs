//! 纠纷调解 Dispute mediation (requirements §2.2; docs/mediation.md).
//!
//! ```text
//! register ─► screen ─► invite ─► all agree ─► mediator (recusal check) ─► prepare ─► sessions: joint ⇄ caucus
//!                                                                                        │
//! follow-up ◄─ performed ◄─ instalments ◄─ (judicial confirmation) ◄─ all signed ◄─ reading ◄─ terms
//! ```
//!
//! A dispute is an event with a flow ([`flow`]); its parties, talk, contested facts, terms, signatures and instalments are events that
//! name it. What the flow asks is the host's (`data/flows/dispute.toml`); who is a party is asked here ([`case::Case`]).
//!
//! Invariants:
//! 1. Talk opens for the members its record names and for nobody else (`Members`): joint talk for those who were in the room when it was
//!    said, a caucus for one side and the mediator. No role, no purpose and no other view opens it; each record has a key of its own.
//! 2. Talk is in no packet, no paper and no export: [`packet_page`] and [`paper`] read facts that are admitted, claims, evidence and the
//!    agreement, and have no way to it.
//! 3. Everybody takes part of their own will: a party may leave before the agreement is sealed, at once and without a reason that counts.
//! 4. A signature is of one text (its digest), by one party, once. A text that changed is not signed; nobody signs for another.
//! 5. The mediator is none of the parties, has not registered the dispute and has not stepped back from it; who follows up is not the mediator.
//! 6. How often somebody was in a dispute is counted nowhere.

mod after;
mod alike;
mod calling;
mod case;
mod clauses;
mod consent;
mod dispute;
mod draft_view;
mod facts;
mod flow;
mod list_view;
mod mediator;
mod packet_page;
mod page_after;
mod page_deeds;
mod page_statements;
mod page_view;
mod paper;
mod parts;
mod register;
mod room_page;
mod session;
mod signing;
mod talk;
mod terms;

pub use after::*;
pub use calling::*;
pub use consent::*;
pub use dispute::*;
pub use draft_view::*;
pub use facts::*;
pub(crate) use flow::dispute as dispute_flow;
pub use list_view::*;
pub use mediator::*;
pub use packet_page::*;
pub use page_view::*;
pub use paper::*;
pub use parts::*;
pub use register::*;
pub use room_page::*;
pub use session::*;
pub use signing::*;
pub use talk::*;
pub use terms::*;
