//! A plugin's place in a running host: its lanes, its breakers, its successor on trial.
//!
//! Commands go through the write lane, one at a time and in order. Views run on their callers' threads, a few at once, and
//! never wait for the write lane. Jobs have a lane of their own. Each lane has its own breaker: a view that traps does not
//! close the commands. A panic in queued work is caught and counts as a fault.

use crate::breaker::{Breaker, BreakerOptions, BreakerState};
use crate::fault::{Fault, FaultKind};
use crate::lane::Lane;
use crate::plugin::Plugin;
use changzhi_model::Name;
use parking_lot::{Condvar, Mutex, RwLock};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Work for a lane: gets the plugin in force, or why there is none to be had. The fault it returns counts as a strike.
pub type Work = Box<dyn FnOnce(Result<&Arc<Plugin>, &SlotError>) -> Result<(), Fault> + Send>;

/// Why a plugin does not take a call now.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SlotError {
    #[error("plugin {plugin} is resting after faults, for {} ms more", retry_after.as_millis())]
    Open { plugin: Name, retry_after: Duration },
    #[error("plugin {plugin} has more to do than its queue holds")]
    Busy { plugin: Name },
    #[error("plugin {plugin} is stopped")]
    Stopped { plugin: Name },
}

impl SlotError {
    /// When to try again; `None` when that is of no use.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            SlotError::Open { retry_after, .. } => Some(*retry_after),
            SlotError::Busy { .. } => Some(BUSY),
            SlotError::Stopped { .. } => None,
        }
    }
}

const BUSY: Duration = Duration::from_millis(250);

/// A fault that was kept, with the input that reproduces it in `fault.kept`.
#[derive(Clone, Debug)]
pub struct Quarantined {
    pub plugin: Name,
    pub version: Name,
    pub fault: Fault,
    /// This fault closed the lane for a while.
    pub opened: bool,
}

/// A new version that faulted on trial: the old one is back.
#[derive(Clone, Debug)]
pub struct RolledBack {
    pub plugin: Name,
    pub from: Arc<Plugin>,
    pub to: Arc<Plugin>,
    pub fault: Fault,
}

/// Told what happens in a slot, on the thread where it happens: be quick, and do not call the slot.
pub trait SlotEvents: Send + Sync + 'static {
    fn quarantined(&self, what: Quarantined);
    fn rolled_back(&self, what: RolledBack);
}

/// How a slot is run.
#[derive(Clone)]
pub struct SlotOptions {
    /// Commands that may wait.
    pub queue: usize,
    /// Steps of jobs that may wait.
    pub job_queue: usize,
    /// How long a view waits for a reader to be free.
    pub read_wait: Duration,
    pub breaker: BreakerOptions,
    /// Calls of a new version that must go well before the old one is let go.
    pub trial_calls: u32,
    pub events: Arc<dyn SlotEvents>,
    /// What time it is for the breakers: tests bring their own.
    pub now: Now,
}

/// A monotonic clock.
pub type Now = Arc<dyn Fn() -> Instant + Send + Sync>;

impl SlotOptions {
    /// What a city runs with.
    pub fn production(events: Arc<dyn SlotEvents>) -> SlotOptions {
        SlotOptions {
            queue: 1024,
            job_queue: 64,
            read_wait: Duration::from_secs(2),
            breaker: BreakerOptions::production(),
            trial_calls: 20,
            events,
            now: Arc::new(Instant::now),
        }
    }
}

struct Trial {
    old: Arc<Plugin>,
    left: u32,
}

pub(crate) struct Seat {
    id: Name,
    current: RwLock<Arc<Plugin>>,
    trial: Mutex<Option<Trial>>,
    write: Mutex<Breaker>,
    read: Mutex<Breaker>,
    job: Mutex<Breaker>,
    stopped: AtomicBool,
    options: SlotOptions,
}

/// See the module.
pub struct Slot {
    seat: Arc<Seat>,
    writes: Lane<Work>,
    jobs: Lane<Work>,
    reading: Mutex<usize>,
    read_free: Condvar,
    swapping: Mutex<()>,
}

