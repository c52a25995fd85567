//! What the journal keeps.
//!
//! A [`Transaction`] is one command's committed outcome: resolved facts, not wishes. It travels inside an envelope
//! `{type: u8, version: u8, codec: u8}` so that old bytes can be read for ever: a version that changed gets an upcaster in
//! [`Transaction::decode`], and every version keeps a golden file under `tests/golden/`. An unknown type stops the reader:
//! skipping it would fold a different world.

use crate::{EntityId, Micros, Name, Named, Point, RequestId, Text, Value};
use serde::{Deserialize, Serialize};

/// Postcard 1.x, see <https://postcard.jamesmunns.com/wire-format>.
pub const CODEC_POSTCARD: u8 = 1;
/// Version of the payload written today.
pub const TRANSACTION_VERSION: u8 = 1;
const TYPE_TRANSACTION: u8 = b'T';

/// A field's value as kept: open, or sealed under the entity's own key (erased by destroying the key).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Stored {
    Open(Value),
    /// nonce ‖ AES-256-GCM ciphertext ‖ tag over the postcard bytes of the [`Value`]
    Sealed(Vec<u8>),
}

/// One thing that became so. New cases go at the end: postcard numbers them in order.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Fact {
    Created {
        id: EntityId,
        kind: Name,
        category: Name,
        state: Name,
        at: Micros,
        within: Option<EntityId>,
        position: Option<Point>,
    },
    Put {
        entity: EntityId,
        facet: Name,
        fields: Vec<(Name, Stored)>,
    },
    Advanced {
        entity: EntityId,
        event: Name,
        source: Name,
        target: Name,
        reason: String,
    },
    Noted {
        entity: EntityId,
        kind: Name,
        text: Text,
    },
    Intended {
        kind: Name,
        entity: Option<EntityId>,
        args: Vec<Named>,
    },
    Moved {
        entity: EntityId,
        within: Option<EntityId>,
        position: Option<Point>,
    },
    Recategorised {
        entity: EntityId,
        category: Name,
    },
    /// Somebody looked at personal fields (CHARTER 7).
    Looked {
        entity: EntityId,
        facet: Name,
        fields: Vec<Name>,
    },
    /// The entity's key was destroyed (CHARTER 8).
    Erased {
        entity: EntityId,
    },
    /// A plugin's component was put in force. `digest` is the SHA-256 of the component.
    PluginSwitched {
        plugin: Name,
        version: Name,
        digest: [u8; 32],
    },
    /// What became of an intent: `attempt` counts from 1.
    Settled {
        intent: crate::Seq,
        index: u32,
        attempt: u32,
        outcome: Result<String, String>,
    },
    /// How far a plugin has reacted to the change feed. The world keeps the newest for each plugin.
    Reacted {
        plugin: Name,
        upto: crate::Seq,
    },
    /// What a plugin (or `host`) brings: journaled before the first fact that needs it, so that the world folds from
    /// the journal alone. Additive: fields may be added, a type never changes.
    Declared {
        plugin: Name,
        facets: Vec<crate::FacetDecl>,
        kinds: Vec<crate::KindDecl>,
        flows: Vec<crate::FlowDecl>,
    },
    /// A job made a step or ended, after it was `JobStarted`. The world keeps the newest, so that a job that was cut off resumes.
    Stepped {
        job: RequestId,
        done: u64,
        total: u64,
        cursor: Option<Vec<u8>>,
        /// `None` while it goes on; how it ended otherwise: `Err` holds why (cancelled, refused, fault).
        ended: Option<Result<(), String>>,
    },
    /// Long work was asked for. Whoever asked and where their role held is kept: after a restart it goes on as theirs,
    /// with no more rights than they had.
    JobStarted {
        job: RequestId,
        plugin: Name,
        name: Name,
        params: Vec<Value>,
        actor: crate::Actor,
        purpose: Name,
        place: Option<EntityId>,
        locale: Name,
    },
}

/// One committed command. Written once, never changed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Transaction {
    /// Host clock at commit; never before the transaction before it, whatever the wall clock did.
    pub at: Micros,
    /// Fencing epoch of the writer: a writer with an older epoch is refused.
    pub epoch: u64,
    pub actor: EntityId,
    pub purpose: Name,
    /// The plugin that answered, or `host`.
    pub plugin: Name,
    pub command: Name,
    pub request: RequestId,
    /// First 16 bytes of SHA-256 over the command's name and body: tells a retry from another request with the same id.
    pub digest: [u8; 16],
    pub facts: Vec<Fact>,
    pub answer: Vec<Named>,
}

impl Transaction {
    /// Envelope and payload, appended to `out`.
    pub fn encode_into(&self, out: Vec<u8>) -> Result<Vec<u8>, DecodeError> {
        let mut out = out;
        out.extend_from_slice(&[TYPE_TRANSACTION, TRANSACTION_VERSION, CODEC_POSTCARD]);
        postcard::to_extend(self, out).map_err(|e| DecodeError::Payload(e.to_string()))
    }

    pub fn encode(&self) -> Result<Vec<u8>, DecodeError> {
        self.encode_into(Vec::with_capacity(256))
    }

    /// Reads any version this host knows.
    pub fn decode(bytes: &[u8]) -> Result<Transaction, DecodeError> {
        let (head, payload) = bytes.split_at_checked(3).ok_or(DecodeError::Short(bytes.len()))?;
        match head {
            [TYPE_TRANSACTION, TRANSACTION_VERSION, CODEC_POSTCARD] => {
                postcard::from_bytes(payload).map_err(|e| DecodeError::Payload(e.to_string()))
            }
            [kind, version, codec] => Err(DecodeError::Unknown { kind: *kind, version: *version, codec: *codec }),
            _ => Err(DecodeError::Short(bytes.len())),
        }
    }
}

/// Why bytes are not a transaction this host can read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("record of {0} bytes is shorter than its envelope of 3")]
    Short(usize),
    #[error(
        "record of type {kind}, version {version}, codec {codec} is not known to this host: it was written by a newer one, upgrade first"
    )]
    Unknown { kind: u8, version: u8, codec: u8 },
    #[error("record's payload cannot be read: {0}")]
    Payload(String),
}
