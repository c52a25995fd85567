//! What lies directly within each place: ids ascending.
//!
//! Price: 4 bytes an entity that lies somewhere. Moving an entity out of a place of n costs a move of up to n ids.

use super::Touch;
use bevy_ecs::prelude::Resource;
use hashbrown::HashMap;

#[derive(Resource, Default)]
pub(crate) struct Children {
    of: HashMap<u32, Vec<u32>>,
}

impl Children {
    pub fn of(&self, place: u32) -> &[u32] {
        self.of.get(&place).map_or(&[], Vec::as_slice)
    }

    /// Every place that holds anything, in no order.
    pub fn places(&self) -> impl Iterator<Item = u32> + '_ {
        self.of.keys().copied()
    }

    pub fn note(&mut self, touch: &Touch) {
        let (id, now) = (touch.after.id, touch.after.within);
        let old = touch.before.map_or(0, |(spine, _)| spine.within);
        if old == now {
            return;
        }
        if let Some(ids) = self.of.get_mut(&old) {
            if let Ok(at) = ids.binary_search(&id) {
                ids.remove(at);
            }
            if ids.is_empty() {
                self.of.remove(&old);
            }
        }
        if now == 0 {
            return;
        }
        let ids = self.of.entry(now).or_default();
        if ids.last().is_none_or(|last| *last < id) {
            ids.push(id);
        } else if let Err(at) = ids.binary_search(&id) {
            ids.insert(at, id);
        }
    }
}