impl Seat {
    fn now(&self) -> Instant {
        (self.options.now)()
    }

    fn plugin(&self) -> Arc<Plugin> {
        Arc::clone(&self.current.read())
    }

    fn open(&self, retry_after: Duration) -> SlotError {
        SlotError::Open { plugin: self.id.clone(), retry_after }
    }

    fn admit(&self, breaker: &Mutex<Breaker>) -> Result<(), SlotError> {
        if self.stopped.load(Ordering::Acquire) {
            return Err(SlotError::Stopped { plugin: self.id.clone() });
        }
        breaker.lock().admit(self.now()).map_err(|wait| self.open(wait))
    }

    /// One piece of queued work, with everything that may come of it.
    fn run(&self, breaker: &Mutex<Breaker>, work: Work) {
        let closed = breaker.lock().is_open(self.now()).map(|wait| self.open(wait));
        if let Some(closed) = closed {
            self.refuse(work, &closed);
            return;
        }
        let plugin = self.plugin();
        let done = caught(|| work(Ok(&plugin)));
        self.settle(breaker, &plugin, done.as_ref().err());
    }

    fn refuse(&self, work: Work, why: &SlotError) {
        if let Err(fault) = caught(|| work(Err(why))) {
            tracing::error!(plugin = self.id.as_str(), %fault, "refusing queued work failed");
        }
    }

    fn settle(&self, breaker: &Mutex<Breaker>, plugin: &Arc<Plugin>, fault: Option<&Fault>) {
        let Some(fault) = fault else {
            breaker.lock().good();
            let mut trial = self.trial.lock();
            if let Some(t) = trial.as_mut()
                && Arc::ptr_eq(plugin, &self.current.read())
            {
                t.left = t.left.saturating_sub(1);
                if t.left == 0 {
                    *trial = None;
                }
            }
            return;
        };
        let back = {
            let mut trial = self.trial.lock();
            let mut current = self.current.write();
            match trial.take() {
                Some(t) if Arc::ptr_eq(plugin, &current) => {
                    *current = Arc::clone(&t.old);
                    Some(t.old)
                }
                // A late fault of the version before: the trial goes on.
                other => {
                    *trial = other;
                    None
                }
            }
        };
        let opened = back.is_none() && breaker.lock().strike(self.now());
        let (id, version) = (self.id.clone(), plugin.version().clone());
        self.options.events.quarantined(Quarantined { plugin: id.clone(), version, fault: fault.clone(), opened });
        if let Some(old) = back {
            for breaker in [&self.write, &self.read, &self.job] {
                breaker.lock().reset();
            }
            let what = RolledBack { plugin: id, from: Arc::clone(plugin), to: old, fault: fault.clone() };
            self.options.events.rolled_back(what);
        }
    }
}

fn caught<R>(work: impl FnOnce() -> Result<R, Fault>) -> Result<R, Fault> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let what = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
        let what = what.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".into());
        Err(Fault { kind: FaultKind::Panic(what), export: None, kept: None })
    })
}

impl Slot {
    /// Starts the lanes.
    pub fn start(plugin: Arc<Plugin>, options: SlotOptions) -> std::io::Result<Arc<Slot>> {
        let breaker = || Mutex::new(Breaker::new(options.breaker));
        let seat = Arc::new(Seat {
            id: plugin.id().clone(),
            current: RwLock::new(plugin),
            trial: Mutex::new(None),
            write: breaker(),
            read: breaker(),
            job: breaker(),
            stopped: AtomicBool::new(false),
            options: options.clone(),
        });
        let lane = |name: &str, length: usize, which: fn(&Seat) -> &Mutex<Breaker>| {
            let (run, refuse) = (Arc::clone(&seat), Arc::clone(&seat));
            let stopped = SlotError::Stopped { plugin: seat.id.clone() };
            Lane::start(
                format!("{name}-{}", seat.id),
                length,
                move |work: Work| run.run(which(&run), work),
                move |work| refuse.refuse(work, &stopped),
            )
        };
        let writes = lane("write", options.queue, |s| &s.write)?;
        let jobs = lane("job", options.job_queue, |s| &s.job)?;
        Ok(Arc::new(Slot {
            seat,
            writes,
            jobs,
            reading: Mutex::new(0),
            read_free: Condvar::new(),
            swapping: Mutex::new(()),
        }))
    }

