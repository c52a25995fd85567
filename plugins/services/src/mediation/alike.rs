//! Disputes that may be the same one, taken in twice through different channels: near by or in the same place, not long ago, in like words.
//! Shown to the desk with every part of the judgement while the dispute is being screened; a person merges. Titles, places and times are
//! compared: who the parties are is sealed and takes no part in it.

use super::case::Case;
use super::dispute::Dispute;
use crate::routing::{Taught, parts, sight, verdict};
use changzhi_routing::{Likeness, Profile, Verdict};
use changzhi_sdk::prelude::*;
use std::collections::BTreeSet;

/// How far and how long ago is looked. A court takes weeks to pass a dispute on.
const METRES: f64 = 500.0;
const DAYS: i64 = 120;
const CANDIDATES: u32 = 60;
const SHOWN: usize = 5;
/// Not one any more, or one already merged.
const GONE: [&str; 2] = ["merged", "withdrawn"];

struct Like {
    id: EntityId,
    code: Option<String>,
    title: Option<String>,
    channel: Option<String>,
    state: String,
    at: Micros,
    like: Likeness,
}

fn candidates(
    at: Micros,
    within: Option<EntityId>,
    position: Option<Point>,
) -> Result<Vec<(EntityId, Option<f64>)>, Refusal> {
    let (mut out, mut seen) = (Vec::new(), BTreeSet::new());
    if let Some(position) = position {
        let hits = near(position, METRES, "dispute", CANDIDATES)?;
        out.extend(hits.into_iter().filter(|h| seen.insert(h.id)).map(|h| (h.id, Some(h.metres))));
    }
    let since = at.plus(-DAYS * Micros::DAY);
    let mut query = Query::kind("dispute").filter(core_fields::AT.at_least(since));
    if let Some(within) = within {
        query = query.filter(core_fields::WITHIN.is(within));
    }
    let rows = query.newest().limit(CANDIDATES).run()?;
    out.extend(rows.ids().filter(|id| seen.insert(*id)).map(|id| (id, None)));
    Ok(out)
}

fn found(case: &Case) -> Result<Vec<Like>, Refusal> {
    let core = (core_fields::CATEGORY, core_fields::AT, core_fields::WITHIN, core_fields::LON, core_fields::LAT);
    let (title, (category, at, within, lon, lat)) = (get(case.id, Dispute::TITLE)?, get(case.id, core)?);
    let position = lon.zip(lat).map(|(lon, lat)| Point { lon, lat });
    let (category, at) = (category.unwrap_or_default(), at.unwrap_or_default());
    let own = Profile::of(title.as_deref().unwrap_or_default(), "");
    let taught = Taught::of_the_city(None)?;
    let mut all = Vec::new();
    for (id, metres) in candidates(at, within, position)? {
        let (title, code, channel) = get(id, (Dispute::TITLE, Dispute::CODE, Dispute::CHANNEL))?;
        let (sort, state, then, there) =
            get(id, (core_fields::CATEGORY, core_fields::STATE, core_fields::AT, core_fields::WITHIN))?;
        let (sort, state, then) = (sort.unwrap_or_default(), state.unwrap_or_default(), then.unwrap_or_default());
        if id == case.id || GONE.contains(&state.as_str()) || at.since(then).abs() > DAYS * Micros::DAY {
            continue;
        }
        let other = Profile::of(title.as_deref().unwrap_or_default(), "");
        let like =
            Likeness::of(&taught.model, sight(&own, at, within, &category), sight(&other, then, there, &sort), metres);
        if like.verdict() != Verdict::Different {
            all.push(Like { id, code, title, channel, state, at: then, like });
        }
    }
    all.sort_by(|a, b| b.like.odds().total_cmp(&a.like.odds()).then(b.id.cmp(&a.id)));
    all.truncate(SHOWN);
    Ok(all)
}

/// What may be the same dispute; `None` where nothing is like it.
pub(super) fn alike(case: &Case) -> Result<Option<Section>, Refusal> {
    let found = found(case)?;
    if found.is_empty() {
        return Ok(None);
    }
    let mut table = Table::new()
        .key("alike")
        .opens("dispute", "dispute")
        .col("code", "code")
        .col("title", "title")
        .col("verdict", "verdict")
        .col("reasons", "reasons")
        .col("channel", "channel")
        .col("state", "state")
        .col("created", "created");
    for one in found {
        let cells = [
            one.code.into(),
            one.title.into(),
            Cell::text(verdict(&one.like)),
            Cell::tags(parts(&one.like)),
            one.channel.map_or(Cell::none(), |c| Cell::code(format!("channel-{c}"))),
            Cell::status(format!("state-{}", one.state)),
            one.at.into(),
        ];
        table = table.row(one.id, cells);
    }
    Ok(Some(Section::new("same-disputes").help("same-help").add(table)))
}
