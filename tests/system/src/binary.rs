//! Finding, building and running `changzhi`.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The mapping file of a source.
pub fn mapping(name: &str) -> PathBuf {
    root().join("data/mappings").join(format!("{name}.toml"))
}

pub(crate) fn plugins() -> PathBuf {
    root().join("target/plugins")
}

/// Compiled plugins are kept from test to test: the host checks what it finds there.
fn cache() -> PathBuf {
    target().join("tmp/system-tests-cache")
}

/// The binary, built once for each test program when it or the plugins are not there.
fn binary() -> Result<&'static Path> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match FOUND.get_or_init(|| find().map_err(|error| format!("{error:#}"))) {
        Ok(path) => Ok(path),
        Err(error) => bail!("{error}"),
    }
}

fn find() -> Result<PathBuf> {
    let binary = target().join("debug").join(format!("changzhi{}", std::env::consts::EXE_SUFFIX));
    if !binary.is_file() {
        cargo(&["build", "-p", "changzhi"])?;
    }
    let built = std::fs::read_dir(plugins())
        .is_ok_and(|all| all.flatten().any(|entry| entry.path().extension() == Some(OsStr::new("wasm"))));
    if !built {
        cargo(&["run", "-p", "xtask", "--", "plugins"])?;
    }
    Ok(binary)
}

fn cargo(args: &[&str]) -> Result<()> {
    eprintln!("not built yet: cargo {}", args.join(" "));
    let status =
        Command::new(env!("CARGO")).args(args).current_dir(root()).status().context("cargo cannot be started")?;
    if !status.success() {
        bail!("cargo {} failed: {status}", args.join(" "));
    }
    Ok(())
}

/// The binary with these arguments and no settings of whoever runs the tests.
pub(crate) fn command<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Result<Command> {
    let mut command = Command::new(binary()?);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CHANGZHI_") {
            command.env_remove(name);
        }
    }
    command.args(args).env("CHANGZHI_CACHE", cache()).env("CHANGZHI_PLUGINS", plugins());
    // Tests send as fast as they can; the one about the limit sets its own.
    command.env("CHANGZHI_RATE__TOKEN", "0").env("CHANGZHI_RATE__ACCOUNT", "0");
    command.current_dir(root()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(command)
}

/// `cargo xtask` with these arguments, as the binary of the target folder, which what it builds shares.
pub fn xtask<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Result<Command> {
    let binary = target().join("debug").join(format!("xtask{}", std::env::consts::EXE_SUFFIX));
    if !binary.is_file() {
        cargo(&["build", "-p", "xtask"])?;
    }
    let mut command = Command::new(binary);
    command.args(args).env("CARGO_TARGET_DIR", target()).current_dir(root()).stdin(Stdio::null());
    Ok(command)
}

/// What a run of the binary left behind.
#[derive(Debug)]
pub struct Done {
    pub success: bool,
    pub out: String,
    pub err: String,
}

impl Done {
    pub fn said(&self) -> String {
        format!("{}\n{}", self.out, self.err)
    }

    /// The one hexadecimal word of 64 characters on the output: a state hash.
    pub fn hash(&self) -> Result<String> {
        let is_hash = |word: &&str| word.len() == 64 && word.chars().all(|c| c.is_ascii_hexdigit());
        let words = |c: char| !c.is_ascii_alphanumeric();
        let found = self.out.split(words).find(is_hash);
        found.map(String::from).with_context(|| format!("no state hash in: {}", self.said()))
    }
}

/// Runs the binary to its end.
pub fn run<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Result<Done> {
    run_with(args, &[])
}

/// The same with these variables.
pub fn run_with<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>, env: &[(&str, &str)]) -> Result<Done> {
    let done = command(args)?.envs(env.iter().copied()).output().context("the binary cannot be started")?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Done { success: done.status.success(), out: text(&done.stdout), err: text(&done.stderr) })
}

/// Runs the binary to its end on a terminal of 100 columns, as a person would; all it drew is in `out`. `None`, said aloud,
/// where there is no script(1) to make a terminal.
pub fn run_on_terminal(args: &[&str]) -> Result<Option<Done>> {
    let quoted = |word: &OsStr| format!("'{}'", word.to_string_lossy().replace('\'', r"'\''"));
    let plain = command(args)?;
    let words: Vec<String> = std::iter::once(plain.get_program()).chain(plain.get_args()).map(quoted).collect();
    let mut script = Command::new("script");
    script.args(["-qec", &format!("stty cols 100 rows 30; exec {}", words.join(" ")), "/dev/null"]);
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    script.env("TERM", "xterm").current_dir(root()).stdin(Stdio::null());
    match script.output() {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: no `script` to make a terminal; on Debian: apt-get install bsdutils");
            Ok(None)
        }
        done => {
            let done = done.context("script cannot be started")?;
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            Ok(Some(Done { success: done.status.success(), out: text(&done.stdout), err: text(&done.stderr) }))
        }
    }
}

/// Starts the binary and leaves it running: the caller kills it.
pub fn spawn<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Result<std::process::Child> {
    let mut command = command(args)?;
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().context("the binary cannot be started")
}
