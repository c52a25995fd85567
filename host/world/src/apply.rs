//! Folding one transaction into the world.
//!
//! Contract: checked first, then folded whole; then the schedule runs over what was touched. Everything derived is as new
//! as the transaction when `apply` returns.

use crate::check::{EXTENT, RING};
use crate::component::{Event, Person, Place, Position, Spine};
use crate::error::ApplyError;
use crate::ledger::{InForce, JobState};
use crate::ring::Ring;
use crate::systems::{Touch, Touched};
use crate::world::World;
use changzhi_model::{EntityId, Fact, Family, Name, Point, Seq, Stored, Transaction, Value};

impl World {
    /// Folds the next transaction. `seq` must follow [`World::revision`]. An error changed nothing; after the pipeline's
    /// checks it means damage, and the caller stops.
    pub fn apply(&mut self, seq: Seq, tx: &Transaction) -> Result<(), ApplyError> {
        self.check(seq, tx)?;
        self.apply_checked(seq, tx);
        Ok(())
    }

    /// Folds a transaction that was made by the pipeline's checks against this very world, under the lock that is still held: they
    /// ask for all that [`World::apply`] asks for, and a debug build asks again. Saves a tenth of a command.
    pub fn apply_made(&mut self, seq: Seq, tx: &Transaction) -> Result<(), ApplyError> {
        if cfg!(debug_assertions) {
            return self.apply(seq, tx);
        }
        self.follows(seq)?;
        self.apply_checked(seq, tx);
        Ok(())
    }

    fn apply_checked(&mut self, seq: Seq, tx: &Transaction) {
        let mut touched = Touched::default();
        if let Some(mut kept) = self.ecs.get_resource_mut::<Touched>() {
            std::mem::swap(&mut *kept, &mut touched);
        }
        touched.cores.clear();
        touched.extents.clear();
        self.last_at = self.last_at.max(tx.at);
        for (change, fact) in (0u32..).zip(&tx.facts) {
            self.fold(seq, change, fact, &mut touched);
        }
        self.revision = seq;
        let run = !touched.cores.is_empty() || !touched.extents.is_empty();
        if let Some(mut kept) = self.ecs.get_resource_mut::<Touched>() {
            *kept = touched;
        }
        if run {
            self.schedule.run(&mut self.ecs);
        }
    }

    fn fold(&mut self, seq: Seq, change: u32, fact: &Fact, touched: &mut Touched) {
        match fact {
            Fact::Created { id, kind, category, state, at, within, position } => {
                let family = self.kind(kind).map_or(Family::Events, |k| k.on);
                let spine = Spine {
                    at: at.0,
                    id: id.0 as u32,
                    within: within.map_or(0, |w| w.0 as u32),
                    kind: self.kind_number(kind, family),
                    category: self.categories.intern(category) as u16,
                    state: self.states.intern(state) as u16,
                };
                self.spawn(spine, family, *position, seq);
                touched.cores.push(Touch { before: None, after: spine, position: *position });
            }
            Fact::Put { entity, facet, fields } => self.put(seq, change, *entity, facet, fields, touched),
            Fact::Advanced { entity, target, .. } => {
                let state = self.states.intern(target) as u16;
                self.alter(seq, *entity, touched, |spine, _| spine.state = state);
            }
            Fact::Recategorised { entity, category } => {
                let category = self.categories.intern(category) as u16;
                self.alter(seq, *entity, touched, |spine, _| spine.category = category);
            }
            Fact::Moved { entity, within, position } => self.alter(seq, *entity, touched, |spine, at| {
                spine.within = within.map_or(0, |w| w.0 as u32);
                *at = *position;
            }),
            Fact::Noted { entity, .. } => self.mark(seq, *entity),
            Fact::Erased { entity } => self.erase(seq, *entity),
            Fact::Declared { facets, kinds, flows, .. } => {
                for facet in facets {
                    let _checked = self.declare(facet);
                }
                for kind in kinds {
                    let _checked = self.declare_kind(kind);
                }
                for flow in flows {
                    self.ledger.flows.insert(flow.name.clone(), flow.clone());
                }
            }
            Fact::PluginSwitched { plugin, version, digest } => {
                let now = InForce { version: version.clone(), digest: *digest };
                self.ledger.plugins.insert(plugin.clone(), now);
            }
            Fact::Reacted { plugin, upto } => {
                self.ledger.reacted.insert(plugin.clone(), *upto);
            }
            Fact::JobStarted { job, plugin, name, params, actor, purpose, place, locale } => {
                let now = JobState {
                    plugin: plugin.clone(),
                    name: name.clone(),
                    params: params.clone(),
                    actor: actor.clone(),
                    purpose: purpose.clone(),
                    place: *place,
                    locale: locale.clone(),
                    begun: self.last_at,
                    done: 0,
                    total: 0,
                    cursor: None,
                    seq,
                    ended: None,
                };
                self.ledger.jobs.insert(*job, now);
            }
            Fact::Stepped { job, done, total, cursor, ended } => {
                if let Some(known) = self.ledger.jobs.get_mut(job) {
                    (known.done, known.total, known.seq) = (*done, *total, seq);
                    known.cursor.clone_from(cursor);
                    known.ended = ended.clone().map(|how| (self.last_at, how));
                }
                if ended.is_some() {
                    self.ledger.forget_old_jobs();
                }
            }
            // Intents and their outcomes live in the outbox, looks in the access log: both are read from the journal.
            Fact::Intended { .. } | Fact::Settled { .. } | Fact::Looked { .. } => {}
        }
    }

