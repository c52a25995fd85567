//! Something that takes place at a time.

use super::part::{Part, part};
use crate::{Micros, Text};

/// When and where something takes place; the page offers it as a calendar file.
#[derive(Clone, PartialEq, Debug)]
pub struct Appointment(Part);

impl Appointment {
    /// `title` stands in the calendars of whoever takes it there: no names. `uid` tells it from all others of this plugin, for ever.
    pub fn new(title: impl Into<Text>, uid: impl Into<String>, at: Micros) -> Appointment {
        Appointment(Part::new("appointment", title).set("uid", uid.into()).set("at", at))
    }

    /// How long it takes; an hour if it is not said.
    pub fn minutes(self, minutes: i64) -> Appointment {
        Appointment(self.0.set("minutes", minutes))
    }

    pub fn place(self, place: impl Into<String>) -> Appointment {
        Appointment(self.0.set("place", place.into()))
    }

    /// Grows with each change: a calendar that has it moves it.
    pub fn sequence(self, n: i64) -> Appointment {
        Appointment(self.0.set("sequence", n))
    }
}

part!(Appointment);
