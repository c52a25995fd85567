//! The one place where the world changes.
//!
//! Under the commit lock: is what the plugin read still so, check (all or nothing), stamp, encode, append to the journal (which
//! fixes the order and may refuse when the disk is full, before anything happened), apply to the world. Applying cannot fail
//! after the checks; when it does, world and journal disagree and the host stops. Price: this section is serial for the whole
//! city, so nothing slow may enter it; a plugin runs inside it only on its last try against a busy world.

use crate::check::{CheckError, Checker};
use crate::city::City;
use crate::registry::Installed;
use changzhi_journal::JournalError;
use changzhi_model::{Actor, Changes, EntityId, Fact, Micros, Name, Named, Refusal, RequestId, Seq, Transaction};
use changzhi_plugins::ReadSet;
use std::sync::atomic::Ordering;

/// Who asked for a transaction, and under which id.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(crate) actor: &'a Actor,
    pub(crate) purpose: &'a Name,
    pub(crate) plugin: &'a Name,
    pub(crate) command: &'a Name,
    pub(crate) request: RequestId,
    pub(crate) digest: [u8; 16],
}

#[derive(Debug)]
pub(crate) struct Committed {
    /// The transaction, or the revision judged at when there was nothing to do.
    pub(crate) seq: Seq,
    pub(crate) changed: bool,
    pub(crate) answer: Vec<Named>,
}

#[derive(Debug)]
pub(crate) enum CommitError {
    /// Something it read has changed since: run it again.
    Stale,
    Refused(Refusal),
    /// Not what the sender saw.
    Outdated(Vec<EntityId>),
    /// The plugin broke its contract.
    Breach(String),
    /// No space: nothing happened, try later.
    Full(String),
    /// The host is stopping for good.
    Fatal(String),
}

impl From<CheckError> for CommitError {
    fn from(e: CheckError) -> CommitError {
        match e {
            CheckError::Refused(r) => CommitError::Refused(r),
            CheckError::Breach(what) => CommitError::Breach(what),
            CheckError::Seal(what) => CommitError::Fatal(format!("personal fields cannot be sealed: {what}")),
        }
    }
}

impl City {
    /// Checks and commits what a plugin asked for. Facts of the host itself (`extra`) join the same transaction.
    pub(crate) fn commit_changes(
        &self,
        plugin: &Installed,
        origin: Origin<'_>,
        changes: Changes,
        reads: Option<&ReadSet>,
        extra: Vec<Fact>,
    ) -> Result<Committed, CommitError> {
        let _order = self.order.lock();
        let registry = self.registry();
        // Guards judge by the very time the transaction gets.
        let at = self.stamp();
        let (mut facts, answer, revision) = {
            let world = self.world.read();
            if reads.is_some_and(|r| !r.is_fresh(&world)) {
                return Err(CommitError::Stale);
            }
            let checker = Checker::new(&world, &registry, plugin, &self.vault, &origin, at);
            let (facts, answer) = checker.resolve(changes)?;
            (facts, answer, world.revision())
        };
        // The host's own facts have not been through the checker.
        let checked = extra.is_empty();
        facts.extend(extra);
        if facts.is_empty() {
            return Ok(Committed { seq: revision, changed: false, answer });
        }
        let seq = self.append_facts(origin, facts, answer.clone(), at, checked)?;
        Ok(Committed { seq, changed: true, answer })
    }

    /// Puts facts into the journal and the world. Takes the commit lock (again, when the caller holds it).
    pub(crate) fn append(&self, origin: Origin<'_>, facts: Vec<Fact>, answer: Vec<Named>) -> Result<Seq, CommitError> {
        let _order = self.order.lock();
        let at = self.stamp();
        self.append_at(origin, facts, answer, at)
    }

    /// As [`City::append`], at a time that was stamped under the commit lock, which the caller holds.
    pub(crate) fn append_at(
        &self,
        origin: Origin<'_>,
        facts: Vec<Fact>,
        answer: Vec<Named>,
        at: Micros,
    ) -> Result<Seq, CommitError> {
        self.append_facts(origin, facts, answer, at, false)
    }

    /// `checked`: a [`Checker`] made the facts under the lock that is still held.
    fn append_facts(
        &self,
        origin: Origin<'_>,
        facts: Vec<Fact>,
        answer: Vec<Named>,
        at: Micros,
        checked: bool,
    ) -> Result<Seq, CommitError> {
        if let Some(reason) = self.failed() {
            return Err(CommitError::Fatal(reason));
        }
        let tx = Transaction {
            at,
            epoch: self.epoch,
            actor: origin.actor.id,
            purpose: origin.purpose.clone(),
            plugin: origin.plugin.clone(),
            command: origin.command.clone(),
            request: origin.request,
            digest: origin.digest,
            facts,
            answer,
        };
        let mut buffer = self.buffer.lock();
        buffer.clear();
        let bytes = tx
            .encode_into(std::mem::take(&mut *buffer))
            .map_err(|e| CommitError::Breach(format!("the changes cannot be written: {e}")))?;
        let seq = match self.journal.append(&bytes) {
            Ok(seq) => seq,
            Err(JournalError::Full { .. }) => {
                return Err(CommitError::Full(
                    "the journal's disk is full: free space, writing goes on by itself".into(),
                ));
            }
            Err(e @ JournalError::TooLarge { .. }) => return Err(CommitError::Breach(e.to_string())),
            Err(e) => return Err(CommitError::Fatal(self.fail(format!("journal: {e}")))),
        };
        *buffer = bytes;
        drop(buffer);
        let mut world = self.world.write();
        let applied = if checked { world.apply_made(seq, &tx) } else { world.apply(seq, &tx) };
        drop(world);
        if let Err(e) = applied {
            return Err(CommitError::Fatal(self.fail(format!("the world refuses transaction {seq}: {e}"))));
        }
        self.stats.transactions.fetch_add(1, Ordering::Relaxed);
        self.index.note(seq, origin.request, origin.digest);
        self.timers.note(&tx.facts);
        self.feed.offer(seq, tx);
        Ok(seq)
    }

    /// Now, but never before the transaction before: the wall clock may jump back, the journal's time does not.
    pub(crate) fn stamp(&self) -> Micros {
        self.clock.now().max(self.world.read().last_at())
    }
}
