//! From an entity's id to its row in a facet: a paged array, because ids are dense and hash maps of millions are slow to load.
//!
//! Price: 4 bytes for each id of a page of 4,096 that holds at least one row.

const PAGE: usize = 4096;
const NONE: u32 = u32::MAX;

#[derive(Default, Debug, Clone)]
pub(crate) struct RowMap {
    pages: Vec<Option<Box<[u32]>>>,
}

impl RowMap {
    pub fn get(&self, id: u32) -> Option<u32> {
        let page = self.pages.get(id as usize / PAGE)?.as_ref()?;
        page.get(id as usize % PAGE).copied().filter(|row| *row != NONE)
    }

    pub fn set(&mut self, id: u32, row: u32) {
        let at = id as usize / PAGE;
        if self.pages.len() <= at {
            self.pages.resize(at + 1, None);
        }
        if let Some(page) = self.pages.get_mut(at) {
            let page = page.get_or_insert_with(|| vec![NONE; PAGE].into_boxed_slice());
            if let Some(slot) = page.get_mut(id as usize % PAGE) {
                *slot = row;
            }
        }
    }

    /// `(id, row)` by ascending id.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.pages.iter().enumerate().filter_map(|(at, page)| page.as_ref().map(|page| (at, page))).flat_map(
            |(at, page)| {
                let rows = page.iter().enumerate().filter(|(_, row)| **row != NONE);
                rows.map(move |(i, row)| ((at * PAGE + i) as u32, *row))
            },
        )
    }
}
