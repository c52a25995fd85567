//! What a cell shows. Formatting, masking, sorting and export are the host's.

use crate::bindings::changzhi::platform::view as wit;
use crate::{EntityId, Micros, Point, Text};

/// One value as a person sees it.
#[derive(Clone, PartialEq, Debug)]
pub struct Cell(pub(crate) wit::Cell);

impl Cell {
    pub fn none() -> Cell {
        Cell(wit::Cell::None)
    }

    pub fn text(text: impl Into<Text>) -> Cell {
        Cell(wit::Cell::Text(text.into()))
    }

    /// A coded value, by its label key.
    pub fn code(code: impl Into<String>) -> Cell {
        Cell(wit::Cell::Code(code.into()))
    }

    /// A state of a flow.
    pub fn status(state: impl Into<String>) -> Cell {
        Cell(wit::Cell::Status(state.into()))
    }

    /// The day only.
    pub fn date(at: Micros) -> Cell {
        Cell(wit::Cell::Date(at.0))
    }

    pub fn seconds(seconds: i64) -> Cell {
        Cell(wit::Cell::Duration(seconds))
    }

    /// Urgency from 1 (most) to 4; of matters and places, never of people.
    pub fn level(level: u8) -> Cell {
        Cell(wit::Cell::Level(level))
    }

    pub fn due(due: Due) -> Cell {
        Cell(wit::Cell::Due(wit::Due { at: due.at.0, limit: due.limit.0 }))
    }

    pub fn place(place: Place) -> Cell {
        Cell(wit::Cell::Place(wit::Place { id: place.id.map(|i| i.0), at: place.at, label: place.label }))
    }

    /// A person: the host shows what the reader may see, and notes that they looked.
    pub fn person(person: EntityId) -> Cell {
        Cell(wit::Cell::Person(person.0))
    }

    pub fn money(yuan: f64) -> Cell {
        Cell(wit::Cell::Money(yuan))
    }

    /// 0.25 is shown as 25 %.
    pub fn percent(share: f64) -> Cell {
        Cell(wit::Cell::Percent(share))
    }

    pub fn tags<T: Into<String>>(tags: impl IntoIterator<Item = T>) -> Cell {
        Cell(wit::Cell::Tags(tags.into_iter().map(Into::into).collect()))
    }
}

/// A limit in time, and the moment it is judged at: mostly `ctx.now`, or when it was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Due {
    pub at: Micros,
    pub limit: Micros,
}

/// A place by its entity, its position or both.
#[derive(Clone, PartialEq, Debug)]
pub struct Place {
    pub id: Option<EntityId>,
    pub at: Option<Point>,
    pub label: Text,
}

macro_rules! into_cell {
    ($($from:ty, $v:ident => $to:expr;)*) => {
        $(impl From<$from> for Cell {
            fn from($v: $from) -> Cell { Cell($to) }
        })*
    };
}

into_cell! {
    bool, v => wit::Cell::Flag(v);
    i64, v => wit::Cell::Int(v);
    i32, v => wit::Cell::Int(v.into());
    u32, v => wit::Cell::Int(v.into());
    // a count beyond 2^63 is not a count of anything
    u64, v => wit::Cell::Int(i64::try_from(v).unwrap_or(i64::MAX));
    usize, v => wit::Cell::Int(i64::try_from(v).unwrap_or(i64::MAX));
    f64, v => wit::Cell::Num(v);
    Micros, v => wit::Cell::Time(v.0);
    Text, v => wit::Cell::Text(v);
    // data, shown as it is: for a message write `Cell::text("key")`
    &str, v => wit::Cell::Text(Text::plain(v));
    String, v => wit::Cell::Text(Text::Plain(v));
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(v: Option<T>) -> Cell {
        v.map_or(Cell(wit::Cell::None), Into::into)
    }
}
