//! Which rows of a facet an answer takes, found once a facet and used for each of its columns.
//!
//! Contract: position i of the answer is row i of the selection. Price: one comparison an id when the answer is a stretch of
//! the facet, as it is for a query of everything; a lookup an id otherwise.

use crate::bits::Bits;
use crate::facet::Facet;
use std::ops::Range;

/// Stands for "no row": the entity has nothing of the facet.
const NONE: u32 = u32::MAX;

#[derive(Debug, PartialEq)]
pub(crate) enum Selection {
    /// A stretch of the facet: columns are copied as slices.
    Stretch(Range<usize>),
    /// The same from its end: newest first.
    Backwards(Range<usize>),
    Picked(Vec<u32>),
}

impl Selection {
    pub fn of(facet: &Facet, ids: &[u32]) -> Selection {
        let row = |id: Option<&u32>| id.and_then(|id| facet.rows.get(*id)).map(|row| row as usize);
        let (Some(first), Some(last)) = (row(ids.first()), row(ids.last())) else {
            return Selection::picked(facet, ids);
        };
        let (low, high) = (first.min(last), first.max(last) + 1);
        let stretch = facet.entities.get(low..high).unwrap_or_default();
        if stretch == ids {
            return Selection::Stretch(low..high);
        }
        if stretch.len() == ids.len() && stretch.iter().rev().eq(ids) {
            return Selection::Backwards(low..high);
        }
        Selection::picked(facet, ids)
    }

    fn picked(facet: &Facet, ids: &[u32]) -> Selection {
        Selection::Picked(ids.iter().map(|id| facet.rows.get(*id).unwrap_or(NONE)).collect())
    }

    /// Positions of the answer whose row holds no value, ascending.
    pub fn missing(&self, present: &Bits) -> Vec<u32> {
        match self {
            Selection::Stretch(rows) | Selection::Backwards(rows) if present.all(rows.clone()) => Vec::new(),
            _ => {
                let mut missing = Vec::new();
                let mut position = 0u32;
                self.each(|row| {
                    if !row.is_some_and(|row| present.get(row)) {
                        missing.push(position);
                    }
                    position += 1;
                });
                missing
            }
        }
    }

    /// The rows by position; `None` where the entity has nothing of the facet.
    pub fn each(&self, mut see: impl FnMut(Option<usize>)) {
        match self {
            Selection::Stretch(rows) => rows.clone().for_each(|row| see(Some(row))),
            Selection::Backwards(rows) => rows.clone().rev().for_each(|row| see(Some(row))),
            Selection::Picked(rows) => rows.iter().for_each(|row| see((*row != NONE).then_some(*row as usize))),
        }
    }

    /// One value a position, as it is kept; what stands where nothing is present is left to [`blank`].
    pub fn take<T: Copy + Default>(&self, values: &[T]) -> Vec<T> {
        match self {
            Selection::Stretch(rows) => values.get(rows.clone()).unwrap_or_default().to_vec(),
            Selection::Backwards(rows) => values.get(rows.clone()).unwrap_or_default().iter().rev().copied().collect(),
            Selection::Picked(rows) => {
                rows.iter().map(|row| values.get(*row as usize).copied().unwrap_or_default()).collect()
            }
        }
    }
}

/// Zero at the positions that hold nothing: a cleared row keeps its old value in the column.
pub(crate) fn blank<T: Default>(mut values: Vec<T>, missing: &[u32]) -> Vec<T> {
    for at in missing {
        if let Some(value) = values.get_mut(*at as usize) {
            *value = T::default();
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use changzhi_model::{FacetDecl, Family, FieldDecl, FieldType, Value};

    /// Rows 0.. belong to these ids in this order.
    fn facet(ids: &[u32]) -> Facet {
        let fields = vec![FieldDecl::new("n", FieldType::Int)];
        let (name, label) = ("a.b".into(), "b".into());
        let mut facet = Facet::new(FacetDecl { name, on: Family::Events, label, fields });
        for id in ids {
            let row = facet.row_or_new(*id);
            facet.set(0, row, &Value::Int(i64::from(*id) * 10), 1, 0);
        }
        facet
    }

    #[test]
    fn a_stretch_is_seen_forwards_and_backwards_and_anything_else_is_picked() {
        let f = facet(&[3, 5, 6, 9, 4]);
        assert_eq!(Selection::of(&f, &[5, 6, 9]), Selection::Stretch(1..4));
        assert_eq!(Selection::of(&f, &[9, 6, 5]), Selection::Backwards(1..4));
        assert_eq!(Selection::of(&f, &[3]), Selection::Stretch(0..1));
        for ids in [&[5, 9][..], &[5, 9, 6], &[7], &[3, 7, 6], &[], &[3, 4]] {
            assert!(matches!(Selection::of(&f, ids), Selection::Picked(_)), "{ids:?}");
        }
    }

    #[test]
    fn what_is_cleared_or_was_never_there_is_missing_and_blank_in_each_shape() {
        let mut f = facet(&[1, 2, 3, 4]);
        f.set(0, 1, &Value::None, 2, 0);
        let crate::column::Data::Int(values) = &f.columns[0].data else { panic!("ints") };
        for (ids, missing, want) in [
            (&[1, 2, 3][..], &[1][..], &[10, 0, 30][..]),
            (&[4, 3, 2, 1], &[2], &[40, 30, 0, 10]),
            (&[4, 8, 2, 1], &[1, 2], &[40, 0, 0, 10]),
            (&[3, 4], &[], &[30, 40]),
        ] {
            let selection = Selection::of(&f, ids);
            let found = selection.missing(&f.columns[0].present);
            assert_eq!(found, missing, "{ids:?}");
            assert_eq!(blank(selection.take(values), &found), want, "{ids:?}");
        }
    }
}
