//! A city as the portal sees it.

use crate::town::{
    Fresh, Kept, PluginStanding, Proof, Standing, Town, Verified, ViewFuture, ViewProblem, WatchFuture, Watched,
};
use bytes::Bytes;
use changzhi_gate::{Backend, CityBackend, Look, Outcome, Records, Submission};
use changzhi_model::{Actor, EntityId, Manifest, Name, RequestId, Seq, Transaction, Value};
use changzhi_pipeline::{Approve, City, JobInfo, ViewCall, ViewError, Watch};
use changzhi_plugins::{BreakerState, Limits};
use changzhi_trail::{Following, Trail};
use std::ops::ControlFlow;
use std::sync::Arc;

/// The city, with the limits under which components sent to it are loaded.
#[derive(Clone)]
pub struct CityTown {
    city: Arc<City>,
    backend: CityBackend,
    limits: Limits,
    /// `None`: its thread could not be started, and its pages stay empty.
    following: Option<Arc<Following>>,
}

impl CityTown {
    pub fn new(city: Arc<City>, limits: Limits) -> CityTown {
        let following = Following::begin(Arc::clone(city.journal()));
        let following =
            following.inspect_err(|error| tracing::error!(%error, "no trail of the journal")).ok().map(Arc::new);
        CityTown { backend: CityBackend(Arc::clone(&city)), city, limits, following }
    }
}

impl Backend for CityTown {
    fn read(&self, look: &mut dyn FnMut(&dyn Records)) {
        self.backend.read(look);
    }

    fn manifest(&self, plugin: &str) -> Option<Arc<Manifest>> {
        self.backend.manifest(plugin)
    }

    fn submit_then(&self, submission: Submission, tell: Box<dyn FnOnce(Outcome) + Send>) {
        self.backend.submit_then(submission, tell);
    }

    fn secret(&self, entity: EntityId, facet: &str, field: &str) -> Result<Option<Value>, String> {
        self.backend.secret(entity, facet, field)
    }
}

impl Town for CityTown {
    fn manifests(&self) -> Vec<Arc<Manifest>> {
        self.city.manifests()
    }

    fn membership(&self, entity: EntityId, account: EntityId) -> Option<bool> {
        self.city.membership(entity, account)
    }

    fn view(&self, look: Look) -> ViewFuture {
        let city = Arc::clone(&self.city);
        Box::pin(async move { city.view_async(call_of(look)).await.map_err(problem_of) })
    }

    fn watch(&self, look: Look) -> WatchFuture {
        let city = Arc::clone(&self.city);
        Box::pin(async move {
            let (page, seq, watch) = city.watch_async(call_of(look)).await.map_err(problem_of)?;
            let watched: Arc<dyn Watched> = Arc::new(watch);
            Ok((page, seq, watched))
        })
    }

    fn durable(&self) -> tokio::sync::watch::Receiver<Seq> {
        self.city.durable()
    }

    fn changed_since(&self, entities: &[EntityId], since: Seq) -> Vec<EntityId> {
        self.city.read(|world| {
            let changed = |e: &EntityId| world.core(*e).is_some_and(|core| core.changed > since);
            entities.iter().copied().filter(changed).collect()
        })
    }

    fn standing(&self) -> Standing {
        let health = self.city.health();
        let plugins = self.city.plugins().into_iter().map(|p| {
            let kept = self.city.kept(&p.manifest.id).unwrap_or_default();
            PluginStanding {
                id: p.manifest.id.clone(),
                version: p.manifest.version.clone(),
                breaker: p.breakers.as_ref().map_or("closed", |b| worst(b)).to_owned(),
                traps: p.traps,
                kept: kept
                    .into_iter()
                    .map(|k| Kept { id: k.number.to_string(), reason: k.reason, at: String::new() })
                    .collect(),
            }
        });
        Standing {
            failed: health.failed,
            revision: health.revision,
            durable: health.durable,
            snapshot: health.snapshot,
            plugins: plugins.collect(),
        }
    }

    fn fresh(&self) -> Fresh {
        let (revision, at) = self.city.read(|w| (w.revision(), w.last_at()));
        Fresh { revision, durable: self.city.journal().durable(), at }
    }

    fn looked(
        &self,
        actor: &Actor,
        purpose: &Name,
        plugin: &Name,
        entity: EntityId,
        field: (&str, &str),
    ) -> Result<(), String> {
        self.city.looked(actor, purpose, plugin, entity, field)
    }

