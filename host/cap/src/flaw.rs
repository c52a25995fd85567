//! What is wrong with a message: where, what, and how to mend it.

use std::fmt;

/// One thing wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Flaw {
    /// The element, as in `alert/info[2]/area[1]/polygon[1]`.
    pub path: String,
    /// Line of the text it was read from; 0 when it was not read from one.
    pub line: u32,
    /// Short name of the rule, the same in every language: a key for messages.
    pub rule: &'static str,
    pub what: String,
    pub mend: &'static str,
}

impl Flaw {
    pub(crate) fn new(
        path: impl Into<String>,
        rule: &'static str,
        what: impl Into<String>,
        mend: &'static str,
    ) -> Flaw {
        Flaw { path: path.into(), line: 0, rule, what: what.into(), mend }
    }

    pub(crate) fn at(mut self, line: u32) -> Flaw {
        self.line = line;
        self
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}; {}", self.path, self.what, self.mend),
            line => write!(f, "{} (line {line}): {}; {}", self.path, self.what, self.mend),
        }
    }
}

/// Why a text is no message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CapError {
    /// It has a document type declaration. Nothing of it was looked at.
    Dtd { line: u32 },
    /// It is larger, deeper or has more parts than is read.
    TooMuch { what: &'static str, limit: usize },
    /// It is not well-formed XML, or has an entity that XML itself does not have.
    NotXml { line: u32, why: String },
    /// It is XML of another kind.
    NotCap { found: String },
    /// It does not fit the schema of its version.
    Invalid(Vec<Flaw>),
}

impl CapError {
    /// One line for each thing wrong.
    pub fn lines(&self) -> Vec<String> {
        match self {
            CapError::Invalid(flaws) => flaws.iter().map(Flaw::to_string).collect(),
            other => vec![other.to_string()],
        }
    }
}

impl fmt::Display for CapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CapError::Dtd { line } => {
                write!(f, "line {line}: a document type declaration is refused; send the message without <!DOCTYPE …>")
            }
            CapError::TooMuch { what, limit } => {
                write!(f, "the message has more than {limit} {what}; send it in parts, or with fewer points and areas")
            }
            CapError::NotXml { line, why } => {
                write!(f, "line {line}: not well-formed XML: {why}; mend it at its source")
            }
            CapError::NotCap { found } => write!(
                f,
                "{found} is no alert; send an <alert> of CAP 1.0, 1.1 or 1.2 in its namespace, or EDXL-DE 1.0 around one"
            ),
            CapError::Invalid(flaws) => {
                for (n, flaw) in flaws.iter().enumerate() {
                    if n > 0 {
                        f.write_str("\n")?;
                    }
                    write!(f, "{flaw}")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for CapError {}

/// What a stranger sent is repeated only in part.
pub(crate) fn cut(text: &str) -> String {
    let mut out: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    if text.chars().count() > 60 {
        out.push('…');
    }
    out
}
