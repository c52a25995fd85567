//! The desk: follows the journal, decides whose turn it is, hands out, and journals what came of it.

use crate::adapter::Adapter;
use crate::fold::{Fold, Key, Open};
use crate::lane::{Done, Job, Lane};
use crate::{Channel, Host, Outcome, Why};
use changzhi_journal::Journal;
use changzhi_model::{Fact, Micros, Receiver as To, Said, Seq, Transaction, Wish};
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use hashbrown::HashMap;
use parking_lot::{Mutex, RwLock};
use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// The clock is looked at so often while something waits; it may be one that jumps.
const LOOK: Duration = Duration::from_millis(500);
/// Nothing waits: the journal's signal wakes the desk.
const REST: Duration = Duration::from_secs(3600);
/// People one wish may become messages to.
const MOST: usize = 500;

/// How often and how widely it tries.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long after a failure the same channel is tried again; after the last of these it is not.
    pub retry: Vec<Duration>,
    /// Messages of one channel under way at once.
    pub workers: usize,
    /// Messages of one channel that may wait in memory with their lane; the rest wait in the journal.
    pub queue: usize,
}

impl Default for Options {
    fn default() -> Options {
        let retry = [1, 5, 30, 120, 600, 3_600, 21_600].map(Duration::from_secs).to_vec();
        Options { retry, workers: 2, queue: 32 }
    }
}

/// Why a receipt is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReceiptError {
    #[error("no message of this key waits for a receipt")]
    Unknown,
    #[error("the message is still being sent: send the receipt again in a minute")]
    TooSoon,
    #[error("the journal takes nothing now: send the receipt again later")]
    Journal,
}

struct Shared {
    fold: RwLock<Fold>,
    host: Arc<dyn Host>,
    journal: Arc<dyn Journal>,
    /// Receipts journaled and not yet folded.
    receipts: Mutex<HashMap<Key, Seq>>,
    stop: AtomicBool,
}

/// The outbox at work, until it is dropped.
pub struct Outbox {
    shared: Arc<Shared>,
    channels: Vec<Channel>,
    wake: Sender<()>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Outbox {
    /// # Errors
    /// When a thread cannot be started.
    pub fn begin(
        journal: Arc<dyn Journal>,
        host: Arc<dyn Host>,
        adapters: Vec<Arc<dyn Adapter>>,
        options: Options,
    ) -> std::io::Result<Outbox> {
        let (wake, woken) = bounded(1);
        let told = wake.clone();
        journal.on_durable(Box::new(move |_| {
            // One signal waiting is enough, and the log thread never does.
            let _ = told.try_send(());
        }));
        let shared = Arc::new(Shared {
            fold: RwLock::default(),
            host: Arc::clone(&host),
            journal,
            receipts: Mutex::default(),
            stop: AtomicBool::new(false),
        });
        let (report, done) = unbounded();
        let mut lanes = BTreeMap::new();
        for adapter in &adapters {
            lanes.insert(adapter.channel(), Lane::begin(adapter, &host, &report, (options.workers, options.queue))?);
        }
        let channels = lanes.keys().copied().collect();
        let desk = Desk {
            shared: Arc::clone(&shared),
            lanes,
            woken,
            done,
            busy: HashMap::new(),
            unsettled: VecDeque::new(),
            held: HashMap::new(),
            retry: options.retry,
        };
        let thread = std::thread::Builder::new().name("outbox".into()).spawn(move || desk.run())?;
        Ok(Outbox { shared, channels, wake, thread: Mutex::new(Some(thread)) })
    }

    /// Looks at where intents stand. Keep it short: the desk waits.
    pub fn look<R>(&self, look: impl FnOnce(&Fold) -> R) -> R {
        look(&self.shared.fold.read())
    }

    /// The channels there are.
    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// The city's clock.
    pub fn now(&self) -> Micros {
        self.shared.host.now()
    }

    /// Begins nothing more, waits for what is under way (each sending has its time limit) and journals what came of it. To be called
    /// before the city closes; what is shared of the outbox can still be looked at.
    pub fn end(&self) {
        self.shared.stop.store(true, Ordering::Release);
        let _ = self.wake.try_send(());
        if let Some(thread) = self.thread.lock().take() {
            let _ = thread.join();
        }
    }

    /// A gateway says what became of a message it took; durable on return. The same receipt again is no error.
    ///
    /// # Errors
    /// See [`ReceiptError`].
    pub fn receipt(&self, key: Key, arrived: bool) -> Result<(), ReceiptError> {
        let mut pending = self.shared.receipts.lock();
        let (upto, open, sent, one) = self.look(|f| (f.upto(), f.one_open(key).is_some(), f.sent(key), f.one(key)));
        pending.retain(|_, seq| *seq > upto);
        if pending.contains_key(&key) {
            return Ok(());
        }
        let Some((attempts, channel)) = sent else {
            return match (open, one) {
                (true, _) => Err(ReceiptError::TooSoon),
                // It has its final state: a gateway that did not hear our answer asks again.
                (false, Some(_)) => Ok(()),
                (false, None) => Err(ReceiptError::Unknown),
            };
        };
        let outcome = if arrived { Outcome::Delivered(channel) } else { Outcome::Failed(channel, Why::Undelivered) };
        let fact = settled(key, attempts.saturating_add(1), outcome);
        let seq = self.shared.host.journal(vec![fact]).map_err(|_| ReceiptError::Journal)?;
        pending.insert(key, seq);
        drop(pending);
        self.shared.journal.wait_durable(seq).map_err(|_| ReceiptError::Journal)
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.end();
    }
}

fn settled(key: Key, attempt: u32, outcome: Outcome) -> Fact {
    Fact::Settled { intent: key.intent, index: key.index, attempt, outcome: outcome.write() }
}

/// What waits to be journaled: the result first, then what it brings.
struct Unsettled {
    key: Key,
    facts: Vec<Fact>,
}

struct Desk {
    shared: Arc<Shared>,
    lanes: BTreeMap<Channel, Lane>,
    woken: Receiver<()>,
    done: Receiver<Done>,
    /// Handed out, or its result on the way into the fold (the transaction it is in).
    busy: HashMap<Key, Option<Seq>>,
    unsettled: VecDeque<Unsettled>,
    /// Kept for the end of somebody's quiet hours.
    held: HashMap<Key, Micros>,
    retry: Vec<Duration>,
}

impl Desk {
    fn run(mut self) {
        while !self.stops() {
            if let Err(error) = self.read() {
                tracing::error!(%error, "the outbox ends here: the journal cannot be read");
                break;
            }
            self.settle();
            let wait = if self.stops() { Duration::ZERO } else { self.hand_out() };
            crossbeam_channel::select! {
                recv(self.woken) -> woken => if woken.is_err() { break },
                recv(self.done) -> done => if let Ok(done) = done { self.took(&done) },
                default(wait) => {}
            }
        }
        for (_, lane) in std::mem::take(&mut self.lanes) {
            lane.end();
        }
        self.settle();
    }

