//! Reading the sources, checking them, and the settings as the host uses them.

use crate::check::{Problem, SettingsError, check};
use crate::keys::KEYS;
use figment::providers::{Format, Serialized, Toml};
use figment::value::Dict;
use figment::{Figment, Profile, Provider};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Bytes a settings file may have.
const MAX_FILE: u64 = 1 << 20;

#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Settings {
    pub data: PathBuf,
    pub listen: SocketAddr,
    pub demo: bool,
    pub plugins: PathBuf,
    pub cache: PathBuf,
    pub log: Log,
    pub snapshot: Snapshot,
    pub session: Session,
    pub limits: Limits,
    /// A county's plugins, by the set's name.
    #[serde(default)]
    pub sets: BTreeMap<String, Set>,
}

#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Log {
    pub level: String,
    pub format: LogFormat,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Snapshot {
    pub every: u64,
    pub keep: u64,
}

#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Session {
    pub minutes: u64,
}

/// What each plugin may use; units are in the names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub struct Limits {
    pub handle_ms: u64,
    pub view_ms: u64,
    pub job_step_ms: u64,
    pub memory_mib: u64,
    pub host_calls: u64,
    pub output_bytes: u64,
    pub changes: u64,
    pub nodes: u64,
}

/// One county's set.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Set {
    pub plugins: Vec<String>,
    pub divisions: Vec<String>,
}

impl Settings {
    /// Defaults, then `file` when given, then the environment. A file that is named must be there.
    pub fn load(file: Option<&Path>) -> Result<Settings, SettingsError> {
        let vars = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        Settings::load_with(file, vars)
    }

    /// [`Settings::load`] with a given environment.
    pub fn load_with(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Settings, SettingsError> {
        let mut problems = Vec::new();
        let place = file.map(|f| f.display().to_string()).unwrap_or_default();
        let wrong = |place: &str, key: &str, reason: String| Problem { place: place.into(), key: key.into(), reason };
        let mut from_file = Dict::new();
        if let Some(path) = file {
            match read(path).and_then(|text| values(&Toml::string(&text))) {
                Ok(found) => from_file = found,
                Err(reason) => return Err(SettingsError(vec![wrong(&place, "(whole file)", reason)])),
            }
        }
        let mut from_env = Figment::new();
        for (name, value) in environment {
            let Some(key) = name.strip_prefix("CHANGZHI_") else { continue };
            let key = key.to_lowercase().replace("__", ".");
            // The tests' own variable is no setting.
            if key == "shared" {
                continue;
            }
            let parsed: figment::value::Value = value.parse().unwrap_or_else(|e: std::convert::Infallible| match e {});
            from_env = from_env.merge(Serialized::default(&key, parsed));
        }
        let from_env = values(&from_env).map_err(|e| SettingsError(vec![wrong("environment", "(all)", e)]))?;
        problems.extend(check(&place, &from_file));
        problems.extend(check("environment", &from_env));
        if !problems.is_empty() {
            return Err(SettingsError(problems));
        }
        let defaults: String = KEYS.iter().map(|k| format!("{} = {}\n", k.name, k.default)).collect();
        let settings: Settings = Figment::new()
            .merge(Toml::string(&defaults))
            .merge(Serialized::globals(from_file))
            .merge(Serialized::globals(from_env))
            .extract()
            .map_err(|e| {
                SettingsError(e.into_iter().map(|e| wrong(&place, &e.path.join("."), e.kind.to_string())).collect())
            })?;
        settings.sets_agree(&place)?;
        Ok(settings)
    }

    fn sets_agree(&self, place: &str) -> Result<(), SettingsError> {
        let mut problems = Vec::new();
        let mut owner: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, set) in &self.sets {
            for division in &set.divisions {
                let key = format!("sets.{name}.divisions");
                let mut wrong = |reason| problems.push(Problem { place: place.into(), key: key.clone(), reason });
                if division.len() > 12 || !division.bytes().all(|b| b.is_ascii_digit()) {
                    wrong(format!("{division:?} is not a division code: digits, at most 12"));
                }
                if let Some(other) = owner.insert(division, name) {
                    wrong(format!("{division} is served by set {other} already"));
                }
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(SettingsError(problems)) }
    }
}

fn read(path: &Path) -> Result<String, String> {
    let len = std::fs::metadata(path).map_err(|e| format!("cannot be read: {e}"))?.len();
    if len > MAX_FILE {
        return Err(format!("{len} bytes are more than the {MAX_FILE} a settings file may have"));
    }
    std::fs::read_to_string(path).map_err(|e| format!("cannot be read: {e}; it must be text in UTF-8"))
}

fn values(source: &impl Provider) -> Result<Dict, String> {
    let mut data = source.data().map_err(|e| e.to_string())?;
    let mut all = data.remove(&Profile::Default).unwrap_or_default();
    all.extend(data.remove(&Profile::Global).unwrap_or_default());
    Ok(all)
}
