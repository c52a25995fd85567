//! Whose a matter is: a PIN instead of an account, or the account it was filed from.
//!
//! ```text
//! a command with a secret field `pin` ──► the gate makes a PIN, puts its hash into the field, tells the PIN to the asker alone
//! a command with a secret field `own` ──► the gate puts a hash of the account into it
//! a command with a secret field `device_secret` ──► the gate makes a secret, puts its hash into the field, tells it to the asker alone
//! the plugin ──► puts the one into `host.claim.pin`, and where the matter is the asker's own the other into `host.claim.own`
//! number and PIN ──► [`Gate::claim`] ──► a session that is nobody's account, about this matter, in the role `reporter`
//! an account about a matter it filed ──► [`Gate::proven`] lends it the role `reporter` for this request
//! ```
//!
//! Invariants: the PIN is a function of the request and of a secret of the host ([`Pepper`]), so a retry is told the same PIN, and
//! whoever knows code, seed and journal cannot compute it; only salted, keyed hashes are kept ([`Mark`]), so that whether a PIN or an
//! account fits can be asked and who filed what cannot be listed; a session that came by a PIN gives no
//! command and opens no page about anything but its matter; a wrong number and a wrong PIN are told alike and throttled alike.
//!
//! Price: five keyed hashes a report, no argon2: 10⁸ PINs are no password, what protects them is the key and the throttle. The hashes
//! are not sealed under the matter's key: that would protect them from nobody the city's secret does not, and each report would need
//! a key of its own (a third of the speed of filing).

use super::check::Checked;
use super::{Client, Gate, SignedIn};
use crate::identity::KEEP_SECRET;
use crate::session::REPORTER;
use crate::sessions::fresh;
use crate::{GateRefusal, HOST, Session};
use changzhi_model::{EntityId, Family, FieldDecl, Micros, Msg, Name, Named, Problem, RequestId, Text, Value};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// Name of the field the gate fills with a PIN's hash, and of the answer that tells the PIN.
pub const PIN: Name = Name::new_static("pin");
/// Name of the field the gate fills with the mark of the asker's account.
pub const OWN: Name = Name::new_static("own");
/// Name of the field the gate fills with the hash of a device's secret, and of the answer that tells the secret.
pub const DEVICE_SECRET: Name = Name::new_static("device_secret");
/// Digits of a PIN.
const DIGITS: usize = 8;
const FACET: &str = "host.claim";
/// Bytes of a mark's salt, and of its hash.
const SALT: usize = 8;
const HASH: usize = 16;
/// Fits no PIN and no word.
pub(super) const NOBODY: &str = "000000000000000000000000000000000000000000000000";
/// How long after its filing the account that filed it may see a PIN again, in microseconds.
const TOLD: i64 = 900 * Micros::SECOND;
/// What the pepper is kept under.
const NAME: &str = "pin";

/// 256 random bits in hex, made once for a city and kept sealed in its journal; here with the key's blocks already hashed.
pub(super) struct Pepper(Hmac<Sha256>);

impl Pepper {
    fn of(secret: &str) -> Option<Pepper> {
        // HMAC takes a key of any length.
        Hmac::new_from_slice(secret.as_bytes()).ok().map(Pepper)
    }
}

fn keyed(pepper: &Pepper, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = pepper.0.clone();
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The PIN of a request, in two groups.
fn pin(pepper: &Pepper, request: RequestId) -> String {
    let mac = keyed(pepper, &[b"changzhi pin", &request.0]);
    let number = mac.iter().take(8).fold(0_u64, |n, b| n << 8 | u64::from(*b)) % 10_u64.pow(DIGITS as u32);
    let digits = format!("{number:0DIGITS$}");
    let (first, rest) = digits.split_at(DIGITS / 2);
    format!("{first} {rest}")
}

/// The secret of a device: 128 bits in hex, a function of its mark's salt, which is one of the request. So it is kept nowhere, and yet the
/// host can make it again to check a signature by it; whoever has no pepper cannot.
fn device_secret(pepper: &Pepper, salt: &[u8]) -> String {
    let mac = keyed(pepper, &[b"changzhi device secret", salt]);
    format!("btn_{}", hex::encode(mac.get(..16).unwrap_or_default()))
}

/// How a device shows that it is itself.
#[derive(Clone, Copy)]
pub enum DeviceProof<'a> {
    /// It sends its secret, where nobody listens on the way.
    Secret(&'a str),
    /// It signs what it sends and keeps the secret to itself: HMAC-SHA256 of `message` under the secret's characters, in hex.
    Signature { message: &'a [u8], signature: &'a str },
}

impl std::fmt::Debug for DeviceProof<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            DeviceProof::Secret(_) => "Secret",
            DeviceProof::Signature { .. } => "Signature",
        })
    }
}

