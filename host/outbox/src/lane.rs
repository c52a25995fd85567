//! One channel's lane: a bounded queue and the workers behind it. A gateway that hangs holds up its own lane and no other.

use crate::adapter::Adapter;
use crate::fold::{Key, Open};
use crate::{Channel, Host, Outcome, Trouble, Why};
use changzhi_model::Wish;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

/// One attempt to make.
pub(crate) struct Job {
    pub(crate) key: Key,
    pub(crate) open: Open,
    pub(crate) wish: Wish,
    /// No more tries by this channel after this one.
    pub(crate) last: bool,
}

/// What came of it.
pub(crate) struct Done {
    pub(crate) key: Key,
    pub(crate) attempt: u32,
    pub(crate) outcome: Outcome,
}

pub(crate) struct Lane {
    jobs: Sender<Job>,
    workers: Vec<JoinHandle<()>>,
}

impl Lane {
    pub(crate) fn begin(
        adapter: &Arc<dyn Adapter>,
        host: &Arc<dyn Host>,
        done: &Sender<Done>,
        (workers, queue): (usize, usize),
    ) -> std::io::Result<Lane> {
        let (jobs, to_do) = bounded(queue.max(1));
        let mut lane = Lane { jobs, workers: Vec::new() };
        for _ in 0..workers.max(1) {
            let name = format!("outbox-{}", adapter.channel());
            let (adapter, host) = (Arc::clone(adapter), Arc::clone(host));
            let (to_do, done): (Receiver<Job>, Sender<Done>) = (to_do.clone(), done.clone());
            let work = move || {
                for job in to_do {
                    let outcome = attempt(&*adapter, &*host, &job);
                    let report = Done { key: job.key, attempt: job.open.attempts.saturating_add(1), outcome };
                    if done.send(report).is_err() {
                        return;
                    }
                }
            };
            lane.workers.push(std::thread::Builder::new().name(name).spawn(work)?);
        }
        Ok(lane)
    }

    /// False when the lane is full: it says so by its next report.
    pub(crate) fn offer(&self, job: Job) -> bool {
        !matches!(self.jobs.try_send(job), Err(TrySendError::Full(_) | TrySendError::Disconnected(_)))
    }

    /// Nothing new is begun; what is under way ends by its own time limit.
    pub(crate) fn end(self) {
        drop(self.jobs);
        for worker in self.workers {
            let _ = worker.join();
        }
    }
}

fn attempt(adapter: &dyn Adapter, host: &dyn Host, job: &Job) -> Outcome {
    let channel: Channel = adapter.channel();
    let send = || {
        let letter = host.letter(&job.wish, &job.open.plugin, job.open.about, channel)?;
        adapter.send(&letter, job.key)
    };
    // A bug of one adapter costs its attempt, not the lane. What it said might hold an address: it is not logged.
    match catch_unwind(AssertUnwindSafe(send)).unwrap_or(Err(Trouble::Later(Why::Bug))) {
        Ok(()) => Outcome::Sent(channel),
        Err(Trouble::Later(why)) if !job.last => Outcome::Retry(channel, why),
        Err(Trouble::Later(why) | Trouble::Never(why)) => Outcome::Failed(channel, why),
    }
}
