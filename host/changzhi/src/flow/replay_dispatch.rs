//! Records of who was sent where and when, brought through the alarm and its tasks, each step at its own time.
//!
//!     one call ──► an alarm at a place of its own: rung (received), acknowledged (taken), stood down (the last unit is free)
//!     one row  ──► a task of its unit: offered and accepted (sent), set out, arrived, words (left, handed over), ended (free)
//!
//! A row whose clocks run backwards is flagged by name and takes no part: no city has a clock that does, and no interval of it means
//! anything. A step the source does not give does not happen: a unit that never arrived is taken back when it is free again; one
//! that is never said to be free stays on its task until it is sent the next time; a call of which a unit is not said to be free
//! is not stood down. Units sign on before the first call.

use super::player::{Player, named};
use crate::town::{self, Town};
use anyhow::{Context as _, anyhow, bail};
use changzhi_data::{Mapping, Progress, ReadOptions, read};
use changzhi_model::{EntityId, ManualClock, Micros, Value};
use changzhi_settings::Settings;
use clap::Args;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Why a task of the source ended without its unit having been there.
const STOOD_DOWN: &str = "stood down before they arrived";
const NO_END: &str = "the source does not say when they were free";
const AS_SENT: &str = "as they were sent then";
/// The steps of a row, in the order in which they must lie.
const STEPS: [&str; 8] = ["received", "taken", "sent", "set-out", "arrived", "left", "handed", "free"];
/// Entries of one `create-places`.
const PLACES: usize = 500;

#[derive(Args)]
pub struct ReplayDispatch {
    /// The source's file: one row for each unit sent
    file: PathBuf,
    /// How its columns become a call: see data/mappings/sf-dispatch.toml
    #[arg(long)]
    map: PathBuf,
    /// A data folder that does not exist yet: time cannot go back in one that does
    #[arg(long)]
    data: PathBuf,
    #[arg(long)]
    plugins: Option<PathBuf>,
    /// Only the rows of the first so many calls
    #[arg(long)]
    calls: Option<usize>,
    /// Writes the rows that take no part, with why (CSV)
    #[arg(long)]
    flagged: Option<PathBuf>,
}

struct Row {
    call: usize,
    unit: String,
    kind: String,
    times: [Option<Micros>; STEPS.len()],
}

impl Row {
    fn at(&self, step: &str) -> Option<Micros> {
        STEPS.iter().zip(self.times).find(|(name, _)| **name == step).and_then(|(_, at)| at)
    }
}

struct Call {
    code: String,
    place: String,
    category: String,
}

#[derive(Default)]
struct Source {
    calls: Vec<Call>,
    rows: Vec<Row>,
    /// What ran backwards, and how often.
    backwards: BTreeMap<String, usize>,
    /// Line, call, unit, what.
    flagged: Vec<(u64, String, String, String)>,
}

/// What happens; at one moment in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Deed {
    Ring(usize),
    Take(usize),
    Send(usize),
    SetOut(usize),
    Arrive(usize),
    Word(usize),
    End(usize),
    Over(usize),
}

/// What happens, each at its time.
fn deeds(source: &Source) -> Vec<(Micros, Deed)> {
    let mut deeds = Vec::new();
    let mut of_call: BTreeMap<usize, Vec<&Row>> = BTreeMap::new();
    for (n, row) in source.rows.iter().enumerate() {
        of_call.entry(row.call).or_default().push(row);
        let mut push = |step: &str, deed: Deed| deeds.extend(row.at(step).map(|at| (at, deed)));
        push("sent", Deed::Send(n));
        push("set-out", Deed::SetOut(n));
        push("arrived", Deed::Arrive(n));
        push("left", Deed::Word(n));
        push("handed", Deed::Word(n));
        push("free", Deed::End(n));
    }
    for (call, rows) in of_call {
        let first = |step: &str| rows.iter().filter_map(|r| r.at(step)).min();
        deeds.extend(first("received").map(|at| (at, Deed::Ring(call))));
        // Whoever is sent has been taken notice of.
        deeds.extend(first("taken").or(first("sent")).map(|at| (at, Deed::Take(call))));
        let free: Option<Vec<Micros>> = rows.iter().map(|r| r.at("free")).collect();
        deeds.extend(free.and_then(|all| all.into_iter().max()).map(|at| (at, Deed::Over(call))));
    }
    deeds.sort_unstable();
    deeds
}

