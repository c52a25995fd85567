//! What one transaction adds.

use crate::ring::Ring;
use crate::{KEPT, MATTERS};
use changzhi_model::{EntityId, Fact, Micros, Name, RequestId, Seq, Stored, Transaction, Value};
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeMap;

/// Something that happened and concerns an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct News {
    /// The transaction that says what.
    pub seq: Seq,
    pub at: Micros,
    pub about: About,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum About {
    /// Somebody else did something to a matter the account filed, follows or handled.
    Matter(EntityId),
    /// A job the account started has ended.
    Job(RequestId),
    /// A role was lent to or by the account, or the loan was ended.
    Delegation(EntityId),
    /// A role or purpose was granted to the account or taken away.
    Grant(EntityId),
}

/// A source of data: the value of an open field called `source`, of the plugin that put it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    pub plugin: Name,
    pub name: Name,
    pub seq: Seq,
    pub at: Micros,
}

/// A plugin version that came in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Switch {
    pub seq: Seq,
    pub at: Micros,
    /// Nobody: the host itself, at start or on a roll-back.
    pub by: EntityId,
    pub plugin: Name,
    pub version: Name,
    pub digest: [u8; 32],
}

/// Sources kept; a field that says something else each time is no source.
const SOURCES: usize = 200;
const SWITCHES: usize = 100;

/// Why an account is told of a matter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Acted,
    Follows,
}

#[derive(Default)]
pub(crate) struct Fold {
    pub(crate) upto: Seq,
    pub(crate) at: Micros,
    /// Kinds that have a flow: these are matters.
    matters: HashSet<Name>,
    deeds: HashMap<EntityId, Ring<Seq>>,
    looks: HashMap<EntityId, Ring<Seq>>,
    filed: HashMap<EntityId, Ring<EntityId>>,
    handled: HashMap<EntityId, Ring<EntityId>>,
    news: HashMap<EntityId, Ring<News>>,
    people: BTreeMap<EntityId, Vec<(EntityId, Part)>>,
    follows: HashMap<EntityId, (EntityId, EntityId)>,
    /// Delegations and grants with the accounts they concern.
    rights: HashMap<EntityId, [EntityId; 2]>,
    jobs: HashMap<RequestId, EntityId>,
    sources: BTreeMap<(Name, Name), (Seq, Micros)>,
    switches: Vec<Switch>,
}

impl Fold {
    pub(crate) fn apply(&mut self, seq: Seq, tx: &Transaction) {
        if seq <= self.upto {
            return;
        }
        (self.upto, self.at) = (seq, tx.at);
        if !tx.actor.is_none() {
            self.deeds.entry(tx.actor).or_default().push(seq, KEPT);
        }
        let mut touched: Vec<EntityId> = Vec::new();
        for fact in &tx.facts {
            // Done in somebody's name: it stands among what both did, and is no news of a matter.
            if let Fact::Noted { entity: giver, kind, .. } = fact
                && kind == "acted-for"
            {
                self.deeds.entry(*giver).or_default().push(seq, KEPT);
                continue;
            }
            if let Some(matter) = self.fact(seq, tx, fact)
                && !touched.contains(&matter)
            {
                touched.push(matter);
            }
        }
        for matter in touched {
            self.tell(seq, tx, matter);
        }
    }

    /// Takes one fact in; returns the matter it is about, if it is about one.
    fn fact(&mut self, seq: Seq, tx: &Transaction, fact: &Fact) -> Option<EntityId> {
        match fact {
            Fact::Declared { kinds, .. } => {
                self.matters.extend(kinds.iter().filter(|k| k.flow.is_some()).map(|k| k.name.clone()));
            }
            Fact::Created { id, kind, .. } if self.matters.contains(kind) => {
                if !tx.actor.is_none() {
                    self.filed.entry(tx.actor).or_default().push(*id, KEPT);
                    self.join(*id, tx.actor, Part::Acted);
                }
                return Some(*id);
            }
            Fact::Put { entity, facet, fields } => {
                if facet.starts_with("host.") {
                    self.of_the_host(seq, tx, *entity, facet, fields);
                    return None;
                }
                if let Some((_, Stored::Open(Value::Text(source)))) = fields.iter().find(|(name, _)| name == "source") {
                    let key = (tx.plugin.clone(), Name::from(source.as_str()));
                    if self.sources.len() < SOURCES || self.sources.contains_key(&key) {
                        self.sources.insert(key, (seq, tx.at));
                    }
                }
                return Some(*entity);
            }
            Fact::Advanced { entity, .. } => {
                if !tx.actor.is_none() {
                    self.handled.entry(tx.actor).or_default().renew(*entity, KEPT);
                    self.join(*entity, tx.actor, Part::Acted);
                }
                return Some(*entity);
            }
            Fact::Noted { entity, .. } | Fact::Moved { entity, .. } | Fact::Recategorised { entity, .. } => {
                return Some(*entity);
            }
            Fact::Looked { entity, .. } => self.looks.entry(*entity).or_default().renew(seq, KEPT),
            Fact::JobStarted { job, actor, .. } => {
                self.jobs.insert(*job, actor.id);
            }
            Fact::Stepped { job, ended: Some(_), .. } => {
                if let Some(who) = self.jobs.remove(job) {
                    self.say(who, seq, tx.at, About::Job(*job));
                }
            }
            Fact::PluginSwitched { plugin, version, digest } => {
                if self.switches.len() >= SWITCHES {
                    self.switches.remove(0);
                }
                let (plugin, version, digest) = (plugin.clone(), version.clone(), *digest);
                self.switches.push(Switch { seq, at: tx.at, by: tx.actor, plugin, version, digest });
            }
            _ => {}
        }
        None
    }

