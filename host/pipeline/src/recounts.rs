//! An edited calendar sets open clocks right.
//!
//! Every version of a calendar is journaled (`host.rules`, `calendar/NAME/N`), as rules are. When the text a deployment brings is
//! another than the newest kept, it is the next version, and every matter with an open clock on that calendar is folded anew from its
//! own events: a due moment is a pure function of events and calendar. What comes out otherwise is written as one more event
//! (`recounted`), which says by which version, and when each clock was due and is. What ended stays as it ended: its explanation is by
//! the version that was in force then ([`City::calendar_at`]).
//!
//! The work is bounded: [`BATCH`] matters a step, one transaction a step, stories read outside the commit lock; the `timers` thread
//! takes steps between those of the clocks. A matter whose clock is about to act is set right before it does. `recounted/NAME/N` in
//! the journal says that all of it is done; until then each start begins anew, and what was set right already changes no more.

use crate::city::City;
use crate::commit::{CommitError, Origin};
use crate::install::InstallError;
use crate::matters::{kept, newest, put};
use crate::rules::{RULES, entry};
use changzhi_flow::{Calendar, Engine, Event, Track, digest};
use changzhi_model::{EntityId, Micros, Name, Value};
use changzhi_world::{Cell, Column, Query, World};
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Matters set right in one transaction at most.
const BATCH: usize = 200;
const PAGE: u32 = 10_000;

/// What is still to be set right.
#[derive(Default)]
pub(crate) struct Recounts {
    work: Mutex<Work>,
    /// Held for a whole step: nobody may think the work done while some of it is in somebody's hands. Taken before the commit lock.
    step: Mutex<()>,
}

#[derive(Default)]
struct Work {
    /// The version in force of each calendar.
    versions: HashMap<String, u32>,
    /// Calendars whose newest version not every open clock stands on yet.
    unfinished: BTreeSet<String>,
    todo: BTreeSet<EntityId>,
    /// Matters of a plugin that is not in force: looked at again when it is.
    waiting: usize,
}

/// A matter's story and what was kept of it when it was read.
struct Read {
    entity: EntityId,
    engine: Arc<Engine>,
    track: Track,
    story: Vec<Event>,
    prev: i64,
}

fn key(name: &str, version: u32) -> String {
    format!("calendar/{name}/{version}")
}

fn done_key(name: &str, version: u32) -> String {
    format!("recounted/{name}/{version}")
}

fn text_of(world: &World, key: &str, field: &str) -> Option<String> {
    let id = world.find(&RULES, "key", &Value::text(key))?;
    match world.cell(id, &RULES, field) {
        Some(Cell::Here(Value::Text(text))) => Some(text),
        _ => None,
    }
}

impl City {
    /// Journals what is new of the deployed calendars and looks what has to be set right. Called when something came in force.
    ///
    /// # Errors
    /// The journal takes nothing.
    pub(crate) fn aim_recounts(&self) -> Result<(), InstallError> {
        if !self.registry().facets.contains_key(&RULES) {
            return Ok(());
        }
        let mut work = Work::default();
        for (name, text) in self.options.flows.calendars() {
            let (version, done) = self.keep_calendar(name, text)?;
            work.versions.insert(name.to_owned(), version);
            if !done {
                work.unfinished.insert(name.to_owned());
            }
        }
        if !work.unfinished.is_empty() {
            work.todo = self.read(|w| tracked(w, usize::MAX));
        }
        let _step = self.recounts.step.lock();
        *self.recounts.work.lock() = work;
        Ok(())
    }

    /// The version a calendar's text is, journaled if it is new, and whether every open clock stands on it.
    fn keep_calendar(&self, name: &str, text: &str) -> Result<(u32, bool), InstallError> {
        let of_text = hex::encode(digest(text));
        let _order = self.order.lock();
        let (newest, known) = self.read(|w| {
            let newest = newest_calendar(w, name);
            (newest, text_of(w, &key(name, newest), "digest"))
        });
        if known.as_ref() == Some(&of_text) {
            return Ok((newest, self.read(|w| text_of(w, &done_key(name, newest), "digest")).is_some()));
        }
        let version = newest + 1;
        let idle = self.read(|w| tracked(w, 1).is_empty());
        let (id, at) = self.read(|w| (w.next_id(), w.last_at()));
        let at = self.clock.now().max(at);
        let mut facts = entry(id, at, &key(name, version), &of_text, text).to_vec();
        if idle {
            facts.extend(entry(EntityId(id.0 + 1), at, &done_key(name, version), &of_text, "0"));
        }
        self.host_facts_queued("calendar", EntityId::NONE, facts, Vec::new())?;
        Ok((version, idle))
    }

    /// One step: sets the clocks of at most [`BATCH`] matters right. Returns how many matters are left to look at; the `timers`
    /// thread calls it until there are none.
    pub fn recount(&self) -> usize {
        let _step = self.recounts.step.lock();
        let batch: Vec<EntityId> = {
            let mut work = self.recounts.work.lock();
            if work.unfinished.is_empty() || self.failed().is_some() {
                return 0;
            }
            (0..BATCH).map_while(|_| work.todo.pop_first()).collect()
        };
        if let Err(why) = self.set_right(&batch) {
            tracing::warn!(why, "clocks are not set right by the edited calendar; it is tried again");
            self.recounts.work.lock().todo.extend(batch);
            return 0;
        }
        let (left, finished) = {
            let mut work = self.recounts.work.lock();
            let over = work.todo.is_empty() && work.waiting == 0;
            let finished = if over { std::mem::take(&mut work.unfinished) } else { BTreeSet::new() };
            (work.todo.len(), finished)
        };
        for name in finished {
            if let Err(error) = self.all_right(&name) {
                tracing::warn!(%error, name, "the end of a recount is not kept; the next start looks at every open clock again");
            }
        }
        left
    }

