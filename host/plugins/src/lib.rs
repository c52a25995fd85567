//! Plugins: WebAssembly components that bring one domain each, run where they can hurt nobody but themselves.
//!
//! [`Runtime`] reads and loads components, [`Plugin`] answers calls under [`Limits`], [`Slot`] is a plugin's place in a
//! running host: its lanes, its breaker, its successor. What a plugin may reach is what was linked ([`Grants`]); what it did
//! wrong is a [`Fault`] and costs it the instance; what it read is in a [`ReadSet`].

mod answering;
mod bindings;
mod breaker;
mod cache;
mod convert;
mod engine;
mod fault;
mod grants;
mod guest_state;
mod imports;
mod instance;
mod kept;
mod lane;
mod ledger;
mod limits;
mod load_error;
mod manifest;
mod page;
mod platform;
mod plugin;
mod readset;
mod runtime;
mod slot;
mod source;
mod swap;
mod wasi;

pub use breaker::{BreakerOptions, BreakerState};
pub use cache::CacheCounts;
pub use engine::{TICK, config as engine_config};
pub use fault::{Fault, FaultKind};
pub use grants::Grants;
pub use kept::Kept;
pub use ledger::{Entry, Ledger};
pub use limits::{Deadlines, Export, Limits};
pub use load_error::LoadError;
pub use page::node_bytes as view_bytes;
pub use platform::{ClockStands, ClockStretch, Happened, HostError, Look, Opened, Platform};
pub use plugin::{Answer, Call, Notice, Plugin, Step};
pub use readset::ReadSet;
pub use runtime::{Runtime, RuntimeOptions};
pub use slot::{Now, Quarantined, RolledBack, Slot, SlotError, SlotEvents, SlotOptions, Work};
pub use swap::{Migrated, Migration, SwapError};

/// Pages as they cross the boundary, generated from `wit/view.wit`. They serialise to JSON.
pub mod view {
    pub use crate::bindings::changzhi::platform::types::{Msg, Named, Point, Text, Value};
    pub use crate::bindings::changzhi::platform::view::*;
}