    fn stops(&self) -> bool {
        self.shared.stop.load(Ordering::Acquire)
    }

    /// Everything that became durable.
    fn read(&mut self) -> Result<(), String> {
        let shared = &self.shared;
        let from = shared.fold.read().upto().next();
        let read = shared.journal.read(from, &mut |seq, bytes| {
            match Transaction::decode(bytes) {
                Ok(tx) => shared.fold.write().apply(seq, &tx),
                // The world refuses the same record at start.
                Err(error) => tracing::warn!(%seq, %error, "the outbox passes a transaction over"),
            }
            if shared.stop.load(Ordering::Acquire) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        read.map_err(|e| e.to_string())?;
        let upto = shared.fold.read().upto();
        self.busy.retain(|_, seq| seq.is_none_or(|seq| seq > upto));
        Ok(())
    }

    fn took(&mut self, done: &Done) {
        if let Outcome::Retry(channel, why) | Outcome::Failed(channel, why) = done.outcome {
            tracing::warn!(key = %done.key, attempt = done.attempt, %channel, %why, "a message was not sent");
        }
        self.unsettled
            .push_back(Unsettled { key: done.key, facts: vec![settled(done.key, done.attempt, done.outcome)] });
    }

    /// Journals what came of things. What the journal does not take now is kept, and its intent stays busy: nothing is sent twice
    /// for a full disk.
    fn settle(&mut self) {
        while let Ok(done) = self.done.try_recv() {
            self.took(&done);
        }
        while let Some(next) = self.unsettled.pop_front() {
            match self.shared.host.journal(next.facts.clone()) {
                Ok(seq) => {
                    self.busy.insert(next.key, Some(seq));
                }
                Err(error) => {
                    tracing::warn!(key = %next.key, %error, "what became of a message is not journaled yet");
                    self.unsettled.push_front(next);
                    return;
                }
            }
        }
    }

    /// How long after `since` it is tried again.
    fn delay(&self, tries: u32) -> Duration {
        match usize::try_from(tries).ok().and_then(|n| n.checked_sub(1)) {
            None => Duration::ZERO,
            Some(n) => self.retry.get(n).or(self.retry.last()).copied().unwrap_or_default(),
        }
    }

    fn due(&self, key: &Key, open: &Open) -> Micros {
        let delay = i64::try_from(self.delay(open.tries).as_micros()).unwrap_or(i64::MAX);
        let due = Micros(open.since.0.saturating_add(delay));
        self.held.get(key).map_or(due, |held| due.max(*held))
    }

    /// Begins everything that is due; returns how long there is nothing more to do.
    fn hand_out(&mut self) -> Duration {
        let now = self.shared.host.now();
        let (mut due, mut waits) = (Vec::new(), !self.unsettled.is_empty());
        {
            let fold = self.shared.fold.read();
            self.held.retain(|key, _| fold.one_open(*key).is_some());
            for (key, open) in fold.open().filter(|(key, _)| !self.busy.contains_key(*key)) {
                let at = self.due(key, open);
                if at <= now {
                    due.push((at, *key, open.clone()));
                } else {
                    waits = true;
                }
            }
        }
        due.sort_by_key(|(at, key, _)| (*at, *key));
        for (_, key, open) in due {
            match self.begin(key, &open, now) {
                Begun::Out => {
                    self.busy.insert(key, None);
                }
                Begun::Ends(outcome, more) => {
                    let mut facts = vec![settled(key, open.attempts.saturating_add(1), outcome)];
                    facts.extend(more);
                    self.busy.insert(key, None);
                    self.unsettled.push_back(Unsettled { key, facts });
                }
                Begun::Held(until) => {
                    self.held.insert(key, until);
                    waits = true;
                }
                // The lane's next report is the signal.
                Begun::Full => {}
            }
        }
        if !self.unsettled.is_empty() {
            self.settle();
            waits |= !self.unsettled.is_empty();
        }
        if waits { LOOK } else { REST }
    }

    fn begin(&self, key: Key, open: &Open, now: Micros) -> Begun {
        let give_up = |why| Begun::Ends(Outcome::GivenUp(why), Vec::new());
        let wish = match Wish::read(&open.kind, &open.args) {
            Ok(wish) => wish,
            Err(error) => {
                tracing::warn!(%key, %error, "an intent of another version is given up");
                return give_up(Why::Unreadable);
            }
        };
        if wish.said.until.is_some_and(|until| until < now) {
            return give_up(Why::Over);
        }
        if let To::Roles { .. } = wish.receiver {
            return self.spread(&wish, open, now);
        }
        let plan = match self.shared.host.plan(&wish, now) {
            Ok(plan) => plan,
            Err(why) => return give_up(why),
        };
        let open_to = plan.channels.iter().filter(|c| !open.failed.contains(c));
        let Some((channel, lane)) = open_to.filter_map(|c| Some((*c, self.lanes.get(c)?))).next() else {
            // The last channel's reason says more than that there is no other.
            return give_up(open.last.map_or(Why::NoChannel, |(_, why)| why));
        };
        if let Some(until) = plan.not_before.filter(|until| *until > now && !wish.said.urgent) {
            return Begun::Held(until);
        }
        // Another channel than the last begins its tries anew.
        let tries = if open.last.is_some_and(|(last, _)| last == channel) { open.tries } else { 0 };
        let last = usize::try_from(tries).is_ok_and(|n| n >= self.retry.len());
        if lane.offer(Job { key, open: open.clone(), wish, last }) { Begun::Out } else { Begun::Full }
    }

    /// One intent for each person, in the transaction that ends the one they come of: all of them or none, once.
    fn spread(&self, wish: &Wish, open: &Open, now: Micros) -> Begun {
        let people = self.shared.host.people(&wish.receiver, open.about, now);
        if people.is_empty() {
            return Begun::Ends(Outcome::GivenUp(Why::Nobody), Vec::new());
        }
        let words = wish.said.words.clone().unwrap_or_else(|| open.plugin.clone());
        let said = Said { words: Some(words), ..wish.said.clone() };
        let intents: Vec<Fact> = people
            .into_iter()
            .take(MOST)
            .map(|account| {
                let receiver = To::One { account: Some(account), contact: None };
                let (kind, args) = Wish { receiver, said: said.clone() }.write();
                Fact::Intended { kind, entity: open.about, args }
            })
            .collect();
        Begun::Ends(Outcome::Told(u32::try_from(intents.len()).unwrap_or(u32::MAX)), intents)
    }
}

enum Begun {
    Out,
    Ends(Outcome, Vec<Fact>),
    Held(Micros),
    Full,
}
