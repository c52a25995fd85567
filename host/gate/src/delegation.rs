//! A role lent to another account for a while: leave, illness, a business trip.
//!
//! Kept as an event of its own (`host.delegation`), so that lending and ending it stand in the journal with who, when and why.
//!
//! Invariants, checked each time a session is made and not only when the delegation is written:
//! 1. It lends what its giver holds by **own** grants at that moment, and no more: when the grant goes, so does the loan.
//! 2. No chain: what is lent is not the borrower's own, so it cannot be lent on.
//! 3. `admin` is granted, never lent: an administrator could make the loan outlive its end.
//! 4. It begins and ends by the later of wall clock and journal time, so a clock that jumps back revives nothing.
//!
//! Purposes are not lent: who looks at personal data states a purpose of their own. Price: one question for the delegations to an
//! account, and one for the grants of each giver, whenever a session is made anew.

use crate::scope::lies_within;
use crate::session::Held;
use crate::{ADMIN, Records, Session};
use changzhi_model::{EntityId, Micros, Name, Value};

pub(crate) const FACET: &str = "host.delegation";
/// A longer absence is a change of office: an administrator grants the role.
pub(crate) const LONGEST: i64 = 180 * Micros::DAY;

/// One delegation as the journal has it, in force or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delegation {
    pub id: EntityId,
    pub giver: EntityId,
    pub taker: EntityId,
    pub role: Name,
    /// `None`: the whole city.
    pub division: Option<EntityId>,
    pub from: Micros,
    pub until: Micros,
    pub reason: String,
    /// Ended before its time, by either side or by an administrator.
    pub ended: bool,
}

/// A role that is held because somebody lends it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lent {
    pub held: Held,
    pub giver: EntityId,
    pub until: Micros,
}

impl Delegation {
    pub fn read(records: &dyn Records, id: EntityId) -> Option<Delegation> {
        let field = |f: &str| records.value(id, FACET, f);
        Some(Delegation {
            id,
            giver: field("account").as_entity()?,
            taker: field("delegate").as_entity()?,
            role: field("role").as_text()?.into(),
            division: field("division").as_entity(),
            from: field("from").as_time()?,
            until: field("until").as_time()?,
            reason: field("reason").as_text().unwrap_or_default().to_owned(),
            ended: field("ended") == Value::Flag(true),
        })
    }

    /// Those an account gave and those it was given, in the order they were made.
    pub fn of(records: &dyn Records, account: EntityId) -> (Vec<Delegation>, Vec<Delegation>) {
        let by = |field| {
            let ids = records.referring("delegation", FACET, field, account);
            ids.into_iter().filter_map(|id| Delegation::read(records, id)).collect()
        };
        (by("account"), by("delegate"))
    }

    /// Its time has come and has not passed.
    pub fn is_timely(&self, now: Micros) -> bool {
        !self.ended && self.from <= now && now < self.until
    }

    /// What its giver holds by grants of their own covers it now.
    pub fn is_covered(&self, records: &dyn Records) -> bool {
        Session::own(records, self.giver).is_some_and(|own| covers(records, &own, &self.role, self.division))
    }
}

/// True when the session holds the role there by its own grants, and the role is one that may be lent.
pub(crate) fn covers(records: &dyn Records, own: &Session, role: &str, division: Option<EntityId>) -> bool {
    let wide = |h: &Held| match (h.division, division) {
        (None, _) => true,
        (Some(own), Some(division)) => lies_within(records, division, &[own]),
        (Some(_), None) => false,
    };
    role != ADMIN && own.held.iter().any(|h| h.role == role && wide(h))
}

/// What an account is lent now, and when that next changes by the clock alone.
pub(crate) fn lent_to(records: &dyn Records, account: EntityId, now: Micros) -> (Vec<Lent>, Option<Micros>) {
    let (_, taken) = Delegation::of(records, account);
    let (mut lent, mut turns) = (Vec::new(), None::<Micros>);
    for d in taken.into_iter().filter(|d| !d.ended && now < d.until && d.giver != account) {
        let next = if d.from <= now { d.until } else { d.from };
        turns = Some(turns.map_or(next, |t| t.min(next)));
        if d.is_timely(now) && d.is_covered(records) {
            lent.push(Lent { held: Held { role: d.role, division: d.division }, giver: d.giver, until: d.until });
        }
    }
    (lent, turns)
}
