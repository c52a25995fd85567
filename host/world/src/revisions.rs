//! Which sequence changed a row last, with the newest of each block, so that "what changed since" skips whole blocks.
//!
//! Price: 8 bytes a row and 8 bytes a block of 1,024.

const BLOCK: usize = 1024;

#[derive(Default, Debug, Clone)]
pub(crate) struct Revisions {
    rows: Vec<u64>,
    blocks: Vec<u64>,
}

impl Revisions {
    pub fn push(&mut self, seq: u64) {
        if self.rows.len().is_multiple_of(BLOCK) {
            self.blocks.push(0);
        }
        self.rows.push(seq);
        if let Some(newest) = self.blocks.last_mut() {
            *newest = (*newest).max(seq);
        }
    }

    /// Sequences only grow, so a block's newest is never lowered.
    pub fn set(&mut self, row: usize, seq: u64) {
        if let Some(at) = self.rows.get_mut(row) {
            *at = seq;
        }
        if let Some(newest) = self.blocks.get_mut(row / BLOCK) {
            *newest = (*newest).max(seq);
        }
    }

    pub fn get(&self, row: usize) -> u64 {
        self.rows.get(row).copied().unwrap_or(0)
    }

    pub fn rows(&self) -> &[u64] {
        &self.rows
    }

    /// Rows changed after `seq`, ascending.
    pub fn since(&self, seq: u64) -> impl Iterator<Item = usize> + '_ {
        let blocks = self.rows.chunks(BLOCK).zip(&self.blocks).enumerate();
        blocks.filter(move |(_, (_, newest))| **newest > seq).flat_map(move |(block, (rows, _))| {
            let hit = rows.iter().enumerate().filter(move |(_, at)| **at > seq);
            hit.map(move |(row, _)| block * BLOCK + row)
        })
    }
}
