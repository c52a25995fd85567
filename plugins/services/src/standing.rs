//! Where a matter stands: step, who has it, day n of m, hand-offs so far, what comes next, and each clock with its light.

use crate::report::Report;
use changzhi_sdk::prelude::*;
use changzhi_sdk::{Field, Running, clocks, explain, story};

/// Kept by the host beside every step.
pub(crate) const DUE: Field<Micros> = Field::new("host.track", "due", "host.track.due");
const HANDOFFS: Field<i64> = Field::new("host.track", "handoffs", "host.track.handoffs");
pub(crate) const OUTCOME: Field<String> = Field::new("host.track", "outcome", "host.track.outcome");
const INTO: Field<EntityId> = Field::new("host.track", "into", "host.track.into");
/// Whether the matter has rules: those that began before there were any have none.
pub(crate) const STANDING: Field<String> = Field::new("host.track", "standing", "host.track.standing");

/// Voices shown with a matter at most.
const VOICES: u32 = 100;

fn day(clock: &Running) -> Cell {
    if clock.days == 0 {
        return Cell::none();
    }
    Cell::text(Text::key("day-of").with("day", i64::from(clock.day)).with("days", i64::from(clock.days)))
}

/// The section on top of a matter's page; nothing for a matter without rules.
pub(crate) fn section(ctx: &Context, id: EntityId, state: &str, next: &[String]) -> Result<Option<Section>, Refusal> {
    let (standing, handoffs, outcome, into) = get(id, (STANDING, HANDOFFS, OUTCOME, INTO))?;
    if standing.is_none() {
        return Ok(None);
    }
    let running = clocks(id)?;
    let agency = get(id, Report::AGENCY)?;
    // Whose turn it is: the owner of the clock that runs out first.
    let owner = running.iter().find(|c| c.name != "silence").map(|c| c.owner.clone());
    let mut detail = Detail::new().line("step", Cell::status(format!("state-{state}")));
    detail = match (&agency, &owner) {
        (Some(agency), Some(owner)) if owner == "unit" => {
            detail.line("who-has-it", Cell::text(Text::plain(agency.clone())))
        }
        (_, Some(owner)) => detail.line("who-has-it", Cell::text(Text::key(&format!("role-{owner}")))),
        _ => detail,
    };
    if let Some(first) = running.iter().max_by_key(|c| c.days).filter(|c| c.days > 0) {
        detail = detail.line("day", day(first));
    }
    detail = detail.line("handoffs", handoffs.unwrap_or(0));
    if let Some(event) = next.first() {
        detail = detail.line("next-step", Cell::text(Text::key(&format!("event-{event}"))));
    }
    if let Some(outcome) = outcome {
        detail = detail.line("outcome", Cell::status(format!("outcome-{outcome}")));
    }
    let mut section = Section::new("standing").live().add(detail);
    if let Some(into) = into {
        let code = get(into, Report::CODE)?.unwrap_or_default();
        section = section
            .add(Notice::new(Tone::Info, Text::key("is-voice-of").with("code", code)))
            .add(Action::open("open-main", "report").with("matter", into));
    }
    if !running.is_empty() {
        let mut table = Table::new()
            .key("clocks")
            .total(running.len() as u64)
            .col("clock", "clock")
            .col("light", "light")
            .col("due", "due")
            .col("day", "day")
            .col("owner", "owner");
        for clock in &running {
            let light = if clock.paused { "light-paused".to_owned() } else { format!("light-{}", clock.light) };
            let cells = [
                Cell::text(Text::key(&format!("clock-{}", clock.name))),
                Cell::status(light),
                Cell::due(Due { at: ctx.now, limit: clock.due }),
                day(clock),
                Cell::text(Text::key(&format!("role-{}", clock.owner))),
            ];
            table = table.plain_row(&clock.name, cells);
        }
        section = section.add(table);
        for clock in &running {
            let label = Text::key("explain-clock").with("clock", clock.name.clone());
            section = section.add(Action::open(label, "clock").with("matter", id).with("clock", clock.name.clone()));
        }
    }
    Ok(Some(section))
}

