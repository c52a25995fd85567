//! `up`: from a checkout to a running demo city.

use crate::{needs, plugins, shell};
use anyhow::Result;
use std::path::Path;

pub fn run(root: &Path, dev: bool, rest: &[String]) -> Result<()> {
    eprintln!("1/3 plugins");
    plugins::build_all(root)?;
    eprintln!("2/3 host");
    needs::web(root)?;
    let profile = if dev { "dev" } else { "release" };
    shell::run(root, "cargo", &["build", "-p", "changzhi", "--profile", profile])?;
    eprintln!("3/3 demo city");
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
