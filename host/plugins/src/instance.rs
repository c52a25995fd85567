//! One instance of a component: a store, its bindings, and calls with a deadline.

use crate::bindings::changzhi::platform::types::Context as WitContext;
use crate::bindings::{Plugin as Exports, PluginPre};
use crate::convert;
use crate::engine::ticks;
use crate::fault::FaultKind;
use crate::guest_state::{GuestState, Shared, Stopped};
use crate::limits::Export;
use changzhi_model::Context;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::{Engine, Store, Trap, UpdateDeadline};

pub(crate) struct Instance {
    store: Store<GuestState>,
    exports: Exports,
    /// Reused between calls, so that a call of the same actor allocates nothing for its context.
    ctx: WitContext,
}

impl Instance {
    pub(crate) fn new(
        engine: &Engine,
        pre: &PluginPre<GuestState>,
        shared: &Arc<Shared>,
    ) -> Result<Instance, FaultKind> {
        let mut store = Store::new(engine, GuestState::new(Arc::clone(shared)));
        store.limiter(|state| &mut state.memory);
        store.set_hostcall_fuel(shared.limits.crossing);
        store.epoch_deadline_callback(|mut store| {
            let more = store.data_mut().meter.more_time();
            more.map(|time| UpdateDeadline::Continue(ticks(time)))
                .ok_or_else(|| wasmtime::Error::new(Stopped::Deadline))
        });
        store.data_mut().meter.deadline = shared.limits.deadline.describe;
        store.set_epoch_deadline(ticks(shared.limits.deadline.describe));
        match pre.instantiate(&mut store) {
            Ok(exports) => {
                // What the start-up drew came from a constant: it is the same in every instance.
                store.data_mut().chance.drawn = false;
                Ok(Instance { store, exports, ctx: convert::clear_context() })
            }
            Err(e) => Err(match classify(&e, &store, shared.limits.deadline.describe) {
                FaultKind::Trap(what) => FaultKind::Instantiate(what),
                other => other,
            }),
        }
    }

    /// Runs one export under its deadline. After `Err` the instance must not be used again.
    pub(crate) fn call<R>(
        &mut self,
        export: Export,
        ctx: &Context,
        run: impl FnOnce(&Exports, &mut Store<GuestState>, &WitContext) -> wasmtime::Result<R>,
    ) -> Result<R, FaultKind> {
        let deadline = self.store.data().shared.limits.deadline.of(export);
        self.store.data_mut().begin(ctx, deadline);
        convert::context_into(&mut self.ctx, ctx);
        self.store.set_epoch_deadline(ticks(deadline));
        let answer = run(&self.exports, &mut self.store, &self.ctx);
        self.print();
        let answer = answer.map_err(|e| classify(&e, &self.store, deadline));
        self.account().and(answer)
    }

    /// Enters what the call opened in the access log, also when it failed after it had looked.
    fn account(&mut self) -> Result<(), FaultKind> {
        let state = self.store.data_mut();
        let looks = std::mem::take(&mut state.looks);
        match &state.shared.platform {
            Some(platform) if !looks.is_empty() => {
                let done = platform.looked(&state.ctx, &state.shared.id, &looks);
                done.map_err(|e| FaultKind::Unaccounted(e.to_string()))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn state(&mut self) -> &mut GuestState {
        self.store.data_mut()
    }

    /// True when the instance must not answer another call: it keeps keys drawn from this call's seed.
    pub(crate) fn spent(&self) -> bool {
        self.store.data().chance.drawn
    }

    fn print(&mut self) {
        let state = self.store.data_mut();
        let Some(bytes) = state.output.take() else { return };
        let text = String::from_utf8_lossy(&bytes);
        for line in text.lines().take(state.shared.limits.log_lines as usize) {
            tracing::info!(target: "plugin", plugin = state.shared.id.as_str(), "{line}");
        }
    }
}

fn classify(e: &wasmtime::Error, store: &Store<GuestState>, deadline: Duration) -> FaultKind {
    let state = store.data();
    let limits = &state.shared.limits;
    match e.downcast_ref::<Stopped>() {
        Some(Stopped::Deadline) => {
            return FaultKind::Deadline { ms: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX) };
        }
        Some(Stopped::Wait) => return FaultKind::Wait,
        Some(Stopped::HostCalls) => {
            return FaultKind::HostCalls { limit: limits.host_calls.saturating_mul(2), budget: limits.host_calls };
        }
        None => {}
    }
    if let Some(exit) = e.downcast_ref::<wasmtime_wasi::I32Exit>() {
        return FaultKind::Exit(exit.0);
    }
    // An allocator that was refused memory gives up by trapping: the cause is the refusal.
    if state.memory.denied {
        return FaultKind::Memory { limit: limits.memory as u64 };
    }
    match e.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => FaultKind::Stack,
        Some(Trap::Interrupt) => FaultKind::Deadline { ms: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX) },
        _ => {
            let what = format!("{e:#}");
            if what.contains("fuel allocated for hostcalls") {
                return FaultKind::Crossing { limit: limits.crossing as u64 };
            }
            FaultKind::Trap(what.chars().take(2_000).collect())
        }
    }
}