impl Source {
    fn read(file: &std::path::Path, map: &std::path::Path, most: usize) -> anyhow::Result<Source> {
        let mapping = Mapping::load(map)?;
        let options =
            ReadOptions { delimiter: mapping.delimiter, sheet: mapping.sheet.clone(), ..ReadOptions::default() };
        let (mut source, mut known, mut wrong) = (Source::default(), HashMap::new(), None);
        read(file, &options, &Progress::default(), &mut |line| {
            let taken = mapping
                .apply(&line)
                .map_err(|p| anyhow!("{}: {}", p.field, p.reason.in_locale("en")))
                .and_then(|draft| source.take(line.line, &draft.body, &mut known, most));
            match taken {
                Ok(()) => ControlFlow::Continue(()),
                Err(e) => {
                    wrong = Some(format!("line {}: {e:#}", line.line));
                    ControlFlow::Break(())
                }
            }
        })?;
        match wrong {
            Some(wrong) => bail!("{}: {wrong}", file.display()),
            None => Ok(source),
        }
    }

    fn take(
        &mut self,
        line: u64,
        body: &serde_json::Map<String, serde_json::Value>,
        known: &mut HashMap<String, usize>,
        most: usize,
    ) -> anyhow::Result<()> {
        let text = |name: &str| body.get(name).and_then(|v| v.as_str());
        let said = |name: &str| text(name).map(str::to_owned).with_context(|| format!("no {name}"));
        let code = said("call")?;
        if !known.contains_key(&code) && known.len() == most {
            return Ok(());
        }
        let mut times = [None; STEPS.len()];
        for (at, step) in times.iter_mut().zip(STEPS) {
            *at = text(step).map(Micros::from_rfc3339).transpose()?;
        }
        let there: Vec<(&str, Micros)> = STEPS.into_iter().zip(times).filter_map(|(s, at)| Some((s, at?))).collect();
        let next = known.len();
        let call = *known.entry(code.clone()).or_insert(next);
        if call == next {
            self.calls.push(Call { code: code.clone(), place: said("address")?, category: said("category")? });
        }
        let unit = said("unit")?;
        if let Some([(before, _), (after, _)]) = there.array_windows().find(|[(_, a), (_, b)]| b < a) {
            let what = format!("{after} before {before}");
            *self.backwards.entry(what.clone()).or_default() += 1;
            self.flagged.push((line, code, unit, what));
            return Ok(());
        }
        self.rows.push(Row { call, unit, kind: said("kind")?, times });
        Ok(())
    }

    fn write_flagged(&self, file: &std::path::Path) -> anyhow::Result<()> {
        let mut out = String::from("line,call,unit,why\n");
        for (line, call, unit, why) in &self.flagged {
            out.push_str(&format!("{line},{call},{unit},{why}\n"));
        }
        std::fs::write(file, out).with_context(|| file.display().to_string())
    }
}

