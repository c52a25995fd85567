//! What is kept of a major event. State, time, place and kind of event are core fields.
//!
//! The only persons here are accounts: who plans, approves, commands, and who is assigned where. There is no field for a name, a telephone
//! or a document of anybody else, and none that is sealed, because there is nothing of anybody else to seal.

use changzhi_sdk::prelude::*;

/// One version of a plan. What is approved never changes: a change is the next version.
#[derive(Facet, Clone, Default)]
#[facet(name = "command.major", on = events, label = "major")]
pub struct Major {
    #[field(internal, max_len = 160, label = "major-title")]
    pub title: String,
    /// The first version of the same event; none: this is it.
    #[field(entity = events, internal, label = "major-first")]
    pub first: Option<EntityId>,
    #[field(internal, min = 1, label = "major-version")]
    pub version: i64,
    #[field(internal, label = "major-from")]
    pub from: Micros,
    #[field(internal, label = "major-to")]
    pub to: Micros,
    /// How many people are expected: a count, never who.
    #[field(internal, min = 0, label = "major-crowd")]
    pub crowd: Option<i64>,
    /// Codes of further places, parted by spaces.
    #[field(internal, max_len = 240, label = "major-places")]
    pub places: Option<String>,
    #[field(entity = people, internal, label = "major-commander")]
    pub commander: EntityId,
    #[field(entity = people, internal, label = "major-deputy")]
    pub deputy: Option<EntityId>,
    /// Numbers of desks and posts, one a line: what for, and the number.
    #[field(long_text, internal, max_len = 1000, label = "major-phones")]
    pub phones: Option<String>,
    /// Minutes from one check-in of a post to the next.
    #[field(internal, min = 5, max = 240, label = "major-interval")]
    pub interval: i64,
    /// Minutes after a shift's beginning until its post must have been checked in.
    #[field(internal, min = 1, max = 60, label = "major-grace")]
    pub grace: i64,
    /// Hours between two shifts of the same person.
    #[field(internal, min = 0, max = 48, label = "major-rest-hours")]
    pub rest: i64,
    #[field(long_text, internal, max_len = 8000, label = "major-briefing")]
    pub briefing: Option<String>,
    /// When it was last published: what was read before is to be read again.
    #[field(internal, label = "major-briefed")]
    pub briefed: Option<Micros>,
    /// Everybody who wrote at it, as numbers of accounts parted by spaces: none of them approves it.
    #[field(long_text, internal, max_len = 2000, label = "major-hands")]
    pub hands: Option<String>,
    #[field(entity = people, internal, label = "major-author")]
    pub author: Option<EntityId>,
    #[field(entity = people, internal, label = "major-approver")]
    pub approver: Option<EntityId>,
    /// Why what the checks found is accepted.
    #[field(long_text, internal, max_len = 1000, label = "major-accepted")]
    pub accepted: Option<String>,
    /// When what comes next should have happened: told to the flow's clocks with each step.
    #[field(internal, label = "due")]
    pub due: Option<Micros>,
    /// What was open still when it was stood down, and who sees to it.
    #[field(long_text, internal, max_len = 1000, label = "major-still-open")]
    pub still_open: Option<String>,
    #[field(long_text, internal, max_len = 8000, label = "major-findings")]
    pub findings: Option<String>,
}

/// What could go wrong at the event, and what is done about it.
#[derive(Facet)]
#[facet(name = "command.major-hazard", on = events, label = "major-hazard")]
pub struct Hazard {
    #[field(entity = events, internal, label = "major")]
    pub plan: EntityId,
    #[field(internal, max_len = 240, label = "major-hazard")]
    pub what: String,
    #[field(long_text, internal, max_len = 1000, label = "major-measure")]
    pub measure: String,
    #[field(internal, label = "ended")]
    pub ended: Option<bool>,
}

