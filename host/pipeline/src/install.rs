//! Putting plugins in force.
//!
//! inspect (describe, charter) → grants approved? → declarations fit the world? → load → journal what it declares and that it is
//! in force → registry. A plugin already running is swapped: the candidate is loaded beside it, its `migrate` steps commit, and
//! its first calls are on probation; any fault there puts the old one back.

use crate::city::City;
use crate::commit::{CommitError, Origin};
use crate::faults::Faults;
use crate::native::{HOST, Native};
use crate::registry::{Installed, Registry, Runner};
use crate::switch::Switch;
use changzhi_model::{Actor, EntityId, Fact, GrantDecl, Manifest, Name, Named, RequestId, Seq, Transaction, Value};
use changzhi_plugins::{BreakerState, Grants, Kept, Limits, LoadError, Plugin, Slot, SlotOptions, SwapError};
use std::sync::Arc;

/// Where the host's own addresses for jobs begin.
const JOBS: &str = "jobs";

/// What an installer agrees to.
#[derive(Clone, Debug, PartialEq)]
pub enum Approve {
    /// Everything the plugin asks for (development, first set-up).
    All,
    /// What is in force stays; more is held back.
    Same,
    /// These.
    Only(Vec<GrantDecl>),
}

/// Why a plugin is not in force. What ran before still runs.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(
        "plugin {plugin} asks for more than was approved: {}. Approve it with its reasons, or keep the version in force",
        list(asked)
    )]
    NewGrants { plugin: Name, asked: Vec<GrantDecl> },
    #[error("plugin {plugin} does not fit this city: {why}")]
    Declaration { plugin: Name, why: String },
    #[error(transparent)]
    Flow(#[from] changzhi_flow::FlowError),
    #[error(transparent)]
    Rules(#[from] changzhi_flow::DeployError),
    #[error(
        "the rules of flow {key} are other than those in force: old matters keep theirs, so raise `edition` in the file of the new ones"
    )]
    RulesChanged { key: String },
    #[error("plugin {plugin} was put back to the version before: {source}")]
    Swap { plugin: Name, source: SwapError },
    #[error("{0}")]
    Commit(String),
    #[error("plugin {plugin} cannot start its lanes: {source}")]
    Lanes { plugin: Name, source: std::io::Error },
    #[error("plugin id {0:?} is the host's own: choose another")]
    Reserved(Name),
}

fn list(grants: &[GrantDecl]) -> String {
    grants.iter().map(|g| format!("{} ({:?}: {})", g.name, g.access, g.reason)).collect::<Vec<_>>().join("; ")
}

/// A plugin in force.
#[derive(Clone, Debug, PartialEq)]
pub struct InForce {
    pub plugin: Name,
    pub version: Name,
    pub digest: [u8; 32],
    /// The version it replaced while running.
    pub replaced: Option<Name>,
}

/// How far an installation is. Compiling is nearly all of it, and is one step to whoever watches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InstallStep {
    Inspecting,
    Compiling,
    Declaring,
    /// The version before lets go, data is brought over, the new one is tried.
    Swapping,
    Journaling,
}

impl InstallStep {
    /// What is done when the step begins, in hundredths of a usual installation.
    pub const fn percent(self) -> u8 {
        match self {
            InstallStep::Inspecting => 0,
            InstallStep::Compiling => 15,
            InstallStep::Declaring => 75,
            InstallStep::Swapping => 80,
            InstallStep::Journaling => 95,
        }
    }
}

impl City {
    /// Installs a component in the host's own name (what lies in the plugin folder at start), or swaps it in when one of its
    /// id runs.
    pub fn install(
        self: &Arc<Self>,
        component: &[u8],
        approve: Approve,
        limits: Limits,
    ) -> Result<InForce, InstallError> {
        self.install_by(component, approve, limits, EntityId::NONE, &|_| {})
    }

