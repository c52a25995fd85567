//! One version of a plan: what is planned, what the checks find, posts by shifts, who has read the briefing, and the steps that may be
//! taken now. It is what is printed.

use super::brief::{brief_major, has_read};
use super::facet::Major;
use super::flow::table::{APPROVER, IN_FORCE, PLANNER};
use super::form;
use super::hands::{desk, in_force, is_assigned, versions, wrote};
use super::live::begin_major;
use super::matrix;
use super::over::{open_still, review_major, stand_down_major};
use super::plan::{self, DutyRow, Head};
use super::steps::{approve_major, cancel_major, checked, return_major, revise_major, submit_major, withdraw_major};
use super::write::{add_major_hazard, add_major_post, add_major_shift, places};
use crate::alarm::{place_name, seat_name};
use changzhi_sdk::prelude::*;
use changzhi_sdk::{NextStep, story};
use std::collections::BTreeMap;

#[derive(Body)]
pub struct About {
    #[field(entity = events, label = "major")]
    pub major: EntityId,
}

/// The desk sees all of it; whoever is assigned sees what they are to read, and where their own duty is.
#[view(name = "major", label = "major")]
pub fn major_page(ctx: &Context, about: About) -> Result<Page, Refusal> {
    let head = Head::read(about.major)?;
    let commands = head.is_commanded_by(ctx.actor.id);
    if desk(ctx) || commands {
        return whole(ctx, &head, commands);
    }
    if !is_assigned(head.id, ctx.actor.id)? {
        return Err(Refusal::not_found("no-such-major"));
    }
    let detail = Detail::new()
        .line("major-title", head.title.as_str())
        .line("state", Cell::status(format!("state-major-{}", head.state)))
        .line("major-from", head.from)
        .line("major-to", head.to);
    let mut page = Page::new("major").add(Section::new("major").add(detail));
    if let Some(text) = get(head.id, Major::BRIEFING)?.filter(|_| head.briefed.is_some()) {
        page = page.add(Section::new("major-briefing").add(Paragraph::new(Text::plain(text))));
    }
    Ok(page.add(Action::open("my-duty", "my-duty").style(Style::Primary)))
}

fn whole(ctx: &Context, head: &Head, commands: bool) -> Result<Page, Refusal> {
    let mut page = notices(Page::new("major"), head)?;
    page = page.add(Section::new("major").key("major").live().add(facts(head)?));
    if head.state == "live" {
        page = page.add(Action::open("major-board", "major-board").with("major", head.id).style(Style::Primary));
    }
    if ["live", "stood-down", "reviewed"].contains(&head.state.as_str()) {
        page = page.add(Action::open("major-review", "major-review").with("major", head.id));
    }
    let planner = PLANNER.iter().any(|role| ctx.actor.has_role(role));
    let draft = head.state == "draft" && planner;
    if ["draft", "submitted", "approved", "briefed", "live"].contains(&head.state.as_str()) {
        page = page.add(gaps(head)?);
    }
    let duties = plan::duties(head.id)?;
    for section in matrix::sections(head, &duties, draft)? {
        page = page.add(section);
    }
    page = page.add(hazards(head, draft)?);
    let (briefing, phones) = get(head.id, (Major::BRIEFING, Major::PHONES))?;
    let mut briefed = Section::new("major-briefing").key("briefing").empty("major-no-briefing-yet").live();
    if let Some(text) = briefing {
        briefed = briefed.add(Paragraph::new(Text::plain(text)));
    }
    if let Some(phones) = phones {
        briefed = briefed.add(Detail::new().line("major-phones", Cell::from(phones)));
    }
    page = page.add(briefed);
    if head.briefed.is_some() {
        page = page.add(unread(head, &duties));
    }
    page = steps(ctx, page, head, commands)?;
    if draft {
        let forms = [
            Section::new("add-major-post").key("add-post").add(Form::of::<add_major_post>().with("major", head.id)),
            Section::new("add-major-shift").key("add-shift").add(Form::of::<add_major_shift>().with("major", head.id)),
            Section::new("add-major-hazard")
                .key("add-hazard")
                .add(Form::of::<add_major_hazard>().with("major", head.id)),
            Section::new("major-edit").key("edit").add(form::write(Some(head))?),
        ];
        page = page.add(fold(forms.map(Into::into)));
    }
    page = page.add(versions_of(head)?);
    Ok(page.add(told(head.id)?))
}

