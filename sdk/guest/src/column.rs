//! One typed column of an answer. Texts are borrowed from the arena, never copied.

use crate::ColumnValue;
use crate::bindings::changzhi::platform::world::Column as Raw;
use std::marker::PhantomData;

/// A column of `T`; a cell that holds nothing reads as `None`.
#[derive(Debug)]
pub struct Column<'a, T> {
    raw: &'a Raw,
    missing: &'a [u32],
    rows: usize,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Column<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Column<'_, T> {}

impl<'a, T: ColumnValue> Column<'a, T> {
    pub(crate) fn new(raw: &'a Raw, missing: &'a [u32], rows: usize) -> Column<'a, T> {
        Column { raw, missing, rows, of: PhantomData }
    }

    pub fn len(&self) -> usize {
        self.rows
    }

    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The cell of a row; `None` when it holds nothing or there is no such row.
    pub fn get(&self, row: usize) -> Option<T::Cell<'a>> {
        let number = u32::try_from(row).ok()?;
        match self.missing.binary_search(&number) {
            Ok(_) => None,
            Err(_) => T::cell(self.raw, row),
        }
    }

    /// Every cell in row order.
    pub fn iter(&self) -> impl Iterator<Item = Option<T::Cell<'a>>> + 'a {
        let (raw, missing) = (self.raw, self.missing);
        let mut holes = missing.iter().copied().peekable();
        (0..self.rows).map(move |row| {
            let here = u32::try_from(row).ok();
            if here.is_some() && holes.peek().copied() == here {
                holes.next();
                return None;
            }
            T::cell(raw, row)
        })
    }
}
