//! What lies directly within each place: ids ascending.
//!
//! Price: 4 bytes an entity that lies somewhere. Moving an entity out of a place of n costs a move of up to n ids.

use super::Touch;
use crate::rowmap::RowMap;
use bevy_ecs::prelude::Resource;

#[derive(Resource, Default)]
pub(crate) struct Children {
    /// Place to its list: an array, because every creation looks here.
    slots: RowMap,
    lists: Vec<(u32, Vec<u32>)>,
}

impl Children {
    pub fn of(&self, place: u32) -> &[u32] {
        let slot = self.slots.get(place).and_then(|slot| self.lists.get(slot as usize));
        slot.map_or(&[], |(_, ids)| ids.as_slice())
    }

    /// Every place that holds anything, in no order.
    pub fn places(&self) -> impl Iterator<Item = u32> + '_ {
        self.lists.iter().filter(|(_, ids)| !ids.is_empty()).map(|(place, _)| *place)
    }

    fn list(&mut self, place: u32) -> Option<&mut Vec<u32>> {
        let slot = self.slots.get(place).unwrap_or_else(|| {
            let slot = self.lists.len() as u32;
            self.slots.set(place, slot);
            self.lists.push((place, Vec::new()));
            slot
        });
        self.lists.get_mut(slot as usize).map(|(_, ids)| ids)
    }

    /// A new entity, its id above all others.
    #[inline]
    pub fn add(&mut self, id: u32, place: u32) {
        if place == 0 {
            return;
        }
        if let Some(ids) = self.list(place) {
            ids.push(id);
        }
    }

    pub fn note(&mut self, touch: &Touch) {
        let (id, now) = (touch.after.id, touch.after.within);
        let old = touch.before.map_or(0, |(spine, _)| spine.within);
        if old == now {
            return;
        }
        if old != 0
            && let Some(ids) = self.list(old)
            && let Ok(at) = ids.binary_search(&id)
        {
            ids.remove(at);
        }
        if now == 0 {
            return;
        }
        let Some(ids) = self.list(now) else { return };
        if ids.last().is_none_or(|last| *last < id) {
            ids.push(id);
        } else if let Err(at) = ids.binary_search(&id) {
            ids.insert(at, id);
        }
    }
}