    /// The version in force.
    pub fn current(&self) -> Arc<Plugin> {
        self.seat.plugin()
    }

    /// The version before, while the one in force is on trial.
    pub fn previous(&self) -> Option<Arc<Plugin>> {
        self.seat.trial.lock().as_ref().map(|t| Arc::clone(&t.old))
    }

    /// Queues a command. `Err`: not queued, `work` is dropped unrun. Queued work always runs, with the plugin or with an error.
    pub fn write(&self, work: Work) -> Result<(), SlotError> {
        self.queue(&self.writes, &self.seat.write, work)
    }

    /// Queues one step of a job.
    pub fn job(&self, work: Work) -> Result<(), SlotError> {
        self.queue(&self.jobs, &self.seat.job, work)
    }

    fn queue(&self, lane: &Lane<Work>, breaker: &Mutex<Breaker>, work: Work) -> Result<(), SlotError> {
        self.seat.admit(breaker)?;
        if lane.offer(work) { Ok(()) } else { Err(SlotError::Busy { plugin: self.seat.id.clone() }) }
    }

    /// Runs a view on the caller's thread, as soon as a reader is free.
    pub fn read<R>(&self, work: impl FnOnce(&Arc<Plugin>) -> Result<R, Fault>) -> Result<Result<R, Fault>, SlotError> {
        let plugin = self.seat.plugin();
        {
            let until = Instant::now() + self.seat.options.read_wait;
            let mut reading = self.reading.lock();
            while *reading >= plugin.limits().readers {
                if self.read_free.wait_until(&mut reading, until).timed_out() {
                    return Err(SlotError::Busy { plugin: self.seat.id.clone() });
                }
            }
            self.seat.admit(&self.seat.read)?;
            *reading += 1;
        }
        let answer = caught(|| work(&plugin));
        *self.reading.lock() -= 1;
        self.read_free.notify_one();
        self.seat.settle(&self.seat.read, &plugin, answer.as_ref().err());
        Ok(answer)
    }

    /// Commands that wait.
    pub fn queued(&self) -> usize {
        self.writes.queued()
    }

    /// The breakers of the write, read and job lane.
    pub fn breakers(&self) -> [BreakerState; 3] {
        let now = self.seat.now();
        [&self.seat.write, &self.seat.read, &self.seat.job].map(|b| b.lock().state(now))
    }

    /// An operator's word that it is mended: all breakers close.
    pub fn reset(&self) {
        for breaker in [&self.seat.write, &self.seat.read, &self.seat.job] {
            breaker.lock().reset();
        }
    }

    /// Ends the lanes after what runs now; queued work is told. Later calls are refused.
    pub fn stop(&self) {
        self.seat.stopped.store(true, Ordering::Release);
        self.writes.end();
        self.jobs.end();
    }

    pub(crate) fn swapping(&self) -> &Mutex<()> {
        &self.swapping
    }

    /// Waits until the commands queued so far are over, faults and all.
    pub fn settle(&self) {
        self.between_commands(|| ());
    }

    /// Runs `within` between two commands.
    pub(crate) fn between_commands<R>(&self, within: impl FnOnce() -> R) -> Option<R> {
        self.writes.paused(within)
    }

    /// Puts a version in force; the one before is kept while it is on trial.
    pub(crate) fn switch(&self, new: Arc<Plugin>) {
        let mut trial = self.seat.trial.lock();
        let mut current = self.seat.current.write();
        let old = std::mem::replace(&mut *current, new);
        let left = self.seat.options.trial_calls;
        *trial = (left > 0).then_some(Trial { old, left });
        drop((current, trial));
        self.reset();
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.stop();
    }
}