    /// Sets one matter right before its clock acts.
    pub(crate) fn recount_first(&self, entity: EntityId) -> Result<(), String> {
        let _step = self.recounts.step.lock();
        if !self.recounts.work.lock().todo.remove(&entity) {
            return Ok(());
        }
        self.set_right(&[entity]).inspect_err(|_| {
            self.recounts.work.lock().todo.insert(entity);
        })
    }

    fn all_right(&self, name: &str) -> Result<(), InstallError> {
        let _order = self.order.lock();
        let version = self.calendar_version(name);
        let (id, at) = self.read(|w| (w.next_id(), w.last_at()));
        let at = self.clock.now().max(at);
        let facts = entry(id, at, &done_key(name, version), "", "").to_vec();
        self.host_facts_queued("calendar", EntityId::NONE, facts, Vec::new()).map(|_| ())
    }

    fn calendar_version(&self, name: &str) -> u32 {
        self.recounts.work.lock().versions.get(name).copied().unwrap_or_default()
    }

    fn set_right(&self, batch: &[EntityId]) -> Result<(), String> {
        let mut read = Vec::new();
        for entity in batch {
            match self.engine_of(*entity)? {
                Some((engine, track)) if !track.running.is_empty() => {
                    let story = self.story(*entity)?;
                    let prev = self.read(|w| newest(w, *entity));
                    read.push(Read { entity: *entity, engine, track, story, prev });
                }
                // Nothing runs: nothing can change.
                Some(_) => {}
                None => self.recounts.work.lock().waiting += 1,
            }
        }
        let _order = self.order.lock();
        let at = self.stamp();
        let mut facts = Vec::new();
        for one in read {
            let (now, prev) = self.read(|w| (kept(w, one.entity), newest(w, one.entity)));
            if prev != one.prev || now? != Some(one.track.clone()) {
                // It moved meanwhile: another time.
                self.recounts.work.lock().todo.insert(one.entity);
                continue;
            }
            let calendar = one.engine.calendar().name.clone();
            let version = format!("{calendar} {}", self.calendar_version(&calendar));
            if let Some((event, track)) = one.engine.recount(&one.track, &one.story, &version, at) {
                facts.push(put(one.entity, &track, &event, prev).map_err(|e| format!("{e:?}"))?);
            }
        }
        if facts.is_empty() {
            return Ok(());
        }
        let actor = crate::switch::system();
        let origin = Origin {
            actor: &actor,
            purpose: &Name::default(),
            plugin: &crate::native::HOST,
            command: &Name::new_static("recount"),
            request: self.fresh_request(),
            digest: [0; 16],
        };
        match self.append_at(origin, facts, Vec::new(), at) {
            Ok(_) => Ok(()),
            Err(CommitError::Full(why) | CommitError::Fatal(why) | CommitError::Breach(why)) => Err(why),
            Err(other) => Err(format!("{other:?}")),
        }
    }

    /// The version of a calendar that was in force at a moment, when it is not the one in force now.
    ///
    /// # Errors
    /// The journal cannot be read, or the text in it does not read.
    pub(crate) fn calendar_at(&self, name: &str, at: Micros) -> Result<Option<Calendar>, String> {
        let newest = self.calendar_version(name);
        let then = self.read(|w| {
            (1..=newest).rev().find_map(|version| {
                let id = w.find(&RULES, "key", &Value::text(key(name, version)))?;
                // Before the first that was kept, the first is the nearest to what was in force.
                (version == 1 || w.core(id)?.at < at).then_some((version, id))
            })
        });
        let Some((_, id)) = then.filter(|(version, _)| *version != newest) else { return Ok(None) };
        match self.secret(id, &RULES, "text")? {
            Some(Value::Text(text)) => Calendar::parse(&text).map(Some).map_err(|e| e.to_string()),
            _ => Ok(None),
        }
    }
}

fn newest_calendar(world: &World, name: &str) -> u32 {
    let is_kept = |version: &u32| world.find(&RULES, "key", &Value::text(key(name, *version))).is_some();
    (1..).take_while(is_kept).last().unwrap_or_default()
}

/// Matters with an open clock, at most so many.
fn tracked(world: &World, most: usize) -> BTreeSet<EntityId> {
    let mut all = BTreeSet::new();
    let mut after = EntityId::NONE;
    while all.len() < most {
        let query = Query {
            fields: vec![Name::new_static("host.track.due")],
            ascending: true,
            limit: PAGE,
            after,
            ..Query::default()
        };
        // Before the host's own domain is in force there is no such facet, and no matter.
        let Ok(batch) = world.query(&query) else { break };
        let Some(Column::Times(_)) = batch.columns.first() else { break };
        let missing = batch.missing.first().map(Vec::as_slice).unwrap_or_default();
        let here = (0u32..).zip(&batch.ids).filter(|(row, _)| missing.binary_search(row).is_err());
        all.extend(here.map(|(_, id)| EntityId(*id)));
        match batch.ids.last() {
            Some(last) if batch.ids.len() == PAGE as usize => after = EntityId(*last),
            _ => break,
        }
    }
    all
}
