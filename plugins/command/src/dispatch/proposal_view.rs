//! The proposal for one alarm: who, why them, who is missing and why, and what stays behind. Below it the form by which a person sends.

use super::cards::Source;
use super::case::{Case, found};
use super::facet::{Responder, Task};
use super::handover::{self, hand_over, keep_receipt, withdraw_handover};
use super::merge::{self, join_alarms, part_alarms};
use super::propose::{Line, Pick, Proposal, minutes};
use super::send::{PICKS, SLOTS, send_responders};
use crate::alarm::{chain, place_name};
use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;

const DUE: Field<Micros> = Field::new("host.track", "due", "host.track.due");
const ROWS: u32 = 200;
/// Kinds of alarm that may be one with another.
const KINDS: [&str; 4] = ["help", "fire", "medical", "security"];

#[derive(Body)]
pub struct Of {
    #[field(entity = events)]
    pub alarm: EntityId,
    /// Another level than the alarm's: what it would ask for.
    #[field(min = 1, max = 4, label = "response-level")]
    pub as_if: Option<i64>,
}

fn name(responder: EntityId) -> Result<String, Refusal> {
    Ok(get(responder, Responder::SHOWN)?.unwrap_or_else(|| format!("#{responder}")))
}

/// Why somebody is proposed, in words: how far from where they stand by, and how long they have been free.
fn why(now: Micros, sort: &str, pick: &Pick) -> Text {
    let free = now.since(pick.since).max(0) / Micros::MINUTE;
    match pick.metres {
        Some(metres) => Text::key("why-near")
            .with("metres", i64::from(metres))
            .with("minutes", i64::from(minutes(sort, metres)))
            .with("free", free),
        None => Text::key("why-somewhere").with("free", free),
    }
}

/// Where the needs come from: the card's place, level and version, and the kind of alarm it is for.
fn source(source: &Source) -> Result<(Text, Option<Cell>), Refusal> {
    Ok(match source {
        Source::Default => (Text::key("card-default"), None),
        Source::Card { place, category, level, version } => {
            let text = match place {
                Some(place) => Text::key("card-of-place").with("place", place_name(*place)?),
                None => Text::key("card-of-city"),
            };
            let kind = if category.is_empty() { "every-kind" } else { category };
            (text.with("level", *level).with("version", *version), Some(Cell::code(kind)))
        }
    })
}

fn picks(now: Micros, proposal: &Proposal) -> Result<Table, Refusal> {
    let mut table = Table::new()
        .key("picks")
        .col("need", "need")
        .col("shown", "shown")
        .col("why", "why")
        .num_col("metres", "metres");
    for (need, pick) in proposal.picks() {
        let metres = pick.metres.map(i64::from);
        let cells = [
            Cell::code(need.name()),
            name(pick.id)?.into(),
            Cell::text(why(now, &need.sort, pick)),
            Cell::from(metres),
        ];
        table = table.row(pick.id, cells);
    }
    Ok(table)
}

fn shortfalls(proposal: &Proposal) -> Table {
    let mut table =
        Table::new().key("shortfalls").col("need", "need").num_col("missing", "missing").col("because", "because");
    for line in proposal.lines.iter().filter(|l| l.short > 0) {
        for (n, (because, count)) in line.because.iter().enumerate() {
            let missing = if n == 0 { Cell::from(line.short) } else { Cell::none() };
            let because = Text::key(because.key()).with("count", i64::from(*count));
            let key = format!("{}:{n}", line.need.name());
            table = table.plain_row(key, [Cell::code(line.need.name()), missing, Cell::text(because)]);
        }
    }
    table
}

fn cover(proposal: &Proposal) -> Result<Table, Refusal> {
    let mut table = Table::new()
        .key("cover")
        .col("division", "division")
        .col("sort", "responder-kind")
        .num_col("left", "left")
        .col("none-left", "none-left");
    for (n, cover) in proposal.cover.iter().enumerate() {
        let division = match cover.division {
            Some(division) => Cell::from(place_name(division)?),
            None => Cell::text("no-division"),
        };
        let none = if cover.left == 0 { Cell::level(1) } else { Cell::none() };
        table = table.plain_row(n, [division, Cell::code(cover.sort.clone()), cover.left.into(), none]);
    }
    Ok(table)
}

