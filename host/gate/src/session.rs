//! Who somebody is, as the journal has it.

use crate::delegation::{Lent, lent_to};
use crate::{Records, identity_revision};
use changzhi_model::{EntityId, Micros, Name, Seq, Value};
use serde::Serialize;

/// The role of whoever proved that a matter is theirs, by its PIN or by having filed it signed in. The gate lends it for that matter
/// and that request; no account can hold it.
pub const REPORTER: Name = Name::new_static("reporter");
/// The purpose a reporter opens their own words for.
pub const OWN_MATTER: Name = Name::new_static("own-matter");

/// Roles nobody is granted: the gate or a clock lends them.
pub(crate) fn is_reserved(role: &str) -> bool {
    REPORTER == role || role == "clock"
}

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
    /// By own grants and by delegation.
    pub held: Vec<Held>,
    /// Those of `held` that somebody lends, with who and until when.
    pub lent: Vec<Lent>,
    /// Purposes the account may state.
    pub purposes: Vec<Name>,
    /// The token it came by; `None` for a password.
    pub token: Option<EntityId>,
    /// The one matter it is about: it came by that matter's PIN, is nobody's account and may nothing else.
    pub about: Option<EntityId>,
    /// When the token ends by itself.
    pub(crate) expires: Option<Micros>,
    /// When a delegation next begins or ends: the session is made anew then.
    pub(crate) turns: Option<Micros>,
    pub(crate) revision: Seq,
}

impl Session {
    /// Nobody in particular, for what is open to everybody: it stands everywhere in the role `public`, which nothing asks for.
    pub fn public() -> Session {
        Session {
            account: EntityId::NONE,
            login: "public".into(),
            held: vec![Held { role: "public".into(), division: None }],
            lent: Vec::new(),
            purposes: Vec::new(),
            token: None,
            about: None,
            expires: None,
            turns: None,
            revision: Seq::ZERO,
        }
    }

    /// Whoever has a matter's PIN: no account, one role, one purpose (their own words), one matter.
    pub(crate) fn reporter(matter: EntityId) -> Session {
        Session {
            login: REPORTER,
            held: vec![Held { role: REPORTER, division: None }],
            purposes: vec![OWN_MATTER],
            about: Some(matter),
            ..Session::public()
        }
    }

    /// The same account, standing as the reporter of a matter of its own.
    pub(crate) fn as_reporter(&self) -> Session {
        let mut session = self.clone();
        session.held.push(Held { role: REPORTER, division: None });
        session.purposes.push(OWN_MATTER);
        session
    }

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

    /// As [`Session::holds_any`], or it might prove to be the reporter of what it is about.
    pub(crate) fn may_come_to(&self, roles: &[Name]) -> bool {
        self.holds_any(roles) || roles.contains(&REPORTER)
    }

    /// The account with what it may by grants of its own; `None` when it is closed. For showing and for deciding what may be
    /// lent; a request is decided by a session the gate made.
    pub fn own(records: &dyn Records, account: EntityId) -> Option<Session> {
        let login = records.value(account, "host.account", "login");
        let (mut held, mut purposes) = (Vec::new(), Vec::new());
        for grant in records.referring("grant", "host.grant", "account", account) {
            let field = |f: &str| records.value(grant, "host.grant", f);
            if field("revoked") == Value::Flag(true) {
                continue;
            }
            if let Value::Text(role) = field("role")
                && !is_reserved(&role)
            {
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
            lent: Vec::new(),
            purposes: distinct(purposes.into_iter()),
            token: None,
            about: None,
            expires: None,
            turns: None,
            revision: identity_revision(records),
        })
    }

    /// The account with what it may at `now`: own grants and what others lend it.
    pub(crate) fn of_account(records: &dyn Records, account: EntityId, now: Micros) -> Option<Session> {
        let mut session = Session::own(records, account)?;
        let (lent, turns) = lent_to(records, account, now.max(records.at()));
        for one in &lent {
            if !session.held.contains(&one.held) {
                session.held.push(one.held.clone());
            }
        }
        (session.lent, session.turns) = (lent, turns);
        Some(session)
    }

    /// Good as it is: nothing was journaled and no delegation began or ended since it was made.
    pub(crate) fn stands(&self, revision: Seq, now: Micros) -> bool {
        self.revision == revision && self.turns.is_none_or(|turn| now < turn)
    }

    /// The account behind a token, with no more than the token's roles and purposes. `None`: revoked, or the account is closed.
    pub(crate) fn of_token(records: &dyn Records, token: EntityId, now: Micros) -> Option<Session> {
        let field = |f: &str| records.value(token, "host.token", f);
        if field("revoked") == Value::Flag(true) {
            return None;
        }
        let mut session = Session::of_account(records, field("account").as_entity()?, now)?;
        if let Value::Text(roles) = field("roles") {
            session.held.retain(|h| roles.split(' ').any(|r| h.role == r));
        }
        if let Value::Text(purposes) = field("purposes") {
            session.purposes.retain(|p| purposes.split(' ').any(|s| p == s));
        }
        session.token = Some(token);
        session.expires = Some(field("expires").as_time()?);
        Some(session)
    }

    /// The same session as the journal has it now.
    pub(crate) fn again(&self, records: &dyn Records, now: Micros) -> Option<Session> {
        match self.token {
            Some(token) => Session::of_token(records, token, now),
            None => Session::of_account(records, self.account, now),
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
