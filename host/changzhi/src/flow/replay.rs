//! A source that says when a matter was filed, how often it changed hands and when it was answered, brought through the flow as the
//! events it must have had, each at its own time.
//!
//! The source gives days and numbers, not moments or names: a matter is filed at nine, accepted and assigned in the hour after,
//! its hand-offs lie evenly between that and its answer, which comes at five in the afternoon; the units are numbered. Whatever it
//! does not say (pauses, verification) does not happen. The city runs on a clock that this moves, so that reminders come when they
//! would have come. Everything goes the way of any command: guards, journal, world.

use super::player::{self, Player};
use crate::town::{self, Town};
use anyhow::{Context as _, bail};
use changzhi_data::{Mapping, Progress, ReadOptions, read};
use changzhi_model::{EntityId, ManualClock, Micros};
use changzhi_pipeline::{Outcome, Pending};
use changzhi_settings::Settings;
use clap::Args;
use serde_json::json;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Bytes a title may have.
const TITLE: i64 = 200;
const MINUTE: i64 = 60 * Micros::SECOND;
const FILED: i64 = 9 * Micros::HOUR;
const ACCEPTED: i64 = FILED + 30 * MINUTE;
const ASSIGNED: i64 = 10 * Micros::HOUR;
const ANSWERED: i64 = 17 * Micros::HOUR;
/// A unit takes the matter so long before it answers.
const TAKEN: i64 = 5 * MINUTE;

#[derive(Args)]
pub struct Replay {
    /// The source's file
    file: PathBuf,
    /// How its columns become a report: `created`, `answered` and `handoffs` are what is replayed
    #[arg(long)]
    map: PathBuf,
    /// A data folder that does not exist yet: time cannot go back in one that does
    #[arg(long)]
    data: PathBuf,
    #[arg(long)]
    plugins: Option<PathBuf>,
}

/// One event of one row.
struct Deed {
    at: Micros,
    row: usize,
    command: &'static str,
    body: serde_json::Value,
}

impl Replay {
    pub fn run(self, mut settings: Settings) -> anyhow::Result<ExitCode> {
        if self.data.exists() {
            bail!("{} is there already: a replay needs a folder of its own", self.data.display());
        }
        settings.data = self.data.clone();
        settings.plugins = self.plugins.clone().unwrap_or(settings.plugins);
        let mut deeds = self.deeds()?;
        deeds.sort_by_key(|d| (d.at, d.row));
        let Some(first) = deeds.first() else { bail!("{} has no row to replay", self.file.display()) };
        let clock = Arc::new(ManualClock::at(first.at));
        let town = town::open_on(&settings, Arc::clone(&clock) as Arc<dyn changzhi_model::Clock>)?;
        let done = play(&town, &clock, deeds);
        let closed = town.city.close();
        let (events, steps, matters) = done?;
        closed?;
        println!("replayed {matters} matters: {events} events, {steps} steps of clocks");
        Ok(ExitCode::SUCCESS)
    }

    fn deeds(&self) -> anyhow::Result<Vec<Deed>> {
        let mapping = Mapping::load(&self.map)?;
        let options =
            ReadOptions { delimiter: mapping.delimiter, sheet: mapping.sheet.clone(), ..ReadOptions::default() };
        let (mut deeds, mut row, mut wrong) = (Vec::new(), 0, None);
        read(&self.file, &options, &Progress::default(), &mut |line| match mapping.apply(&line) {
            Ok(draft) => match of_row(row, &draft.body) {
                Ok(of) => {
                    deeds.extend(of);
                    row += 1;
                    ControlFlow::Continue(())
                }
                Err(e) => {
                    wrong = Some(format!("line {}: {e:#}", line.line));
                    ControlFlow::Break(())
                }
            },
            Err(problem) => {
                wrong = Some(format!("line {}: {}", line.line, problem.reason.in_locale("en")));
                ControlFlow::Break(())
            }
        })?;
        match wrong {
            Some(wrong) => bail!("{}: {wrong}", self.file.display()),
            None => Ok(deeds),
        }
    }
}

fn of_row(row: usize, body: &serde_json::Map<String, serde_json::Value>) -> anyhow::Result<Vec<Deed>> {
    let text = |name: &str| body.get(name).and_then(|v| v.as_str());
    let time = |name: &str| text(name).map(Micros::from_rfc3339).transpose();
    let created = time("created")?.context("no time of filing")?;
    // A title of ours is shorter than one of theirs may be.
    let mut room = TITLE;
    let title: String = text("title")
        .unwrap_or("—")
        .chars()
        .take_while(|c| {
            room -= c.len_utf8() as i64;
            room >= 0
        })
        .collect();
    let filed = json!({
        "title": title, "category": text("category").unwrap_or("other"), "channel": "phone",
    });
    let deed = |at: Micros, command, body| Deed { at, row, command, body };
    let mut deeds = vec![
        deed(created.plus(FILED), "file-report", filed),
        deed(created.plus(ACCEPTED), "accept", json!({})),
        deed(created.plus(ASSIGNED), "assign", json!({"agency": "unit-0"})),
    ];
    let Some(answered) = time("answered")? else { return Ok(deeds) };
    let answered = answered.plus(ANSWERED);
    let (from, until) = (created.plus(ASSIGNED), answered.plus(-TAKEN));
    if until <= from {
        bail!("it was answered before it could be assigned");
    }
    let times = body.get("handoffs").and_then(serde_json::Value::as_i64).unwrap_or_default();
    for n in 1..=times {
        let at = from.plus((until.0 - from.0) / (times + 1) * n);
        deeds.push(deed(at, "assign", json!({"agency": format!("unit-{n}")})));
    }
    let reply = text("reply").map(str::trim).filter(|r| !r.is_empty()).unwrap_or("—");
    deeds.push(deed(until, "start", json!({})));
    // The source does not say what became of it: it was explained.
    deeds.push(deed(answered, "answer", json!({"reply": reply, "outcome": "explained"})));
    Ok(deeds)
}

/// Events, steps clocks took, matters.
fn play(town: &Town, clock: &ManualClock, deeds: Vec<Deed>) -> anyhow::Result<(usize, usize, usize)> {
    let mut player = Player::new(town, clock, "services")?;
    let desk = player.account("replay-desk", "数据回放", "operator")?;
    let unit = player.account("replay-unit", "数据回放", "unit")?;
    let (mut ids, mut events): (HashMap<usize, EntityId>, usize) = (HashMap::new(), 0);
    let mut flight: Vec<(usize, Pending)> = Vec::new();
    let mut deeds = deeds.into_iter().peekable();
    while let Some(deed) = deeds.next() {
        player.until(deed.at)?;
        let mut json = deed.body;
        if let (Some(id), Some(body)) = (ids.get(&deed.row), json.as_object_mut()) {
            body.insert("matter".into(), id.0.into());
        }
        let who = if matches!(deed.command, "start" | "answer") { unit } else { desk };
        let key = format!("{}:{}", deed.row, deed.at.0);
        flight.push((deed.row, player.submit(who, &key, deed.command, &json)?));
        // What happens at one moment is waited for together: the clock does not move while any of it is under way.
        if deeds.peek().is_none_or(|next| next.at != deed.at) {
            for (row, pending) in flight.drain(..) {
                match pending.wait() {
                    Outcome::Done { answer, .. } => {
                        events += 1;
                        if let Some(id) = player::named(&answer, "matter") {
                            ids.insert(row, id);
                        }
                    }
                    other => bail!("row {row}: {other:?}"),
                }
            }
        }
    }
    Ok((events, player.steps, ids.len()))
}
