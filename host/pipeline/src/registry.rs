//! Who is installed, and what each declared: the dictionary the checks look things up in.
//!
//! Read on every command, changed only by installs: readers take an `Arc` of the whole registry.

use crate::native::Native;
use changzhi_flow::{Engines, Flows};
use changzhi_model::{FacetDecl, KindDecl, Manifest, Name};
use changzhi_plugins::{Grants, Slot};
use hashbrown::HashMap;
use std::sync::Arc;

/// What answers for a plugin id.
#[derive(Clone)]
pub(crate) enum Runner {
    Wasm(Arc<Slot>),
    Native(Arc<dyn Native>),
}

pub(crate) struct Installed {
    pub(crate) manifest: Arc<Manifest>,
    pub(crate) grants: Grants,
    pub(crate) runner: Runner,
}

impl Installed {
    /// May write the facet: its own, or granted.
    pub(crate) fn may_write(&self, facet: &str) -> bool {
        self.owns(facet) || self.grants.may_write(facet)
    }

    /// May create and change entities of the kind: its own, or granted as `kind:NAME` with `rw`.
    pub(crate) fn may_shape(&self, kind: &str) -> bool {
        self.manifest.kinds.iter().any(|k| k.name == kind) || self.grants.may_write(&format!("kind:{kind}"))
    }

    fn owns(&self, facet: &str) -> bool {
        facet.split_once('.').is_some_and(|(owner, _)| owner == self.manifest.id)
    }
}

/// A snapshot of everything installed.
#[derive(Clone, Default)]
pub(crate) struct Registry {
    pub(crate) plugins: HashMap<Name, Arc<Installed>>,
    pub(crate) facets: HashMap<Name, Arc<FacetDecl>>,
    pub(crate) kinds: HashMap<Name, Arc<KindDecl>>,
    pub(crate) flows: Arc<Flows>,
    /// Rules of the flows that have some.
    pub(crate) engines: Arc<Engines>,
}

impl Registry {
    pub(crate) fn plugin(&self, id: &str) -> Option<&Arc<Installed>> {
        self.plugins.get(id)
    }

    /// Adds or replaces a plugin and what it declares. Declarations of earlier versions stay: old matters need them.
    pub(crate) fn with(&self, installed: Installed) -> Result<Registry, changzhi_flow::FlowError> {
        let mut next = self.clone();
        let mut flows = (*self.flows).clone();
        for flow in &installed.manifest.flows {
            flows.add(flow.clone())?;
        }
        next.flows = Arc::new(flows);
        for facet in &installed.manifest.facets {
            next.facets.insert(facet.name.clone(), Arc::new(facet.clone()));
        }
        for kind in &installed.manifest.kinds {
            next.kinds.insert(kind.name.clone(), Arc::new(kind.clone()));
        }
        next.plugins.insert(installed.manifest.id.clone(), Arc::new(installed));
        Ok(next)
    }

    /// Puts an earlier version back. Its facets, kinds and newer flows are all still known.
    pub(crate) fn back_to(&self, installed: Installed) -> Registry {
        let mut next = self.clone();
        next.plugins.insert(installed.manifest.id.clone(), Arc::new(installed));
        next
    }
}
