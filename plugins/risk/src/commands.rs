//! Finding, owning, mending and re-checking a hazard.

use changzhi_sdk::prelude::*;

/// What is kept of a hazard. Kind, state, time and place are core fields.
#[derive(Facet, Default)]
#[facet(name = "risk.hazard", on = events, label = "hazard")]
pub struct Hazard {
    #[field(internal, max_len = 200)]
    pub title: String,
    /// The agency or company that has to mend it.
    #[field(code, internal)]
    pub owner: Option<String>,
    #[field(internal)]
    pub due: Option<Micros>,
    #[field(internal)]
    pub fixed: Option<Micros>,
    /// The account that mended it: whoever checks must be another.
    #[field(entity = people, internal)]
    pub fixer: Option<EntityId>,
    /// Checks that found it not mended.
    #[field(internal, min = 0)]
    pub returned: Option<i64>,
}

#[derive(Body)]
pub struct Found {
    #[field(entity = places)]
    pub place: EntityId,
    #[field(code, options = ["blocked-exit", "fire-equipment", "wiring", "lighting", "gate", "ebike-charging", "structure", "other-hazard"])]
    pub category: String,
    #[field(max_len = 200)]
    pub title: String,
    pub position: Option<Point>,
}

#[derive(Body)]
pub struct Own {
    #[field(entity = events)]
    pub hazard: EntityId,
    #[field(code, max_len = 128)]
    pub owner: String,
    pub due: Micros,
}

#[derive(Body)]
pub struct Fixed {
    #[field(entity = events)]
    pub hazard: EntityId,
    #[field(max_len = 500)]
    pub done: String,
}

#[derive(Body)]
pub struct Rechecked {
    #[field(entity = events)]
    pub hazard: EntityId,
    pub passed: bool,
    #[field(max_len = 500)]
    pub finding: Option<String>,
}

#[command(label = "report-hazard", roles = ["grid-worker", "unit", "operator", "duty-officer", "admin"])]
pub fn report_hazard(ctx: &Context, body: Found) -> Result<Changes, Refusal> {
    if body.title.trim().is_empty() {
        return Err(Refusal::invalid("title", "title-needed"));
    }
    let mut changes = Changes::new();
    let new = New::of("hazard", ctx.now).category(body.category).within(body.place).position(body.position);
    let hazard = changes.create(new);
    changes.put(hazard, Hazard { title: body.title, ..Hazard::default() });
    changes.answer("hazard", hazard);
    Ok(changes)
}

#[command(label = "assign-fix", roles = ["operator", "official", "admin"])]
pub fn assign_fix(ctx: &Context, body: Own) -> Result<Changes, Refusal> {
    if body.due <= ctx.now {
        return Err(Refusal::invalid("due", "due-in-the-past"));
    }
    let mut changes = Changes::new();
    changes.advance(body.hazard, "assign", "");
    changes.set(body.hazard, Hazard::OWNER, body.owner);
    changes.set(body.hazard, Hazard::DUE, body.due);
    Ok(changes)
}

#[command(label = "mark-fixed", roles = ["unit", "grid-worker", "operator", "admin"])]
pub fn mark_fixed(ctx: &Context, body: Fixed) -> Result<Changes, Refusal> {
    let mut changes = Changes::new();
    changes.advance(body.hazard, "fix", body.done);
    changes.set(body.hazard, Hazard::FIXED, ctx.now);
    changes.set(body.hazard, Hazard::FIXER, ctx.actor.id);
    Ok(changes)
}

#[command(label = "recheck", roles = ["verifier", "grid-worker", "operator", "admin"])]
pub fn recheck(ctx: &Context, body: Rechecked) -> Result<Changes, Refusal> {
    let (fixer, returned) = get(body.hazard, (Hazard::FIXER, Hazard::RETURNED))?;
    checked(ctx.actor.id, fixer, returned.unwrap_or(0), body)
}

fn checked(checker: EntityId, fixer: Option<EntityId>, returned: i64, body: Rechecked) -> Result<Changes, Refusal> {
    if fixer == Some(checker) {
        return Err(Refusal::denied("checker-is-fixer"));
    }
    let mut changes = Changes::new();
    if body.passed {
        changes.advance(body.hazard, "pass", body.finding.unwrap_or_default());
        return Ok(changes);
    }
    let Some(finding) = body.finding.filter(|f| !f.trim().is_empty()) else {
        return Err(Refusal::invalid("finding", "finding-needed"));
    };
    changes.advance(body.hazard, "fail", finding);
    changes.set(body.hazard, Hazard::RETURNED, returned + 1);
    changes.clear(body.hazard, Hazard::FIXED);
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(passed: bool, finding: Option<&str>) -> Rechecked {
        Rechecked { hazard: EntityId(1), passed, finding: finding.map(str::to_owned) }
    }

    #[test]
    fn whoever_mended_does_not_check() {
        assert!(checked(EntityId(7), Some(EntityId(7)), 0, check(true, None)).is_err());
        assert!(checked(EntityId(8), Some(EntityId(7)), 0, check(true, None)).is_ok());
    }

    #[test]
    fn a_failed_check_says_why_and_counts() {
        assert!(checked(EntityId(8), Some(EntityId(7)), 0, check(false, None)).is_err());
        assert!(checked(EntityId(8), Some(EntityId(7)), 0, check(false, Some("仍有杂物"))).unwrap().len() > 1);
    }

    #[test]
    fn a_limit_in_the_past_is_refused() {
        let ctx = Context { now: Micros(100), ..Context::default() };
        let own = |due| Own { hazard: EntityId(1), owner: "x".into(), due: Micros(due) };
        assert!(assign_fix(&ctx, own(100)).is_err());
        assert!(assign_fix(&ctx, own(101)).is_ok());
    }
}
