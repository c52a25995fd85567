//! The phone of somebody who was asked: what, where, and one big button for what comes next.

use super::facet::{Responder, Task};
use super::flow::table::OPEN;
use super::position::tell_position;
use super::responder::of_account;
use super::steps::{decline_task, hand_back, recall_task};
use crate::alarm::{Alarm, place_name};
use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;

const DUE: Field<Micros> = Field::new("host.track", "due", "host.track.due");
const ROWS: u32 = 20;

#[derive(Body)]
pub struct About {
    #[field(entity = events)]
    pub task: EntityId,
}

/// What comes next in a state, the likeliest first: command and label.
fn next(state: &str) -> &'static [&'static str] {
    match state {
        "offered" => &["accept-task"],
        "accepted" => &["set-out", "arrive"],
        "on-the-way" => &["arrive", "check-in"],
        "arrived" => &["check-in", "finish-task"],
        _ => &[],
    }
}

/// A task as the person sees it. `own`: whoever looks is that person.
fn task(mut page: Page, ctx: &Context, id: EntityId, own: bool) -> Result<Page, Refusal> {
    let (state, within, category) = get(id, (core_fields::STATE, core_fields::WITHIN, core_fields::CATEGORY))?;
    let (alarm, shown, exercise, heard) = get(id, (Task::ALARM, Task::SHOWN, Task::EXERCISE, Task::HEARD))?;
    let (position_at, due) = get(id, (Task::POSITION_AT, DUE))?;
    let (state, alarm) = (state.unwrap_or_default(), alarm.unwrap_or_default());
    let (spot, exercise) = (get(alarm, Alarm::SPOT)?, exercise == Some(true));
    if exercise {
        page = page.add(Notice::new(Tone::Warning, "exercise"));
    }
    let mut detail = Detail::new()
        .line("category", Cell::code(category.unwrap_or_default()))
        .line("place", Cell::from(within.map(place_name).transpose()?))
        .line("spot", spot)
        .line("state", Cell::status(format!("state-{state}")));
    if !own {
        detail = detail.line("shown", shown);
    }
    if let Some(heard) = heard {
        detail = detail.line("heard", heard);
    }
    if let Some(limit) = due.filter(|_| OPEN.contains(&state.as_str())) {
        detail = detail.line("due", Cell::due(Due { at: ctx.now, limit }));
    }
    // That a position is known may be seen; where it is, only on its own page and for a purpose.
    if let Some(at) = position_at {
        detail = detail.line("position-told", at);
    }
    let mut section = Section::new("task").key(id).live().add(detail);
    if own {
        for (n, command) in next(&state).iter().enumerate() {
            let style = if n == 0 { Style::Primary } else { Style::Plain };
            section = section.add(Action::command(*command, command).with("task", id).style(style));
        }
    }
    page = page.add(section);
    match state.as_str() {
        "offered" if own => page = page.add(Form::of::<decline_task>().with("task", id)),
        "accepted" | "on-the-way" | "arrived" if own => {
            page = page.add(Form::of::<tell_position>().with("task", id)).add(Form::of::<hand_back>().with("task", id));
        }
        _ => {}
    }
    Ok(page)
}

/// What waits for me, and whether I can be asked at all.
#[view(name = "my-task", label = "my-task", listed)]
pub fn my_task(ctx: &Context) -> Result<Page, Refusal> {
    let mut page = Page::new("my-task");
    let Some(responder) = of_account(ctx.actor.id)? else {
        return Ok(page.add(Notice::new(Tone::Info, "no-responder")));
    };
    let rows = Query::kind("task")
        .fields(&[&core_fields::STATE, &Task::EXERCISE])
        .filter(Task::WHO.is(ctx.actor.id))
        .newest()
        .limit(ROWS)
        .run()?;
    let (state, exercise) = (rows.column(core_fields::STATE)?, rows.column(Task::EXERCISE)?);
    let open = rows.ids().enumerate().filter(|(row, _)| state.get(*row).is_some_and(|s| OPEN.contains(&s)));
    let mut open: Vec<_> = open.map(|(row, id)| (exercise.get(row).unwrap_or(false), id)).collect();
    // What is real comes before what is practised.
    open.sort_unstable();
    for (_, id) in &open {
        page = task(page, ctx, *id, true)?;
    }
    let on = get(responder, Responder::ON_SINCE)?;
    let word = if on.is_some() { "signed-on" } else { "signed-off" };
    let mut standing = Section::new("my-standing")
        .key("standing")
        .live()
        .add(Detail::new().line("stand", Cell::status(word)).line("since", on));
    if on.is_some() {
        standing = standing.add(Action::command("sign-off", "sign-off").style(Style::Plain));
    } else {
        standing = standing.add(Action::command("sign-on", "sign-on"));
    }
    if open.is_empty() {
        page = page.add(Notice::new(Tone::Info, if on.is_some() { "no-task" } else { "no-task-off" }));
    }
    Ok(page.add(standing))
}

/// One task: the person's own, or a seat's look at it.
#[view(name = "task", label = "task")]
pub fn task_view(ctx: &Context, about: About) -> Result<Page, Refusal> {
    let (kind, who, alarm) =
        (get(about.task, core_fields::KIND)?, get(about.task, Task::WHO)?, get(about.task, Task::ALARM)?);
    let own = who.is_some_and(|w| w == ctx.actor.id && w != EntityId::default());
    let seat = ["operator", "duty-officer", "official", "admin"].iter().any(|r| ctx.actor.has_role(r));
    // Others are told that there is none.
    if kind.as_deref() != Some("task") || !(own || seat) {
        return Err(Refusal::not_found("no-such-task"));
    }
    let mut page = task(Page::new("task"), ctx, about.task, own)?;
    if seat {
        let state = get(about.task, core_fields::STATE)?.unwrap_or_default();
        if OPEN.contains(&state.as_str()) {
            page = page.add(Form::of::<recall_task>().with("task", about.task));
        }
        page = page.add(Action::open("proposal", "proposal").with("alarm", alarm.unwrap_or_default()));
    }
    Ok(page)
}
