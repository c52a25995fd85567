//! The `feed` thread: durable transactions to subscribed plugins, in order.

use crate::city::City;
use crate::commit::Origin;
use crate::feed::{MARK_EVERY, notices};
use crate::open::{OpenError, spawn};
use crate::registry::{Installed, Runner};
use changzhi_model::{Actor, Changes, Context, EntityId, Fact, Name, RequestId, Seq, Transaction};
use changzhi_plugins::{Call, Notice, ReadSet};
use crossbeam_channel::RecvTimeoutError;
use hashbrown::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Notices handed to a plugin in one call at most.
const BATCH: usize = 512;
/// How long the next batch waits for the one before it.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(500);

impl City {
    pub(crate) fn start_feed(self: &Arc<Self>) -> Result<(), OpenError> {
        let weak = Arc::downgrade(self);
        let offered = self.feed.receiver();
        let thread = spawn("feed", move || {
            loop {
                match offered.recv_timeout(LOOK_AGAIN) {
                    Ok(first) => {
                        let Some(city) = weak.upgrade() else { return };
                        let mut batch = vec![first];
                        batch.extend(offered.try_iter().take(BATCH - 1));
                        city.react_to(&batch);
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

    fn react_to(self: &Arc<Self>, batch: &[(Seq, Transaction)]) {
        let Some((last, _)) = batch.last() else { return };
        if self.journal.wait_durable(*last).is_err() {
            return;
        }
        let registry = self.registry();
        for installed in registry.plugins.values().filter(|p| !p.manifest.subscriptions.is_empty()) {
            let wanted = self.wanted(installed, batch);
            let done = self.read(|w| w.reacted(&installed.manifest.id));
            if !wanted.is_empty() {
                self.react(installed, wanted, *last);
            } else if last.0 > done.0 + MARK_EVERY {
                self.mark(&installed.manifest.id, *last);
            }
        }
    }

    /// What of the batch the plugin asked for; its own transactions are left out.
    fn wanted(&self, installed: &Installed, batch: &[(Seq, Transaction)]) -> Vec<Notice> {
        let mine = &installed.manifest.id;
        let done = self.read(|w| w.reacted(mine));
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
            .filter(|(seq, tx)| *seq > done && tx.plugin != *mine)
            .flat_map(|(seq, tx)| notices(*seq, tx, &mut kind))
            .filter(asked)
            .collect()
    }

    fn react(self: &Arc<Self>, installed: &Arc<Installed>, facts: Vec<Notice>, upto: Seq) {
        let Runner::Wasm(slot) = &installed.runner else { return };
        let (city, owner) = (Arc::clone(self), Arc::clone(installed));
        let (told, answered) = crossbeam_channel::bounded::<()>(1);
        let sent = slot.write(Box::new(move |plugin| {
            let _told = told;
            let Ok(plugin) = plugin else { return Ok(()) };
            loop {
                let (now, revision) = city.read(|w| (city.clock.now().max(w.last_at()), w.revision()));
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
                let answer = plugin.react(&Call { ctx: &ctx, reads: &reads }, &facts)?;
                let changes = match answer {
                    Ok(changes) => changes,
                    Err(refusal) => {
                        tracing::warn!(plugin = %owner.manifest.id, ?refusal, "a reaction was refused by the plugin itself");
                        Changes::default()
                    }
                };
                match city.commit_reaction(&owner, changes, &reads, upto) {
                    Err(crate::commit::CommitError::Stale) => {}
                    Err(crate::commit::CommitError::Breach(what)) => return Err(changzhi_plugins::Fault::breach(what)),
                    Err(other) => {
                        tracing::warn!(plugin = %owner.manifest.id, error = ?other, "a reaction was not committed");
                        return Ok(());
                    }
                    Ok(()) => return Ok(()),
                }
            }
        }));
        if sent.is_ok() {
            // In order for one plugin: the next batch comes after this one. The sender is dropped when the call is over, which
            // is what is waited for here.
            if let Err(RecvTimeoutError::Timeout) = answered.recv_timeout(PATIENCE) {
                tracing::warn!(plugin = %installed.manifest.id, "a reaction has waited long; the next is queued behind it");
            }
        }
    }

    fn commit_reaction(
        &self,
        owner: &Installed,
        changes: Changes,
        reads: &ReadSet,
        upto: Seq,
    ) -> Result<(), crate::commit::CommitError> {
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
        self.commit_changes(owner, origin, changes, Some(reads), vec![mark]).map(|_| ())
    }

    fn mark(&self, plugin: &Name, upto: Seq) {
        if let Err(e) = self.host_facts("mark", vec![Fact::Reacted { plugin: plugin.clone(), upto }]) {
            tracing::warn!(%plugin, error = %e, "the plugin's place in the feed is not written; it will be shown old changes again");
        }
    }

    /// Offers what was committed while a subscriber was not running.
    pub(crate) fn catch_up(self: &Arc<Self>, plugin: &Name) {
        let from = self.read(|w| w.reacted(plugin)).next();
        let mut missed = Vec::new();
        let read = self.journal.read(from, &mut |seq, bytes| {
            if let Ok(tx) = Transaction::decode(bytes) {
                missed.push((seq, tx));
            }
            std::ops::ControlFlow::Continue(())
        });
        if let Err(e) = read {
            tracing::error!(%plugin, error = %e, "the feed cannot be read back");
        }
        for (seq, tx) in missed {
            self.feed.offer(seq, tx);
        }
    }
}

fn gone(city: &Weak<City>) -> bool {
    city.upgrade().is_none_or(|city| city.failed().is_some())
}
