//! Opening a city with its own domain and its plugins.

use anyhow::Context;
use changzhi_flow::Deployed;
use changzhi_gate::{CityBackend, Gate, GateOptions, Identity, Rate, Sets};
use changzhi_model::{Clock, SystemClock};
use changzhi_pipeline::{Approve, City, CityOptions};
use changzhi_plugins::{Deadlines, Limits};
use changzhi_settings::{LimitOverrides, Settings, SettingsError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// sysexits(3) EX_SOFTWARE: what the process ends with when the city must stop.
const STOPPED: i32 = 70;

pub struct Town {
    pub city: Arc<City>,
    pub gate: Arc<Gate>,
}

/// Opens the city in the data folder and puts its plugins in force.
pub fn open(settings: &Settings) -> anyhow::Result<Town> {
    open_on(settings, Arc::new(SystemClock))
}

/// The same on a clock of the caller's: a replay moves it itself.
pub fn open_on(settings: &Settings, clock: Arc<dyn Clock>) -> anyhow::Result<Town> {
    opened(settings, clock, true)
}

/// The city with its own domain alone: for records of the host itself no plugin is needed.
pub fn open_alone(settings: &Settings) -> anyhow::Result<Town> {
    opened(settings, Arc::new(SystemClock), false)
}

fn opened(settings: &Settings, clock: Arc<dyn Clock>, plugins: bool) -> anyhow::Result<Town> {
    let mut options = CityOptions::in_dir(&settings.data);
    options.clock = clock;
    options.flows = Arc::new(deployed(settings)?);
    options.cache = Some(settings.cache_folder());
    options.snapshot_every = settings.snapshot_every;
    // Nothing may be acknowledged any more: leave at once, the next start recovers what is durable.
    options.on_fatal = Arc::new(|reason| {
        eprintln!("changzhi: stopped: {reason}");
        std::process::exit(STOPPED);
    });
    let (city, opening) = City::open(options).with_context(|| format!("data folder {}", settings.data.display()))?;
    tracing::info!(
        snapshot = opening.snapshot.map_or(0, |s| s.0),
        replayed = opening.replayed,
        took_ms = opening.took.as_millis(),
        "city opened"
    );
    for repair in opening.journal.iter().flat_map(|j| &j.repairs) {
        eprintln!("changzhi: journal mended: {repair:?}");
    }
    for bad in &opening.passed_over {
        eprintln!("changzhi: snapshot passed over: {bad}");
    }
    if let Some(reason) = &opening.store_rebuilt {
        eprintln!("changzhi: store rebuilt from the journal: {reason}");
    }
    city.native(Arc::new(Identity))?;
    if plugins {
        install(&city, settings)?;
    }
    known_divisions(&city, settings);
    let backend = Arc::new(CityBackend(Arc::clone(&city)));
    let gate_options = GateOptions {
        absolute: Duration::from_secs(u64::from(settings.session_hours) * 3600),
        rate: Rate { token: settings.rate.token, account: settings.rate.account, burst: settings.rate.burst },
        sets: Sets::new(settings.sets.values().map(|set| (set.plugins.as_slice(), set.divisions.as_slice()))),
        sign_ins: Some(settings.data.join("sign-ins")),
        ..GateOptions::default()
    };
    let gate = Gate::new(backend, Arc::new(SystemClock), gate_options).map_err(anyhow::Error::msg)?;
    Ok(Town { city, gate: Arc::new(gate) })
}

/// The calendars and rules of flows: what ships, with the deployment's own over it.
pub fn deployed(settings: &Settings) -> anyhow::Result<Deployed> {
    let mut deployed = Deployed::builtin()?;
    let Some(folder) = &settings.flows else { return Ok(deployed) };
    for (part, calendar) in [("calendars", true), ("flows", false)] {
        let folder = folder.join(part);
        if !folder.is_dir() {
            continue;
        }
        let mut files: Vec<_> = std::fs::read_dir(&folder)?.flatten().map(|e| e.path()).collect();
        files.retain(|p| p.extension().is_some_and(|e| e == "toml"));
        files.sort();
        for file in files {
            let read = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let taken = if calendar { deployed.calendar(&read) } else { deployed.rules(&read) };
            taken.with_context(|| file.display().to_string())?;
        }
    }
    Ok(deployed)
}

fn install(city: &Arc<City>, settings: &Settings) -> anyhow::Result<()> {
    let begun = Instant::now();
    let folder = &settings.plugins;
    let listed = std::fs::read_dir(folder).with_context(|| {
        format!(
            "plugin folder {}: build the plugins with `cargo xtask plugins`, or name their folder with --plugins",
            folder.display()
        )
    })?;
    let mut files: Vec<_> =
        listed.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "wasm")).collect();
    files.sort();
    known_plugins(settings, &files)?;
    let wanted: Vec<&String> = settings.sets.values().flat_map(|set| &set.plugins).collect();
    for file in files {
        let id = id_of(&file).to_owned();
        if !wanted.is_empty() && !wanted.contains(&&id) {
            continue;
        }
        if let Err(e) = one(city, &file, settings.limits.get(&id)) {
            // One bad plugin does not keep the city from running.
            tracing::error!(plugin = id, file = %file.display(), error = %format!("{e:#}"), "plugin is not in force");
        }
    }
    tracing::info!(plugins = city.manifests().len() - 1, took_ms = begun.elapsed().as_millis(), "plugins in force");
    Ok(())
}

