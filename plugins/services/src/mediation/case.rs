//! One dispute as whoever acts on it finds it: its parties, its mediator, and who the actor is in it.

use super::dispute::{Dispute, Party, RoomKept};
use changzhi_sdk::prelude::*;

/// Parties of one dispute at most, with those who speak or translate for them.
pub(super) const PARTIES: u32 = 24;
/// Sides of one dispute at most.
pub(super) const SIDES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
/// The side of the mediator in talk.
pub(super) const MEDIATOR: &str = "mediator";

/// Somebody who takes part.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) id: EntityId,
    pub(super) side: String,
    pub(super) part: String,
    pub(super) account: Option<EntityId>,
    pub(super) consent: String,
    pub(super) choice: Option<EntityId>,
    pub(super) asks_court: bool,
    pub(super) left: bool,
}

impl Person {
    /// A party itself, who is still there: who must agree and sign.
    pub(super) fn decides(&self) -> bool {
        self.part == "party" && !self.left
    }
}

/// A dispute with everybody in it.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) id: EntityId,
    pub(super) state: String,
    pub(super) mediator: Option<EntityId>,
    pub(super) registrar: Option<EntityId>,
    pub(super) terms: Option<EntityId>,
    pub(super) people: Vec<Person>,
}

impl Case {
    /// # Errors
    /// No such dispute.
    pub(super) fn of(id: EntityId) -> Result<Case, Refusal> {
        let (kind, state) = get(id, (core_fields::KIND, core_fields::STATE))?;
        if kind.as_deref() != Some("dispute") {
            return Err(Refusal::not_found("no-such-dispute"));
        }
        let (mediator, registrar, terms) = get(id, (Dispute::MEDIATOR, Dispute::REGISTRAR, Dispute::TERMS))?;
        let fields = Query::kind("dispute-party")
            .fields(&[&Party::SIDE, &Party::PART, &Party::ACCOUNT, &Party::CONSENT])
            .fields(&[&Party::CHOICE, &Party::ASKS_COURT, &Party::LEFT]);
        let rows = fields.filter(Party::OF.is(id)).after(EntityId::default()).limit(PARTIES).run()?;
        let (side, part) = (rows.column(Party::SIDE)?, rows.column(Party::PART)?);
        let (account, consent) = (rows.column(Party::ACCOUNT)?, rows.column(Party::CONSENT)?);
        let (choice, asks, left) =
            (rows.column(Party::CHOICE)?, rows.column(Party::ASKS_COURT)?, rows.column(Party::LEFT)?);
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        let person = |(row, id): (usize, EntityId)| Person {
            id,
            side: text(side.get(row)),
            part: text(part.get(row)),
            account: account.get(row),
            consent: text(consent.get(row)),
            choice: choice.get(row),
            asks_court: asks.get(row).is_some(),
            left: left.get(row).is_some(),
        };
        let people = rows.ids().enumerate().map(person).collect();
        Ok(Case { id, state: state.unwrap_or_default(), mediator, registrar, terms, people })
    }

    /// The actor as somebody who takes part and has not left.
    pub(super) fn person(&self, ctx: &Context) -> Option<&Person> {
        self.people.iter().find(|p| !p.left && p.account == Some(ctx.actor.id))
    }

    pub(super) fn is_mediator(&self, ctx: &Context) -> bool {
        self.mediator == Some(ctx.actor.id)
    }

    /// # Errors
    /// The actor takes no part, or has left.
    pub(super) fn party(&self, ctx: &Context) -> Result<&Person, Refusal> {
        self.person(ctx).ok_or_else(|| Refusal::denied("not-a-party"))
    }

    /// # Errors
    /// The actor is no party who decides: an interpreter does not sign.
    pub(super) fn deciding(&self, ctx: &Context) -> Result<&Person, Refusal> {
        self.party(ctx)?;
        let own = self.people.iter().find(|p| p.decides() && p.account == Some(ctx.actor.id));
        own.ok_or_else(|| Refusal::denied("only-a-party-itself"))
    }

    /// # Errors
    /// The actor is not the mediator of this dispute.
    pub(super) fn mediating(&self, ctx: &Context) -> Result<(), Refusal> {
        if self.is_mediator(ctx) { Ok(()) } else { Err(Refusal::denied("not-the-mediator")) }
    }

    /// The side somebody speaks for here: a party's, or the mediator's.
    pub(super) fn voice(&self, ctx: &Context) -> Result<String, Refusal> {
        if self.is_mediator(ctx) {
            return Ok(MEDIATOR.to_owned());
        }
        self.party(ctx).map(|p| p.side.clone())
    }

