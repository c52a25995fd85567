//! `plugin dev`: rebuild on save, swap into the running host.

use crate::plugins;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// How often the folder is looked at. It is small: looking is cheaper than a dependency that watches.
const LOOK: Duration = Duration::from_millis(300);

pub fn run(root: &Path, name: &str, url: &str, token: &str) -> Result<()> {
    let folder = root.join("plugins").join(name);
    if !folder.is_dir() {
        bail!("plugins/{name} is not there: `cargo xtask plugin new {name}` makes it");
    }
    let mut seen = None;
    loop {
        let now = newest(&folder)?;
        if seen != Some(now) {
            seen = Some(now);
            match plugins::build(root, &[name.to_owned()]).and_then(|()| swap(root, name, url, token)) {
                Ok(answer) => eprintln!("  swapped: {answer}\n  waiting for the next save, Ctrl-C ends"),
                Err(e) => eprintln!("  not swapped: {e:#}\n  waiting for the next save"),
            }
        }
        std::thread::sleep(LOOK);
    }
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

fn swap(root: &Path, name: &str, url: &str, token: &str) -> Result<String> {
    let bytes = std::fs::read(plugins::component(root, name))?;
    let address = format!("{}/api/admin/plugins/{name}", url.trim_end_matches('/'));
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut answer = agent
        .post(&address)
        .header("authorization", &format!("Bearer {token}"))
        .header("content-type", "application/wasm")
        .send(&bytes[..])
        .with_context(|| format!("no host answers at {url}: start it with `cargo xtask up`, or say --url"))?;
    let text = answer.body_mut().read_to_string().unwrap_or_default();
    if !answer.status().is_success() {
        bail!("the host refused it with {}: {text}", answer.status());
    }
    Ok(text)
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