/// What a reader must know before anything else of this version.
fn notices(mut page: Page, head: &Head) -> Result<Page, Refusal> {
    let holds = in_force(head.first)?;
    if head.state == "replaced" {
        page = page.add(Notice::new(Tone::Warning, "major-is-replaced"));
    } else if holds.is_some_and(|id| id != head.id) && ["draft", "submitted"].contains(&head.state.as_str()) {
        page = page.add(Notice::new(Tone::Info, "major-other-holds"));
    }
    if let Some(accepted) = get(head.id, Major::ACCEPTED)? {
        page = page.add(Notice::new(Tone::Warning, Text::key("major-accepted-because").with("reason", accepted)));
    }
    Ok(page)
}

fn facts(head: &Head) -> Result<Detail, Refusal> {
    let (crowd, more, author, approver) = get(head.id, (Major::CROWD, Major::PLACES, Major::AUTHOR, Major::APPROVER))?;
    let (still, findings) = get(head.id, (Major::STILL_OPEN, Major::FINDINGS))?;
    let sort = get(head.id, core_fields::CATEGORY)?.unwrap_or_default();
    let name = |account: Option<EntityId>| account.map(seat_name).transpose();
    let mut detail = Detail::new()
        .line("major-title", head.title.as_str())
        .line("state", Cell::status(format!("state-major-{}", head.state)))
        .line("major-sort", Cell::code(sort))
        .line("place", Cell::from(head.within.map(place_name).transpose()?))
        .line("major-from", head.from)
        .line("major-to", head.to);
    if let Some(more) = more
        && let Ok(found) = places(&more)?
    {
        let names: Vec<String> = found.into_iter().map(place_name).collect::<Result<_, _>>()?;
        detail = detail.line("major-places", names.join("、"));
    }
    detail = detail
        .line("major-crowd", crowd)
        .line("major-commander", name(Some(head.commander))?)
        .line("major-deputy", name(head.deputy)?)
        .line("major-version", head.version)
        .line("major-author", name(author)?)
        .line("major-approver", name(approver)?)
        .line("major-interval", head.interval)
        .line("major-grace", head.grace)
        .line("major-rest-hours", head.rest);
    for (label, text) in [("major-still-open", still), ("major-findings", findings)] {
        if let Some(text) = text {
            detail = detail.line(label, text);
        }
    }
    Ok(detail)
}

fn gaps(head: &Head) -> Result<Section, Refusal> {
    let mut table = Table::new().key("gaps").col("gap", "gap").col("from", "interval-from").col("to", "interval-to");
    for (number, finding) in checked(head)?.into_iter().enumerate() {
        let (from, to) = finding.span.map_or((None, None), |(from, to)| (Some(from), Some(to)));
        table = table.plain_row(number, [Cell::text(finding.text), from.into(), to.into()]);
    }
    Ok(Section::new("major-gaps").key("gaps").help("major-gaps-help").empty("major-no-gaps").live().add(table))
}

fn hazards(head: &Head, draft: bool) -> Result<Section, Refusal> {
    let mut table = Table::new().key("hazards").col("what", "major-hazard").col("measure", "major-measure");
    for row in plan::hazards(head.id)? {
        table = table.row(row.id, [row.what.into(), row.measure.into()]);
    }
    if draft {
        table = table.bulk("row", [Action::command("drop-major-row", "drop-major-row").style(Style::Danger)]);
    }
    Ok(Section::new("major-hazards").key("hazards").empty("no-major-hazards").add(table))
}