/// Whether the proof is that of the device with this mark. It takes the same time wherever it differs.
fn proves(pepper: &Pepper, proof: DeviceProof<'_>, kept: &str) -> bool {
    let mark = of_devices(pepper);
    let (message, signature) = match proof {
        DeviceProof::Secret(secret) => return mark.fits(secret.as_bytes(), kept),
        DeviceProof::Signature { message, signature } => (message, signature),
    };
    let salt = kept.get(..2 * SALT).and_then(|salt| hex::decode(salt).ok()).unwrap_or_default();
    let secret = device_secret(pepper, &salt);
    let (Ok(signature), Ok(mut mac)) = (hex::decode(signature), Hmac::<Sha256>::new_from_slice(secret.as_bytes()))
    else {
        return false;
    };
    mac.update(message);
    // Both are asked, so that one that is not known takes as long.
    let signed = mac.verify_slice(&signature).is_ok();
    mark.fits(secret.as_bytes(), kept) && signed
}

/// A salted, keyed hash by which something is known again: salt and hash in hex.
pub(super) struct Mark<'a> {
    pub(super) pepper: &'a Pepper,
    /// What is marked: a hash of one sort never fits another.
    pub(super) sort: &'static [u8],
}

impl Mark<'_> {
    fn hash(&self, salt: &[u8], secret: &[u8]) -> String {
        let mac = keyed(self.pepper, &[self.sort, salt, secret]);
        hex::encode(mac.get(..HASH).unwrap_or_default())
    }

    fn salt(&self, request: RequestId) -> Vec<u8> {
        let salt = keyed(self.pepper, &[self.sort, b"salt", &request.0]);
        salt.into_iter().take(SALT).collect()
    }

    /// The mark a request leaves: a retry leaves the same.
    pub(super) fn of(&self, request: RequestId, secret: &[u8]) -> String {
        let salt = self.salt(request);
        format!("{}{}", hex::encode(&salt), self.hash(&salt, secret))
    }

    /// Takes the same time wherever it differs. A text that is no mark fits nothing.
    pub(super) fn fits(&self, secret: &[u8], kept: &str) -> bool {
        let Some((salt, want)) = kept.split_at_checked(2 * SALT) else { return false };
        let Ok(salt) = hex::decode(salt) else { return false };
        bool::from(self.hash(&salt, secret).as_bytes().ct_eq(want.as_bytes()))
    }
}

fn of_pins(pepper: &Pepper) -> Mark<'_> {
    Mark { pepper, sort: b"changzhi pin hash" }
}

fn of_devices(pepper: &Pepper) -> Mark<'_> {
    Mark { pepper, sort: b"changzhi device secret hash" }
}

fn of_accounts(pepper: &Pepper) -> Mark<'_> {
    Mark { pepper, sort: b"changzhi account of a matter" }
}

fn pin_fits(pepper: &Pepper, typed: &str, kept: &str) -> bool {
    let digits = digits(typed);
    of_pins(pepper).fits(digits.as_bytes(), kept) && digits.len() == DIGITS
}

/// The digits of what somebody typed: spaces, hyphens and full-width figures are no mistakes.
fn digits(typed: &str) -> String {
    let one = |c: char| match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
        _ => None,
    };
    typed.chars().take(64).filter_map(one).collect()
}

pub(super) fn wrong(field: Name, key: &str) -> GateRefusal {
    let message = Text::Msg(Msg { key: key.to_owned(), args: Vec::new() });
    GateRefusal::Invalid(vec![Problem { field, message }])
}

