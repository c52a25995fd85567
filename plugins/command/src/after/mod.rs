//! After an alarm: what happened between the press and the stand-down, what was missing, and what is to be learned.
//!
//! ```text
//! the alarm's story (host, from the journal) ──► [`timeline`] intervals and gaps, computed each time ──► view `after-action`, page and PDF
//!                                                                                      │ a person writes a lesson
//!                                                                                      ▼
//!                                                 [`lesson`] a task with an owner's role, a clock (`data/flows/lesson.toml`) and an end
//! ```
//!
//! Invariants: nothing in a report is typed in, so it cannot differ from the journal; what is missing is named and never filled in; an
//! interval that runs backwards is shown as a bad clock and has no length; a report is about an alarm, and no figure in it is of a person.

mod lesson;
mod report_view;
mod timeline;

pub use lesson::Lesson;
pub(crate) use lesson::{
    add_lesson, drop_lesson, finish_lesson, lesson_flow, lesson_page, lessons, table as lesson_table,
};
pub(crate) use report_view::after_action;
