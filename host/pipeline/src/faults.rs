//! What plugins did wrong: counted, kept with the input that shows it, and rolled back when a new version is on trial.

use crate::city::City;
use crate::registry::{Installed, Runner};
use changzhi_model::{EntityId, Fact, Name};
use changzhi_plugins::{Quarantined, RolledBack, SlotEvents};
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::sync::{Arc, Weak};

/// Faults since start, by plugin.
#[derive(Default)]
pub(crate) struct Faults(Mutex<HashMap<Name, u64>>);

impl Faults {
    pub(crate) fn of(&self, plugin: &str) -> u64 {
        self.0.lock().get(plugin).copied().unwrap_or(0)
    }

    fn count(&self, plugin: &Name) {
        *self.0.lock().entry(plugin.clone()).or_default() += 1;
    }

    pub(crate) fn events(city: &Arc<City>) -> Events {
        Events(Arc::downgrade(city))
    }
}

/// Listens to one city's slots.
pub(crate) struct Events(Weak<City>);

impl SlotEvents for Events {
    fn quarantined(&self, what: Quarantined) {
        let Some(city) = self.0.upgrade() else { return };
        city.faults.count(&what.plugin);
        let reason = what.fault.to_string();
        tracing::warn!(plugin = %what.plugin, version = %what.version, reason, resting = what.opened, "plugin fault");
        let input = what.fault.kept.as_deref().unwrap_or_default();
        if let Err(e) = city.store.quarantine(&what.plugin, &reason, input) {
            tracing::error!(plugin = %what.plugin, error = %e, "the offending input could not be kept");
        }
    }

    fn rolled_back(&self, what: RolledBack) {
        let Some(city) = self.0.upgrade() else { return };
        tracing::error!(
            plugin = %what.plugin, from = %what.from.version(), to = %what.to.version(), fault = %what.fault,
            "the new version faulted on trial; the version before is back"
        );
        let Some(running) = city.registry().plugin(&what.plugin).cloned() else { return };
        let Runner::Wasm(slot) = &running.runner else { return };
        let back = Installed {
            manifest: Arc::clone(what.to.manifest()),
            grants: running.grants.clone(),
            runner: Runner::Wasm(Arc::clone(slot)),
        };
        if let Err(e) = city.enter_again(back) {
            tracing::error!(plugin = %what.plugin, error = %e, "the version before is in force, but its declarations are not");
        }
        let fact = Fact::PluginSwitched {
            plugin: what.plugin.clone(),
            version: what.to.version().clone(),
            digest: what.to.digest(),
        };
        let before = city.read(|w| w.in_force(&what.plugin).cloned());
        let answer = crate::install::took_over(before.as_ref());
        if let Err(e) = city.host_facts_queued("rollback", EntityId::NONE, vec![fact], answer) {
            tracing::error!(plugin = %what.plugin, error = %e, "the roll-back is not in the journal");
        }
    }
}
