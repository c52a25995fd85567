//! Destroying keys: the whole key file is written anew under a fresh KEK, then the old pair is destroyed.
//!
//! The rename of the new key file is the one moment that counts. Before it a crash leaves the old pair in force and stray new
//! files; after it the new pair is in force and stray old files. Opening destroys the strays.

use crate::crypt::{unwrap, wrap};
use crate::format::{GROUP_MAX, Slot, group, header};
use crate::kek::{destroy, io, sync_dir, write_new};
use crate::vault::{Files, State, keys_path};
use crate::{KekSource, SealError};
use changzhi_model::EntityId;
use std::fs::{self, OpenOptions};
use std::path::Path;
use zeroize::Zeroizing;

/// The moments of an erasure at which a test may stop it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    Begin,
    KekMade,
    FileWritten,
    Renamed,
    FolderSynced,
    OldKekDestroyed,
    OldFileDestroyed,
}

impl Step {
    pub const ALL: [Step; 7] = [
        Step::Begin,
        Step::KekMade,
        Step::FileWritten,
        Step::Renamed,
        Step::FolderSynced,
        Step::OldKekDestroyed,
        Step::OldFileDestroyed,
    ];
}

/// Erases `subjects` on disk and in `state`.
pub(crate) fn rotate(
    state: &mut State,
    dir: &Path,
    source: &dyn KekSource,
    subjects: &[EntityId],
    at: &dyn Fn(Step) -> Result<(), SealError>,
) -> Result<(), SealError> {
    at(Step::Begin)?;
    let old = state.generation;
    let new = old + 1;
    let kek = source.create(new)?;
    at(Step::KekMade)?;

    let mut slots = state.slots.clone();
    for subject in subjects {
        slots.insert(*subject, Slot::Erased);
    }
    for (subject, slot) in &mut slots {
        if let Slot::Key(wrapped) = slot {
            let key = unwrap(&state.kek.0, old, *subject, wrapped)?;
            *wrapped = wrap(&kek.0, new, *subject, &key)?;
        }
    }
    let mut bytes = Zeroizing::new(header(new));
    let entries: Vec<_> = slots.iter().map(|(s, k)| (*s, k.clone())).collect();
    for chunk in entries.chunks(GROUP_MAX) {
        group(&mut bytes, chunk);
    }
    let path = keys_path(dir, new);
    let fresh = path.with_extension("new");
    write_new(&fresh, &bytes)?;
    at(Step::FileWritten)?;

    fs::rename(&fresh, &path).map_err(io(&path, "rename"))?;
    // From here on the new pair is in force, whatever fails.
    let file = OpenOptions::new().read(true).write(true).open(&path).map_err(io(&path, "open"));
    state.generation = new;
    state.kek = kek;
    state.slots = slots;
    state.pending.clear();
    let len = bytes.len() as u64;
    let file = match file {
        Ok(file) => file,
        Err(e) => {
            state.failed = Some(e.to_string());
            return Err(e);
        }
    };
    state.files = Some(Files { file, end: len, room: len });
    at(Step::Renamed)?;
    if let Err(e) = sync_dir(dir) {
        state.failed = Some(e.to_string());
        return Err(e);
    }
    at(Step::FolderSynced)?;
    source.destroy(old)?;
    at(Step::OldKekDestroyed)?;
    destroy(&keys_path(dir, old))?;
    at(Step::OldFileDestroyed)?;
    sync_dir(dir)
}
