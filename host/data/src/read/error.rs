//! Why a file cannot be read: where, what, and how to mend it.

use crate::Said;
use std::fmt;
use std::path::{Path, PathBuf};

/// A file that cannot be read, or not further.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadError {
    pub file: PathBuf,
    /// Line of the text, row of the sheet; 0 when the whole file is meant.
    pub line: u64,
    /// Byte of the (unpacked) text where known.
    pub offset: Option<u64>,
    pub reason: Box<Said>,
    pub mend: Box<Said>,
}

impl ReadError {
    pub(crate) fn new(file: &Path, line: u64, reason: Said, mend: Said) -> ReadError {
        ReadError { file: file.to_path_buf(), line, offset: None, reason: Box::new(reason), mend: Box::new(mend) }
    }

    pub(crate) fn at(mut self, offset: u64) -> ReadError {
        self.offset = Some(offset);
        self
    }

    /// For people, in their language.
    pub fn in_locale(&self, locale: &str) -> String {
        let zh = locale.starts_with("zh");
        let mut place = self.file.display().to_string();
        if self.line > 0 {
            place.push_str(&if zh { format!(" 第 {} 行", self.line) } else { format!(", line {}", self.line) });
        }
        if let Some(offset) = self.offset {
            place.push_str(&if zh { format!("（字节 {offset}）") } else { format!(", byte {offset}") });
        }
        let joint = if zh { "：" } else { ": " };
        let then = if zh { "。" } else { ". " };
        format!("{place}{joint}{}{then}{}", self.reason.in_locale(locale), self.mend.in_locale(locale))
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_locale("en"))
    }
}

impl std::error::Error for ReadError {}