impl Gate {
    /// Fills the fields of a command that are the gate's to fill, and tells the PIN it made.
    pub(super) fn prepare_claim(&self, fields: &[FieldDecl], checked: &mut Checked) -> Result<(), GateRefusal> {
        let (account, request) = (checked.submission.actor.id, checked.submission.request);
        for (at, field) in fields.iter().enumerate().filter(|(_, f)| f.is_by_the_gate()) {
            let Some(given) = checked.submission.body.get_mut(at) else { continue };
            if !given.is_none() {
                return Err(wrong(field.name.clone(), "host-hash-by-the-gate"));
            }
            let pepper = self.pepper()?;
            if field.name == PIN {
                let pin = pin(pepper, request);
                *given = Value::Text(of_pins(pepper).of(request, digits(&pin).as_bytes()));
                checked.private.push(Named::new(PIN, Value::Text(pin)));
            } else if field.name == DEVICE_SECRET {
                let secret = device_secret(pepper, &of_devices(pepper).salt(request));
                *given = Value::Text(of_devices(pepper).of(request, secret.as_bytes()));
                checked.private.push(Named::new(DEVICE_SECRET, Value::Text(secret)));
            } else if !account.is_none() {
                *given = Value::Text(of_accounts(pepper).of(request, &account.0.to_le_bytes()));
            }
        }
        Ok(())
    }

    /// What is kept of a matter in a field of `host.claim`.
    fn kept(&self, matter: EntityId, field: &Name) -> Option<String> {
        match self.read(|r| r.value(matter, FACET, field))? {
            Value::Text(kept) => Some(kept),
            _ => None,
        }
    }

    /// A visitor with the PIN of a matter. `matter`: the one with this number, if there is one.
    ///
    /// # Errors
    /// [`GateRefusal::WrongPin`], alike for a number that does not exist; [`GateRefusal::Throttled`] after too many of them,
    /// without looking at the PIN.
    pub fn claim(
        &self,
        matter: Option<EntityId>,
        number: &str,
        pin: &str,
        client: impl Into<Client>,
    ) -> Result<SignedIn, GateRefusal> {
        let client = client.into();
        let address = client.address.as_str();
        let number: String = number.trim().chars().take(64).flat_map(char::to_uppercase).collect();
        let now = self.clock.now();
        self.wrong_pins.admit(&number, address, now).map_err(GateRefusal::Throttled)?;
        let pepper = self.pepper()?;
        let known = matter.and_then(|m| self.kept(m, &PIN));
        // Of a number that does not exist as well: it takes as long.
        let fits = pin_fits(pepper, pin, known.as_deref().unwrap_or(NOBODY));
        let Some(matter) = matter.filter(|_| fits && known.is_some()) else {
            self.wrong_pins.failed(&number, address, now);
            tracing::info!(address, "a PIN was refused");
            return Err(GateRefusal::WrongPin);
        };
        self.wrong_pins.succeeded(&number);
        let session = Arc::new(Session::reporter(matter));
        let cookie = self.claims.begin(Arc::clone(&session), now, self.length(), self.options.sessions, &client);
        Ok(SignedIn { session, cookie })
    }

    /// The session of a device that proved itself: about its own record, in the role `reporter`, for this one request. A right proof is
    /// never made to wait: 128 bits are not guessed, and whoever guesses must not keep a button from ringing.
    ///
    /// # Errors
    /// [`GateRefusal::WrongPin`], alike for a device that is not known; [`GateRefusal::Throttled`] after too many of them.
    pub fn device(
        &self,
        record: Option<EntityId>,
        name: &str,
        proof: DeviceProof<'_>,
        address: &str,
    ) -> Result<Session, GateRefusal> {
        let pepper = self.pepper()?;
        let known = record.and_then(|r| self.kept(r, &PIN));
        let fits = proves(pepper, proof, known.as_deref().unwrap_or(NOBODY));
        if let Some(record) = record.filter(|_| fits && known.is_some()) {
            return Ok(Session::reporter(record));
        }
        let name: String = name.chars().take(64).collect();
        let (number, now) = (format!("device {name}"), self.clock.now());
        self.wrong_pins.admit(&number, address, now).map_err(GateRefusal::Throttled)?;
        self.wrong_pins.failed(&number, address, now);
        Err(GateRefusal::WrongPin)
    }

    /// The PIN of a matter, told again to the session that filed it under this key, for [`TOLD`] after the filing: whoever reloads the
    /// page, or filed it from a device that sends late, is told as well.
    pub fn pin_again(&self, session: &Session, matter: EntityId, key: &str) -> Option<String> {
        let filed = self.read(|r| r.core(matter).map(|c| c.at)).flatten()?;
        if self.now().0.saturating_sub(filed.0) > TOLD {
            return None;
        }
        let pepper = self.pepper().ok()?;
        let pin = pin(pepper, super::check::request(session, Some(key)).ok()?);
        let kept = self.kept(matter, &PIN)?;
        pin_fits(pepper, &pin, &kept).then_some(pin)
    }

