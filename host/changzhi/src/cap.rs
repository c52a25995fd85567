//! `changzhi cap import`, and in whose name the host publishes alerts.

use crate::sink::GateSink;
use crate::town::{self, Town};
use anyhow::{Context, anyhow};
use changzhi_cap::{Inside, Limits, SenderCode};
use changzhi_data::{Answer, Sink, Submit};
use changzhi_model::{Actor, EntityId, Name, RequestId, body};
use changzhi_pipeline::{Outcome, Submission};
use changzhi_settings::{Settings, SettingsError};
use clap::{Args, Subcommand};
use serde_json::{Map, json};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;

/// The plugin alerts belong to.
const PLUGIN: &str = "command";
/// How often a plugin that rests is asked again.
const TRIES: u32 = 20;

#[derive(Subcommand)]
pub enum CapCommand {
    /// Take in messages of other senders from files: CAP 1.0, 1.1, 1.2, or EDXL-DE 1.0 around them
    Import(Import),
}

#[derive(Args)]
pub struct Import {
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Data folder of a host that is not running
    #[arg(long)]
    data: Option<PathBuf>,
    /// Folder with the plugins' components
    #[arg(long)]
    plugins: Option<PathBuf>,
}

impl CapCommand {
    pub fn run(self, settings: Settings) -> anyhow::Result<ExitCode> {
        match self {
            CapCommand::Import(import) => import.run(settings),
        }
    }
}

impl Import {
    /// One line for each message; a bad one does not cost the others, and is told by the exit code.
    fn run(self, mut settings: Settings) -> anyhow::Result<ExitCode> {
        settings.data = self.data.unwrap_or(settings.data);
        settings.plugins = self.plugins.unwrap_or(settings.plugins);
        // The data folder is this process's alone: there is nobody beside it to be fair to.
        (settings.rate.token, settings.rate.account) = (0, 0);
        let town = town::open(&settings)?;
        let sink = GateSink::new(&town)?;
        let mut all_good = true;
        for file in &self.files {
            for (name, outcome) in of_file(file, &sink) {
                match outcome {
                    Ok(outcome) => println!("{}: {name}: {outcome}", file.display()),
                    Err(why) => {
                        all_good = false;
                        eprintln!("{}: {name}: refused: {why}", file.display());
                    }
                }
            }
        }
        town.city.close()?;
        Ok(if all_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn of_file(file: &Path, sink: &GateSink) -> Vec<(String, Result<String, String>)> {
    let read = std::fs::read(file).map_err(|e| e.to_string());
    let text = read.and_then(|bytes| String::from_utf8(bytes).map_err(|_| "the file is not UTF-8".into()));
    match text.and_then(|text| changzhi_cap::messages(&text, Limits::default()).map_err(|e| e.to_string())) {
        Ok(all) => all.into_iter().enumerate().map(|(n, message)| one(n, message, sink)).collect(),
        Err(why) => vec![("-".into(), Err(why))],
    }
}

fn one(n: usize, message: Inside, sink: &GateSink) -> (String, Result<String, String>) {
    match message.read {
        Err(e) => (format!("message {}", n + 1), Err(e.to_string())),
        Ok(read) => (read.alert.identifier, given(sink, &message.text)),
    }
}

/// Gives one message to the plugin and waits.
fn given(sink: &GateSink, text: &str) -> Result<String, String> {
    let hash = hex::encode(Sha256::digest(text.as_bytes()));
    for _ in 0..TRIES {
        let (tell, told) = mpsc::channel();
        let submit = Submit {
            plugin: PLUGIN.into(),
            command: "receive-alert".into(),
            body: Map::from_iter([("message".to_owned(), json!(text))]),
            request: format!("cap:{hash}"),
        };
        sink.submit(submit, Box::new(move |answer| drop(tell.send(answer))));
        match told.recv().map_err(|_| "the city stopped".to_owned())? {
            Answer::Done { replayed: true, .. } => return Ok("same".into()),
            Answer::Done { outcome, .. } => return Ok(outcome),
            Answer::Refused(said) => return Err(said.in_locale("en").to_owned()),
            Answer::Unavailable { retry_after, .. } => std::thread::sleep(retry_after),
            Answer::Failed(why) => return Err(why),
        }
    }
    Err("the plugin rests; try again later".into())
}

/// What only CAP can find wrong with the settings, before anything is opened.
pub fn check(settings: &Settings) -> Result<(), SettingsError> {
    let mut problems = Vec::new();
    if settings.cap.sender.as_deref().is_some_and(|code| SenderCode::parse(code).is_none()) {
        let reason = "must have fourteen digits: division 6, department 3, unit 3, its own 2".to_owned();
        problems.push(settings.problem("cap.sender", reason));
    }
    if settings.cap.address.as_deref().is_some_and(|a| a.contains(|c: char| c.is_whitespace() || ",<&".contains(c))) {
        let reason = "must have no blanks, commas, < and &; write something like alerts@example.gov.cn".to_owned();
        problems.push(settings.problem("cap.address", reason));
    }
    if problems.is_empty() { Ok(()) } else { Err(SettingsError { problems }) }
}

/// Tells the plugin in whose name it publishes, as a command of the host's; the same again changes nothing. It is kept in the
/// journal, because what was published stays what it was when the setting changes.
pub fn name_the_sender(town: &Town, settings: &Settings) -> anyhow::Result<()> {
    let (Some(code), Some(address), Some(name)) = (&settings.cap.sender, &settings.cap.address, &settings.cap.name)
    else {
        return Ok(());
    };
    let Some(manifest) = town.city.manifest(PLUGIN) else {
        tracing::warn!("cap.sender is set, but the plugin {PLUGIN} is not in force: no alerts are published");
        return Ok(());
    };
    let decl = manifest
        .command("set-alert-sender")
        .context("the plugin command takes no sender of alerts; take a newer one")?;
    // A name that is not given is none.
    let json = json!({"code": code, "address": address, "zh": name, "en": settings.cap.name_en});
    let body = body::parse(&decl.fields, &json)
        .map_err(|problems| anyhow!("cap: {}", problems.iter().map(body::explain).collect::<Vec<_>>().join("; ")))?;
    let submission = Submission {
        plugin: manifest.id.clone(),
        command: decl.name.clone(),
        body,
        actor: Actor { id: EntityId::NONE, roles: vec![Name::new_static("admin")], divisions: Vec::new() },
        purpose: Name::default(),
        place: None,
        request: RequestId::keyless(rand::random()),
        locale: Name::new_static("zh-CN"),
        expected: None,
        acting_for: None,
    };
    match town.city.submit(submission).wait() {
        Outcome::Done { .. } => Ok(()),
        other => Err(anyhow!("the sender of alerts was not set: {other:?}")),
    }
}
