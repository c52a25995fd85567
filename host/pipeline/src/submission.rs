//! A command on its way in, and what became of it.

use changzhi_model::{Actor, EntityId, Fact, Name, Named, Refusal, RequestId, Seq, Text, Value};
use changzhi_world::World;
use sha2::{Digest, Sha256};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;
use tokio::sync::oneshot;

/// A command the gate let through (or a job to start): one value for each declared field, in the declared order.
#[derive(Clone, Debug)]
pub struct Submission {
    pub plugin: Name,
    pub command: Name,
    pub body: Vec<Value>,
    pub actor: Actor,
    pub purpose: Name,
    pub place: Option<EntityId>,
    /// Answered once for ever; see [`RequestId::from_key`].
    pub request: RequestId,
    pub locale: Name,
    /// What its sender saw: when one of these has changed since, nothing is done.
    pub expected: Option<Expected>,
    /// Who lent the actor the role this is done by (代理): named in the transaction.
    pub acting_for: Option<EntityId>,
}

/// The kind of note by which a transaction says on whose behalf it was done; the note is on the giver's account.
pub const ACTED_FOR: Name = Name::new_static("acted-for");

/// Entities as they were at a revision. Checked under the commit lock: of two who saw the same, one is told so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expected {
    pub revision: Seq,
    pub entities: Vec<EntityId>,
}

impl Submission {
    /// What the host adds to the transaction.
    pub(crate) fn extra(&self) -> Vec<Fact> {
        let note = |giver| Fact::Noted { entity: giver, kind: ACTED_FOR, text: Text::plain("") };
        self.acting_for.map(note).into_iter().collect()
    }

    /// The entities that are not what the sender saw any more.
    pub(crate) fn outdated(&self, world: &World) -> Option<Vec<EntityId>> {
        let expected = self.expected.as_ref()?;
        let changed = |e: &EntityId| world.core(*e).is_some_and(|core| core.changed > expected.revision);
        let changed: Vec<EntityId> = expected.entities.iter().copied().filter(changed).collect();
        (!changed.is_empty()).then_some(changed)
    }

    /// First 16 bytes of SHA-256 over plugin, command and body: tells a retry from another request under the same id.
    pub fn digest(&self) -> [u8; 16] {
        self.digest_after(&[])
    }

    /// The same for a job of this name: a command and a job of one name are two requests.
    pub(crate) fn job_digest(&self) -> [u8; 16] {
        self.digest_after(b"job\0")
    }

    fn digest_after(&self, before: &[u8]) -> [u8; 16] {
        let mut hash = Sha256::new();
        hash.update(before);
        hash.update(self.plugin.as_bytes());
        hash.update([0]);
        hash.update(self.command.as_bytes());
        hash.update([0]);
        if let Ok(body) = postcard::to_extend(&self.body, Vec::with_capacity(128)) {
            hash.update(&body);
        }
        let mut digest = [0; 16];
        for (to, from) in digest.iter_mut().zip(hash.finalize()) {
            *to = from;
        }
        digest
    }
}

/// What became of a command. Nothing but `Done` changed the world.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// Durable. `seq` is the transaction, or the revision it was judged at when nothing needed to change.
    Done {
        seq: Seq,
        answer: Vec<Named>,
        changed: bool,
        replayed: bool,
    },
    Refused(Refusal),
    /// These have changed since the sender saw them ([`Submission::expected`]).
    Outdated(Vec<EntityId>),
    /// The plugin cannot answer now: quarantined, its queue is full, or the disk is. Try again after `retry_after`.
    Unavailable {
        reason: String,
        retry_after: Duration,
    },
    /// The plugin broke its contract or a limit; the input is kept in its quarantine.
    Failed(String),
}

/// An outcome to come. Await it, or block with [`Pending::wait`].
#[derive(Debug)]
pub struct Pending(oneshot::Receiver<Outcome>);

/// The end that tells.
pub(crate) type Tell = Box<dyn FnOnce(Outcome) + Send>;

impl Pending {
    pub(crate) fn new() -> (Tell, Pending) {
        let (tx, rx) = oneshot::channel();
        (
            Box::new(move |outcome| {
                // The asker may have gone away; the command stands all the same.
                let _ = tx.send(outcome);
            }),
            Pending(rx),
        )
    }

    /// Blocks the thread; not for use inside an async runtime.
    pub fn wait(self) -> Outcome {
        self.0.blocking_recv().unwrap_or_else(|_| stopped())
    }
}

impl Future for Pending {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Outcome> {
        Pin::new(&mut self.0).poll(cx).map(|r| r.unwrap_or_else(|_| stopped()))
    }
}

fn stopped() -> Outcome {
    Outcome::Unavailable { reason: "the host is stopping".into(), retry_after: Duration::from_secs(5) }
}
