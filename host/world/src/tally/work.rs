//! The inner loops: a block of rows becomes a block of cell numbers, one dimension after the other, and is counted.

use super::count::Counter;
use super::key::Key;
use crate::component::Spine;
use crate::condition::Test;
use crate::systems::KindCube;
use crate::world::World;
use std::ops::Range;

const BLOCK: usize = 4096;

/// What is counted, and how.
pub(super) struct Work<'a> {
    pub world: &'a World,
    pub kind: Option<u16>,
    pub tests: &'a [Test],
    pub keys: &'a [Key],
    pub strides: &'a [u64],
}

impl Work<'_> {
    pub fn rows(&self, rows: &[Spine], counter: &mut Counter) {
        let mut chosen = Vec::with_capacity(BLOCK);
        let mut cells = vec![0; BLOCK];
        for block in rows.chunks(BLOCK) {
            let of_kind = |s: &Spine| self.kind.is_none_or(|kind| kind == s.kind);
            if self.tests.is_empty() && block.iter().all(of_kind) {
                self.number(block, &mut cells);
                counter.add(cells.iter().copied().take(block.len()).zip(std::iter::repeat(1)));
                continue;
            }
            chosen.clear();
            let wanted = block.iter().filter(|s| of_kind(s) && self.tests.iter().all(|t| t.holds(self.world, s)));
            chosen.extend(wanted.copied());
            self.number(&chosen, &mut cells);
            counter.add(cells.iter().copied().take(chosen.len()).zip(std::iter::repeat(1)));
        }
    }

    /// Rows of the cube are counted as if all events of a cell were one.
    pub fn cube(&self, cube: &KindCube, month: i32, places: Range<usize>, counter: &mut Counter) {
        let (mut spines, mut counts) = (Vec::with_capacity(BLOCK), Vec::with_capacity(BLOCK));
        let mut cells = vec![0; BLOCK];
        let kind = self.kind.unwrap_or(0);
        let mut flush = |spines: &mut Vec<Spine>, counts: &mut Vec<u32>| {
            self.number(spines, &mut cells);
            counter.add(cells.iter().copied().zip(counts.iter().copied()));
            spines.clear();
            counts.clear();
        };
        cube.each(month, places.start, places.end, |within, category, count| {
            let cell = Spine { at: month.into(), id: 0, within, kind, category, state: 0 };
            if self.tests.iter().all(|t| t.holds(self.world, &cell)) {
                spines.push(cell);
                counts.push(count);
                if spines.len() == BLOCK {
                    flush(&mut spines, &mut counts);
                }
            }
        });
        flush(&mut spines, &mut counts);
    }

    fn number(&self, rows: &[Spine], cells: &mut [u64]) {
        cells.iter_mut().take(rows.len()).for_each(|cell| *cell = 0);
        for (key, stride) in self.keys.iter().zip(self.strides) {
            key.add(self.world, rows, *stride, cells);
        }
    }
}
