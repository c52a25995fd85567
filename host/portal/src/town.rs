//! What the portal needs of the city, beside what the gate needs.

use crate::shape::Page;
use bytes::Bytes;
use changzhi_gate::{Backend, Look};
use changzhi_model::{Manifest, Name, Refusal, Seq};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// Why there is no page.
#[derive(Clone, PartialEq, Debug)]
pub enum ViewProblem {
    Refused(Refusal),
    Unavailable { reason: String, retry_after: Duration },
    Failed(String),
}

/// A page to come, with the revision it shows: durable when it arrives.
pub type ViewFuture = Pin<Box<dyn Future<Output = Result<(Page, Seq), ViewProblem>> + Send>>;

/// An input a plugin fell over, kept.
#[derive(Clone, PartialEq, Debug)]
pub struct Kept {
    pub id: String,
    pub reason: String,
    pub at: String,
}

/// How a plugin stands.
#[derive(Clone, PartialEq, Debug)]
pub struct PluginStanding {
    pub id: Name,
    pub version: Name,
    /// `closed`, `open` or `half-open`.
    pub breaker: String,
    pub traps: u64,
    pub kept: Vec<Kept>,
}

/// A job as the admin page shows it.
#[derive(Clone, PartialEq, Debug)]
pub struct JobLine {
    pub id: String,
    pub plugin: Name,
    pub name: Name,
    pub done: u64,
    pub total: u64,
    pub state: String,
}

/// How the city stands.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Standing {
    /// Why it stopped; `None` while all is well.
    pub failed: Option<String>,
    pub revision: Seq,
    pub durable: Seq,
    /// Revision of the newest snapshot.
    pub snapshot: Option<Seq>,
    pub plugins: Vec<PluginStanding>,
    pub jobs: Vec<JobLine>,
}

/// The city as the portal sees it.
pub trait Town: Backend {
    /// Everything installed, by id. The same `Arc`s as long as nothing was installed.
    fn manifests(&self) -> Vec<Arc<Manifest>>;
    fn view(&self, look: Look) -> ViewFuture;
    fn standing(&self) -> Standing;
    /// Installs or swaps a component; blocks. Returns plugin id and version.
    fn install(&self, component: Bytes) -> Result<(Name, Name), String>;
    /// Lets a plugin out of its breaker and tries its kept inputs again; how many there were.
    fn retry(&self, plugin: &str) -> Result<usize, String>;
}
