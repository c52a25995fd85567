//! `up`: from a checkout to a running demo city.

use crate::{needs, plugins, shell, typeset};
use anyhow::Result;
use std::path::Path;

pub fn run(root: &Path, dev: bool, rest: &[String]) -> Result<()> {
    eprintln!("1/4 plugins");
    plugins::build_all(root)?;
    eprintln!("2/4 host");
    needs::web(root)?;
    let profile = if dev { "dev" } else { "release" };
    shell::run(root, "cargo", &["build", "-p", "changzhi", "--profile", profile])?;
    eprintln!("3/4 printing");
    // A city without PDFs is a city still.
    if let Err(error) = typeset::build(root, profile) {
        eprintln!("  skipped: pages will offer no PDF ({error:#}); again: cargo xtask typeset");
    }
    eprintln!("4/4 demo city");
    let folder = if dev { "debug" } else { "release" };
    let host = plugins::target_dir(root).join(folder).join("changzhi");
    // Whoever wants other folders names them in `rest`; the host takes each only once.
    let (components, data) = (plugins::components(root), plugins::target_dir(root).join("demo-city"));
    let (components, data) = (components.to_string_lossy(), data.to_string_lossy());
    let mut args = vec!["up", "--demo"];
    for (flag, folder) in [("--plugins", components.as_ref()), ("--data", data.as_ref())] {
        if !rest.iter().any(|given| given == flag || given.starts_with(&format!("{flag}="))) {
            args.extend([flag, folder]);
        }
    }
    args.extend(rest.iter().map(String::as_str));
    shell::run(root, &host.to_string_lossy(), &args)
}
