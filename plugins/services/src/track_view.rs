//! A matter as whoever reported it sees it, with its code and PIN or signed in: no account, no name, no word of staff among
//! themselves.
//!
//! The role `reporter` is lent by the gate for this one matter (`host/gate/src/gate/claim.rs`). What is shown comes from fields that are
//! open, from public notes and from the events of the flow; reasons are shown of those steps alone whose reason is written for the
//! reporter. Their own words are a page of their own, opened for a purpose and entered in the access log like anybody's look.

use crate::report::{About, Report};
use crate::standing::{DUE, OUTCOME};
use crate::{note, place, rating, reach};
use changzhi_sdk::prelude::*;
use changzhi_sdk::{Running, clocks, story};

/// Steps whose reason is written for the reporter to read.
const EXPLAINED: [&str; 7] = ["refuse", "divert", "ask-more", "merge", "pause", "reopen", "recounted"];
/// Steps that are nobody's business but the desk's.
pub(crate) const INNER: [&str; 4] = ["acknowledge", "verify", "rework", "refuse-extension"];

/// Whose turn it is and what comes next, by state.
fn next(state: &str) -> Option<(&'static str, &'static str)> {
    Some(match state {
        "submitted" | "reopened" => ("role-operator", "next-accept"),
        "awaiting" => ("role-reporter", "next-supplement"),
        "accepted" => ("role-operator", "next-assign"),
        "assigned" => ("role-unit", "next-start"),
        "handling" => ("role-unit", "next-answer"),
        "paused" => ("role-unit", "next-resume"),
        "arbitration" => ("role-official", "next-arbitrate"),
        "answered" => ("role-verifier", "next-verify"),
        "verified" => ("role-verifier", "next-close"),
        _ => return None,
    })
}

#[view(label = "track", roles = ["reporter"])]
pub fn track(ctx: &Context, about: About) -> Result<Page, Refusal> {
    let id = about.matter;
    let (category, state, at, within) =
        get(id, (core_fields::CATEGORY, core_fields::STATE, core_fields::AT, core_fields::WITHIN))?;
    let (code, agency, reply) = get(id, (Report::CODE, Report::AGENCY, Report::REPLY))?;
    let (due, outcome) = get(id, (DUE, OUTCOME))?;
    let state = state.unwrap_or_default();
    let running = clocks(id)?;
    let mut detail = Detail::new()
        .line("code", code)
        .line("step", Cell::status(format!("state-{state}")))
        .line("category", Cell::code(format!("category-{}", category.unwrap_or_default())))
        .line("created", at.unwrap_or_default());
    if let Some((who, next)) = next(&state) {
        detail = match agency.filter(|_| who == "role-unit") {
            Some(agency) => detail.line("who-has-it", agency),
            None => detail.line("who-has-it", Cell::text(who)),
        };
        detail = detail.line("next-step", Cell::text(next));
    }
    // The longest clock is the whole of it: the others are the way there.
    if let Some(clock) = running.iter().filter(|c| c.name != "silence").max_by_key(|c| c.days).filter(|c| c.days > 0) {
        let day = Text::key("day-of").with("day", i64::from(clock.day)).with("days", i64::from(clock.days));
        detail = detail.line("day", Cell::text(day)).line("due", clock.due);
    } else if let Some(due) = due {
        detail = detail.line("due", due);
    }
    if let Some(outcome) = outcome {
        detail = detail.line("outcome", Cell::status(format!("outcome-{outcome}")));
    }
    if let Some(within) = within {
        detail = detail.line("place", Cell::text(place::name(within)?));
    }
    let page = Page::new("track")
        .add_some(silence(ctx, &running))
        .add(Section::new("standing").add(detail))
        .add_some(reply.map(|reply| Section::new("reply").add(Paragraph::new(Text::plain(reply)))))
        .add_some(note::public(id)?)
        .add(Section::new("history").add(history(id, at)?));
    acts(id, &state, page)
}

/// That nobody has said anything for too long, and what was done about it.
fn silence(ctx: &Context, running: &[Running]) -> Option<Notice> {
    let clock = running.iter().find(|c| c.name == "silence" && c.light == "overdue")?;
    let days = ctx.now.since(clock.begun) / Micros::DAY;
    Some(Notice::new(Tone::Warning, Text::key("silent-for").with("days", days)))
}

/// What happened, without the words of staff among themselves.
fn history(id: EntityId, at: Option<Micros>) -> Result<Timeline, Refusal> {
    let mut line = Timeline::new();
    let story = story(id)?;
    if story.is_empty() {
        return Ok(line.moment(at.unwrap_or_default(), Text::key("reporter"), Text::key("event-begun")));
    }
    for event in story {
        let told = event.event.starts_with("told-");
        // What a clock warned of before it ran out concerns whoever is warned.
        if INNER.contains(&event.event.as_str()) || event.event == "warned" {
            continue;
        }
        let what = if told { Text::key("event-told") } else { Text::key(&format!("event-{}", event.event)) };
        let who = match event.event.as_str() {
            "begun" | "supplement" | "reopen" | "withdraw" | "unmerge" => Text::key("reporter"),
            "recounted" => Text::key("by-calendar"),
            _ if event.clock.is_empty() => Text::key("by-person"),
            _ => Text::key(&format!("clock-{}", event.clock)),
        };
        line = line.moment(event.at, who, what);
        if EXPLAINED.contains(&event.event.as_str()) && !event.reason.is_empty() {
            line = line.moment(event.at, Text::key("reason"), Text::plain(event.reason));
        }
    }
    Ok(line)
}

/// What the reporter can do now.
fn acts(id: EntityId, state: &str, page: Page) -> Result<Page, Refusal> {
    let may: Vec<String> = allowed(id)?.into_iter().map(|step| step.event).collect();
    let can = |event: &str| may.iter().any(|m| m == event);
    let mut section = Section::new("you-can").help("you-can-help");
    if state == "closed" && !rating::is_rated(id)? {
        section = section.add(Form::of::<rating::rate>().with("matter", id));
    }
    if state != "withdrawn" {
        section = section.add(Form::of::<crate::open::add_words>().with("matter", id));
    }
    for (event, danger) in [("reopen", false), ("unmerge", false), ("withdraw", true)] {
        if can(event) {
            let style = if danger { Style::Danger } else { Style::Plain };
            let action = Action::command(event, event).style(style).with("matter", id);
            section = section.add(match event {
                "withdraw" => action.confirm("withdraw-sure"),
                _ => action.asks_reason(),
            });
        }
    }
    Ok(page.add(section).add(Action::open("own-words", "own-words").with("matter", id)))
}

/// What the reporter wrote, and how they said they can be reached.
#[view(name = "own-words", label = "own-words", roles = ["reporter"], purpose)]
pub fn own_words(_ctx: &Context, about: About) -> Result<Page, Refusal> {
    let words = reveal(about.matter, Report::BODY)?;
    let (name, reached) = reach::opened(about.matter)?;
    let title = get(about.matter, Report::TITLE)?.unwrap_or_default();
    Ok(Page::new("own-words")
        .add(
            Section::new(Text::plain(title))
                .empty("words-erased")
                .add_some(words.map(|w| Paragraph::new(Text::plain(w))))
                .add(Detail::new().line("caller-name", name).line("contact", reached)),
        )
        .add_some(crate::open::own_updates(about.matter)?)
        .add(Action::open("back-to-report", "track").with("matter", about.matter)))
}
