//! A disk in memory with a volatile write cache, for tests that must see power cuts and faults.
//!
//! Model: a write lands in the cache. A sync moves the file's cached sectors (512 bytes) to the medium. When the power
//! goes, each sector still in the cache survives with probability one half, and of the folder changes since the last
//! folder sync a random prefix survives. A failed sync drops its sectors from the "to be written" list while reads still
//! see them, as Linux does. Everything is decided by the seed. Price: every file is held twice in memory.

use crate::{Disk, DiskFile};
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

const SECTOR: usize = 512;

#[derive(Clone, Default)]
struct SimData {
    /// What reads see.
    seen: Vec<u8>,
    /// What is on the medium.
    kept: Vec<u8>,
    /// Sectors a sync would write.
    cached: BTreeSet<usize>,
    /// Sectors a failed sync gave up: seen, never written.
    given_up: BTreeSet<usize>,
}

#[derive(Clone)]
enum FolderChange {
    Make(String, u64),
    Rename(String, String),
    Remove(String),
}

#[derive(Clone, Default)]
struct Sim {
    names: BTreeMap<String, u64>,
    kept_names: BTreeMap<String, u64>,
    changes: Vec<FolderChange>,
    files: BTreeMap<u64, SimData>,
    next_file: u64,
    capacity: Option<u64>,
    syncs: u64,
    fail_sync_at: Option<u64>,
    ops: u64,
    dead_after: Option<u64>,
    dead: bool,
}

/// Cheap to clone: clones are the same disk.
#[derive(Clone, Default)]
pub struct SimDisk(Arc<Mutex<Sim>>);

impl SimDisk {
    pub fn new() -> SimDisk {
        SimDisk::default()
    }

    /// The disk as it would be found after a power cut right now; this one runs on.
    pub fn after_power_cut(&self, seed: u64) -> SimDisk {
        let now = self.0.lock();
        let mut dice = seed;
        let mut kept_names = now.kept_names.clone();
        let survive = usize::try_from(roll(&mut dice) % (now.changes.len() as u64 + 1)).unwrap_or(0);
        for change in now.changes.iter().take(survive) {
            apply(&mut kept_names, change);
        }
        let mut files = BTreeMap::new();
        for id in kept_names.values() {
            let mut kept = now.files.get(id).cloned().unwrap_or_default();
            let (seen, cached) = (std::mem::take(&mut kept.seen), std::mem::take(&mut kept.cached));
            for sector in cached {
                if roll(&mut dice) & 1 == 0 {
                    copy_sector(&seen, &mut kept.kept, sector);
                }
            }
            kept.given_up.clear();
            kept.seen = kept.kept.clone();
            files.insert(*id, kept);
        }
        SimDisk(Arc::new(Mutex::new(Sim {
            names: kept_names.clone(),
            kept_names,
            files,
            next_file: now.next_file,
            capacity: now.capacity,
            ..Sim::default()
        })))
    }

    /// Cuts the power: this disk fails every operation from now on; the returned one is what is found afterwards.
    pub fn power_cut(&self, seed: u64) -> SimDisk {
        self.0.lock().dead = true;
        self.after_power_cut(seed)
    }

    /// The power goes after `ops` more writes, syncs and folder changes: those that come later fail.
    pub fn die_after(&self, ops: u64) {
        let mut sim = self.0.lock();
        sim.dead_after = Some(sim.ops + ops);
    }

    /// The `n`-th sync from now (1 = the next) fails with an I/O error, once.
    pub fn fail_sync(&self, n: u64) {
        let mut sim = self.0.lock();
        sim.fail_sync_at = Some(sim.syncs + n);
    }

    /// At most this many bytes in all files together; `None` = no limit.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.0.lock().capacity = bytes;
    }

    /// Bytes of all files.
    pub fn used(&self) -> u64 {
        self.0.lock().used()
    }

    /// Syncs of files so far, those that failed included.
    pub fn syncs(&self) -> u64 {
        self.0.lock().syncs
    }

    /// Flips bit `bit` (0..8) of the byte at `offset`, on the medium and in the cache. False when there is no such byte.
    pub fn flip_bit(&self, name: &str, offset: u64, bit: u8) -> bool {
        let (at, mask) = (usize::try_from(offset).unwrap_or(usize::MAX), 1u8 << (bit % 8));
        self.edit(name, |bytes| bytes.get_mut(at).map(|b| *b ^= mask).is_some())
    }

    /// Changes a file behind the journal's back, medium and cache alike. False when `change` says so or there is no file.
    pub fn edit(&self, name: &str, mut change: impl FnMut(&mut Vec<u8>) -> bool) -> bool {
        let mut sim = self.0.lock();
        let Some(id) = sim.names.get(name).copied() else { return false };
        let Some(data) = sim.files.get_mut(&id) else { return false };
        change(&mut data.seen) & change(&mut data.kept)
    }

    /// The content of a file as reads see it.
    pub fn content(&self, name: &str) -> Option<Vec<u8>> {
        let sim = self.0.lock();
        sim.names.get(name).and_then(|id| sim.files.get(id)).map(|d| d.seen.clone())
    }
}

