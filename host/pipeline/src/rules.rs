//! Rules of flows coming in force: journaled like declarations, every edition for ever.

use crate::city::City;
use crate::install::InstallError;
use crate::registry::Registry;
use changzhi_flow::{DeployError, Engines, Flows, digest};
use changzhi_model::{EntityId, Fact, Manifest, Micros, Name, Stored, Value};
use changzhi_world::Cell;

pub(crate) const RULES: Name = Name::new_static("host.rules");

fn key(flow: &str, version: u32, edition: u32) -> String {
    format!("{flow}/{version}/{edition}")
}

/// A text as it came in force, under a key of its own.
pub(crate) fn entry(id: EntityId, at: Micros, key: &str, digest: &str, text: &str) -> [Fact; 2] {
    let kind = Name::new_static("rules");
    let (category, state) = (Name::default(), Name::default());
    let made = Fact::Created { id, kind, category, state, at, within: None, position: None };
    let fields = [("key", key), ("digest", digest), ("text", text)];
    let fields = fields.into_iter().map(|(n, v)| (Name::new_static(n), Stored::Open(Value::text(v)))).collect();
    [made, Fact::Put { entity: id, facet: RULES, fields }]
}

impl City {
    /// Journals the deployed rules of what a plugin declares, unless they are there. Rules that do not fit keep the plugin out of
    /// force; an edition that was in force never changes.
    pub(crate) fn keep_rules(&self, manifest: &Manifest) -> Result<(), InstallError> {
        if !self.registry().facets.contains_key(&RULES) {
            return Ok(());
        }
        let mut flows = Flows::new();
        for flow in &manifest.flows {
            flows.add(flow.clone())?;
        }
        for flow in &manifest.flows {
            let Some((edition, text)) = self.options.flows.text(&flow.name, flow.version) else { continue };
            self.options.flows.engine(&flows, &flow.name, flow.version).map_err(DeployError::from)?;
            self.keep(&key(&flow.name, flow.version, edition), text)?;
        }
        Ok(())
    }

    fn keep(&self, key: &str, text: &str) -> Result<(), InstallError> {
        let digest = hex::encode(digest(text));
        let _order = self.order.lock();
        let known = self.read(|w| {
            let id = w.find(&RULES, "key", &Value::text(key))?;
            w.cell(id, &RULES, "digest")
        });
        match known {
            Some(Cell::Here(Value::Text(known))) if known == digest => return Ok(()),
            Some(_) => return Err(InstallError::RulesChanged { key: key.to_owned() }),
            None => {}
        }
        let (id, at) = self.read(|w| (w.next_id(), w.last_at()));
        let facts = entry(id, self.clock.now().max(at), key, &digest, text).to_vec();
        self.host_facts_queued("rules", EntityId::NONE, facts, Vec::new()).map(|_| ())
    }

    /// The engines of every flow of a registry: the edition deployed now, and those kept before it.
    pub(crate) fn engines(&self, registry: &Registry) -> Result<Engines, InstallError> {
        let mut engines = Engines::default();
        if !registry.facets.contains_key(&RULES) {
            return Ok(engines);
        }
        let declared = registry.plugins.values().flat_map(|p| &p.manifest.flows);
        for flow in declared {
            let deployed = &self.options.flows;
            let Some((newest, _)) = deployed.text(&flow.name, flow.version) else { continue };
            for edition in 1..newest {
                let key = key(&flow.name, flow.version, edition);
                let Some(id) = self.read(|w| w.find(&RULES, "key", &Value::text(key.as_str()))) else { continue };
                let text = self.secret(id, &RULES, "text").map_err(InstallError::Commit)?;
                if let Some(Value::Text(text)) = text {
                    engines.put(deployed.kept(&registry.flows, &text)?);
                }
            }
            let engine = deployed.engine(&registry.flows, &flow.name, flow.version).map_err(DeployError::from)?;
            if let Some(engine) = engine {
                engines.put(engine);
            }
        }
        Ok(engines)
    }
}
