//! After the event: how long each step took, what was missing, how posts were held, what happened and what is to be learned. Computed from
//! the journal each time it is looked at; nothing in it is typed in, and it has posts and never a table of persons.

use super::facet::Major;
use super::flow::table::WATCH_STATES;
use super::hands::{desk, versions};
use super::incident::incidents;
use super::over::{Standing, watches};
use super::plan::{self, Head};
use super::plan_view::About;
use crate::after::{add_lesson, lesson_table};
use changzhi_sdk::prelude::*;
use changzhi_sdk::{Happened, story};

/// Marks, each with the event that reaches it first.
const MARKS: [(&str, &str); 6] = [
    ("mark-major-submitted", "submit"),
    ("mark-major-approved", "approve"),
    ("mark-major-briefed", "brief"),
    ("mark-major-live", "begin"),
    ("mark-major-stood-down", "stand-down"),
    ("mark-major-reviewed", "review"),
];

/// Page and PDF. It can be read from the first minute on: what has not happened yet is then among the gaps.
#[view(name = "major-review", label = "major-review")]
pub fn major_review(ctx: &Context, about: About) -> Result<Page, Refusal> {
    let head = Head::read(about.major)?;
    if !(desk(ctx) || head.is_commanded_by(ctx.actor.id)) {
        return Err(Refusal::not_found("no-such-major"));
    }
    let mut told = Vec::new();
    for version in versions(head.first)? {
        told.extend(story(version)?);
    }
    told.sort_by_key(|h| h.at);
    let mut all = Vec::new();
    for state in WATCH_STATES {
        all.extend(watches(state, Some(head.first))?);
    }
    all.sort_by_key(|w| (w.begins, w.id));
    let mut held = Vec::new();
    for watch in all {
        let steps = story(watch.id)?;
        let first = steps.iter().find(|h| h.event == "check-in").map(|h| h.at);
        let count = |event: &str| steps.iter().filter(|h| h.event == event).count();
        held.push(Held { first, kept: count("check-in"), missed: missed(&steps), watch });
    }
    let facts = Detail::new()
        .line("major-title", head.title.as_str())
        .line("state", Cell::status(format!("state-major-{}", head.state)))
        .line("major-from", head.from)
        .line("major-to", head.to)
        .line("major-version", head.version)
        .line("major-checks-kept", held.iter().map(|h| h.kept).sum::<usize>())
        .line("major-checks-missed", held.iter().map(|h| h.missed.len()).sum::<usize>());
    let mut page = Page::new("major-review")
        .add(Section::new("major").add(facts))
        .add(Section::new("intervals").add(intervals(&told)))
        .add(Section::new("gaps").empty("no-gaps").add(gaps(&head, &told, &held)?))
        .add(Section::new("major-posts-checks").empty("major-no-watch").add(posts(&held)))
        .add(Section::new("major-incidents").empty("no-major-incidents").add(happened(head.first)?));
    let learned = Section::new("lessons").empty("no-lessons").add(lesson_table(ctx, Some(head.id))?);
    page = page.add(learned);
    let over = ["stood-down", "reviewed"].contains(&head.state.as_str());
    if over && ["official", "duty-officer", "admin"].iter().any(|role| ctx.actor.has_role(role)) {
        page = page.add(Form::of::<add_lesson>().with("alarm", head.id));
    }
    Ok(page.add(Action::open("major-plan", "major").with("major", head.id)))
}

/// How one post was held during one shift.
struct Held {
    watch: Standing,
    first: Option<Micros>,
    kept: usize,
    missed: Vec<Micros>,
}

/// When a check-in did not come, each once, however long it stayed out.
fn missed(steps: &[Happened]) -> Vec<Micros> {
    steps.iter().filter(|h| h.event == "missed").map(|h| h.at).collect()
}

