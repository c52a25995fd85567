//! Matters that may be the same: near by, not long ago, in like words. Shown with every part of the judgement; a person merges.

use super::Taught;
use crate::report::Report;
use changzhi_routing::{Likeness, Near, Profile, Sight, Verdict};
use changzhi_sdk::prelude::*;
use std::collections::BTreeSet;

/// How far and how long ago is looked, before anything is compared.
const METRES: f64 = 300.0;
const DAYS: i64 = 30;
const CANDIDATES: u32 = 60;
const SHOWN: usize = 5;
/// Ended without being done: no voice can be added to it.
const GONE: [&str; 2] = ["withdrawn", "not-accepted"];

/// What is asked about: a report, or words and a place that somebody is about to report.
pub(crate) struct About<'a> {
    pub(crate) matter: Option<EntityId>,
    pub(crate) title: &'a str,
    pub(crate) category: &'a str,
    pub(crate) at: Micros,
    pub(crate) within: Option<EntityId>,
    pub(crate) position: Option<Point>,
}

/// A like one with what is known of it.
struct Found {
    id: EntityId,
    code: Option<String>,
    title: Option<String>,
    state: String,
    at: Micros,
    like: Likeness,
}

fn candidates(about: &About<'_>) -> Result<Vec<(EntityId, Option<f64>)>, Refusal> {
    let mut out: Vec<(EntityId, Option<f64>)> = Vec::new();
    let mut seen: BTreeSet<EntityId> = about.matter.into_iter().collect();
    if let Some(position) = about.position {
        for hit in near(position, METRES, "matter", CANDIDATES)? {
            if seen.insert(hit.id) {
                out.push((hit.id, Some(hit.metres)));
            }
        }
    }
    if let Some(within) = about.within {
        let since = about.at.plus(-DAYS * Micros::DAY);
        let query =
            Query::kind("matter").filter(core_fields::WITHIN.is(within)).filter(core_fields::AT.at_least(since));
        let rows = query.newest().limit(CANDIDATES).run()?;
        out.extend(rows.ids().filter(|id| seen.insert(*id)).map(|id| (id, None)));
    }
    Ok(out)
}

pub(crate) fn sight<'a>(profile: &'a Profile, at: Micros, within: Option<EntityId>, category: &'a str) -> Sight<'a> {
    Sight { profile, at: at.0, place: within.unwrap_or_default().0, category }
}

fn found(taught: &Taught, about: &About<'_>) -> Result<Vec<Found>, Refusal> {
    let own = Profile::of(about.title, "");
    let mut all = Vec::new();
    for (id, metres) in candidates(about)? {
        let (title, code, category, state, at, within) = get(
            id,
            (
                Report::TITLE,
                Report::CODE,
                core_fields::CATEGORY,
                core_fields::STATE,
                core_fields::AT,
                core_fields::WITHIN,
            ),
        )?;
        let (category, state, at) = (category.unwrap_or_default(), state.unwrap_or_default(), at.unwrap_or_default());
        if GONE.contains(&state.as_str()) || about.at.since(at).abs() > DAYS * Micros::DAY {
            continue;
        }
        let other = Profile::of(title.as_deref().unwrap_or(""), "");
        let like = Likeness::of(
            &taught.model,
            sight(&own, about.at, about.within, about.category),
            sight(&other, at, within, category.as_str()),
            metres,
        );
        if like.verdict() != Verdict::Different {
            all.push(Found { id, code, title, state, at, like });
        }
    }
    all.sort_by(|a, b| b.like.odds().total_cmp(&a.like.odds()).then(b.id.cmp(&a.id)));
    all.truncate(SHOWN);
    Ok(all)
}

/// "Maybe the same".
pub(crate) fn section(taught: &Taught, about: &About<'_>) -> Result<Section, Refusal> {
    let mut table = Table::new()
        .key("alike")
        .opens("report", "matter")
        .col("code", "code")
        .col("title", "title")
        .col("verdict", "verdict")
        .col("reasons", "reasons")
        .col("state", "state")
        .col("created", "created");
    for one in found(taught, about)? {
        let cells = [
            one.code.into(),
            one.title.into(),
            Cell::text(verdict(&one.like)),
            Cell::tags(parts(&one.like)),
            Cell::status(format!("state-{}", one.state)),
            one.at.into(),
        ];
        table = table.row(one.id, cells);
    }
    Ok(Section::new("same-matters").help("same-help").empty("none-alike").add(table))
}

/// The judgement in words.
pub(crate) fn verdict(like: &Likeness) -> &'static str {
    if like.verdict() == Verdict::Probably { "probably-same" } else { "maybe-same" }
}

/// Every part of the judgement, as short as a tag: words in percent, metres, hours; with its log odds.
pub(crate) fn parts(like: &Likeness) -> Vec<String> {
    let mut out = vec![format!("“…” {:.0} % ({:+.1})", like.words * 100.0, like.by_words)];
    out.push(match like.near {
        Near::Metres(metres) => format!("{metres:.0} m ({:+.1})", like.by_place),
        Near::SamePlace => format!("⌂ = ({:+.1})", like.by_place),
        Near::OtherPlace => format!("⌂ ≠ ({:+.1})", like.by_place),
        Near::Unknown => "⌂ ?".into(),
    });
    out.push(format!("{:.0} h ({:+.1})", like.hours, like.by_time));
    out
}

#[derive(Body)]
pub struct Asked {
    #[field(max_len = 200)]
    pub title: Option<String>,
    #[field(code, max_len = 48)]
    pub category: Option<String>,
    #[field(entity = places)]
    pub place: Option<EntityId>,
}

/// Before filing: is it known already?
#[view(label = "alike", roles = ["operator", "admin", "grid-worker"])]
pub fn alike(ctx: &Context, asked: Asked) -> Result<Page, Refusal> {
    let title = asked.title.unwrap_or_default();
    let about = About {
        matter: None,
        title: &title,
        category: asked.category.as_deref().unwrap_or(""),
        at: ctx.now,
        within: asked.place.or(ctx.place),
        position: None,
    };
    let taught = Taught::of_the_city(None)?;
    Ok(Page::new("alike").add(section(&taught, &about)?).add(Action::open("filing", "filing")))
}
