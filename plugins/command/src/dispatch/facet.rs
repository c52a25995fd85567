//! What is kept of a responder, a task, a card, and of alarms that were passed on or joined.

use changzhi_sdk::prelude::*;

/// An account's standing as somebody who can be sent. It holds no number and no mark; whether they are free is read from their tasks.
#[derive(Facet)]
#[facet(name = "command.responder", on = events, label = "responder")]
pub struct Responder {
    /// The account's number, as text: one standing each.
    #[field(unique, internal, max_len = 24)]
    pub account: String,
    #[field(entity = people, internal)]
    pub who: EntityId,
    /// Shown to seats.
    #[field(internal, max_len = 60)]
    pub shown: String,
    /// `police`, `guard`, `volunteer`, `medical`, or whatever code the city's cards ask for.
    #[field(code, internal, max_len = 32, label = "responder-kind")]
    pub sort: String,
    /// Codes, parted by spaces.
    #[field(internal, max_len = 200)]
    pub skills: Option<String>,
    /// The division they are part of the cover of.
    #[field(entity = places, internal)]
    pub division: Option<EntityId>,
    /// Since when they are signed on, by themselves; none: signed off.
    #[field(internal)]
    pub on_since: Option<Micros>,
    #[field(internal)]
    pub ended: Option<bool>,
}

/// One person asked to go to one alarm. Its state is the flow's.
#[derive(Facet, Default)]
#[facet(name = "command.task", on = events, label = "task")]
pub struct Task {
    #[field(entity = events, internal)]
    pub alarm: EntityId,
    #[field(entity = events, internal)]
    pub responder: EntityId,
    /// The account: nobody else answers for them.
    #[field(entity = people, internal)]
    pub who: EntityId,
    #[field(internal, max_len = 60)]
    pub shown: String,
    /// The line of the card it is for: kind and skills.
    #[field(code, internal, max_len = 160)]
    pub need: String,
    /// From where they stand by to the place, in a straight line. Not where they are.
    #[field(internal, min = 0)]
    pub metres: Option<i64>,
    #[field(internal)]
    pub free_since: Option<Micros>,
    /// Why it is somebody else than was proposed.
    #[field(internal, max_len = 240)]
    pub differs: Option<String>,
    #[field(entity = people, internal)]
    pub sent_by: Option<EntityId>,
    #[field(internal)]
    pub exercise: Option<bool>,
    /// Why it was declined or handed back, if they wanted to say. Sealed: it may be about health or family.
    #[field(personal, max_len = 240)]
    pub why_not: Option<String>,
    /// When a seat has taken notice that nobody answered, or of a check-in that did not come.
    #[field(internal)]
    pub seen: Option<Micros>,
    #[field(entity = people, internal)]
    pub seen_by: Option<EntityId>,
    #[field(internal)]
    pub heard: Option<Micros>,
    #[field(internal)]
    pub ended: Option<Micros>,
    /// Where they are, told by themselves while the task is open.
    #[field(personal)]
    pub position: Option<Point>,
    #[field(internal)]
    pub position_at: Option<Micros>,
}

/// What a place asks for: a version, or what is in force.
#[derive(Facet, Clone)]
#[facet(name = "command.dispatch-card", on = events, label = "dispatch-card")]
pub struct DispatchCard {
    /// `PLACE:KIND:LEVEL`, with `@VERSION` for a version; place 0 is the whole city, an empty kind every kind.
    #[field(unique, internal, max_len = 80)]
    pub reference: String,
    #[field(internal, min = 1)]
    pub version: i64,
    #[field(code, internal, max_len = 32)]
    pub category: String,
    /// Holds from this level up, until a card of a higher one does.
    #[field(internal, min = 1, max = 4)]
    pub level: i64,
    /// One need a line: see `needs`.
    #[field(internal, max_len = 240)]
    pub needs: String,
}

/// An alarm that was offered to another agency. Until their receipt is in, it stays ours.
#[derive(Facet)]
#[facet(name = "command.handover", on = events, label = "handover")]
pub struct Handover {
    #[field(entity = events, internal)]
    pub alarm: EntityId,
    #[field(code, internal)]
    pub agency: String,
    #[field(entity = people, internal)]
    pub asked_by: EntityId,
    /// Who took it there: a name or a number at their desk.
    #[field(internal, max_len = 60)]
    pub taker: Option<String>,
    #[field(internal, max_len = 60)]
    pub receipt: Option<String>,
    /// When they took it.
    #[field(internal)]
    pub taken_at: Option<Micros>,
}

/// Beside an alarm that is the same as another one of its place. It keeps its own story and can be parted again.
#[derive(Facet)]
#[facet(name = "command.joined", on = events, label = "joined")]
pub struct Joined {
    /// None: it was parted again.
    #[field(entity = events, internal)]
    pub into: Option<EntityId>,
    #[field(entity = people, internal)]
    pub by: Option<EntityId>,
    #[field(internal)]
    pub joined_at: Option<Micros>,
}
