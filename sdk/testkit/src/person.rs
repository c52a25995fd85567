//! Somebody who does things: through the real gate, with a real account.

use crate::refused::Refused;
use crate::{Done, Shown, TestCity, TestError};
use changzhi_gate::{Ask, GateRefusal, Session};
use changzhi_model::{EntityId, body};
use changzhi_pipeline::{Outcome, ViewCall, ViewError};
use serde_json::Value as Json;
use std::sync::Arc;

/// A signed-in account. Commands, views and jobs are named `plugin/name`; bodies are JSON as an API client sends them.
#[derive(Clone)]
pub struct Person<'c> {
    city: &'c TestCity,
    login: String,
    cookie: String,
    id: EntityId,
    purpose: Option<String>,
    key: Option<String>,
    /// By the PIN of a matter, without an account.
    visits: bool,
}

/// What became of a command.
#[derive(Clone, PartialEq, Debug)]
pub enum Reply {
    Done(Done),
    Refused(Refused),
    /// Not now: the plugin rests after faults, or the journal is full.
    Unavailable(String),
    /// The plugin broke its contract or a limit.
    Failed(String),
}

impl<'c> Person<'c> {
    pub(crate) fn sign_in(city: &'c TestCity, login: &str, password: &str) -> Result<Person<'c>, TestError> {
        let signed = city.gate().sign_in(login, password, "test").map_err(|e| TestError::Wrong(e.to_string()))?;
        let id = signed.session.account;
        Ok(Person { city, login: login.into(), cookie: signed.cookie, id, purpose: None, key: None, visits: false })
    }

    pub(crate) fn visit(city: &'c TestCity, matter: EntityId, pin: &str) -> Result<Person<'c>, Refused> {
        let claimed =
            city.gate().claim(Some(matter), &matter.to_string(), pin, "test").map_err(|e| Refused::by_gate(&e))?;
        let (login, cookie, id) = (claimed.session.login.to_string(), claimed.cookie, EntityId::NONE);
        Ok(Person { city, login, cookie, id, purpose: None, key: None, visits: true })
    }

    /// The account.
    pub fn id(&self) -> EntityId {
        self.id
    }

    pub(crate) fn city(&self) -> &'c TestCity {
        self.city
    }

    /// The same person, who may state a purpose and does: sealed fields are opened only for one.
    pub fn stating(&self, purpose: &str) -> Result<Person<'c>, TestError> {
        self.city.account(&self.login, &[], &[purpose])?;
        Ok(Person { purpose: Some(purpose.into()), ..self.clone() })
    }

    /// The same visitor, opening what they wrote themselves.
    pub fn for_own_words(&self) -> Person<'c> {
        Person { purpose: Some(changzhi_gate::OWN_MATTER.into()), ..self.clone() }
    }

    /// The same person, whose commands carry this idempotency key: a retry is answered as the first was.
    pub fn under_key(&self, key: &str) -> Person<'c> {
        Person { key: Some(key.into()), ..self.clone() }
    }

    /// Gives a command and tells what became of it.
    ///
    /// # Errors
    /// Only when there is no such command: everything else is a [`Reply`].
    pub fn asks(&self, command: &str, json: &Json) -> Result<Reply, TestError> {
        let (plugin, name) = split(command)?;
        self.city
            .city()
            .manifest(plugin)
            .filter(|m| m.command(name).is_some())
            .ok_or_else(|| TestError::Unknown(command.into()))?;
        let checked = match self.city.gate().check(&*self.session()?, &self.ask(plugin, name), json) {
            Ok(checked) => checked,
            Err(GateRefusal::Unavailable(why)) => return Ok(Reply::Unavailable(why)),
            Err(refusal) => return Ok(Reply::Refused(Refused::by_gate(&refusal))),
        };
        Ok(match self.city.city().submit(checked.submission).wait() {
            Outcome::Done { seq, mut answer, changed, replayed } => {
                // What only the asker is told, such as the PIN of a report.
                answer.extend(checked.private);
                let facts = if changed { self.city.transaction(seq)?.facts } else { Vec::new() };
                Reply::Done(Done { seq, replayed, answer, facts })
            }
            Outcome::Refused(refusal) => Reply::Refused(Refused::by_plugin(&refusal)),
            Outcome::Unavailable { reason, .. } => Reply::Unavailable(reason),
            Outcome::Failed(why) => Reply::Failed(why),
            Outcome::Outdated(_) => Reply::Failed("what it is about has changed".into()),
        })
    }

    /// Gives a command that must be done.
    pub fn does(&self, command: &str, json: &Json) -> Result<Done, TestError> {
        match self.asks(command, json)? {
            Reply::Done(done) => Ok(done),
            Reply::Refused(refused) => Err(TestError::Refused { asked: command.into(), refused }),
            Reply::Unavailable(why) | Reply::Failed(why) => Err(TestError::Failed { asked: command.into(), why }),
        }
    }

    /// Gives a command that must be refused, by the gate, the plugin or the host's checks.
    pub fn refused(&self, command: &str, json: &Json) -> Result<Refused, TestError> {
        match self.asks(command, json)? {
            Reply::Refused(refused) => Ok(refused),
            Reply::Done(done) => Err(TestError::Wrong(format!("{command} was done: {:?}", done.changes()))),
            Reply::Unavailable(why) | Reply::Failed(why) => Err(TestError::Failed { asked: command.into(), why }),
        }
    }

    /// Renders a view.
    pub fn sees(&self, view: &str, params: &Json) -> Result<Shown, TestError> {
        let (plugin, name) = split(view)?;
        let refused = |refused| TestError::Refused { asked: view.into(), refused };
        let look = self
            .city
            .gate()
            .look(&*self.session()?, &self.ask(plugin, name), |fields| body::parse(fields, params))
            .map_err(|e| refused(Refused::by_gate(&e)))?;
        let call = ViewCall {
            plugin: look.plugin,
            view: look.view,
            params: look.params,
            actor: look.actor,
            purpose: look.purpose,
            locale: look.locale,
        };
        match self.city.city().view(&call) {
            Ok((page, revision)) => Ok(Shown { page, revision }),
            Err(ViewError::Refused(refusal)) => Err(refused(Refused::by_plugin(&refusal))),
            Err(ViewError::Unavailable { reason: why, .. } | ViewError::Failed(why)) => {
                Err(TestError::Failed { asked: view.into(), why })
            }
        }
    }

    pub(crate) fn host(&self) -> &'c TestCity {
        self.city
    }

    pub(crate) fn session(&self) -> Result<Arc<Session>, TestError> {
        let gate = self.city.gate();
        let session = if self.visits { gate.by_claim(&self.cookie) } else { gate.by_cookie(&self.cookie) };
        session.ok_or_else(|| TestError::Wrong(format!("{} is not signed in any more", self.login)))
    }

    pub(crate) fn ask<'a>(&'a self, plugin: &'a str, command: &'a str) -> Ask<'a> {
        let (purpose, key) = (self.purpose.as_deref(), self.key.as_deref());
        Ask { plugin, command, purpose, place: None, key, locale: "en" }
    }
}

pub(crate) fn split(name: &str) -> Result<(&str, &str), TestError> {
    name.split_once('/').ok_or_else(|| TestError::Unknown(name.into()))
}