/// The voices of a matter: each is a matter of its own with its own thread.
pub(crate) fn voices(id: EntityId) -> Result<Option<Section>, Refusal> {
    let rows =
        Query::kind("matter").fields(&[&Report::CODE, &Report::TITLE]).filter(INTO.is(id)).limit(VOICES).run()?;
    if rows.total() == 0 {
        return Ok(None);
    }
    let (code, title) = (rows.column(Report::CODE)?, rows.column(Report::TITLE)?);
    let mut table = Table::new()
        .key("voices")
        .total(rows.total())
        .opens("report", "matter")
        .col("code", "code")
        .col("title", "title");
    for (row, voice) in rows.ids().enumerate() {
        table = table.row(voice, [code.get(row).into(), title.get(row).into()]);
    }
    Ok(Some(Section::new("voices").add(table)))
}

/// Every event of a matter; nothing for one without rules.
pub(crate) fn history(id: EntityId) -> Result<Option<Timeline>, Refusal> {
    let story = story(id)?;
    if story.is_empty() {
        return Ok(None);
    }
    let timeline = story.into_iter().fold(Timeline::new(), |line, event| {
        let told = event.event.starts_with("told-");
        let what = if told { Text::key("event-told") } else { Text::key(&format!("event-{}", event.event)) };
        let who = match event.event.as_str() {
            "recounted" => Text::key("by-calendar"),
            _ if event.clock.is_empty() => Text::key("by-person"),
            _ => Text::key(&format!("clock-{}", event.clock)),
        };
        let line = line.moment(event.at, who, what);
        match event.reason.is_empty() || told {
            true => line,
            false => line.moment(event.at, Text::key("reason"), Text::plain(event.reason)),
        }
    });
    Ok(Some(timeline))
}

#[derive(Body)]
pub struct OneClock {
    #[field(entity = events)]
    pub matter: EntityId,
    #[field(code, max_len = 48)]
    pub clock: String,
}

/// A clock explained: every stretch of time since it was set going, and why it counted or not.
#[view(name = "clock", label = "clock", roles = ["operator", "admin", "unit", "grid-worker", "mediator", "verifier", "official"])]
pub fn clock_view(ctx: &Context, which: OneClock) -> Result<Page, Refusal> {
    let stretches = explain(which.matter, &which.clock)?;
    if stretches.is_empty() {
        return Err(Refusal::not_found("no-such-clock"));
    }
    let running = clocks(which.matter)?.into_iter().find(|c| c.name == which.clock);
    let counted: i64 = stretches.iter().filter(|s| s.counts).map(|s| s.end.since(s.begin)).sum();
    let all: i64 = stretches.iter().map(|s| s.end.since(s.begin)).sum();
    let mut detail = Detail::new()
        .line("time-counted", Cell::seconds(counted / Micros::SECOND))
        .line("time-all", Cell::seconds(all / Micros::SECOND));
    if let Some(clock) = &running {
        detail = detail
            .line("due", Cell::due(Due { at: ctx.now, limit: clock.due }))
            .line("light", Cell::status(format!("light-{}", clock.light)))
            .line("owner", Cell::text(Text::key(&format!("role-{}", clock.owner))))
            .line("day", day(clock));
    }
    let mut table = Table::new()
        .key("stretches")
        .total(stretches.len() as u64)
        .col("from", "from")
        .col("until", "until")
        .num_col("seconds", "length")
        .col("counts", "counts")
        .col("why", "why");
    for (row, s) in stretches.iter().enumerate() {
        let why = match (s.why.as_str(), s.detail.as_str()) {
            ("holiday", name) => Cell::text(Text::plain(name)),
            ("paused", code) if !code.is_empty() => Cell::text(Text::key(code)),
            (why, _) => Cell::text(Text::key(&format!("why-{why}"))),
        };
        let cells = [
            s.begin.into(),
            s.end.into(),
            Cell::seconds(s.end.since(s.begin) / Micros::SECOND),
            Cell::status(if s.counts { "does-count" } else { "does-not-count" }),
            why,
        ];
        table = table.plain_row(row, cells);
    }
    let title = Text::key(&format!("clock-{}", which.clock));
    Ok(Page::new(title)
        .add(detail)
        .add(Section::new("every-stretch").help("every-stretch-help").add(table))
        .add(Action::open("back-to-matter", "report").with("matter", which.matter)))
}
