//! AES-256-GCM under a key made for one file.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use rand::TryRng;
use zeroize::Zeroizing;

const KEY: usize = 32;
const NONCE: usize = 12;

/// The key of one file.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; KEY]>);

/// Why bytes cannot be sealed or opened.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SealError {
    #[error("the operating system gives no randomness: {0}")]
    Random(String),
    #[error("the key does not open these bytes: they were changed, or belong to another file")]
    Wrong,
}

impl Key {
    /// To be kept sealed, and nowhere in the open.
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(&self.0[..]))
    }

    /// `None`: no key.
    pub fn from_hex(text: &str) -> Option<Key> {
        let bytes = Zeroizing::new(hex::decode(text).ok()?);
        Some(Key(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    fn cipher(&self) -> Result<Aes256Gcm, SealError> {
        Aes256Gcm::new_from_slice(&self.0[..]).map_err(|_| SealError::Wrong)
    }
}

/// Seals bytes under a key made for them. A key seals once, so its nonce need not be remembered; it stands before the bytes.
///
/// # Errors
/// No randomness.
pub fn seal(plain: &[u8]) -> Result<(Key, Vec<u8>), SealError> {
    let mut random = Zeroizing::new([0_u8; KEY + NONCE]);
    rand::rngs::SysRng.try_fill_bytes(&mut random[..]).map_err(|e| SealError::Random(e.to_string()))?;
    let (key, nonce) = random.split_at(KEY);
    let key = Key(Zeroizing::new(key.try_into().map_err(|_| SealError::Wrong)?));
    let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| SealError::Wrong)?;
    let mut out = nonce.to_vec();
    out.extend(key.cipher()?.encrypt(&Nonce::from(nonce), plain).map_err(|_| SealError::Wrong)?);
    Ok((key, out))
}

/// Opens what [`seal`] made.
///
/// # Errors
/// [`SealError::Wrong`] when one bit differs.
pub fn open(key: &Key, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let (nonce, rest) = sealed.split_at_checked(NONCE).ok_or(SealError::Wrong)?;
    let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| SealError::Wrong)?;
    key.cipher()?.decrypt(&Nonce::from(nonce), rest).map_err(|_| SealError::Wrong)
}