/// One choice for each that is asked for and missing, holding the proposed one.
fn form(now: Micros, alarm: EntityId, proposal: &Proposal) -> Result<Form, Refusal> {
    let mut form = Form::new("send-responders", "send-responders").with("alarm", alarm);
    let slots = proposal.lines.iter().flat_map(|line| {
        let missing = usize::try_from(line.short).unwrap_or(usize::MAX);
        (0..line.picks.len().saturating_add(missing)).map(move |n| (line, n))
    });
    for (field, (line, n)) in PICKS.into_iter().zip(slots.take(SLOTS)) {
        // The kind by its name in the reader's language, and the card's line as it is written.
        let hint =
            Text::key("slot").with("need", line.need.to_string()).with("number", i64::try_from(n + 1).unwrap_or(0));
        let mut input = Input::new(field, "entity", Text::key(&line.need.sort)).hint(hint);
        if let Some(pick) = line.picks.get(n) {
            input = input.value(pick.id.to_string());
        }
        for pick in choices(line) {
            let option = Text::key("choice").with("name", name(pick.id)?);
            let option = match pick.metres {
                Some(metres) => option.with("metres", i64::from(metres)),
                None => option.with("metres", "?"),
            };
            let free = now.since(pick.since).max(0) / Micros::MINUTE;
            input = input.option(pick.id.to_string(), option.with("free", free));
        }
        form = form.input(input);
    }
    Ok(form.input(Input::of::<send_responders>("reason").hint("differs-needs-reason")))
}

fn choices(line: &Line) -> impl Iterator<Item = &Pick> {
    line.picks.iter().chain(&line.others)
}

/// Everybody who was asked for this alarm, and where that stands.
pub(super) fn tasks(now: Micros, alarm: EntityId) -> Result<Table, Refusal> {
    let rows = Query::kind("task")
        .fields(&[&Task::SHOWN, &Task::NEED, &Task::DIFFERS, &core_fields::STATE, &core_fields::AT, &DUE])
        .filter(Task::ALARM.is(alarm))
        .oldest()
        .limit(ROWS)
        .run()?;
    let (shown, need, differs) = (rows.column(Task::SHOWN)?, rows.column(Task::NEED)?, rows.column(Task::DIFFERS)?);
    let (state, at, due) = (rows.column(core_fields::STATE)?, rows.column(core_fields::AT)?, rows.column(DUE)?);
    let mut table = Table::new()
        .key("sent")
        .total(rows.total())
        .opens("task", "task")
        .col("shown", "shown")
        .col("need", "need")
        .col("state", "state")
        .num_col("age", "age")
        .col("due", "due")
        .col("differs", "differs");
    for (row, id) in rows.ids().enumerate() {
        let cells = [
            shown.get(row).into(),
            Cell::code(need.get(row).unwrap_or_default()),
            Cell::status(format!("state-{}", state.get(row).unwrap_or_default())),
            Cell::seconds(now.since(at.get(row).unwrap_or(now)) / Micros::SECOND),
            due.get(row).map_or(Cell::none(), |limit| Cell::due(Due { at: now, limit })),
            differs.get(row).into(),
        ];
        table = table.row(id, cells);
    }
    Ok(table)
}

/// Other alarms of the place that are not over, with the key of what they are called.
fn others(alarm: EntityId, within: Option<EntityId>) -> Result<Vec<(EntityId, String)>, Refusal> {
    let mut found = Vec::new();
    for place in chain(within)?.into_iter().take(2) {
        let rows = Query::kind("alarm")
            .fields(&[&core_fields::CATEGORY, &core_fields::STATE])
            .filter(core_fields::WITHIN.is(place))
            .newest()
            .limit(50)
            .run()?;
        let (category, state) = (rows.column(core_fields::CATEGORY)?, rows.column(core_fields::STATE)?);
        for (row, id) in rows.ids().enumerate() {
            // A hole in the roster and a test are no alarm of the place.
            let Some(category) = category.get(row).filter(|c| KINDS.contains(c)) else { continue };
            let over = state.get(row).is_none_or(|s| ["stood-down", "reviewed", "closed", "kept"].contains(&s));
            if id != alarm && !over {
                found.push((id, format!("other-{category}")));
            }
        }
    }
    Ok(found)
}

