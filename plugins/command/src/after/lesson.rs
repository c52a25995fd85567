//! What is to be learned from an alarm: a task of somebody's office, with a clock and an end that says what was done.

use crate::alarm::Alarm;
use changzhi_sdk::prelude::*;
use changzhi_sdk::{Field, Flow};

const ROWS: u32 = 200;
const DUE: Field<Micros> = Field::new("host.track", "due", "host.track.due");
/// Who may say what is to be learned, and whose task it may be.
const REVIEWERS: &[&str] = &["official", "duty-officer", "admin"];

/// One lesson. Its state and time are core fields; it lies within the place of its alarm.
#[derive(Facet)]
#[facet(name = "command.lesson", on = events, label = "lesson")]
pub struct Lesson {
    /// The alarm, or the major event, that taught it.
    #[field(entity = events, internal)]
    pub alarm: EntityId,
    #[field(internal, max_len = 500)]
    pub text: String,
    /// The role whose task it is: an office, never a person.
    #[field(code, internal)]
    pub owner: String,
    /// What was done about it, or why nothing is.
    #[field(internal, max_len = 500)]
    pub done: Option<String>,
}

pub(crate) fn lesson_flow() -> Flow {
    Flow::new("lesson", 1)
        .state("open", "state-lesson-open")
        .end("learned", "state-lesson-learned")
        .end("dropped", "state-lesson-dropped")
        .step("learn", "open", "learned", &["official", "duty-officer", "operator", "unit", "admin"])
        .step("drop", "open", "dropped", REVIEWERS)
}

#[derive(Body)]
pub struct Learned {
    #[field(entity = events)]
    pub alarm: EntityId,
    #[field(max_len = 500)]
    pub text: String,
    #[field(code, options = ["official", "duty-officer", "operator", "unit"])]
    pub owner: String,
}

#[derive(Body)]
pub struct Ended {
    #[field(entity = events)]
    pub lesson: EntityId,
    #[field(max_len = 500)]
    pub done: String,
}

#[derive(Body)]
pub struct AboutLesson {
    #[field(entity = events)]
    pub lesson: EntityId,
}

#[command(label = "add-lesson", roles = ["official", "duty-officer", "admin"])]
pub fn add_lesson(ctx: &Context, body: Learned) -> Result<Changes, Refusal> {
    let (kind, state, within) = get(body.alarm, (core_fields::KIND, core_fields::STATE, core_fields::WITHIN))?;
    let over: &[&str] = match kind.as_deref() {
        Some("alarm") => &["stood-down", "reviewed", "closed"],
        Some("major") => &["stood-down", "reviewed"],
        _ => return Err(Refusal::not_found("no-such-alarm")),
    };
    if !state.is_some_and(|s| over.contains(&s.as_str())) {
        return Err(Refusal::conflict("not-stood-down"));
    }
    if body.text.trim().is_empty() {
        return Err(Refusal::invalid("text", "say-what-is-learned"));
    }
    let mut changes = Changes::new();
    let mut new = New::of("lesson", ctx.now);
    if let Some(within) = within {
        new = new.within(within);
    }
    let lesson = changes.create(new);
    changes.put(lesson, Lesson { alarm: body.alarm, text: body.text, owner: body.owner, done: None });
    changes.answer("lesson", lesson);
    Ok(changes)
}

fn end(ended: Ended, event: &str) -> Result<Changes, Refusal> {
    if get(ended.lesson, Lesson::TEXT)?.is_none() {
        return Err(Refusal::not_found("no-such-lesson"));
    }
    if ended.done.trim().is_empty() {
        return Err(Refusal::invalid("done", "say-what-was-done"));
    }
    let mut changes = Changes::new();
    changes.advance(ended.lesson, event, &ended.done);
    changes.set(ended.lesson, Lesson::DONE, ended.done);
    Ok(changes)
}

#[command(label = "finish-lesson", roles = ["official", "duty-officer", "operator", "unit", "admin"])]
pub fn finish_lesson(_ctx: &Context, body: Ended) -> Result<Changes, Refusal> {
    end(body, "learn")
}

