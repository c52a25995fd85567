//! What a call read, so that a commit can tell whether it is still so.
//!
//! Noted by kind, facet and entity, not by row: cheap to note and to check. The price is a run again when another row of a
//! scanned facet changed.

use crate::source::World;
use changzhi_model::{EntityId, Name, Seq};
use parking_lot::Mutex;
use smol_str::SmolStr;

/// What was read, gathered in the guest's store during a call.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub(crate) struct Notes {
    pub(crate) kinds: Vec<Name>,
    pub(crate) facets: Vec<Name>,
    pub(crate) entities: Vec<EntityId>,
    /// A personal field was opened.
    pub(crate) opened: bool,
}

fn note<T: PartialEq + ?Sized, U: PartialEq<T>>(list: &mut Vec<U>, item: &T, make: impl FnOnce(&T) -> U) {
    if !list.iter().any(|have| have == item) {
        list.push(make(item));
    }
}

impl Notes {
    pub(crate) fn kind(&mut self, kind: &str) {
        note(&mut self.kinds, kind, |k| SmolStr::new(k));
    }

    pub(crate) fn facet(&mut self, facet: &str) {
        note(&mut self.facets, facet, |f| SmolStr::new(f));
    }

    pub(crate) fn entity(&mut self, entity: EntityId) {
        // Calls often ask the same entity field by field; longer lists are deduplicated when they join the set.
        if self.entities.last() != Some(&entity) {
            self.entities.push(entity);
        }
    }

    fn clear(&mut self) {
        self.kinds.clear();
        self.facets.clear();
        self.entities.clear();
        self.opened = false;
    }
}

/// Everything read by a call that started from one revision.
#[derive(Debug)]
pub struct ReadSet {
    at: Seq,
    notes: Mutex<Notes>,
}

impl ReadSet {
    /// Nothing read yet; `at` is the world's revision before the call.
    pub fn at(at: Seq) -> ReadSet {
        ReadSet { at, notes: Mutex::new(Notes::default()) }
    }

    /// The revision the call started from.
    pub fn revision(&self) -> Seq {
        self.at
    }

    /// True while nothing that was read has changed since.
    pub fn is_fresh(&self, world: &World) -> bool {
        if world.revision() <= self.at {
            return true;
        }
        let notes = self.notes.lock();
        notes.kinds.iter().all(|k| world.kind_revision(k) <= self.at)
            && notes.facets.iter().all(|f| world.facet_revision(f) <= self.at)
            && notes.entities.iter().all(|e| world.entity_revision(*e) <= self.at)
    }

    pub fn kinds(&self) -> Vec<Name> {
        self.notes.lock().kinds.clone()
    }

    pub fn facets(&self) -> Vec<Name> {
        self.notes.lock().facets.clone()
    }

    pub fn entities(&self) -> Vec<EntityId> {
        self.notes.lock().entities.clone()
    }

    /// True when the call looked at nothing but its arguments.
    pub fn is_empty(&self) -> bool {
        let notes = self.notes.lock();
        notes.kinds.is_empty() && notes.facets.is_empty() && notes.entities.is_empty()
    }

    /// True when the call opened a personal field: it is in the access log, and calling again would enter it again.
    pub fn opened(&self) -> bool {
        self.notes.lock().opened
    }

    pub(crate) fn absorb(&self, seen: &mut Notes) {
        if seen.kinds.is_empty() && seen.facets.is_empty() && seen.entities.is_empty() {
            return;
        }
        let mut notes = self.notes.lock();
        for kind in &seen.kinds {
            notes.kind(kind);
        }
        for facet in &seen.facets {
            notes.facet(facet);
        }
        notes.opened |= seen.opened;
        notes.entities.extend_from_slice(&seen.entities);
        notes.entities.sort_unstable();
        notes.entities.dedup();
        seen.clear();
    }
}
