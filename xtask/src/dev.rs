//! `plugin dev`: rebuild on save, swap into the running host.

use crate::plugins;
use crate::running_host::Host;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// How often the folder is looked at. It is small: looking is cheaper than a dependency that watches.
const LOOK: Duration = Duration::from_millis(300);

pub fn run(root: &Path, name: &str, host: &Host) -> Result<()> {
    let folder = root.join("plugins").join(name);
    if !folder.is_dir() {
        bail!("plugins/{name} is not there: `cargo xtask plugin new {name}` makes it");
    }
    let mut seen = None;
    loop {
        let now = newest(&folder)?;
        if seen != Some(now) {
            seen = Some(now);
            match rebuilt(root, name).and_then(|component| host.install(name, &component)) {
                Ok(answer) => eprintln!("  swapped: {answer}\n  waiting for the next save, Ctrl-C ends"),
                Err(e) => eprintln!("  not swapped: {e:#}\n  waiting for the next save"),
            }
        }
        std::thread::sleep(LOOK);
    }
}

fn rebuilt(root: &Path, name: &str) -> Result<Vec<u8>> {
    plugins::build(root, &[name.to_owned()])?;
    let component = plugins::component(root, name);
    std::fs::read(&component).with_context(|| format!("cannot read {}", component.display()))
}

/// When the newest file under the folder was written.
fn newest(folder: &Path) -> Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let at =
            if entry.file_type()?.is_dir() { newest_or_old(&entry.path()) } else { entry.metadata()?.modified()? };
        newest = newest.max(at);
    }
    Ok(newest)
}

/// A folder that goes away while we look counts as unchanged.
fn newest_or_old(folder: &Path) -> SystemTime {
    newest(folder).unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_save_in_a_folder_below_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("src")).unwrap();
        let file = dir.path().join("src/lib.rs");
        std::fs::write(&file, "a").unwrap();
        let later = SystemTime::now() + Duration::from_secs(60);
        std::fs::File::options().write(true).open(&file).unwrap().set_modified(later).unwrap();
        assert_eq!(newest(dir.path()).unwrap(), std::fs::metadata(&file).unwrap().modified().unwrap());
    }
}