impl ReplayDispatch {
    pub fn run(self, mut settings: Settings) -> anyhow::Result<ExitCode> {
        if self.data.exists() {
            bail!("{} is there already: a replay needs a folder of its own", self.data.display());
        }
        settings.data = self.data.clone();
        settings.plugins = self.plugins.clone().unwrap_or(settings.plugins);
        let source = Source::read(&self.file, &self.map, self.calls.unwrap_or(usize::MAX))?;
        if let Some(file) = &self.flagged {
            source.write_flagged(file)?;
        }
        let deeds = deeds(&source);
        let Some((first, _)) = deeds.first() else { bail!("{} has no row to replay", self.file.display()) };
        let clock = Arc::new(ManualClock::at(first.plus(-Micros::HOUR)));
        let town = town::open_on(&settings, Arc::clone(&clock) as Arc<dyn changzhi_model::Clock>)?;
        let done = Play::new(&town, &clock, &source).and_then(|mut play| play.all(&deeds));
        let closed = town.city.close();
        let steps = done?;
        closed?;
        println!(
            "replayed {} calls, {} units sent: {} events, {steps} steps of clocks",
            source.calls.len(),
            source.rows.len(),
            deeds.len()
        );
        println!("took no part, their clocks run backwards: {}", source.flagged.len());
        for (what, times) in &source.backwards {
            println!("  {what}: {times}");
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Where a unit is with its task.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Accepted,
    Moving,
    There,
}

struct Play<'a> {
    player: Player<'a>,
    source: &'a Source,
    desk: EntityId,
    /// Account and standing of each unit.
    units: BTreeMap<&'a str, (EntityId, EntityId)>,
    places: Vec<EntityId>,
    alarms: HashMap<usize, EntityId>,
    /// By row.
    open: HashMap<usize, (EntityId, Stage)>,
    /// The row a unit is out for.
    out: HashMap<&'a str, usize>,
}

impl<'a> Play<'a> {
    fn new(town: &'a Town, clock: &'a ManualClock, source: &'a Source) -> anyhow::Result<Play<'a>> {
        let player = Player::new(town, clock, "command")?;
        let desk = player.account("replay-desk", "数据回放", "operator")?;
        let places = places(town, source)?;
        let city = code(town, CITY)?;
        let kinds: BTreeMap<&str, &str> = source.rows.iter().map(|r| (r.unit.as_str(), r.kind.as_str())).collect();
        let mut units = BTreeMap::new();
        for (unit, kind) in kinds {
            let login = format!("unit-{}", unit.to_lowercase());
            let account = player.account(&login, unit, "unit")?;
            let body = json!({"login": login, "sort": kind, "place": city.0, "shown": unit});
            let answer = player.does(desk, unit, "register-responder", &body)?;
            let responder = named(&answer, "responder").context("a responder without a number")?;
            player.does(account, unit, "sign-on", &json!({}))?;
            units.insert(unit, (account, responder));
        }
        let (alarms, open, out) = (HashMap::new(), HashMap::new(), HashMap::new());
        Ok(Play { player, source, desk, units, places, alarms, open, out })
    }

    /// Steps that clocks took.
    fn all(&mut self, deeds: &[(Micros, Deed)]) -> anyhow::Result<usize> {
        for (at, deed) in deeds {
            self.player.until(*at)?;
            self.one(*deed).with_context(|| format!("{deed:?} at {}", at.to_rfc3339()))?;
        }
        Ok(self.player.steps)
    }

    fn one(&mut self, deed: Deed) -> anyhow::Result<()> {
        match deed {
            Deed::Ring(call) => self.ring(call),
            Deed::Take(call) => self.of_alarm(call, "acknowledge", json!({})),
            Deed::Over(call) => self.of_alarm(call, "stand-down", json!({"outcome": "real", "safe_word_of": "source"})),
            Deed::Send(row) => self.send(row),
            Deed::SetOut(row) => self.word(row, "set-out", Stage::Moving),
            Deed::Arrive(row) => self.word(row, "arrive", Stage::There),
            Deed::Word(row) => match self.open.get(&row) {
                Some((_, stage)) if *stage != Stage::Accepted => self.word(row, "check-in", *stage),
                _ => Ok(()),
            },
            Deed::End(row) => self.end(row),
        }
    }

    fn end(&mut self, row: usize) -> anyhow::Result<()> {
        match self.open.get(&row).copied() {
            Some((task, Stage::There)) => {
                let (who, _) = self.unit(row)?;
                self.player.does(who, &task.to_string(), "finish-task", &json!({"task": task.0}))?;
                self.free(row);
                Ok(())
            }
            Some(_) => self.recall(row, STOOD_DOWN),
            None => Ok(()),
        }
    }

    fn ring(&mut self, call: usize) -> anyhow::Result<()> {
        let of = self.source.calls.get(call).context("no such call")?;
        let place = self.places.get(call).context("no such place")?;
        let body = json!({"place": place.0, "category": of.category});
        let answer = self.player.does(self.desk, &of.code, "ring", &body)?;
        self.alarms.insert(call, named(&answer, "alarm").context("an alarm without a number")?);
        Ok(())
    }

    fn of_alarm(&self, call: usize, command: &str, mut body: serde_json::Value) -> anyhow::Result<()> {
        let alarm = self.alarms.get(&call).context("it was not rung")?;
        if let Some(body) = body.as_object_mut() {
            body.insert("alarm".into(), alarm.0.into());
        }
        self.player.does(self.desk, &alarm.to_string(), command, &body).map(drop)
    }

    fn row(&self, row: usize) -> anyhow::Result<&'a Row> {
        self.source.rows.get(row).context("no such row")
    }

