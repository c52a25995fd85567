//! What is wrong with the settings, all of it at once.

use std::fmt;

/// One thing to mend.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The file, or the environment variable.
    pub from: String,
    /// Dotted; empty when the whole file is meant.
    pub key: String,
    /// Why, and how to mend it.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.from)?;
        if !self.key.is_empty() {
            write!(f, "`{}`: ", self.key)?;
        }
        f.write_str(&self.reason)
    }
}

/// The settings are refused. Never empty.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", tell(problems))]
pub struct SettingsError {
    pub problems: Vec<Problem>,
}

fn tell(problems: &[Problem]) -> String {
    let mut out = format!("the settings are refused, {} to mend", problems.len());
    for problem in problems {
        out.push_str(&format!("\n  {problem}"));
    }
    out.push_str("\n`changzhi settings` lists every setting.");
    out
}
