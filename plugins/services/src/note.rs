//! Words on a matter: **public** ones for whoever reported it, **internal** ones for whoever works on it.
//!
//! Two kinds of record, two facets, two types. What is shown outside ([`public`]) takes [`PublicNote`]s and can take nothing else; an
//! internal note is never turned into a public one. A public note is an event of the flow (`inform`): it moves nothing, and of all
//! clocks it sets back that of silence alone. One that only says the matter was passed on ([`formula`]) is shown and sets back none,
//! and is no answer.

mod formula;
mod internal;
mod to_reporter;

pub(crate) use formula::only_forwarded;
pub(crate) use internal::{InternalNote, internal, note_internally};
pub(crate) use to_reporter::{PublicNote, inform, public};
