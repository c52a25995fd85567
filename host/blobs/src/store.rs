//! Where sealed files lie, behind a trait.

use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The SHA-256 of the bytes under it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobName(pub(crate) [u8; 32]);

impl BlobName {
    pub fn of(bytes: &[u8]) -> BlobName {
        BlobName(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobName({self})")
    }
}

impl FromStr for BlobName {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<BlobName, StoreError> {
        let mut name = [0; 32];
        // One spelling only: what is a file name has no second way to be written.
        let small = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !small || hex::decode_to_slice(text, &mut name).is_err() {
            return Err(StoreError::Name);
        }
        Ok(BlobName(name))
    }
}

/// Why a store does not do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("a blob's name is 64 lower-case hexadecimal digits")]
    Name,
    #[error("blob {0} is not there")]
    Missing(BlobName),
    #[error("blob {0} is damaged: its bytes do not fit its name; put it back from a backup")]
    Damaged(BlobName),
    #[error("the disk of the files is full: free space")]
    Full,
    #[error("{what}: {source}")]
    Io { what: String, source: std::io::Error },
}

/// A store of bytes named by their hash. Shared; all calls take `&self` and block for the disk.
pub trait Blobs: Send + Sync + fmt::Debug {
    /// Durable when it returns. The same bytes again are the same name and no second copy.
    ///
    /// # Errors
    /// [`StoreError::Full`] before anything is changed, or an error of the disk.
    fn put(&self, bytes: &[u8]) -> Result<BlobName, StoreError>;

    /// # Errors
    /// [`StoreError::Missing`], and [`StoreError::Damaged`] when the bytes do not fit the name.
    fn get(&self, name: BlobName) -> Result<Vec<u8>, StoreError>;

    /// Gone when it returns, also when it was not there.
    ///
    /// # Errors
    /// An error of the disk.
    fn remove(&self, name: BlobName) -> Result<(), StoreError>;

    /// Every name, with how long it has been there.
    ///
    /// # Errors
    /// An error of the disk.
    fn list(&self) -> Result<Vec<(BlobName, Duration)>, StoreError>;
}
