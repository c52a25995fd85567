//! The city: everything shared, held together.

use crate::acks::Acks;
use crate::faults::Faults;
use crate::feed::Feed;
use crate::indexer::Index;
use crate::jobs::Jobs;
use crate::lane::HostLane;
use crate::options::CityOptions;
use crate::platform::CityPlatform;
use crate::recounts::Recounts;
use crate::registry::Registry;
use crate::requests::Requests;
use crate::stopping::Stopping;
use crate::timers::Timers;
use changzhi_journal::{Journal, SegmentLog};
use changzhi_model::{Clock, EntityId, Manifest, Name, RequestId, Seq};
use changzhi_plugins::Runtime;
use changzhi_seal::Vault;
use changzhi_store::Store;
use changzhi_world::World;
use parking_lot::{Mutex, ReentrantMutex, RwLock};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

/// Counters since start, for `/metrics`.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    pub(crate) submitted: AtomicU64,
    pub(crate) transactions: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) stale: AtomicU64,
    pub(crate) looks: AtomicU64,
}

/// What [`City::health`] tells.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Health {
    /// `None` while all is well.
    pub failed: Option<String>,
    pub revision: Seq,
    pub durable: Seq,
    pub entities: u64,
    pub submitted: u64,
    pub transactions: u64,
    pub refused: u64,
    /// Commands run again because the world had moved.
    pub stale: u64,
    /// Looks at personal data since start.
    pub looks: u64,
    pub snapshot: Option<Seq>,
}

/// One city: world, journal, keys, store and the installed plugins. Made by [`City::open`], shared as `Arc`.
pub struct City {
    pub(crate) options: CityOptions,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) journal: Arc<dyn Journal>,
    /// The same journal when it is on disk: what can be verified and closed.
    pub(crate) log: Option<Arc<SegmentLog>>,
    pub(crate) world: RwLock<World>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) store: Arc<Store>,
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) platform: Arc<CityPlatform>,
    pub(crate) registry: RwLock<Arc<Registry>>,
    pub(crate) requests: Arc<Requests>,
    pub(crate) acks: Arc<Acks>,
    pub(crate) feed: Feed,
    pub(crate) faults: Faults,
    pub(crate) jobs: Jobs,
    pub(crate) timers: Timers,
    pub(crate) recounts: Recounts,
    pub(crate) host_lane: HostLane,
    /// The commit lock: held by whoever decides what comes next. Re-entrant, so that a plugin on its last try may
    /// leave access-log entries while it holds it.
    pub(crate) order: ReentrantMutex<()>,
    pub(crate) buffer: Mutex<Vec<u8>>,
    pub(crate) index: Index,
    pub(crate) stopping: Stopping,
    pub(crate) epoch: u64,
    pub(crate) failure: RwLock<Option<String>>,
    pub(crate) stats: Stats,
    pub(crate) snapshot: RwLock<Option<Seq>>,
    pub(crate) durable: tokio::sync::watch::Receiver<Seq>,
    pub(crate) threads: Mutex<Vec<JoinHandle<()>>>,
}

impl City {
    /// Looks at the world. Keep it short: a writer waits.
    pub fn read<R>(&self, look: impl FnOnce(&World) -> R) -> R {
        look(&self.world.read())
    }

    /// Everything installed, by id.
    pub fn manifests(&self) -> Vec<Arc<Manifest>> {
        let registry = self.registry();
        let mut all: Vec<_> = registry.plugins.values().map(|p| Arc::clone(&p.manifest)).collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }

    pub fn manifest(&self, plugin: &str) -> Option<Arc<Manifest>> {
        self.registry().plugin(plugin).map(|p| Arc::clone(&p.manifest))
    }

    /// The journal, for `journal verify` and the like.
    pub fn journal(&self) -> &Arc<dyn Journal> {
        &self.journal
    }

    /// The journal as files, for `journal verify`; `None` in memory.
    pub fn log(&self) -> Option<&Arc<SegmentLog>> {
        self.log.as_ref()
    }

    /// The plugin runtime, for inspecting components before installing them.
    pub fn runtime(&self) -> &Arc<Runtime> {
        &self.runtime
    }

    /// The durable mark, as it moves: live pages and replicas wait on it.
    pub fn durable(&self) -> tokio::sync::watch::Receiver<Seq> {
        self.durable.clone()
    }

    /// The state hash and the revision it is of, durable when it is told: `changzhi journal replay --to REVISION` must give
    /// the same. Price: one pass over the whole world, and writers wait for its end.
    ///
    /// # Errors
    /// The journal failed.
    pub fn state(&self) -> Result<(Seq, [u8; 32]), String> {
        let (revision, hash) = self.read(|w| (w.revision(), w.state_hash()));
        self.journal.wait_durable(revision).map_err(|e| e.to_string())?;
        Ok((revision, hash))
    }

    pub fn health(&self) -> Health {
        let (revision, entities) = self.read(|w| (w.revision(), w.next_id().0.saturating_sub(1)));
        let count = |c: &AtomicU64| c.load(Ordering::Relaxed);
        Health {
            failed: self.failed(),
            revision,
            durable: self.journal.durable(),
            entities,
            submitted: count(&self.stats.submitted),
            transactions: count(&self.stats.transactions),
            refused: count(&self.stats.refused),
            stale: count(&self.stats.stale),
            looks: count(&self.stats.looks),
            snapshot: *self.snapshot.read(),
        }
    }

    pub(crate) fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.registry.read())
    }

    pub(crate) fn failed(&self) -> Option<String> {
        self.failure.read().clone()
    }

    /// Stops for good: nothing is acknowledged from here on. Returns the first reason.
    pub(crate) fn fail(&self, reason: String) -> String {
        let first = {
            let mut failure = self.failure.write();
            if let Some(first) = failure.as_ref() {
                return first.clone();
            }
            *failure = Some(reason.clone());
            reason
        };
        self.acks.fail(first.clone());
        (self.options.on_fatal)(&first);
        first
    }

    /// Destroys an entity's key: its personal fields are unreadable for ever, everywhere (CHARTER 8). The journaled fact
    /// comes first, so that a crash between the two is finished at the next open. Files of a record go with it.
    pub fn erase(&self, actor: &changzhi_model::Actor, purpose: &Name, entity: EntityId) -> Result<Seq, String> {
        let command = Name::new_static("erase");
        let origin = crate::commit::Origin {
            actor,
            purpose,
            plugin: &crate::native::HOST,
            command: &command,
            request: self.fresh_request(),
            digest: [0; 16],
        };
        let order = self.order.lock();
        let mut all = self.read(|w| crate::files::of(w, entity));
        // A file that nobody took belongs to itself.
        all.retain(|file| *file != entity);
        all.push(entity);
        let erased = all.iter().map(|entity| changzhi_model::Fact::Erased { entity: *entity }).collect();
        let seq = self.append(origin, erased, Vec::new()).map_err(|e| format!("{e:?}"))?;
        drop(order);
        self.journal.wait_durable(seq).map_err(|e| e.to_string())?;
        self.vault.erase_all(&all).map_err(|e| e.to_string())?;
        Ok(seq)
    }

    /// An id nobody else has, for what the host asks of itself.
    pub(crate) fn fresh_request(&self) -> RequestId {
        RequestId::keyless(rand::random())
    }
}
