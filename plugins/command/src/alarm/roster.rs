//! Who is on duty: what the office's roster says, and whom a step of the ladder rings.
//!
//! A post of a division is **planned** when the roster has any duty of it from a month ago on; it is **held** when one of them covers now
//! and names a person. Held: those persons are rung and nobody else of that post. Planned and not held: a hole, an alarm of its own; then,
//! and where the roster says nothing, everybody with the post's role is rung, because nobody is known to be off duty.
//!
//! [`Roster::calls`] says it once, for the screens ([`is_rung`]) and for messages ([`super::called`]).

use super::flow::Tier;
use changzhi_sdk::Field;
use changzhi_sdk::prelude::*;
use std::collections::BTreeSet;

/// Seats, where the roster names nobody for the desk.
pub(crate) const SEATS: &[&str] = &["operator", "duty-officer"];
const LEADERS: &[&str] = &["official"];
/// The police line is a role and no post.
const POLICE: &[&str] = &["police"];

const POST: Field<String> = Field::new("office.duty", "post", "office.duty.post");
const FROM: Field<Micros> = Field::new("office.duty", "from", "office.duty.from");
const TO: Field<Micros> = Field::new("office.duty", "to", "office.duty.to");
const PERSON: Field<EntityId> = Field::new("office.duty", "person", "office.duty.person");
/// How long a post counts as planned after its last duty.
const PLANNED: i64 = 30 * Micros::DAY;
const ROWS: u32 = 2_000;

/// Who holds the desk of a division; who leads; who stands by.
const DESK: &str = "desk";
const LEAD: &str = "lead";
const STANDBY: &str = "standby";

struct Duty {
    division: EntityId,
    post: String,
    person: Option<EntityId>,
    now: bool,
}

/// The roster as it stands now.
#[derive(Default)]
pub(crate) struct Roster(Vec<Duty>);

/// A post from a place up to the city.
enum Post {
    /// Nobody is planned, or nobody holds what is planned.
    Open,
    /// The persons who hold it, with how far up they do: 0 is the place itself.
    Held(Vec<(usize, EntityId)>),
}

impl Roster {
    /// Without the office there is no roster: then everybody with the role is rung.
    pub(crate) fn read(now: Micros) -> Result<Roster, Refusal> {
        let asked = Query::kind("duty")
            .fields(&[&POST, &FROM, &TO, &PERSON, &core_fields::WITHIN])
            .filter(TO.above(now.plus(-PLANNED)))
            .filter(FROM.at_most(now.plus(PLANNED)))
            .newest()
            .limit(ROWS);
        let rows = match asked.run() {
            Ok(rows) => rows,
            Err(HostError::Unknown(_) | HostError::NotGranted(_)) => return Ok(Roster::default()),
            Err(other) => return Err(other.into()),
        };
        let (post, from, to) = (rows.column(POST)?, rows.column(FROM)?, rows.column(TO)?);
        let (person, within) = (rows.column(PERSON)?, rows.column(core_fields::WITHIN)?);
        let duty = |row| {
            let (from, to) = (from.get(row)?, to.get(row)?);
            let (division, post) = (within.get(row)?, post.get(row)?.to_owned());
            Some(Duty { division, post, person: person.get(row), now: from <= now && now < to })
        };
        Ok(Roster((0..rows.len()).filter_map(duty).collect()))
    }

    fn post(&self, chain: &[EntityId], post: &str) -> Post {
        let level = |division: EntityId| chain.iter().position(|c| *c == division);
        let here = self.0.iter().filter(|d| d.post == post && d.now);
        let held: Vec<_> = here.filter_map(|d| Some((level(d.division)?, d.person?))).collect();
        if held.is_empty() { Post::Open } else { Post::Held(held) }
    }

    /// Posts that are planned in a division of the chain and that nobody holds now, the nearest first.
    pub(crate) fn holes(&self, chain: &[EntityId]) -> Vec<(EntityId, String)> {
        let mut out = Vec::new();
        for division in chain {
            let posts: BTreeSet<&str> = self.0.iter().filter(|d| d.division == *division).map(|d| &*d.post).collect();
            for post in posts.into_iter().filter(|p| *p != STANDBY) {
                let held = |d: &&Duty| d.division == *division && d.post == post && d.now && d.person.is_some();
                if !self.0.iter().any(|d| held(&d)) {
                    out.push((*division, post.to_owned()));
                }
            }
        }
        out
    }
}

