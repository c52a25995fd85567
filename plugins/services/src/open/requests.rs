//! Matters as everybody may see them.

use crate::category::{self, Known};
use crate::place;
use crate::report::Report;
use changzhi_sdk::prelude::*;
use std::collections::BTreeMap;

/// Rows of one page.
const SIZE_MAX: i64 = 1_000;
/// Rows that are leafed through at most.
const DEPTH: i64 = 20_000;
/// Numbers asked for at once.
const IDS_MAX: usize = 100;
/// What is done with; all else is open.
const CLOSED: [&str; 5] = ["closed", "not-accepted", "withdrawn", "merged", "diverted"];

#[derive(Body)]
pub struct Which {
    /// Numbers, parted by commas: they override all else.
    #[field(max_len = 2000)]
    pub ids: Option<String>,
    /// Codes of categories, parted by commas.
    #[field(max_len = 1000)]
    pub services: Option<String>,
    pub from: Option<Micros>,
    pub to: Option<Micros>,
    #[field(code, options = ["open", "closed"])]
    pub status: Option<String>,
    /// By when it last changed instead of when it was filed.
    pub changed: Option<bool>,
    #[field(entity = places)]
    pub place: Option<EntityId>,
    #[field(min = 1, max = 10000)]
    pub page: Option<i64>,
    #[field(min = 1, max = 1000)]
    pub size: Option<i64>,
}

#[view(label = "open-requests")]
pub fn open_requests(ctx: &Context, which: Which) -> Result<Page, Refusal> {
    let known: BTreeMap<String, Known> = category::all()?.into_iter().map(|k| (k.code.clone(), k)).collect();
    let found = match &which.ids {
        Some(ids) => by_number(ids)?,
        None => listed(&which, &known)?,
    };
    let mut table = Table::new().key("requests");
    for (key, label) in COLUMNS {
        table = table.col(key, label);
    }
    let mut names: BTreeMap<EntityId, Text> = BTreeMap::new();
    for id in found {
        let cells = cells(ctx, id, &known, &mut names)?;
        table = table.row(id, cells);
    }
    Ok(Page::new("open-requests").add(table))
}

/// Keys are what the host reads by.
const COLUMNS: [(&str, &str); 13] = [
    ("id", "code"),
    ("status", "state"),
    ("state", "state"),
    ("service", "category-code"),
    ("name", "category"),
    ("agency", "agency"),
    ("filed", "created"),
    ("expected", "due"),
    ("address", "place"),
    ("lat", "position"),
    ("lon", "position"),
    ("notice", "notice"),
    ("revision", "version"),
];

fn cells(
    ctx: &Context,
    id: EntityId,
    known: &BTreeMap<String, Known>,
    names: &mut BTreeMap<EntityId, Text>,
) -> Result<[Cell; 13], Refusal> {
    let (code, agency) = get(id, (Report::CODE, Report::AGENCY))?;
    let (category, state, at, within, lon, lat, changed) = get(
        id,
        (
            core_fields::CATEGORY,
            core_fields::STATE,
            core_fields::AT,
            core_fields::WITHIN,
            core_fields::LON,
            core_fields::LAT,
            core_fields::CHANGED,
        ),
    )?;
    let (category, state, at) = (category.unwrap_or_default(), state.unwrap_or_default(), at.unwrap_or_default());
    let of = known.get(&category);
    let open = of.is_some_and(|k| k.open);
    let address = match within.filter(|_| open) {
        None => Cell::none(),
        Some(within) => {
            if let std::collections::btree_map::Entry::Vacant(empty) = names.entry(within) {
                empty.insert(place::name(within)?);
            }
            names.get(&within).cloned().map_or(Cell::none(), Cell::text)
        }
    };
    let expected = of.and_then(|k| k.hours).map(|hours| at.plus(hours.saturating_mul(Micros::HOUR)));
    let status = if CLOSED.contains(&state.as_str()) { "closed" } else { "open" };
    Ok([
        code.into(),
        Cell::code(status),
        Cell::status(format!("state-{state}")),
        Cell::code(category.as_str()),
        of.map_or(category.as_str(), |k| k.name(&ctx.locale)).into(),
        agency.into(),
        at.into(),
        expected.into(),
        address,
        lat.filter(|_| open).into(),
        lon.filter(|_| open).into(),
        of.and_then(|k| k.notice.clone()).into(),
        changed.into(),
    ])
}

