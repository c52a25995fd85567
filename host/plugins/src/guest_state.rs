//! What a store holds for its guest: meters of the call, the memory of the instance, and a WASI context that holds nothing.

use crate::engine::TICK;
use crate::grants::Grants;
use crate::limits::Limits;
use crate::platform::{Look, Platform};
use crate::readset::Notes;
use changzhi_model::{Actor, Context, EntityId, Micros, Name, Seq};
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// What every instance of one plugin shares.
pub(crate) struct Shared {
    pub(crate) id: Name,
    pub(crate) grants: Grants,
    pub(crate) limits: Limits,
    /// `None` while a manifest is read.
    pub(crate) platform: Option<Arc<dyn Platform>>,
    /// Kinds the plugin brings itself: read without a grant.
    pub(crate) kinds: Vec<Name>,
}

/// Counts of one call, reset before each.
#[derive(Default, Clone, Copy, Debug)]
pub(crate) struct Meter {
    pub(crate) host_calls: u32,
    pub(crate) answer_bytes: usize,
    pub(crate) log_lines: u32,
    pub(crate) log_dropped: u32,
    /// Time the host took for itself: added to the deadline.
    pub(crate) credit: Duration,
    /// Longest time of this call.
    pub(crate) deadline: Duration,
    /// Set when the deadline is over: where the thread's processor time may stand at most.
    pub(crate) extra: Option<Duration>,
}

impl Meter {
    /// Asked when the time given so far is over; `None` ends the call. Time the host took is given back. Then the call may
    /// use as much processor time again as its deadline is long: on a busy machine the clock runs while the guest does not,
    /// and that is not its fault. Looking at the processor's clock costs a system call, so no call in time pays for it.
    pub(crate) fn more_time(&mut self) -> Option<Duration> {
        let credit = std::mem::take(&mut self.credit);
        // Less than a tick is noise: granting it would let a guest go on for ever by asking in a loop.
        if credit >= TICK {
            return Some(credit);
        }
        let used = processor_time();
        let upto = *self.extra.get_or_insert(used + self.deadline);
        upto.checked_sub(used).filter(|left| !left.is_zero())
    }
}

/// What the calling thread has used of a processor.
fn processor_time() -> Duration {
    let at = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(at.tv_sec).unwrap_or(0), u32::try_from(at.tv_nsec).unwrap_or(0))
}

/// Why a guest was stopped, where the trap itself does not say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stopped {
    Deadline,
    Wait,
    HostCalls,
}

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Stopped {}

/// Bytes of one instance: its memories, and its tables at eight bytes an element.
#[derive(Debug)]
pub(crate) struct MemoryMeter {
    limit: usize,
    pub(crate) used: usize,
    pub(crate) denied: bool,
}

impl MemoryMeter {
    fn grow(&mut self, more: usize) -> bool {
        let fits = self.used.checked_add(more).is_some_and(|sum| sum <= self.limit);
        if fits {
            self.used += more;
        } else {
            self.denied = true;
        }
        fits
    }
}

impl wasmtime::ResourceLimiter for MemoryMeter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.grow(desired.saturating_sub(current)))
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.grow(desired.saturating_sub(current).saturating_mul(8)))
    }
}

pub(crate) struct GuestState {
    pub(crate) shared: Arc<Shared>,
    pub(crate) ctx: Context,
    pub(crate) notes: Notes,
    /// Sealed fields opened by this call.
    pub(crate) looks: Vec<Look>,
    pub(crate) meter: Meter,
    pub(crate) memory: MemoryMeter,
    pub(crate) table: ResourceTable,
    pub(crate) wasi: WasiCtx,
    pub(crate) chance: crate::wasi::Chance,
    pub(crate) output: crate::wasi::Output,
}

impl GuestState {
    pub(crate) fn new(shared: Arc<Shared>) -> GuestState {
        let mut table = ResourceTable::new();
        table.set_max_capacity(shared.limits.handles);
        let output = crate::wasi::Output::new(shared.limits.log_line * 8);
        let memory = MemoryMeter { limit: shared.limits.memory, used: 0, denied: false };
        GuestState {
            ctx: Context {
                actor: Actor::default(),
                purpose: Name::default(),
                now: Micros(0),
                seed: 0,
                place: None,
                revision: Seq::ZERO,
                locale: Name::default(),
            },
            notes: Notes::default(),
            looks: Vec::new(),
            meter: Meter::default(),
            memory,
            table,
            wasi: crate::wasi::context(&output),
            chance: crate::wasi::Chance::new(0),
            output,
            shared,
        }
    }

    /// Prepares for a call: copies the context into buffers that are kept, and resets the meters.
    pub(crate) fn begin(&mut self, ctx: &Context, deadline: Duration) {
        self.ctx.actor.id = ctx.actor.id;
        self.ctx.actor.roles.clone_from(&ctx.actor.roles);
        self.ctx.actor.divisions.clone_from(&ctx.actor.divisions);
        self.ctx.purpose.clone_from(&ctx.purpose);
        self.ctx.now = ctx.now;
        self.ctx.seed = ctx.seed;
        self.ctx.place = ctx.place;
        self.ctx.revision = ctx.revision;
        self.ctx.locale.clone_from(&ctx.locale);
        self.meter = Meter { deadline, ..Meter::default() };
        self.looks.clear();
        self.chance = crate::wasi::Chance::new(ctx.seed);
    }

    pub(crate) fn note_entity(&mut self, entity: u64) -> EntityId {
        let entity = EntityId(entity);
        self.notes.entity(entity);
        entity
    }
}

impl WasiView for GuestState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_of_the_host_is_given_back_once_and_then_a_deadline_of_processor_time_and_no_more() {
        let (deadline, host) = (Duration::from_millis(20), Duration::from_millis(9));
        let mut meter = Meter { deadline, credit: host, ..Meter::default() };
        assert_eq!(meter.more_time(), Some(host));
        let left = meter.more_time().unwrap();
        assert!(left <= deadline && meter.extra.is_some());
        let from = processor_time();
        while processor_time() < from + deadline {
            std::hint::spin_loop();
        }
        assert_eq!(meter.more_time(), None, "the guest had its processor time");
    }
}