fn id_of(file: &Path) -> &str {
    file.file_stem().and_then(|s| s.to_str()).unwrap_or_default()
}

/// A set that names a plugin nobody has would silently leave its county without it.
fn known_plugins(settings: &Settings, files: &[PathBuf]) -> anyhow::Result<()> {
    let mut problems = Vec::new();
    for (name, set) in &settings.sets {
        for plugin in set.plugins.iter().filter(|p| !files.iter().any(|f| id_of(f) == p.as_str())) {
            let there = files.iter().map(|f| id_of(f)).collect::<Vec<_>>().join(", ");
            let folder = settings.plugins.display();
            let reason = format!("{folder} has no {plugin}.wasm; it has {there}: build it, or take it out of the set");
            problems.push(settings.problem(&format!("sets.{name}.plugins"), reason));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(SettingsError { problems }.into()) }
}

/// Divisions may be made later, by command: until then nobody is served there, and the log says so.
fn known_divisions(city: &City, settings: &Settings) {
    for (name, set) in &settings.sets {
        for code in &set.divisions {
            let code_value = changzhi_model::Value::text(code.as_str());
            if city.read(|w| w.find("host.place", "code", &code_value)).is_none() {
                let reason = format!("no place has the code {code} yet; its set answers nowhere until one has");
                tracing::warn!("{}", settings.problem(&format!("sets.{name}.divisions"), reason));
            }
        }
    }
}

fn one(city: &Arc<City>, file: &Path, over: Option<&LimitOverrides>) -> anyhow::Result<()> {
    let component = std::fs::read(file)?;
    // What lies in the deployer's own folder is the deployer's choice: its grants are shown in the portal.
    city.install(&component, Approve::All, limits(over))?;
    Ok(())
}

/// The host's limits with a deployment's overrides.
pub fn limits(over: Option<&LimitOverrides>) -> Limits {
    let base = Limits::production();
    let Some(over) = over else { return base };
    let ms = |given: Option<u32>, base: Duration| given.map_or(base, |ms| Duration::from_millis(u64::from(ms)));
    Limits {
        deadline: Deadlines {
            handle: ms(over.handle_ms, base.deadline.handle),
            view: ms(over.view_ms, base.deadline.view),
            react: ms(over.react_ms, base.deadline.react),
            job: ms(over.job_step_ms, base.deadline.job),
            ..base.deadline
        },
        memory: over.memory_mib.map_or(base.memory, |mib| (mib as usize) << 20),
        host_calls: over.host_calls.unwrap_or(base.host_calls),
        output: over.output_kib.map_or(base.output, |kib| (kib as usize) << 10),
        changes: over.changes.unwrap_or(base.changes),
        nodes: over.nodes.unwrap_or(base.nodes),
        ..base
    }
}
