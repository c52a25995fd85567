//! Why there is no PDF, as the typesetting program says it: one line of JSON on its error output.

use serde::{Deserialize, Serialize};

/// What the program found wrong.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum Fault {
    /// No font here has the characters of the page.
    #[error(
        "no font with Chinese characters in {looked}: install one (Debian: apt-get install fonts-noto-cjk), or put one into a folder and name it in the setting print.fonts"
    )]
    NoHan { looked: String },
    /// More than is printed in one piece.
    #[error(
        "{count} {what} are more than the {limit} that are printed in one piece: narrow the range or print in parts"
    )]
    Beyond { what: String, count: u64, limit: u64 },
    /// What came in is no paper.
    #[error("the paper does not read: {why}; host and typesetter are of different versions: install both anew")]
    Unreadable { why: String },
    /// The typesetter gave up: a bug of this project.
    #[error("the page could not be set: {why}; report it with the page's address")]
    Layout { why: String },
}
