//! Running long work in bounded steps: shown, cancellable, resumed after a restart.
//!
//! A job is a plugin's `job` called again and again with its own cursor. Its start is a transaction of its own, durable before
//! anybody is told. Each step's changes and the cursor commit in one transaction (`Fact::Stepped`), so a job that was cut off
//! goes on after the last whole step, as the one who started it and with no more rights. One thread a job; a step takes the
//! plugin's job lane, so jobs of one plugin take turns and never hold up its commands.

use crate::city::City;
use crate::commit::{CommitError, Committed, Origin};
use crate::jobs::{Jobs, Place};
use crate::open::spawn;
use crate::registry::{Installed, Runner};
use crate::submission::{Outcome, Pending, Submission, Tell};
use crate::submit::{BUSY, DISK_FULL};
use changzhi_model::{Actor, Context, Fact, Named, Refusal, RequestId, Seq, Text, Value};
use changzhi_plugins::{Call, Fault, Plugin, ReadSet, Slot, SlotError, Step};
use changzhi_world::JobState;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How a job's end is written when somebody stopped it.
pub(crate) const CANCELLED: &str = "cancelled";
/// Tries of one step against a moving world. The later half hold the commit lock, if the step is quick.
const STEP_TRIES: u32 = 6;
/// A step that took longer never holds the commit lock: the whole city would wait for it.
const QUICK: Duration = Duration::from_millis(50);
/// When all threads for jobs are taken.
const FULL: Duration = Duration::from_secs(10);

/// A step committed at this transaction, and where the next begins.
type Stepped = (Seq, Option<Vec<u8>>);

/// Why a job makes no further step now.
enum Stop {
    /// The plugin rests, its lane is full, or the disk is: the same step again after this.
    Rest(Duration),
    Failed(String),
    /// The city stops, or the job was ended otherwise: nothing more to do here.
    Over,
}

impl City {
    /// Starts a job: `command` names it, `body` holds its parameters. Told when its start is durable, with the job's id as the
    /// answer `job`; the request's id is the job's, so that a retry starts nothing.
    pub fn start_job_then(self: &Arc<Self>, submission: Submission, tell: Tell) {
        let digest = submission.job_digest();
        let Some(tell) = self.begin(&submission, digest, tell) else { return };
        let installed = self.registry().plugin(&submission.plugin).cloned();
        let known = |i: &Arc<Installed>| i.manifest.job(&submission.command).is_some();
        let Some(installed) = installed.filter(known) else {
            let what = format!("job {}/{} is not there", submission.plugin, submission.command);
            return self.release(&submission, tell, Outcome::Refused(Refusal::NotFound(Text::plain(what))));
        };
        if self.jobs.is_full() {
            let reason = "as many jobs run as may at once: wait for one to end, or cancel one".to_owned();
            return self.release(&submission, tell, Outcome::Unavailable { reason, retry_after: FULL });
        }
        let id = submission.request;
        let fact = Fact::JobStarted {
            job: id,
            plugin: submission.plugin.clone(),
            name: submission.command.clone(),
            params: submission.body.clone(),
            actor: submission.actor.clone(),
            purpose: submission.purpose.clone(),
            place: submission.place,
            locale: submission.locale.clone(),
        };
        let origin = Origin {
            actor: &submission.actor,
            purpose: &submission.purpose,
            plugin: &submission.plugin,
            command: &submission.command,
            request: id,
            digest,
        };
        let answer = vec![Named::new("job", Value::Text(id.to_string()))];
        let done = self.append(origin, vec![fact], answer.clone());
        let started = done.is_ok();
        let done = done.map(|seq| Committed { seq, changed: true, answer });
        self.settle(&submission, digest, tell, done, Seq::ZERO);
        if started && let Some(job) = self.read(|w| w.job(id).cloned()) {
            self.run_job(&installed, id, job);
        }
    }

    /// As [`City::start_job_then`], awaited or waited for.
    pub fn start_job(self: &Arc<Self>, submission: Submission) -> Pending {
        let (tell, pending) = Pending::new();
        self.start_job_then(submission, tell);
        pending
    }

