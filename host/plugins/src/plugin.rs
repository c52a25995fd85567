//! A loaded plugin: a write instance, a job instance, a pool of readers, and what they cost.
//!
//! Instances are made on demand, used again while they behave, and thrown away after any fault. Callers of different lanes
//! never wait for each other here: each lane has its own instance.

use crate::bindings::PluginPre;
use crate::bindings::exports::changzhi::platform::guest;
use crate::convert;
use crate::fault::{Fault, FaultKind};
use crate::guest_state::{GuestState, Shared};
use crate::instance::Instance;
use crate::kept::Kept;
use crate::ledger::{Cost, Ledger};
use crate::limits::{Export, Limits};
use crate::page;
use crate::readset::ReadSet;
use crate::view::Page;
use changzhi_model::{Changes, Context, EntityId, Manifest, Micros, Name, Refusal, Seq, Value};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Instant;
use wasmtime::Engine;

/// One call: its context, and where to note what it reads.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    pub ctx: &'a Context,
    pub reads: &'a ReadSet,
}

/// One committed change a subscription asked for: `fact` of the interface.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Notice {
    pub seq: Seq,
    pub at: Micros,
    pub entity: EntityId,
    pub kind: Name,
    pub what: Name,
}

/// One bounded step of long work. Call again with `cursor` until there is none.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    pub done: u64,
    pub total: u64,
    pub cursor: Option<Vec<u8>>,
    pub changes: Changes,
}

/// What a call of a plugin gives: an answer or a refusal, or a fault of the plugin.
pub type Answer<T> = Result<Result<T, Refusal>, Fault>;

/// A component, linked to what it was granted and ready to be called from any thread.
pub struct Plugin {
    engine: Engine,
    pre: PluginPre<GuestState>,
    shared: Arc<Shared>,
    manifest: Arc<Manifest>,
    digest: [u8; 32],
    writer: Mutex<Option<Instance>>,
    worker: Mutex<Option<Instance>>,
    readers: Mutex<Vec<Instance>>,
    ledger: Ledger,
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Plugin({} {})", self.manifest.id, self.manifest.version)
    }
}

/// Bytes and nodes of an answer.
type Weighed<T> = Result<(T, u64, u64), FaultKind>;

impl Plugin {
    pub(crate) fn new(
        engine: Engine,
        pre: PluginPre<GuestState>,
        shared: Arc<Shared>,
        manifest: Arc<Manifest>,
        digest: [u8; 32],
    ) -> Result<Plugin, FaultKind> {
        // The first instance is made at load: a component that cannot start is refused, not found out by a citizen.
        let writer = Instance::new(&engine, &pre, &shared)?;
        Ok(Plugin {
            engine,
            pre,
            shared,
            manifest,
            digest,
            writer: Mutex::new(Some(writer)),
            worker: Mutex::new(None),
            readers: Mutex::new(Vec::new()),
            ledger: Ledger::default(),
        })
    }

    pub fn manifest(&self) -> &Arc<Manifest> {
        &self.manifest
    }

    pub fn id(&self) -> &Name {
        &self.manifest.id
    }

    pub fn version(&self) -> &Name {
        &self.manifest.version
    }

    /// SHA-256 of the component.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Instances that wait for a view to answer.
    pub fn idle_readers(&self) -> usize {
        self.readers.lock().len()
    }

    /// Asks for a command's changes. One at a time; others wait.
    pub fn handle(&self, call: &Call<'_>, name: &str, body: &[Value]) -> Answer<Changes> {
        let limits = &self.shared.limits;
        let command = guest::Command { name: name.to_owned(), body: convert::values(body) };
        let answer = self.run_in(&self.writer, Export::Handle, call, |instance| {
            let answer = instance.call(Export::Handle, call.ctx, |e, store, ctx| {
                e.changzhi_platform_guest().call_handle(store, ctx, &command)
            })?;
            weigh(answer, limits, |c| convert::changes(c, limits).map(|(c, bytes)| (c, bytes, 0)))
        });
        answer.map_err(|f| self.keep(f, call.ctx, name, body, &[], None))
    }

    /// Tells the plugin what happened. Shares the instance of `handle`.
    pub fn react(&self, call: &Call<'_>, notices: &[Notice]) -> Answer<Changes> {
        let limits = &self.shared.limits;
        let facts: Vec<_> = notices.iter().map(convert::notice).collect();
        let answer = self.run_in(&self.writer, Export::React, call, |instance| {
            let answer = instance.call(Export::React, call.ctx, |e, store, ctx| {
                e.changzhi_platform_guest().call_react(store, ctx, &facts)
            })?;
            weigh(answer, limits, |c| convert::changes(c, limits).map(|(c, bytes)| (c, bytes, 0)))
        });
        answer.map_err(|f| self.keep(f, call.ctx, "", &[], notices, None))
    }

    /// Renders a view, in any number of threads at once.
    pub fn view(&self, call: &Call<'_>, name: &str, params: &[Value]) -> Answer<Page> {
        let limits = &self.shared.limits;
        let values = convert::values(params);
        let mut reader = self.readers.lock().pop();
        let answer = self.run(&mut reader, Export::View, call, |instance| {
            let answer = instance.call(Export::View, call.ctx, |e, store, ctx| {
                e.changzhi_platform_guest().call_view(store, ctx, name, &values)
            })?;
            weigh(answer, limits, |p: Page| {
                let bytes = page::check(&p, limits)?;
                let nodes = p.nodes.len() as u64;
                Ok((p, bytes, nodes))
            })
        });
        if let Some(reader) = reader {
            let mut idle = self.readers.lock();
            if idle.len() < limits.readers {
                idle.push(reader);
            }
        }
        answer.map_err(|f| self.keep(f, call.ctx, name, params, &[], None))
    }

