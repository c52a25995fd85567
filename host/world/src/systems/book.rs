//! For each kind the ids in order, counts by category and state, and which of them each block of ids may hold, so that
//! the newest few of a rare state are found without reading ten million rows.
//!
//! Price: 4 bytes an entity, 16 bytes a block of 1,024. A block's masks are never cleared: a stale bit costs a look, not an error.

use super::Touch;
use bevy_ecs::prelude::Resource;
use hashbrown::HashMap;

pub(crate) const BLOCK: usize = 1024;

#[derive(Resource, Default)]
pub(crate) struct Book {
    kinds: Vec<KindList>,
}

#[derive(Default)]
pub(crate) struct KindList {
    /// Ascending.
    pub ids: Vec<u32>,
    /// By (category, state).
    pub counts: HashMap<(u16, u16), u64>,
    masks: Vec<(u64, u64)>,
    oldest: i64,
    newest: i64,
    out_of_order: bool,
}

fn bit(code: u16) -> u64 {
    1 << (code % 64)
}

impl Book {
    pub fn kind(&self, kind: u16) -> Option<&KindList> {
        self.kinds.get(usize::from(kind))
    }

    /// The first and the last moment of a kind, or of all.
    pub fn span(&self, kind: Option<u16>) -> Option<(i64, i64)> {
        let of = self.kinds.iter().enumerate().filter(|(n, _)| kind.is_none_or(|k| usize::from(k) == *n));
        of.filter_map(|(_, list)| list.span()).reduce(|(a, b), (x, y)| (a.min(x), b.max(y)))
    }

    pub fn note(&mut self, touch: &Touch) {
        let now = &touch.after;
        let kind = usize::from(now.kind);
        if self.kinds.len() <= kind {
            self.kinds.resize_with(kind + 1, KindList::default);
        }
        let Some(list) = self.kinds.get_mut(kind) else { return };
        let at = match &touch.before {
            None => {
                if list.ids.is_empty() {
                    (list.oldest, list.newest) = (now.at, now.at);
                }
                list.out_of_order |= now.at < list.newest;
                (list.oldest, list.newest) = (list.oldest.min(now.at), list.newest.max(now.at));
                if list.ids.len().is_multiple_of(BLOCK) {
                    list.masks.push((0, 0));
                }
                list.ids.push(now.id);
                list.ids.len() - 1
            }
            Some((old, _)) if (old.category, old.state) == (now.category, now.state) => return,
            Some((old, _)) => {
                if let Some(count) = list.counts.get_mut(&(old.category, old.state)) {
                    *count -= 1;
                }
                list.ids.binary_search(&now.id).unwrap_or(0)
            }
        };
        *list.counts.entry((now.category, now.state)).or_insert(0) += 1;
        if let Some((categories, states)) = list.masks.get_mut(at / BLOCK) {
            *categories |= bit(now.category);
            *states |= bit(now.state);
        }
    }
}

impl KindList {
    /// True while ids and times ascend together.
    pub fn in_time_order(&self) -> bool {
        !self.out_of_order
    }

    /// The first and the last moment anything of the kind is dated.
    pub fn span(&self) -> Option<(i64, i64)> {
        (!self.ids.is_empty()).then_some((self.oldest, self.newest))
    }

    /// False when the block for sure holds none of these.
    pub fn may_hold(&self, block: usize, category: Option<u16>, state: Option<u16>) -> bool {
        let (categories, states) = self.masks.get(block).copied().unwrap_or((u64::MAX, u64::MAX));
        category.is_none_or(|c| categories & bit(c) != 0) && state.is_none_or(|s| states & bit(s) != 0)
    }

    /// How many there are with this category and state, each optional.
    pub fn count(&self, category: Option<u16>, state: Option<u16>) -> u64 {
        match (category, state) {
            (None, None) => self.ids.len() as u64,
            (Some(c), Some(s)) => self.counts.get(&(c, s)).copied().unwrap_or(0),
            _ => {
                let hit = self.counts.iter().filter(|((c, s), _)| {
                    category.is_none_or(|want| want == *c) && state.is_none_or(|want| want == *s)
                });
                hit.map(|(_, n)| n).sum()
            }
        }
    }
}
