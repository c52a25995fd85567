//! Blobs that live and die with the process.

use crate::{BlobName, Blobs, StoreError};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// For tests, and for a city without a folder.
#[derive(Debug, Default)]
pub struct Memory(Mutex<BTreeMap<BlobName, (Vec<u8>, Instant)>>);

impl Memory {
    /// Changes the bytes under a name, as a failing disk does. For tests.
    pub fn damage(&self, name: BlobName) {
        if let Some((bytes, _)) = self.0.lock().get_mut(&name)
            && let Some(last) = bytes.last_mut()
        {
            *last ^= 1;
        }
    }
}

impl Blobs for Memory {
    fn put(&self, bytes: &[u8]) -> Result<BlobName, StoreError> {
        let name = BlobName::of(bytes);
        self.0.lock().entry(name).or_insert_with(|| (bytes.to_vec(), Instant::now()));
        Ok(name)
    }

    fn get(&self, name: BlobName) -> Result<Vec<u8>, StoreError> {
        let bytes = self.0.lock().get(&name).map(|(bytes, _)| bytes.clone()).ok_or(StoreError::Missing(name))?;
        if BlobName::of(&bytes) == name { Ok(bytes) } else { Err(StoreError::Damaged(name)) }
    }

    fn remove(&self, name: BlobName) -> Result<(), StoreError> {
        self.0.lock().remove(&name);
        Ok(())
    }

    fn list(&self) -> Result<Vec<(BlobName, Duration)>, StoreError> {
        Ok(self.0.lock().iter().map(|(name, (_, since))| (*name, since.elapsed())).collect())
    }
}