    /// Lets somebody without an account send something, or tells how long their address waits: twenty are free (an office, a family
    /// behind one address), from then on each doubles the wait, up to a quarter of an hour. As after failed sign-ins.
    ///
    /// # Errors
    /// [`GateRefusal::Throttled`].
    pub fn admit_stranger(&self, address: &str) -> Result<(), GateRefusal> {
        let now = self.clock.now();
        // By address alone: there is no name that could be kept waiting by somebody else.
        let nobody = format!("stranger {address}");
        self.strangers.admit(&nobody, address, now).map_err(GateRefusal::Throttled)?;
        self.strangers.failed(&nobody, address, now);
        self.strangers.succeeded(&nobody);
        Ok(())
    }

    /// The id of the request a session makes under a key.
    ///
    /// # Errors
    /// [`GateRefusal::Key`].
    pub fn request_of(&self, session: &Session, key: Option<&str>) -> Result<RequestId, GateRefusal> {
        super::check::request(session, key)
    }

    /// The session of a visitor's cookie; `None` when it ended.
    pub fn by_claim(&self, cookie: &str) -> Option<Arc<Session>> {
        let live = self.claims.get(cookie, self.clock.now(), self.length())?;
        let session = Arc::clone(&live.session.read());
        Some(session)
    }

    /// The visitor leaves.
    pub fn end_claim(&self, cookie: &str) {
        self.claims.end(cookie, self.clock.now());
    }

    /// True when this account filed the matter as its own.
    pub fn filed(&self, account: EntityId, matter: EntityId) -> bool {
        let Some(kept) = self.kept(matter, &OWN).filter(|_| !account.is_none()) else { return false };
        self.pepper().is_ok_and(|pepper| of_accounts(pepper).fits(&account.0.to_le_bytes(), &kept))
    }

    /// The session in the role `reporter`, where it is about matters of its own and nothing else; `None`: as it is.
    ///
    /// # Errors
    /// A session that came by a PIN, about anything but its matter.
    pub(super) fn proven(
        &self,
        session: &Session,
        plugin: &Name,
        roles: &[Name],
        values: &[Value],
    ) -> Result<Option<Session>, GateRefusal> {
        let open = roles.is_empty() || roles.contains(&REPORTER);
        let named = values.iter().filter_map(Value::as_entity);
        if let Some(matter) = session.about {
            let named: Vec<EntityId> = named.collect();
            let own = open && *plugin != HOST && !named.is_empty() && named.iter().all(|e| *e == matter);
            return if own { Ok(None) } else { Err(GateRefusal::NotFound("with the PIN of one report this".into())) };
        }
        if !open || session.account.is_none() {
            return Ok(None);
        }
        let event = |e: &EntityId| self.read(|r| r.core(*e).is_some_and(|c| c.family == Family::Events)) == Some(true);
        let mut matters = named.filter(event).peekable();
        if matters.peek().is_some() && matters.all(|m| self.filed(session.account, m)) {
            return Ok(Some(session.as_reporter()));
        }
        match session.holds_any(roles) {
            true => Ok(None),
            false => Err(GateRefusal::Role { needed: roles.to_vec() }),
        }
    }