#[command(label = "drop-lesson", roles = ["official", "duty-officer", "admin"])]
pub fn drop_lesson(_ctx: &Context, body: Ended) -> Result<Changes, Refusal> {
    end(body, "drop")
}

/// A table of lessons: of one alarm, or all that are open.
pub(crate) fn table(ctx: &Context, alarm: Option<EntityId>) -> Result<Table, Refusal> {
    let mut query = Query::kind("lesson")
        .fields(&[&Lesson::TEXT, &Lesson::OWNER, &Lesson::DONE, &core_fields::STATE, &DUE])
        .oldest()
        .limit(ROWS);
    query = match alarm {
        Some(alarm) => query.filter(Lesson::ALARM.is(alarm)),
        None => query.filter(core_fields::STATE.is("open")),
    };
    let rows = query.run()?;
    let (text, owner, done) = (rows.column(Lesson::TEXT)?, rows.column(Lesson::OWNER)?, rows.column(Lesson::DONE)?);
    let (state, due) = (rows.column(core_fields::STATE)?, rows.column(DUE)?);
    let mut table = Table::new()
        .key("lessons")
        .total(rows.total())
        .opens("lesson", "lesson")
        .col("text", "lesson")
        .col("owner", "lesson-owner")
        .col("state", "state")
        .col("due", "due")
        .col("done", "lesson-done");
    for (row, id) in rows.ids().enumerate() {
        let cells = [
            text.get(row).into(),
            Cell::code(owner.get(row).unwrap_or_default()),
            Cell::status(format!("state-lesson-{}", state.get(row).unwrap_or_default())),
            due.get(row).map_or(Cell::none(), |limit| Cell::due(Due { at: ctx.now, limit })),
            done.get(row).into(),
        ];
        table = table.row(id, cells);
    }
    Ok(table)
}

/// What alarms have taught and nobody has done yet.
#[view(label = "lessons", listed, roles = ["official", "duty-officer", "operator", "unit", "admin"])]
pub fn lessons(ctx: &Context) -> Result<Page, Refusal> {
    let section = Section::new("lessons").help("lessons-help").empty("no-lessons").add(table(ctx, None)?);
    Ok(Page::new("lessons").add(section))
}

#[view(name = "lesson", label = "lesson", roles = ["official", "duty-officer", "operator", "unit", "admin"])]
pub fn lesson_page(_ctx: &Context, about: AboutLesson) -> Result<Page, Refusal> {
    let id = about.lesson;
    let (text, owner, alarm, done) = get(id, (Lesson::TEXT, Lesson::OWNER, Lesson::ALARM, Lesson::DONE))?;
    let (Some(text), Some(alarm)) = (text, alarm) else {
        return Err(Refusal::not_found("no-such-lesson"));
    };
    let (spot, title) = (get(alarm, Alarm::SPOT)?, get(alarm, crate::major::Major::TITLE)?);
    let state = get(id, core_fields::STATE)?.unwrap_or_default();
    let detail = Detail::new()
        .line("lesson", text)
        .line("lesson-owner", Cell::code(owner.unwrap_or_default()))
        .line("state", Cell::status(format!("state-lesson-{state}")))
        .line("spot", spot.or(title))
        .line("lesson-done", done);
    let mut steps = Section::new("next-step").empty("nothing-to-do");
    for next in allowed(id)? {
        steps = match next.event.as_str() {
            "learn" => steps.add(Form::of::<finish_lesson>().with("lesson", id)),
            "drop" => steps.add(Form::of::<drop_lesson>().with("lesson", id)),
            _ => steps,
        };
    }
    let report = match get(alarm, core_fields::KIND)?.as_deref() {
        Some("major") => Action::open("major-review", "major-review").with("major", alarm),
        _ => Action::open("after-action", "after-action").with("alarm", alarm),
    };
    Ok(Page::new("lesson").add(Section::new("lesson").add(detail).add(report)).add(steps))
}
