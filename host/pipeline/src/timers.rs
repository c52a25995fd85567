//! The timer lane: what clocks do by themselves, as commands of the host.
//!
//! `host.track.next` says when a matter's clocks do something next. The index here holds those moments in order; it is made from
//! the world when a city opens and kept by every commit, so nothing of it needs to be stored. A step is one transaction of the host
//! (plugin `host`, command `timer`): it writes the step and the next moment together, under the commit lock, so each is in the
//! journal exactly once, whatever the process did in between. Steps that came due while the host was down are taken in order, each
//! with the moment it was due.

use crate::city::City;
use crate::commit::{CommitError, Origin};
use crate::matters::{TRACK, kept, newest, put};
use crate::open::{OpenError, spawn};
use changzhi_flow::{CLOCK_ROLE, Event};
use changzhi_model::{EntityId, Fact, Micros, Name, Named, Receiver, RequestId, Said, Stored, Value, Wish};
use changzhi_world::{Column, Query, World};
use crossbeam_channel::RecvTimeoutError;
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// A step is taken at most so long after its moment.
const LOOK: Duration = Duration::from_millis(500);
const PAGE: u32 = 10_000;

/// The moments of all matters, in order.
#[derive(Default)]
pub(crate) struct Timers(Mutex<Index>);

#[derive(Default)]
struct Index {
    order: BTreeSet<(Micros, EntityId)>,
    of: HashMap<EntityId, Micros>,
}

impl Index {
    fn set(&mut self, entity: EntityId, next: Option<Micros>) {
        if let Some(before) = self.of.remove(&entity) {
            self.order.remove(&(before, entity));
        }
        if let Some(next) = next {
            self.of.insert(entity, next);
            self.order.insert((next, entity));
        }
    }
}

impl Timers {
    /// Takes in what a transaction changed.
    pub(crate) fn note(&self, facts: &[Fact]) {
        for fact in facts {
            if let Fact::Put { entity, facet, fields } = fact
                && *facet == TRACK
                && let Some((_, Stored::Open(next))) = fields.iter().find(|(name, _)| name == "next")
            {
                self.0.lock().set(*entity, next.as_time());
            }
        }
    }

    fn first(&self) -> Option<(Micros, EntityId)> {
        self.0.lock().order.first().copied()
    }

    fn fill(&self, world: &World) {
        let mut index = Index::default();
        let mut after = EntityId::NONE;
        loop {
            let query = Query {
                fields: vec![Name::new_static("host.track.next")],
                ascending: true,
                limit: PAGE,
                after,
                ..Query::default()
            };
            // Before the host's own domain is in force there is no such facet, and no matter.
            let Ok(batch) = world.query(&query) else { return };
            let Some(Column::Times(times)) = batch.columns.first() else { return };
            let missing = batch.missing.first().map(Vec::as_slice).unwrap_or_default();
            for (row, (id, at)) in (0u32..).zip(batch.ids.iter().zip(times)) {
                if missing.binary_search(&row).is_err() {
                    index.set(EntityId(*id), Some(Micros(*at)));
                }
            }
            match batch.ids.last() {
                Some(last) if batch.ids.len() == PAGE as usize => after = EntityId(*last),
                _ => break,
            }
        }
        *self.0.lock() = index;
    }
}

impl City {
    pub(crate) fn start_timers(self: &Arc<Self>) -> Result<(), OpenError> {
        self.aim_timers();
        let weak = Arc::downgrade(self);
        let stopping = self.stopping.receiver();
        let thread = spawn("timers", move || {
            let mut wait = LOOK;
            while let Err(RecvTimeoutError::Timeout) = stopping.recv_timeout(wait) {
                let Some(city) = weak.upgrade() else { return };
                city.run_timers();
                wait = if city.recount() > 0 { Duration::ZERO } else { LOOK };
            }
        })?;
        self.threads.lock().push(thread);
        Ok(())
    }

    /// Makes the index anew from the world.
    pub(crate) fn aim_timers(&self) {
        let _order = self.order.lock();
        self.timers.fill(&self.world.read());
    }

    /// When a clock does something next, in all the city.
    pub fn next_timer(&self) -> Option<Micros> {
        self.timers.first().map(|(at, _)| at)
    }

