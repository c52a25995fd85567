//! How an account may be reached, and which accounts a role about a place means: for whoever sends messages.
//!
//! Nothing is opened here: an address stays sealed until the moment of sending.

use crate::identity::{CHANNELS, REACH, WAY, minutes, standing_ways};
use crate::{Delegation, Records};
use changzhi_model::{EntityId, Micros, Name, SealedAt, Value};
use hashbrown::HashMap;

/// Places above a place that are asked for holders; a city has about eight levels.
const DEPTH: usize = 24;
const PAGE: u32 = 10_000;

/// One account's own choice.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reach {
    /// Channel names with the ways of each, in the account's order; without one: the newest way of each channel in the usual order.
    pub ways: Vec<(Name, EntityId)>,
    /// Minutes of the day in local time, from and until; what is not urgent waits.
    pub quiet: Option<(u16, u16)>,
    /// `zh-CN` or `en`; empty when never chosen.
    pub language: String,
}

impl Reach {
    /// `None`: no such account, or it is closed.
    pub fn of(records: &dyn Records, account: EntityId) -> Option<Reach> {
        records.value(account, "host.account", "login").as_text()?;
        let chosen = records.referring("reach", REACH, "account", account).first().copied();
        let text = |field: &str| match chosen.map(|c| records.value(c, REACH, field)) {
            Some(Value::Text(text)) => text,
            _ => String::new(),
        };
        let order = text("order");
        let order: Vec<&str> = if order.is_empty() { CHANNELS.to_vec() } else { order.split(' ').collect() };
        let standing = standing_ways(records, account);
        let of = |channel: &&str| {
            // The newest first: a new phone takes the place of the old.
            let newest = standing.iter().rev().filter(|(_, c)| c == channel);
            newest.map(|(way, c)| (Name::from(c.as_str()), *way)).collect::<Vec<_>>()
        };
        let ways = order.iter().flat_map(of).collect();
        let quiet =
            minutes(&text("quiet-from")).zip(minutes(&text("quiet-until"))).filter(|(from, until)| from != until);
        Some(Reach { ways, quiet, language: text("language") })
    }

    /// The way by a channel, as a sealed field.
    pub fn by(&self, channel: &str) -> Option<SealedAt> {
        let (_, way) = self.ways.iter().find(|(name, _)| name == channel)?;
        Some(SealedAt { entity: *way, facet: WAY.into(), field: "address".into() })
    }

    /// At a minute of the day (local time), how many minutes it is quiet yet; `None`: it is not.
    pub fn quiet_for(&self, minute: u16) -> Option<u16> {
        let (from, until) = self.quiet?;
        let day = 24 * 60;
        let into = (minute + day - from) % day;
        let whole = (until + day - from) % day;
        (into < whole).then(|| whole - into)
    }
}

/// Whoever holds one of the roles about a place, by own grant or lent, and can be reached: those of the nearest place that has any,
/// upwards from `place` to the whole city. An officer of the whole city is told of a village's matter only where nobody nearer holds the
/// role. With `everybody`: those of every place on the way.
///
/// Price: the column of roles of all grants gone through once for each role, then one look at each grant of these roles, and at each
/// delegation in force: residents, who are millions, are not looked at.
pub fn holders(
    records: &dyn Records,
    roles: &[Name],
    place: Option<EntityId>,
    everybody: bool,
    now: Micros,
) -> Vec<EntityId> {
    let mut held: Vec<(EntityId, Option<EntityId>)> = Vec::new();
    for role in roles {
        for grant in all(|after| records.saying("grant", "host.grant", "role", role, after, PAGE)) {
            let field = |f: &str| records.value(grant, "host.grant", f);
            if let Some(account) = field("account").as_entity().filter(|_| field("revoked") != Value::Flag(true)) {
                held.push((account, field("division").as_entity()));
            }
        }
    }
    let lent = all(|after| records.holding("delegation", after, PAGE));
    for lent in lent.into_iter().filter_map(|id| Delegation::read(records, id)) {
        if roles.contains(&lent.role) && lent.is_timely(now.max(records.at())) && lent.is_covered(records) {
            held.push((lent.taker, lent.division));
        }
    }
    let mut known: HashMap<EntityId, bool> = HashMap::new();
    held.retain(|(account, _)| *known.entry(*account).or_insert_with(|| !standing_ways(records, *account).is_empty()));
    let (mut at, mut found) = (place, Vec::new());
    for _ in 0..DEPTH {
        found.extend(held.iter().filter(|(_, d)| *d == at).map(|(account, _)| *account));
        if at.is_none() || !(found.is_empty() || everybody) {
            break;
        }
        at = at.and_then(|p| records.core(p)).and_then(|core| core.within);
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Page by page until one is not full.
fn all(page: impl Fn(EntityId) -> Vec<EntityId>) -> Vec<EntityId> {
    let (mut out, mut after) = (Vec::new(), EntityId::NONE);
    loop {
        let page = page(after);
        let Some(last) = page.last().copied() else { return out };
        let whole = page.len() < PAGE as usize;
        out.extend(page);
        if whole {
            return out;
        }
        after = last;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(from: u16, until: u16) -> Reach {
        Reach { quiet: Some((from, until)), ..Reach::default() }
    }

    #[test]
    fn quiet_hours_go_over_midnight() {
        let night = quiet(22 * 60, 7 * 60);
        assert_eq!(night.quiet_for(22 * 60), Some(9 * 60));
        assert_eq!(night.quiet_for(60), Some(6 * 60));
        assert_eq!(night.quiet_for(7 * 60), None);
        assert_eq!(night.quiet_for(12 * 60), None);
        assert_eq!(quiet(12 * 60, 14 * 60).quiet_for(13 * 60), Some(60));
        assert_eq!(quiet(12 * 60, 14 * 60).quiet_for(11 * 60), None);
        assert_eq!(Reach::default().quiet_for(0), None);
    }
}
