//! The end: stood down by who commands, with what is open still named first; then the review.

use super::assign::everybody;
use super::facet::{Major, Watch};
use super::flow::table::WATCHED;
use super::hands::{commands, named};
use super::incident::incidents;
use super::live::release;
use super::plan::{Head, ROWS};
use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;

const DUE: Field<Micros> = Field::new("host.track", "due", "host.track.due");

#[derive(Body)]
pub struct StoodDown {
    #[field(entity = events, label = "major")]
    pub major: EntityId,
    /// What is open still, and who sees to it. Asked for where something is.
    #[field(long_text, max_len = 1000, label = "major-still-open")]
    pub still_open: Option<String>,
}

/// One watch with how it stands.
pub(super) struct Standing {
    pub(super) id: EntityId,
    pub(super) shown: String,
    pub(super) post: EntityId,
    pub(super) shift: EntityId,
    pub(super) state: String,
    pub(super) begins: Micros,
    pub(super) ends: Micros,
    pub(super) checked: Option<Micros>,
    pub(super) here: Option<i64>,
    pub(super) seen: Option<Micros>,
    pub(super) due: Option<Micros>,
    pub(super) within: Option<EntityId>,
}

impl Standing {
    /// Its check-in did not come.
    pub(super) fn is_red(&self, now: Micros) -> bool {
        self.due.is_some_and(|due| due <= now) && self.begins <= now
    }
}

/// Watches in a state: of one event, or of all.
pub(super) fn watches(state: &str, event: Option<EntityId>) -> Result<Vec<Standing>, Refusal> {
    let mut query = Query::kind("major-watch")
        .fields(&[&Watch::SHOWN, &Watch::POST, &Watch::SHIFT, &Watch::BEGINS, &Watch::ENDS, &Watch::CHECKED])
        .fields(&[&Watch::HERE, &Watch::SEEN, &DUE, &core_fields::WITHIN])
        .filter(core_fields::STATE.is(state))
        .oldest()
        .limit(ROWS);
    if let Some(event) = event {
        query = query.filter(Watch::EVENT.is(event));
    }
    let rows = query.run()?;
    let (shown, post, shift) = (rows.column(Watch::SHOWN)?, rows.column(Watch::POST)?, rows.column(Watch::SHIFT)?);
    let (begins, ends) = (rows.column(Watch::BEGINS)?, rows.column(Watch::ENDS)?);
    let (checked, here, seen) = (rows.column(Watch::CHECKED)?, rows.column(Watch::HERE)?, rows.column(Watch::SEEN)?);
    let (due, within) = (rows.column(DUE)?, rows.column(core_fields::WITHIN)?);
    let one = |(row, id)| {
        Some(Standing {
            id,
            shown: shown.get(row)?.to_owned(),
            post: post.get(row)?,
            shift: shift.get(row)?,
            state: state.to_owned(),
            begins: begins.get(row)?,
            ends: ends.get(row)?,
            checked: checked.get(row),
            here: here.get(row),
            seen: seen.get(row),
            due: due.get(row),
            within: within.get(row),
        })
    };
    Ok(rows.ids().enumerate().filter_map(one).collect())
}

/// Everything of an event that is open still, as it is read out.
pub(super) fn open_still(now: Micros, first: EntityId) -> Result<Vec<Text>, Refusal> {
    let mut all = Vec::new();
    for incident in incidents(first)?.into_iter().filter(super::incident::Row::is_open) {
        let place = incident.post.or(incident.what).unwrap_or_default();
        all.push(Text::key("major-open-incident").with("number", incident.alarm).with("place", place));
    }
    for state in WATCHED {
        for watch in watches(state, Some(first))?.into_iter().filter(|w| w.is_red(now)) {
            all.push(Text::key("major-open-post").with("post", watch.shown));
        }
    }
    Ok(all)
}

#[command(label = "stand-down-major")]
pub fn stand_down_major(ctx: &Context, body: StoodDown) -> Result<Changes, Refusal> {
    let head = Head::read(body.major)?;
    commands(ctx, &head)?;
    let said = body.still_open.map(|s| s.trim().to_owned()).filter(|s| !s.is_empty());
    let open = open_still(ctx.now, head.first)?;
    if !open.is_empty() && said.is_none() {
        let count = i64::try_from(open.len()).unwrap_or(i64::MAX);
        return Err(Refusal::invalid("still_open", Text::key("major-name-what-is-open").with("count", count)));
    }
    let mut changes = Changes::new();
    changes.advance(head.id, "stand-down", "");
    if let Some(said) = said.filter(|_| !open.is_empty()) {
        changes.set(head.id, Major::STILL_OPEN, said);
    }
    release(&mut changes, head.first)?;
    for who in everybody(head.id)? {
        changes.intent(Notify::account(who, "major-released").about(head.id).until(ctx.now.plus(Micros::DAY)));
    }
    Ok(changes)
}

#[derive(Body)]
pub struct Reviewed {
    #[field(entity = events, label = "major")]
    pub major: EntityId,
    #[field(long_text, max_len = 8000, label = "major-findings")]
    pub findings: String,
}

/// By somebody else than whoever stood it down.
#[command(label = "review-major", roles = ["official", "duty-officer", "admin"])]
pub fn review_major(ctx: &Context, body: Reviewed) -> Result<Changes, Refusal> {
    named(ctx)?;
    let head = Head::read(body.major)?;
    let short: String = body.findings.chars().take(100).collect();
    let mut changes = Changes::new();
    changes.advance(head.id, "review", short);
    changes.set(head.id, Major::FINDINGS, body.findings);
    Ok(changes)
}
