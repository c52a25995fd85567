//! Messages to whom an alarm rings, so that it reaches them without an open page: Web Push, SMS and mail, each by their own channels.
//!
//! ```text
//! press ──► [`first`]: whom the first step rings, in the transaction of the press ─┐
//!                                                                                  ├─► intents ──► outbox (docs/outbox.md)
//! clock of the ladder (host) ──► [`tell`]: whom the state rings beyond `called` ───┘
//! ```
//!
//! Invariants: told are those whom [`Roster::calls`] names, each step once, and nobody else: so nobody off duty. `called` says how far up
//! messages went, and is written with them: a step that is seen twice tells once. Whoever took the alarm ends it, for messages too. No
//! message says what or where it is: it passes a gateway. Guards are at the place: where somebody is under duress, no telephone of theirs
//! is made to sound.
//!
//! Price: one look at the roster for each batch of steps; the host looks at its accounts for each role that the roster does not name.

use super::facet::{Alarm, chain};
use super::flow::Tier;
use super::flow::table::RINGING;
use super::place;
use super::press::is_aside;
use super::roster::{Called, Roster};
use changzhi_sdk::prelude::*;

/// A message says nothing any more after this: the alarm was taken, or the last step told everybody again.
const HOLDS: i64 = 10 * Micros::MINUTE;

/// What a message is about, and how it is put.
pub(crate) struct About<'a> {
    pub(crate) id: EntityId,
    pub(crate) exercise: bool,
    /// Its place and what that lies in.
    pub(crate) chain: &'a [EntityId],
}

/// Whom an alarm calls at a step. What is wrong with the house itself is for seats and leaders.
fn calls(category: &str, duress: bool, tier: Tier, chain: &[EntityId], roster: &Roster) -> Called {
    if category == "test" {
        return Called::default();
    }
    let aside = is_aside(category);
    let mut called = roster.calls(if aside { tier.min(Tier::Leaders) } else { tier }, chain);
    called.guards &= !aside && !duress;
    called
}

/// How it is said that an alarm of this kind rings.
fn rings(category: &str) -> &'static str {
    if is_aside(category) { "alarm-of-house" } else { "alarm-rings" }
}

/// One message to each person, and one to each role.
pub(crate) fn messages(
    changes: &mut Changes,
    now: Micros,
    about: &About<'_>,
    called: &Called,
    message: &str,
) -> Result<(), Refusal> {
    let message = if about.exercise { format!("{message}-exercise") } else { message.to_owned() };
    let until = now.plus(HOLDS);
    let mut persons = called.persons.clone();
    if called.guards {
        for here in about.chain {
            persons.extend(place::guards(*here)?);
        }
    }
    for person in persons {
        changes.intent(Notify::account(person, &message).about(about.id).urgent().until(until));
    }
    let roles: Vec<&str> = called.roles.iter().copied().collect();
    if !roles.is_empty() {
        let mut wish = NotifyRoles::of(&roles, &message).all().about(about.id).urgent().until(until);
        if let Some(here) = about.chain.first() {
            wish = wish.at(*here);
        }
        changes.intent(wish);
    }
    Ok(())
}

/// The first step of an alarm that is made now, and whose [`Alarm`] says that it was told ([`at_first`]).
pub(super) fn first(
    changes: &mut Changes,
    now: Micros,
    category: &str,
    about: &About<'_>,
    roster: &Roster,
) -> Result<(), Refusal> {
    messages(changes, now, about, &calls(category, false, Tier::Near, about.chain, roster), rings(category))
}

/// What `called` says of an alarm whose first step was told.
pub(super) fn at_first() -> Option<String> {
    RINGING.first().map(|&state| state.to_owned())
}

/// What the host's clocks did to alarms (the next step of the ladder, its end without an answer, a step after it that is late) and to
/// tasks.
#[react(on = ["kind:alarm", "kind:task"])]
pub fn tell(ctx: &Context, facts: &[Fact]) -> Result<Changes, Refusal> {
    let mut changes = Changes::new();
    let steps: Vec<(&Fact, &str)> =
        facts.iter().filter_map(|fact| Some((fact, fact.what.strip_prefix("advanced:")?))).collect();
    if steps.is_empty() {
        return Ok(changes);
    }
    let roster = Roster::read(ctx.now)?;
    for (fact, event) in steps {
        match fact.kind.as_str() {
            "task" => crate::dispatch::tell_of_task(&mut changes, ctx.now, fact.entity, event, &roster)?,
            _ => step(&mut changes, ctx.now, fact.entity, event, &roster)?,
        }
    }
    Ok(changes)
}

fn step(changes: &mut Changes, now: Micros, id: EntityId, event: &str, roster: &Roster) -> Result<(), Refusal> {
    if !["ring-all", "ring-leaders", "ring-district", "unanswered", "late"].contains(&event) {
        return Ok(());
    }
    let (category, state, within) = get(id, (core_fields::CATEGORY, core_fields::STATE, core_fields::WITHIN))?;
    let (exercise, mark, before) = get(id, (Alarm::EXERCISE, Alarm::MARK, Alarm::CALLED))?;
    let (category, state) = (category.unwrap_or_default(), state.unwrap_or_default());
    let chain = chain(within)?;
    let about = About { id, exercise: exercise == Some(true), chain: &chain };
    let calls = |tier| calls(&category, mark.as_deref() == Some("duress"), tier, &chain, roster);
    match (event, Tier::of(&state)) {
        // It was taken, and what should follow does not: the seats on duty.
        ("late", None) => messages(changes, now, &about, &calls(Tier::All), "alarm-late"),
        // Once more, to all of them.
        ("unanswered", Some(tier)) => {
            let message = if is_aside(&category) { rings(&category) } else { "alarm-unanswered" };
            messages(changes, now, &about, &calls(tier), message)
        }
        ("late" | "unanswered", _) => Ok(()),
        (_, Some(tier)) => {
            let before = before.as_deref().and_then(Tier::of);
            if before < Some(tier) {
                let told = before.map(calls).unwrap_or_default();
                messages(changes, now, &about, &calls(tier).without(&told), rings(&category))?;
                changes.set(id, Alarm::CALLED, state);
            }
            Ok(())
        }
        // Somebody took it meanwhile.
        (_, None) => Ok(()),
    }
}
