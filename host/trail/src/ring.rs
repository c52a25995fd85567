//! The newest few of a list.

use std::collections::VecDeque;

#[derive(Debug)]
pub(crate) struct Ring<T>(VecDeque<T>);

impl<T> Default for Ring<T> {
    fn default() -> Ring<T> {
        Ring(VecDeque::new())
    }
}

impl<T: Copy + PartialEq> Ring<T> {
    pub(crate) fn push(&mut self, entry: T, most: usize) {
        while self.0.len() >= most.max(1) {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }

    /// Puts an entry last, once: where it stood before, it leaves.
    pub(crate) fn renew(&mut self, entry: T, most: usize) {
        if self.0.back() == Some(&entry) {
            return;
        }
        self.0.retain(|e| *e != entry);
        self.push(entry, most);
    }

    pub(crate) fn newest_first(&self) -> Vec<T> {
        self.0.iter().rev().copied().collect()
    }
}
