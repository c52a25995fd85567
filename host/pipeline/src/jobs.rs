//! Long work as people see it: listed, cancelled, remembered.
//!
//! What a job is and how far it came is a fold of the journal (`changzhi_world::JobState`): the list is the same after a
//! restart. Here is only what lives with this process: which jobs have a thread, and which were asked to stop.

use crate::city::City;
use crate::job_run::CANCELLED;
use changzhi_model::{Actor, EntityId, Micros, Name, RequestId, Value};
use changzhi_world::World;
use hashbrown::HashMap;
use parking_lot::{Condvar, Mutex};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobState {
    Running,
    /// Asked to stop; the step under way is not over.
    Stopping,
    /// Its plugin is not in force: it goes on when it is.
    Waiting,
    Done,
    Cancelled,
    Failed(String),
}

/// One job as of its last durable step.
#[derive(Clone, Debug, PartialEq)]
pub struct JobInfo {
    pub id: RequestId,
    pub plugin: Name,
    pub name: Name,
    pub params: Vec<Value>,
    /// Who started it, with the roles and divisions it works with.
    pub actor: Actor,
    pub place: Option<EntityId>,
    pub begun: Micros,
    pub ended: Option<Micros>,
    pub done: u64,
    /// 0 until its first step is over.
    pub total: u64,
    pub state: JobState,
}

/// Jobs with a thread at once; more are told to wait.
const RUNNING_MAX: usize = 32;
/// How long a cancelled or closing job's step is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A job's thread, seen from outside.
#[derive(Default)]
pub(crate) struct Running {
    cancelled: Mutex<Option<Actor>>,
}

impl Running {
    /// Who asked it to stop.
    pub(crate) fn cancelled(&self) -> Option<Actor> {
        self.cancelled.lock().clone()
    }
}

#[derive(Default)]
pub(crate) struct Jobs {
    running: Mutex<HashMap<RequestId, Arc<Running>>>,
    changed: Condvar,
}

/// A place among the running; given back when dropped, whatever became of the thread.
pub(crate) struct Place {
    pub(crate) city: Arc<City>,
    pub(crate) id: RequestId,
    pub(crate) running: Arc<Running>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.city.jobs.running.lock().remove(&self.id);
        self.city.jobs.changed.notify_all();
    }
}

impl Jobs {
    pub(crate) fn is_full(&self) -> bool {
        self.running.lock().len() >= RUNNING_MAX
    }

    /// `None` when it has a thread already.
    pub(crate) fn take(city: &Arc<City>, id: RequestId) -> Option<Place> {
        let running = Arc::new(Running::default());
        match city.jobs.running.lock().entry(id) {
            hashbrown::hash_map::Entry::Occupied(_) => return None,
            hashbrown::hash_map::Entry::Vacant(free) => free.insert(Arc::clone(&running)),
        };
        Some(Place { city: Arc::clone(city), id, running })
    }

    /// Rests, but not through a cancel, an end or the close.
    pub(crate) fn rest(&self, wait: Duration) {
        let mut running = self.running.lock();
        self.changed.wait_for(&mut running, wait);
    }

    /// Wakes who rests and waits until no job has a thread: each ends after its step.
    pub(crate) fn close(&self) {
        let end = Instant::now() + PATIENCE;
        let mut running = self.running.lock();
        self.changed.notify_all();
        while !running.is_empty() {
            if self.changed.wait_until(&mut running, end).timed_out() {
                tracing::warn!(
                    jobs = running.len(),
                    "steps of jobs are still under way; they are made again at the next start"
                );
                return;
            }
        }
    }

    fn cancel(&self, id: RequestId, by: &Actor) -> bool {
        let end = Instant::now() + PATIENCE;
        let mut running = self.running.lock();
        let Some(job) = running.get(&id) else { return false };
        job.cancelled.lock().get_or_insert_with(|| by.clone());
        self.changed.notify_all();
        while running.contains_key(&id) {
            if self.changed.wait_until(&mut running, end).timed_out() {
                break;
            }
        }
        true
    }

    fn state(&self, id: RequestId, job: &changzhi_world::JobState) -> JobState {
        match &job.ended {
            Some((_, Ok(()))) => JobState::Done,
            Some((_, Err(why))) if why == CANCELLED => JobState::Cancelled,
            Some((_, Err(why))) => JobState::Failed(why.clone()),
            None => match self.running.lock().get(&id) {
                None => JobState::Waiting,
                Some(running) if running.cancelled.lock().is_some() => JobState::Stopping,
                Some(_) => JobState::Running,
            },
        }
    }
}

impl City {
    /// Jobs under way and those that ended last, newest first. Blocks for at most one group commit: nobody is shown a step
    /// that is not durable.
    ///
    /// # Errors
    /// The journal failed.
    pub fn jobs(&self) -> Result<Vec<JobInfo>, String> {
        let (mut jobs, revision) =
            self.read(|w| (w.jobs().map(|(id, job)| self.info(id, job)).collect::<Vec<_>>(), w.revision()));
        jobs.sort_by_key(|j| std::cmp::Reverse((j.begun, j.id)));
        self.journal.wait_durable(revision).map_err(|e| e.to_string())?;
        Ok(jobs)
    }

    /// One job; `None` when there is none of this id, or it ended long ago. As [`City::jobs`].
    ///
    /// # Errors
    /// The journal failed.
    pub fn job(&self, id: RequestId) -> Result<Option<JobInfo>, String> {
        let (job, revision) = self.read(|w| (w.job(id).map(|job| self.info(id, job)), w.revision()));
        self.journal.wait_durable(revision).map_err(|e| e.to_string())?;
        Ok(job)
    }

    /// Stops a job after the step under way; what its whole steps did stays. Blocks until that step is over, ten seconds at
    /// most (then it is [`JobState::Stopping`]), and its end is durable. A job that ended before is left as it is.
    ///
    /// # Errors
    /// The journal failed, or is full.
    pub fn cancel_job(&self, id: RequestId, by: &Actor) -> Result<Option<JobInfo>, String> {
        if !self.jobs.cancel(id, by) {
            self.end_job(id, by, CANCELLED)?;
        }
        self.job(id)
    }

    fn info(&self, id: RequestId, job: &changzhi_world::JobState) -> JobInfo {
        JobInfo {
            id,
            plugin: job.plugin.clone(),
            name: job.name.clone(),
            params: job.params.clone(),
            actor: job.actor.clone(),
            place: job.place,
            begun: job.begun,
            ended: job.ended.as_ref().map(|(at, _)| *at),
            done: job.done,
            total: job.total,
            state: self.jobs.state(id, job),
        }
    }

    /// Jobs of a plugin that a stop cut off, as of their last step.
    pub(crate) fn unfinished(&self, plugin: &Name) -> Vec<(RequestId, changzhi_world::JobState)> {
        let of = |w: &World| {
            w.jobs()
                .filter(|(_, job)| job.plugin == *plugin && job.ended.is_none())
                .map(|(id, job)| (id, job.clone()))
                .collect()
        };
        self.read(of)
    }
}
