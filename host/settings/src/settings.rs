//! The settings as the host uses them.

use crate::devices::Mqtt;
use crate::error::Problem;
use crate::outside::{Mail, Outbox, Push, Sms};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Everything that can be set. Fields are public: the command line lays its own words over them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Relative paths start at the working folder of the host.
    pub data: PathBuf,
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    pub tls: Tls,
    pub log: Log,
    /// Folder with the plugins' `*.wasm`.
    pub plugins: PathBuf,
    /// Folder of compiled plugins; see [`Settings::cache_folder`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<PathBuf>,
    /// Folder with the deployment's own `calendars/*.toml` and `flows/*.toml`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flows: Option<PathBuf>,
    pub demo: bool,
    pub session_hours: u32,
    /// A snapshot is written after so many transactions.
    pub snapshot_every: u64,
    /// What people see at the head and foot of each page.
    pub portal: Portal,
    /// The base map under interactive maps.
    pub map: Map,
    pub files: Files,
    /// Making PDFs.
    pub print: Print,
    /// Sound and picture between browsers.
    pub room: Room,
    /// Messages to the outside: how it tries, and the channels there are.
    pub outbox: Outbox,
    pub sms: Sms,
    pub mail: Mail,
    pub push: Push,
    /// Buttons on walls.
    pub mqtt: Mqtt,
    /// In whose name public alerts are published.
    pub cap: Cap,
    /// How fast commands may come.
    pub rate: Rate,
    /// County plugin sets by name: which plugins answer in which divisions.
    pub sets: BTreeMap<String, PluginSet>,
    /// Overrides of the host's limits, by plugin.
    pub limits: BTreeMap<String, LimitOverrides>,
    /// Where each key was set: see [`Settings::problem`].
    #[serde(skip)]
    pub(crate) origins: Origins,
}

/// Encryption of what the host serves. Certificate and key are given together or not at all.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// PEM: the host's own certificate first, then those between it and the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    /// PEM, unencrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
    /// A proxy before the host encrypts.
    pub proxy: bool,
}

/// File or variable by key. Where a setting came from is no part of what it is: any two are equal.
#[derive(Clone, Eq, Debug, Default)]
pub(crate) struct Origins(pub(crate) BTreeMap<String, String>);

impl PartialEq for Origins {
    fn eq(&self, _: &Origins) -> bool {
        true
    }
}

/// Words of the pages. What is not given is not shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Portal {
    /// The agency's full name.
    pub title: String,
    /// 主办单位.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sponsor: Option<String>,
    /// 网站标识码.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site_code: Option<String>,
    /// ICP 备案号.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icp: Option<String>,
    /// 公安备案号.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub police: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// A source that brought nothing for so many hours is late.
    pub late_hours: u32,
}

/// The base map under interactive maps: raster tiles (WMTS and the like) at a path of this host's own address.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// With `{z}`, `{x}` and `{y}` in it. Not given: no base map.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tiles: Option<String>,
    /// A local archive of tiles, in their place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    pub datum: Datum,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribution: Option<String>,
    pub max_zoom: u8,
}

/// What the tiles are drawn in. Inside the host everything is WGS84.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Datum {
    Wgs84,
    Gcj02,
    Bd09,
}

/// Attached files.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// Largest file.
    pub max_mib: u32,
    /// Largest picture that is decoded.
    pub max_megapixels: u32,
    /// Hours after which a file no form took is removed.
    pub wait_hours: u32,
}

/// Making PDFs.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Print {
    /// The typesetting program. Not given: beside the host's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<PathBuf>,
    /// Fonts that come before the system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fonts: Option<PathBuf>,
}

/// What browsers in an online room find each other by. Not given: the same network only.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Room {
    /// STUN addresses, spaces between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stun: Option<String>,
    /// TURN addresses, spaces between them; given together with the secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn: Option<String>,
    /// File with the secret shared with the relay, on one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn_secret: Option<PathBuf>,
    /// Everything goes through the relay.
    pub relay_only: bool,
}

/// In whose name public alerts are published. Code, address and name are given together or not at all.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// Fourteen digits of GB/T 35965.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// What CAP calls the sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
}

/// Commands a second; 0 sets no limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Of one token, or of an account's sign-ins.
    pub token: u32,
    /// Of one account by all its ways in.
    pub account: u32,
    /// Seconds' worth that may be saved up.
    pub burst: u32,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// A level, or a level and `target=level` parts, split by commas.
    pub level: String,
    pub format: LogFormat,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// The plugins a county works with.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PluginSet {
    pub plugins: Vec<String>,
    /// Codes of divisions; each is in one set at most.
    pub divisions: Vec<String>,
}

/// What is not given stays as the host has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitOverrides {
    pub handle_ms: Option<u32>,
    pub view_ms: Option<u32>,
    pub react_ms: Option<u32>,
    pub job_step_ms: Option<u32>,
    pub memory_mib: Option<u32>,
    pub host_calls: Option<u32>,
    pub output_kib: Option<u32>,
    pub changes: Option<u32>,
    pub nodes: Option<u32>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            data: PathBuf::from("changzhi-data"),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            tls: Tls::default(),
            log: Log { level: String::from("info"), format: LogFormat::Text },
            plugins: PathBuf::from("plugins"),
            cache: None,
            flows: None,
            demo: false,
            session_hours: 12,
            snapshot_every: 100_000,
            portal: Portal {
                title: String::from("昌治 Changzhi"),
                sponsor: None,
                site_code: None,
                icp: None,
                police: None,
                contact: None,
                late_hours: 24,
            },
            map: Map { tiles: None, file: None, datum: Datum::Wgs84, attribution: None, max_zoom: 18 },
            files: Files { max_mib: 10, max_megapixels: 64, wait_hours: 24 },
            print: Print::default(),
            room: Room::default(),
            outbox: Outbox::default(),
            sms: Sms::default(),
            mail: Mail::default(),
            push: Push::default(),
            mqtt: Mqtt::default(),
            cap: Cap::default(),
            rate: Rate { token: 200, account: 400, burst: 10 },
            sets: BTreeMap::new(),
            limits: BTreeMap::new(),
            origins: Origins::default(),
        }
    }
}

impl Settings {
    /// Where compiled plugins are kept: as set, or `cache` in the data folder.
    pub fn cache_folder(&self) -> PathBuf {
        self.cache.clone().unwrap_or_else(|| self.data.join("cache"))
    }

    /// What only the host can find wrong with a key, told as the loader tells it: with the file or the variable it came from.
    pub fn problem(&self, key: &str, reason: String) -> Problem {
        let from = self.origins.0.get(key).cloned().unwrap_or_else(|| "settings".into());
        Problem { from, key: key.into(), reason }
    }

    /// Says that the command line gave a key its value.
    pub fn given_on_the_command_line(&mut self, key: &str) {
        self.origins.0.insert(key.to_owned(), "command line".to_owned());
    }

    /// The set a division belongs to.
    pub fn set_of(&self, division: &str) -> Option<(&str, &PluginSet)> {
        let found = self.sets.iter().find(|(_, set)| set.divisions.iter().any(|code| code == division));
        found.map(|(name, set)| (name.as_str(), set))
    }
}