    /// Goes on with jobs of a plugin that a stop cut off.
    pub(crate) fn resume_jobs(self: &Arc<Self>, plugin: &changzhi_model::Name) {
        let Some(installed) = self.registry().plugin(plugin).cloned() else { return };
        for (id, job) in self.unfinished(plugin) {
            tracing::info!(%plugin, job = %id, name = %job.name, done = job.done, "job goes on");
            self.run_job(&installed, id, job);
        }
    }

    fn run_job(self: &Arc<Self>, installed: &Arc<Installed>, id: RequestId, job: JobState) {
        let Some(place) = Jobs::take(self, id) else { return };
        let installed = Arc::clone(installed);
        if let Err(e) = spawn("job", move || drive(&place, &installed, job)) {
            tracing::error!(job = %id, error = %e, "a job has no thread; it goes on at the next start");
        }
    }

    /// One step, its commit, and the wait until it is durable. `Some(cursor)` while there is more to do.
    fn job_step(
        self: &Arc<Self>,
        installed: &Arc<Installed>,
        id: RequestId,
        job: &Arc<JobState>,
        cursor: Option<Vec<u8>>,
    ) -> Result<Option<Vec<u8>>, Stop> {
        let Runner::Wasm(slot) = &installed.runner else {
            return Err(Stop::Failed("the host's own domain has no jobs".into()));
        };
        let (seq, cursor) = self.in_lane(slot, installed, id, job, cursor)?;
        self.journal.wait_durable(seq).map_err(|_| Stop::Over)?;
        Ok(cursor)
    }

    fn in_lane(
        self: &Arc<Self>,
        slot: &Slot,
        installed: &Arc<Installed>,
        id: RequestId,
        job: &Arc<JobState>,
        cursor: Option<Vec<u8>>,
    ) -> Result<Stepped, Stop> {
        let (tell, told) = crossbeam_channel::bounded(1);
        let (city, installed, job) = (Arc::clone(self), Arc::clone(installed), Arc::clone(job));
        slot.job(Box::new(move |plugin| {
            let (answer, fault) = match plugin {
                Ok(plugin) => match city.step(&installed, plugin, id, &job, cursor.as_deref()) {
                    Ok(answer) => (answer, None),
                    Err(fault) => (Err(Stop::Failed(fault.to_string())), Some(fault)),
                },
                Err(closed) => (Err(rest(closed)), None),
            };
            // The job's thread waits for exactly this.
            let _ = tell.send(answer);
            fault.map_or(Ok(()), Err)
        }))
        .map_err(|closed| rest(&closed))?;
        told.recv().unwrap_or(Err(Stop::Over))
    }

    /// On the plugin's job lane. `Err` is a fault of the plugin.
    fn step(
        &self,
        installed: &Installed,
        plugin: &Arc<Plugin>,
        id: RequestId,
        job: &JobState,
        cursor: Option<&[u8]>,
    ) -> Result<Result<Stepped, Stop>, Fault> {
        let mut took = Duration::MAX;
        for tried in 0..STEP_TRIES {
            let _order = (tried >= STEP_TRIES / 2 && took < QUICK).then(|| self.order.lock());
            let begun = Instant::now();
            let ctx = self.job_context(id, job);
            let reads = ReadSet::at(ctx.revision);
            let step = match plugin.job(&Call { ctx: &ctx, reads: &reads }, &job.name, &job.params, cursor)? {
                Ok(step) => step,
                Err(refusal) => return Ok(Err(Stop::Failed(format!("refused: {refusal:?}")))),
            };
            took = begun.elapsed();
            match self.commit_step(installed, id, job, &step, &reads) {
                None => return Ok(Err(Stop::Over)),
                Some(Ok(done)) => return Ok(Ok((done.seq, step.cursor))),
                // A job says nothing of what somebody saw.
                Some(Err(CommitError::Stale | CommitError::Outdated(_))) => {}
                Some(Err(CommitError::Breach(what))) => return Err(Fault::breach(what)),
                Some(Err(CommitError::Full(_))) => return Ok(Err(Stop::Rest(DISK_FULL))),
                Some(Err(CommitError::Fatal(_))) => return Ok(Err(Stop::Over)),
                Some(Err(CommitError::Refused(why))) => return Ok(Err(Stop::Failed(format!("refused: {why:?}")))),
            }
        }
        Ok(Err(Stop::Failed("the world moved under every try of a step: start it again when it is quieter".into())))
    }