    /// Installs or swaps in the name of an account. The journal says who, when, which version and hash, and in the
    /// transaction's answer (`from-version`, `from-digest`) what it took the place of. `begins` is told of each step.
    pub fn install_by(
        self: &Arc<Self>,
        component: &[u8],
        approve: Approve,
        limits: Limits,
        by: EntityId,
        begins: &dyn Fn(InstallStep),
    ) -> Result<InForce, InstallError> {
        begins(InstallStep::Inspecting);
        let manifest = self.runtime.inspect(component)?;
        let id = manifest.id.clone();
        if id == HOST || id == JOBS {
            return Err(InstallError::Reserved(id));
        }
        let registry = self.registry();
        let before = registry.plugin(&id).cloned();
        let grants = match (&approve, &before) {
            (Approve::All, _) => Grants::all_of(&manifest),
            (Approve::Only(approved), _) => Grants::of(approved),
            (Approve::Same, Some(before)) => before.grants.clone(),
            (Approve::Same, None) => Grants::none(),
        };
        let missing: Vec<GrantDecl> = grants.missing(&manifest.grants).into_iter().cloned().collect();
        if !missing.is_empty() {
            return Err(InstallError::NewGrants { plugin: id, asked: missing });
        }
        self.fits(&registry, &manifest)?;
        begins(InstallStep::Compiling);
        let loaded = self.runtime.load(component, &grants, limits, self.platform.clone())?;
        let digest = loaded.digest();
        let manifest = Arc::new(manifest);
        begins(InstallStep::Declaring);
        self.declare(&manifest)?;
        self.keep_rules(&manifest)?;
        let subscribes = !manifest.subscriptions.is_empty();
        if subscribes && !self.read(|w| w.has_place(&id)) {
            // Whoever subscribes for the first time begins now, before the feed can know of it; history is read by queries.
            let upto = self.read(changzhi_world::World::revision);
            self.host_facts("install", vec![Fact::Reacted { plugin: id.clone(), upto }])?;
        }
        begins(InstallStep::Swapping);
        let replaced = before.as_ref().map(|b| b.manifest.version.clone());
        let slot = match before.as_ref().map(|b| &b.runner) {
            Some(Runner::Wasm(slot)) => {
                let slot = Arc::clone(slot);
                let mut switch = Switch::new(self, &slot, &manifest, &grants, digest, by);
                slot.swap(loaded, &mut switch).map_err(|source| InstallError::Swap { plugin: id.clone(), source })?;
                slot
            }
            _ => self.new_slot(loaded)?,
        };
        let installed = Installed { manifest: Arc::clone(&manifest), grants, runner: Runner::Wasm(slot) };
        begins(InstallStep::Journaling);
        self.enter(installed)?;
        let known = self.read(|w| w.in_force(&id).cloned());
        if known.as_ref().is_none_or(|known| known.digest != digest) {
            let version = manifest.version.clone();
            let fact = Fact::PluginSwitched { plugin: id.clone(), version, digest };
            let seq = self.host_facts_queued("install", by, vec![fact], took_over(known.as_ref()))?;
            self.journal.wait_durable(seq).map_err(|e| InstallError::Commit(e.to_string()))?;
        }
        if subscribes {
            self.feed.subscribed();
        }
        self.resume_jobs(&id);
        Ok(InForce { plugin: id, version: manifest.version.clone(), digest, replaced })
    }

    /// Puts one of the host's own domains in force.
    pub fn native(self: &Arc<Self>, native: Arc<dyn Native>) -> Result<(), InstallError> {
        let manifest = Arc::new(native.manifest());
        let registry = self.registry();
        self.fits(&registry, &manifest)?;
        self.declare(&manifest)?;
        self.keep_rules(&manifest)?;
        let grants = Grants::all_of(&manifest);
        self.enter(Installed { manifest, grants, runner: Runner::Native(native) })
    }