    /// The secret PINs are made with: found, or made and kept when the first PIN is asked for.
    pub(super) fn pepper(&self) -> Result<&Pepper, GateRefusal> {
        if let Some(pepper) = self.pepper.get() {
            return Ok(pepper);
        }
        let name = Value::text(NAME);
        let find = || self.read(|r| r.find("host.secret", "name", &name)).flatten();
        let at = match find() {
            Some(at) => at,
            None => {
                let kept = self.as_host(KEEP_SECRET, vec![name.clone(), Value::Text(fresh())]);
                // Somebody else may have been faster: then theirs is there.
                find().ok_or_else(|| GateRefusal::Unavailable(kept.err().unwrap_or_default()))?
            }
        };
        match self.backend.secret(at, "host.secret", "value") {
            Ok(Some(Value::Text(secret))) => {
                let pepper = Pepper::of(&secret).ok_or_else(|| GateRefusal::Unavailable("no key for PINs".into()))?;
                Ok(self.pepper.get_or_init(|| pepper))
            }
            Ok(_) => Err(GateRefusal::Unavailable("the secret PINs are made with is gone".into())),
            Err(why) => Err(GateRefusal::Unavailable(why)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pepper(secret: &str) -> Pepper {
        Pepper::of(secret).unwrap()
    }

    const ONE: RequestId = RequestId([1; 16]);

    #[test]
    fn a_pin_is_of_its_request_and_of_the_hosts_secret_and_of_nothing_else() {
        let first = pin(&pepper("pepper"), ONE);
        assert_eq!(first, pin(&pepper("pepper"), ONE), "a retry is told the same");
        assert_ne!(first, pin(&pepper("pepper"), RequestId([2; 16])));
        assert_ne!(first, pin(&pepper("salt"), ONE), "who knows the request alone knows no PIN");
        assert_eq!(digits(&first).len(), DIGITS);
        let all: std::collections::BTreeSet<String> = (0..2_000_u32)
            .map(|n| pin(&pepper("pepper"), RequestId([n.to_le_bytes(); 4].concat().try_into().unwrap())))
            .collect();
        assert!(all.len() > 1_990, "{} of 2000 differ", all.len());
    }

    #[test]
    fn a_pin_fits_its_own_hash_however_it_is_typed_and_no_other() {
        let told = pin(&pepper("pepper"), ONE);
        let kept = of_pins(&pepper("pepper")).of(ONE, digits(&told).as_bytes());
        assert!(!kept.contains(&digits(&told)));
        let wide: String =
            told.chars().filter_map(|c| c.to_digit(10).and_then(|d| char::from_u32(0xff10 + d))).collect();
        for typed in [told.clone(), digits(&told), told.replace(' ', "-"), wide] {
            assert!(pin_fits(&pepper("pepper"), &typed, &kept), "{typed}");
        }
        for wrong in ["", "0", "12345678", &format!("{told}0"), &told[1..]] {
            assert!(!pin_fits(&pepper("pepper"), wrong, &kept), "{wrong}");
        }
        assert!(!pin_fits(&pepper("salt"), &told, &kept));
        for typed in ["", "00000000", &told] {
            for kept in [NOBODY, "", "x", &"路".repeat(40), &NOBODY[1..]] {
                assert!(!pin_fits(&pepper("pepper"), typed, kept), "{kept}");
            }
        }
    }

    #[test]
    fn a_device_proves_itself_by_its_secret_or_by_what_it_signs_with_it_and_no_other_does() {
        let key = pepper("pepper");
        let salt = of_devices(&key).salt(ONE);
        let secret = device_secret(&key, &salt);
        let kept = of_devices(&key).of(ONE, secret.as_bytes());
        let sign = |secret: &str, message: &[u8]| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
            mac.update(message);
            hex::encode(mac.finalize().into_bytes())
        };
        let asks = |message: &[u8], signature: &str, kept: &str| {
            proves(&key, DeviceProof::Signature { message, signature }, kept)
        };
        assert!(proves(&key, DeviceProof::Secret(&secret), &kept));
        assert!(asks(b"pressed", &sign(&secret, b"pressed"), &kept));
        assert!(!asks(b"alive", &sign(&secret, b"pressed"), &kept), "of what was signed and of nothing else");
        let other = device_secret(&key, &of_devices(&key).salt(RequestId([2; 16])));
        assert!(secret != other && !asks(b"pressed", &sign(&other, b"pressed"), &kept));
        for wrong in ["", "x", &sign(&secret, b"pressed")[1..], &secret] {
            assert!(!asks(b"pressed", wrong, &kept), "{wrong}");
        }
        for kept in [NOBODY, "", "x", &kept[1..], &"路".repeat(40)] {
            assert!(!asks(b"pressed", &sign(&secret, b"pressed"), kept), "{kept}");
        }
        let old = of_devices(&key).of(ONE, b"btn_of-before");
        assert!(proves(&key, DeviceProof::Secret("btn_of-before"), &old), "secrets from before are sent as ever");
        assert!(!asks(b"pressed", &sign("btn_of-before", b"pressed"), &old), "to sign, a device is enrolled again");
    }

    #[test]
    fn a_mark_is_of_one_sort_and_two_of_the_same_account_do_not_look_alike() {
        let key = pepper("pepper");
        let accounts = of_accounts(&key);
        let (one, two) = (accounts.of(ONE, b"7"), accounts.of(RequestId([2; 16]), b"7"));
        assert!(accounts.fits(b"7", &one) && accounts.fits(b"7", &two) && !accounts.fits(b"8", &one));
        assert!(one != two && one.len() == 2 * (SALT + HASH) && one.len() == NOBODY.len());
        assert!(!of_pins(&pepper("pepper")).fits(b"7", &one) && !of_accounts(&pepper("salt")).fits(b"7", &one));
    }
}
