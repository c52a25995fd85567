//! What is kept of an alarm, of a seat, and of who may press where.

use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;

/// Names of places are the host's.
pub(super) const PLACE_NAME: Field<String> = Field::new("host.place", "name", "host.place.name");
/// What an account signs in with: shown of a taker who gave no other name.
pub(crate) const LOGIN: Field<String> = Field::new("host.account", "login", "host.account.login");

/// What is kept of an alarm. Kind of alarm, state, time and place are core fields.
#[derive(Facet, Default)]
#[facet(name = "command.alarm", on = events, label = "alarm")]
pub struct Alarm {
    /// Floor or room, as it is read out.
    #[field(internal, max_len = 100)]
    pub spot: Option<String>,
    /// The account that took it.
    #[field(entity = people, internal)]
    pub taken_by: Option<EntityId>,
    #[field(internal)]
    pub taken: Option<Micros>,
    #[field(code, internal)]
    pub outcome: Option<String>,
    /// Presses that joined it.
    #[field(internal, min = 0)]
    pub presses: Option<i64>,
    /// Name under which whoever took it is known: told to whoever pressed.
    #[field(internal, max_len = 60)]
    pub taken_name: Option<String>,
    #[field(internal, max_len = 40)]
    pub floor: Option<String>,
    #[field(internal, max_len = 40)]
    pub room: Option<String>,
    /// What whoever pressed is there (nurse, teacher, guard), never who.
    #[field(internal, max_len = 40)]
    pub presser_role: Option<String>,
    /// The account that pressed; none for a button.
    #[field(entity = people, internal)]
    pub pressed_by: Option<EntityId>,
    /// By the clock of what was pressed.
    #[field(internal)]
    pub pressed: Option<Micros>,
    /// It came more than a minute after that, or before: the clock or the network was wrong. Kept, never refused.
    #[field(internal)]
    pub late: Option<bool>,
    /// Where else it was pressed, one after the other.
    #[field(internal, max_len = 200)]
    pub more: Option<String>,
    /// The button, if it was one.
    #[field(entity = events, internal)]
    pub button: Option<EntityId>,
    /// Tried out: goes the whole way, and is marked everywhere.
    #[field(internal)]
    pub exercise: Option<bool>,
    /// What whoever pressed said afterwards: `taken-back` with the agreed word, `duress` with the other, `unproven` with none of them.
    #[field(code, internal)]
    pub mark: Option<String>,
    #[field(code, internal)]
    pub verdict: Option<String>,
    /// Level of response, from 1.
    #[field(internal, min = 1, max = 4)]
    pub level: Option<i64>,
    /// 110, 119 or 120.
    #[field(code, internal)]
    pub passed_to: Option<String>,
    /// Their number for it.
    #[field(internal, max_len = 60)]
    pub receipt: Option<String>,
    /// The account of the place that said it is over there.
    #[field(entity = people, internal)]
    pub safe_by: Option<EntityId>,
    /// Who at the place said so by telephone.
    #[field(personal, max_len = 60)]
    pub safe_word_of: Option<String>,
    /// What a review found.
    #[field(long_text, internal)]
    pub lessons: Option<String>,
    /// How far up the ladder messages went: the state it rang in then.
    #[field(code, internal)]
    pub called: Option<String>,
}

/// The name under which a seat takes alarms. No number is kept about it.
#[derive(Facet)]
#[facet(name = "command.seat", on = events, label = "seat")]
pub struct CommandSeat {
    #[field(unique, internal, max_len = 24)]
    pub account: String,
    /// Shown to whoever pressed.
    #[field(internal, max_len = 60)]
    pub shown: String,
}

/// Somebody of a place: who may press there with one key, is rung as its guard, or says that it is over.
#[derive(Facet)]
#[facet(name = "command.enrolment", on = events, label = "enrolment")]
pub struct Enrolment {
    /// `PLACE:ACCOUNT`
    #[field(unique, internal, max_len = 48)]
    pub key: String,
    #[field(entity = people, internal)]
    pub account: EntityId,
    #[field(code, internal)]
    pub duty: String,
    #[field(internal, max_len = 40)]
    pub role: Option<String>,
    #[field(internal, max_len = 40)]
    pub floor: Option<String>,
    #[field(internal, max_len = 40)]
    pub room: Option<String>,
    /// The place's duty room, rung from the phone when no answer comes.
    #[field(internal, max_len = 24)]
    pub phone: Option<String>,
    #[field(internal)]
    pub ended: Option<bool>,
}

/// What [`spot_cell`] is called.
pub(super) fn spot_label(category: &str) -> &'static str {
    if category == super::press::HOLE { "post" } else { "spot" }
}

/// Where it is, as a cell. Of a hole in the roster it is the post that nobody holds.
pub(super) fn spot_cell(category: &str, spot: Option<&str>) -> Cell {
    match spot {
        Some(post) if category == super::press::HOLE => Cell::code(post),
        spot => spot.into(),
    }
}

/// The name of a place, or its number.
pub(crate) fn place_name(place: EntityId) -> Result<String, Refusal> {
    Ok(get(place, PLACE_NAME)?.unwrap_or_else(|| format!("#{place}")))
}

/// A place and all it lies in, the nearest first.
pub(crate) fn chain(place: Option<EntityId>) -> Result<Vec<EntityId>, Refusal> {
    /// A city has about eight levels; a circle would be damage.
    const DEEPEST: usize = 24;
    let (mut chain, mut at) = (Vec::new(), place);
    while let Some(here) = at.filter(|_| chain.len() < DEEPEST) {
        chain.push(here);
        at = get(here, core_fields::WITHIN)?;
    }
    Ok(chain)
}
