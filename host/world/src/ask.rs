//! Questions and answers, as `wit/world.wit` has them. Vectors move into the bindings without copying.

use changzhi_model::{EntityId, Name, Seq, Value};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// `field op value`. `Eq` and `Ne` treat a missing value as a value of its own; the others never hold for one.
/// On `within`, `Le` means the place or anything below it in the place tree, `Lt` anything strictly below.
#[derive(Clone, PartialEq, Debug)]
pub struct Condition {
    pub field: Name,
    pub op: Op,
    pub value: Value,
}

/// Core fields are `id`, `kind`, `category`, `state`, `at`, `within`, `lon`, `lat`, `changed`; others `facet.field`.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Query {
    /// Empty = whatever has the first facet named in `fields`, `filter` or `order`.
    pub kind: Name,
    pub fields: Vec<Name>,
    /// All must hold.
    pub filter: Vec<Condition>,
    /// Without one: newest (highest id) first, or in ascending id order when `ascending` or `after` is given.
    pub order: Option<Name>,
    pub ascending: bool,
    /// At most 10,000.
    pub limit: u32,
    /// Ids above this one only.
    pub after: EntityId,
}

/// One field of all rows. Rows that hold nothing have a zero here and their index in `Batch::missing`.
#[derive(Clone, PartialEq, Debug)]
pub enum Column {
    Flags(Vec<u8>),
    Ints(Vec<i64>),
    Nums(Vec<f64>),
    Times(Vec<i64>),
    Entities(Vec<u64>),
    Codes(Codes),
    Texts(Texts),
}

/// A number into `names` for each row.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Codes {
    pub names: Vec<String>,
    pub index: Vec<u32>,
}

/// One arena and where each row's text ends in it, in bytes.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Texts {
    pub arena: String,
    pub ends: Vec<u32>,
}

#[derive(Clone, PartialEq, Debug, Default)]
pub struct Batch {
    /// The world's revision when the question was begun.
    pub revision: Seq,
    pub ids: Vec<u64>,
    pub columns: Vec<Column>,
    /// For each column the rows that hold nothing, ascending.
    pub missing: Vec<Vec<u32>>,
    /// Rows that matched in all, counted up to the scan limit.
    pub total: u64,
}

/// What to count by: `kind`, `category`, `state`, `within`, `at` or a code or flag field. `bucket` of `at` and of time
/// fields is `month` or `day`; of `within` and entity fields empty or a kind of place to roll up to.
#[derive(Clone, PartialEq, Debug)]
pub struct Dimension {
    pub field: Name,
    pub bucket: Name,
}

#[derive(Clone, PartialEq, Debug, Default)]
pub struct TallySpec {
    /// Empty = entities of every kind.
    pub kind: Name,
    pub by: Vec<Dimension>,
    pub filter: Vec<Condition>,
}

/// Non-empty cells only. `keys` has one list a dimension, each as long as `counts`; names are ascending (of entities: by
/// number), nothing is the empty name, and cells are in ascending order of their keys.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TallyTable {
    pub revision: Seq,
    pub keys: Vec<Codes>,
    pub counts: Vec<u64>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Hit {
    pub id: EntityId,
    pub metres: f64,
}

/// Entities changed after a revision, ascending. `resync`: too many or too long ago, read everything again.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Delta {
    pub revision: Seq,
    pub changed: Vec<EntityId>,
    pub resync: bool,
}
