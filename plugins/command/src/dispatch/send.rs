//! A person sends: those proposed, or others with a reason. Each gets a task of their own.

use super::case::{Case, found};
use super::facet::{Responder, Task};
use super::propose::{Pick, Proposal, Stand};
use super::stand::Busy;
use changzhi_sdk::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// How many are sent with one command; for more there is another one, and the proposal is then what is missing still.
pub(super) const SLOTS: usize = 8;
/// The names of the fields, in order.
pub(super) const PICKS: [&str; SLOTS] =
    ["pick_1", "pick_2", "pick_3", "pick_4", "pick_5", "pick_6", "pick_7", "pick_8"];
/// An offer nobody answers is said to be so by the flow's clock; a message that comes later says nothing any more.
const ANSWER: i64 = 10 * Micros::MINUTE;

#[derive(Body, Default)]
pub struct Sent {
    #[field(entity = events)]
    pub alarm: EntityId,
    #[field(entity = events)]
    pub pick_1: Option<EntityId>,
    #[field(entity = events)]
    pub pick_2: Option<EntityId>,
    #[field(entity = events)]
    pub pick_3: Option<EntityId>,
    #[field(entity = events)]
    pub pick_4: Option<EntityId>,
    #[field(entity = events)]
    pub pick_5: Option<EntityId>,
    #[field(entity = events)]
    pub pick_6: Option<EntityId>,
    #[field(entity = events)]
    pub pick_7: Option<EntityId>,
    #[field(entity = events)]
    pub pick_8: Option<EntityId>,
    /// Asked for where it is somebody else than proposed, or fewer.
    #[field(max_len = 240)]
    pub reason: Option<String>,
}

impl Sent {
    /// Field and responder, what is empty left out.
    fn picks(&self) -> Vec<(&'static str, EntityId)> {
        let all =
            [self.pick_1, self.pick_2, self.pick_3, self.pick_4, self.pick_5, self.pick_6, self.pick_7, self.pick_8];
        PICKS.into_iter().zip(all).filter_map(|(field, pick)| Some((field, pick?))).collect()
    }
}

/// Whoever is chosen, as they are written down.
struct Chosen {
    id: EntityId,
    who: EntityId,
    shown: String,
    need: String,
    pick: Option<Pick>,
    since: Micros,
}

/// Line and pick of everybody who fits, proposed or not.
fn known(proposal: &Proposal) -> BTreeMap<EntityId, (String, Pick)> {
    let mut known = BTreeMap::new();
    for line in &proposal.lines {
        for pick in line.picks.iter().chain(&line.others) {
            known.entry(pick.id).or_insert_with(|| (line.need.name(), *pick));
        }
    }
    known
}

/// Reads whoever is chosen, and says of each who cannot be sent why.
fn chosen(
    picks: &[(&'static str, EntityId)],
    busy: &Busy,
    exercise: bool,
    proposal: &Proposal,
) -> Result<Vec<Chosen>, Refusal> {
    let (known, mut seen) = (known(proposal), BTreeSet::new());
    let (mut out, mut problems) = (Vec::new(), Vec::new());
    for (field, id) in picks {
        let (account, sort, on) = get(*id, (Responder::WHO, Responder::SORT, Responder::ON_SINCE))?;
        let ended = get(*id, Responder::ENDED)? == Some(true);
        let (Some(who), Some(sort)) = (account.filter(|_| !ended), sort) else {
            problems.push(Problem::of(field, "no-such-responder"));
            continue;
        };
        let why = match busy.stand(*id, on, exercise) {
            _ if !seen.insert(*id) => Some("picked-twice"),
            Stand::Off => Some("responder-off"),
            Stand::Busy => Some("responder-busy"),
            // Whoever said no may be asked again by a person who says why.
            Stand::Declined | Stand::NoAnswer | Stand::Free(_) => None,
        };
        if let Some(why) = why {
            problems.push(Problem::of(field, why));
            continue;
        }
        let found = known.get(id);
        let need = found.map_or(sort, |(need, _)| need.clone());
        let since = busy.since(*id, on.unwrap_or_default());
        let shown = get(*id, Responder::SHOWN)?.unwrap_or_default();
        out.push(Chosen { id: *id, who, shown, need, pick: found.map(|(_, pick)| *pick), since });
    }
    Refusal::problems(problems)?;
    Ok(out)
}

#[command(label = "send-responders", roles = ["operator", "duty-officer", "admin"])]
pub fn send_responders(ctx: &Context, body: Sent) -> Result<Changes, Refusal> {
    let case = Case::read(body.alarm)?;
    if case.into.is_some() {
        return Err(Refusal::conflict("send-to-the-other"));
    }
    if !case.is_open() {
        return Err(Refusal::conflict("take-it-first"));
    }
    let picks = body.picks();
    if picks.is_empty() {
        return Err(Refusal::invalid("pick_1", "nobody-picked"));
    }
    let found = found(ctx.now, body.alarm, &case, case.level)?;
    let chosen = chosen(&picks, &found.busy, case.exercise, &found.proposal)?;
    let proposed: BTreeSet<EntityId> = found.proposal.picks().take(SLOTS).map(|(_, p)| p.id).collect();
    let differs = proposed != chosen.iter().map(|c| c.id).collect();
    let reason = body.reason.map(|r| r.trim().to_owned()).filter(|r| !r.is_empty());
    if differs && reason.is_none() {
        return Err(Refusal::invalid("reason", "differs-needs-reason"));
    }
    let differs = reason.filter(|_| differs);
    let mut changes = Changes::new();
    if ["acknowledged", "judged"].contains(&case.state.as_str()) {
        changes.advance(body.alarm, "dispatch", differs.clone().unwrap_or_default());
        changes.set(body.alarm, crate::alarm::Alarm::LEVEL, case.level);
    } else if let Some(reason) = &differs {
        changes.note(body.alarm, "sent", Text::key("sent-note").with("reason", reason.as_str()));
    }
    // What rang because nobody answered has been seen to: somebody else goes.
    super::ring::seen(&mut changes, ctx, body.alarm)?;
    for (n, one) in chosen.into_iter().enumerate() {
        let task = changes.create(New::of("task", ctx.now).category(case.category.clone()).within(case.within));
        changes.put(
            task,
            Task {
                alarm: body.alarm,
                responder: one.id,
                who: one.who,
                shown: one.shown,
                need: one.need,
                metres: one.pick.and_then(|p| p.metres).map(i64::from),
                free_since: Some(one.since),
                differs: differs.clone(),
                sent_by: Some(ctx.actor.id),
                exercise: case.exercise.then_some(true),
                ..Task::default()
            },
        );
        let message = if case.exercise { "task-offered-exercise" } else { "task-offered" };
        changes.intent(Notify::account(one.who, message).about(task).urgent().until(ctx.now.plus(ANSWER)));
        changes.answer(&format!("task_{}", n + 1), task);
    }
    Ok(changes)
}
