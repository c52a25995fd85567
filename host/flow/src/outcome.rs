//! What became of a matter, said in one word.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The closed list of outcomes. Only [`Outcome::Solved`] counts as solved, anywhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Solved,
    Partly,
    /// Not done, and why not.
    Explained,
    /// Not ours, and whose it is.
    NotOurs,
    DuplicateOf,
    Withdrawn,
    /// To a court, arbitration, the petition office or the labour office.
    Referred,
}

impl Outcome {
    pub const ALL: [Outcome; 7] = [
        Outcome::Solved,
        Outcome::Partly,
        Outcome::Explained,
        Outcome::NotOurs,
        Outcome::DuplicateOf,
        Outcome::Withdrawn,
        Outcome::Referred,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Solved => "solved",
            Outcome::Partly => "partly",
            Outcome::Explained => "explained",
            Outcome::NotOurs => "not-ours",
            Outcome::DuplicateOf => "duplicate-of",
            Outcome::Withdrawn => "withdrawn",
            Outcome::Referred => "referred",
        }
    }

    pub const fn is_solved(self) -> bool {
        matches!(self, Outcome::Solved)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Outcome {
    type Err = ();

    fn from_str(text: &str) -> Result<Outcome, ()> {
        Outcome::ALL.into_iter().find(|o| o.name() == text).ok_or(())
    }
}
