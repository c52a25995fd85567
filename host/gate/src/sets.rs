//! Which plugins answer in which divisions: a county works with the plugins of its set and no others.
//!
//! Without sets every plugin answers everywhere. With sets, a plugin answers in the divisions of the sets that name it, and in
//! everything that lies within them; a plugin no set names answers nowhere; the host's own domain always does. Roles are narrowed
//! to those divisions before anything else is decided, so a role of the whole city reaches no further through a plugin than its
//! sets do. Price: with sets, one lookup a division and a walk up from the place for each request; without, nothing.

use crate::scope::{is_placed, lies_within};
use crate::session::Held;
use crate::{GateRefusal, HOST, Records, Session};
use changzhi_model::{EntityId, Name, Value};
use std::collections::BTreeMap;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Sets {
    /// Codes of divisions by plugin; `None` without sets.
    codes: Option<BTreeMap<Name, Vec<Name>>>,
}

impl Sets {
    /// Each set is its plugins and the codes of its divisions (`host.place.code`). None at all: no limits.
    pub fn new<'a>(sets: impl IntoIterator<Item = (&'a [String], &'a [String])>) -> Sets {
        let mut codes: Option<BTreeMap<Name, Vec<Name>>> = None;
        for (plugins, divisions) in sets {
            let codes = codes.get_or_insert_default();
            for plugin in plugins {
                codes.entry(plugin.into()).or_default().extend(divisions.iter().map(Name::from));
            }
        }
        Sets { codes }
    }

    /// Where a plugin answers; `None` is everywhere. A code no place has (yet) is nowhere.
    pub(crate) fn reach(&self, records: &dyn Records, plugin: &Name) -> Option<Reach> {
        let codes = self.codes.as_ref().filter(|_| *plugin != HOST)?;
        let codes = codes.get(plugin).cloned().unwrap_or_default();
        let find = |code: &Name| records.find("host.place", "code", &Value::text(code.as_str()));
        let divisions = codes.iter().filter_map(find).collect();
        Some(Reach { plugin: plugin.clone(), codes, divisions })
    }
}

/// The divisions a plugin answers in.
pub(crate) struct Reach {
    plugin: Name,
    codes: Vec<Name>,
    divisions: Vec<EntityId>,
}

impl Reach {
    fn refusal(&self, place: Option<EntityId>) -> GateRefusal {
        GateRefusal::NotServed { plugin: self.plugin.clone(), place, divisions: self.codes.clone() }
    }

    /// The session with its roles where the plugin answers, and nowhere else.
    pub(crate) fn narrow(&self, records: &dyn Records, session: &Session) -> Session {
        let mut held: Vec<Held> = Vec::new();
        let mut hold = |role: &Name, division: EntityId| {
            let one = Held { role: role.clone(), division: Some(division) };
            if !held.contains(&one) {
                held.push(one);
            }
        };
        for h in &session.held {
            match h.division {
                Some(division) if lies_within(records, division, &self.divisions) => hold(&h.role, division),
                of => self
                    .divisions
                    .iter()
                    .filter(|d| of.is_none_or(|of| lies_within(records, **d, &[of])))
                    .for_each(|d| hold(&h.role, *d)),
            }
        }
        Session { held, ..session.clone() }
    }

    /// The narrowed session, when the place and all that is referred to lie where the plugin answers and the session stands
    /// there in one of the `wanted` roles (or it lacks them everywhere: that is told by who asks for them).
    pub(crate) fn admit(
        &self,
        records: &dyn Records,
        session: &Session,
        wanted: &[Name],
        place: Option<EntityId>,
        body: &[Value],
    ) -> Result<Session, GateRefusal> {
        let referred = body.iter().filter_map(Value::as_entity).filter(|e| is_placed(records, *e));
        for place in place.into_iter().chain(referred) {
            if !lies_within(records, place, &self.divisions) {
                return Err(self.refusal(Some(place)));
            }
        }
        let narrowed = self.narrow(records, session);
        let stands = |s: &Session| !s.held.is_empty() && s.holds_any(wanted);
        if stands(session) && !stands(&narrowed) {
            return Err(self.refusal(None));
        }
        Ok(narrowed)
    }
}