    /// How every plugin stands, by id.
    pub fn plugins(&self) -> Vec<Standing> {
        let registry = self.registry();
        let mut all: Vec<_> = registry
            .plugins
            .values()
            .map(|p| {
                let slot = match &p.runner {
                    Runner::Wasm(slot) => Some(slot),
                    Runner::Native(_) => None,
                };
                Standing {
                    manifest: Arc::clone(&p.manifest),
                    breakers: slot.map(|s| s.breakers()),
                    queued: slot.map_or(0, |s| s.queued()),
                    traps: self.faults.of(&p.manifest.id),
                    plugin: slot.map(|s| s.current()),
                }
            })
            .collect();
        all.sort_by(|a, b| a.manifest.id.cmp(&b.manifest.id));
        all
    }

    /// Waits until every command queued for a plugin so far is over and its fault, if it had one, is counted and kept. An
    /// outcome is told before that.
    pub fn settle_lane(&self, id: &str) {
        if let Some(Runner::Wasm(slot)) = self.registry().plugin(id).map(|p| p.runner.clone()) {
            slot.settle();
        }
    }

    /// Inputs kept of a plugin, oldest first.
    pub fn kept(&self, id: &Name) -> Result<Vec<changzhi_store::KeptInput>, String> {
        let numbers = self.store.quarantined(id).map_err(|e| e.to_string())?;
        let mut kept = Vec::with_capacity(numbers.len());
        for number in numbers {
            kept.extend(self.store.kept(id, number).map_err(|e| e.to_string())?);
        }
        Ok(kept)
    }

    /// An operator's word that a plugin is mended: its breakers close, and its kept inputs are tried again, committing nothing.
    /// Those that go well now are forgotten. Returns how many were tried.
    pub fn retry_plugin(&self, id: &str) -> Result<usize, String> {
        let Some(Runner::Wasm(slot)) = self.registry().plugin(id).map(|p| p.runner.clone()) else {
            return Err(format!("plugin {id:?} is not installed, or is the host's own"));
        };
        slot.reset();
        let id = Name::from(id);
        let kept = self.kept(&id)?;
        for one in &kept {
            let Ok(call) = Kept::decode(&one.input) else { continue };
            if slot.current().again(&call).is_ok() {
                self.store.release(&id, one.number).map_err(|e| e.to_string())?;
            }
        }
        Ok(kept.len())
    }

    fn fits(&self, registry: &Registry, manifest: &Manifest) -> Result<(), InstallError> {
        let wrong = |why: String| InstallError::Declaration { plugin: manifest.id.clone(), why };
        for kind in &manifest.kinds {
            if let Some(known) = registry.kinds.get(&kind.name) {
                let mine =
                    registry.plugin(&manifest.id).is_some_and(|p| p.manifest.kinds.iter().any(|k| k.name == kind.name));
                if !mine {
                    return Err(wrong(format!("kind {:?} belongs to another plugin", kind.name)));
                }
                if known.on != kind.on {
                    return Err(wrong(format!(
                        "kind {:?} was {:?} and cannot become {:?}",
                        kind.name, known.on, kind.on
                    )));
                }
            }
            if let Some(flow) = &kind.flow
                && !manifest.flows.iter().any(|f| f.name == *flow)
            {
                return Err(wrong(format!("kind {:?} names flow {flow:?}, which it does not declare", kind.name)));
            }
        }
        for job in &manifest.jobs {
            if let Some(field) = job.params.iter().find(|f| f.sensitivity.is_sealed()) {
                return Err(wrong(format!(
                    "parameter {:?} of job {:?} is personal or secret, and a job's parameters stand open in the journal: take the entity, and read the field in the job",
                    field.name, job.name
                )));
            }
        }
        Ok(())
    }

    /// Journals what is declared, unless the world holds it already.
    fn declare(&self, manifest: &Manifest) -> Result<(), InstallError> {
        let known = self.read(|w| {
            manifest.facets.iter().all(|f| w.facet(&f.name) == Some(f))
                && manifest.kinds.iter().all(|k| w.kind(&k.name) == Some(k))
                // The world keeps the newest of each flow; an older version beside it was declared with it.
                && manifest.flows.iter().all(|f| w.flow(&f.name).is_some_and(|k| k.version > f.version || k == f))
        });
        if known {
            return Ok(());
        }
        let fact = Fact::Declared {
            plugin: manifest.id.clone(),
            facets: manifest.facets.clone(),
            kinds: manifest.kinds.clone(),
            flows: manifest.flows.clone(),
        };
        self.may_hold(&fact).map_err(|why| InstallError::Declaration { plugin: manifest.id.clone(), why })?;
        self.host_facts("declare", vec![fact]).map(|_| ())
    }

