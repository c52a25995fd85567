//! Data folders as files: copying one, and flipping one bit.

use anyhow::{Context, Result};
use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Every file below, sorted.
pub fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).with_context(|| dir.display().to_string())? {
            let entry = entry?;
            if entry.file_type()?.is_dir() { open.push(entry.path()) } else { all.push(entry.path()) }
        }
    }
    all.sort();
    Ok(all)
}

/// Copies a folder with everything in it. Holes stay holes, so that preallocated segments cost nothing.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let status = std::process::Command::new("cp").args(["-a", "--sparse=always"]).arg(from).arg(to).status()?;
    anyhow::ensure!(status.success(), "cp {} {}: {status}", from.display(), to.display());
    Ok(())
}

/// Turns one bit over.
pub fn flip(file: &Path, bit: u64) -> Result<()> {
    let mut open = fs::File::options().read(true).write(true).open(file)?;
    let mut byte = [0];
    open.seek(SeekFrom::Start(bit / 8))?;
    open.read_exact(&mut byte).with_context(|| format!("{} has no bit {bit}", file.display()))?;
    open.seek(SeekFrom::Start(bit / 8))?;
    open.write_all(&[byte[0] ^ (1 << (bit % 8))])?;
    Ok(())
}

/// Bytes of a file up to the last that is not zero: what is behind it was allocated ahead and never written.
pub fn written(file: &Path) -> Result<u64> {
    let bytes = fs::read(file)?;
    Ok(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |at| at as u64 + 1))
}
