//! `plugin new`: a plugin that builds, tests and loads unchanged.

use anyhow::{Context, Result, bail};
use std::path::Path;

const FILES: [(&str, &str); 4] = [
    ("Cargo.toml", include_str!("../templates/plugin/Cargo.toml.in")),
    ("src/lib.rs", include_str!("../templates/plugin/lib.rs.in")),
    ("messages/zh-CN.ftl", include_str!("../templates/plugin/zh-CN.ftl.in")),
    ("messages/en.ftl", include_str!("../templates/plugin/en.ftl.in")),
];

pub fn new(root: &Path, name: &str) -> Result<()> {
    let fits = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !fits || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        bail!("`{name}` is no id: write small letters, digits and hyphens, a letter first");
    }
    let folder = root.join("plugins").join(name);
    if folder.exists() {
        bail!("{} is already there: choose another name", folder.display());
    }
    for (path, template) in FILES {
        let file = folder.join(path);
        let parent = file.parent().context("a template has a folder")?;
        std::fs::create_dir_all(parent)?;
        std::fs::write(&file, template.replace("@NAME@", name))?;
    }
    eprintln!(
        "plugins/{name} is there. Next:\n  cargo test -p changzhi-plugin-{name}\n  cargo xtask plugin check {name}"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_plugin_has_every_file_with_its_name_and_a_second_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        new(dir.path(), "parks").unwrap();
        for (path, _) in FILES {
            let text = std::fs::read_to_string(dir.path().join("plugins/parks").join(path)).unwrap();
            assert!(text.contains("parks") && !text.contains("@NAME@"), "{path}");
        }
        assert!(new(dir.path(), "parks").unwrap_err().to_string().contains("already there"));
    }

    #[test]
    fn a_name_that_is_no_id_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for bad in ["", "Parks", "1parks", "../parks", "pa rks"] {
            assert!(new(dir.path(), bad).is_err(), "{bad:?}");
        }
    }
}
