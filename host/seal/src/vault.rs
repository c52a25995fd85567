//! The vault itself: who has a key, what is pending, what is durable.

use crate::crypt::{self, Secret, random};
use crate::format::{self, Entry, GROUP_MAX, Slot, group, group_len, header, scan};
use crate::kek::{FileKeks, destroy, io, numbered, sync_dir, write_new};
use crate::rotate::{Step, rotate};
use crate::{Kek, KekSource, SealError};
use changzhi_model::EntityId;
use hashbrown::HashMap;
use parking_lot::RwLock;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Space held ready in the key file, so that a full disk refuses a new subject instead of failing the journal's commit.
const ROOM: u64 = 64 * 1024;

/// How a vault is opened.
pub struct Options {
    pub keks: Arc<dyn KekSource>,
    /// Called between the steps of an erasure; an error stops it there, as a crash would. For tests.
    pub at_step: Box<dyn Fn(Step) -> Result<(), SealError> + Send + Sync>,
}

impl Options {
    /// KEKs as files in the folder of the keys.
    pub fn files(dir: impl Into<PathBuf>) -> Options {
        Options { keks: Arc::new(FileKeks::new(dir)), at_step: Box::new(|_| Ok(())) }
    }
}

pub(crate) struct Files {
    pub(crate) file: File,
    /// Where the next group goes.
    pub(crate) end: u64,
    /// Bytes the file has.
    pub(crate) room: u64,
}

pub(crate) struct State {
    pub(crate) generation: u64,
    pub(crate) kek: Kek,
    pub(crate) slots: HashMap<EntityId, Slot>,
    /// Made, not yet durable.
    pub(crate) pending: Vec<Entry>,
    pub(crate) files: Option<Files>,
    pub(crate) failed: Option<String>,
}

struct Place {
    dir: PathBuf,
    options: Options,
    _lock: File,
}

/// A key for each subject. Shared by reference; all calls take `&self`.
pub struct Vault {
    state: RwLock<State>,
    place: Option<Place>,
    cut: u64,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("subjects", &self.len()).finish_non_exhaustive()
    }
}

pub(crate) fn keys_path(dir: &Path, generation: u64) -> PathBuf {
    dir.join(format!("subjects-{generation}"))
}

impl Vault {
    /// A vault that lives and dies with the process.
    pub fn in_memory() -> Vault {
        let state = State {
            generation: 1,
            kek: Kek::new(rand::random()),
            slots: HashMap::new(),
            pending: Vec::new(),
            files: None,
            failed: None,
        };
        Vault { state: RwLock::new(state), place: None, cut: 0 }
    }

