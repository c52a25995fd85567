//! What can be wrong, each with where and how to mend it.

use changzhi_model::{EntityId, Name, RequestId, Seq};

/// A transaction the world cannot fold. After the pipeline's checks this means damage or a host older than the journal.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("transaction {seq}, fact {fact}: {wrong}")]
pub struct ApplyError {
    pub seq: Seq,
    /// Index in `Transaction::facts`.
    pub fact: usize,
    pub wrong: Wrong,
}

/// What is wrong with one fact.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Wrong {
    #[error("the world is at {at}; the next transaction must be {}: replay from there", at.next())]
    OutOfOrder { at: Seq },
    #[error("entity {found:?} created where {expected:?} is next: ids are dense")]
    IdGap { expected: EntityId, found: EntityId },
    #[error("entity {0:?} does not exist")]
    UnknownEntity(EntityId),
    #[error("kind {0:?} is not declared: install the plugin that brings it first")]
    UnknownKind(Name),
    #[error("facet {0:?} is not declared: install the plugin that brings it first")]
    UnknownFacet(Name),
    #[error("facet {facet:?} has no field {field:?}: install the version of the plugin that brings it first")]
    UnknownField { facet: Name, field: Name },
    #[error("facet {facet:?} is not for the family of entity {entity:?}")]
    WrongFamily { facet: Name, entity: EntityId },
    #[error("{facet}.{field} does not take this type of value")]
    WrongType { facet: Name, field: Name },
    #[error("{facet}.{field} is personal and must be sealed")]
    NotSealed { facet: Name, field: Name },
    #[error("{facet}.{field} is not personal and must not be sealed")]
    Sealed { facet: Name, field: Name },
    #[error("{facet}.{field} is a number that is not finite, or a point off the globe")]
    NotFinite { facet: Name, field: Name },
    #[error("position of {0:?} is off the globe")]
    OffGlobe(EntityId),
    #[error("{facet}.{field} has {len} bytes, more than any text may have")]
    TooLong { facet: Name, field: Name, len: usize },
    #[error("{facet}.{field} is unique and another entity has this value")]
    Duplicate { facet: Name, field: Name },
    #[error("{0:?} lies within {1:?}, which is not a place")]
    NotAPlace(EntityId, EntityId),
    #[error("{0:?} would lie within itself")]
    Cycle(EntityId),
    #[error("{0:?} is in state {1:?}, not in {2:?}")]
    WrongState(EntityId, Name, Name),
    #[error("more than 65,535 different {0}: use a text instead of a code")]
    TooManyCodes(String),
    #[error("the world holds no more entities of this family")]
    Full,
    #[error("job {0} was started before")]
    JobTwice(RequestId),
    #[error("job {0} is not under way")]
    NoSuchJob(RequestId),
    #[error("extent is not a ring of \"lon,lat lon,lat …\": {0}")]
    BadRing(String),
    #[error(transparent)]
    Declare(#[from] DeclareError),
}

/// A declaration that does not go with what is there.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DeclareError {
    #[error("facet {facet:?}: family cannot change, use another facet")]
    Family { facet: Name },
    #[error("kind {kind:?}: family cannot change, use another kind")]
    KindFamily { kind: Name },
    #[error("{facet}.{field}: type or sealing cannot change, use another field")]
    Type { facet: Name, field: Name },
    #[error("{facet}.{field}: {reason}")]
    Unique { facet: Name, field: Name, reason: &'static str },
    #[error("{facet}.{field} has a type this host does not know: upgrade the host")]
    UnknownType { facet: Name, field: Name },
    #[error("{facet}.{field} is declared twice")]
    Twice { facet: Name, field: Name },
}

/// A question the world cannot answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    #[error("unknown {0}")]
    Unknown(String),
    #[error("{0} is personal: it is in no column and cannot be queried")]
    Personal(String),
    #[error("{0} is a long text: it stays in the journal and cannot be queried, read it with `get`")]
    LongText(String),
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    TooMuch(String),
}

/// A snapshot that cannot be written or must not be believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    #[error("snapshot cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
    #[error("snapshot is of format {found}, this host reads {known}: replay the journal instead")]
    Version { found: u32, known: u32 },
    #[error("snapshot is damaged ({0}): use the one before it and a longer replay")]
    Damaged(String),
    #[error("snapshot of revision {asked} asked, the world is at {at}")]
    Revision { asked: Seq, at: Seq },
}
