//! From a submission to an outcome.

use crate::city::City;
use crate::commit::{CommitError, Committed, Origin};
use crate::native::Native;
use crate::registry::{Installed, Runner};
use crate::requests::{Begin, tell_all};
use crate::submission::{Outcome, Pending, Submission, Tell};
use changzhi_model::{Changes, Context, Refusal, Seq, Text, Transaction};
use changzhi_plugins::{Call, Fault, Plugin, ReadSet, SlotError};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

pub(crate) const BUSY: Duration = Duration::from_millis(250);
pub(crate) const DISK_FULL: Duration = Duration::from_secs(10);

impl City {
    /// Hands a command in. The outcome comes when it is durable.
    pub fn submit(self: &Arc<Self>, submission: Submission) -> Pending {
        let (tell, pending) = Pending::new();
        self.submit_then(submission, tell);
        pending
    }

    /// Hands a command in and calls `tell` with its outcome, from another thread.
    pub fn submit_then(self: &Arc<Self>, submission: Submission, tell: Box<dyn FnOnce(Outcome) + Send>) {
        let digest = submission.digest();
        let Some(tell) = self.begin(&submission, digest, tell) else { return };
        let Some(installed) = self.registry().plugin(&submission.plugin).cloned() else {
            let refusal = Refusal::NotFound(Text::plain(format!("plugin {:?} is not installed", submission.plugin)));
            return self.release(&submission, tell, Outcome::Refused(refusal));
        };
        let city = Arc::clone(self);
        match &installed.runner {
            Runner::Native(native) => {
                let native = Arc::clone(native);
                self.host_lane.run(Box::new(move || city.run_native(&installed, &*native, submission, digest, tell)));
            }
            Runner::Wasm(slot) => {
                // Shared with the refusal path: a full queue gives the closure back unrun.
                let parcel = Arc::new(parking_lot::Mutex::new(Some((submission, tell))));
                let inside = Arc::clone(&parcel);
                let installed = Arc::clone(&installed);
                let sent = slot.write(Box::new(move |plugin| {
                    if let Some((submission, tell)) = inside.lock().take() {
                        match plugin {
                            Ok(plugin) => return city.run_wasm(&installed, plugin, submission, digest, tell),
                            Err(closed) => city.release(&submission, tell, unavailable(closed)),
                        }
                    }
                    Ok(())
                }));
                if let Err(closed) = sent
                    && let Some((submission, tell)) = parcel.lock().take()
                {
                    self.release(&submission, tell, unavailable(&closed));
                }
            }
        }
    }

    /// Looks the request up: `None` when it was told already, or will be by the one that runs.
    pub(crate) fn begin(self: &Arc<Self>, submission: &Submission, digest: [u8; 16], tell: Tell) -> Option<Tell> {
        self.stats.submitted.fetch_add(1, Ordering::Relaxed);
        if let Some(reason) = self.failed() {
            tell(Outcome::Unavailable { reason, retry_after: Duration::from_secs(60) });
            return None;
        }
        match self.requests.begin(submission.request, digest, tell) {
            Begin::New(tell) => return Some(tell),
            Begin::Joined => {}
            Begin::Replay(seq, tell) => self.replay(seq, tell),
            Begin::Differs(tell) => tell(Outcome::Refused(Refusal::Conflict(Text::key("core-request-id-reused")))),
            Begin::Broken(why, tell) => {
                tracing::warn!(why, "the request index cannot be read");
                tell(Outcome::Unavailable { reason: "the request index is being mended".into(), retry_after: BUSY });
            }
        }
        None
    }