    fn erase(&self, entity: EntityId, purpose: &Name) -> Result<(), String> {
        self.city.erase(&Actor::default(), purpose, entity).map(|_| ())
    }

    fn trail(&self) -> Arc<Trail> {
        self.following.as_ref().map(|f| Arc::clone(f.trail())).unwrap_or_default()
    }

    fn transaction(&self, seq: Seq) -> Result<Transaction, String> {
        self.city.transaction(seq)
    }

    fn proof(&self, record: EntityId) -> Result<Proof, String> {
        let core = self.city.read(|w| w.core(record)).ok_or_else(|| format!("there is no record {record}"))?;
        let (seq, journal) = (core.changed, self.city.journal());
        journal.wait_durable(seq).map_err(|e| e.to_string())?;
        let missing = || format!("transaction {seq} is not in the journal");
        let kept = journal.get(seq).map_err(|e| e.to_string())?.ok_or_else(missing)?;
        let chain_at = |at: Seq| journal.chain_at(at).map_err(|e| e.to_string())?.ok_or_else(missing);
        let (before, chain) = (chain_at(Seq(seq.0.saturating_sub(1)))?, chain_at(seq)?);
        let head = journal.head();
        Ok(Proof { seq, record: kept, before, chain, head: (head.seq, head.chain) })
    }

    fn verify(&self, pace: &mut dyn FnMut(Seq) -> ControlFlow<()>) -> Result<Verified, String> {
        let Some(log) = self.city.log() else {
            // In memory there is no disk to distrust; the chain is still walked.
            let (mut last, journal) = (Seq::ZERO, self.city.journal());
            journal
                .read(Seq(1), &mut |seq, _| {
                    last = seq;
                    pace(seq)
                })
                .map_err(|e| e.to_string())?;
            let chain = journal.chain_at(last).map_err(|e| e.to_string())?.unwrap_or_default();
            return Ok(Verified { seq: last, chain, complete: last == journal.durable() });
        };
        let found = log.scrub(pace).map_err(|e| e.to_string())?;
        Ok(Verified { seq: found.head.seq, chain: found.head.chain, complete: found.complete })
    }

    fn start_job_then(&self, submission: Submission, tell: Box<dyn FnOnce(Outcome) + Send>) {
        self.city.start_job_then(submission, tell);
    }

    fn jobs(&self) -> Result<Vec<JobInfo>, String> {
        self.city.jobs()
    }

    fn job(&self, id: RequestId) -> Result<Option<JobInfo>, String> {
        self.city.job(id)
    }

    fn cancel_job(&self, id: RequestId, by: &Actor) -> Result<Option<JobInfo>, String> {
        self.city.cancel_job(id, by)
    }

    fn state(&self) -> Result<(Seq, [u8; 32]), String> {
        self.city.state()
    }

    fn install(&self, component: Bytes, by: EntityId, percent: &dyn Fn(u8)) -> Result<(Name, Name), String> {
        // What is asked for beyond what is approved is held back: an upgrade cannot widen its own rights.
        let known = self.city.runtime().inspect(&component).map_err(|e| e.to_string())?;
        let approve = if self.city.manifest(&known.id).is_some() { Approve::Same } else { Approve::All };
        let done = self
            .city
            .install_by(&component, approve, self.limits, by, &|step| percent(step.percent()))
            .map_err(|e| e.to_string())?;
        Ok((done.plugin, done.version))
    }

    fn retry(&self, plugin: &str) -> Result<usize, String> {
        self.city.retry_plugin(plugin)
    }
}

impl Watched for Watch {
    fn is_fresh(&self) -> bool {
        Watch::is_fresh(self)
    }
}

fn call_of(look: Look) -> ViewCall {
    ViewCall {
        plugin: look.plugin,
        view: look.view,
        params: look.params,
        actor: look.actor,
        purpose: look.purpose,
        locale: look.locale,
    }
}

fn problem_of(error: ViewError) -> ViewProblem {
    match error {
        ViewError::Refused(refusal) => ViewProblem::Refused(refusal),
        ViewError::Unavailable { reason, retry_after } => ViewProblem::Unavailable { reason, retry_after },
        ViewError::Failed(what) => ViewProblem::Failed(what),
    }
}

/// The state of the lane that fares worst.
fn worst(breakers: &[BreakerState; 3]) -> &'static str {
    if breakers.iter().any(|b| matches!(b, BreakerState::Open { .. })) {
        "open"
    } else if breakers.iter().any(|b| !matches!(b, BreakerState::Closed)) {
        "half-open"
    } else {
        "closed"
    }
}
