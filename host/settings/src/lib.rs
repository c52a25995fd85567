//! Settings from file and environment, each documented, each checked.
//!
//! [`Settings::load`] lays a TOML file and the environment (`CHANGZHI_LOG__LEVEL` is `log.level`) over the defaults. [`TABLE`] is
//! the one list of what can be set: the check, the printed documentation ([`document`]) and the default file
//! ([`default_file`]) are all made from it, so none can tell another story.
//!
//! Contract: an unknown key, a wrong type or a wrong value is refused, never passed over; all problems are told at once, each
//! with the file or the variable, the key, the reason and the nearest known key. No setting is a secret. Price: read once, at
//! start.

mod check;
mod devices;
mod document;
mod effective;
mod environment;
mod error;
mod file;
mod kind;
mod load;
mod outside;
mod settings;
mod table;

pub use devices::Mqtt;
pub use document::{default_file, document};
pub use effective::Effective;
pub use environment::PREFIX;
pub use error::{Problem, SettingsError};
pub use kind::Kind;
pub use outside::{Mail, MailTls, Outbox, Push, Sms, SmsMethod};
pub use settings::{
    Cap, Datum, Files, LimitOverrides, Log, LogFormat, Map, PluginSet, Portal, Rate, Room, Settings, Tls,
};
pub use table::{Setting, TABLE};