/// A post: a place and a duty there. It lies within its place.
#[derive(Facet, Clone)]
#[facet(name = "command.major-post", on = events, label = "major-post")]
pub struct Post {
    #[field(entity = events, internal, label = "major")]
    pub plan: EntityId,
    #[field(internal, max_len = 80, label = "major-post")]
    pub name: String,
    /// Where in the place: gate 3, the second bridge.
    #[field(internal, max_len = 120, label = "spot")]
    pub spot: Option<String>,
    #[field(long_text, internal, max_len = 1000, label = "major-task")]
    pub task: String,
    /// How many people.
    #[field(internal, min = 1, max = 200, label = "major-need")]
    pub need: i64,
    /// Of which kind of responder; none: any.
    #[field(code, internal, max_len = 32, label = "responder-kind")]
    pub sort: Option<String>,
    /// Codes, parted by spaces: everybody there has all of them.
    #[field(internal, max_len = 200, label = "skills")]
    pub skills: Option<String>,
    #[field(internal, max_len = 240, label = "major-equipment")]
    pub equipment: Option<String>,
    #[field(internal, label = "ended")]
    pub ended: Option<bool>,
}

#[derive(Facet, Clone)]
#[facet(name = "command.major-shift", on = events, label = "major-shift")]
pub struct Shift {
    #[field(entity = events, internal, label = "major")]
    pub plan: EntityId,
    #[field(internal, max_len = 60, label = "major-shift")]
    pub name: String,
    #[field(internal, label = "major-from")]
    pub from: Micros,
    #[field(internal, label = "major-to")]
    pub to: Micros,
    #[field(internal, label = "ended")]
    pub ended: Option<bool>,
}

/// One account at one post during one shift.
#[derive(Facet, Clone)]
#[facet(name = "command.major-duty", on = events, label = "major-duty")]
pub struct Duty {
    /// `POST:SHIFT:ACCOUNT`
    #[field(unique, internal, max_len = 64, label = "key")]
    pub key: String,
    #[field(entity = events, internal, label = "major")]
    pub plan: EntityId,
    #[field(entity = events, internal, label = "major-post")]
    pub post: EntityId,
    #[field(entity = events, internal, label = "major-shift")]
    pub shift: EntityId,
    #[field(entity = people, internal, label = "account")]
    pub who: EntityId,
    #[field(internal, max_len = 60, label = "shown")]
    pub shown: String,
    /// When they said that they have read the briefing.
    #[field(internal, label = "major-read")]
    pub read: Option<Micros>,
    #[field(internal, label = "ended")]
    pub ended: Option<bool>,
}

/// The watch over one post during one shift. Its state is the flow's; nothing in it is of a person, and no position is kept.
#[derive(Facet, Clone)]
#[facet(name = "command.major-watch", on = events, label = "major-watch")]
pub struct Watch {
    #[field(entity = events, internal, label = "major")]
    pub plan: EntityId,
    /// The event's first version: its watches stay together over versions.
    #[field(entity = events, internal, label = "major-first")]
    pub event: EntityId,
    #[field(entity = events, internal, label = "major-post")]
    pub post: EntityId,
    #[field(entity = events, internal, label = "major-shift")]
    pub shift: EntityId,
    /// Post and shift, as they are read out.
    #[field(internal, max_len = 160, label = "major-watch")]
    pub shown: String,
    #[field(internal, label = "major-from")]
    pub begins: Micros,
    #[field(internal, label = "major-to")]
    pub ends: Micros,
    /// By when the post is to be checked in next.
    #[field(internal, label = "due")]
    pub due: Micros,
    #[field(internal, label = "major-checked")]
    pub checked: Option<Micros>,
    /// How many are at the post, as they said last.
    #[field(internal, min = 0, max = 200, label = "major-here")]
    pub here: Option<i64>,
    #[field(internal, label = "seen")]
    pub seen: Option<Micros>,
    #[field(entity = people, internal, label = "seen_by")]
    pub seen_by: Option<EntityId>,
}

/// Something that happened at the event: from here an alarm is worked on like any other.
#[derive(Facet)]
#[facet(name = "command.major-incident", on = events, label = "major-incident")]
pub struct Incident {
    #[field(entity = events, internal, label = "major-first")]
    pub event: EntityId,
    #[field(entity = events, internal, label = "major-post")]
    pub post: Option<EntityId>,
    #[field(entity = events, internal, label = "alarm")]
    pub alarm: EntityId,
    #[field(internal, max_len = 240, label = "major-what")]
    pub what: Option<String>,
    #[field(entity = people, internal, label = "by")]
    pub by: EntityId,
}
