//! The rules in force, by flow and version.

use crate::calendar::{Calendar, CalendarError};
use crate::engine::Engine;
use crate::flows::Flows;
use crate::rules::{Rules, RulesShape};
use crate::validate::{RuleFault, RulesError, engine};
use changzhi_model::Name;
use hashbrown::HashMap;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why a deployment's calendars or rules are not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DeployError {
    #[error("{0}")]
    Calendar(#[from] CalendarError),
    #[error("{0}")]
    Shape(#[from] RulesShape),
    #[error("{0}")]
    Rules(#[from] RulesError),
}

/// Texts a deployment brings, read but not yet held against the flows they are for.
#[derive(Clone, Debug, Default)]
pub struct Deployed {
    calendars: HashMap<String, (Arc<Calendar>, Arc<str>)>,
    rules: HashMap<(Name, u32), (Rules, Arc<str>)>,
}

impl Deployed {
    /// What this project ships: the calendar of China and the rules of a matter, of a dispute, of an alarm, of a
    /// task, of a handover, of cameras opened at once, of a major event and of its posts.
    ///
    /// # Errors
    /// None: a test reads them.
    pub fn builtin() -> Result<Deployed, DeployError> {
        let mut deployed = Deployed::default();
        deployed.calendar(include_str!("../../../data/calendars/cn.toml"))?;
        deployed.rules(include_str!("../../../data/flows/matter.toml"))?;
        deployed.rules(include_str!("../../../data/flows/dispute.toml"))?;
        deployed.rules(include_str!("../../../data/flows/matter-3.toml"))?;
        deployed.rules(include_str!("../../../data/flows/alarm.toml"))?;
        deployed.rules(include_str!("../../../data/flows/lesson.toml"))?;
        deployed.rules(include_str!("../../../data/flows/task.toml"))?;
        deployed.rules(include_str!("../../../data/flows/handover.toml"))?;
        deployed.rules(include_str!("../../../data/flows/break-glass.toml"))?;
        deployed.rules(include_str!("../../../data/flows/major.toml"))?;
        deployed.rules(include_str!("../../../data/flows/major-watch.toml"))?;
        Ok(deployed)
    }

    /// Takes a calendar in; one of the same name takes the place of the one before.
    pub fn calendar(&mut self, text: &str) -> Result<(), DeployError> {
        let calendar = Calendar::parse(text)?;
        self.calendars.insert(calendar.name.clone(), (Arc::new(calendar), text.into()));
        Ok(())
    }

    /// Name and text of every calendar, as it was read, by name.
    pub fn calendars(&self) -> Vec<(&str, &str)> {
        let mut all: Vec<_> = self.calendars.iter().map(|(name, (_, text))| (name.as_str(), &**text)).collect();
        all.sort_unstable();
        all
    }

    /// Takes rules in; those of the same flow and version take the place of those before.
    pub fn rules(&mut self, text: &str) -> Result<(), DeployError> {
        let rules = Rules::parse(text)?;
        self.rules.insert((rules.flow.clone(), rules.version), (rules, text.into()));
        Ok(())
    }

    /// Edition and text of the rules of one version, as they were read.
    pub fn text(&self, flow: &str, version: u32) -> Option<(u32, &str)> {
        self.rules.get(&(flow.into(), version)).map(|(rules, text)| (rules.edition, &**text))
    }

    /// The engine of an edition that was in force before, from its kept text.
    ///
    /// # Errors
    /// It does not read, or does not fit its flow any more.
    pub fn kept(&self, flows: &Flows, text: &str) -> Result<Engine, DeployError> {
        let mut before = Deployed { calendars: self.calendars.clone(), rules: HashMap::new() };
        let rules = Rules::parse(text)?;
        let (flow, version) = (rules.flow.clone(), rules.version);
        before.rules(text)?;
        let made = before.engine(flows, &flow, version)?;
        made.ok_or_else(|| RulesError { flow, version, faults: Vec::new() }.into())
    }

    /// The engine of one version of a flow; `None` when it has no rules.
    ///
    /// # Errors
    /// Every fault of the rules.
    pub fn engine(&self, flows: &Flows, flow: &str, version: u32) -> Result<Option<Engine>, RulesError> {
        let Some((rules, _)) = self.rules.get(&(flow.into(), version)) else { return Ok(None) };
        let Some(decl) = flows.version(flow, version) else {
            let faults = vec![RuleFault::NoFlow { flow: flow.into(), version }];
            return Err(RulesError { flow: flow.into(), version, faults });
        };
        let calendar = self.calendars.get(rules.calendar.as_str()).map(|(calendar, _)| Arc::clone(calendar));
        engine(rules.clone(), decl, calendar).map(Some)
    }
}

/// Tells one text of rules from another.
pub fn digest(text: &str) -> [u8; 32] {
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(Sha256::digest(text.as_bytes())) {
        *to = from;
    }
    out
}

/// Every engine in force.
#[derive(Clone, Debug, Default)]
pub struct Engines(HashMap<(Name, u32), BTreeMap<u32, Arc<Engine>>>);

impl Engines {
    pub fn put(&mut self, engine: Engine) {
        let rules = engine.rules();
        let (key, edition) = ((rules.flow.clone(), rules.version), rules.edition);
        self.0.entry(key).or_default().insert(edition, Arc::new(engine));
    }

    /// What a matter that began under this edition goes on under.
    pub fn at(&self, flow: &str, version: u32, edition: u32) -> Option<&Arc<Engine>> {
        self.0.get(&(flow.into(), version))?.get(&edition)
    }

    /// What a matter begins under.
    pub fn newest(&self, flow: &str, version: u32) -> Option<&Arc<Engine>> {
        self.0.get(&(flow.into(), version))?.last_key_value().map(|(_, e)| e)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
