//! What the portal needs of the city, beside what the gate needs.

use crate::shape::Page;
use bytes::Bytes;
use changzhi_gate::{Backend, Look, Outcome, Submission};
use changzhi_model::{Actor, EntityId, Manifest, Micros, Name, Refusal, RequestId, Seq, Transaction};
use changzhi_pipeline::JobInfo;
use changzhi_trail::Trail;
use std::future::Future;
use std::ops::ControlFlow;
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

/// What a page was made from.
pub trait Watched: Send + Sync {
    /// True while nothing it was made from has changed; cheap enough to be asked many times a second.
    fn is_fresh(&self) -> bool;
}

/// A page to come, with what tells when it may have changed.
pub type WatchFuture = Pin<Box<dyn Future<Output = Result<(Page, Seq, Arc<dyn Watched>), ViewProblem>> + Send>>;

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
}

/// How far the data of the city has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Fresh {
    pub revision: Seq,
    pub durable: Seq,
    /// The time of the last transaction, by the journal's clock.
    pub at: Micros,
}

/// What a check of the whole journal found to be whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verified {
    /// The last record checked, and the chain hash after it.
    pub seq: Seq,
    pub chain: [u8; 32],
    /// False when it was told to end before the last record.
    pub complete: bool,
}

/// A transaction in its place of the journal's hash chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    pub seq: Seq,
    /// As it stands in the journal; sealed fields are sealed.
    pub record: Vec<u8>,
    /// The chain before it and after it.
    pub before: [u8; 32],
    pub chain: [u8; 32],
    /// The journal's durable end when it was asked.
    pub head: (Seq, [u8; 32]),
}

/// The city as the portal sees it.
pub trait Town: Backend {
    /// Everything installed, by id. The same `Arc`s as long as nothing was installed.
    fn manifests(&self) -> Vec<Arc<Manifest>>;
    fn view(&self, look: Look) -> ViewFuture;
    /// As `view`, for a page that stays open.
    fn watch(&self, look: Look) -> WatchFuture;
    /// The durable revision, as it moves.
    fn durable(&self) -> tokio::sync::watch::Receiver<Seq>;
    /// Which of these entities changed after a revision. A town that keeps no revisions knows of no change.
    fn changed_since(&self, entities: &[EntityId], since: Seq) -> Vec<EntityId> {
        let _ = (entities, since);
        Vec::new()
    }
    /// Whether a record names an account as one of its members; `None` for a record that is not kept for members.
    fn membership(&self, _entity: EntityId, _account: EntityId) -> Option<bool> {
        None
    }
    fn standing(&self) -> Standing;
    /// As [`Town::standing`], in no time: for every page.
    fn fresh(&self) -> Fresh;
    /// Enters a look at personal data of an entity (facet, field) in the access log; blocks until it is durable.
    fn looked(
        &self,
        actor: &Actor,
        purpose: &Name,
        plugin: &Name,
        entity: EntityId,
        field: (&str, &str),
    ) -> Result<(), String>;
    /// Destroys an entity's key, and those of its files; blocks until it is durable.
    fn erase(&self, entity: EntityId, purpose: &Name) -> Result<(), String>;
    /// The journal by account and by record.
    fn trail(&self) -> Arc<Trail>;
    /// One durable transaction; blocks for a read of the disk.
    fn transaction(&self, seq: Seq) -> Result<Transaction, String>;
    /// Where in the journal a record was changed last, with what proves it. Blocks for the disk.
    ///
    /// # Errors
    /// There is no journal, no such record, or it cannot be read.
    fn proof(&self, _record: EntityId) -> Result<Proof, String> {
        Err("there is no journal".to_owned())
    }
    /// Reads the whole journal and checks every hash; blocks, and takes as long as the disk does. `pace` is told how far it is.
    fn verify(&self, pace: &mut dyn FnMut(Seq) -> ControlFlow<()>) -> Result<Verified, String>;
    /// Starts a job the gate let through; told when its start is durable, with its id as the answer `job`.
    fn start_job_then(&self, submission: Submission, tell: Box<dyn FnOnce(Outcome) + Send>);
    /// Jobs under way and those that ended last, newest first; blocks for a group commit at most.
    fn jobs(&self) -> Result<Vec<JobInfo>, String>;
    /// One of them; blocks as well.
    fn job(&self, id: RequestId) -> Result<Option<JobInfo>, String>;
    /// Stops a job after the step under way; blocks until then.
    fn cancel_job(&self, id: RequestId, by: &Actor) -> Result<Option<JobInfo>, String>;
    /// Revision and hash of the whole state; blocks, and takes long in a large city.
    fn state(&self) -> Result<(Seq, [u8; 32]), String>;
    /// Installs or swaps a component in the name of an account; blocks. `percent` is told how far it is. Returns plugin id and
    /// version.
    fn install(&self, component: Bytes, by: EntityId, percent: &dyn Fn(u8)) -> Result<(Name, Name), String>;
    /// Lets a plugin out of its breaker and tries its kept inputs again; how many there were.
    fn retry(&self, plugin: &str) -> Result<usize, String>;
}