    /// One step of a job. Has an instance of its own.
    pub fn job(&self, call: &Call<'_>, name: &str, params: &[Value], cursor: Option<&[u8]>) -> Answer<Step> {
        let limits = &self.shared.limits;
        let values = convert::values(params);
        let answer = self.run_in(&self.worker, Export::Job, call, |instance| {
            let answer = instance.call(Export::Job, call.ctx, |e, store, ctx| {
                e.changzhi_platform_guest().call_job(store, ctx, name, &values, cursor)
            })?;
            weigh(answer, limits, |s| convert::step(s, limits).map(|(s, bytes)| (s, bytes, 0)))
        });
        answer.map_err(|f| self.keep(f, call.ctx, name, params, &[], cursor))
    }

    /// One step from version `source` to this one.
    pub fn migrate(&self, call: &Call<'_>, source: &str, cursor: Option<&[u8]>) -> Answer<Step> {
        let limits = &self.shared.limits;
        let answer = self.run_in(&self.worker, Export::Migrate, call, |instance| {
            let answer = instance.call(Export::Migrate, call.ctx, |e, store, ctx| {
                e.changzhi_platform_guest().call_migrate(store, ctx, source, cursor)
            })?;
            weigh(answer, limits, |s| convert::step(s, limits).map(|(s, bytes)| (s, bytes, 0)))
        });
        answer.map_err(|f| self.keep(f, call.ctx, source, &[], &[], cursor))
    }

    /// Does a kept call again, its changes and page dropped: `Ok` when the fault is gone.
    pub fn again(&self, kept: &Kept) -> Result<(), Fault> {
        let reads = ReadSet::at(kept.ctx.revision);
        let call = Call { ctx: &kept.ctx, reads: &reads };
        let cursor = kept.cursor.as_deref();
        match kept.export {
            Export::Describe => Ok(()),
            Export::Handle => self.handle(&call, &kept.name, &kept.values).map(drop),
            Export::React => self.react(&call, &kept.notices).map(drop),
            Export::View => self.view(&call, &kept.name, &kept.values).map(drop),
            Export::Job => self.job(&call, &kept.name, &kept.values, cursor).map(drop),
            Export::Migrate => self.migrate(&call, &kept.name, cursor).map(drop),
        }
    }

    fn run_in<T>(
        &self,
        place: &Mutex<Option<Instance>>,
        export: Export,
        call: &Call<'_>,
        work: impl FnOnce(&mut Instance) -> Weighed<Result<T, Refusal>>,
    ) -> Answer<T> {
        self.run(&mut place.lock(), export, call, work)
    }

    fn run<T>(
        &self,
        place: &mut Option<Instance>,
        export: Export,
        call: &Call<'_>,
        work: impl FnOnce(&mut Instance) -> Weighed<Result<T, Refusal>>,
    ) -> Answer<T> {
        let from = Instant::now();
        let made = match place.take() {
            Some(instance) => Ok(instance),
            None => Instance::new(&self.engine, &self.pre, &self.shared),
        };
        let mut cost = Cost { ns: 0, fault: false, refusal: false, host_calls: 0, log_dropped: 0, bytes: 0, nodes: 0 };
        let answer = made.and_then(|mut instance| {
            let answer = work(&mut instance);
            let spent = instance.spent();
            let state = instance.state();
            cost.host_calls = state.meter.host_calls;
            cost.log_dropped = state.meter.log_dropped;
            call.reads.absorb(&mut state.notes);
            // Taken out above: an instance that faulted or is spent is dropped here, with its memory.
            if answer.is_ok() && !spent {
                *place = Some(instance);
            }
            answer
        });
        cost.ns = u64::try_from(from.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let answer = match answer {
            Ok((answer, bytes, nodes)) => {
                (cost.bytes, cost.nodes, cost.refusal) = (bytes, nodes, answer.is_err());
                Ok(answer)
            }
            Err(kind) => {
                cost.fault = true;
                Err(Fault::at(export, kind))
            }
        };
        self.ledger.add(export, &cost);
        answer
    }

    fn keep(
        &self,
        fault: Fault,
        ctx: &Context,
        name: &str,
        values: &[Value],
        notices: &[Notice],
        cursor: Option<&[u8]>,
    ) -> Fault {
        let Some(export) = fault.export else { return fault };
        let kept = Kept {
            plugin: self.manifest.id.clone(),
            version: self.manifest.version.clone(),
            export,
            ctx: ctx.clone(),
            name: name.into(),
            values: values.to_vec(),
            notices: notices.to_vec(),
            cursor: cursor.map(<[u8]>::to_vec),
        };
        tracing::warn!(plugin = self.manifest.id.as_str(), version = self.manifest.version.as_str(), export = export.name(), call = name, fault = %fault.kind, "plugin fault");
        Fault { kept: Some(kept.encode().into()), ..fault }
    }
}

fn weigh<W, T>(
    answer: Result<W, crate::bindings::changzhi::platform::types::Refusal>,
    limits: &Limits,
    convert: impl FnOnce(W) -> Weighed<T>,
) -> Weighed<Result<T, Refusal>> {
    match answer {
        Ok(answer) => convert(answer).map(|(answer, bytes, nodes)| (Ok(answer), bytes, nodes)),
        Err(refusal) => convert::refusal(refusal, limits).map(|(refusal, bytes)| (Err(refusal), bytes, 0)),
    }
}
