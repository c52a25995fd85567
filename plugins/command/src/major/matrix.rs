//! Posts by shifts, with who is there and what is missing; and one post with its people, where they are assigned.

use super::assign::assign_duties;
use super::facet::Post;
use super::flow::table::PLANNER;
use super::hands::desk;
use super::plan::{self, DutyRow, Head, PostRow, ShiftRow, standing};
use super::{brief, checks};
use crate::alarm::{LOGIN, place_name};
use crate::dispatch::Responder;
use changzhi_sdk::prelude::*;

/// Responders to choose from.
const CHOICES: u32 = 500;

/// The shifts with their times, and the matrix.
pub(super) fn sections(head: &Head, duties: &[DutyRow], draft: bool) -> Result<[Section; 2], Refusal> {
    let (posts, shifts) = (plan::posts(head.id)?, plan::shifts(head.id)?);
    let mut table = Table::new().key("matrix").opens("major-post", "major-post").col("post", "major-post");
    for shift in &shifts {
        table = table.col(&format!("s{}", shift.id), Text::plain(shift.shift.name.clone()));
    }
    table = table.col("place", "place").col("task", "major-task").col("equipment", "major-equipment");
    for post in &posts {
        let mut cells = vec![Cell::from(post.post.name.clone())];
        for shift in &shifts {
            cells.push(manned(post, shift, duties)?);
        }
        let place = post.within.or(head.within).map(place_name).transpose()?;
        let place = [place, post.post.spot.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        cells.extend([place.into(), post.post.task.clone().into(), post.post.equipment.clone().into()]);
        table = table.row(post.id, cells);
    }
    let mut times =
        Table::new().key("shifts").col("name", "major-shift").col("from", "major-from").col("to", "major-to");
    for row in &shifts {
        times = times.row(row.id, [row.shift.name.clone().into(), row.shift.from.into(), row.shift.to.into()]);
    }
    if draft {
        let drop = || [Action::command("drop-major-row", "drop-major-row").style(Style::Danger)];
        (table, times) = (table.bulk("row", drop()), times.bulk("row", drop()));
    }
    Ok([
        Section::new("major-shifts").key("shifts").empty("gap-major-no-shift").add(times),
        Section::new("major-matrix")
            .key("matrix")
            .help("major-matrix-help")
            .empty("gap-major-no-post")
            .live()
            .add(table),
    ])
}

/// How many of how many, and who.
fn manned(post: &PostRow, shift: &ShiftRow, duties: &[DutyRow]) -> Result<Cell, Refusal> {
    let there: Vec<&DutyRow> = duties.iter().filter(|d| d.post == post.id && d.shift == shift.id).collect();
    let mut fit = 0_i64;
    for duty in &there {
        fit += i64::from(checks::fits(post, Some(&standing(duty.who)?)));
    }
    let key = if fit >= post.post.need { "major-cell" } else { "major-cell-short" };
    let names = there.iter().map(|d| d.shown.as_str()).collect::<Vec<_>>().join("、");
    let text = Text::key(key).with("there", fit).with("asked", post.post.need).with("names", names);
    Ok(Cell::text(text))
}

#[derive(Body)]
pub struct AboutPost {
    #[field(name = "major-post", entity = events, label = "major-post")]
    pub post: EntityId,
}

/// One post: what is to be done there, who is assigned, and in a draft the form that assigns.
#[view(name = "major-post", label = "major-post")]
pub fn major_post(ctx: &Context, about: AboutPost) -> Result<Page, Refusal> {
    let plan = get(about.post, Post::PLAN)?.ok_or_else(|| Refusal::not_found("no-such-major-row"))?;
    let head = Head::read(plan)?;
    if !(desk(ctx) || head.is_commanded_by(ctx.actor.id)) {
        return Err(Refusal::not_found("no-such-major-row"));
    }
    let posts = plan::posts(plan)?;
    let row = posts.iter().find(|p| p.id == about.post).ok_or_else(|| Refusal::not_found("no-such-major-row"))?;
    let shifts = plan::shifts(plan)?;
    let draft = head.state == "draft" && PLANNER.iter().any(|role| ctx.actor.has_role(role));
    let mut table = Table::new()
        .key("duties")
        .col("shift", "major-shift")
        .col("shown", "shown")
        .col("fits", "major-fits")
        .col("read", "major-read");
    let duties = plan::duties(plan)?;
    for shift in &shifts {
        for duty in duties.iter().filter(|d| d.post == row.id && d.shift == shift.id) {
            let fits = checks::fits(row, Some(&standing(duty.who)?));
            let read = duty.read.filter(|_| brief::has_read(duty.read, head.briefed));
            let fits = Cell::status(if fits { "major-does-fit" } else { "major-does-not-fit" });
            table = table.row(duty.id, [shift.shift.name.clone().into(), duty.shown.clone().into(), fits, read.into()]);
        }
    }
    if draft {
        table = table.bulk("duty", [Action::command("end-duty", "end-duty").style(Style::Danger)]);
    }
    let post = &row.post;
    let detail = Detail::new()
        .line("major-title", head.title.as_str())
        .line("major-post", post.name.as_str())
        .line("place", Cell::from(row.within.or(head.within).map(place_name).transpose()?))
        .line("spot", post.spot.clone())
        .line("major-task", post.task.as_str())
        .line("major-need", post.need)
        .line("responder-kind", post.sort.clone().map(Cell::code))
        .line("skills", post.skills.clone())
        .line("major-equipment", post.equipment.clone());
    let mut page = Page::new("major-post")
        .add(Section::new("major-post").add(detail))
        .add(Section::new("major-people").key("people").empty("major-nobody").live().add(table));
    if draft {
        page = page.add(Section::new("assign-duties").key("assign").help("assign-help").add(assign(row, &shifts)?));
    }
    Ok(page.add(Action::open("major-back", "major").with("major", plan)))
}

fn assign(row: &PostRow, shifts: &[ShiftRow]) -> Result<Form, Refusal> {
    let mut shift = Input::new("shift", "code", "major-shift").required();
    for one in shifts {
        shift = shift.option(one.id.to_string(), Text::plain(one.shift.name.clone()));
    }
    let mut who = Input::new("logins", "code", "major-who").required();
    for (login, shown) in fitting(row)? {
        who = who.option(login.clone(), format!("{shown} · {login}"));
    }
    Ok(Form::of::<assign_duties>().with("post", row.id).without("shift").without("logins").input(shift).input(who))
}

/// Sign-in and name of every responder who is what the post asks for.
fn fitting(row: &PostRow) -> Result<Vec<(String, String)>, Refusal> {
    let rows = Query::kind("responder")
        .fields(&[&Responder::WHO, &Responder::SHOWN, &Responder::ENDED])
        .after(EntityId::default())
        .limit(CHOICES)
        .run()?;
    let (who, shown, ended) =
        (rows.column(Responder::WHO)?, rows.column(Responder::SHOWN)?, rows.column(Responder::ENDED)?);
    let mut all = Vec::new();
    for n in (0..rows.len()).filter(|n| ended.get(*n) != Some(true)) {
        let Some(who) = who.get(n) else { continue };
        if !checks::fits(row, Some(&standing(who)?)) {
            continue;
        }
        if let Some(login) = get(who, LOGIN)? {
            all.push((login, shown.get(n).unwrap_or_default().to_owned()));
        }
    }
    Ok(all)
}
