//! Opening a city: journal, keys, newest snapshot, tail, store, threads. And closing it.

use crate::acks::Acks;
use crate::city::{City, Stats};
use crate::faults::Faults;
use crate::feed::Feed;
use crate::indexer;
use crate::jobs::Jobs;
use crate::lane::HostLane;
use crate::options::CityOptions;
use crate::platform::CityPlatform;
use crate::registry::Registry;
use crate::requests::Requests;
use crate::snapshot;
use crate::source::JournalSource;
use crate::stopping::Stopping;
use changzhi_journal::{FsDisk, Journal, JournalError, MemoryJournal, Options, Recovery, SegmentLog};
use changzhi_model::{Seq, Transaction};
use changzhi_plugins::{Runtime, RuntimeOptions};
use changzhi_seal::Vault;
use changzhi_store::Store;
use changzhi_world::World;
use parking_lot::{Mutex, ReentrantMutex, RwLock};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Transactions that may wait for the request index; then commits wait for it.
const INDEX_QUEUE: usize = 65_536;

/// Why a city does not open. Nothing was changed on disk but what the journal's recovery names.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("keys of personal fields: {0}")]
    Seal(#[from] changzhi_seal::SealError),
    #[error("store: {0}")]
    Store(#[from] changzhi_store::StoreError),
    #[error("plugin runtime: {0}")]
    Runtime(String),
    #[error(
        "transaction {seq} cannot be replayed: {why}. The journal is whole, so the host is older than its data or a fact is damaged: run `changzhi journal verify`, then upgrade the host"
    )]
    Replay { seq: Seq, why: String },
    #[error("cannot {what} in {path}: {source}")]
    Folder { what: &'static str, path: PathBuf, source: std::io::Error },
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}

/// What opening found and did.
#[derive(Debug, Default)]
pub struct Opening {
    pub journal: Option<Recovery>,
    /// The snapshot the world started from.
    pub snapshot: Option<Seq>,
    /// Newer snapshots that were bad, with the reason.
    pub passed_over: Vec<String>,
    /// Transactions folded after it.
    pub replayed: u64,
    /// Why the store was rebuilt, if it was.
    pub store_rebuilt: Option<String>,
    pub took: Duration,
}

impl City {
    /// Opens (or begins) a city. Plugins are installed afterwards; the world is complete without them.
    pub fn open(options: CityOptions) -> Result<(Arc<City>, Opening), OpenError> {
        let begun = Instant::now();
        let mut opening = Opening::default();
        let (journal, log, vault) = journal_and_vault(&options, &mut opening)?;
        let (world, erased) = world_of(&options, &*journal, &mut opening)?;
        for entity in erased {
            vault.erase(entity)?;
        }
        let source = JournalSource(Arc::clone(&journal));
        let (store, opened) = match &options.dir {
            Some(dir) => Store::open(&dir.join("store"), &source)?,
            None => Store::in_memory(&source)?,
        };
        opening.store_rebuilt = opened.rebuilt.map(|reason| reason.to_string());
        let store = Arc::new(store);
        let runtime = Runtime::new(RuntimeOptions { cache_dir: options.cache.clone() })
            .map_err(|e| OpenError::Runtime(e.to_string()))?;
        let epoch = epoch(&*journal)?;
        let (durable_tx, durable) = tokio::sync::watch::channel(journal.durable());
        let acks = Acks::new(journal.durable());
        let requests = Arc::new(Requests::new(Arc::clone(&store), JournalSource(Arc::clone(&journal))));
        let (index, to_index) = crossbeam_channel::bounded(INDEX_QUEUE);
        let (host_lane, host_thread) = HostLane::start().map_err(OpenError::Thread)?;
        let city = Arc::new(City {
            clock: Arc::clone(&options.clock),
            journal: Arc::clone(&journal),
            log,
            world: RwLock::new(world),
            vault: Arc::clone(&vault),
            store: Arc::clone(&store),
            runtime,
            platform: Arc::new(CityPlatform::default()),
            registry: RwLock::new(Arc::new(Registry::default())),
            requests: Arc::clone(&requests),
            acks: Arc::clone(&acks),
            feed: Feed::new(),
            faults: Faults::default(),
            jobs: Jobs::default(),
            timers: crate::timers::Timers::default(),
            recounts: crate::recounts::Recounts::default(),
            host_lane,
            order: ReentrantMutex::new(()),
            buffer: Mutex::new(Vec::new()),
            index: indexer::Index::new(index),
            epoch,
            failure: RwLock::new(None),
            stats: Stats::default(),
            snapshot: RwLock::new(opening.snapshot),
            durable,
            stopping: Stopping::new(),
            threads: Mutex::new(Vec::new()),
            options,
        });
        city.platform.attach(&city);
        // A sealed value can never become durable before its key.
        journal.before_commit(Box::new(move || vault.sync().map_err(|e| e.to_string())));
        let weak = Arc::downgrade(&city);
        let signal = Arc::clone(&acks);
        journal.on_durable(Box::new(move |mark| match mark {
            Ok(seq) => {
                signal.durable(seq);
                let _ = durable_tx.send(seq);
            }
            Err(e) => {
                signal.fail(e.to_string());
                if let Some(city) = weak.upgrade() {
                    city.fail(format!("journal: {e}"));
                }
            }
        }));
        let written = Arc::clone(&journal);
        let threads = [
            Ok(host_thread),
            spawn("ack", move || acks.run()),
            spawn("indexer", move || indexer::run(&to_index, &written, &store, &requests)),
        ];
        for thread in threads {
            city.threads.lock().push(thread?);
        }
        city.start_snapshots()?;
        city.start_feed()?;
        city.start_timers()?;
        opening.took = begun.elapsed();
        Ok((city, opening))
    }

