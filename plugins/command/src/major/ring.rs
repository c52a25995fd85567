//! A post whose check-in did not come rings: at the seats on duty from its place up, and at who commands. It rings until one of them has
//! taken notice, by name, or the post is checked in.

use super::facet::Watch;
use super::flow::table::WATCHED;
use super::over::watches;
use super::plan::Head;
use crate::alarm::{Roster, Tier, chain, is_rung, place_name};
use changzhi_sdk::Alarm as Item;
use changzhi_sdk::prelude::*;

/// What rings at whoever looks. `None`: nothing does.
pub(crate) fn rings(ctx: &Context) -> Result<Option<Alarms>, Refusal> {
    let mut red = Vec::new();
    for state in WATCHED {
        // A seat that took notice before this clock ran out took notice of another one.
        let rings = |w: &super::over::Standing| w.is_red(ctx.now) && w.seen.is_none_or(|s| Some(s) < w.due);
        red.extend(watches(state, None)?.into_iter().filter(rings));
    }
    if red.is_empty() {
        return Ok(None);
    }
    red.sort_by_key(|w| (w.due, w.id));
    let roster = Roster::read(ctx.now)?;
    let mut queue = Alarms::new("no-alarms", "watch").acknowledges("see-post").key("posts");
    let mut any = false;
    for watch in red {
        let Some(plan) = get(watch.id, Watch::PLAN)? else { continue };
        let commands = Head::read(plan)?.is_commanded_by(ctx.actor.id);
        if !(commands || is_rung(&ctx.actor, false, Tier::All, &chain(watch.within)?, &roster)) {
            continue;
        }
        any = true;
        let text = Text::key("major-post-missed").with("post", watch.shown.as_str());
        let since = watch.due.unwrap_or(ctx.now);
        let mut item = Item::new(watch.id, 2, since, text).opens(To::new("major-board").with("major", plan));
        if let Some(within) = watch.within {
            item = item.place(place_name(within)?, None);
        }
        queue = queue.alarm(item);
    }
    Ok(any.then_some(queue))
}