    /// Opens or makes the vault in `dir`, KEK files included. A torn tail is cut, damage refused, strays of an interrupted
    /// erasure destroyed.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Vault, SealError> {
        let dir = dir.into();
        let options = Options::files(&dir);
        Vault::open_with(dir, options)
    }

    pub fn open_with(dir: impl Into<PathBuf>, options: Options) -> Result<Vault, SealError> {
        let dir = dir.into();
        fs::create_dir_all(&dir).map_err(io(&dir, "create"))?;
        let lock_path = dir.join("lock");
        let lock = File::create(&lock_path).map_err(io(&lock_path, "create"))?;
        lock.try_lock().map_err(|_| SealError::Held(dir.clone()))?;

        let keks = &options.keks;
        let known = keks.generations()?;
        let generation = match (numbered(&dir, "subjects-")?.last(), known.last()) {
            (Some(newest), _) => *newest,
            (None, Some(kek)) => {
                let what = "it is gone although its key-encryption key is there";
                return Err(SealError::Damaged { path: keys_path(&dir, *kek), at: 0, what });
            }
            (None, None) => {
                let path = keys_path(&dir, 1);
                let fresh = path.with_extension("new");
                write_new(&fresh, &header(1))?;
                fs::rename(&fresh, &path).map_err(io(&path, "rename"))?;
                sync_dir(&dir)?;
                1
            }
        };
        let path = keys_path(&dir, generation);
        let bytes = Zeroizing::new(fs::read(&path).map_err(io(&path, "read"))?);
        let found = scan(&bytes, generation).map_err(|(at, what)| SealError::Damaged {
            path: path.clone(),
            at: at as u64,
            what,
        })?;
        // The very first start writes the key file, then the KEK: a crash in between leaves an empty file without one.
        let kek = if known.contains(&generation) || generation != 1 || found.end != format::HEADER || found.torn != 0 {
            keks.load(generation)?
        } else {
            keks.create(generation)?
        };
        let first = found.entries.iter().find_map(|(s, slot)| match slot {
            Slot::Key(w) => Some((*s, w)),
            Slot::Erased => None,
        });
        if let Some((subject, wrapped)) = first {
            crypt::unwrap(&kek.0, generation, subject, wrapped)?;
        }
        if found.torn != 0 {
            tracing::warn!(file = %path.display(), at = found.end, bytes = found.torn, "torn tail of the key file cut");
        }
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(io(&path, "open"))?;
        file.set_len(found.end as u64).map_err(io(&path, "cut"))?;
        file.sync_all().map_err(io(&path, "fsync"))?;
        sweep(&dir, keks.as_ref(), generation)?;

        let end = found.end as u64;
        let state = State {
            generation,
            kek,
            slots: found.entries.into_iter().collect(),
            pending: Vec::new(),
            files: Some(Files { file, end, room: end }),
            failed: None,
        };
        let place = Place { dir, options, _lock: lock };
        Ok(Vault { state: RwLock::new(state), place: Some(place), cut: found.torn as u64 })
    }

    /// Bytes of a torn tail that opening cut: keys in it were never acknowledged.
    pub fn cut(&self) -> u64 {
        self.cut
    }

    /// Subjects that have a key.
    pub fn len(&self) -> usize {
        self.state.read().slots.values().filter(|s| matches!(s, Slot::Key(_))).count()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Seals `plain` for `subject`, bound to `aad` (entity, facet and field). Makes the subject's key when it has none; the key
    /// becomes durable at the next [`Vault::sync`]. Refuses an erased subject.
    pub fn seal(&self, subject: EntityId, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let key = match self.key(subject)? {
            Some(key) => key,
            None => self.make(subject)?,
        };
        crypt::seal(&key, subject, aad, plain)
    }

    /// Opens what [`Vault::seal`] made with the same `aad`. `None`: the subject was erased.
    pub fn unseal(&self, subject: EntityId, aad: &[u8], sealed: &[u8]) -> Result<Option<Vec<u8>>, SealError> {
        match self.key(subject) {
            Ok(Some(key)) => crypt::open(&key, subject, aad, sealed).map(Some),
            Ok(None) => Err(SealError::KeyMissing(subject)),
            Err(SealError::Erased(_)) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Its key was destroyed.
    pub fn is_erased(&self, subject: EntityId) -> bool {
        matches!(self.state.read().slots.get(&subject), Some(Slot::Erased))
    }

    fn key(&self, subject: EntityId) -> Result<Option<Secret>, SealError> {
        let state = self.state.read();
        match state.slots.get(&subject) {
            Some(Slot::Key(wrapped)) => crypt::unwrap(&state.kek.0, state.generation, subject, wrapped).map(Some),
            Some(Slot::Erased) => Err(SealError::Erased(subject)),
            None => Ok(None),
        }
    }

    fn make(&self, subject: EntityId) -> Result<Secret, SealError> {
        let mut state = self.state.write();
        if let Some(reason) = &state.failed {
            return Err(SealError::Stopped(reason.clone()));
        }
        // Somebody may have made it between the two locks.
        match state.slots.get(&subject) {
            Some(Slot::Key(w)) => return crypt::unwrap(&state.kek.0, state.generation, subject, w),
            Some(Slot::Erased) => return Err(SealError::Erased(subject)),
            None => {}
        }
        let key = Zeroizing::new(random()?);
        let wrapped = crypt::wrap(&state.kek.0, state.generation, subject, &key)?;
        self.push(&mut state, (subject, Slot::Key(wrapped)))?;
        Ok(key)
    }

    fn push(&self, state: &mut State, entry: Entry) -> Result<(), SealError> {
        let groups = state.pending.len() / GROUP_MAX + 1;
        let need = group_len(state.pending.len() + 1) + group_len(0) * groups as u64;
        if let (Some(files), Some(place)) = (&mut state.files, &self.place) {
            while files.end + need > files.room {
                let zeros = vec![0; ROOM as usize];
                let path = keys_path(&place.dir, state.generation);
                files.file.write_all_at(&zeros, files.room).map_err(|source| SealError::Full { path, source })?;
                files.room += ROOM;
            }
            state.pending.push(entry.clone());
        }
        state.slots.insert(entry.0, entry.1);
        Ok(())
    }

    /// Makes every key made so far durable. Nothing to do and no system call when there is none. After an error nothing more
    /// can be made durable: the host must exit.
    pub fn sync(&self) -> Result<(), SealError> {
        if self.state.read().pending.is_empty() {
            return Ok(());
        }
        let mut state = self.state.write();
        self.flush(&mut state)
    }

    fn flush(&self, state: &mut State) -> Result<(), SealError> {
        if let Some(reason) = &state.failed {
            return Err(SealError::Stopped(reason.clone()));
        }
        let (Some(place), Some(files)) = (&self.place, &mut state.files) else { return Ok(()) };
        let path = keys_path(&place.dir, state.generation);
        let mut write = || -> Result<(), SealError> {
            for chunk in state.pending.chunks(GROUP_MAX) {
                let mut bytes = Vec::new();
                group(&mut bytes, chunk);
                files.file.write_all_at(&bytes, files.end).map_err(io(&path, "write"))?;
                files.file.sync_data().map_err(io(&path, "fdatasync"))?;
                files.end += bytes.len() as u64;
                files.room = files.room.max(files.end);
            }
            Ok(())
        };
        match write() {
            Ok(()) => {
                state.pending.clear();
                Ok(())
            }
            Err(e) => {
                state.failed = Some(e.to_string());
                Err(e)
            }
        }
    }

    /// Destroys the subject's key: durable on return, and no file of the folder holds it or what unwraps it. Doing it again is
    /// harmless. Holds the vault for as long as re-wrapping every other key takes.
    pub fn erase(&self, subject: EntityId) -> Result<(), SealError> {
        self.erase_all(&[subject])
    }

    /// [`Vault::erase`] of many for the price of one.
    pub fn erase_all(&self, subjects: &[EntityId]) -> Result<(), SealError> {
        let mut state = self.state.write();
        if let Some(reason) = &state.failed {
            return Err(SealError::Stopped(reason.clone()));
        }
        let Some(place) = &self.place else {
            for subject in subjects {
                state.slots.insert(*subject, Slot::Erased);
            }
            return Ok(());
        };
        self.flush(&mut state)?;
        if subjects.iter().any(|s| matches!(state.slots.get(s), Some(Slot::Key(_)))) {
            return rotate(&mut state, &place.dir, place.options.keks.as_ref(), subjects, &place.options.at_step);
        }
        // No key to destroy: the mark alone keeps one from being made. An earlier erasure may have left strays.
        for subject in subjects {
            if !state.slots.contains_key(subject) {
                self.push(&mut state, (*subject, Slot::Erased))?;
            }
        }
        self.flush(&mut state)?;
        sweep(&place.dir, place.options.keks.as_ref(), state.generation)
    }
}

/// Destroys every key file and KEK that is not of `current`.
fn sweep(dir: &Path, keks: &dyn KekSource, current: u64) -> Result<(), SealError> {
    for generation in keks.generations()?.into_iter().filter(|g| *g != current) {
        keks.destroy(generation)?;
    }
    for generation in numbered(dir, "subjects-")?.into_iter().filter(|g| *g != current) {
        destroy(&keys_path(dir, generation))?;
    }
    for generation in [current, current + 1] {
        destroy(&keys_path(dir, generation).with_extension("new"))?;
    }
    sync_dir(dir)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn no_file_ever_holds_a_subject_key_in_the_open_and_only_the_owner_reads_them() {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::open(dir.path()).unwrap();
        vault.seal(EntityId(1), b"aad", b"plain").unwrap();
        vault.seal(EntityId(2), b"aad", b"plain").unwrap();
        vault.sync().unwrap();
        let keys = [vault.key(EntityId(1)).unwrap().unwrap(), vault.key(EntityId(2)).unwrap().unwrap()];
        for _ in 0..2 {
            for entry in fs::read_dir(dir.path()).unwrap() {
                let path = entry.unwrap().path();
                let bytes = fs::read(&path).unwrap();
                for key in &keys {
                    assert!(!bytes.windows(key.len()).any(|w| w == &key[..]), "{path:?}");
                }
                if !path.ends_with("lock") {
                    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{path:?}");
                }
            }
            vault.erase(EntityId(1)).unwrap();
        }
        assert_eq!(vault.key(EntityId(2)).unwrap().unwrap(), keys[1], "the survivor keeps its key");
    }
}
