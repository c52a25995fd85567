//! One request: may they, is the body valid, for what purpose.

use super::Gate;
use crate::{GateRefusal, HOST, Records, Session, Submission, scope};
use changzhi_model::{Actor, EntityId, FieldDecl, Name, Named, Problem, RequestId, Value, body};

/// What somebody asks to be done.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    pub plugin: &'a str,
    pub command: &'a str,
    /// The purpose stated, if any.
    pub purpose: Option<&'a str>,
    pub place: Option<EntityId>,
    /// `Idempotency-Key`: the same key of the same account is the same request for ever.
    pub key: Option<&'a str>,
    pub locale: &'a str,
}

/// A command that may go on, and what only its asker is told.
#[derive(Debug)]
pub struct Checked {
    pub submission: Submission,
    /// Added to the answer, never journaled: a new token's secret. A replay cannot give it again.
    pub private: Vec<Named>,
}

/// A view that may be rendered.
#[derive(Clone, Debug)]
pub struct Look {
    pub plugin: Name,
    pub view: Name,
    pub params: Vec<Value>,
    pub actor: Actor,
    pub purpose: Name,
    pub locale: Name,
}

/// What a command or a job is declared with, as far as the gate decides by it.
pub(super) struct Door<'a> {
    pub(super) name: &'a Name,
    pub(super) roles: &'a [Name],
    pub(super) fields: &'a [FieldDecl],
    pub(super) purpose: bool,
}

impl Gate {
    /// Decides about one command. For `host` commands it may hash a password: call it where blocking is allowed
    /// ([`Gate::may_block`]).
    ///
    /// # Errors
    /// The first of: too fast ([`crate::Rate`]), unknown command, role, body (all problems), purpose, place and division, key.
    pub fn check(&self, session: &Session, ask: &Ask<'_>, json: &serde_json::Value) -> Result<Checked, GateRefusal> {
        self.check_with(session, ask, |fields| body::parse(fields, json))
    }

    /// The same, with the body read by `read` (a form).
    pub fn check_with(
        &self,
        session: &Session,
        ask: &Ask<'_>,
        read: impl FnOnce(&[FieldDecl]) -> Result<Vec<Value>, Vec<Problem>>,
    ) -> Result<Checked, GateRefusal> {
        self.rates.admit(session, self.options.rate, self.clock.now())?;
        let missing = || GateRefusal::NotFound(format!("command {}/{}", cut(ask.plugin), cut(ask.command)));
        let manifest = self.backend.manifest(ask.plugin).ok_or_else(missing)?;
        let decl = manifest.command(ask.command).ok_or_else(missing)?;
        let door = Door { name: &decl.name, roles: &decl.roles, fields: &decl.fields, purpose: decl.purpose };
        let submission = self.submission(session, ask, &manifest.id, &door, read)?;
        let mut checked = Checked { submission, private: Vec::new() };
        if manifest.id == HOST {
            self.prepare_host(session, &mut checked)?;
        } else {
            self.prepare_claim(&decl.fields, &mut checked)?;
            self.prepare_word(&decl.fields, &mut checked.submission)?;
        }
        Ok(checked)
    }

    /// The rules for whatever writes: role, body, purpose, place and division, key.
    pub(super) fn submission(
        &self,
        session: &Session,
        ask: &Ask<'_>,
        plugin: &Name,
        door: &Door<'_>,
        read: impl FnOnce(&[FieldDecl]) -> Result<Vec<Value>, Vec<Problem>>,
    ) -> Result<Submission, GateRefusal> {
        if !session.may_come_to(door.roles) {
            return Err(GateRefusal::Role { needed: door.roles.to_vec() });
        }
        let body = read(door.fields).map_err(GateRefusal::Invalid)?;
        let proven = self.proven(session, plugin, door.roles, &body)?;
        let session = proven.as_ref().unwrap_or(session);
        let purpose = stated(session, ask.purpose, door.purpose)?;
        let (actor, place) = self.at_the_world(|r| match self.options.sets.reach(r, plugin) {
            None => scope::command_actor(r, session, door.roles, ask.place, &body),
            Some(reach) => {
                let narrowed = reach.admit(r, session, door.roles, ask.place, &body)?;
                scope::command_actor(r, &narrowed, door.roles, ask.place, &body)
            }
        })?;
        let acting_for = self.giver(session, door.roles, place, &body);
        Ok(Submission {
            plugin: plugin.clone(),
            command: door.name.clone(),
            body,
            actor,
            purpose,
            place,
            request: request(session, ask.key)?,
            locale: ask.locale.into(),
            expected: None,
            acting_for,
        })
    }

    /// Who lent the role a command is given by, when the session's own roles would not have done.
    fn giver(&self, session: &Session, roles: &[Name], place: Option<EntityId>, body: &[Value]) -> Option<EntityId> {
        if session.lent.is_empty() || roles.is_empty() {
            return None;
        }
        let found = self.read(|r| {
            let own = Session::own(r, session.account)?;
            if scope::command_actor(r, &own, roles, place, body).is_ok() {
                return None;
            }
            let there = |d: EntityId| place.is_some_and(|p| scope::lies_within(r, p, &[d]));
            let by = |l: &&crate::Lent| roles.contains(&l.held.role) && l.held.division.is_none_or(there);
            session.lent.iter().find(by).map(|l| l.giver)
        });
        found.flatten()
    }

