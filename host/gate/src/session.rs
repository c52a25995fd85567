//! Who somebody is, as the journal has it.

use crate::{Records, identity_revision};
use changzhi_model::{EntityId, Micros, Name, Seq, Value};
use serde::Serialize;

/// A role and where it holds; `None` is the whole city.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Held {
    pub role: Name,
    pub division: Option<EntityId>,
}

/// An account that proved itself, by password or by token, with what it may at [`Session::revision`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    pub account: EntityId,
    pub login: Name,
    pub held: Vec<Held>,
    /// Purposes the account may state.
    pub purposes: Vec<Name>,
    /// The token it came by; `None` for a password.
    pub token: Option<EntityId>,
    /// When the token ends by itself.
    pub(crate) expires: Option<Micros>,
    pub(crate) revision: Seq,
}

impl Session {
    /// Distinct role names, wherever they hold.
    pub fn roles(&self) -> Vec<Name> {
        distinct(self.held.iter().map(|h| h.role.clone()))
    }

    /// Distinct divisions; empty when a role holds in the whole city (or there is no role).
    pub fn divisions(&self) -> Vec<EntityId> {
        if self.held.iter().any(|h| h.division.is_none()) {
            return Vec::new();
        }
        distinct(self.held.iter().filter_map(|h| h.division))
    }

    /// Holds the role in the whole city.
    pub fn is_city_wide(&self, role: &str) -> bool {
        self.held.iter().any(|h| h.role == role && h.division.is_none())
    }

    /// Holds any of these roles anywhere; an empty list asks for nothing.
    pub fn holds_any(&self, roles: &[Name]) -> bool {
        roles.is_empty() || self.held.iter().any(|h| roles.contains(&h.role))
    }

    pub(crate) fn of_account(records: &dyn Records, account: EntityId) -> Option<Session> {
        let login = records.value(account, "host.account", "login");
        let (mut held, mut purposes) = (Vec::new(), Vec::new());
        for grant in records.referring("grant", "host.grant", "account", account) {
            let field = |f: &str| records.value(grant, "host.grant", f);
            if field("revoked") == Value::Flag(true) {
                continue;
            }
            if let Value::Text(role) = field("role") {
                held.push(Held { role: role.into(), division: field("division").as_entity() });
            }
            if let Value::Text(purpose) = field("purpose") {
                purposes.push(Name::from(purpose));
            }
        }
        Some(Session {
            account,
            login: login.as_text()?.into(),
            held,
            purposes: distinct(purposes.into_iter()),
            token: None,
            expires: None,
            revision: identity_revision(records),
        })
    }

    /// The account behind a token, with no more than the token's roles. `None`: revoked, or the account is closed.
    pub(crate) fn of_token(records: &dyn Records, token: EntityId) -> Option<Session> {
        let field = |f: &str| records.value(token, "host.token", f);
        if field("revoked") == Value::Flag(true) {
            return None;
        }
        let mut session = Session::of_account(records, field("account").as_entity()?)?;
        if let Value::Text(roles) = field("roles") {
            session.held.retain(|h| roles.split(' ').any(|r| h.role == r));
        }
        session.token = Some(token);
        session.expires = Some(field("expires").as_time()?);
        Some(session)
    }

    /// The same session as the journal has it now.
    pub(crate) fn again(&self, records: &dyn Records) -> Option<Session> {
        match self.token {
            Some(token) => Session::of_token(records, token),
            None => Session::of_account(records, self.account),
        }
    }
}

pub(crate) fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut out = Vec::new();
    for one in all {
        if !out.contains(&one) {
            out.push(one);
        }
    }
    out
}