    /// Parties who must agree.
    pub(super) fn deciders(&self) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(|p| p.decides())
    }

    /// Sides with a party that is still there.
    pub(super) fn sides(&self) -> Vec<&str> {
        SIDES.into_iter().filter(|side| self.deciders().any(|p| p.side == *side)).collect()
    }

    /// Everybody who is in joint talk, or in the caucus of a side.
    pub(super) fn members(&self, side: Option<&str>) -> Members {
        let there = |p: &&Person| !p.left && side.is_none_or(|s| p.side == s);
        let accounts = self.people.iter().filter(there).filter_map(|p| p.account);
        Members::of(accounts.chain(self.mediator))
    }

    /// The room of joint talk is the dispute itself. Puts who is in it as of now.
    pub(super) fn fill_room(&self, changes: &mut Changes) {
        let members = self.members(None);
        if members.ids().is_empty() {
            changes.clear(self.id, RoomKept::MEMBERS);
        } else {
            changes.set(self.id, RoomKept::MEMBERS, members);
        }
        changes.set(self.id, RoomKept::OF, self.id);
    }

    /// Who is in each caucus that was opened, as of now.
    pub(super) fn fill_caucuses(&self, changes: &mut Changes) -> Result<(), Refusal> {
        for (room, side) in caucuses(self.id)? {
            let members = self.members(Some(&side));
            if members.ids().is_empty() {
                changes.clear(room, RoomKept::MEMBERS);
            } else {
                changes.set(room, RoomKept::MEMBERS, members);
            }
        }
        Ok(())
    }
}

/// The caucuses of a dispute, with their sides.
pub(super) fn caucuses(dispute: EntityId) -> Result<Vec<(EntityId, String)>, Refusal> {
    let query = Query::kind("caucus").field(RoomKept::SIDE).filter(RoomKept::OF.is(dispute));
    let rows = query.after(EntityId::default()).limit(PARTIES).run()?;
    let side = rows.column(RoomKept::SIDE)?;
    Ok(rows.ids().enumerate().map(|(row, id)| (id, side.get(row).unwrap_or_default().to_owned())).collect())
}

/// One event of the dispute's flow, with the dispute in the answer.
pub(super) fn step(dispute: EntityId, event: &str, reason: Option<String>) -> Changes {
    let mut changes = Changes::new();
    changes.advance(dispute, event, reason.unwrap_or_default());
    changes.answer("dispute", dispute);
    changes
}

/// No event: the dispute stays where it is.
pub(super) fn stay(dispute: EntityId) -> Changes {
    let mut changes = Changes::new();
    changes.answer("dispute", dispute);
    changes
}

/// A reason in words.
pub(super) fn said(reason: Option<String>) -> Result<String, Refusal> {
    let reason = reason.filter(|r| !r.trim().is_empty());
    reason.ok_or_else(|| Refusal::invalid("reason", "reason-needed"))
}

/// Adds a side to a list of sides.
pub(super) fn with_side(list: Option<String>, side: &str) -> String {
    let list = list.unwrap_or_default();
    let mut all: Vec<&str> = list.split_whitespace().filter(|s| *s != side).collect();
    all.push(side);
    all.sort_unstable();
    all.join(" ")
}

pub(super) fn without_side(list: Option<String>, side: &str) -> String {
    let list = list.unwrap_or_default();
    list.split_whitespace().filter(|s| *s != side).collect::<Vec<_>>().join(" ")
}

pub(super) fn has_side(list: Option<&str>, side: &str) -> bool {
    list.unwrap_or_default().split_whitespace().any(|s| s == side)
}

/// What is sealed for others reads as nothing; a page shows what its reader may open.
pub(super) fn opened<T: changzhi_sdk::FieldValue>(
    entity: EntityId,
    field: changzhi_sdk::Field<T, changzhi_sdk::Sealed>,
) -> Result<Option<T>, Refusal> {
    match reveal(entity, field) {
        Ok(value) => Ok(value),
        Err(HostError::NotGranted(_) | HostError::PurposeNeeded(_)) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_is_in_a_list_once() {
        assert_eq!(with_side(None, "b"), "b");
        assert_eq!(with_side(Some("b a".into()), "b"), "a b");
        assert_eq!(without_side(Some("a b".into()), "a"), "b");
        assert!(has_side(Some("a b"), "b") && !has_side(Some("ab"), "b") && !has_side(None, "a"));
    }
}
