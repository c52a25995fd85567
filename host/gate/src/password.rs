//! Passwords: argon2id with stated parameters.
//!
//! A password is hashed before it becomes part of a `Submission`, so that neither the journal nor the digest of a request
//! holds anything that can be guessed cheaply. The salt is made from the request, which makes a retry of the same request
//! the same body; salts need to be unique, not secret.

use argon2::{Algorithm, Argon2, Params, Version};
use changzhi_model::RequestId;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Memory in KiB, passes, lanes: what OWASP names as the least for argon2id. Kept with each hash, so it can be raised.
pub const ARGON2: (u32, u32, u32) = (19_456, 2, 1);
/// Characters. NIST SP 800-63B: length is what counts.
pub const PASSWORD_MIN: usize = 8;
const SCHEME: &str = "argon2id";
const OUTPUT: usize = 32;
/// A stored hash asking for more than this is damage, not a parameter.
const MEMORY_MAX: u32 = 1 << 20;

/// `argon2id$19$memory$passes$lanes$salt$hash`, salt and hash in hex.
pub fn hash(password: &str, login: &str, request: RequestId) -> Result<String, String> {
    let mut salt = Sha256::new();
    salt.update(b"changzhi password salt");
    salt.update(request.0);
    salt.update(login.as_bytes());
    let salt: Vec<u8> = salt.finalize().iter().take(16).copied().collect();
    let out = derive(password, &salt, ARGON2)?;
    let (m, t, p) = ARGON2;
    Ok(format!("{SCHEME}$19${m}${t}${p}${}${}", hex::encode(&salt), hex::encode(*out)))
}

/// Looks like what [`hash`] makes.
pub fn is_hash(stored: &str) -> bool {
    parts(stored).is_some()
}

/// Takes the same time whether it fits or not. A stored text that is no hash fits nothing.
pub(crate) fn verify(password: &str, stored: &str) -> bool {
    let Some((params, salt, want)) = parts(stored) else { return false };
    derive(password, &salt, params).is_ok_and(|out| bool::from(out.as_slice().ct_eq(&want)))
}

fn derive(password: &str, salt: &[u8], (m, t, p): (u32, u32, u32)) -> Result<Zeroizing<[u8; OUTPUT]>, String> {
    let params = Params::new(m, t, p, Some(OUTPUT)).map_err(|e| format!("argon2 parameters: {e}"))?;
    let mut out = Zeroizing::new([0; OUTPUT]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, out.as_mut_slice())
        .map_err(|e| format!("argon2: {e}"))?;
    Ok(out)
}

type Parts = ((u32, u32, u32), Vec<u8>, Vec<u8>);

fn parts(stored: &str) -> Option<Parts> {
    let mut it = stored.split('$');
    let (SCHEME, "19") = (it.next()?, it.next()?) else { return None };
    let params = (it.next()?.parse().ok()?, it.next()?.parse().ok()?, it.next()?.parse().ok()?);
    let salt = hex::decode(it.next()?).ok()?;
    let want = hex::decode(it.next()?).ok()?;
    let sound =
        it.next().is_none() && params.0 <= MEMORY_MAX && params.1 <= 64 && params.2 <= 16 && want.len() == OUTPUT;
    sound.then_some((params, salt, want))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let stored = hash("correct horse", "li", RequestId([1; 16])).unwrap();
        assert!(verify("correct horse", &stored));
        assert!(!verify("correct hors", &stored));
        assert!(stored.contains("$19456$2$1$"), "{stored}");
        assert!(!stored.contains("correct"));
        assert!(is_hash(&stored) && !is_hash("correct horse"));
    }

    #[test]
    fn the_same_request_hashes_alike_another_does_not() {
        let first = hash("correct horse", "li", RequestId([1; 16])).unwrap();
        assert_eq!(first, hash("correct horse", "li", RequestId([1; 16])).unwrap());
        assert_ne!(first, hash("correct horse", "li", RequestId([2; 16])).unwrap());
    }

    #[test]
    fn a_damaged_hash_fits_nothing_and_costs_nothing() {
        for bad in
            ["", "argon2id", "argon2id$19$4294967295$2$1$00$00", "bcrypt$19$1$1$1$aa$bb", "argon2id$19$8$1$1$zz$zz"]
        {
            assert!(!verify("", bad), "{bad}");
        }
    }
}