/// splitmix64.
fn roll(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn apply(names: &mut BTreeMap<String, u64>, change: &FolderChange) {
    match change {
        FolderChange::Make(name, id) => {
            names.insert(name.clone(), *id);
        }
        FolderChange::Rename(from, to) => {
            if let Some(id) = names.remove(from) {
                names.insert(to.clone(), id);
            }
        }
        FolderChange::Remove(name) => {
            names.remove(name);
        }
    }
}

fn copy_sector(from: &[u8], to: &mut Vec<u8>, sector: usize) {
    let start = sector * SECTOR;
    let end = (start + SECTOR).min(from.len());
    if to.len() < end {
        to.resize(end, 0);
    }
    if let (Some(from), Some(to)) = (from.get(start..end), to.get_mut(start..end)) {
        to.copy_from_slice(from);
    }
}

impl Sim {
    fn used(&self) -> u64 {
        self.names.values().filter_map(|id| self.files.get(id)).map(|d| d.seen.len() as u64).sum()
    }

    /// Counts one changing operation; fails when the power is gone.
    fn step(&mut self) -> io::Result<()> {
        self.ops += 1;
        if self.dead_after.is_some_and(|n| self.ops > n) {
            self.dead = true;
        }
        self.alive()
    }

    fn alive(&self) -> io::Result<()> {
        if self.dead { Err(io::Error::other("the simulated power is off")) } else { Ok(()) }
    }

    fn change(&mut self, change: FolderChange) -> io::Result<()> {
        self.step()?;
        apply(&mut self.names, &change);
        self.changes.push(change);
        Ok(())
    }

    fn sync(&mut self, id: u64) -> io::Result<()> {
        self.step()?;
        self.syncs += 1;
        let fails = self.fail_sync_at == Some(self.syncs);
        let data = self.files.get_mut(&id).ok_or(io::ErrorKind::NotFound)?;
        let mut cached = std::mem::take(&mut data.cached);
        if fails {
            data.given_up.append(&mut cached);
            return Err(io::Error::other("simulated sync error"));
        }
        for sector in cached {
            copy_sector(&data.seen, &mut data.kept, sector);
        }
        Ok(())
    }
}

fn no_file(name: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("no file {name}"))
}

impl Disk for SimDisk {
    fn place(&self) -> String {
        "a simulated disk".to_owned()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let sim = self.0.lock();
        sim.alive()?;
        Ok(sim.names.keys().cloned().collect())
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let sim = self.0.lock();
        sim.alive()?;
        let id = sim.names.get(name).copied().ok_or_else(|| no_file(name))?;
        Ok(Arc::new(SimFile { disk: self.clone(), id }))
    }

    fn create(&self, name: &str, len: u64) -> io::Result<Arc<dyn DiskFile>> {
        let mut sim = self.0.lock();
        if sim.capacity.is_some_and(|c| sim.used() + len > c) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        sim.next_file += 1;
        let id = sim.next_file;
        let seen = vec![0; usize::try_from(len).map_err(io::Error::other)?];
        let cached = (0..seen.len().div_ceil(SECTOR)).collect();
        sim.files.insert(id, SimData { seen, cached, ..SimData::default() });
        sim.change(FolderChange::Make(name.to_owned(), id))?;
        if let Err(e) = sim.sync(id) {
            let _ = sim.change(FolderChange::Remove(name.to_owned()));
            return Err(e);
        }
        Ok(Arc::new(SimFile { disk: self.clone(), id }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut sim = self.0.lock();
        if !sim.names.contains_key(from) {
            return Err(no_file(from));
        }
        sim.change(FolderChange::Rename(from.to_owned(), to.to_owned()))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut sim = self.0.lock();
        if !sim.names.contains_key(name) {
            return Err(no_file(name));
        }
        sim.change(FolderChange::Remove(name.to_owned()))
    }

    fn sync_dir(&self) -> io::Result<()> {
        let mut sim = self.0.lock();
        sim.step()?;
        sim.kept_names = sim.names.clone();
        sim.changes.clear();
        Ok(())
    }
}

struct SimFile {
    disk: SimDisk,
    id: u64,
}

impl DiskFile for SimFile {
    fn read_at(&self, to: &mut [u8], at: u64) -> io::Result<()> {
        let sim = self.disk.0.lock();
        sim.alive()?;
        let data = sim.files.get(&self.id).ok_or(io::ErrorKind::NotFound)?;
        let start = usize::try_from(at).map_err(io::Error::other)?;
        let from = data.seen.get(start..start.saturating_add(to.len())).ok_or(io::ErrorKind::UnexpectedEof)?;
        to.copy_from_slice(from);
        Ok(())
    }

    fn write_at(&self, from: &[u8], at: u64) -> io::Result<()> {
        let mut sim = self.disk.0.lock();
        sim.step()?;
        let data = sim.files.get_mut(&self.id).ok_or(io::ErrorKind::NotFound)?;
        let start = usize::try_from(at).map_err(io::Error::other)?;
        let end = start.saturating_add(from.len());
        if data.seen.len() < end {
            data.seen.resize(end, 0);
        }
        if let Some(to) = data.seen.get_mut(start..end) {
            to.copy_from_slice(from);
        }
        for sector in start / SECTOR..end.div_ceil(SECTOR) {
            data.cached.insert(sector);
            data.given_up.remove(&sector);
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.0.lock().sync(self.id)
    }

    fn len(&self) -> io::Result<u64> {
        let sim = self.disk.0.lock();
        sim.alive()?;
        Ok(sim.files.get(&self.id).map_or(0, |d| d.seen.len() as u64))
    }
}
