//! The live board, for a wall and for whoever commands: posts that are not held first, each with its age; what happened and is open.

use super::flow::table::WATCHED;
use super::hands::desk;
use super::incident::{Row, current, incidents, link_incident, open_incident};
use super::over::{Standing, watches};
use super::plan::{self, Head};
use changzhi_sdk::prelude::*;
use std::collections::BTreeMap;

const ROWS: u32 = 20;

#[derive(Body)]
pub struct Of {
    /// None: everything that goes on.
    #[field(entity = events, label = "major")]
    pub major: Option<EntityId>,
}

#[view(name = "major-board", label = "major-board", listed)]
pub fn major_board(ctx: &Context, of: Of) -> Result<Page, Refusal> {
    let plans = match of.major {
        Some(plan) => vec![current(&Head::read(plan)?)?],
        None => Query::kind("major").filter(core_fields::STATE.is("live")).oldest().limit(ROWS).run()?.ids().collect(),
    };
    let mut page = Page::new("major-board");
    let mut any = false;
    for plan in plans {
        let head = Head::read(plan)?;
        if desk(ctx) || head.is_commanded_by(ctx.actor.id) {
            any = true;
            page = event(ctx, page, &head)?;
        }
    }
    match (any, of.major) {
        (false, Some(_)) => Err(Refusal::not_found("no-such-major")),
        (false, None) => Ok(page.add(Notice::new(Tone::Info, "no-live-major"))),
        _ => Ok(page),
    }
}

/// How a post stands, the worst first: its urgency and the word for it.
fn stand(watch: &Standing, now: Micros) -> (u8, &'static str) {
    match (watch.is_red(now), watch.state.as_str()) {
        (true, _) => (1, "watch-missed"),
        (_, "kept") => (4, "state-watch-kept"),
        _ if watch.begins > now => (4, "watch-ahead"),
        _ => (3, "state-watch-waiting"),
    }
}

fn event(ctx: &Context, page: Page, head: &Head) -> Result<Page, Refusal> {
    let (now, id) = (ctx.now, head.id);
    let mut all = Vec::new();
    for state in WATCHED {
        all.extend(watches(state, Some(head.first))?);
    }
    all.sort_by_key(|w| {
        let (level, word) = stand(w, now);
        (level, word == "watch-ahead", w.begins, w.id)
    });
    let happened = incidents(head.first)?;
    let open = happened.iter().filter(|i| i.is_open()).count();
    let of = |word: &str| all.iter().filter(|w| stand(w, now).1 == word).count();
    let red = of("watch-missed");
    let level = |n: usize| if n > 0 { 1 } else { 4 };
    let heading = Section::new(Text::plain(head.title.clone()))
        .key(format!("head-{id}"))
        .live()
        .add(Stat::new("watch-missed", red).level(level(red)))
        .add(Stat::new("state-watch-waiting", of("state-watch-waiting")))
        .add(Stat::new("state-watch-kept", of("state-watch-kept")))
        .add(Stat::new("major-open-incidents", open).level(level(open)));
    let posts = Section::new("major-posts-now").key(format!("posts-{id}")).empty("major-no-watch").live();
    let mut page = page.add(heading).add(posts.add(table(now, head, &all)?));
    let section = Section::new("major-incidents").key(format!("incidents-{id}")).empty("no-major-incidents").live();
    page = page.add(section.add(incident_table(now, &happened)));
    if head.state == "live" {
        let forms = [
            Section::new("open-incident").key("open").add(open_form(head)?),
            Section::new("link-incident").key("link").add(Form::of::<link_incident>().with("major", id)),
        ];
        let forms = forms.into_iter().take(if desk(ctx) { 2 } else { 1 }).map(Into::into);
        page = page.add(fold(forms));
    }
    Ok(page.add(Action::open("major-plan", "major").with("major", id)))
}

fn open_form(head: &Head) -> Result<Form, Refusal> {
    let mut post = Input::new("post", "code", "major-post");
    for row in plan::posts(head.id)? {
        post = post.option(row.id.to_string(), Text::plain(row.post.name));
    }
    Ok(Form::of::<open_incident>().with("major", head.id).without("post").input(post))
}

fn table(now: Micros, head: &Head, all: &[Standing]) -> Result<Table, Refusal> {
    let (posts, duties) = (plan::posts(head.id)?, plan::duties(head.id)?);
    let need: BTreeMap<EntityId, i64> = posts.iter().map(|p| (p.id, p.post.need)).collect();
    let mut table = Table::new()
        .key(format!("table-{}", head.id))
        .col("level", "level")
        .col("post", "major-watch")
        .col("state", "state")
        .num_col("age", "major-age")
        .col("due", "due")
        .col("here", "major-here")
        .col("people", "major-people")
        .col("seen", "seen");
    for watch in all {
        let (level, word) = stand(watch, now);
        let since = if word == "watch-missed" { watch.due } else { watch.checked };
        let names = duties.iter().filter(|d| d.post == watch.post && d.shift == watch.shift);
        let names = names.map(|d| d.shown.as_str()).collect::<Vec<_>>().join("、");
        let asked = need.get(&watch.post).copied().unwrap_or_default();
        let here = watch.here.map(|here| Cell::from(format!("{here}/{asked}")));
        let due = watch.due.filter(|_| watch.begins <= now);
        let cells = [
            Cell::level(level),
            watch.shown.clone().into(),
            Cell::status(word),
            since.map_or(Cell::none(), |since| Cell::seconds(now.since(since) / Micros::SECOND)),
            due.map_or(watch.begins.into(), |limit| Cell::due(Due { at: now, limit })),
            here.unwrap_or_else(Cell::none),
            names.into(),
            watch.seen.into(),
        ];
        table = table.row(watch.id, cells);
    }
    Ok(table)
}

fn incident_table(now: Micros, all: &[Row]) -> Table {
    let mut table = Table::new()
        .key("incidents")
        .opens("alarm", "alarm")
        .col("level", "level")
        .col("category", "category")
        .col("post", "major-post")
        .col("state", "state")
        .num_col("age", "age")
        .col("taken_by", "taken_by")
        .col("what", "major-what");
    let (open, over): (Vec<&Row>, Vec<&Row>) = all.iter().partition(|i| i.is_open());
    for row in open.into_iter().chain(over) {
        let cells = [
            Cell::level(if row.is_open() { 1 } else { 4 }),
            Cell::code(row.category.clone()),
            row.post.clone().into(),
            Cell::status(format!("state-{}", row.state)),
            Cell::seconds(now.since(row.at) / Micros::SECOND),
            row.taken_by.clone().into(),
            row.what.clone().into(),
        ];
        table = table.row(row.alarm, cells);
    }
    table
}
