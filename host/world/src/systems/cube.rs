//! Counts by kind × place × category × month, kept as things happen, so that a roll-up reads counts and not events.
//!
//! Layout: for each kind and month one page; in it a row of categories for each place that has any. A new month is a new
//! page and touches no other. Price: 4 bytes × categories for each place and month that has one; a kind whose pages pass
//! [`CELLS_MAX`] loses its cube and is counted by scanning.

use super::Touch;
use crate::calendar::Calendar;
use crate::component::Spine;
use crate::rowmap::RowMap;
use bevy_ecs::prelude::Resource;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Cells over all kinds: 256 MiB.
pub(crate) const CELLS_MAX: usize = 64 << 20;
const NONE: u32 = u32::MAX;

#[derive(Resource)]
pub(crate) struct Cube {
    calendar: Arc<Calendar>,
    kinds: Vec<KindCube>,
    cells: usize,
    cells_max: usize,
    /// The month last asked for and the moments it was found for: events mostly come in time order.
    month: (i64, i64, i32),
}

#[derive(Default)]
pub(crate) struct KindCube {
    /// Too large: counted by scanning instead.
    off: bool,
    months: BTreeMap<i32, usize>,
    pages: Vec<Page>,
    last: Option<(i32, usize)>,
    slots: RowMap,
    places: Vec<u32>,
    category_slots: Vec<u16>,
    categories: Vec<u16>,
}

#[derive(Default)]
struct Page {
    rows: Vec<u32>,
    stride: usize,
    cells: Vec<u32>,
}

impl Cube {
    pub fn new(calendar: Arc<Calendar>) -> Cube {
        Cube { calendar, kinds: Vec::new(), cells: 0, cells_max: CELLS_MAX, month: (0, 0, 0) }
    }

    #[cfg(test)]
    pub fn with_limit(calendar: Arc<Calendar>, cells_max: usize) -> Cube {
        Cube { cells_max, ..Cube::new(calendar) }
    }

    /// The counts of a kind, unless they grew too large.
    pub fn kind(&self, kind: u16) -> Option<&KindCube> {
        self.kinds.get(usize::from(kind)).filter(|k| !k.off)
    }

    pub fn note(&mut self, touch: &Touch) {
        let now = touch.after;
        match touch.before {
            None => self.add(&now, 1),
            Some((old, _)) if (old.within, old.category, old.at) == (now.within, now.category, now.at) => {}
            Some((old, _)) => {
                self.add(&old, -1);
                self.add(&now, 1);
            }
        }
    }

    pub fn add(&mut self, spine: &Spine, by: i32) {
        let kind = usize::from(spine.kind);
        if self.kinds.len() <= kind {
            self.kinds.resize_with(kind + 1, KindCube::default);
        }
        let Some(cube) = self.kinds.get_mut(kind).filter(|k| !k.off) else { return };
        if spine.at < self.month.0 || spine.at >= self.month.1 {
            let (_, month, from, upto) = self.calendar.around(spine.at);
            self.month = (from, upto, month);
        }
        let month = self.month.2;
        self.cells += cube.add(month, spine.within, spine.category, by);
        if self.cells > self.cells_max {
            self.cells -= cube.pages.iter().map(|p| p.cells.len()).sum::<usize>();
            *cube = KindCube { off: true, ..KindCube::default() };
        }
    }
}

impl KindCube {
    /// Returns how many cells were added.
    fn add(&mut self, month: i32, within: u32, category: u16, by: i32) -> usize {
        let place = self.place(within);
        let category = self.category(category);
        let page = match self.last {
            Some((last, page)) if last == month => page,
            _ => {
                let fresh = self.pages.len();
                let page = *self.months.entry(month).or_insert(fresh);
                if page == fresh {
                    self.pages.push(Page::default());
                }
                self.last = Some((month, page));
                page
            }
        };
        let categories = self.categories.len();
        self.pages.get_mut(page).map_or(0, |page| page.add(place, category, categories, by))
    }

    fn place(&mut self, id: u32) -> usize {
        if let Some(slot) = self.slots.get(id) {
            return slot as usize;
        }
        let slot = self.places.len();
        self.slots.set(id, slot as u32);
        self.places.push(id);
        slot
    }