    fn run_wasm(
        &self,
        installed: &Installed,
        plugin: &Arc<Plugin>,
        submission: Submission,
        digest: [u8; 16],
        tell: Tell,
    ) -> Result<(), Fault> {
        let mut tries = 0;
        loop {
            tries += 1;
            let _order = (tries >= self.options.optimistic_tries).then(|| self.order.lock());
            let outdated = submission.outdated(&self.world.read());
            if let Some(changed) = outdated {
                self.settle(&submission, digest, tell, Err(CommitError::Outdated(changed)), Seq::ZERO);
                return Ok(());
            }
            let ctx = self.context(&submission);
            let reads = ReadSet::at(ctx.revision);
            let call = Call { ctx: &ctx, reads: &reads };
            match plugin.handle(&call, &submission.command, &submission.body) {
                Err(fault) => {
                    self.release(&submission, tell, Outcome::Failed(fault.to_string()));
                    return Err(fault);
                }
                Ok(Err(refusal)) => {
                    self.refuse(&submission, ctx.revision, tell, Outcome::Refused(refusal));
                    return Ok(());
                }
                Ok(Ok(changes)) => match self.finish(installed, &submission, digest, changes, Some(&reads)) {
                    Err(CommitError::Stale) => {
                        self.stats.stale.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(CommitError::Breach(what)) => {
                        self.release(&submission, tell, Outcome::Failed(what.clone()));
                        return Err(Fault::breach(what));
                    }
                    other => {
                        self.settle(&submission, digest, tell, other, ctx.revision);
                        return Ok(());
                    }
                },
            }
        }
    }

    fn run_native(
        &self,
        installed: &Installed,
        native: &dyn Native,
        submission: Submission,
        digest: [u8; 16],
        tell: Tell,
    ) {
        // The host's own domain is quick and trusted: it runs under the commit lock, so it never runs twice.
        let _order = self.order.lock();
        let ctx = self.context(&submission);
        let answer = native.handle(&ctx, &submission.command, &submission.body, &self.world.read());
        match answer {
            Err(refusal) => self.refuse(&submission, ctx.revision, tell, Outcome::Refused(refusal)),
            Ok(changes) => {
                let done = self.finish(installed, &submission, digest, changes, None);
                self.settle(&submission, digest, tell, done, ctx.revision);
            }
        }
    }

    fn finish(
        &self,
        installed: &Installed,
        submission: &Submission,
        digest: [u8; 16],
        changes: Changes,
        reads: Option<&ReadSet>,
    ) -> Result<Committed, CommitError> {
        // Held from this look until the commit: nothing comes between.
        let _order = submission.expected.is_some().then(|| self.order.lock());
        let outdated = submission.outdated(&self.world.read());
        if let Some(changed) = outdated {
            return Err(CommitError::Outdated(changed));
        }
        let origin = Origin {
            actor: &submission.actor,
            purpose: &submission.purpose,
            plugin: &submission.plugin,
            command: &submission.command,
            request: submission.request,
            digest,
        };
        self.commit_changes(installed, origin, changes, reads, submission.extra())
    }

    pub(crate) fn settle(
        &self,
        submission: &Submission,
        digest: [u8; 16],
        tell: Tell,
        done: Result<Committed, CommitError>,
        revision: Seq,
    ) {
        match done {
            Ok(Committed { seq, changed, answer }) => {
                let also = if changed {
                    self.requests.committed(submission.request, seq, digest)
                } else {
                    self.requests.released(submission.request)
                };
                let outcome = Outcome::Done { seq, answer, changed, replayed: false };
                self.acks.when_durable(
                    seq,
                    Box::new(move |durable| match durable {
                        Ok(()) => tell_all(tell, also, outcome),
                        Err(reason) => tell_all(tell, also, lost(reason)),
                    }),
                );
            }
            Err(CommitError::Refused(refusal)) => self.refuse(submission, revision, tell, Outcome::Refused(refusal)),
            Err(CommitError::Outdated(changed)) => {
                let now = self.read(|w| w.revision());
                self.refuse(submission, now, tell, Outcome::Outdated(changed));
            }
            Err(CommitError::Full(reason)) => {
                self.release(submission, tell, Outcome::Unavailable { reason, retry_after: DISK_FULL });
            }
            Err(CommitError::Stale) => {
                self.release(
                    submission,
                    tell,
                    Outcome::Unavailable { reason: "the world moves too fast".into(), retry_after: BUSY },
                );
            }
            Err(CommitError::Breach(what)) => self.release(submission, tell, Outcome::Failed(what)),
            Err(CommitError::Fatal(reason)) => self.release(submission, tell, lost(reason)),
        }
    }

    /// A refusal may tell of what is not durable yet: it waits like everything else.
    fn refuse(&self, submission: &Submission, revision: Seq, tell: Tell, refused: Outcome) {
        self.stats.refused.fetch_add(1, Ordering::Relaxed);
        let also = self.requests.released(submission.request);
        self.acks.when_durable(
            revision,
            Box::new(move |durable| {
                let outcome = match durable {
                    Ok(()) => refused,
                    Err(reason) => lost(reason),
                };
                tell_all(tell, also, outcome);
            }),
        );
    }

    pub(crate) fn release(&self, submission: &Submission, tell: Tell, outcome: Outcome) {
        let also = self.requests.released(submission.request);
        tell_all(tell, also, outcome);
    }

    /// Answers a retry with what the first got.
    fn replay(self: &Arc<Self>, seq: Seq, tell: Tell) {
        let city = Arc::clone(self);
        self.acks.when_durable(
            seq,
            Box::new(move |durable| {
                tell(match durable {
                    Ok(()) => match city.transaction(seq) {
                        Ok(tx) => Outcome::Done { seq, answer: tx.answer, changed: true, replayed: true },
                        Err(reason) => Outcome::Unavailable { reason, retry_after: BUSY },
                    },
                    Err(reason) => lost(reason),
                });
            }),
        );
    }

    /// Reads one transaction back from the journal.
    pub fn transaction(&self, seq: Seq) -> Result<Transaction, String> {
        let bytes = self.journal.get(seq).map_err(|e| e.to_string())?;
        let bytes = bytes.ok_or_else(|| format!("transaction {seq} is not in the journal"))?;
        Transaction::decode(&bytes).map_err(|e| format!("transaction {seq}: {e}"))
    }

    fn context(&self, submission: &Submission) -> Context {
        let (now, revision) = {
            let world = self.world.read();
            (self.clock.now().max(world.last_at()), world.revision())
        };
        Context {
            actor: submission.actor.clone(),
            purpose: submission.purpose.clone(),
            now,
            seed: submission.request.seed(),
            place: submission.place,
            revision,
            locale: submission.locale.clone(),
        }
    }
}

fn unavailable(closed: &SlotError) -> Outcome {
    Outcome::Unavailable { reason: closed.to_string(), retry_after: closed.retry_after().unwrap_or(BUSY) }
}

fn lost(reason: String) -> Outcome {
    Outcome::Unavailable { reason: format!("not committed: {reason}"), retry_after: Duration::from_secs(60) }
}
