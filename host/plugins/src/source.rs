//! The world's reading side as this crate uses it: the one place that names it.

pub(crate) use changzhi_world::{
    Batch, Cell, Codes, Column, Condition, Delta, Dimension, Op, Query, QueryCursor, QueryError, TallyCursor,
    TallySpec, TallyTable, World,
};
