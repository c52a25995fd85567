//! A key for each subject: personal fields are sealed under it and erased by destroying it.
//!
//! The journal never changes, so what must be forgotten is kept in it only as ciphertext. [`Vault`] holds one random AES-256-GCM
//! key for each subject, wrapped under a key-encryption key (KEK) that lives in a file of its own. Erasing rewrites the key file
//! without the subject under a fresh KEK and destroys the old pair: whatever copy of the old key file survives on the medium
//! cannot be unwrapped any more.
//!
//! Price: 69 bytes in memory and in the file for each subject, one unwrap (one more AES-GCM of 32 bytes) for each seal and
//! unseal, and an erasure re-wraps every surviving key. Overwriting a file in place is a courtesy on disks that remap blocks;
//! where the law asks for more, put the KEK in a TPM or KMS behind [`KekSource`].

mod crypt;
mod error;
mod format;
mod kek;
mod rotate;
mod vault;

pub use error::SealError;
pub use kek::{FileKeks, Kek, KekSource};
pub use rotate::Step;
pub use vault::{Options, Vault};
