//! Names as small numbers, numbered by first use in journal order.
//!
//! Contract: a number never changes and is never reused, so replay and snapshot give the same numbers.
//! Price: one copy of each name and one hash entry; a look-up by number is an array read.

use changzhi_model::Name;
use hashbrown::HashMap;

#[derive(Default, Clone, Debug)]
pub(crate) struct Interner {
    names: Vec<Name>,
    numbers: HashMap<Name, u32>,
}

impl Interner {
    pub fn from_names(names: Vec<Name>) -> Interner {
        let numbers = names.iter().cloned().zip(0u32..).collect();
        Interner { names, numbers }
    }

    pub fn number(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    pub fn intern(&mut self, name: &Name) -> u32 {
        if let Some(n) = self.numbers.get(name) {
            return *n;
        }
        let n = self.names.len() as u32;
        self.names.push(name.clone());
        self.numbers.insert(name.clone(), n);
        n
    }

    pub fn name(&self, number: u32) -> Name {
        self.names.get(number as usize).cloned().unwrap_or_default()
    }

    pub fn names(&self) -> &[Name] {
        &self.names
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Room for `more` names that may all be new, keeping numbers within 16 bits.
    pub fn has_room(&self, more: usize) -> bool {
        self.names.len() + more <= usize::from(u16::MAX)
    }
}
