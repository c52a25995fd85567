//! The interface's promise: `wit-check` and `wit-freeze`.

mod rules;
mod shape;

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// Compares wit/ with the newest frozen folder. Every breach is printed with its rule.
pub fn check(root: &Path) -> Result<()> {
    let wit = root.join("wit");
    let now = shape::read(&wit)?;
    let Some(folder) = newest_frozen(&wit)? else {
        eprintln!("  wit/frozen/ is empty: nothing is promised yet (`cargo xtask wit-freeze`)");
        return finish(rules::stand_alone(&now));
    };
    let before = shape::read(&folder)?;
    eprintln!("  {} against frozen {}", now.version, before.version);
    let mut breaches = rules::stand_alone(&now);
    breaches.extend(rules::compare(&before, &now));
    finish(breaches)
}

fn finish(breaches: Vec<rules::Breach>) -> Result<()> {
    for breach in &breaches {
        eprintln!("  {breach}");
    }
    if breaches.is_empty() {
        return Ok(());
    }
    bail!("{} breaches of wit/VERSIONING.md", breaches.len())
}

fn newest_frozen(wit: &Path) -> Result<Option<PathBuf>> {
    let mut found: Vec<(Vec<u64>, PathBuf)> = Vec::new();
    let Ok(entries) = std::fs::read_dir(wit.join("frozen")) else { return Ok(None) };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if let Ok(numbers) = name.split('.').map(str::parse).collect::<Result<Vec<u64>, _>>() {
            found.push((numbers, path));
        }
    }
    found.sort();
    Ok(found.pop().map(|(_, path)| path))
}

/// Copies wit/ to wit/frozen/VERSION/ with a `.frozen` mark.
pub fn freeze(root: &Path, again: bool) -> Result<()> {
    let wit = root.join("wit");
    let version = shape::read(&wit)?.version;
    let to = wit.join("frozen").join(&version);
    if to.exists() {
        if !again {
            bail!("wit/frozen/{version} is there and a frozen folder is never edited; before its release: --again");
        }
        std::fs::remove_dir_all(&to)?;
    }
    std::fs::create_dir_all(&to)?;
    for entry in std::fs::read_dir(&wit)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "wit") {
            let name = path.file_name().context("a file has a name")?;
            std::fs::copy(&path, to.join(name))?;
        }
    }
    std::fs::write(to.join(".frozen"), "Never edited. See ../../VERSIONING.md.\n")?;
    eprintln!("  wit/frozen/{version}");
    Ok(())
}