    fn kind_number(&mut self, kind: &Name, family: Family) -> u16 {
        let number = self.kinds.intern(kind) as usize;
        if self.families.len() <= number {
            self.families.resize(number + 1, family);
            self.kind_revisions.resize(number + 1, 0);
        }
        number as u16
    }

    fn spawn(&mut self, spine: Spine, family: Family, position: Option<Point>, seq: Seq) {
        let mut entity = match family {
            Family::People => self.ecs.spawn((spine, Person)),
            Family::Places => self.ecs.spawn((spine, Place)),
            Family::Events => self.ecs.spawn((spine, Event)),
        };
        if let Some(p) = position {
            entity.insert(Position(p));
        }
        let entity = entity.id();
        self.ids.push(entity, family, seq.0);
        if let Some(revision) = self.kind_revisions.get_mut(usize::from(spine.kind)) {
            *revision = seq.0;
        }
    }

    fn alter(
        &mut self,
        seq: Seq,
        id: EntityId,
        touched: &mut Touched,
        change: impl FnOnce(&mut Spine, &mut Option<Point>),
    ) {
        let Some(entity) = self.ids.entity(id.0) else { return };
        let old_position = self.position(id.0);
        let mut position = old_position;
        let Some(mut spine) = self.ecs.get_mut::<Spine>(entity) else { return };
        let old = *spine;
        change(&mut spine, &mut position);
        let after = *spine;
        if position != old_position {
            let mut entity = self.ecs.entity_mut(entity);
            match position {
                Some(p) => entity.insert(Position(p)),
                None => entity.remove::<Position>(),
            };
        }
        touched.cores.push(Touch { before: Some((old, old_position)), after, position });
        self.mark(seq, id);
    }

    fn mark(&mut self, seq: Seq, id: EntityId) {
        let Some(kind) = self.spine(id.0).map(|spine| spine.kind) else { return };
        self.ids.mark(id.0 as u32, seq.0);
        if let Some(revision) = self.kind_revisions.get_mut(usize::from(kind)) {
            *revision = seq.0;
        }
    }

    fn put(
        &mut self,
        seq: Seq,
        change: u32,
        entity: EntityId,
        facet: &Name,
        fields: &[(Name, Stored)],
        touched: &mut Touched,
    ) {
        self.mark(seq, entity);
        let Some(facet) = self.facet_numbers.get(facet).and_then(|n| self.facets.get_mut(*n)) else { return };
        let row = facet.row_or_new(entity.0 as u32);
        facet.revision = seq.0;
        facet.changed.set(row as usize, seq.0);
        let mut next = 0;
        for (name, stored) in fields {
            let Some(field) = facet.decl.position(next, name) else { continue };
            next = field + 1;
            match stored {
                Stored::Open(value) => {
                    facet.set(field, row, value, seq.0, change);
                    if facet.decl.name == EXTENT && name == RING {
                        let ring = value.as_text().and_then(|text| Ring::parse(text).ok());
                        touched.extents.push((entity.0 as u32, ring));
                    }
                }
                Stored::Sealed(_) => {
                    if let Some(column) = facet.columns.get_mut(field) {
                        column.locate(row as usize, seq.0, change);
                    }
                }
            }
        }
    }

    /// The key is gone, so nobody can open the sealed fields again: their locators go too.
    fn erase(&mut self, seq: Seq, entity: EntityId) {
        self.mark(seq, entity);
        for facet in &mut self.facets {
            let Some(row) = facet.rows.get(entity.0 as u32) else { continue };
            let mut sealed = false;
            for field in 0..facet.columns.len() {
                if facet.columns.get(field).is_some_and(|c| c.is_sealed() && c.present.get(row as usize)) {
                    facet.set(field, row, &Value::None, seq.0, 0);
                    sealed = true;
                }
            }
            if sealed {
                facet.revision = seq.0;
                facet.changed.set(row as usize, seq.0);
            }
        }
    }
}
