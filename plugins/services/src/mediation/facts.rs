//! Facts, claims and evidence: who states them, who admits them, who contests them.

use super::case::{Case, MEDIATOR, has_side, opened, stay, with_side, without_side};
use super::dispute::Statement;
use changzhi_sdk::prelude::*;

/// Statements of one dispute at most.
const MOST: u32 = 200;

#[derive(Body)]
pub struct State {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(name = "sort", code, options = ["fact", "claim", "evidence"])]
    pub sort: String,
    #[field(long_text, personal, max_len = 4000)]
    pub text: String,
    #[field(personal, max = 6)]
    pub papers: Option<Files>,
}

/// A side, or the mediator, puts something before everybody.
#[command(label = "state")]
pub fn state(ctx: &Context, body: State) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    let side = case.voice(ctx)?;
    if case.mediator.is_none() {
        return Err(Refusal::conflict("no-mediator-yet"));
    }
    if body.text.trim().is_empty() {
        return Err(Refusal::invalid("text", "text-needed"));
    }
    let mut changes = stay(body.dispute);
    let statement = changes.create(New::of("statement", ctx.now));
    let admitted = (side != MEDIATOR).then(|| side.clone());
    let (members, of, sort, text) = (case.members(), body.dispute, body.sort, Some(body.text));
    let papers = body.papers;
    changes.put(statement, Statement { members, of, sort, side, text, papers, admitted, contested: None });
    Ok(changes)
}

#[derive(Body)]
pub struct Take {
    #[field(entity = events)]
    pub dispute: EntityId,
    #[field(entity = events)]
    pub statement: EntityId,
    #[field(name = "take", code, options = ["admits", "contests"])]
    pub take: String,
}

/// A side admits a statement or contests it; it may change its mind.
#[command(label = "take-statement")]
pub fn take_statement(ctx: &Context, body: Take) -> Result<Changes, Refusal> {
    let case = Case::of(body.dispute)?;
    let side = case.deciding(ctx)?.side.clone();
    let (of, admitted, contested) = get(body.statement, (Statement::OF, Statement::ADMITTED, Statement::CONTESTED))?;
    if of != Some(body.dispute) {
        return Err(Refusal::not_found("no-such-statement"));
    }
    let (admitted, contested) = if body.take == "admits" {
        (with_side(admitted, &side), without_side(contested, &side))
    } else {
        (without_side(admitted, &side), with_side(contested, &side))
    };
    let mut changes = stay(body.dispute);
    for (field, list) in [(Statement::ADMITTED, admitted), (Statement::CONTESTED, contested)] {
        if list.is_empty() {
            changes.clear(body.statement, field);
        } else {
            changes.set(body.statement, field, list);
        }
    }
    Ok(changes)
}

/// A statement as its reader sees it.
pub(super) struct Stated {
    pub(super) id: EntityId,
    pub(super) sort: String,
    /// Who said it; [`MEDIATOR`] for the mediator.
    pub(super) side: String,
    pub(super) text: Option<String>,
    pub(super) papers: Option<Files>,
    pub(super) admitted: Option<String>,
    pub(super) contested: Option<String>,
}

impl Stated {
    /// Every side that is there admits it.
    pub(super) fn is_admitted_by_all(&self, case: &Case) -> bool {
        case.sides().iter().all(|side| has_side(self.admitted.as_deref(), side))
    }

    /// How a side that did not say it takes it.
    pub(super) fn take_of(&self, side: &str) -> &'static str {
        if has_side(self.admitted.as_deref(), side) {
            "take-admits"
        } else if has_side(self.contested.as_deref(), side) {
            "take-contests"
        } else {
            "take-open"
        }
    }
}

pub(super) fn stated(dispute: EntityId) -> Result<Vec<Stated>, Refusal> {
    let rows = Query::kind("statement")
        .fields(&[&Statement::SORT, &Statement::SIDE, &Statement::ADMITTED, &Statement::CONTESTED])
        .filter(Statement::OF.is(dispute))
        .after(EntityId::default())
        .limit(MOST)
        .run()?;
    let (sort, side) = (rows.column(Statement::SORT)?, rows.column(Statement::SIDE)?);
    let (admitted, contested) = (rows.column(Statement::ADMITTED)?, rows.column(Statement::CONTESTED)?);
    let mut all = Vec::new();
    for (row, id) in rows.ids().enumerate() {
        all.push(Stated {
            id,
            sort: sort.get(row).unwrap_or_default().to_owned(),
            side: side.get(row).unwrap_or_default().to_owned(),
            text: opened(id, Statement::TEXT)?,
            papers: opened(id, Statement::PAPERS)?,
            admitted: admitted.get(row).map(str::to_owned),
            contested: contested.get(row).map(str::to_owned),
        });
    }
    Ok(all)
}
