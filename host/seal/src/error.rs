//! What can go wrong with keys, and how to mend it.

use changzhi_model::EntityId;
use std::path::PathBuf;

/// Why a value was not sealed or opened, or the vault not opened. No case carries a key or a plaintext.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("key file {path}: {what} failed: {source}; check the disk and the folder's rights, then start again")]
    Io { path: PathBuf, what: &'static str, source: std::io::Error },
    #[error("no room for a new key in {path}: {source}; free space on this disk, nothing was written")]
    Full { path: PathBuf, source: std::io::Error },
    #[error(
        "{path} is damaged at byte {at}: {what}; restore the folder of keys from its backup, values cannot be opened without it"
    )]
    Damaged { path: PathBuf, at: u64, what: &'static str },
    #[error("{0}: the key-encryption key that opens the key file is missing; restore it from its backup")]
    KekMissing(PathBuf),
    #[error("folder {0} is held by another process; stop it first")]
    Held(PathBuf),
    #[error(
        "no key is known for subject {0}: its key was lost with a torn or restored key file; restore the newest backup of the keys"
    )]
    KeyMissing(EntityId),
    #[error(
        "the wrapped key of subject {0} does not open under the key-encryption key: restore the folder of keys from its backup"
    )]
    KeyDamaged(EntityId),
    #[error("subject {0} was erased: nothing can be sealed for it any more, create a new entity")]
    Erased(EntityId),
    #[error("a sealed value of subject {0} does not open: it was altered or moved from another field")]
    NotOpened(EntityId),
    #[error("the system's random source failed: {0}")]
    Random(String),
    #[error("the vault stopped after an earlier failure ({0}): start the host again")]
    Stopped(String),
}
