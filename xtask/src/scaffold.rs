//! `plugin new`: a plugin that builds, tests and loads unchanged.

use anyhow::{Context, Result, bail};
use std::path::Path;

const FILES: [(&str, &str); 5] = [
    ("Cargo.toml", include_str!("../templates/plugin/Cargo.toml.in")),
    ("src/lib.rs", include_str!("../templates/plugin/lib.rs.in")),
    ("tests/in_the_host.rs", include_str!("../templates/plugin/in_the_host.rs.in")),
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
        "plugins/{name} is there. Next:\n  cargo xtask plugin check {name}          builds the component and has the host read it\n  cargo test -p changzhi-plugin-{name}     tests it, alone and in the real host"
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

    /// Lines that only show where something goes on (`…`) are no code.
    fn lines(text: &str) -> Vec<&str> {
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.contains('…')).collect()
    }

    #[test]
    fn every_sample_of_the_guide_is_code_that_is_compiled_and_run() {
        let guide = include_str!("../../docs/plugins.md");
        let template = include_str!("../templates/plugin/in_the_host.rs.in").replace("@NAME@", "parks");
        let compiled = [include_str!("../../sdk/guest/tests/guide.rs"), &template].map(lines);
        let samples: Vec<&str> =
            guide.split("```rust\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect();
        assert!(samples.len() >= 4, "the guide has samples");
        for sample in samples {
            let sample_lines = lines(sample);
            let found = compiled.iter().any(|code| in_order(code, &sample_lines));
            assert!(found, "not in sdk/guest/tests/guide.rs nor in the template:\n{sample}");
        }
    }

    /// All of `sample` in `code`, in order, from its first line on without a gap of more than the two lines `…` stands for.
    fn in_order(code: &[&str], sample: &[&str]) -> bool {
        (0..code.len()).any(|begin| {
            let mut at = begin;
            sample.iter().enumerate().all(|(n, line)| {
                let most = if n == 0 { 1 } else { 3 };
                match code.iter().skip(at).take(most).position(|l| l == line) {
                    Some(gap) => {
                        at += gap + 1;
                        true
                    }
                    None => false,
                }
            })
        })
    }

    #[test]
    fn a_name_that_is_no_id_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for bad in ["", "Parks", "1parks", "../parks", "pa rks"] {
            assert!(new(dir.path(), bad).is_err(), "{bad:?}");
        }
    }
}
