//! AES-256-GCM and randomness, in the two shapes the vault needs: values and wrapped keys.

use crate::SealError;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use changzhi_model::EntityId;
use rand::TryRng;
use zeroize::Zeroizing;

pub(crate) const NONCE: usize = 12;
pub(crate) const TAG: usize = 16;
pub(crate) const KEY: usize = 32;
pub(crate) const WRAPPED: usize = KEY + TAG;
pub(crate) type Secret = Zeroizing<[u8; KEY]>;

/// Bytes of the operating system's random source.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], SealError> {
    let mut out = [0; N];
    rand::rngs::SysRng.try_fill_bytes(&mut out).map_err(|e| SealError::Random(e.to_string()))?;
    Ok(out)
}

/// A key as kept: nonce and ciphertext under the KEK.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Wrapped {
    pub(crate) nonce: [u8; NONCE],
    pub(crate) bytes: [u8; WRAPPED],
}

/// The wrapping is bound to generation and subject, so that no wrapped key can take another's place.
fn wrap_aad(generation: u64, subject: EntityId) -> [u8; 16] {
    let mut aad = [0; 16];
    for (to, from) in aad.iter_mut().zip(generation.to_le_bytes().into_iter().chain(subject.0.to_le_bytes())) {
        *to = from;
    }
    aad
}

pub(crate) fn wrap(kek: &Secret, generation: u64, subject: EntityId, key: &Secret) -> Result<Wrapped, SealError> {
    let nonce = random()?;
    let aad = wrap_aad(generation, subject);
    let sealed = Aes256Gcm::new((&**kek).into())
        .encrypt(&Nonce::from(nonce), Payload { msg: &key[..], aad: &aad })
        .map_err(|_| SealError::KeyDamaged(subject))?;
    let bytes = sealed.try_into().map_err(|_| SealError::KeyDamaged(subject))?;
    Ok(Wrapped { nonce, bytes })
}

pub(crate) fn unwrap(kek: &Secret, generation: u64, subject: EntityId, wrapped: &Wrapped) -> Result<Secret, SealError> {
    let aad = wrap_aad(generation, subject);
    let plain = Aes256Gcm::new((&**kek).into())
        .decrypt(&Nonce::from(wrapped.nonce), Payload { msg: &wrapped.bytes, aad: &aad })
        .map(Zeroizing::new)
        .map_err(|_| SealError::KeyDamaged(subject))?;
    let mut key = Secret::default();
    if plain.len() != KEY {
        return Err(SealError::KeyDamaged(subject));
    }
    key.copy_from_slice(&plain);
    Ok(key)
}

/// nonce ‖ ciphertext ‖ tag. The nonce is random: at most 2^32 values for one subject, far above any person's record.
pub(crate) fn seal(key: &Secret, subject: EntityId, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
    let nonce: [u8; NONCE] = random()?;
    let sealed = Aes256Gcm::new((&**key).into())
        .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad })
        .map_err(|_| SealError::NotOpened(subject))?;
    let mut out = Vec::with_capacity(NONCE + sealed.len());
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    Ok(out)
}

pub(crate) fn open(key: &Secret, subject: EntityId, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE>().ok_or(SealError::NotOpened(subject))?;
    Aes256Gcm::new((&**key).into())
        .decrypt(&Nonce::from(*nonce), Payload { msg: body, aad })
        .map_err(|_| SealError::NotOpened(subject))
}