    fn unit(&self, row: usize) -> anyhow::Result<(EntityId, EntityId)> {
        self.units.get(self.row(row)?.unit.as_str()).copied().context("no such unit")
    }

    fn send(&mut self, n: usize) -> anyhow::Result<()> {
        let row = self.row(n)?;
        if let Some(before) = self.out.get(row.unit.as_str()).copied() {
            // Free and sent again at the same moment.
            let free = self.row(before)?.at("free").is_some_and(|at| at <= self.player.now());
            if free { self.end(before)? } else { self.recall(before, NO_END)? }
        }
        let (who, responder) = self.unit(n)?;
        let alarm = self.alarms.get(&row.call).context("it was not rung")?;
        let body = json!({"alarm": alarm.0, "pick_1": responder.0, "reason": AS_SENT});
        let answer = self.player.does(self.desk, &format!("row-{n}"), "send-responders", &body)?;
        let task = named(&answer, "task_1").context("a task without a number")?;
        self.player.does(who, &task.to_string(), "accept-task", &json!({"task": task.0}))?;
        self.open.insert(n, (task, Stage::Accepted));
        self.out.insert(&row.unit, n);
        Ok(())
    }

    /// A step of the unit's own.
    fn word(&mut self, row: usize, command: &str, then: Stage) -> anyhow::Result<()> {
        let (who, _) = self.unit(row)?;
        let Some((task, stage)) = self.open.get_mut(&row) else { return Ok(()) };
        // With its time: a unit says more than once that all is well.
        let key = format!("{task}:{}", self.player.now().0);
        self.player.does(who, &key, command, &json!({"task": task.0}))?;
        *stage = then;
        Ok(())
    }

    fn recall(&mut self, row: usize, reason: &str) -> anyhow::Result<()> {
        let Some((task, _)) = self.open.get(&row) else { return Ok(()) };
        let body = json!({"task": task.0, "reason": reason});
        self.player.does(self.desk, &task.to_string(), "recall-task", &body)?;
        self.free(row);
        Ok(())
    }

    fn free(&mut self, row: usize) {
        self.open.remove(&row);
        self.out.retain(|_, of| *of != row);
    }
}

const CITY: &str = "replay-city";

/// A place for each call, in their order.
fn places(town: &Town, source: &Source) -> anyhow::Result<Vec<EntityId>> {
    let city = json!({"kind": "division", "category": "city", "code": CITY, "name": "数据回放"});
    let of = |call: &Call| json!({"kind": "facility", "category": "call", "code": format!("call-{}", call.code), "name": call.place, "parent": CITY});
    let all: Vec<serde_json::Value> = std::iter::once(city).chain(source.calls.iter().map(of)).collect();
    for some in all.chunks(PLACES) {
        let text = serde_json::to_string(some)?;
        town.gate.as_host("create-places", vec![Value::text(text)]).map_err(anyhow::Error::msg)?;
    }
    let codes: BTreeSet<&str> = source.calls.iter().map(|c| c.code.as_str()).collect();
    if codes.len() != source.calls.len() {
        bail!("a call is named twice");
    }
    source.calls.iter().map(|call| code(town, &format!("call-{}", call.code))).collect()
}

fn code(town: &Town, code: &str) -> anyhow::Result<EntityId> {
    let value = Value::text(code);
    town.city.read(|w| w.find("host.place", "code", &value)).with_context(|| format!("no place {code}"))
}