fn intervals(told: &[Happened]) -> Table {
    let mut table = Table::new()
        .key("intervals")
        .col("mark", "interval")
        .col("from", "interval-from")
        .col("to", "interval-to")
        .num_col("took", "interval-took");
    let Some(mut from) = told.first().map(|h| h.at) else { return table };
    for (mark, event) in MARKS {
        // What a next version repeated was reached with the first one.
        let to = told.iter().find(|h| h.event == event && h.clock.is_empty()).map(|h| h.at);
        let took = to.map(|to| to.since(from) / Micros::SECOND).filter(|s| *s >= 0);
        table =
            table.plain_row(mark, [Cell::code(mark), from.into(), to.into(), took.map_or(Cell::none(), Cell::seconds)]);
        from = to.unwrap_or(from);
    }
    table
}

/// Everything a clock had to say, every check that was missed, everything that was passed over.
fn gaps(head: &Head, told: &[Happened], held: &[Held]) -> Result<Table, Refusal> {
    let mut all: Vec<(Text, Option<Micros>)> = Vec::new();
    for step in told.iter().filter(|h| !h.clock.is_empty()) {
        all.push((Text::key(&format!("gap-major-clock-{}", step.clock)), Some(step.at)));
    }
    for one in held {
        for at in &one.missed {
            all.push((Text::key("gap-major-check").with("post", one.watch.shown.as_str()), Some(*at)));
        }
        if one.first.is_none() && one.watch.state == "relieved" {
            all.push((Text::key("gap-major-never").with("post", one.watch.shown.as_str()), Some(one.watch.ends)));
        }
    }
    for (mark, event) in MARKS {
        if !told.iter().any(|h| h.event == event) {
            all.push((Text::key(&format!("no-{mark}")), None));
        }
    }
    let unread = plan::duties(head.id)?.iter().filter(|d| !super::brief::has_read(d.read, head.briefed)).count();
    if unread > 0 && head.briefed.is_some() {
        let count = i64::try_from(unread).unwrap_or(i64::MAX);
        all.push((Text::key("gap-major-unread").with("count", count), None));
    }
    if get(head.id, Major::ACCEPTED)?.is_some() {
        all.push((Text::key("gap-major-accepted"), None));
    }
    let mut table = Table::new().key("gaps").col("gap", "gap").col("at", "at");
    for (number, (gap, at)) in all.into_iter().enumerate() {
        table = table.plain_row(number, [Cell::text(gap), at.into()]);
    }
    Ok(table)
}

fn posts(held: &[Held]) -> Table {
    let mut table = Table::new()
        .key("posts-checks")
        .col("post", "major-watch")
        .num_col("kept", "major-checks-kept")
        .num_col("missed", "major-checks-missed")
        .col("first", "major-first-check")
        .col("from", "major-from")
        .col("to", "major-to");
    for one in held {
        let watch = &one.watch;
        let cells = [
            watch.shown.clone().into(),
            Cell::from(one.kept),
            Cell::from(one.missed.len()),
            one.first.into(),
            watch.begins.into(),
            watch.ends.into(),
        ];
        table = table.row(watch.id, cells);
    }
    table
}

fn happened(first: EntityId) -> Result<Table, Refusal> {
    let mut table = Table::new()
        .key("incidents")
        .opens("after-action", "alarm")
        .col("category", "category")
        .col("at", "at")
        .col("post", "major-post")
        .col("state", "state")
        .num_col("in-all", "in-all")
        .col("what", "major-what");
    for row in incidents(first)? {
        let end = story(row.alarm)?.into_iter().find(|h| h.target == "stood-down").map(|h| h.at);
        let took = end.map(|end| end.since(row.at) / Micros::SECOND).filter(|s| *s >= 0);
        let cells = [
            Cell::code(row.category.clone()),
            row.at.into(),
            row.post.clone().into(),
            Cell::status(format!("state-{}", row.state)),
            took.map_or(Cell::none(), Cell::seconds),
            row.what.clone().into(),
        ];
        table = table.row(row.alarm, cells);
    }
    Ok(table)
}