/// The matters of a list, for what else is told of them.
pub(super) fn of_list(which: &Which) -> Result<Vec<EntityId>, Refusal> {
    let known: BTreeMap<String, Known> = category::all()?.into_iter().map(|k| (k.code.clone(), k)).collect();
    listed(which, &known)
}

fn by_number(ids: &str) -> Result<Vec<EntityId>, Refusal> {
    let mut out = Vec::new();
    for id in ids.split(',').map(str::trim).filter(|i| !i.is_empty()).take(IDS_MAX) {
        if id.len() <= 16
            && let Some(matter) = find(Report::CODE, id.to_ascii_uppercase())?
            && !out.contains(&matter)
        {
            out.push(matter);
        }
    }
    Ok(out)
}

fn listed(which: &Which, known: &BTreeMap<String, Known>) -> Result<Vec<EntityId>, Refusal> {
    let (page, size) = (which.page.unwrap_or(1).max(1), which.size.unwrap_or(50).clamp(1, SIZE_MAX));
    let (skip, upto) = ((page - 1).saturating_mul(size), page.saturating_mul(size));
    if upto > DEPTH {
        return Err(Refusal::invalid("page", "page-too-far"));
    }
    let services: Option<Vec<&str>> =
        which.services.as_deref().map(|s| s.split(',').map(str::trim).filter(|c| !c.is_empty()).collect());
    // One question for each category asked for; without one, everything but what is not open.
    let mut asked: Vec<Option<&str>> = vec![None];
    if let Some(services) = &services {
        let open = |c: &&str| known.get(*c).is_some_and(|k| k.open);
        asked = services.iter().filter(|c| open(c)).take(50).map(|c| Some(*c)).collect();
    }
    let states: &[Option<&str>] = match which.status.as_deref() {
        Some("closed") => &[Some("closed"), Some("not-accepted"), Some("withdrawn"), Some("merged"), Some("diverted")],
        _ => &[None],
    };
    let mut all: Vec<(i64, EntityId)> = Vec::new();
    for category in &asked {
        for state in states {
            all.extend(rows(which, known, *category, *state, upto)?);
        }
    }
    all.sort_by(|a, b| b.cmp(a));
    let (skip, size) = (usize::try_from(skip).unwrap_or(usize::MAX), usize::try_from(size).unwrap_or(0));
    Ok(all.into_iter().skip(skip).take(size).map(|(_, id)| id).collect())
}

fn rows(
    which: &Which,
    known: &BTreeMap<String, Known>,
    category: Option<&str>,
    state: Option<&str>,
    upto: i64,
) -> Result<Vec<(i64, EntityId)>, Refusal> {
    let mut query =
        Query::kind("matter").field(core_fields::AT).field(core_fields::CHANGED).field(core_fields::CATEGORY);
    query = query.limit(u32::try_from(upto).unwrap_or(0));
    query = if which.changed == Some(true) { query.descending(core_fields::CHANGED) } else { query.newest() };
    if which.changed != Some(true) {
        if let Some(from) = which.from {
            query = query.filter(core_fields::AT.at_least(from));
        }
        if let Some(to) = which.to {
            query = query.filter(core_fields::AT.at_most(to));
        }
    }
    if let Some(place) = which.place {
        query = query.filter(core_fields::WITHIN.at_most(place));
    }
    match (category, state) {
        (Some(category), _) => query = query.filter(core_fields::CATEGORY.is(category)),
        (None, _) => {
            for closed in known.values().filter(|k| !k.open) {
                query = query.filter(core_fields::CATEGORY.is_not(closed.code.as_str()));
            }
        }
    }
    if let Some(state) = state {
        query = query.filter(core_fields::STATE.is(state));
    } else if which.status.as_deref() == Some("open") {
        for closed in CLOSED {
            query = query.filter(core_fields::STATE.is_not(closed));
        }
    }
    let rows = query.run()?;
    let (at, changed, category) =
        (rows.column(core_fields::AT)?, rows.column(core_fields::CHANGED)?, rows.column(core_fields::CATEGORY)?);
    // A category nobody knows any more is not open.
    let open = |row: usize| category.get(row).and_then(|c| known.get(c)).is_some_and(|k| k.open);
    let by = |row: usize| match which.changed {
        Some(true) => changed.get(row).unwrap_or_default(),
        _ => at.get(row).unwrap_or_default().0,
    };
    Ok(rows.ids().enumerate().filter(|(row, _)| open(*row)).map(|(row, id)| (by(row), id)).collect())
}
