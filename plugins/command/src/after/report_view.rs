//! The report of one alarm, from the journal: every interval, every gap by name, and what was learned.

use super::lesson::{self, add_lesson};
use super::timeline::{Event, Gap, gaps, intervals};
use crate::alarm::{Alarm, HOLE, chain, place_name};
use changzhi_sdk::prelude::*;

/// Holes of the roster that are looked at.
const HOLES: u32 = 100;

#[derive(Body)]
pub struct OfAlarm {
    #[field(entity = events)]
    pub alarm: EntityId,
}

/// Page and PDF. Whoever works on an alarm may read it from the first minute on; what has not happened yet is then among the gaps.
#[view(name = "after-action", label = "after-action", roles = ["operator", "duty-officer", "official", "admin"])]
pub fn after_action(ctx: &Context, of: OfAlarm) -> Result<Page, Refusal> {
    let id = of.alarm;
    let core = (core_fields::KIND, core_fields::CATEGORY, core_fields::STATE, core_fields::AT, core_fields::WITHIN);
    let (kind, category, state, rung, within) = get(id, core)?;
    let (Some("alarm"), Some(rung)) = (kind.as_deref(), rung) else {
        return Err(Refusal::not_found("no-such-alarm"));
    };
    let (pressed, presses, spot, taker) = get(id, (Alarm::PRESSED, Alarm::PRESSES, Alarm::SPOT, Alarm::TAKEN_NAME))?;
    let (outcome, verdict, mark, lessons) = get(id, (Alarm::OUTCOME, Alarm::VERDICT, Alarm::MARK, Alarm::LESSONS))?;
    let (late, exercise, safe) = get(id, (Alarm::LATE, Alarm::EXERCISE, Alarm::SAFE_BY))?;
    let story: Vec<Event> = changzhi_sdk::story(id)?
        .into_iter()
        .map(|h| Event { at: h.at, name: h.event, clock: Some(h.clock).filter(|c| !c.is_empty()) })
        .collect();
    let spans = intervals(pressed, rung, &story);
    let end = spans.last().and_then(|last| last.to);
    let mut missing = gaps(&spans, &story);
    for (is, what) in [
        (late == Some(true), "gap-pressed-late"),
        (mark.as_deref() == Some("duress"), "gap-duress"),
        (mark.as_deref() == Some("unproven"), "gap-unproven"),
        (end.is_some() && safe.is_none() && verdict.as_deref() != Some("mistaken"), "gap-place-did-not-say"),
    ] {
        if is {
            missing.push(Gap { what: what.into(), at: None });
        }
    }
    missing.extend(roster_holes(within, rung, end.unwrap_or(ctx.now))?);

    let facts = Detail::new()
        .line("category", Cell::code(category.unwrap_or_default()))
        .line("state", Cell::status(format!("state-{}", state.unwrap_or_default())))
        .line("place", Cell::from(within.map(place_name).transpose()?))
        .line("spot", spot)
        .line("rung", rung)
        .line("stood-down-at", end)
        .line("in-all", end.map_or(Cell::none(), |end| Cell::seconds(end.since(rung) / Micros::SECOND)))
        .line("presses", presses)
        .line("taken_by", taker)
        .line("verdict", verdict.map(Cell::code))
        .line("outcome", outcome.map(Cell::code))
        .line("exercise", exercise.filter(|e| *e).map(|_| Cell::code("exercise")));
    let mut table = Table::new()
        .key("intervals")
        .col("mark", "interval")
        .col("from", "interval-from")
        .col("to", "interval-to")
        .num_col("took", "interval-took");
    for span in &spans {
        let took = span.seconds().map_or(Cell::none(), Cell::seconds);
        table = table.plain_row(span.mark, [Cell::code(span.mark), span.from.into(), span.to.into(), took]);
    }
    let mut named = Table::new().key("gaps").col("gap", "gap").col("at", "at");
    for (number, gap) in missing.iter().enumerate() {
        named = named.plain_row(number, [Cell::status(gap.what.clone()), gap.at.into()]);
    }
    let mut page = Page::new("after-action")
        .add(Section::new("alarm").add(facts))
        .add(Section::new("intervals").add(table))
        .add(Section::new("gaps").empty("no-gaps").add(named));
    let opened = crate::camera::table_of(Some(id))?;
    page = page.add(Section::new("openings").empty("no-openings").add(opened));
    let mut learned = Section::new("lessons").empty("no-lessons");
    if let Some(text) = lessons {
        learned = learned.add(Paragraph::new(Text::plain(text)));
    }
    page = page.add(learned.add(lesson::table(ctx, Some(id))?));
    if end.is_some() && ["official", "duty-officer", "admin"].iter().any(|role| ctx.actor.has_role(role)) {
        page = page.add(Form::of::<add_lesson>().with("alarm", id));
    }
    Ok(page)
}

/// Posts of the roster that nobody held while it went on, from its place up.
fn roster_holes(within: Option<EntityId>, from: Micros, to: Micros) -> Result<Vec<Gap>, Refusal> {
    let chain = chain(within)?;
    let rows = Query::kind("alarm")
        .fields(&[&core_fields::AT, &core_fields::WITHIN])
        .filter(core_fields::CATEGORY.is(HOLE))
        .filter(core_fields::AT.at_least(from))
        .filter(core_fields::AT.at_most(to))
        .oldest()
        .limit(HOLES)
        .run()?;
    let (at, where_) = (rows.column(core_fields::AT)?, rows.column(core_fields::WITHIN)?);
    let ours = (0..rows.len()).filter(|row| where_.get(*row).is_some_and(|w| chain.contains(&w)));
    Ok(ours.map(|row| Gap { what: "gap-roster-hole".into(), at: at.get(row) }).collect())
}
