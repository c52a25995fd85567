//! A workspace beside the checkout: its own plugins/, everything else the checkout's.
//!
//! What builds there shares the checkout's compiled crates when CARGO_TARGET_DIR names its target folder: the sources, the
//! lock file and the places within the workspace are the same.

use anyhow::{Context, Result, bail};
use std::path::Path;

/// Not shared: the plugins are its own, the files are written by cargo, the rest is no source.
const OWN: [&str; 5] = ["plugins", "target", "Cargo.lock", "Cargo.toml", ".git"];

pub fn lay_out(root: &Path, dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir.join("plugins")).with_context(|| format!("cannot make {}", dir.display()))?;
    if std::fs::read_dir(dir)?.count() != 1 {
        bail!("{} is not empty: choose another folder", dir.display());
    }
    for file in ["Cargo.toml", "Cargo.lock"] {
        std::fs::copy(root.join(file), dir.join(file)).with_context(|| format!("cannot copy {file}"))?;
    }
    for entry in std::fs::read_dir(root)? {
        let name = entry?.file_name();
        if !OWN.iter().any(|own| name == *own) {
            std::os::unix::fs::symlink(root.join(&name), dir.join(&name))
                .with_context(|| format!("cannot link {}", name.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scratch_workspace_has_its_own_plugins_and_lock_and_links_to_the_rest() {
        let (root, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for folder in ["plugins/risk", "host/model", "target"] {
            std::fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        for file in ["Cargo.toml", "Cargo.lock"] {
            std::fs::write(root.path().join(file), file).unwrap();
        }
        let scratch = dir.path().join("scratch");
        lay_out(root.path(), &scratch).unwrap();
        assert!(scratch.join("host/model").is_dir() && scratch.join("host").is_symlink());
        assert!(!scratch.join("plugins/risk").exists() && !scratch.join("target").exists());
        std::fs::write(scratch.join("Cargo.lock"), "changed").unwrap();
        assert_eq!(std::fs::read_to_string(root.path().join("Cargo.lock")).unwrap(), "Cargo.lock");
        assert!(lay_out(root.path(), &scratch).unwrap_err().to_string().contains("not empty"));
    }
}
