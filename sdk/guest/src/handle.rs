//! Typed names of fields: `Report::CODE` knows its name, its Rust type and where the value is kept.
//!
//! Where it is kept decides what may be done with it, at compile time: a field in a column can be queried and filtered by; a
//! long text can only be read of one entity; a sealed field can only be opened by [`crate::reveal`], which needs a purpose
//! and leaves an entry in the access log.

use crate::bindings::changzhi::platform::world as wit;
use crate::{ColumnValue, EntityId, FieldValue, Micros, Value};
use std::marker::PhantomData;

/// The value is in a column of the world.
#[derive(Clone, Copy, Debug)]
pub struct InColumn;
/// The value stays in the journal (long texts, points): read it with [`crate::get`].
#[derive(Clone, Copy, Debug)]
pub struct InJournal;
/// The value is sealed under the entity's own key (personal and secret fields): open it with [`crate::reveal`].
#[derive(Clone, Copy, Debug)]
pub struct Sealed;

/// Kept where [`crate::get`] may read it.
#[diagnostic::on_unimplemented(
    message = "this field is sealed under the entity's own key",
    note = "personal and secret fields are opened with `reveal(entity, Facet::FIELD)`, under a purpose"
)]
pub trait Open {}
impl Open for InColumn {}
impl Open for InJournal {}

/// The typed name of one field. `#[derive(Facet)]` makes one constant a field.
#[derive(Debug)]
pub struct Field<T, W = InColumn> {
    facet: &'static str,
    name: &'static str,
    full: &'static str,
    of: PhantomData<fn() -> (T, W)>,
}

impl<T, W> Clone for Field<T, W> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T, W> Copy for Field<T, W> {}

impl<T, W> Field<T, W> {
    #[doc(hidden)]
    pub const fn new(facet: &'static str, name: &'static str, full: &'static str) -> Self {
        Field { facet, name, full, of: PhantomData }
    }

    /// `facet.field`, or the bare name of a core field.
    pub const fn full_name(&self) -> &'static str {
        self.full
    }

    /// The name inside its facet.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The facet it belongs to; empty for core fields.
    pub const fn facet(&self) -> &'static str {
        self.facet
    }
}

/// Anything that names a field in columns, whatever its type.
pub trait Handle {
    fn full_name(&self) -> &'static str;
}

impl<T> Handle for Field<T, InColumn> {
    fn full_name(&self) -> &'static str {
        self.full
    }
}

/// One condition of a query; all conditions of a query must hold.
#[derive(Clone, PartialEq, Debug)]
pub struct Condition(pub(crate) wit::Condition);

impl<T: ColumnValue> Field<T, InColumn> {
    fn compare(self, op: wit::Op, value: impl Into<T>) -> Condition {
        let value: Value = value.into().into();
        Condition(wit::Condition { field: self.full.to_owned(), op, value })
    }

    /// Holds exactly this value.
    pub fn is(self, value: impl Into<T>) -> Condition {
        self.compare(wit::Op::Eq, value)
    }

    /// Holds another value.
    pub fn is_not(self, value: impl Into<T>) -> Condition {
        self.compare(wit::Op::Ne, value)
    }

    pub fn below(self, value: impl Into<T>) -> Condition {
        self.compare(wit::Op::Lt, value)
    }

    pub fn at_most(self, value: impl Into<T>) -> Condition {
        self.compare(wit::Op::Le, value)
    }

    pub fn above(self, value: impl Into<T>) -> Condition {
        self.compare(wit::Op::Gt, value)
    }

    pub fn at_least(self, value: impl Into<T>) -> Condition {
        self.compare(wit::Op::Ge, value)
    }
}

/// One field or a tuple of up to eight, read of one entity in a single host call.
pub trait FieldSet {
    type Values;
    fn names(&self) -> Vec<String>;
    /// `None` when the host answered with other types or another number of values.
    fn values(&self, values: Vec<Value>) -> Option<Self::Values>;
}

fn one<T: FieldValue>(values: &mut impl Iterator<Item = Value>) -> Option<Option<T>> {
    match values.next()? {
        Value::None => Some(None),
        value => T::from_value(value).map(Some),
    }
}

impl<T: FieldValue, W: Open> FieldSet for Field<T, W> {
    type Values = Option<T>;
    fn names(&self) -> Vec<String> {
        vec![self.full.to_owned()]
    }
    fn values(&self, values: Vec<Value>) -> Option<Option<T>> {
        one(&mut values.into_iter())
    }
}

macro_rules! field_set {
    ($($t:ident $w:ident $n:tt),+) => {
        impl<$($t: FieldValue, $w: Open),+> FieldSet for ($(Field<$t, $w>,)+) {
            type Values = ($(Option<$t>,)+);
            fn names(&self) -> Vec<String> {
                vec![$(self.$n.full.to_owned()),+]
            }
            fn values(&self, values: Vec<Value>) -> Option<Self::Values> {
                let mut values = values.into_iter();
                Some(($(one::<$t>(&mut values)?,)+))
            }
        }
    };
}

field_set!(A WA 0);
field_set!(A WA 0, B WB 1);
field_set!(A WA 0, B WB 1, C WC 2);
field_set!(A WA 0, B WB 1, C WC 2, D WD 3);
field_set!(A WA 0, B WB 1, C WC 2, D WD 3, E WE 4);
field_set!(A WA 0, B WB 1, C WC 2, D WD 3, E WE 4, F WF 5);
field_set!(A WA 0, B WB 1, C WC 2, D WD 3, E WE 4, F WF 5, G WG 6);
field_set!(A WA 0, B WB 1, C WC 2, D WD 3, E WE 4, F WF 5, G WG 6, H WH 7);

/// Core fields: every entity has them.
pub mod core {
    use super::{EntityId, Field, Micros};

    pub const KIND: Field<String> = Field::new("", "kind", "kind");
    pub const CATEGORY: Field<String> = Field::new("", "category", "category");
    /// State in the kind's flow.
    pub const STATE: Field<String> = Field::new("", "state", "state");
    /// When it happened (events) or began (places, people).
    pub const AT: Field<Micros> = Field::new("", "at", "at");
    /// The place it lies in; for a place its parent.
    pub const WITHIN: Field<EntityId> = Field::new("", "within", "within");
    pub const LON: Field<f64> = Field::new("", "lon", "lon");
    pub const LAT: Field<f64> = Field::new("", "lat", "lat");
    /// Revision of the last change.
    pub const CHANGED: Field<i64> = Field::new("", "changed", "changed");
}
