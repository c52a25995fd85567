//! Running jobs, and taking snapshots: what the city does on its own threads.

use crate::city::City;
use crate::commit::{CommitError, Origin};
use crate::jobs::{Job, JobInfo, JobStart, JobState};
use crate::open::{OpenError, spawn};
use crate::registry::{Installed, Runner};
use crate::snapshot;
use changzhi_model::{Actor, Context, Fact, Name, RequestId, Seq, Value};
use changzhi_plugins::{Call, ReadSet, Slot, Step};
use changzhi_world::World;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Tries of one step against a moving world.
const STEP_TRIES: u32 = 5;

impl City {
    /// Starts a job; it shows up in [`City::jobs`] at once.
    pub fn start_job(
        self: &Arc<Self>,
        plugin: &str,
        name: &str,
        params: Vec<Value>,
        actor: Actor,
        purpose: Name,
    ) -> Result<RequestId, String> {
        let installed =
            self.registry().plugin(plugin).cloned().ok_or_else(|| format!("plugin {plugin:?} is not installed"))?;
        if !installed.manifest.jobs.iter().any(|j| j.name == name) {
            return Err(format!("plugin {plugin} has no job {name:?}"));
        }
        let id = self.fresh_request();
        let start = JobStart {
            id,
            plugin: plugin.into(),
            name: name.into(),
            params,
            actor,
            purpose,
            done: 0,
            total: 0,
            cursor: None,
        };
        self.run_job(installed, start).map_err(|e| e.to_string())?;
        Ok(id)
    }

    /// Every job of this run and those resumed, newest first.
    pub fn jobs(&self) -> Vec<JobInfo> {
        self.jobs.list()
    }

    /// Asks a job to stop after its step.
    pub fn cancel_job(&self, id: &str) -> bool {
        self.jobs.cancel(id)
    }

    /// Goes on with jobs of a plugin that a stop cut off.
    pub(crate) fn resume_jobs(self: &Arc<Self>, plugin: &Name) {
        let Some(installed) = self.registry().plugin(plugin).cloned() else { return };
        let running: Vec<String> = self.jobs.list().into_iter().map(|j| j.id).collect();
        let unfinished: Vec<JobStart> = self.read(|w| {
            w.jobs()
                .filter(|(id, job)| job.plugin == *plugin && !running.contains(&id.to_string()))
                .map(|(id, job)| JobStart {
                    id,
                    plugin: job.plugin.clone(),
                    name: job.name.clone(),
                    params: job.params.clone(),
                    actor: crate::switch::system(),
                    purpose: Name::default(),
                    done: job.done,
                    total: job.total,
                    cursor: job.cursor.clone(),
                })
                .collect()
        });
        for start in unfinished {
            if let Err(e) = self.run_job(Arc::clone(&installed), start) {
                tracing::error!(%plugin, error = %e, "an unfinished job cannot go on");
            }
        }
    }

    fn run_job(self: &Arc<Self>, installed: Arc<Installed>, start: JobStart) -> Result<(), OpenError> {
        let job = self.jobs.add(self.read(World::revision), start);
        let city = Arc::clone(self);
        spawn("job", move || {
            let mut cursor = job.start.cursor.clone();
            let state = loop {
                if city.failed().is_some() {
                    // Not cancelled: it goes on at the next start.
                    break JobState::Running;
                }
                if job.cancel.load(Ordering::Acquire) {
                    city.end_job(&installed, &job, "cancelled");
                    break JobState::Cancelled;
                }
                match city.job_step(&installed, &job, cursor.take()) {
                    Ok(Some(next)) => cursor = Some(next),
                    Ok(None) => break JobState::Done,
                    Err(why) => {
                        city.end_job(&installed, &job, &why);
                        break JobState::Failed(why);
                    }
                }
            };
            job.end(state);
        })
        .map(|_| ())
    }

