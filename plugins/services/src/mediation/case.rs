//! One dispute as whoever acts on it finds it: its parties, its mediator, and who the actor is in it.

use super::dispute::{CasePart, Dispute, Party, RoomKept};
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

/// Somebody who serves it beside the mediator.
#[derive(Clone, Debug)]
pub(super) struct Serving {
    pub(super) id: EntityId,
    pub(super) part: String,
    pub(super) account: Option<EntityId>,
    pub(super) seat: EntityId,
}

/// Second mediator, recorder, interpreter.
pub(super) const SECOND: &str = "second-mediator";
pub(super) const RECORDER: &str = "recorder";
pub(super) const INTERPRETER: &str = "case-interpreter";
/// Who serves one dispute beside the mediator at most, with those who did.
const SERVING: u32 = 60;

/// A dispute with everybody in it.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) id: EntityId,
    pub(super) state: String,
    pub(super) mediator: Option<EntityId>,
    pub(super) registrar: Option<EntityId>,
    pub(super) terms: Option<EntityId>,
    pub(super) people: Vec<Person>,
    /// Who serves it now.
    pub(super) parts: Vec<Serving>,
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
        let parts = serving(id)?;
        Ok(Case { id, state: state.unwrap_or_default(), mediator, registrar, terms, people, parts })
    }

    /// The part an account has beside the mediator.
    pub(super) fn serving(&self, account: EntityId) -> Option<&Serving> {
        self.parts.iter().find(|p| p.account == Some(account))
    }

    fn is_part(&self, ctx: &Context, part: &str) -> bool {
        self.serving(ctx.actor.id).is_some_and(|p| p.part == part)
    }

    pub(super) fn is_second(&self, ctx: &Context) -> bool {
        self.is_part(ctx, SECOND)
    }

    /// Minutes and agenda: the mediators and the recorder.
    pub(super) fn writes_minutes(&self, ctx: &Context) -> bool {
        self.is_mediator(ctx) || self.is_part(ctx, RECORDER)
    }

    /// # Errors
    /// The actor is not the mediator who leads: a second one sits in sessions and ends nothing by themselves.
    pub(super) fn leading(&self, ctx: &Context) -> Result<(), Refusal> {
        if self.mediator == Some(ctx.actor.id) { Ok(()) } else { Err(Refusal::denied("not-the-mediator")) }
    }

    /// The actor as somebody who takes part and has not left.
    pub(super) fn person(&self, ctx: &Context) -> Option<&Person> {
        self.people.iter().find(|p| !p.left && p.account == Some(ctx.actor.id))
    }

    /// The mediator, or the second one.
    pub(super) fn is_mediator(&self, ctx: &Context) -> bool {
        self.mediator == Some(ctx.actor.id) || self.is_second(ctx)
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

    /// The same for talk, where an interpreter says what others said, and for minutes, which the recorder writes.
    pub(super) fn speaks_as(&self, ctx: &Context) -> Result<String, Refusal> {
        match self.serving(ctx.actor.id) {
            Some(serving) if serving.part != SECOND => Ok(serving.part.clone()),
            _ => self.voice(ctx),
        }
    }

    /// Parties who must agree.
    pub(super) fn deciders(&self) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(|p| p.decides())
    }

    /// Sides with a party that is still there.
    pub(super) fn sides(&self) -> Vec<&str> {
        SIDES.into_iter().filter(|side| self.deciders().any(|p| p.side == *side)).collect()
    }

    /// Everybody who is in joint talk.
    pub(super) fn members(&self) -> Members {
        let accounts = self.people.iter().filter(|p| !p.left).filter_map(|p| p.account);
        Members::of(accounts.chain(self.mediator).chain(self.parts.iter().filter_map(|p| p.account)))
    }

    /// Everybody who is in the caucus of a side: the side, the mediators, and interpreters whom the side asked in. A recorder writes down
    /// what is said before everybody and is in no caucus.
    pub(super) fn caucus(&self, side: &str, asked_in: &str) -> Members {
        let asked = |account: EntityId| asked_in.split(' ').any(|one| one == account.to_string());
        let own = self.people.iter().filter(|p| !p.left && p.side == side);
        let own = own.filter_map(|p| p.account.filter(|a| p.part != "interpreter" || asked(*a)));
        let served = self.parts.iter().filter_map(|p| match p.part.as_str() {
            SECOND => p.account,
            INTERPRETER => p.account.filter(|a| asked(*a)),
            _ => None,
        });
        Members::of(own.chain(self.mediator).chain(served))
    }

    /// The room of joint talk is the dispute itself. Puts who is in it as of now.
    pub(super) fn fill_room(&self, changes: &mut Changes) {
        let members = self.members();
        if members.ids().is_empty() {
            changes.clear(self.id, RoomKept::MEMBERS);
        } else {
            changes.set(self.id, RoomKept::MEMBERS, members);
        }
        changes.set(self.id, RoomKept::OF, self.id);
    }

    /// Everybody in every room there is, as of now. Before the first mediator there is none; without one, those there are stay.
    pub(super) fn fill_rooms(&self, changes: &mut Changes) -> Result<(), Refusal> {
        if self.mediator.is_some() || get(self.id, RoomKept::OF)?.is_some() {
            self.fill_room(changes);
            self.fill_caucuses(changes)?;
        }
        Ok(())
    }

    /// Who is in each caucus that was opened, as of now.
    pub(super) fn fill_caucuses(&self, changes: &mut Changes) -> Result<(), Refusal> {
        for (room, side) in caucuses(self.id)? {
            let members = self.caucus(&side, &get(room, RoomKept::ASKED_IN)?.unwrap_or_default());
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

/// Who serves a dispute now beside its mediator.
fn serving(dispute: EntityId) -> Result<Vec<Serving>, Refusal> {
    let rows = Query::kind("case-part")
        .fields(&[&CasePart::PART, &CasePart::ACCOUNT, &CasePart::SEAT, &CasePart::ENDED])
        .filter(CasePart::OF.is(dispute))
        .after(EntityId::default())
        .limit(SERVING)
        .run()?;
    let (part, account) = (rows.column(CasePart::PART)?, rows.column(CasePart::ACCOUNT)?);
    let (seat, ended) = (rows.column(CasePart::SEAT)?, rows.column(CasePart::ENDED)?);
    let one = |(row, id): (usize, EntityId)| Serving {
        id,
        part: part.get(row).unwrap_or_default().to_owned(),
        account: account.get(row),
        seat: seat.get(row).unwrap_or_default(),
    };
    Ok(rows.ids().enumerate().filter(|(row, _)| ended.get(*row).is_none()).map(one).collect())
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
