//! From a dense id to its ECS entity and row: two arrays, never a hash map (10 million entries cost 5 s at load).
//!
//! Price: 20 bytes an entity, the sequence of its last change included.

use crate::revisions::Revisions;
use bevy_ecs::entity::Entity;
use changzhi_model::Family;

/// Where a row is: family in the top two bits, row of the family's table below.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Address(u32);

impl Address {
    pub fn new(family: Family, row: u32) -> Address {
        let top = match family {
            Family::People => 0,
            Family::Places => 1,
            Family::Events => 2,
        };
        Address(top << 30 | row & ((1 << 30) - 1))
    }

    pub fn family(self) -> Family {
        match self.0 >> 30 {
            0 => Family::People,
            1 => Family::Places,
            _ => Family::Events,
        }
    }

    pub fn row(self) -> usize {
        (self.0 & ((1 << 30) - 1)) as usize
    }
}

/// Most entities of one family.
pub(crate) const FAMILY_MAX: u32 = 1 << 30;

#[derive(Default, Debug)]
pub(crate) struct Directory {
    entities: Vec<Entity>,
    addresses: Vec<Address>,
    pub changed: Revisions,
    counts: [u32; 3],
}

impl Directory {
    /// Entities there are; ids are `1..=len`.
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    pub fn holds(&self, id: u64) -> bool {
        id != 0 && id <= self.entities.len() as u64
    }

    pub fn push(&mut self, entity: Entity, family: Family, changed: u64) {
        let row = match family {
            Family::People => self.counts.first_mut(),
            Family::Places => self.counts.get_mut(1),
            Family::Events => self.counts.get_mut(2),
        };
        let row = row.map_or(0, |count| {
            *count += 1;
            *count - 1
        });
        self.entities.push(entity);
        self.addresses.push(Address::new(family, row));
        self.changed.push(changed);
    }

    pub fn entity(&self, id: u64) -> Option<Entity> {
        self.entities.get(usize::try_from(id.checked_sub(1)?).ok()?).copied()
    }

    pub fn address(&self, id: u32) -> Option<Address> {
        self.addresses.get((id as usize).checked_sub(1)?).copied()
    }

    pub fn mark(&mut self, id: u32, seq: u64) {
        if let Some(row) = (id as usize).checked_sub(1) {
            self.changed.set(row, seq);
        }
    }

    pub fn reserve(&mut self, more: usize) {
        self.entities.reserve(more);
        self.addresses.reserve(more);
    }
}
