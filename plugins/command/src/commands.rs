//! Ringing, acknowledging by name, attending, standing down.

use changzhi_sdk::prelude::*;

/// A second press at the same place within this belongs to the first alarm.
pub(crate) const JOINS: i64 = 120 * Micros::SECOND;

/// What is kept of an alarm. Kind of alarm, state, time and place are core fields.
#[derive(Facet, Default)]
#[facet(name = "command.alarm", on = events, label = "alarm")]
pub struct Alarm {
    /// Floor or room.
    #[field(internal, max_len = 100)]
    pub spot: Option<String>,
    /// The account that took it.
    #[field(entity = people, internal)]
    pub taken_by: Option<EntityId>,
    #[field(internal)]
    pub taken: Option<Micros>,
    #[field(code, internal)]
    pub outcome: Option<String>,
    /// Presses that joined it.
    #[field(internal, min = 0)]
    pub presses: Option<i64>,
}

#[derive(Body)]
pub struct Ring {
    #[field(entity = places)]
    pub place: EntityId,
    #[field(code, options = ["help", "fire", "medical", "security", "test"])]
    pub category: String,
    #[field(max_len = 100)]
    pub spot: Option<String>,
    pub position: Option<Point>,
}

#[derive(Body)]
pub struct Which {
    #[field(entity = events)]
    pub alarm: EntityId,
}

#[derive(Body)]
pub struct StoodDown {
    #[field(entity = events)]
    pub alarm: EntityId,
    #[field(code, options = ["real", "mistaken", "exercise"])]
    pub outcome: String,
    #[field(max_len = 500)]
    pub reason: Option<String>,
}

#[command(label = "ring")]
pub fn ring(ctx: &Context, body: Ring) -> Result<Changes, Refusal> {
    let open = Query::kind("alarm")
        .fields(&[&Alarm::PRESSES, &core_fields::CATEGORY])
        .filter(core_fields::WITHIN.is(body.place))
        .filter(core_fields::STATE.is("rung"))
        .filter(core_fields::AT.at_least(ctx.now.plus(-JOINS)))
        .newest()
        .limit(50)
        .run()?;
    let (presses, category) = (open.column(Alarm::PRESSES)?, open.column(core_fields::CATEGORY)?);
    // A test never swallows a call for help, nor help a fire: only the same kind joins.
    let same = open.ids().enumerate().find(|(row, _)| category.get(*row) == Some(body.category.as_str()));
    Ok(match same {
        Some((row, alarm)) => joined(alarm, presses.get(row).unwrap_or(1)),
        None => rung(ctx.now, body),
    })
}

fn rung(now: Micros, body: Ring) -> Changes {
    let mut changes = Changes::new();
    let new = New::of("alarm", now).category(body.category).within(body.place).position(body.position);
    let alarm = changes.create(new);
    changes.put(alarm, Alarm { spot: body.spot, presses: Some(1), ..Alarm::default() });
    changes.answer("alarm", alarm).answer("outcome", "rung");
    changes
}

fn joined(alarm: EntityId, presses: i64) -> Changes {
    let mut changes = Changes::new();
    changes.set(alarm, Alarm::PRESSES, presses + 1);
    changes.answer("alarm", alarm).answer("outcome", "joined");
    changes
}

#[command(label = "acknowledge", roles = ["operator", "duty-officer", "admin"])]
pub fn acknowledge(ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    if ctx.actor.id == EntityId::default() {
        return Err(Refusal::denied("named-only"));
    }
    let mut changes = Changes::new();
    changes.advance(body.alarm, "acknowledge", "");
    changes.set(body.alarm, Alarm::TAKEN_BY, ctx.actor.id);
    changes.set(body.alarm, Alarm::TAKEN, ctx.now);
    Ok(changes)
}

#[command(label = "attend", roles = ["unit", "grid-worker", "operator", "duty-officer", "admin"])]
pub fn attend(_ctx: &Context, body: Which) -> Result<Changes, Refusal> {
    let mut changes = Changes::new();
    changes.advance(body.alarm, "attend", "");
    Ok(changes)
}

#[command(label = "stand-down", roles = ["operator", "duty-officer", "admin"])]
pub fn stand_down(_ctx: &Context, body: StoodDown) -> Result<Changes, Refusal> {
    let mut changes = Changes::new();
    changes.advance(body.alarm, "stand-down", body.reason.unwrap_or_default());
    changes.set(body.alarm, Alarm::OUTCOME, body.outcome);
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use changzhi_sdk::bindings::changzhi::platform::changes::Change;

    #[test]
    fn a_press_makes_an_alarm_and_another_soon_after_joins_it() {
        let ring = Ring { place: EntityId(4), category: "help".into(), spot: None, position: None };
        assert!(
            matches!(rung(Micros(9), ring).ops().first(), Some(Change::Create(c)) if c.within == Some(4) && c.at == 9)
        );
        let changes = joined(EntityId(7), 1);
        assert!(changes.ops().iter().all(|op| !matches!(op, Change::Create(_))));
    }

    #[test]
    fn nobody_acknowledges_without_a_name() {
        let which = || Which { alarm: EntityId(7) };
        assert!(acknowledge(&Context::default(), which()).is_err());
        let mut ctx = Context::default();
        ctx.actor.id = EntityId(3);
        assert!(acknowledge(&ctx, which()).is_ok());
    }
}