/// Whom a step of the ladder rings, with those of the steps before it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Called {
    /// Accounts that the roster names.
    pub(crate) persons: BTreeSet<EntityId>,
    /// Roles of whose posts it names nobody: whoever holds one for the place, or for what that lies in.
    pub(crate) roles: BTreeSet<&'static str>,
    /// The guards of the place.
    pub(crate) guards: bool,
}

impl Called {
    fn post(&mut self, post: Post, most: impl Fn(&[(usize, EntityId)]) -> usize, roles: &[&'static str]) {
        match post {
            Post::Open => self.roles.extend(roles),
            Post::Held(held) => {
                let most = most(&held);
                self.persons.extend(held.iter().filter(|(level, _)| *level <= most).map(|(_, person)| *person));
            }
        }
    }

    /// Without those who are called already.
    pub(crate) fn without(mut self, before: &Called) -> Called {
        self.persons.retain(|p| !before.persons.contains(p));
        self.roles.retain(|r| !before.roles.contains(r));
        self.guards &= !before.guards;
        self
    }
}

impl Roster {
    /// Whom a step rings for an alarm: `chain` is its place and what that lies in.
    pub(crate) fn calls(&self, tier: Tier, chain: &[EntityId]) -> Called {
        let mut called = Called::default();
        let everybody = |_: &[(usize, EntityId)]| usize::MAX;
        let nearest = |held: &[(usize, EntityId)]| match tier {
            Tier::Near => held.iter().map(|h| h.0).min().unwrap_or_default(),
            _ => usize::MAX,
        };
        called.post(self.post(chain, DESK), nearest, SEATS);
        if tier >= Tier::Leaders {
            called.post(self.post(chain, LEAD), everybody, LEADERS);
            called.guards = true;
        }
        if tier >= Tier::District {
            called.post(self.post(chain, STANDBY), everybody, &[]);
            called.roles.extend(POLICE);
        }
        called
    }
}

/// Whether an alarm rings at somebody: `chain` is its place and what that lies in, `guard` that they are one of that place's guards.
pub(crate) fn is_rung(who: &Actor, guard: bool, tier: Tier, chain: &[EntityId], roster: &Roster) -> bool {
    let called = roster.calls(tier, chain);
    let within = who.divisions.is_empty() || who.divisions.iter().any(|d| chain.contains(d));
    called.persons.contains(&who.id)
        || (guard && called.guards)
        || (within && called.roles.iter().any(|r| who.has_role(r)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHOOL: EntityId = EntityId(1);
    const STREET: EntityId = EntityId(2);
    const CITY: EntityId = EntityId(3);
    const CHAIN: [EntityId; 3] = [SCHOOL, STREET, CITY];

    fn who(id: u64, role: &str) -> Actor {
        Actor { id: EntityId(id), roles: vec![role.into()], divisions: Vec::new() }
    }

    fn duty(division: EntityId, post: &str, person: Option<u64>, now: bool) -> Duty {
        Duty { division, post: post.into(), person: person.map(EntityId), now }
    }

    fn rung(who: &Actor, tier: Tier, roster: &Roster) -> bool {
        is_rung(who, false, tier, &CHAIN, roster)
    }

    #[test]
    fn without_a_roster_everybody_with_the_role_is_rung_within_their_division() {
        let none = Roster::default();
        let mut seat = who(7, "operator");
        assert!(rung(&seat, Tier::Near, &none));
        seat.divisions = vec![EntityId(9)];
        assert!(!rung(&seat, Tier::District, &none), "of another division");
        seat.divisions = vec![STREET];
        assert!(rung(&seat, Tier::Near, &none));
        assert!(!rung(&who(8, "official"), Tier::All, &none) && rung(&who(8, "official"), Tier::Leaders, &none));
        assert!(!rung(&who(8, "police"), Tier::Leaders, &none) && rung(&who(8, "police"), Tier::District, &none));
        assert!(!rung(&who(8, "unit"), Tier::District, &none));
    }

    #[test]
    fn whoever_is_off_duty_is_rung_at_no_step() {
        let roster = Roster(vec![duty(STREET, DESK, Some(7), true), duty(STREET, DESK, Some(8), false)]);
        for tier in [Tier::Near, Tier::All, Tier::Leaders, Tier::District] {
            assert!(rung(&who(7, "operator"), tier, &roster));
            assert!(!rung(&who(8, "operator"), tier, &roster), "{tier:?}");
            assert!(!rung(&who(9, "duty-officer"), tier, &roster), "{tier:?}");
        }
    }

    #[test]
    fn the_nearest_desk_is_rung_first_and_all_desks_after_it() {
        let roster = Roster(vec![duty(STREET, DESK, Some(7), true), duty(CITY, DESK, Some(8), true)]);
        assert!(rung(&who(7, "operator"), Tier::Near, &roster) && !rung(&who(8, "operator"), Tier::Near, &roster));
        assert!(rung(&who(8, "operator"), Tier::All, &roster));
    }

    #[test]
    fn guards_and_the_leader_on_duty_come_with_the_third_step_and_who_stands_by_with_the_fourth() {
        let duties =
            [duty(CITY, LEAD, Some(7), true), duty(CITY, STANDBY, Some(8), true), duty(CITY, DESK, Some(6), true)];
        let roster = Roster(duties.into());
        let nobody = who(9, "guard");
        assert!(
            !is_rung(&nobody, true, Tier::All, &CHAIN, &roster)
                && is_rung(&nobody, true, Tier::Leaders, &CHAIN, &roster)
        );
        assert!(rung(&who(7, "operator"), Tier::Leaders, &roster) && !rung(&who(7, "operator"), Tier::All, &roster));
        assert!(!rung(&who(5, "official"), Tier::District, &roster), "another leads now");
        assert!(
            rung(&who(8, "operator"), Tier::District, &roster) && !rung(&who(8, "operator"), Tier::Leaders, &roster)
        );
    }

    #[test]
    fn each_step_calls_whom_it_rings_beyond_the_step_before_once() {
        let duties = [
            duty(STREET, DESK, Some(6), true),
            duty(CITY, DESK, Some(7), true),
            duty(CITY, DESK, Some(5), false),
            duty(CITY, STANDBY, Some(8), true),
        ];
        let more = |duties: &[Duty], tier: Tier, before: Tier| {
            let roster = Roster(duties.iter().map(|d| Duty { post: d.post.clone(), ..*d }).collect());
            let called = roster.calls(tier, &CHAIN).without(&roster.calls(before, &CHAIN));
            (
                called.persons.iter().map(|p| p.0).collect::<Vec<_>>(),
                called.roles.into_iter().collect::<Vec<_>>(),
                called.guards,
            )
        };
        assert_eq!(Roster(Vec::new()).calls(Tier::Near, &CHAIN).roles, SEATS.iter().copied().collect());
        assert_eq!(more(&duties, Tier::All, Tier::Near), (vec![7], vec![], false));
        assert_eq!(more(&duties, Tier::Leaders, Tier::All), (vec![], vec!["official"], true));
        assert_eq!(more(&duties, Tier::District, Tier::Leaders), (vec![8], vec!["police"], false));
        assert_eq!(more(&[], Tier::All, Tier::Near), (vec![], vec![], false), "all of the role were called at once");
    }

    #[test]
    fn a_planned_post_nobody_holds_is_a_hole_and_rings_all_of_its_role() {
        let roster = Roster(vec![duty(STREET, DESK, Some(7), false), duty(CITY, LEAD, None, true)]);
        assert_eq!(roster.holes(&CHAIN), [(STREET, DESK.to_owned()), (CITY, LEAD.to_owned())]);
        assert!(rung(&who(8, "operator"), Tier::Near, &roster), "nobody is known to be off duty");
        let held = Roster(vec![duty(STREET, DESK, Some(7), true)]);
        assert!(held.holes(&CHAIN).is_empty() && Roster::default().holes(&CHAIN).is_empty());
    }
}
