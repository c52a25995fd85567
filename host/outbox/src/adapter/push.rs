//! Web Push: a message to a browser through the push service it chose (RFC 8030), encrypted for the browser alone (RFC 8291) and signed
//! with the city's own key (RFC 8292).
//!
//! The address is whatever a browser told us, so it is held against a list of services: nobody makes the host call an address of their
//! own choice. What the service sees is its size, its urgency and our key.

use super::{Adapter, Authority, agent, trouble};
use crate::{Address, Channel, Key, Letter, Subscription, Trouble, Why};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use ureq::Agent;
use web_push_native::p256::PublicKey;
use web_push_native::{Auth, encrypt};
use zeroize::Zeroizing;

/// How long a service keeps a message for a browser that is off.
const KEEPS: u32 = 12 * 3600;
/// A signature is good for so long; the services take 24 hours at most.
const SIGNED: u64 = 12 * 3600;
/// Bytes of the words before encryption; services take 4,096 of all.
const LONGEST: usize = 3_000;

/// The city's key as push services know it.
pub struct VapidKey {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

/// Why there is no key.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the key for Web Push cannot be {0}")]
pub struct PushError(&'static str);

impl VapidKey {
    /// A new one as text, to be kept sealed and given to [`VapidKey::read`].
    ///
    /// # Errors
    /// No randomness.
    pub fn generate() -> Result<Zeroizing<String>, PushError> {
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
        let document = made.map_err(|_| PushError("made: no randomness"))?;
        Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(document)))
    }

    /// # Errors
    /// Not what `generate` made.
    pub fn read(text: &str) -> Result<VapidKey, PushError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map(Zeroizing::new).map_err(|_| PushError("read"))?;
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &bytes, &random);
        Ok(VapidKey { pair: pair.map_err(|_| PushError("read"))?, random })
    }

    /// What a browser subscribes with (`applicationServerKey`).
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.pair.public_key())
    }

    /// The value of `Authorization` for a push service (RFC 8292 §3).
    fn authorization(&self, audience: &str, contact: &str) -> Option<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
        let claims = json!({"aud": audience, "exp": now + SIGNED, "sub": contact});
        let head = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = self.pair.sign(&self.random, signed.as_bytes()).ok()?;
        Some(format!("vapid t={signed}.{}, k={}", URL_SAFE_NO_PAD.encode(signature), self.public()))
    }
}

/// Web Push as a deployment has it.
pub struct PushOptions {
    pub key: VapidKey,
    /// Who a push service writes to about us: `mailto:…` or `https://…`.
    pub contact: String,
    /// Origins that may be called: `https://push.example`, or with `*.` for every host below.
    pub services: Vec<String>,
    pub authority: Authority,
    pub time: Duration,
}

/// See the module.
pub struct Push {
    options: PushOptions,
    agent: Agent,
}

impl Push {
    pub fn new(options: PushOptions) -> Push {
        let agent = agent(&options.authority, options.time);
        Push { options, agent }
    }

    /// The origin of an endpoint, when it is one of the services.
    fn origin(&self, endpoint: &str) -> Option<String> {
        let (scheme, rest) = endpoint.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        // A user part would make another host of what stands before it.
        if authority.is_empty() || authority.contains(['@', '\\']) {
            return None;
        }
        let origin = format!("{scheme}://{authority}").to_ascii_lowercase();
        let allowed = |service: &String| match service.split_once("://*.") {
            Some((scheme, domain)) => {
                let host = origin.strip_prefix(scheme).and_then(|r| r.strip_prefix("://"));
                host.and_then(|h| h.strip_suffix(domain)).is_some_and(|h| h.len() > 1 && h.ends_with('.'))
            }
            None => *service == origin,
        };
        self.options.services.iter().any(allowed).then_some(origin)
    }
}

fn sealed(to: &Subscription, words: Vec<u8>) -> Option<Vec<u8>> {
    let key = PublicKey::from_sec1_bytes(&to.key).ok()?;
    let auth: [u8; 16] = to.auth.as_slice().try_into().ok()?;
    encrypt(words, &key, &Auth::from(auth)).ok()
}