    /// Stops taking commands, waits for what is under way, and closes journal and store cleanly.
    pub fn close(&self) -> Result<(), OpenError> {
        *self.failure.write() = Some("the host is stopping".into());
        self.stopping.stop();
        for installed in self.registry().plugins.values() {
            if let crate::registry::Runner::Wasm(slot) = &installed.runner {
                slot.stop();
            }
        }
        self.jobs.close();
        self.host_lane.stop();
        let last = self.read(World::revision);
        self.journal.wait_durable(last)?;
        self.acks.stop();
        self.index.stop();
        let threads: Vec<_> = self.threads.lock().drain(..).collect();
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the city had panicked");
            }
        }
        self.store.close()?;
        match &self.log {
            Some(log) => Ok(log.close()?),
            None => Ok(()),
        }
    }
}

type Kept = (Arc<dyn Journal>, Option<Arc<SegmentLog>>, Arc<Vault>);

/// Commands come from many callers at once and a caller that is alone waits for nobody: see [`Options::gather`].
const GATHER: Duration = Duration::from_millis(1);

fn journal_and_vault(options: &CityOptions, opening: &mut Opening) -> Result<Kept, OpenError> {
    let Some(dir) = &options.dir else {
        let journal = options.journal.clone().unwrap_or_else(|| Arc::new(MemoryJournal::new()));
        return Ok((journal, None, Arc::new(Vault::in_memory())));
    };
    std::fs::create_dir_all(dir).map_err(|source| OpenError::Folder {
        what: "make the data folder",
        path: dir.clone(),
        source,
    })?;
    let disk = FsDisk::new(dir.join("journal"))?;
    let (log, recovery) = SegmentLog::open(Arc::new(disk), Options { gather: GATHER, ..Options::default() })?;
    opening.journal = Some(recovery);
    let log = Arc::new(log);
    Ok((log.clone(), Some(log), Arc::new(Vault::open(dir.join("keys"))?)))
}

fn world_of(
    options: &CityOptions,
    journal: &dyn Journal,
    opening: &mut Opening,
) -> Result<(World, Vec<changzhi_model::EntityId>), OpenError> {
    let mut found = None;
    if let Some(dir) = &options.dir {
        let (newest, passed) = snapshot::newest(&dir.join("snapshots"), journal);
        opening.passed_over = passed;
        found = newest;
    }
    let mut world = match found {
        Some((world, seq)) => {
            opening.snapshot = Some(seq);
            world
        }
        None => World::new(),
    };
    let mut erased = Vec::new();
    opening.replayed = snapshot::replay(&mut world, journal, None, |_, tx| erased.extend(snapshot::erased(tx)))?;
    Ok((world, erased))
}

/// One more than the newest transaction's: an older writer that comes back is told apart.
fn epoch(journal: &dyn Journal) -> Result<u64, OpenError> {
    let head = journal.head().seq;
    let Some(bytes) = journal.get(head)? else { return Ok(1) };
    let tx = Transaction::decode(&bytes).map_err(|e| OpenError::Replay { seq: head, why: e.to_string() })?;
    Ok(tx.epoch + 1)
}

pub(crate) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    std::thread::Builder::new().name(name.into()).spawn(work).map_err(OpenError::Thread)
}