    fn category(&mut self, code: u16) -> usize {
        let at = usize::from(code);
        if self.category_slots.len() <= at {
            self.category_slots.resize(at + 1, u16::MAX);
        }
        let next = self.categories.len() as u16;
        match self.category_slots.get_mut(at) {
            Some(slot) if *slot == u16::MAX => {
                *slot = next;
                self.categories.push(code);
                usize::from(next)
            }
            Some(slot) => usize::from(*slot),
            None => 0,
        }
    }

    /// Non-empty cells of one month (place, category, count) for the places numbered `from..upto` of [`KindCube::places`].
    pub fn each(&self, month: i32, from: usize, upto: usize, mut visit: impl FnMut(u32, u16, u32)) {
        let Some(page) = self.months.get(&month).and_then(|page| self.pages.get(*page)) else { return };
        let rows = page.rows.get(from..upto.min(page.rows.len())).unwrap_or_default();
        let places = self.places.get(from..).unwrap_or_default();
        for (row, place) in rows.iter().zip(places).filter(|(row, _)| **row != NONE) {
            let start = *row as usize * page.stride;
            let cells = page.cells.get(start..start + page.stride).unwrap_or_default();
            for (count, category) in cells.iter().zip(&self.categories).filter(|(count, _)| **count != 0) {
                visit(*place, *category, *count);
            }
        }
    }

    /// Counts in a row: what one place costs to read.
    pub fn width(&self) -> usize {
        self.categories.len().max(1)
    }

    /// Places this kind has ever had a count for, in the order of their first, and its months, ascending.
    pub fn places(&self) -> &[u32] {
        &self.places
    }

    pub fn months(&self) -> impl DoubleEndedIterator<Item = i32> + '_ {
        self.months.keys().copied()
    }
}

impl Page {
    fn add(&mut self, place: usize, category: usize, categories: usize, by: i32) -> usize {
        let before = self.cells.len();
        if category >= self.stride {
            self.widen(categories.next_power_of_two().max(4));
        }
        if self.rows.len() <= place {
            self.rows.resize(place + 1, NONE);
        }
        let stride = self.stride;
        if let Some(row) = self.rows.get_mut(place) {
            if *row == NONE {
                *row = (self.cells.len() / stride) as u32;
                self.cells.resize(self.cells.len() + stride, 0);
            }
            if let Some(cell) = self.cells.get_mut(*row as usize * stride + category) {
                *cell = cell.wrapping_add_signed(by);
            }
        }
        self.cells.len() - before
    }

    fn widen(&mut self, stride: usize) {
        if let Some(rows) = self.cells.len().checked_div(self.stride) {
            let mut cells = Vec::with_capacity(rows * stride);
            for row in self.cells.chunks(self.stride) {
                cells.extend_from_slice(row);
                cells.resize(cells.len() + stride - self.stride, 0);
            }
            self.cells = cells;
        }
        self.stride = stride;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spine(within: u32, category: u16) -> Spine {
        Spine { at: 0, id: 1, within, kind: 0, category, state: 0 }
    }

    #[test]
    fn a_kind_that_outgrows_the_limit_loses_its_cube_and_gives_the_room_back() {
        let mut cube = Cube::with_limit(Calendar::home(), 16);
        for place in 1..=4 {
            cube.add(&spine(place, 0), 1);
        }
        assert!(cube.kind(0).is_some());
        cube.add(&spine(5, 0), 1);
        assert!(cube.kind(0).is_none());
        assert_eq!(cube.cells, 0);
    }

    #[test]
    fn widening_keeps_the_counts() {
        let mut cube = Cube::new(Calendar::home());
        for category in 0..40 {
            for place in 1..4 {
                cube.add(&spine(place, category), i32::from(category) + place as i32);
            }
        }
        let mut cells = 0;
        cube.kind(0).unwrap().each(1970 * 12, 0, 99, |place, category, count| {
            assert_eq!(count, u32::from(category) + place);
            cells += 1;
        });
        assert_eq!(cells, 120);
    }
}