/// What the service worker shows: it knows no words of its own.
fn words(letter: &Letter, key: &str) -> Vec<u8> {
    let mut body: &str = &letter.body;
    while body.len() > LONGEST {
        body = body.char_indices().next_back().and_then(|(at, _)| body.get(..at)).unwrap_or_default();
    }
    json!({"title": letter.subject, "body": body, "page": letter.page, "key": key}).to_string().into_bytes()
}

impl Adapter for Push {
    fn channel(&self) -> Channel {
        Channel::Push
    }

    fn send(&self, letter: &Letter, key: Key) -> Result<(), Trouble> {
        let Address::Browser(to) = &letter.to else { return Err(Trouble::Never(Why::NoAddress)) };
        let origin = self.origin(&to.endpoint).ok_or(Trouble::Never(Why::NotAllowed))?;
        let key = key.to_string();
        let body = sealed(to, words(letter, &key)).ok_or(Trouble::Never(Why::NoAddress))?;
        let signed = self.options.key.authorization(&origin, &self.options.contact);
        let signed = signed.ok_or(Trouble::Later(Why::Bug))?;
        let answer = self
            .agent
            .post(&to.endpoint)
            .header("ttl", KEEPS.to_string())
            .header("urgency", if letter.urgent { "high" } else { "normal" })
            // A message of the same topic takes the place of one that still waits: a repeat is none.
            .header("topic", &key)
            .header("content-encoding", "aes128gcm")
            .header("content-type", "application/octet-stream")
            .header("authorization", signed)
            .send(&body[..])
            .map_err(|e| trouble(&e))?;
        let code = answer.status().as_u16();
        if (200..300).contains(&code) { Ok(()) } else { Err(super::status(code)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(services: &[&str]) -> Push {
        Push::new(PushOptions {
            key: VapidKey::read(&VapidKey::generate().unwrap()).unwrap(),
            contact: "mailto:it@example.org".into(),
            services: services.iter().map(|s| (*s).into()).collect(),
            authority: Authority::default(),
            time: Duration::from_secs(1),
        })
    }

    #[test]
    fn only_the_services_of_the_settings_are_called() {
        let push = push(&["https://push.example", "https://*.notify.windows.com"]);
        let allowed = |e: &str| push.origin(e).is_some();
        assert!(
            allowed("https://push.example/wpush/v2/abc")
                && allowed("https://wns2-par02p.notify.windows.com/w/?token=x")
        );
        for other in [
            "http://push.example/x",
            "https://push.example.evil.org/x",
            "https://push.example:8443/x",
            "https://push.example@127.0.0.1/x",
            "https://notify.windows.com/x",
            "https://evilnotify.windows.com/x",
            "https://127.0.0.1/x",
            "file:///etc/passwd",
            "push.example",
        ] {
            assert!(!allowed(other), "{other}");
        }
    }

    #[test]
    fn what_is_sealed_for_a_browser_opens_with_its_key_alone() {
        use web_push_native::p256::SecretKey;
        use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;
        let secret = SecretKey::from_slice(&[7; 32]).unwrap();
        let key = secret.public_key().to_encoded_point(false).as_bytes().to_vec();
        let to = Subscription { endpoint: String::new(), key, auth: vec![9; 16] };
        let sealed = sealed(&to, b"words".to_vec()).unwrap();
        let open =
            |secret: &SecretKey, auth: [u8; 16]| web_push_native::decrypt(sealed.clone(), secret, &Auth::from(auth));
        assert_eq!(open(&secret, [9; 16]).unwrap(), b"words");
        assert!(open(&SecretKey::from_slice(&[8; 32]).unwrap(), [9; 16]).is_err() && open(&secret, [8; 16]).is_err());
    }

    #[test]
    fn a_long_text_is_cut_between_letters() {
        let letter = Letter {
            to: Address::Phone(Zeroizing::new("1".into())),
            subject: "昌治".into(),
            body: Zeroizing::new("字".repeat(2_000)),
            page: None,
            urgent: false,
        };
        let words = words(&letter, "1-0");
        assert!(words.len() < 3_200 && std::str::from_utf8(&words).is_ok());
    }
}
