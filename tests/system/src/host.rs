//! A running host: started, waited for, killed or closed.

use crate::binary::command;
use crate::client::Client;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A start in the dev profile may have to compile plugins, on a busy machine.
const START: Duration = Duration::from_secs(180);
const STOP: Duration = Duration::from_secs(60);

/// How to start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Start {
    pub demo: bool,
    /// `CHANGZHI_SNAPSHOT_EVERY`, when not the default.
    pub snapshot_every: Option<u64>,
    /// Further settings, as variables.
    pub env: &'static [(&'static str, &'static str)],
}

/// A host process. Killed when dropped.
#[derive(Debug)]
pub struct Host {
    child: Child,
    pub addr: SocketAddr,
    /// What it printed before it listened.
    pub said: Vec<String>,
    log: Arc<Mutex<String>>,
}

impl Host {
    /// Starts on the folder and waits for the line that says where it listens. An error holds everything it said.
    pub fn start(data: &Path, start: Start) -> Result<Host> {
        let data = data.to_str().context("the folder is not UTF-8")?;
        let mut args = vec!["up", "--data", data, "--listen", "127.0.0.1:0"];
        if start.demo {
            args.push("--demo");
        }
        let mut command = command(args)?;
        if let Some(every) = start.snapshot_every {
            command.env("CHANGZHI_SNAPSHOT_EVERY", every.to_string());
        }
        command.envs(start.env.iter().copied());
        let mut child = command.spawn().context("the binary cannot be started")?;
        let log = Arc::default();
        let (lines, reader) = read_lines(&mut child, &log)?;
        let mut said = Vec::new();
        let end = Instant::now() + START;
        loop {
            match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => match line.split_once("listening on ").and_then(|(_, url)| url.split_once("://")) {
                    Some((_, addr)) => {
                        let addr = addr.trim().parse().with_context(|| format!("no address in: {line}"))?;
                        return Ok(Host { child, addr, said, log });
                    }
                    None => said.push(line),
                },
                Err(end) => {
                    let _ = child.kill();
                    let status = child.wait()?;
                    let _ = reader.join();
                    let why = if end == RecvTimeoutError::Timeout { "did not listen in time" } else { "ended" };
                    bail!("the host {why} ({status}): {}\n{}", said.join("\n"), text(&log));
                }
            }
        }
    }

    /// SIGKILL, at once.
    pub fn kill(mut self) -> Result<()> {
        self.stop_hard()
    }

    /// The same for a host that is kept to be looked at.
    pub fn stop_hard(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// SIGTERM, and its end is waited for.
    pub fn close(mut self) -> Result<()> {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        let end = Instant::now() + STOP;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait()? {
                return if status.success() { Ok(()) } else { bail!("closed with {status}: {}", text(&self.log)) };
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        bail!("not closed after {STOP:?} (kill: {sent}): {}", text(&self.log))
    }

    /// `Some` when it has ended by itself.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    pub fn log(&self) -> String {
        text(&self.log)
    }

    /// The password the demo printed for a login: the line's word of three groups of four.
    pub fn password(&self, login: &str) -> Result<String> {
        let is_password = |word: &&str| {
            let groups: Vec<&str> = word.split('-').collect();
            groups.len() == 3 && groups.iter().all(|g| g.len() == 4 && g.chars().all(|c| c.is_ascii_alphanumeric()))
        };
        let lines = self.said.iter().filter(|line| line.split_whitespace().any(|word| word == login));
        let found = lines.filter_map(|line| line.split_whitespace().find(is_password)).next();
        found.map(String::from).with_context(|| format!("no sign-in for {login} in:\n{}", self.said.join("\n")))
    }

    /// Signs in with the printed password and takes an API token, which outlives the process.
    pub fn token(&self, login: &str) -> Result<String> {
        Client::sign_in(self.addr, login, &self.password(login)?)?.issue_token()
    }

    pub fn client(&self, token: &str) -> Client {
        Client::with_token(self.addr, token)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(log: &Mutex<String>) -> String {
    log.lock().map(|log| log.clone()).unwrap_or_default()
}

/// Both pipes are read to their end, so that the host never waits for a reader.
fn read_lines(child: &mut Child, log: &Arc<Mutex<String>>) -> Result<(Receiver<String>, JoinHandle<()>)> {
    let out = child.stdout.take().context("no stdout")?;
    let mut err = child.stderr.take().context("no stderr")?;
    let kept = Arc::clone(log);
    let reader = std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(n @ 1..) = err.read(&mut bytes) {
            let part = String::from_utf8_lossy(bytes.get(..n).unwrap_or_default()).into_owned();
            if let Ok(mut kept) = kept.lock() {
                kept.push_str(&part);
            }
        }
    });
    let (tell, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            let _ = tell.send(line);
        }
    });
    Ok((lines, reader))
}
