//! What every handler shares.

use crate::cache::{Cache, Made};
use crate::files::FilePlaces;
use crate::install::Install;
use crate::journal_check::JournalCheck;
use crate::live::Hub;
use crate::metrics::Metrics;
use crate::options::PortalOptions;
use crate::room::Hall;
use crate::seen::Seen;
use crate::town::Town;
use changzhi_gate::Gate;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::Semaphore;

pub(crate) struct App {
    pub(crate) town: Arc<dyn Town>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) options: PortalOptions,
    pub(crate) metrics: Metrics,
    pub(crate) cache: Cache,
    pub(crate) hub: Arc<Hub>,
    /// Online rooms with somebody in them.
    pub(crate) hall: Arc<Hall>,
    pub(crate) places: Semaphore,
    pub(crate) files: FilePlaces,
    pub(crate) check: JournalCheck,
    pub(crate) install: Install,
    /// Pages with commands on them, as they were shown lately.
    pub(crate) seen: Seen,
}

impl App {
    pub(crate) fn made(&self) -> Arc<Made> {
        self.cache.get(&*self.town)
    }
}

/// Where a connection comes from.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);