    /// The step's changes and its place in one transaction. `None`: the job is not under way any more, nothing was committed.
    fn commit_step(
        &self,
        installed: &Installed,
        id: RequestId,
        job: &JobState,
        step: &Step,
        reads: &ReadSet,
    ) -> Option<Result<Committed, CommitError>> {
        let _order = self.order.lock();
        if !self.read(|w| w.job(id).is_some_and(|j| j.ended.is_none())) {
            return None;
        }
        let ended = step.cursor.is_none().then_some(Ok(()));
        let fact = Fact::Stepped { job: id, done: step.done, total: step.total, cursor: step.cursor.clone(), ended };
        let origin = self.job_origin(job, &job.actor);
        Some(self.commit_changes(installed, origin, step.changes.clone(), Some(reads), vec![fact]))
    }

    fn job_origin<'a>(&self, job: &'a JobState, by: &'a Actor) -> Origin<'a> {
        Origin {
            actor: by,
            purpose: &job.purpose,
            plugin: &job.plugin,
            command: &job.name,
            request: self.fresh_request(),
            digest: [0; 16],
        }
    }

    fn job_context(&self, id: RequestId, job: &JobState) -> Context {
        let (now, revision) = self.read(|w| (self.clock.now().max(w.last_at()), w.revision()));
        Context {
            actor: job.actor.clone(),
            purpose: job.purpose.clone(),
            now,
            seed: id.seed(),
            place: job.place,
            revision,
            locale: job.locale.clone(),
        }
    }

    /// Writes why a job ended, in the name of `by`, and waits until that is durable. A job that ended is left as it is.
    pub(crate) fn end_job(&self, id: RequestId, by: &Actor, why: &str) -> Result<(), String> {
        let order = self.order.lock();
        let Some(job) = self.read(|w| w.job(id).filter(|j| j.ended.is_none()).cloned()) else { return Ok(()) };
        let (done, total, cursor) = (job.done, job.total, job.cursor.clone());
        let fact = Fact::Stepped { job: id, done, total, cursor, ended: Some(Err(why.to_owned())) };
        let written = self.append(self.job_origin(&job, by), vec![fact], Vec::new());
        drop(order);
        let seq = written.map_err(|e| format!("the job's end is not written: {e:?}"))?;
        self.journal.wait_durable(seq).map_err(|e| e.to_string())
    }
}

/// The body of a job's thread.
fn drive(place: &Place, installed: &Arc<Installed>, job: JobState) {
    let Place { city, id, running } = place;
    let mut cursor = job.cursor.clone();
    let job = Arc::new(job);
    // Until the city stops: then it goes on at the next start.
    while city.failed().is_none() {
        let ended = match running.cancelled() {
            Some(by) => city.end_job(*id, &by, CANCELLED),
            None => match city.job_step(installed, *id, &job, cursor.clone()) {
                Ok(Some(next)) => {
                    cursor = Some(next);
                    continue;
                }
                Ok(None) | Err(Stop::Over) => return,
                Err(Stop::Rest(wait)) => {
                    city.jobs.rest(wait);
                    continue;
                }
                Err(Stop::Failed(why)) => city.end_job(*id, &job.actor, &why),
            },
        };
        if let Err(why) = ended {
            tracing::warn!(job = %id, why, "it is tried again");
            city.jobs.rest(DISK_FULL);
            continue;
        }
        return;
    }
}

fn rest(closed: &SlotError) -> Stop {
    match closed {
        SlotError::Stopped { .. } => Stop::Over,
        other => Stop::Rest(other.retry_after().unwrap_or(BUSY)),
    }
}
