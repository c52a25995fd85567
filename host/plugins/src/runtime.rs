//! The engine, its ticker and its cache, and how a component becomes a plugin.

use crate::bindings::PluginPre;
use crate::bindings::changzhi::platform;
use crate::cache::{Cache, CacheCounts, sha256};
use crate::convert;
use crate::engine::{self, Ticker};
use crate::fault::{Fault, FaultKind};
use crate::grants::Grants;
use crate::guest_state::{GuestState, Shared};
use crate::imports;
use crate::instance::Instance;
use crate::limits::{Export, Limits};
use crate::load_error::LoadError;
use crate::manifest;
use crate::platform::Platform;
use crate::plugin::Plugin;
use crate::wasi;
use changzhi_model::{Actor, Context, Manifest, Micros, Name, Seq};
use std::path::PathBuf;
use std::sync::Arc;
use wasmtime::Engine;
use wasmtime::component::{Component, HasSelf, Linker};

/// Largest component, in bytes.
const COMPONENT_MAX: usize = 64 << 20;

#[derive(Clone, Debug, Default)]
pub struct RuntimeOptions {
    /// Where compiled components are kept; `None` compiles at each start.
    pub cache_dir: Option<PathBuf>,
}

/// One engine for all plugins of the process.
#[derive(Debug)]
pub struct Runtime {
    engine: Engine,
    cache: Cache,
    _ticker: Ticker,
}

impl Runtime {
    pub fn new(options: RuntimeOptions) -> Result<Arc<Runtime>, LoadError> {
        let engine = Engine::new(&engine::config()).map_err(|e| LoadError::Engine(format!("{e:#}")))?;
        let cache = Cache::open(options.cache_dir.as_deref()).map_err(|source| LoadError::Io {
            what: "cannot open the cache of compiled plugins",
            path: options.cache_dir.as_ref().map_or_else(String::new, |d| d.display().to_string()),
            source,
        })?;
        let ticker = Ticker::start(&engine).map_err(|e| LoadError::Engine(format!("no thread for the epoch: {e}")))?;
        Ok(Arc::new(Runtime { engine, cache, _ticker: ticker }))
    }

    /// How the cache was used so far.
    pub fn cache_counts(&self) -> CacheCounts {
        self.cache.counts()
    }

    /// Reads the manifest, in an instance that is granted nothing, and checks it: names, types, flows, charter.
    pub fn inspect(&self, component: &[u8]) -> Result<Manifest, LoadError> {
        imports::check(component, None)?;
        let (compiled, _) = self.compile(component)?;
        self.describe(&compiled)
    }

    /// Links what is granted, and makes the first instance. The manifest is read and checked again.
    pub fn load(
        &self,
        component: &[u8],
        grants: &Grants,
        limits: Limits,
        platform: Arc<dyn Platform>,
    ) -> Result<Arc<Plugin>, LoadError> {
        imports::check(component, Some(grants))?;
        let (compiled, digest) = self.compile(component)?;
        let manifest = self.describe(&compiled)?;
        let linker = self.linker(Some(grants)).map_err(|e| LoadError::Engine(format!("{e:#}")))?;
        let pre = linker.instantiate_pre(&compiled).and_then(PluginPre::new).map_err(interface)?;
        let shared = Arc::new(Shared {
            id: manifest.id.clone(),
            grants: grants.clone(),
            limits,
            platform: Some(platform),
            kinds: manifest.kinds.iter().map(|k| k.name.clone()).collect(),
        });
        let plugin = Plugin::new(self.engine.clone(), pre, shared, Arc::new(manifest), digest)
            .map_err(|kind| LoadError::Describe(Fault::at(Export::Describe, kind)))?;
        Ok(Arc::new(plugin))
    }

    fn compile(&self, component: &[u8]) -> Result<(Component, [u8; 32]), LoadError> {
        if component.len() > COMPONENT_MAX {
            return Err(LoadError::TooLarge { was: component.len(), limit: COMPONENT_MAX });
        }
        let digest = sha256(component);
        let compiled =
            self.cache.component(&self.engine, component, &digest).map_err(|e| LoadError::Compile(format!("{e:#}")))?;
        Ok((compiled, digest))
    }

    /// `None`: nothing but the log; what else is imported must be defined by the caller.
    fn linker(&self, grants: Option<&Grants>) -> wasmtime::Result<Linker<GuestState>> {
        type S = GuestState;
        let mut linker = Linker::<S>::new(&self.engine);
        wasi::link(&mut linker)?;
        platform::types::add_to_linker::<S, HasSelf<S>>(&mut linker, |s| s)?;
        platform::log::add_to_linker::<S, HasSelf<S>>(&mut linker, |s| s)?;
        let granted = |name| grants.is_some_and(|g| g.may_import(name));
        if granted("world") {
            platform::world::add_to_linker::<S, HasSelf<S>>(&mut linker, |s| s)?;
        }
        if granted("people") {
            platform::people::add_to_linker::<S, HasSelf<S>>(&mut linker, |s| s)?;
        }
        if granted("flow") {
            platform::flow::add_to_linker::<S, HasSelf<S>>(&mut linker, |s| s)?;
        }
        Ok(linker)
    }

    fn describe(&self, compiled: &Component) -> Result<Manifest, LoadError> {
        let mut linker = self.linker(None).map_err(|e| LoadError::Engine(format!("{e:#}")))?;
        // Only world, people and flow can be unknown here: the closed list was checked before.
        linker.define_unknown_imports_as_traps(compiled).map_err(interface)?;
        let pre = linker.instantiate_pre(compiled).and_then(PluginPre::new).map_err(interface)?;
        let limits = Limits::production().patient(5);
        let shared = Arc::new(Shared {
            id: Name::new_static("(describing)"),
            grants: Grants::none(),
            limits,
            platform: None,
            kinds: Vec::new(),
        });
        let fault = |kind: FaultKind| LoadError::Describe(Fault::at(Export::Describe, kind));
        let mut instance = Instance::new(&self.engine, &pre, &shared).map_err(fault)?;
        let ctx = Context {
            actor: Actor::default(),
            purpose: Name::default(),
            now: Micros(0),
            seed: 0,
            place: None,
            revision: Seq::ZERO,
            locale: Name::default(),
        };
        let described = instance
            .call(Export::Describe, &ctx, |e, store, _| e.changzhi_platform_guest().call_describe(store))
            .map_err(fault)?;
        let manifest = convert::manifest(described).map_err(LoadError::Manifest)?;
        manifest::check(&manifest).map_err(LoadError::Manifest)?;
        changzhi_model::charter::check(&manifest).map_err(LoadError::Charter)?;
        Ok(manifest)
    }
}

fn interface(e: wasmtime::Error) -> LoadError {
    LoadError::Interface(format!("{e:#}"))
}
