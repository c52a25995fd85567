//! What each export of a plugin cost so far.

use crate::limits::Export;
use std::sync::atomic::{AtomicU64, Ordering};

/// Sums of one export since load.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct Entry {
    pub calls: u64,
    pub faults: u64,
    pub refusals: u64,
    pub total_ns: u64,
    pub max_ns: u64,
    pub host_calls: u64,
    /// Bytes in what the calls returned.
    pub bytes: u64,
    pub nodes: u64,
    pub log_dropped: u64,
}

#[derive(Default, Debug)]
struct Row {
    calls: AtomicU64,
    faults: AtomicU64,
    refusals: AtomicU64,
    total_ns: AtomicU64,
    max_ns: AtomicU64,
    host_calls: AtomicU64,
    bytes: AtomicU64,
    nodes: AtomicU64,
    log_dropped: AtomicU64,
}

/// One row an export, in the order of [`Export::ALL`].
#[derive(Default, Debug)]
pub struct Ledger([Row; 6]);

pub(crate) struct Cost {
    pub(crate) ns: u64,
    pub(crate) fault: bool,
    pub(crate) refusal: bool,
    pub(crate) host_calls: u32,
    pub(crate) log_dropped: u32,
    pub(crate) bytes: u64,
    pub(crate) nodes: u64,
}

impl Ledger {
    pub(crate) fn add(&self, export: Export, cost: &Cost) {
        let Some(row) = self.0.get(export as usize) else { return };
        let add = |to: &AtomicU64, n: u64| {
            if n > 0 {
                to.fetch_add(n, Ordering::Relaxed);
            }
        };
        add(&row.calls, 1);
        add(&row.total_ns, cost.ns);
        row.max_ns.fetch_max(cost.ns, Ordering::Relaxed);
        add(&row.faults, u64::from(cost.fault));
        add(&row.refusals, u64::from(cost.refusal));
        add(&row.host_calls, cost.host_calls.into());
        add(&row.log_dropped, cost.log_dropped.into());
        add(&row.bytes, cost.bytes);
        add(&row.nodes, cost.nodes);
    }

    /// The sums of one export.
    pub fn of(&self, export: Export) -> Entry {
        let Some(row) = self.0.get(export as usize) else { return Entry::default() };
        let get = |from: &AtomicU64| from.load(Ordering::Relaxed);
        Entry {
            calls: get(&row.calls),
            faults: get(&row.faults),
            refusals: get(&row.refusals),
            total_ns: get(&row.total_ns),
            max_ns: get(&row.max_ns),
            host_calls: get(&row.host_calls),
            bytes: get(&row.bytes),
            nodes: get(&row.nodes),
            log_dropped: get(&row.log_dropped),
        }
    }
}
