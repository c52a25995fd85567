//! While it goes on: every post is checked in by its people at the beginning of a shift and again and again. A post whose check-in does not
//! come is red and rings; nothing is written about whoever was to be there, and nobody's position is asked for.

use super::facet::{Duty, Major, Watch};
use super::flow::table::WATCHED;
use super::hands::{Which, commands, named};
use super::plan::{self, Head, ROWS};
use changzhi_sdk::prelude::*;

/// How long after its planned end it is said that it was not stood down.
const STAND_DOWN: i64 = 2 * Micros::HOUR;
/// A post may be checked in so long before its shift begins.
const EARLY: i64 = Micros::HOUR;

/// The commander opens it: from here on every post is watched.
#[command(label = "begin-major")]
pub fn begin_major(ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    let head = Head::read(body.major)?;
    commands(ctx, &head)?;
    let mut changes = Changes::new();
    open(ctx, &mut changes, &head)?;
    Ok(changes)
}

/// One watch for each post and each shift that is not over.
pub(super) fn open(ctx: &Context, changes: &mut Changes, head: &Head) -> Result<(), Refusal> {
    changes.advance(head.id, "begin", "");
    changes.set(head.id, Major::DUE, head.to.max(ctx.now).plus(STAND_DOWN));
    let (shifts, mut number) = (plan::shifts(head.id)?, 0);
    for post in plan::posts(head.id)? {
        for row in shifts.iter().filter(|s| s.shift.to > ctx.now) {
            let (begins, ends) = (row.shift.from, row.shift.to);
            let within = post.within.or(head.within);
            let watch = changes.create(New::of("major-watch", begins).within(within));
            changes.put(
                watch,
                Watch {
                    plan: head.id,
                    event: head.first,
                    post: post.id,
                    shift: row.id,
                    shown: format!("{} · {}", post.post.name, row.shift.name),
                    begins,
                    ends,
                    due: begins.max(ctx.now).plus(head.grace.saturating_mul(Micros::MINUTE)),
                    checked: None,
                    here: None,
                    seen: None,
                    seen_by: None,
                },
            );
            changes.advance(watch, "expect", "");
            number += 1;
            changes.answer(&format!("watch_{number}"), watch);
        }
    }
    Ok(())
}

/// Ends every watch of an event that is not over.
pub(super) fn release(changes: &mut Changes, first: EntityId) -> Result<(), Refusal> {
    for state in WATCHED {
        let rows = Query::kind("major-watch")
            .filter(Watch::EVENT.is(first))
            .filter(core_fields::STATE.is(state))
            .limit(ROWS)
            .run()?;
        for watch in rows.ids() {
            changes.advance(watch, "release", "");
        }
    }
    Ok(())
}

#[derive(Body)]
pub struct CheckedIn {
    #[field(entity = events, label = "major-watch")]
    pub watch: EntityId,
    /// How many are at the post.
    #[field(min = 0, max = 200, label = "major-here")]
    pub here: Option<i64>,
}

/// By somebody who has this duty: it says that the post is held, and nothing about who came when.
#[command(label = "check-in-post")]
pub fn check_in_post(ctx: &Context, body: CheckedIn) -> Result<Changes, Refusal> {
    let actor = named(ctx)?;
    let (plan, post, shift, begins, ends) =
        get(body.watch, (Watch::PLAN, Watch::POST, Watch::SHIFT, Watch::BEGINS, Watch::ENDS))?;
    let (Some(plan), Some(post), Some(shift), Some(begins), Some(ends)) = (plan, post, shift, begins, ends) else {
        return Err(Refusal::not_found("no-such-watch"));
    };
    if !has_duty(actor, post, shift)? {
        return Err(Refusal::not_found("no-such-watch"));
    }
    if ctx.now < begins.plus(-EARLY) {
        return Err(Refusal::conflict("major-too-early"));
    }
    let head = Head::read(plan)?;
    let mut changes = Changes::new();
    changes.advance(body.watch, "check-in", "");
    changes.set(body.watch, Watch::CHECKED, ctx.now);
    changes.set(body.watch, Watch::DUE, next(ctx.now.max(begins), ends, head.interval));
    if let Some(here) = body.here {
        changes.set(body.watch, Watch::HERE, here);
    }
    Ok(changes)
}

/// When a post is to be checked in next: not after the shift, when others stand there.
fn next(from: Micros, ends: Micros, interval: i64) -> Micros {
    let next = from.plus(interval.saturating_mul(Micros::MINUTE));
    if next < ends { next } else { ends.plus(Micros::HOUR) }
}

fn has_duty(who: EntityId, post: EntityId, shift: EntityId) -> Result<bool, Refusal> {
    let rows = Query::kind("major-duty")
        .field(Duty::ENDED)
        .filter(Duty::WHO.is(who))
        .filter(Duty::POST.is(post))
        .filter(Duty::SHIFT.is(shift))
        .limit(ROWS)
        .run()?;
    let ended = rows.column(Duty::ENDED)?;
    Ok((0..rows.len()).any(|row| ended.get(row) != Some(true)))
}

#[derive(Body)]
pub struct Seen {
    #[field(entity = events, label = "major-watch")]
    pub watch: EntityId,
}

/// A seat or the commander has taken notice of a check-in that did not come. It stops ringing; the post stays red.
#[command(label = "see-post", roles = ["operator", "duty-officer", "official", "admin"])]
pub fn see_post(ctx: &Context, body: Seen) -> Result<Changes, Refusal> {
    let actor = named(ctx)?;
    let state = match get(body.watch, Watch::PLAN)? {
        Some(_) => get(body.watch, core_fields::STATE)?.unwrap_or_default(),
        None => return Err(Refusal::not_found("no-such-watch")),
    };
    let mut changes = Changes::new();
    if WATCHED.contains(&state.as_str()) {
        changes.advance(body.watch, "see", "");
    }
    changes.set(body.watch, Watch::SEEN, ctx.now).set(body.watch, Watch::SEEN_BY, actor);
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_check_in_of_a_shift_asks_for_none_after_it() {
        let minute = |n: i64| Micros(n * Micros::MINUTE);
        assert_eq!(next(minute(0), minute(100), 30), minute(30));
        assert_eq!(next(minute(69), minute(100), 30), minute(99));
        assert!(next(minute(70), minute(100), 30) > minute(100), "the shift ends then, and with it the watch");
        assert!(next(minute(i64::MAX / Micros::MINUTE - 1), minute(100), 240) > minute(100));
    }
}
