//! The shared data: real files of real cities that are not part of the repository.

use crate::binary::root;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The folder of shared data; `None`, said visibly, where it is absent.
pub fn shared() -> Option<PathBuf> {
    let shared = std::env::var_os("CHANGZHI_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let data = shared.join("data");
    if data.is_dir() {
        return Some(data);
    }
    eprintln!("skipped: no shared data at {} (set CHANGZHI_SHARED)", data.display());
    None
}

/// Rows of a compressed CSV file, its heading not counted. Not the importer's reader.
pub fn rows(file: &Path) -> Result<u64> {
    let bytes = std::fs::File::open(file).with_context(|| file.display().to_string())?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(flate2::read::MultiGzDecoder::new(bytes));
    let mut rows = 0;
    for row in reader.byte_records() {
        row?;
        rows += 1;
    }
    Ok(rows)
}