/// Whoever has not read it, by name, so that somebody calls them.
fn unread(head: &Head, duties: &[DutyRow]) -> Section {
    let mut of: BTreeMap<EntityId, (&str, bool)> = BTreeMap::new();
    for duty in duties {
        let read = has_read(duty.read, head.briefed);
        of.entry(duty.who).or_insert((&duty.shown, true)).1 &= read;
    }
    let (all, done) = (of.len(), of.values().filter(|(_, read)| *read).count());
    let mut table = Table::new().key("unread").col("shown", "shown");
    for (who, (shown, read)) in of {
        if !read {
            table = table.plain_row(who, [shown.into()]);
        }
    }
    let head = Text::key("major-read-of").with("done", count(done)).with("all", count(all));
    Section::new("major-unread").key("unread").help(head).empty("major-all-read").live().add(table)
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The way on is open; what leads aside is opened by whoever wants it.
fn steps(ctx: &Context, page: Page, head: &Head, commands: bool) -> Result<Page, Refusal> {
    let id = head.id;
    let (mut forward, mut aside) = (Section::new("next-step").key("steps").empty("nothing-to-do"), Vec::new());
    let own = wrote(id, ctx.actor.id)?;
    let mut fold_in = |title: &'static str, form: Form| aside.push(Section::new(title).key(title).add(form).into());
    for NextStep { event, .. } in allowed(id)? {
        match event.as_str() {
            "submit" => forward = forward.add(Form::of::<submit_major>().with("major", id)),
            "withdraw" => fold_in("withdraw-major", Form::of::<withdraw_major>().with("major", id)),
            "approve" if !own => forward = forward.add(Form::of::<approve_major>().with("major", id)),
            "return" => fold_in("return-major", Form::of::<return_major>().with("major", id)),
            "brief" if desk(ctx) || commands => forward = forward.add(Form::of::<brief_major>().with("major", id)),
            "begin" if commands => forward = forward.add(Form::of::<begin_major>().with("major", id)),
            "stand-down" if commands => {
                for open in open_still(ctx.now, head.first)? {
                    forward = forward.add(Notice::new(Tone::Warning, open));
                }
                forward = forward.add(Form::of::<stand_down_major>().with("major", id));
            }
            "review" => forward = forward.add(Form::of::<review_major>().with("major", id)),
            "cancel" => fold_in("cancel-major", Form::of::<cancel_major>().with("major", id)),
            _ => {}
        }
    }
    if head.state == "submitted" && own && APPROVER.iter().any(|role| ctx.actor.has_role(role)) {
        forward = forward.add(Notice::new(Tone::Info, "major-second-person"));
    }
    if IN_FORCE.contains(&head.state.as_str()) && PLANNER.iter().any(|role| ctx.actor.has_role(role)) {
        fold_in("revise-major", Form::of::<revise_major>().with("major", id));
    }
    let page = page.add(forward);
    Ok(if aside.is_empty() { page } else { page.add(fold(aside)) })
}

fn versions_of(head: &Head) -> Result<Section, Refusal> {
    let mut table =
        Table::new().key("versions").opens("major", "major").num_col("version", "major-version").col("state", "state");
    let all = versions(head.first)?;
    if all.len() > 1 {
        for id in all {
            let (version, state) = get(id, (Major::VERSION, core_fields::STATE))?;
            let state = Cell::status(format!("state-major-{}", state.unwrap_or_default()));
            table = table.row(id, [version.into(), state]);
        }
    }
    Ok(Section::new("major-versions").key("versions").empty("major-only-version").add(table))
}

/// Every step of this version with its time, those of the clocks too; each writing at the draft is not one.
fn told(plan: EntityId) -> Result<Section, Refusal> {
    let mut table = Table::new().key("story").col("at", "at").col("step", "step").col("reason", "reason");
    for (number, step) in story(plan)?.into_iter().filter(|s| s.event != "edit").enumerate() {
        let word = Text::key(&format!("step-major-{}", step.event));
        // Of a step of a clock the reason is its name, which says nothing to a reader that the step does not.
        let reason = if step.clock.is_empty() { step.reason } else { String::new() };
        table = table.plain_row(number, [step.at.into(), Cell::text(word), reason.into()]);
    }
    Ok(Section::new("story").key("story").add(table))
}
