//! Refusals: a denial is a value that a person reads; a bug is a panic.

use crate::{HostError, Problem, Refusal, Text};

impl Refusal {
    /// The actor may not do this.
    pub fn denied(why: impl Into<Text>) -> Refusal {
        Refusal::Denied(why.into())
    }

    /// One thing wrong with one field; see [`Refusal::problems`] to report several at once.
    pub fn invalid(field: &str, why: impl Into<Text>) -> Refusal {
        Refusal::Invalid(vec![Problem::of(field, why)])
    }

    /// `Ok` when there are no problems; every problem otherwise.
    pub fn problems(problems: Vec<Problem>) -> Result<(), Refusal> {
        if problems.is_empty() { Ok(()) } else { Err(Refusal::Invalid(problems)) }
    }

    /// Somebody else was faster, or the state does not allow it.
    pub fn conflict(why: impl Into<Text>) -> Refusal {
        Refusal::Conflict(why.into())
    }

    pub fn not_found(what: impl Into<Text>) -> Refusal {
        Refusal::NotFound(what.into())
    }

    pub fn other(why: impl Into<Text>) -> Refusal {
        Refusal::Other(why.into())
    }
}

impl Problem {
    pub fn of(field: &str, why: impl Into<Text>) -> Problem {
        Problem { field: field.to_owned(), message: why.into() }
    }
}

/// What the host would not do, the caller is told: `?` works on every question to the world.
impl From<HostError> for Refusal {
    fn from(e: HostError) -> Refusal {
        match e {
            HostError::NotGranted(what) => Refusal::Denied(Text::plain(format!("not granted: {what}"))),
            HostError::PurposeNeeded(what) => Refusal::Denied(Text::plain(format!("needs a purpose: {what}"))),
            HostError::Unknown(what) => Refusal::NotFound(Text::plain(what)),
            HostError::BudgetExceeded(what) => {
                Refusal::Other(Text::plain(format!("over the limit of this call: {what}")))
            }
            HostError::Invalid(what) => Refusal::Other(Text::plain(format!("malformed question: {what}"))),
            HostError::Other(what) => Refusal::Other(Text::plain(what)),
        }
    }
}