    fn of_the_host(&mut self, seq: Seq, tx: &Transaction, id: EntityId, facet: &str, fields: &[(Name, Stored)]) {
        let open = |field: &str| match fields.iter().find(|(name, _)| name == field) {
            Some((_, Stored::Open(value))) => value.clone(),
            _ => Value::None,
        };
        let entity = |field: &str| open(field).as_entity();
        match facet {
            "host.follow" => {
                if let (Some(matter), Some(account)) = (entity("matter"), entity("account")) {
                    self.follows.insert(id, (matter, account));
                    self.join(matter, account, Part::Follows);
                    if account != tx.actor {
                        self.say(account, seq, tx.at, About::Matter(matter));
                    }
                }
                if open("ended") == Value::Flag(true)
                    && let Some((matter, account)) = self.follows.remove(&id)
                    && let Some(people) = self.people.get_mut(&matter)
                {
                    people.retain(|p| *p != (account, Part::Follows));
                }
            }
            "host.delegation" | "host.grant" => {
                if let Some(account) = entity("account") {
                    self.rights.insert(id, [account, entity("delegate").unwrap_or_default()]);
                }
                let about = if facet == "host.grant" { About::Grant(id) } else { About::Delegation(id) };
                for who in self.rights.get(&id).copied().unwrap_or_default() {
                    if !who.is_none() && who != tx.actor {
                        self.say(who, seq, tx.at, about);
                    }
                }
            }
            _ => {}
        }
    }

    fn join(&mut self, matter: EntityId, account: EntityId, part: Part) {
        if self.people.len() >= MATTERS && !self.people.contains_key(&matter) {
            self.people.pop_first();
        }
        let people = self.people.entry(matter).or_default();
        if !people.contains(&(account, part)) {
            people.push((account, part));
        }
    }

    /// Everybody the matter concerns but the one who did it.
    fn tell(&mut self, seq: Seq, tx: &Transaction, matter: EntityId) {
        let Some(people) = self.people.get(&matter) else { return };
        let mut told: Vec<EntityId> = Vec::new();
        for (account, _) in people {
            if *account != tx.actor && !told.contains(account) {
                told.push(*account);
            }
        }
        for account in told {
            self.say(account, seq, tx.at, About::Matter(matter));
        }
    }

    fn say(&mut self, account: EntityId, seq: Seq, at: Micros, about: About) {
        if !account.is_none() {
            self.news.entry(account).or_default().renew(News { seq, at, about }, KEPT);
        }
    }

    pub(crate) fn deeds(&self, account: EntityId) -> Vec<Seq> {
        self.deeds.get(&account).map(Ring::newest_first).unwrap_or_default()
    }

    pub(crate) fn looks(&self, record: EntityId) -> Vec<Seq> {
        self.looks.get(&record).map(Ring::newest_first).unwrap_or_default()
    }

    pub(crate) fn filed(&self, account: EntityId) -> Vec<EntityId> {
        self.filed.get(&account).map(Ring::newest_first).unwrap_or_default()
    }

    pub(crate) fn handled(&self, account: EntityId) -> Vec<EntityId> {
        self.handled.get(&account).map(Ring::newest_first).unwrap_or_default()
    }

    pub(crate) fn news(&self, account: EntityId) -> Vec<News> {
        self.news.get(&account).map(Ring::newest_first).unwrap_or_default()
    }

    pub(crate) fn sources(&self) -> Vec<Source> {
        let one = |((plugin, name), (seq, at)): (&(Name, Name), &(Seq, Micros))| Source {
            plugin: plugin.clone(),
            name: name.clone(),
            seq: *seq,
            at: *at,
        };
        self.sources.iter().map(one).collect()
    }

    pub(crate) fn switches(&self) -> Vec<Switch> {
        self.switches.iter().rev().cloned().collect()
    }
}
