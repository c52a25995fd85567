//! Queries and their answers. Columns move; they are never copied element by element.

use crate::bindings::changzhi::platform::{types as wit, world as ww};
use crate::platform::HostError;
use crate::source::{self, QueryError};
use changzhi_model::{EntityId, Seq};

use super::value_from;

pub(crate) fn host_error(from: HostError) -> wit::HostError {
    match from {
        HostError::NotGranted(s) => wit::HostError::NotGranted(s),
        HostError::Unknown(s) => wit::HostError::Unknown(s),
        HostError::PurposeNeeded(s) => wit::HostError::PurposeNeeded(s),
        HostError::BudgetExceeded(s) => wit::HostError::BudgetExceeded(s),
        HostError::Invalid(s) => wit::HostError::Invalid(s),
        HostError::Other(s) => wit::HostError::Other(s),
    }
}

pub(crate) fn query_error(from: &QueryError) -> HostError {
    match from {
        QueryError::Unknown(_) => HostError::Unknown(from.to_string()),
        QueryError::TooMuch(_) => HostError::BudgetExceeded(from.to_string()),
        QueryError::Personal(_) => HostError::PurposeNeeded(from.to_string()),
        _ => HostError::Invalid(from.to_string()),
    }
}

fn condition(from: ww::Condition) -> source::Condition {
    source::Condition {
        field: from.field.into(),
        op: match from.op {
            ww::Op::Eq => source::Op::Eq,
            ww::Op::Ne => source::Op::Ne,
            ww::Op::Lt => source::Op::Lt,
            ww::Op::Le => source::Op::Le,
            ww::Op::Gt => source::Op::Gt,
            ww::Op::Ge => source::Op::Ge,
        },
        value: value_from(from.value),
    }
}

pub(crate) fn query(from: ww::Query) -> source::Query {
    source::Query {
        kind: from.kind.into(),
        fields: from.fields.into_iter().map(Into::into).collect(),
        filter: from.filter.into_iter().map(condition).collect(),
        order: from.order.map(Into::into),
        ascending: from.ascending,
        limit: from.limit,
        after: EntityId(from.after),
    }
}

fn codes(from: source::Codes) -> ww::Codes {
    ww::Codes { names: from.names, index: from.index }
}

/// The batch and how many bytes it weighs.
pub(crate) fn batch(from: source::Batch) -> (ww::Batch, usize) {
    let mut bytes = from.ids.len() * 8;
    let columns = from
        .columns
        .into_iter()
        .map(|column| match column {
            source::Column::Flags(v) => {
                bytes += v.len();
                ww::Column::Flags(v)
            }
            source::Column::Ints(v) => {
                bytes += v.len() * 8;
                ww::Column::Ints(v)
            }
            source::Column::Nums(v) => {
                bytes += v.len() * 8;
                ww::Column::Nums(v)
            }
            source::Column::Times(v) => {
                bytes += v.len() * 8;
                ww::Column::Times(v)
            }
            source::Column::Entities(v) => {
                bytes += v.len() * 8;
                ww::Column::Entities(v)
            }
            source::Column::Codes(c) => {
                bytes += c.index.len() * 4 + c.names.iter().map(|n| n.len() + 8).sum::<usize>();
                ww::Column::Codes(codes(c))
            }
            source::Column::Texts(t) => {
                bytes += t.arena.len() + t.ends.len() * 4;
                ww::Column::Texts(ww::Texts { arena: t.arena, ends: t.ends })
            }
        })
        .collect();
    bytes += from.missing.iter().map(|m| m.len() * 4).sum::<usize>();
    let batch =
        ww::Batch { revision: from.revision.0, ids: from.ids, columns, missing: from.missing, total: from.total };
    (batch, bytes)
}

pub(crate) fn tally_spec(from: ww::TallySpec) -> source::TallySpec {
    source::TallySpec {
        kind: from.kind.into(),
        by: from.by.into_iter().map(|d| source::Dimension { field: d.field.into(), bucket: d.bucket.into() }).collect(),
        filter: from.filter.into_iter().map(condition).collect(),
    }
}

pub(crate) fn tally(from: source::TallyTable) -> (ww::TallyTable, usize) {
    let bytes = from.counts.len() * 8 + from.keys.iter().map(|k| k.index.len() * 4).sum::<usize>();
    let keys = from.keys.into_iter().map(codes).collect();
    (ww::TallyTable { revision: from.revision.0, keys, counts: from.counts }, bytes)
}

pub(crate) fn delta(from: source::Delta) -> ww::Delta {
    let revision: Seq = from.revision;
    ww::Delta { revision: revision.0, changed: from.changed.into_iter().map(|e| e.0).collect(), resync: from.resync }
}
