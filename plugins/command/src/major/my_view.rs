//! The phone of somebody who is assigned: what is to be read, where, when, what, and one big button for what comes next.

use super::brief::has_read;
use super::facet::{Duty, Major, Post, Shift, Watch};
use super::flow::table::{IN_FORCE, WATCHED};
use super::incident::open_incident;
use super::live::check_in_post;
use super::plan::{Head, ROWS};
use crate::alarm::place_name;
use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;
use std::collections::BTreeMap;

const DUE: Field<Micros> = Field::new("host.track", "due", "host.track.due");
/// A post may be checked in so long before its shift.
const EARLY: i64 = Micros::HOUR;

struct Mine {
    post: EntityId,
    shift: EntityId,
    from: Micros,
    to: Micros,
    read: Option<Micros>,
}

/// What is still to be done, by plan; what comes first stands first, plans and duties alike.
fn mine(ctx: &Context) -> Result<Vec<(EntityId, Vec<Mine>)>, Refusal> {
    if ctx.actor.id == EntityId::default() {
        return Ok(Vec::new());
    }
    let rows = Query::kind("major-duty")
        .fields(&[&Duty::PLAN, &Duty::POST, &Duty::SHIFT, &Duty::READ, &Duty::ENDED])
        .filter(Duty::WHO.is(ctx.actor.id))
        .newest()
        .limit(ROWS)
        .run()?;
    let (plan, post, shift) = (rows.column(Duty::PLAN)?, rows.column(Duty::POST)?, rows.column(Duty::SHIFT)?);
    let (read, ended) = (rows.column(Duty::READ)?, rows.column(Duty::ENDED)?);
    let mut all: BTreeMap<EntityId, Vec<Mine>> = BTreeMap::new();
    for row in (0..rows.len()).filter(|row| ended.get(*row) != Some(true)) {
        let (Some(plan), Some(post), Some(shift)) = (plan.get(row), post.get(row), shift.get(row)) else { continue };
        let state = get(plan, core_fields::STATE)?.unwrap_or_default();
        let (Some(from), Some(to)) = get(shift, (Shift::FROM, Shift::TO))? else { continue };
        if IN_FORCE.contains(&state.as_str()) && to > ctx.now {
            all.entry(plan).or_default().push(Mine { post, shift, from, to, read: read.get(row) });
        }
    }
    for duties in all.values_mut() {
        duties.sort_by_key(|d| (d.from, d.post));
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(plan, duties)| (duties.first().map(|d| d.from), *plan));
    Ok(all)
}

#[view(name = "my-duty", label = "my-duty", listed)]
pub fn my_duty(ctx: &Context) -> Result<Page, Refusal> {
    let mut page = Page::new("my-duty");
    let all = mine(ctx)?;
    if all.is_empty() {
        return Ok(page.add(Notice::new(Tone::Info, "no-duty")));
    }
    for (plan, duties) in all {
        let head = Head::read(plan)?;
        page = read_first(page, &head, &duties)?;
        for duty in &duties {
            page = page.add(one(ctx, &head, duty)?);
        }
        if head.state == "live" {
            let mut form = Form::of::<open_incident>().with("major", plan);
            // Where they stand now: nobody is asked what is known.
            if let Some(now) = duties.iter().find(|d| d.from <= ctx.now.plus(EARLY)) {
                form = form.with("post", now.post);
            } else {
                form = form.without("post");
            }
            let help = Section::new("open-incident").key(format!("incident-{plan}")).add(form);
            page = page.add(fold([help.into()]));
        }
        if let Some(phones) = get(plan, Major::PHONES)? {
            // A number a line, as they were written.
            let section = Section::new("major-phones").key(format!("phones-{plan}"));
            page = page.add(section.add(Paragraph::new(Text::plain(phones))));
        }
    }
    Ok(page)
}

/// The briefing comes before everything else until it is read.
fn read_first(page: Page, head: &Head, duties: &[Mine]) -> Result<Page, Refusal> {
    let Some(text) = get(head.id, Major::BRIEFING)?.filter(|_| head.briefed.is_some()) else { return Ok(page) };
    let read = duties.iter().all(|d| has_read(d.read, head.briefed));
    let text = Paragraph::new(Text::plain(text));
    let mut section = Section::new("major-briefing").key(format!("briefing-{}", head.id));
    if read {
        let state = Detail::new().line("state", Cell::status("major-is-read"));
        return Ok(page.add(fold([section.add(state).add(text).into()])));
    }
    section = section.add(text).add(Action::command("confirm-briefing", "confirm-briefing").with("major", head.id));
    Ok(page.add(section))
}

/// Whoever stands at the post sees first what is due and the button for it; where and what comes below.
fn one(ctx: &Context, head: &Head, duty: &Mine) -> Result<Section, Refusal> {
    let (name, shift) = (get(duty.post, Post::NAME)?, get(duty.shift, Shift::NAME)?);
    let title = format!("{} · {}", name.unwrap_or_default(), shift.unwrap_or_default());
    let section = Section::new(Text::plain(title)).key(format!("{}-{}", duty.post, duty.shift)).live();
    let Some(watch) = watch(duty)? else {
        let state = Cell::status(format!("state-major-{}", head.state));
        return Ok(section.add(where_and_what(head, duty, Detail::new().line("state", state))?));
    };
    if duty.from > ctx.now.plus(EARLY) {
        return Ok(section.add(where_and_what(head, duty, Detail::new().line("state", Cell::status("watch-ahead")))?));
    }
    let (state, checked, due) = get(watch, (core_fields::STATE, Watch::CHECKED, DUE))?;
    let mut now = Detail::new().line("state", Cell::status(format!("state-watch-{}", state.unwrap_or_default())));
    if let Some(checked) = checked {
        now = now.line("major-checked", checked);
    }
    if let Some(limit) = due {
        now = now.line("due", Cell::due(Due { at: ctx.now, limit }));
    }
    let counted = Form::of::<check_in_post>().with("watch", watch);
    let counted = fold([Section::new("check-in-counted").key("counted").add(counted).into()]);
    let check_in = Action::command("check-in-post", "check-in-post").with("watch", watch);
    Ok(section.add(now).add(check_in).add(counted).add(where_and_what(head, duty, Detail::new())?))
}

fn where_and_what(head: &Head, duty: &Mine, detail: Detail) -> Result<Detail, Refusal> {
    let (spot, task, equipment) = get(duty.post, (Post::SPOT, Post::TASK, Post::EQUIPMENT))?;
    let within = get(duty.post, core_fields::WITHIN)?;
    let detail = detail
        .line("major-title", head.title.as_str())
        .line("place", Cell::from(within.map(place_name).transpose()?))
        .line("spot", spot)
        .line("major-from", duty.from)
        .line("major-to", duty.to)
        .line("major-task", task);
    Ok(if let Some(equipment) = equipment { detail.line("major-equipment", equipment) } else { detail })
}

/// The watch over a duty, if it is watched.
fn watch(duty: &Mine) -> Result<Option<EntityId>, Refusal> {
    let rows = Query::kind("major-watch")
        .field(core_fields::STATE)
        .filter(Watch::POST.is(duty.post))
        .filter(Watch::SHIFT.is(duty.shift))
        .newest()
        .limit(10)
        .run()?;
    let state = rows.column(core_fields::STATE)?;
    Ok(rows.ids().enumerate().find(|(row, _)| state.get(*row).is_some_and(|s| WATCHED.contains(&s))).map(|(_, id)| id))
}