fn handovers(mut page: Page, alarm: EntityId) -> Result<Page, Refusal> {
    for (handover, agency) in handover::waiting(alarm)? {
        page = page
            .add(Notice::new(Tone::Danger, "handover-red"))
            .add(Detail::new().line("agency", Cell::code(agency)))
            .add(Form::of::<keep_receipt>().with("handover", handover))
            .add(Form::of::<withdraw_handover>().with("handover", handover));
    }
    Ok(page.add(Form::of::<hand_over>().with("alarm", alarm)))
}

#[view(label = "proposal", roles = ["operator", "duty-officer", "official", "admin"])]
pub fn proposal(ctx: &Context, of: Of) -> Result<Page, Refusal> {
    let case = Case::read(of.alarm)?;
    let level = of.as_if.unwrap_or(case.level);
    let mut page = Page::new("proposal");
    if case.exercise {
        page = page.add(Notice::new(Tone::Warning, "exercise"));
    }
    let head = Detail::new()
        .line("category", Cell::code(case.category.clone()))
        .line("place", Cell::from(case.within.map(place_name).transpose()?))
        .line("state", Cell::status(format!("state-{}", case.state)))
        .line("response-level", level);
    if let Some(into) = case.into {
        let open = Action::open("the-other-alarm", "proposal").with("alarm", into);
        return Ok(page
            .add(Section::new("proposal").add(Notice::new(Tone::Info, "send-to-the-other")).add(head).add(open))
            .add(Form::of::<part_alarms>().with("alarm", of.alarm)));
    }
    let found = found(ctx.now, of.alarm, &case, level)?;
    let proposal = &found.proposal;
    let (asked, there) = proposal.lines.iter().fold((0, 0), |(a, s), l| (a + l.need.count, s + l.standing));
    let (card, kind) = source(&found.source)?;
    let mut head = head.line("asked", asked).line("standing-already", there);
    if let Some(kind) = kind {
        head = head.line("card-kind", kind);
    }
    page = page
        .add(Section::new("proposal").key("proposal").add(head).add(Notice::new(Tone::Info, card)))
        .add(Section::new("picks").empty("nobody-to-propose").add(picks(ctx.now, proposal)?))
        .add(Section::new("shortfalls").empty("no-shortfall").add(shortfalls(proposal)))
        .add(Section::new("cover").empty("nobody-taken-away").add(cover(proposal)?));
    if case.is_open() && level == case.level {
        page = page.add(form(ctx.now, of.alarm, proposal)?);
    } else if !case.is_open() {
        page = page.add(Notice::new(Tone::Warning, "take-it-first"));
    }
    page = page.add(Section::new("sent").key("sent-list").empty("nobody-sent").live().add(tasks(ctx.now, of.alarm)?));
    page = page.add(Action::open("where-now", "where-now").with("alarm", of.alarm));
    if case.is_open() {
        page = handovers(page, of.alarm)?;
        let others = others(of.alarm, case.within)?;
        if !others.is_empty() {
            let into = others.into_iter().fold(Input::of::<join_alarms>("into"), |input, (id, key)| {
                input.option(id.to_string(), Text::key(&key).with("number", id.to_string()))
            });
            page = page.add(Form::of::<join_alarms>().with("alarm", of.alarm).without("into").input(into));
        }
    }
    for part in merge::parts(of.alarm)? {
        let text = Text::key("part-of-this").with("number", part.to_string());
        page = page.add(Notice::new(Tone::Info, text)).add(Form::of::<part_alarms>().with("alarm", part));
    }
    Ok(page)
}
