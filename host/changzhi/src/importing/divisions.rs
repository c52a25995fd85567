//! `changzhi import codes` and `changzhi import boundaries`: how divisions were.

use crate::town::{self, Town};
use anyhow::{Context, anyhow};
use changzhi_data::divisions::{Days, Properties, boundaries, code_history};
use changzhi_model::{Named, Refusal, Text, Value, body};
use changzhi_pipeline::Outcome;
use changzhi_portal::edge::Datum;
use changzhi_portal::{Locale, Words};
use changzhi_settings::Settings;
use clap::Args;
use serde_json::{Map, Value as Json};
use std::path::PathBuf;
use std::process::ExitCode;

/// Rows and bytes of one command: what a long text holds.
const ROWS: usize = 200;
const BYTES: usize = 60_000;

#[derive(Args)]
pub struct Codes {
    /// CSV, XLSX or JSON with old_code, new_code, effective; see docs/operating.md
    file: PathBuf,
    #[command(flatten)]
    shared: Shared,
}

#[derive(Args)]
pub struct Boundaries {
    /// GeoJSON FeatureCollection with a code in a property of each feature
    file: PathBuf,
    /// The day they ceased to hold; without it they are those of today
    #[arg(long)]
    until: Option<String>,
    /// The day they began to hold
    #[arg(long)]
    since: Option<String>,
    /// What the file is drawn in: wgs84, gcj02 or bd09
    #[arg(long, default_value = "wgs84")]
    datum: String,
    /// Property with the code
    #[arg(long, default_value = "adcode")]
    code: String,
    /// Property with the name
    #[arg(long, default_value = "name")]
    name: String,
    #[command(flatten)]
    shared: Shared,
}

#[derive(Args)]
struct Shared {
    /// Data folder of a host that is not running
    #[arg(long)]
    data: Option<PathBuf>,
    /// Where days begin: an offset or an IANA zone
    #[arg(long, default_value = "+08:00")]
    zone: String,
}

impl Shared {
    fn days(&self) -> anyhow::Result<Days> {
        Days::of(&self.zone).map_err(|why| anyhow!("--zone: {why}"))
    }

    /// The city without its plugins: these are records of the host itself.
    fn town(self, mut settings: Settings) -> anyhow::Result<Town> {
        settings.data = self.data.unwrap_or(settings.data);
        town::open_alone(&settings)
    }
}

impl Codes {
    pub fn run(self, settings: Settings) -> anyhow::Result<ExitCode> {
        let rows = code_history(&self.file, &self.shared.days()?)?;
        let file = self.file.display().to_string();
        let town = self.shared.town(settings)?;
        let mut counts = [0_i64; 3];
        let sent = batches(&rows).into_iter().try_for_each(|batch| {
            let answer = give(&town, "record-successions", Map::from_iter([("rows".to_owned(), batch.into())]))?;
            for (count, name) in counts.iter_mut().zip(["new", "changed", "same"]) {
                *count += answer.iter().find(|n| n.name == name).and_then(|n| n.value.as_int()).unwrap_or(0);
            }
            anyhow::Ok(())
        });
        town.city.close()?;
        sent.with_context(|| file.clone())?;
        let [new, changed, same] = counts;
        println!("{file}: {} steps: {new} new, {changed} changed, {same} same", rows.len());
        Ok(ExitCode::SUCCESS)
    }
}

/// Arrays of rows that fit one command each.
fn batches(rows: &[Map<String, Json>]) -> Vec<String> {
    let (mut out, mut open, mut count) = (Vec::new(), String::new(), 0);
    for row in rows {
        let row = Json::Object(row.clone()).to_string();
        if count == ROWS || (count > 0 && open.len() + row.len() + 3 > BYTES) {
            out.push(format!("[{open}]"));
            (open, count) = (String::new(), 0);
        }
        if count > 0 {
            open.push(',');
        }
        open.push_str(&row);
        count += 1;
    }
    if count > 0 {
        out.push(format!("[{open}]"));
    }
    out
}

impl Boundaries {
    /// One line for each; a bad one does not cost the others, and is told by the exit code.
    pub fn run(self, settings: Settings) -> anyhow::Result<ExitCode> {
        let days = self.shared.days()?;
        let day = |name: &str, text: &Option<String>| {
            text.as_deref().map(|t| days.begin(t)).transpose().map_err(|why| anyhow!("--{name}: {why}"))
        };
        let (since, until) = (day("since", &self.since)?, day("until", &self.until)?);
        let datum = Datum::of(&self.datum);
        let datum = datum.ok_or_else(|| anyhow!("--datum: {:?} is none: wgs84, gcj02 or bd09", self.datum))?;
        let properties = Properties { code: self.code, name: self.name };
        let all = boundaries(&self.file, &properties, &|lon, lat| datum.back(lon, lat))?;
        let town = self.shared.town(settings)?;
        let mut all_good = true;
        for boundary in &all {
            let mut told = Vec::new();
            if until.is_none() && boundary.rings.len() > 1 {
                told.push(format!("{} smaller rings left out", boundary.rings.len() - 1));
            }
            if boundary.holes > 0 {
                told.push(format!("{} holes left out", boundary.holes));
            }
            match give(&town, "record-boundary", boundary.body(since, until)) {
                Ok(answer) => {
                    let outcome = answer.iter().find(|n| n.name == "outcome").and_then(|n| n.value.as_text());
                    told.insert(0, outcome.unwrap_or("new").to_owned());
                    println!("{} {}: {}", boundary.code, boundary.name, told.join("; "));
                }
                Err(why) => {
                    all_good = false;
                    eprintln!("{} {}: refused: {why:#}", boundary.code, boundary.name);
                }
            }
        }
        town.city.close()?;
        Ok(if all_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// One command of the host's own domain, checked against its declaration.
fn give(town: &Town, command: &str, json: Map<String, Json>) -> anyhow::Result<Vec<Named>> {
    let manifest = town.city.manifest("host").context("the host's own domain is not in force")?;
    let decl = manifest.command(command).with_context(|| format!("no command host/{command}"))?;
    let body: Vec<Value> = body::parse(&decl.fields, &Json::Object(json))
        .map_err(|problems| anyhow!(problems.iter().map(body::explain).collect::<Vec<_>>().join("; ")))?;
    match town.gate.outcome_as_host(command, body) {
        Outcome::Done { answer, .. } => Ok(answer),
        Outcome::Refused(refusal) => Err(anyhow!(told(town, &refusal))),
        other => Err(anyhow!("host/{command}: {other:?}")),
    }
}

/// A refusal as the portal would say it, in the language of whoever sits here.
fn told(town: &Town, refusal: &Refusal) -> String {
    let here = std::env::var("LANG").unwrap_or_default();
    let locale = if here.starts_with("zh") { Locale::Zh } else { Locale::En };
    let words = Words::of(&town.city.manifests());
    let voice = words.voice("", locale);
    let say = |text: &Text| voice.heard(text).unwrap_or_else(|| format!("{text:?}"));
    match refusal {
        Refusal::Invalid(problems) => {
            problems.iter().map(|p| format!("{}: {}", p.field, say(&p.message))).collect::<Vec<_>>().join("; ")
        }
        Refusal::Denied(text) | Refusal::Conflict(text) | Refusal::NotFound(text) | Refusal::Other(text) => say(text),
    }
}
