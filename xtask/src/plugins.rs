//! Building plugins to components, and looking at one.

use crate::{needs, shell};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// Names of the folders under plugins/, sorted.
pub fn names(root: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root.join("plugins")).context("cannot read plugins/")? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Where cargo puts what it builds.
pub fn target_dir(root: &Path) -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root.join(dir),
        None => root.join("target"),
    }
}

/// Where components lie after a build, wherever cargo puts what it builds: hosts and tests look here.
pub fn components(root: &Path) -> PathBuf {
    root.join("target/plugins")
}

/// Where the component of a plugin lies after a build.
pub fn component(root: &Path, name: &str) -> PathBuf {
    components(root).join(format!("{name}.wasm"))
}

pub fn build_all(root: &Path) -> Result<()> {
    build(root, &names(root)?)
}

/// Builds the named plugins and copies each to target/plugins/NAME.wasm.
pub fn build(root: &Path, names: &[String]) -> Result<()> {
    needs::target(root)?;
    let packages: Vec<String> = names.iter().map(|n| format!("changzhi-plugin-{n}")).collect();
    let mut args = vec!["build", "--target", "wasm32-wasip2", "--profile", "plugin"];
    for package in &packages {
        args.extend(["-p", package]);
    }
    shell::run(root, "cargo", &args)?;
    let built = target_dir(root).join("wasm32-wasip2/plugin");
    std::fs::create_dir_all(components(root))?;
    for name in names {
        let from = built.join(format!("changzhi_plugin_{}.wasm", name.replace('-', "_")));
        let to = component(root, name);
        // a running host may be reading the old file: put the new one in its place at once
        let fresh = to.with_extension("wasm.new");
        std::fs::copy(&from, &fresh)
            .with_context(|| format!("{} was not built: is its crate-type cdylib?", from.display()))?;
        std::fs::rename(&fresh, &to)?;
        eprintln!(
            "  {} ({} KiB)",
            to.strip_prefix(root).unwrap_or(&to).display(),
            std::fs::metadata(&to)?.len() / 1024
        );
    }
    Ok(())
}

/// Builds a plugin (or takes a component) and has the host of `checkout` read its manifest, as it would at load.
pub fn check(root: &Path, checkout: &Path, target: &str) -> Result<()> {
    let file = if target.ends_with(".wasm") {
        std::path::absolute(target)?
    } else {
        if !root.join("plugins").join(target).is_dir() {
            bail!("plugins/{target} is not there: `cargo xtask plugin new {target}` makes it");
        }
        build(root, &[target.to_owned()])?;
        component(root, target)
    };
    let file = file.to_string_lossy();
    needs::web(checkout)?;
    shell::run(checkout, "cargo", &["run", "--quiet", "-p", "changzhi", "--", "plugin", "inspect", &file])
}