    pub(crate) fn host_facts(&self, command: &'static str, facts: Vec<Fact>) -> Result<Seq, InstallError> {
        let seq = self.host_facts_queued(command, EntityId::NONE, facts, Vec::new())?;
        self.journal.wait_durable(seq).map_err(|e| InstallError::Commit(e.to_string()))?;
        Ok(seq)
    }

    /// As [`City::host_facts`] in the name of `by`, without waiting until it is durable.
    pub(crate) fn host_facts_queued(
        &self,
        command: &'static str,
        by: EntityId,
        facts: Vec<Fact>,
        answer: Vec<Named>,
    ) -> Result<Seq, InstallError> {
        let origin = Origin {
            actor: &Actor { id: by, ..Actor::default() },
            purpose: &Name::default(),
            plugin: &HOST,
            command: &Name::new_static(command),
            request: self.fresh_request(),
            digest: [0; 16],
        };
        self.append(origin, facts, answer).map_err(|e| match e {
            CommitError::Full(why) | CommitError::Fatal(why) | CommitError::Breach(why) => InstallError::Commit(why),
            other => InstallError::Commit(format!("{other:?}")),
        })
    }

    pub(crate) fn enter(&self, installed: Installed) -> Result<(), InstallError> {
        let mut registry = self.registry.write();
        let mut next = registry.with(installed)?;
        next.engines = Arc::new(self.engines(&next)?);
        *registry = Arc::new(next);
        drop(registry);
        self.aim_timers();
        self.aim_recounts()
    }

    /// Puts a version back whose flows the newer one may have replaced.
    pub(crate) fn enter_again(&self, installed: Installed) -> Result<(), InstallError> {
        let mut registry = self.registry.write();
        *registry = Arc::new(registry.back_to(installed));
        Ok(())
    }

    /// Asks the world whether it could take a fact, without giving it.
    fn may_hold(&self, fact: &Fact) -> Result<(), String> {
        let world = self.world.read();
        let tx = Transaction {
            at: world.last_at(),
            epoch: self.epoch,
            actor: EntityId::NONE,
            purpose: Name::default(),
            plugin: HOST,
            command: Name::default(),
            request: RequestId::default(),
            digest: [0; 16],
            facts: vec![fact.clone()],
            answer: Vec::new(),
        };
        world.check(world.revision().next(), &tx).map_err(|e| e.to_string())
    }

    fn new_slot(self: &Arc<Self>, plugin: Arc<Plugin>) -> Result<Arc<Slot>, InstallError> {
        let id = plugin.id().clone();
        let events = Arc::new(Faults::events(self));
        Slot::start(plugin, SlotOptions::production(events))
            .map_err(|source| InstallError::Lanes { plugin: id, source })
    }
}

/// What a switch of plugins leaves in its transaction's answer: what was in force before.
pub(crate) fn took_over(before: Option<&changzhi_world::InForce>) -> Vec<Named> {
    let Some(before) = before else { return Vec::new() };
    vec![
        Named::new("from-version", Value::Text(before.version.to_string())),
        Named::new("from-digest", Value::Text(hex::encode(before.digest))),
    ]
}

/// How a plugin stands.
#[derive(Clone, Debug)]
pub struct Standing {
    pub manifest: Arc<Manifest>,
    /// Of the write, read and job lane; `None` for the host's own domains.
    pub breakers: Option<[BreakerState; 3]>,
    pub queued: usize,
    /// Faults since start.
    pub traps: u64,
    /// The component in force, with its ledger.
    pub plugin: Option<Arc<Plugin>>,
}