    /// Counts something that writes and is no command (a file sent) like one.
    ///
    /// # Errors
    /// [`GateRefusal::Rate`].
    pub fn admit(&self, session: &Session) -> Result<(), GateRefusal> {
        self.rates.admit(session, self.options.rate, self.clock.now())
    }

    fn at_the_world<T>(&self, look: impl FnOnce(&dyn Records) -> Result<T, GateRefusal>) -> Result<T, GateRefusal> {
        self.read(look).unwrap_or_else(|| Err(GateRefusal::Unavailable("the world cannot be read".into())))
    }

    /// True where the session stands in one of these roles within the divisions the plugin answers in: only then are its pages
    /// and jobs listed. An empty list of roles asks for none.
    pub fn is_served(&self, session: &Session, plugin: &Name, roles: &[Name]) -> bool {
        session.holds_any(roles)
            && self
                .at_the_world(|r| match self.options.sets.reach(r, plugin) {
                    None => Ok(()),
                    Some(reach) => reach.admit(r, session, roles, None, &[]).map(|_| ()),
                })
                .is_ok()
    }

    /// True where the session stands in one of these roles at the place of an entity, in a plugin that answers there: its
    /// pages may be shown as leading to it. What lies nowhere is for roles of the whole city.
    pub fn reaches(&self, session: &Session, plugin: &Name, roles: &[Name], entity: EntityId) -> bool {
        self.at_the_world(|r| {
            let held = |s: &Session| {
                s.held
                    .iter()
                    .filter(|h| roles.is_empty() || roles.contains(&h.role))
                    .any(|h| h.division.is_none_or(|d| scope::lies_within(r, entity, &[d])))
            };
            Ok(match self.options.sets.reach(r, plugin) {
                None => held(session),
                Some(reach) => held(&reach.narrow(r, session)),
            })
        })
        .unwrap_or(false)
    }

    /// True when any role of the session's holds at the place of an entity.
    pub fn stands_in(&self, session: &Session, entity: EntityId) -> bool {
        self.at_the_world(|r| {
            Ok(session.held.iter().any(|h| h.division.is_none_or(|d| scope::lies_within(r, entity, &[d]))))
        })
        .unwrap_or(false)
    }

    /// True when the session may work in a division: it is one, and a role holds in all of it.
    pub fn works_in(&self, session: &Session, division: EntityId) -> bool {
        self.at_the_world(|r| {
            let is_division = r.core(division).is_some_and(|c| c.kind == "division");
            let holds = |h: &crate::Held| h.division.is_none_or(|d| scope::lies_within(r, division, &[d]));
            Ok(is_division && session.held.iter().any(holds))
        })
        .unwrap_or(false)
    }

    /// True when [`Gate::check`] may take long enough to need a thread of its own.
    pub fn may_block(plugin: &str) -> bool {
        HOST == plugin
    }

    /// Decides about one view.
    ///
    /// # Errors
    /// As [`Gate::check`], but looking is not slowed.
    pub fn look(
        &self,
        session: &Session,
        ask: &Ask<'_>,
        read: impl FnOnce(&[FieldDecl]) -> Result<Vec<Value>, Vec<Problem>>,
    ) -> Result<Look, GateRefusal> {
        let missing = || GateRefusal::NotFound(format!("view {}/{}", cut(ask.plugin), cut(ask.command)));
        let manifest = self.backend.manifest(ask.plugin).ok_or_else(missing)?;
        let decl = manifest.view(ask.command).ok_or_else(missing)?;
        if !session.may_come_to(&decl.roles) {
            return Err(GateRefusal::Role { needed: decl.roles.clone() });
        }
        let params = read(&decl.params).map_err(GateRefusal::Invalid)?;
        let proven = self.proven(session, &manifest.id, &decl.roles, &params)?;
        let session = proven.as_ref().unwrap_or(session);
        let purpose = stated(session, ask.purpose, decl.purpose)?;
        let actor = self.at_the_world(|r| match self.options.sets.reach(r, &manifest.id) {
            None => scope::view_actor(r, session, &decl.roles, &params),
            Some(reach) => {
                let narrowed = reach.admit(r, session, &decl.roles, None, &params)?;
                scope::view_actor(r, &narrowed, &decl.roles, &params)
            }
        })?;
        let (plugin, view) = (manifest.id.clone(), decl.name.clone());
        Ok(Look { plugin, view, params, actor, purpose, locale: ask.locale.into() })
    }
}

fn stated(session: &Session, purpose: Option<&str>, needed: bool) -> Result<Name, GateRefusal> {
    match purpose.filter(|p| !p.is_empty()) {
        Some(purpose) if session.purposes.iter().any(|p| p == purpose) => Ok(purpose.into()),
        Some(purpose) => Err(GateRefusal::Purpose(cut(purpose).into())),
        None if needed => Err(GateRefusal::PurposeNeeded(session.purposes.clone())),
        None => Ok(Name::default()),
    }
}

pub(super) fn request(session: &Session, key: Option<&str>) -> Result<RequestId, GateRefusal> {
    match key {
        None => Ok(RequestId::keyless(rand::random())),
        Some(key) if (1..=200).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) => {
            Ok(match session.about {
                None => RequestId::from_key(session.account, key),
                // They share no account: a key of one matter's reporter means nothing at another's.
                Some(matter) => RequestId::from_key(session.account, &format!("reporter of {matter} {key}")),
            })
        }
        Some(_) => Err(GateRefusal::Key),
    }
}

/// What a stranger sent is repeated only in part.
pub(super) fn cut(s: &str) -> String {
    s.chars().take(64).collect()
}
