//! How a city is opened.

use changzhi_flow::Deployed;
use changzhi_journal::Journal;
use changzhi_model::{Clock, SystemClock};
use std::path::PathBuf;
use std::sync::Arc;

/// Transactions between two snapshots: the tail of a restart replays in about a second.
pub const DEFAULT_SNAPSHOT_EVERY: u64 = 1_000_000;
/// Runs of a command against a moving world before it runs holding the commit lock.
pub const DEFAULT_OPTIMISTIC_TRIES: u32 = 3;
/// Snapshots kept; the journal is never compacted, so one good one is enough, two are for flipped bits.
pub const SNAPSHOTS_KEPT: usize = 3;

/// Told once when the city must stop: an fsync failed, or journal and world disagree. The binary exits; tests look.
pub type OnFatal = Arc<dyn Fn(&str) + Send + Sync>;

/// Everything a city is opened with.
#[derive(Clone)]
pub struct CityOptions {
    /// Where it lives; `None` keeps everything in memory (tests, plugin development).
    pub dir: Option<PathBuf>,
    /// What is written to while `dir` is `None`; `None` is a new journal in memory. Test kits give one that fails when told to.
    pub journal: Option<Arc<dyn Journal>>,
    /// Where compiled plugins are kept; `None` compiles at each start.
    pub cache: Option<PathBuf>,
    pub clock: Arc<dyn Clock>,
    /// See [`DEFAULT_SNAPSHOT_EVERY`]; 0 takes none by itself.
    pub snapshot_every: u64,
    pub optimistic_tries: u32,
    /// Calendars and rules of flows: what this project ships, unless a deployment brings its own.
    pub flows: Arc<Deployed>,
    /// See [`OnFatal`].
    pub on_fatal: OnFatal,
}

impl CityOptions {
    /// A city in a folder, on the machine's clock.
    pub fn in_dir(dir: impl Into<PathBuf>) -> CityOptions {
        let dir = dir.into();
        CityOptions { cache: Some(dir.join("cache")), dir: Some(dir), ..CityOptions::in_memory() }
    }

    /// A city that is gone when it is dropped.
    pub fn in_memory() -> CityOptions {
        CityOptions {
            dir: None,
            journal: None,
            cache: None,
            clock: Arc::new(SystemClock),
            snapshot_every: DEFAULT_SNAPSHOT_EVERY,
            optimistic_tries: DEFAULT_OPTIMISTIC_TRIES,
            // A test of the crate reads them; a host without them would still run, and no clock with it.
            flows: Arc::new(Deployed::builtin().unwrap_or_default()),
            on_fatal: Arc::new(|reason| tracing::error!(reason, "the city stops")),
        }
    }
}