    /// One step and its commit. `Some(cursor)` while there is more to do.
    fn job_step(&self, installed: &Installed, job: &Job, cursor: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, String> {
        let Runner::Wasm(slot) = &installed.runner else { return Err("the host's own domain has no jobs".into()) };
        for _ in 0..STEP_TRIES {
            let (now, revision) = self.read(|w| (self.clock.now().max(w.last_at()), w.revision()));
            let ctx = Context {
                actor: job.start.actor.clone(),
                purpose: job.start.purpose.clone(),
                now,
                seed: job.start.id.seed(),
                place: None,
                revision,
                locale: Name::new_static("zh-CN"),
            };
            let reads = Arc::new(ReadSet::at(revision));
            let step = one_step(slot, ctx, &reads, &job.start, cursor.clone())?;
            job.done.store(step.done, Ordering::Relaxed);
            job.total.store(step.total, Ordering::Relaxed);
            let ended = step.cursor.is_none().then_some(Ok(()));
            let stepped = self.stepped(job, step.cursor.clone(), ended);
            match self.commit_changes(installed, self.job_origin(job), step.changes, Some(&*reads), vec![stepped]) {
                Ok(done) => {
                    self.journal.wait_durable(done.seq).map_err(|e| e.to_string())?;
                    return Ok(step.cursor);
                }
                Err(CommitError::Stale) => {}
                Err(e) => return Err(format!("{e:?}")),
            }
        }
        Err("the world moved under every try of a step".into())
    }

    fn end_job(&self, installed: &Installed, job: &Job, why: &str) {
        let fact = self.stepped(job, None, Some(Err(why.to_owned())));
        if let Err(e) = self.commit_changes(installed, self.job_origin(job), Default::default(), None, vec![fact]) {
            tracing::warn!(job = %job.start.id, error = ?e, "the job's end is not written; it will be tried again at the next start");
        }
    }

    fn stepped(&self, job: &Job, cursor: Option<Vec<u8>>, ended: Option<Result<(), String>>) -> Fact {
        Fact::Stepped {
            job: job.start.id,
            plugin: job.start.plugin.clone(),
            name: job.start.name.clone(),
            params: job.start.params.clone(),
            done: job.done.load(Ordering::Relaxed),
            total: job.total.load(Ordering::Relaxed),
            cursor,
            ended,
        }
    }

    fn job_origin<'a>(&self, job: &'a Job) -> Origin<'a> {
        Origin {
            actor: &job.start.actor,
            purpose: &job.start.purpose,
            plugin: &job.start.plugin,
            command: &job.start.name,
            request: self.fresh_request(),
            digest: [0; 16],
        }
    }

    /// Takes a snapshot now. `None`: nothing new since the last, or the city lives in memory.
    pub fn take_snapshot(&self) -> Result<Option<Seq>, OpenError> {
        let Some(dir) = &self.options.dir else { return Ok(None) };
        let taken = snapshot::take(&dir.join("snapshots"), &*self.journal, World::new)?;
        if let Some(seq) = taken {
            *self.snapshot.write() = Some(seq);
        }
        Ok(taken)
    }

    pub(crate) fn start_snapshots(self: &Arc<Self>) -> Result<(), OpenError> {
        let every = self.options.snapshot_every;
        if self.options.dir.is_none() || every == 0 {
            return Ok(());
        }
        let weak = Arc::downgrade(self);
        let stopping = self.stopping.receiver();
        let thread = spawn("snapshot", move || {
            // Ends when the city is dropped or closes: nothing is ever sent here.
            while let Err(crossbeam_channel::RecvTimeoutError::Timeout) = stopping.recv_timeout(Duration::from_secs(2))
            {
                let Some(city) = weak.upgrade() else { return };
                let last = city.snapshot.read().unwrap_or(Seq::ZERO);
                if city.journal.durable().0 >= last.0 + every
                    && let Err(e) = city.take_snapshot()
                {
                    tracing::error!(error = %e, "no snapshot was taken; the next start replays a longer tail");
                }
            }
        })?;
        self.threads.lock().push(thread);
        Ok(())
    }
}

/// Runs one step in the plugin's job lane and waits for it.
fn one_step(
    slot: &Slot,
    ctx: Context,
    reads: &Arc<ReadSet>,
    start: &JobStart,
    cursor: Option<Vec<u8>>,
) -> Result<Step, String> {
    let (tell, told) = crossbeam_channel::bounded(1);
    let (reads, name, params) = (Arc::clone(reads), start.name.clone(), start.params.clone());
    slot.job(Box::new(move |plugin| {
        let plugin = match plugin {
            Ok(plugin) => plugin,
            Err(closed) => {
                let _ = tell.send(Err(closed.to_string()));
                return Ok(());
            }
        };
        let answer = plugin.job(&Call { ctx: &ctx, reads: &reads }, &name, &params, cursor.as_deref());
        // The job's thread waits for exactly this.
        let _ = tell.send(match &answer {
            Ok(Ok(step)) => Ok(step.clone()),
            Ok(Err(refusal)) => Err(format!("refused: {refusal:?}")),
            Err(fault) => Err(fault.to_string()),
        });
        answer.map(|_| ())
    }))
    .map_err(|e| e.to_string())?;
    told.recv().map_err(|_| "the job's lane ended".to_owned())?
}