    /// Takes every step that is due by the city's clock. The `timers` thread calls it twice a second; a test or a replay that moves
    /// the clock itself calls it when it likes. Returns how many were taken.
    pub fn run_timers(&self) -> usize {
        let mut taken = 0;
        // Without rules nothing can be said about a moment: it waits for the plugin that brings them.
        while self.failed().is_none() && !self.registry().engines.is_empty() {
            let Some((at, entity)) = self.timers.first() else { break };
            if at > self.clock.now() {
                break;
            }
            if let Err(why) = self.recount_first(entity) {
                tracing::warn!(%entity, why, "a clock cannot be set right by its calendar before it acts; it is tried again");
                break;
            }
            match self.take_step(entity) {
                Ok(true) => taken += 1,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%entity, ?error, "a step of a clock is not taken; it is tried again");
                    break;
                }
            }
        }
        taken
    }

    /// Takes the next step of one matter, if it is due; otherwise sets its moment right.
    fn take_step(&self, entity: EntityId) -> Result<bool, CommitError> {
        let _order = self.order.lock();
        let registry = self.registry();
        let at = self.stamp();
        let (core, track, prev) = self.read(|w| (w.core(entity), kept(w, entity), newest(w, entity)));
        let drop_it = || self.timers.0.lock().set(entity, None);
        let (Some(core), Some(track)) = (core, track.map_err(CommitError::Fatal)?) else {
            drop_it();
            return Ok(false);
        };
        let flow = registry.kinds.get(&core.kind).and_then(|k| k.flow.clone()).unwrap_or_default();
        let Some(engine) = registry.engines.at(&flow, track.version, track.edition) else {
            tracing::warn!(%entity, %flow, track.version, track.edition, "no rules of this version are in force: its clocks stand still");
            drop_it();
            return Ok(false);
        };
        let step = match engine.next(&track) {
            Some(step) if step.at <= at => step,
            later => {
                self.timers.0.lock().set(entity, later.map(|s| s.at));
                return Ok(false);
            }
        };
        let target = match step.moves {
            // The rules were checked: the clock may raise its event wherever it runs.
            true => {
                let next = registry.flows.next_at(&flow, track.version, &core.state, &step.event, &[CLOCK_ROLE]);
                next.cloned().unwrap_or_else(|_| core.state.clone())
            }
            false => core.state.clone(),
        };
        let key = format!("timer:{entity}:{}:{}:{}", step.fired.clock, step.fired.step, step.fired.due.0);
        let mut event = Event::new(at, step.event.clone(), core.state.clone(), target.clone());
        (event.category, event.fired) = (core.category, Some(step.fired));
        event.args.insert(Name::new_static("told"), Value::text(step.tells.join(" ")));
        let notice = notice(entity, &step.event, &step.tells);
        let after = engine.after(Some(&track), &event, "");
        let reason = event.fired.as_ref().map(|f| f.clock.to_string()).unwrap_or_default();
        let fact = put(entity, &after, &event, prev)?;
        let moved = Fact::Advanced { entity, event: step.event, source: core.state, target, reason };
        let actor = crate::switch::system();
        let origin = Origin {
            actor: &actor,
            purpose: &Name::default(),
            plugin: &crate::native::HOST,
            command: &Name::new_static("timer"),
            request: RequestId::from_key(EntityId::NONE, &key),
            digest: [0; 16],
        };
        self.append_at(origin, [Some(moved), Some(fact), notice].into_iter().flatten().collect(), Vec::new(), at)?;
        Ok(true)
    }
}

/// The wish to tell those whom a step of a ladder names. It is in the step's own transaction, as everybody's wishes are in theirs:
/// so it is there exactly when the step is, and the outbox needs to know nothing of clocks. Who holds the roles is asked when it is
/// sent, because the pipeline knows no accounts.
fn notice(entity: EntityId, event: &Name, tells: &[Name]) -> Option<Fact> {
    if tells.is_empty() {
        return None;
    }
    let said = Said {
        message: "notice-step".into(),
        with: vec![Named::new("event", Value::text(event.as_str()))],
        urgent: false,
        ..Said::default()
    };
    let (kind, args) =
        Wish { receiver: Receiver::Roles { roles: tells.to_vec(), place: None, all: false }, said }.write();
    Some(Fact::Intended { kind, entity: Some(entity), args })
}
