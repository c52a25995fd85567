//! Inputs that broke a plugin, kept for whoever mends it.
//!
//! They are not in the journal, so they are plain files: `quarantine/PLUGIN/N.input`, made of a length-prefixed reason, the
//! input and a checksum over all. They survive every rebuild. The oldest of a plugin go when it has more than
//! [`MAX_KEPT_FOR_A_PLUGIN`].

use crate::StoreError;
use crate::manifest::{io, write_whole};
use changzhi_model::Name;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// Bytes of one kept input.
pub const MAX_KEPT_BYTES: usize = 16 * 1024 * 1024;
/// Kept inputs of one plugin.
pub const MAX_KEPT_FOR_A_PLUGIN: usize = 64;
const MAX_REASON: usize = 4096;

/// One kept input. `number` counts up for each plugin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptInput {
    pub plugin: Name,
    pub number: u64,
    pub reason: String,
    pub input: Vec<u8>,
}

pub(crate) enum Quarantine {
    Files(PathBuf, Mutex<()>),
    Memory(Mutex<BTreeMap<(Name, u64), Vec<u8>>>),
}

fn encode(reason: &str, input: &[u8]) -> Vec<u8> {
    let mut out = (reason.len() as u32).to_le_bytes().to_vec();
    out.extend_from_slice(reason.as_bytes());
    out.extend_from_slice(input);
    let crc = crc32fast::hash(&out);
    out.extend_from_slice(&crc.to_le_bytes());
    out
}

fn decode(plugin: &Name, number: u64, bytes: &[u8]) -> Result<KeptInput, StoreError> {
    let damaged = || StoreError::Quarantine(format!("kept input {number} of {plugin} is damaged: remove it"));
    let (body, crc) = bytes.split_last_chunk::<4>().ok_or_else(damaged)?;
    if crc32fast::hash(body).to_le_bytes() != *crc {
        return Err(damaged());
    }
    let (len, rest) = body.split_first_chunk::<4>().ok_or_else(damaged)?;
    let (reason, input) = rest.split_at_checked(u32::from_le_bytes(*len) as usize).ok_or_else(damaged)?;
    let reason = String::from_utf8(reason.to_vec()).map_err(|_| damaged())?;
    Ok(KeptInput { plugin: plugin.clone(), number, reason, input: input.to_vec() })
}

/// A plugin's name becomes a folder's: letters, digits and dashes only.
fn checked(plugin: &str) -> Result<(), StoreError> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if plugin.is_empty() || plugin.len() > 64 || !plugin.bytes().all(fits) {
        return Err(StoreError::Quarantine(format!("{plugin:?} is not a plugin's name")));
    }
    Ok(())
}

impl Quarantine {
    pub(crate) fn put(&self, plugin: &Name, reason: &str, input: &[u8]) -> Result<u64, StoreError> {
        checked(plugin)?;
        if input.len() > MAX_KEPT_BYTES {
            let n = input.len();
            return Err(StoreError::Quarantine(format!("an input of {n} bytes is over the limit of {MAX_KEPT_BYTES}")));
        }
        let bytes = encode(&reason.chars().take(MAX_REASON / 4).collect::<String>(), input);
        match self {
            Quarantine::Memory(map) => {
                let mut map = map.lock();
                let numbers: Vec<u64> = map.keys().filter(|(p, _)| p == plugin).map(|(_, n)| *n).collect();
                let number = numbers.last().map_or(1, |n| n + 1);
                map.insert((plugin.clone(), number), bytes);
                for old in surplus(&numbers) {
                    map.remove(&(plugin.clone(), *old));
                }
                Ok(number)
            }
            Quarantine::Files(_, lock) => {
                let _one = lock.lock();
                let numbers = self.numbers(plugin)?;
                let number = numbers.last().map_or(1, |n| n + 1);
                let path = self.path(plugin, number);
                if let Some(dir) = path.parent() {
                    fs::create_dir_all(dir).map_err(io(dir, "create"))?;
                }
                write_whole(&path, &bytes)?;
                for old in surplus(&numbers) {
                    self.remove(plugin, *old)?;
                }
                Ok(number)
            }
        }
    }

    /// The kept numbers of a plugin, oldest first.
    pub(crate) fn numbers(&self, plugin: &Name) -> Result<Vec<u64>, StoreError> {
        checked(plugin)?;
        let mut found = Vec::new();
        match self {
            Quarantine::Memory(map) => found.extend(map.lock().keys().filter(|(p, _)| p == plugin).map(|(_, n)| *n)),
            Quarantine::Files(dir, _) => {
                let dir = dir.join(plugin.as_str());
                let entries = match fs::read_dir(&dir) {
                    Ok(entries) => entries,
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(found),
                    Err(e) => return Err(io(&dir, "listing")(e)),
                };
                for entry in entries {
                    let name = entry.map_err(io(&dir, "listing"))?.file_name();
                    found.extend(
                        name.to_str().and_then(|n| n.strip_suffix(".input")).and_then(|n| n.parse::<u64>().ok()),
                    );
                }
                found.sort_unstable();
            }
        }
        Ok(found)
    }

    pub(crate) fn get(&self, plugin: &Name, number: u64) -> Result<Option<KeptInput>, StoreError> {
        checked(plugin)?;
        let bytes = match self {
            Quarantine::Memory(map) => map.lock().get(&(plugin.clone(), number)).cloned(),
            Quarantine::Files(..) => match fs::read(self.path(plugin, number)) {
                Ok(bytes) => Some(bytes),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
                Err(e) => return Err(io(&self.path(plugin, number), "read")(e)),
            },
        };
        bytes.map(|b| decode(plugin, number, &b)).transpose()
    }

    pub(crate) fn remove(&self, plugin: &Name, number: u64) -> Result<(), StoreError> {
        checked(plugin)?;
        match self {
            Quarantine::Memory(map) => {
                map.lock().remove(&(plugin.clone(), number));
                Ok(())
            }
            Quarantine::Files(..) => match fs::remove_file(self.path(plugin, number)) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(io(&self.path(plugin, number), "unlink")(e)),
                _ => Ok(()),
            },
        }
    }

    fn path(&self, plugin: &Name, number: u64) -> PathBuf {
        match self {
            Quarantine::Files(dir, _) => dir.join(plugin.as_str()).join(format!("{number}.input")),
            Quarantine::Memory(_) => PathBuf::new(),
        }
    }
}

/// Which of the numbers go when one more comes.
fn surplus(numbers: &[u64]) -> &[u64] {
    numbers.get(..(numbers.len() + 1).saturating_sub(MAX_KEPT_FOR_A_PLUGIN)).unwrap_or_default()
}
