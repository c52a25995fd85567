//! Settings from file and environment, each documented, each checked.
//!
//! [`KEYS`] is the one place where a setting is described: the table the binary prints, the default file ([`default_file`]) and
//! the check for unknown keys all come from it. [`Settings::load`] reads the file, lays the environment over it (`CHANGZHI_` +
//! key in capitals, `__` for the dot: `CHANGZHI_LIMITS__MEMORY_MIB=256`) and reports every wrong setting with its place, key and
//! reason. No setting is a secret: secrets have files of their own, and values given wrong are echoed only up to 40 characters.

mod check;
mod keys;
mod load;

pub use check::{Problem, SettingsError};
pub use keys::{KEYS, Key, default_file, table};
pub use load::{Limits, Log, LogFormat, Session, Set, Settings, Snapshot};
