//! `changzhi flow`: what the flow engine can be asked from outside.

mod handoffs;
mod intervals;
mod player;
mod replay;
mod replay_dispatch;

use crate::town::{self, Town};
use anyhow::{Context, anyhow};
use changzhi_flow::{Flows, bpmn};
use changzhi_model::{EntityId, Name, SystemClock};
use changzhi_plugins::{Runtime, RuntimeOptions};
use changzhi_settings::Settings;
use changzhi_world::Query;
use clap::Subcommand;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Matters read in one go.
const PAGE: u32 = 10_000;

#[derive(Subcommand)]
pub enum FlowCommand {
    /// Bring a source of old matters through the flow, event by event, each at its own time, into a new data folder
    Replay(replay::Replay),
    /// Median days from filing to answer, by hand-offs
    Handoffs {
        #[arg(long)]
        data: Option<PathBuf>,
        #[arg(long)]
        plugins: Option<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Bring records of who was sent where and when through alarms and tasks, each step at its own time, into a new data folder
    ReplayDispatch(replay_dispatch::ReplayDispatch),
    /// Median and p90 of each step from the press to the end of a task
    Intervals {
        #[arg(long)]
        data: Option<PathBuf>,
        #[arg(long)]
        plugins: Option<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Every event of every matter, one JSON object a line and matter
    Stories {
        #[arg(long)]
        data: Option<PathBuf>,
        #[arg(long)]
        plugins: Option<PathBuf>,
        #[arg(long)]
        out: PathBuf,
    },
    /// A plugin's flow as BPMN 2.0, with its clocks
    Bpmn {
        /// The plugin's component
        component: PathBuf,
        #[arg(long, default_value = "matter")]
        flow: String,
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

impl FlowCommand {
    pub fn run(self, settings: Settings) -> anyhow::Result<ExitCode> {
        match self {
            FlowCommand::Replay(replay) => return replay.run(settings),
            FlowCommand::Handoffs { data, plugins, json } => {
                let report = looked(settings, data, plugins, handoffs::report)?;
                if json {
                    println!("{}", serde_json::to_string_pretty(&report.json())?);
                } else {
                    print!("{}", report.text());
                }
            }
            FlowCommand::ReplayDispatch(replay) => return replay.run(settings),
            FlowCommand::Intervals { data, plugins, json } => {
                let report = looked(settings, data, plugins, intervals::report)?;
                if json {
                    println!("{}", serde_json::to_string_pretty(&report.json())?);
                } else {
                    print!("{}", report.text());
                }
            }
            FlowCommand::Stories { data, plugins, out } => {
                looked(settings, data, plugins, |town| stories(town, &out))?;
            }
            FlowCommand::Bpmn { component, flow, out } => {
                let bytes = std::fs::read(&component).with_context(|| component.display().to_string())?;
                let manifest = Runtime::new(RuntimeOptions { cache_dir: None })?.inspect(&bytes)?;
                let newest = manifest.flows.iter().filter(|f| f.name == flow).max_by_key(|f| f.version);
                let decl = newest.with_context(|| format!("{} declares no flow {flow:?}", component.display()))?;
                let mut flows = Flows::new();
                flows.add(decl.clone())?;
                let engine = town::deployed(&settings)?.engine(&flows, &flow, decl.version)?;
                let text = bpmn(decl, engine.as_ref());
                match out {
                    Some(out) => std::fs::write(&out, text).with_context(|| out.display().to_string())?,
                    None => print!("{text}"),
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What a look at the city of a folder gives; the city is closed whatever it gives.
fn looked<T>(
    mut settings: Settings,
    data: Option<PathBuf>,
    plugins: Option<PathBuf>,
    look: impl FnOnce(&Town) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    settings.data = data.unwrap_or(settings.data);
    settings.plugins = plugins.unwrap_or(settings.plugins);
    let town = town::open_on(&settings, Arc::new(SystemClock))?;
    let found = look(&town);
    town.city.close()?;
    found
}

/// Everything of a kind, oldest first.
fn all(town: &Town, kind: &'static str) -> anyhow::Result<Vec<EntityId>> {
    let (mut all, mut after) = (Vec::new(), EntityId::NONE);
    loop {
        let query = Query { kind: Name::new_static(kind), ascending: true, limit: PAGE, after, ..Query::default() };
        let batch = town.city.read(|w| w.query(&query)).map_err(|e| anyhow!("{kind}: {e}"))?;
        all.extend(batch.ids.iter().map(|id| EntityId(*id)));
        match batch.ids.last() {
            Some(last) if batch.ids.len() == PAGE as usize => after = EntityId(*last),
            _ => return Ok(all),
        }
    }
}

fn stories(town: &Town, out: &std::path::Path) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut file = std::io::BufWriter::new(std::fs::File::create(out).with_context(|| out.display().to_string())?);
    for matter in all(town, "matter")? {
        let state = town.city.read(|w| w.core(matter)).map(|c| c.state).unwrap_or_default();
        let story = town.city.story(matter).map_err(anyhow::Error::msg)?;
        let events: Vec<_> = story
            .iter()
            .map(|e| {
                let clock = e.fired.as_ref().map(|f| f.clock.to_string());
                serde_json::json!({"at": e.at.to_rfc3339(), "event": e.name, "from": e.from, "to": e.to, "clock": clock})
            })
            .collect();
        let line = serde_json::json!({"matter": matter.0, "state": state, "events": events});
        writeln!(file, "{line}")?;
    }
    Ok(file.flush()?)
}
