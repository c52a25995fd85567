//! Finding the component of a plugin where `cargo xtask plugin check` and `cargo xtask plugins` put it.

use crate::TestError;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What a component is made of, beside its own folder.
const SHARED: [&str; 4] = ["sdk/guest/src", "sdk/guest/Cargo.toml", "sdk/macros/src", "wit"];
/// The parts of a plugin's folder that end in its component; its tests do not.
const OWN: [&str; 3] = ["src", "messages", "Cargo.toml"];

/// The built component of the plugin in `plugins/NAME`.
///
/// # Errors
/// When it is not built, or older than the plugin's source, the SDK or the interface: the line says what to run.
pub fn component(name: &str) -> Result<Vec<u8>, TestError> {
    in_workspace(&workspace()?, name)
}

/// The workspace whose test is running: cargo says where the package is, the lock file says where the workspace is.
pub(crate) fn workspace() -> Result<PathBuf, TestError> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let found = package.as_deref().and_then(|p| p.ancestors().find(|dir| dir.join("Cargo.lock").is_file()));
    found.map(Path::to_path_buf).ok_or_else(|| {
        TestError::Component("no workspace with a Cargo.lock around this test: run it with `cargo test`".into())
    })
}

fn in_workspace(root: &Path, name: &str) -> Result<Vec<u8>, TestError> {
    let wrong = |what: String| {
        TestError::Component(format!("{what}. Run: cargo xtask plugin check {name} (or `cargo xtask plugins` for all)"))
    };
    let file = root.join("target/plugins").join(format!("{name}.wasm"));
    let own = root.join("plugins").join(name);
    if !own.is_dir() {
        return Err(wrong(format!("plugins/{name} is not there")));
    }
    let built = fs::metadata(&file).and_then(|m| m.modified());
    let built = built.map_err(|e| wrong(format!("the component target/plugins/{name}.wasm cannot be read ({e})")))?;
    let sources = OWN.iter().map(|part| own.join(part)).chain(SHARED.iter().map(|part| root.join(part)));
    for source in sources {
        let newest = newest(&source).map_err(|e| wrong(format!("{} cannot be looked at ({e})", source.display())))?;
        if let Some((path, _)) = newest.filter(|(_, at)| *at > built) {
            let path = path.strip_prefix(root).unwrap_or(&path).display();
            return Err(wrong(format!("the component target/plugins/{name}.wasm is older than {path}")));
        }
    }
    fs::read(&file).map_err(|e| wrong(format!("the component target/plugins/{name}.wasm cannot be read ({e})")))
}

/// The newest file at or under `path`; nothing there is nothing newer.
fn newest(path: &Path) -> std::io::Result<Option<(PathBuf, SystemTime)>> {
    let meta = match fs::metadata(path) {
        Ok(meta) => meta,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    if !meta.is_dir() {
        return Ok(Some((path.to_path_buf(), meta.modified()?)));
    }
    let mut found: Option<(PathBuf, SystemTime)> = None;
    for entry in fs::read_dir(path)? {
        let below = newest(&entry?.path())?;
        if below.as_ref().map(|(_, at)| at) > found.as_ref().map(|(_, at)| at) {
            found = below;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::time::Duration;

    fn put(root: &Path, path: &str, age: u64) {
        let file = root.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, path).unwrap();
        let at = SystemTime::now() - Duration::from_secs(age);
        fs::File::options().write(true).open(&file).unwrap().set_modified(at).unwrap();
    }

    #[test]
    fn a_component_that_is_missing_or_older_than_its_source_is_refused_with_the_line_to_run() {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), "plugins/parks/src/lib.rs", 50);
        put(dir.path(), "plugins/parks/tests/parks.rs", 0);
        put(dir.path(), "wit/view.wit", 60);
        let run = "cargo xtask plugin check parks";
        let why = |dir: &Path| in_workspace(dir, "parks").unwrap_err().to_string();
        assert!(why(dir.path()).contains("cannot be read") && why(dir.path()).contains(run));
        put(dir.path(), "target/plugins/parks.wasm", 40);
        assert_eq!(in_workspace(dir.path(), "parks").unwrap(), b"target/plugins/parks.wasm");
        for newer in ["plugins/parks/messages/en.ftl", "sdk/guest/src/lib.rs", "wit/view.wit"] {
            put(dir.path(), newer, 10);
            let why = why(dir.path());
            assert!(why.contains("is older than") && why.contains(newer) && why.contains(run), "{why}");
            put(dir.path(), newer, 60);
        }
        assert!(in_workspace(dir.path(), "parks").is_ok());
        assert!(in_workspace(dir.path(), "none").unwrap_err().to_string().contains("plugins/none is not there"));
    }
}
