//! Planning a duty and taking it over.

use changzhi_sdk::prelude::*;

/// Longest single duty.
const LONGEST: i64 = 48 * Micros::HOUR;
/// How early a duty may be taken over.
const EARLY: i64 = 2 * Micros::HOUR;

/// A roster entry. Its beginning and place are core fields too.
#[derive(Facet)]
#[facet(name = "office.duty", on = events, label = "duty")]
pub struct Duty {
    #[field(code, internal)]
    pub post: String,
    #[field(internal)]
    pub from: Micros,
    #[field(internal)]
    pub to: Micros,
    #[field(entity = people, internal)]
    pub person: Option<EntityId>,
    #[field(internal)]
    pub taken: Option<Micros>,
}

#[derive(Body)]
pub struct Plan {
    #[field(entity = places)]
    pub place: EntityId,
    /// 带班, 值班, 备班
    #[field(code, options = ["lead", "desk", "standby"])]
    pub post: String,
    pub from: Micros,
    pub to: Micros,
    #[field(entity = people)]
    pub person: Option<EntityId>,
}

#[derive(Body)]
pub struct Taken {
    #[field(entity = events)]
    pub duty: EntityId,
}

fn lasts(from: Micros, to: Micros) -> Result<(), Refusal> {
    match to.since(from) {
        ..=0 => Err(Refusal::invalid("to", "ends-before-it-begins")),
        long if long > LONGEST => Err(Refusal::invalid("to", "too-long-a-duty")),
        _ => Ok(()),
    }
}

#[command(label = "plan-duty", roles = ["duty-officer", "operator", "admin"])]
pub fn plan_duty(_ctx: &Context, body: Plan) -> Result<Changes, Refusal> {
    lasts(body.from, body.to)?;
    let clash = Query::kind("duty")
        .field(Duty::PERSON)
        .filter(core_fields::WITHIN.is(body.place))
        .filter(Duty::POST.is(body.post.clone()))
        .filter(Duty::FROM.below(body.to))
        .filter(Duty::TO.above(body.from))
        .limit(1)
        .run()?;
    if !clash.is_empty() {
        return Err(Refusal::conflict("post-is-covered"));
    }
    let mut changes = Changes::new();
    let duty = changes.create(New::of("duty", body.from).category(body.post.clone()).within(body.place));
    changes.put(duty, Duty { post: body.post, from: body.from, to: body.to, person: body.person, taken: None });
    changes.answer("duty", duty);
    Ok(changes)
}

#[command(label = "take-over", roles = ["duty-officer", "operator", "admin"])]
pub fn take_over(ctx: &Context, body: Taken) -> Result<Changes, Refusal> {
    let (from, to) = get(body.duty, (Duty::FROM, Duty::TO))?;
    let (Some(from), Some(to)) = (from, to) else { return Err(Refusal::not_found("no-such-duty")) };
    in_time(ctx.now, from, to)?;
    let mut changes = Changes::new();
    changes.set(body.duty, Duty::PERSON, ctx.actor.id);
    changes.set(body.duty, Duty::TAKEN, ctx.now);
    Ok(changes)
}

fn in_time(now: Micros, from: Micros, to: Micros) -> Result<(), Refusal> {
    if now < from.plus(-EARLY) || now >= to { Err(Refusal::conflict("not-the-time")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duty_ends_after_it_begins_and_is_not_endless() {
        assert!(lasts(Micros(5), Micros(5)).is_err());
        assert!(lasts(Micros(5), Micros(4)).is_err());
        assert!(lasts(Micros(0), Micros(LONGEST + 1)).is_err());
        assert!(lasts(Micros(0), Micros(LONGEST)).is_ok());
    }

    #[test]
    fn a_duty_is_taken_shortly_before_it_or_while_it_runs() {
        let (from, to) = (Micros(10 * Micros::HOUR), Micros(20 * Micros::HOUR));
        for (hour, fine) in [(7, false), (8, true), (10, true), (19, true), (20, false)] {
            assert_eq!(in_time(Micros(hour * Micros::HOUR), from, to).is_ok(), fine, "{hour}");
        }
    }
}
