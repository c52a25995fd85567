//! A page on paper.
//!
//! It is one look like the page itself: the same gate, the same purpose, the same entries in the access log, the same masks. A formal
//! paper (see [`paper`]) is the same bytes for everybody who may see it; on any other stands who printed it and when, to the minute.

use super::{download, file_name};
use crate::pages::{Looking, NoPage, Visit};
use crate::problem::Problem;
use crate::render::{Painter, TIME, paper, time};
use crate::shape::Page;
use crate::state::App;
use crate::words::Locale;
use axum::response::Response;
use changzhi_print::{Fault, Lang, Paper, PressError, Stamp};
use fluent_bundle::FluentValue;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use std::time::Duration;

/// Where a page offers itself as PDF.
pub(crate) fn link(app: &App, p: &Painter<'_>) -> Markup {
    let to = || p.here.with(&[("_export", Some("pdf")), ("_table", None), ("_done", None)]);
    html! {
        @if app.options.press.is_some() && !p.here.path.is_empty() {
            p.export { a href=(to()) download { (p.voice.say("print-pdf")) } }
        }
    }
}

pub(super) async fn answer(
    looking: &Looking<'_>,
    visit: &Visit,
    all: &[(String, String)],
    pairs: &[(String, String)],
) -> Result<Response, Problem> {
    let voice = visit.voice(looking.plugin);
    let (page, seq) = looking.look(pairs).await.map_err(NoPage::problem)?;
    let (paper, stamp) = {
        let painter = looking.painter(&voice, String::new(), looking.here(all), seq);
        let made = set(looking.app, visit, &painter, &page);
        looking.app.metrics.view_wrong(looking.plugin, painter.wrongs());
        made
    };
    print(looking.app, paper, &stamp).await
}

pub(super) async fn of_page(app: &App, visit: &Visit, p: &Painter<'_>, page: &Page) -> Result<Response, Problem> {
    let (paper, stamp) = set(app, visit, p, page);
    print(app, paper, &stamp).await
}

/// The paper with its head and foot, and the time for the name of its file.
fn set(app: &App, visit: &Visit, p: &Painter<'_>, page: &Page) -> (Paper, String) {
    let (mut paper, at) = paper(p, page);
    let whose = p.voice;
    paper.lang = if whose.locale == Locale::En { Lang::En } else { Lang::Zh };
    paper.agency.clone_from(&app.options.title);
    let args = ["n", "m"].into_iter().map(|n| (n, FluentValue::from(format!("{{{n}}}")))).collect();
    paper.foot = whose.with("print-foot", &args);
    // To the minute: what is printed says no more, and twice in a minute is the same paper.
    let now = p.now.0.div_euclid(60_000_000) * 60_000_000;
    let when = if paper.formal { at } else { Some(now) };
    if !paper.formal {
        let by = whose.say("view-printed-by");
        paper.note = format!("{by} {} · {}", visit.session.login, time(now, p.zone, TIME));
    }
    paper.date = when.and_then(stamp);
    (paper, time(when.unwrap_or(now), p.zone, super::STAMP))
}

fn stamp(micros: i64) -> Option<Stamp> {
    let at = jiff::Timestamp::from_microsecond(micros).ok()?;
    let t = TimeZone::UTC.to_datetime(at);
    let part = |n: i8| u8::try_from(n).ok();
    Some(Stamp {
        year: i32::from(t.year()),
        month: part(t.month())?,
        day: part(t.day())?,
        hour: part(t.hour())?,
        minute: part(t.minute())?,
        second: part(t.second())?,
    })
}

async fn print(app: &App, paper: Paper, stamp: &str) -> Result<Response, Problem> {
    let Some(press) = &app.options.press else {
        let how =
            "printing is not installed: put changzhi-typeset beside the host, or name it in the setting print.program";
        return Err(Problem::new(501, "print", how));
    };
    let name = file_name(&paper.title, false, stamp, "pdf");
    let pdf = press.print(paper).await.map_err(|e| problem(&e))?;
    Ok(download(pdf, "application/pdf", "pdf", &name))
}

fn problem(error: &PressError) -> Problem {
    let told = error.to_string();
    match error {
        PressError::Busy => Problem::unavailable(told, Duration::from_secs(5)),
        PressError::Fault(Fault::Beyond { .. }) => Problem::new(422, "print", told),
        PressError::Time(_) => Problem::new(503, "print", told),
        PressError::Fault(_) | PressError::Program { .. } => {
            tracing::error!(%error, "a page could not be printed");
            Problem::new(503, "print", told)
        }
    }
}
