//! The `feed` thread: durable transactions to subscribed plugins, in order. See [`crate::feed`] for the invariants.

use crate::city::City;
use crate::commit::{CommitError, Origin};
use crate::feed::{MARK_EVERY, Offered, notices};
use crate::open::{OpenError, spawn};
use crate::registry::{Installed, Runner};
use changzhi_model::{Actor, Changes, Context, EntityId, Fact, Name, RequestId, Seq, Transaction};
use changzhi_plugins::{Call, Fault, Notice, ReadSet};
use crossbeam_channel::RecvTimeoutError;
use hashbrown::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Transactions handed to a plugin in one call at most.
const BATCH: usize = 512;
/// How long the next batch waits for the one before it.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// The last transaction each subscriber was shown by this process.
type Places = HashMap<Name, Seq>;

/// What became of showing a batch.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// It answered, and what it answered is committed.
    Answered,
    Faulted,
    /// It was not asked, or the journal took nothing: the batch is still to be shown.
    NotYet,
}

impl City {
    pub(crate) fn start_feed(self: &Arc<Self>) -> Result<(), OpenError> {
        let weak = Arc::downgrade(self);
        let offered = self.feed.receiver();
        let thread = spawn("feed", move || {
            let mut places = Places::new();
            loop {
                match offered.recv_timeout(LOOK_AGAIN) {
                    Ok(first) => {
                        let Some(city) = weak.upgrade() else { return };
                        let mut batch = Vec::new();
                        for one in std::iter::once(first).chain(offered.try_iter().take(BATCH - 1)) {
                            match one {
                                Offered::Committed(seq, tx) => batch.push((seq, tx)),
                                Offered::Subscribed => {}
                            }
                        }
                        city.react_to(&batch, &mut places);
                    }
                    Err(RecvTimeoutError::Timeout) => {
                        if gone(&weak) {
                            return;
                        }
                    }
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        })?;
        self.threads.lock().push(thread);
        Ok(())
    }

    /// Brings every subscriber up to the end of the batch; without one, up to what is committed now.
    fn react_to(self: &Arc<Self>, batch: &[(Seq, Transaction)], places: &mut Places) {
        let first = batch.first().map(|(seq, _)| *seq);
        let last = batch.last().map_or_else(|| self.read(changzhi_world::World::revision), |(seq, _)| *seq);
        if self.journal.wait_durable(last).is_err() {
            return;
        }
        let registry = self.registry();
        for installed in registry.plugins.values().filter(|p| !p.manifest.subscriptions.is_empty()) {
            let id = &installed.manifest.id;
            let place = places.get(id).copied().unwrap_or_default().max(self.read(|w| w.reacted(id)));
            let place = match first {
                Some(first) if first <= place.next() => self.show(installed, batch, place),
                _ => self.catch_up(installed, place, last),
            };
            places.insert(id.clone(), place);
            if place.0 > self.read(|w| w.reacted(id)).0 + MARK_EVERY {
                self.mark(id, place);
            }
        }
        self.feed.went_through(last);
    }

    /// Whether every plugin that subscribes was shown everything up to there, and what it answered is in the world: for tests and replays,
    /// which move the clock themselves.
    pub fn is_shown(&self, upto: Seq) -> bool {
        self.feed.is_through(upto)
    }

    /// Shows what was committed while a subscriber was not running or not asked, out of the journal. Returns its new place.
    fn catch_up(self: &Arc<Self>, installed: &Arc<Installed>, from: Seq, upto: Seq) -> Seq {
        let mut place = from;
        while place < upto {
            let (mut batch, mut last) = (Vec::new(), place);
            let read = self.journal.read(place.next(), &mut |seq, bytes| {
                // The world refuses the same record at start.
                if let Ok(tx) = Transaction::decode(bytes) {
                    batch.push((seq, tx));
                }
                last = seq;
                if batch.len() < BATCH && seq < upto { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            if let Err(e) = read {
                tracing::error!(plugin = %installed.manifest.id, error = %e, "the feed cannot be read back");
                return place;
            }
            let before = place;
            place = if batch.is_empty() { last } else { self.show(installed, &batch, place) };
            if place == before {
                return place;
            }
        }
        place
    }

    /// Shows a batch to one subscriber that stands at `place`. Returns its new place.
    fn show(self: &Arc<Self>, installed: &Arc<Installed>, batch: &[(Seq, Transaction)], place: Seq) -> Seq {
        let Some((last, _)) = batch.last() else { return place };
        let wanted = self.wanted(installed, batch, place);
        if wanted.is_empty() {
            return place.max(*last);
        }
        // Once more after a fault: a busy machine is over a deadline now and then.
        for _ in 0..2 {
            match self.react(installed, wanted.clone(), *last) {
                Shown::Answered => return place.max(*last),
                Shown::NotYet => return place,
                Shown::Faulted => {}
            }
        }
        tracing::error!(plugin = %installed.manifest.id, upto = %last, changes = wanted.len(), "a reaction faulted twice: these changes are passed over");
        place.max(*last)
    }

    /// What of the batch the plugin asked for; its own transactions are left out.
    fn wanted(&self, installed: &Installed, batch: &[(Seq, Transaction)], place: Seq) -> Vec<Notice> {
        let mine = &installed.manifest.id;
        let mut kinds: HashMap<u64, Name> = HashMap::new();
        let mut kind = |entity: EntityId| {
            let look = || self.read(|w| w.core(entity)).map(|c| c.kind).unwrap_or_default();
            kinds.entry(entity.0).or_insert_with(look).clone()
        };
        let asked = |notice: &Notice| {
            installed.manifest.subscriptions.iter().any(|s| match s.strip_prefix("kind:") {
                Some(wanted) => wanted == notice.kind,
                None => notice.what.strip_prefix("put:") == Some(s.as_str()),
            })
        };
        batch
            .iter()
            .filter(|(seq, tx)| *seq > place && tx.plugin != *mine)
            .flat_map(|(seq, tx)| notices(*seq, tx, &mut kind))
            .filter(asked)
            .collect()
    }

    fn react(self: &Arc<Self>, installed: &Arc<Installed>, facts: Vec<Notice>, upto: Seq) -> Shown {
        let Runner::Wasm(slot) = &installed.runner else { return Shown::Answered };
        let (city, owner) = (Arc::clone(self), Arc::clone(installed));
        let (told, answered) = crossbeam_channel::bounded::<Shown>(1);
        let sent = slot.write(Box::new(move |plugin| {
            let Ok(plugin) = plugin else { return Ok(()) };
            let became = city.reaction(&owner, plugin, &facts, upto);
            let _ = told.send(match &became {
                Ok(shown) => *shown,
                Err(_) => Shown::Faulted,
            });
            became.map(drop)
        }));
        if sent.is_err() {
            return Shown::NotYet;
        }
        // In order for one plugin: the next batch comes after this one.
        match answered.recv_timeout(PATIENCE) {
            Ok(shown) => shown,
            Err(RecvTimeoutError::Disconnected) => Shown::NotYet,
            Err(RecvTimeoutError::Timeout) => {
                tracing::warn!(plugin = %installed.manifest.id, "a reaction has waited long; the next is queued behind it");
                Shown::Answered
            }
        }
    }

    /// One call and its commit, made again while what it read changes under it.
    fn reaction(
        &self,
        owner: &Installed,
        plugin: &changzhi_plugins::Plugin,
        facts: &[Notice],
        upto: Seq,
    ) -> Result<Shown, Fault> {
        loop {
            let (now, revision) = self.read(|w| (self.clock.now().max(w.last_at()), w.revision()));
            let ctx = Context {
                actor: Actor::default(),
                purpose: Name::default(),
                now,
                seed: upto.0,
                place: None,
                revision,
                locale: Name::new_static("zh-CN"),
            };
            let reads = ReadSet::at(revision);
            let changes = match plugin.react(&Call { ctx: &ctx, reads: &reads }, facts)? {
                Ok(changes) => changes,
                Err(refusal) => {
                    tracing::warn!(plugin = %owner.manifest.id, ?refusal, "a reaction was refused by the plugin itself");
                    Changes::default()
                }
            };
            match self.commit_reaction(owner, changes, &reads, upto) {
                Ok(()) => return Ok(Shown::Answered),
                Err(CommitError::Stale) => {}
                Err(CommitError::Breach(what)) => return Err(Fault::breach(what)),
                Err(error) => {
                    tracing::warn!(plugin = %owner.manifest.id, ?error, "a reaction is not committed yet");
                    return Ok(Shown::NotYet);
                }
            }
        }
    }

    fn commit_reaction(
        &self,
        owner: &Installed,
        changes: Changes,
        reads: &ReadSet,
        upto: Seq,
    ) -> Result<(), CommitError> {
        if changes.ops.is_empty() {
            return Ok(());
        }
        let id = &owner.manifest.id;
        let actor = crate::switch::system();
        let origin = Origin {
            actor: &actor,
            purpose: &Name::default(),
            plugin: id,
            command: &Name::new_static("react"),
            request: RequestId::from_key(EntityId::NONE, &format!("react:{id}:{upto}")),
            digest: [0; 16],
        };
        let mark = Fact::Reacted { plugin: id.clone(), upto };
        self.commit_changes(owner, origin, changes, Some(reads), vec![mark]).map(drop)
    }

    fn mark(&self, plugin: &Name, upto: Seq) {
        if let Err(e) = self.host_facts("mark", vec![Fact::Reacted { plugin: plugin.clone(), upto }]) {
            tracing::warn!(%plugin, error = %e, "the plugin's place in the feed is not written; it will be shown old changes again");
        }
    }
}

fn gone(city: &Weak<City>) -> bool {
    city.upgrade().is_none_or(|city| city.failed().is_some())
}
