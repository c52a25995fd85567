//! Long work in bounded steps: shown, cancellable, resumed after a restart.
//!
//! A job is a plugin's `job` called again and again with its own cursor. Each step's changes and the cursor commit in one
//! transaction (`Fact::Stepped`), so a job that was cut off goes on after the last whole step. One thread a job; a step takes the
//! plugin's job lane, so jobs of one plugin take turns and never hold up its commands.

use changzhi_model::{Actor, Name, RequestId, Seq, Value};
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How a job stands.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Running,
    Done,
    Cancelled,
    Failed(String),
}

/// One job as people see it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct JobInfo {
    pub id: String,
    pub plugin: Name,
    pub name: Name,
    pub done: u64,
    pub total: u64,
    pub state: JobState,
}

/// What a job is started or resumed with.
#[derive(Clone, Debug)]
pub(crate) struct JobStart {
    pub(crate) id: RequestId,
    pub(crate) plugin: Name,
    pub(crate) name: Name,
    pub(crate) params: Vec<Value>,
    pub(crate) actor: Actor,
    pub(crate) purpose: Name,
    pub(crate) done: u64,
    pub(crate) total: u64,
    pub(crate) cursor: Option<Vec<u8>>,
}

/// A job's live figures.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) start: JobStart,
    pub(crate) done: AtomicU64,
    pub(crate) total: AtomicU64,
    pub(crate) cancel: AtomicBool,
    pub(crate) state: Mutex<JobState>,
}

impl Job {
    pub(crate) fn info(&self) -> JobInfo {
        JobInfo {
            id: self.start.id.to_string(),
            plugin: self.start.plugin.clone(),
            name: self.start.name.clone(),
            done: self.done.load(Ordering::Relaxed),
            total: self.total.load(Ordering::Relaxed),
            state: self.state.lock().clone(),
        }
    }

    pub(crate) fn end(&self, state: JobState) {
        *self.state.lock() = state;
    }
}

/// Ended jobs shown at most; older ones are in the journal.
const SHOWN: usize = 200;

#[derive(Default)]
pub(crate) struct Jobs {
    all: Mutex<HashMap<RequestId, (Seq, Arc<Job>)>>,
}

impl Jobs {
    pub(crate) fn add(&self, at: Seq, start: JobStart) -> Arc<Job> {
        let job = Arc::new(Job {
            done: AtomicU64::new(start.done),
            total: AtomicU64::new(start.total),
            cancel: AtomicBool::new(false),
            state: Mutex::new(JobState::Running),
            start,
        });
        let mut all = self.all.lock();
        if all.len() >= SHOWN {
            let oldest =
                all.iter().filter(|(_, (_, j))| *j.state.lock() != JobState::Running).min_by_key(|(_, (at, _))| *at);
            if let Some(id) = oldest.map(|(id, _)| *id) {
                all.remove(&id);
            }
        }
        all.insert(job.start.id, (at, Arc::clone(&job)));
        job
    }

    pub(crate) fn list(&self) -> Vec<JobInfo> {
        let all = self.all.lock();
        let mut jobs: Vec<_> = all.values().map(|(at, job)| (*at, job.info())).collect();
        jobs.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        jobs.into_iter().map(|(_, info)| info).collect()
    }

    /// Asks a job to stop after its step. False when there is none of this id.
    pub(crate) fn cancel(&self, id: &str) -> bool {
        let all = self.all.lock();
        let found = all.values().find(|(_, job)| job.start.id.to_string() == id);
        if let Some((_, job)) = found {
            job.cancel.store(true, Ordering::Release);
        }
        found.is_some()
    }

    pub(crate) fn cancel_all(&self) {
        for (_, job) in self.all.lock().values() {
            job.cancel.store(true, Ordering::Release);
        }
    }
}
