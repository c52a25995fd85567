//! Where a role holds: the decision about divisions.

use crate::session::distinct;
use crate::{GateRefusal, Records, Session};
use changzhi_model::{Actor, EntityId, Family, Name, Value};

/// Places deeper than this under a division are not found in it; a city has about eight levels.
const DEPTH: usize = 24;

/// Divisions of an actor without a role: none at all. An empty list would mean the whole city.
const NOWHERE: [EntityId; 1] = [EntityId::NONE];

/// True when `place` is one of `divisions` or lies within one.
pub(crate) fn lies_within(records: &dyn Records, place: EntityId, divisions: &[EntityId]) -> bool {
    let mut at = Some(place);
    for _ in 0..DEPTH {
        let Some(here) = at else { return false };
        if divisions.contains(&here) {
            return true;
        }
        at = records.core(here).and_then(|c| c.within);
    }
    false
}

/// The actor a command runs as: only the roles that hold at its place. A role of one division lends nothing to another.
///
/// A command that asks for no role is open to everybody about every place (to complain and to call for help are rights); the
/// roles of whoever gives it still hold only where they hold.
pub(crate) fn command_actor(
    records: &dyn Records,
    session: &Session,
    wanted: &[Name],
    place: Option<EntityId>,
    body: &[Value],
) -> Result<(Actor, Option<EntityId>), GateRefusal> {
    if !session.holds_any(wanted) {
        return Err(GateRefusal::Role { needed: wanted.to_vec() });
    }
    if let Some(place) = place
        && records.core(place).is_none_or(|c| c.family != Family::Places)
    {
        return Err(GateRefusal::NotFound(format!("place {place}")));
    }
    let fits = |role: &Name| wanted.is_empty() || wanted.contains(role);
    let city_wide = session.held.iter().any(|h| fits(&h.role) && h.division.is_none());
    let own = distinct(session.held.iter().filter(|h| fits(&h.role)).filter_map(|h| h.division));
    let abroad = if wanted.is_empty() && !city_wide { place_abroad(records, place, body, &own) } else { None };
    let place = match (abroad.or(place), city_wide, own.as_slice()) {
        (Some(place), _, _) if abroad.is_some() => Some(place),
        (Some(place), false, _) if !lies_within(records, place, &own) => {
            return Err(GateRefusal::Division(place));
        }
        (None, false, [only]) => Some(*only),
        (None, false, [_, _, ..]) => match home_of(records, body, &own) {
            Some(division) => Some(division),
            // What anybody may do (one's own password, one's own tokens) is about no place: it needs none, and no role holds.
            None if wanted.is_empty() => None,
            None => return Err(GateRefusal::PlaceNeeded(own)),
        },
        (place, _, _) => place,
    };
    // What anybody may do may be about a record that lies anywhere, one's own dispute before all: no role goes there with them.
    if !city_wide && !wanted.is_empty() {
        referred_lie_within(records, body, &own)?;
    }
    let holds = |division: Option<EntityId>| match (division, place) {
        (None, _) => true,
        (Some(d), Some(place)) => lies_within(records, place, &[d]),
        (Some(_), None) => false,
    };
    let held: Vec<_> = session.held.iter().filter(|h| holds(h.division)).collect();
    let actor = Actor {
        id: session.account,
        roles: distinct(held.iter().map(|h| h.role.clone())),
        divisions: reach(city_wide, distinct(held.iter().filter_map(|h| h.division))),
    };
    Ok((actor, place))
}

/// The actor a view is rendered for: the roles that open it, and where they hold.
pub(crate) fn view_actor(
    records: &dyn Records,
    session: &Session,
    wanted: &[Name],
    params: &[Value],
) -> Result<Actor, GateRefusal> {
    if !session.holds_any(wanted) {
        return Err(GateRefusal::Role { needed: wanted.to_vec() });
    }
    let mut held: Vec<_> = session.held.iter().filter(|h| wanted.is_empty() || wanted.contains(&h.role)).collect();
    let city_wide = held.iter().any(|h| h.division.is_none());
    let mut divisions = reach(city_wide, distinct(held.iter().filter_map(|h| h.division)));
    let (places, of): (Vec<Value>, Vec<Value>) =
        params.iter().cloned().partition(|v| v.as_entity().is_some_and(|e| is_place(records, e)));
    let abroad = if wanted.is_empty() && !city_wide { place_abroad(records, None, &of, &divisions) } else { None };
    if let Some(place) = abroad {
        referred_lie_within(records, &places, &divisions)?;
        // A view for everybody may be of a record that lies anywhere: it is rendered for somebody without the roles of elsewhere.
        held.retain(|h| h.division.is_some_and(|d| lies_within(records, place, &[d])));
        divisions = reach(false, distinct(held.iter().filter_map(|h| h.division)));
    } else if !divisions.is_empty() {
        referred_lie_within(records, params, &divisions)?;
    }
    Ok(Actor { id: session.account, roles: distinct(held.iter().map(|h| h.role.clone())), divisions })
}

fn reach(city_wide: bool, divisions: Vec<EntityId>) -> Vec<EntityId> {
    match (city_wide, divisions.is_empty()) {
        (true, _) => Vec::new(),
        (false, true) => NOWHERE.to_vec(),
        (false, false) => divisions,
    }
}

/// The first of the places a command is about, or in which lies what it is about, that lies in none of `own`.
fn place_abroad(records: &dyn Records, place: Option<EntityId>, body: &[Value], own: &[EntityId]) -> Option<EntityId> {
    let lies = |e: EntityId| if is_place(records, e) { Some(e) } else { records.core(e).and_then(|core| core.within) };
    let named = body.iter().filter_map(Value::as_entity).filter_map(lies);
    place.into_iter().chain(named).find(|p| !lies_within(records, *p, own))
}

fn is_place(records: &dyn Records, entity: EntityId) -> bool {
    records.core(entity).is_some_and(|core| core.family == Family::Places)
}

/// It lies somewhere: a person has no place.
pub(crate) fn is_placed(records: &dyn Records, entity: EntityId) -> bool {
    records.core(entity).is_some_and(|core| core.family == Family::Places || core.within.is_some())
}

/// The one division in which everything a body refers to lies: what it refers to says where the command is about.
fn home_of(records: &dyn Records, body: &[Value], divisions: &[EntityId]) -> Option<EntityId> {
    let referred: Vec<EntityId> = body.iter().filter_map(Value::as_entity).filter(|e| is_placed(records, *e)).collect();
    let mut homes =
        divisions.iter().filter(|d| !referred.is_empty() && referred.iter().all(|e| lies_within(records, *e, &[**d])));
    homes.next().copied().filter(|_| homes.next().is_none())
}

/// What a body refers to must lie where the role holds, as far as it lies anywhere.
fn referred_lie_within(records: &dyn Records, body: &[Value], divisions: &[EntityId]) -> Result<(), GateRefusal> {
    for entity in body.iter().filter_map(Value::as_entity) {
        if is_placed(records, entity) && !lies_within(records, entity, divisions) {
            return Err(GateRefusal::Division(entity));
        }
    }
    Ok(())
}
