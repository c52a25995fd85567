//! What browsers are told to find each other by: STUN, and a TURN relay with credentials that end by themselves.
//!
//! The credentials are those of coturn's `use-auth-secret` (draft-uberti-behave-turn-rest): the user name is the moment they end and a
//! random word, the password its HMAC-SHA1 under the secret both share. The secret never leaves the host.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value as Json, json};
use sha1::Sha1;
use std::fmt;

/// Longer than a mediation takes; a relay asks for them when a connection begins and when it is refreshed.
const SECONDS: i64 = 6 * 3600;
/// Addresses of one sort.
const ADDRESSES: usize = 4;
/// Shorter ones are guessed.
const SECRET_MIN: usize = 16;

/// Servers for finding each other. The default names none: browsers then meet in the same network only.
#[derive(Clone, Default)]
pub struct Ice {
    stun: Vec<String>,
    turn: Vec<String>,
    secret: String,
    relay_only: bool,
}

/// What is wrong with them.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IceError {
    #[error("{0:?} is no STUN address: write `stun:HOST:PORT`, at most four, with spaces between them")]
    Stun(String),
    #[error(
        "{0:?} is no TURN address: write `turn:HOST:PORT?transport=udp` or `turns:HOST:PORT`, at most four, with spaces between them"
    )]
    Turn(String),
    #[error(
        "the secret has fewer than {SECRET_MIN} characters, or is not one line: take what coturn has as `static-auth-secret`"
    )]
    Secret,
    #[error("all of it is to go through the relay, and there is none: give its address and secret")]
    NoRelay,
}

impl Ice {
    /// Addresses with spaces between them; `turn` with the secret shared with the relay. `relay_only`: everything goes through the
    /// relay, so that no party learns the network address of another.
    ///
    /// # Errors
    /// [`IceError`] names the address or the secret and how to mend it.
    pub fn new(stun: &str, turn: Option<(&str, &str)>, relay_only: bool) -> Result<Ice, IceError> {
        let stun = addresses(stun, &["stun:", "stuns:"]).map_err(IceError::Stun)?;
        let (turn, secret) = match turn {
            None => (Vec::new(), String::new()),
            Some((turn, secret)) => {
                let secret = secret.trim();
                if secret.len() < SECRET_MIN || secret.chars().any(char::is_control) {
                    return Err(IceError::Secret);
                }
                (addresses(turn, &["turn:", "turns:"]).map_err(IceError::Turn)?, secret.to_owned())
            }
        };
        if relay_only && turn.is_empty() {
            return Err(IceError::NoRelay);
        }
        Ok(Ice { stun, turn, secret, relay_only })
    }

    /// The configuration of an `RTCPeerConnection`. `now` in seconds since 1970; `word` tells one set of credentials from another and
    /// says nothing of anybody.
    pub(crate) fn configuration(&self, now: i64, word: &str) -> Json {
        let mut servers = Vec::new();
        if !self.stun.is_empty() {
            servers.push(json!({"urls": self.stun}));
        }
        if !self.turn.is_empty() {
            let user = format!("{}:{word}", now.saturating_add(SECONDS));
            servers.push(json!({"urls": self.turn, "username": user, "credential": password(&self.secret, &user)}));
        }
        json!({"iceServers": servers, "iceTransportPolicy": if self.relay_only { "relay" } else { "all" }})
    }
}

fn password(secret: &str, user: &str) -> String {
    match Hmac::<Sha1>::new_from_slice(secret.as_bytes()) {
        Ok(mut mac) => {
            mac.update(user.as_bytes());
            STANDARD.encode(mac.finalize().into_bytes())
        }
        // A key of any length will do.
        Err(_) => String::new(),
    }
}

/// `Err`: the first that is none of these.
fn addresses(text: &str, schemes: &[&str]) -> Result<Vec<String>, String> {
    let all: Vec<String> = text.split_ascii_whitespace().map(str::to_owned).collect();
    match all.iter().enumerate().find(|(at, one)| *at >= ADDRESSES || !is_address(one, schemes)) {
        Some((_, wrong)) => Err(wrong.clone()),
        None if all.is_empty() && !text.is_empty() => Err(text.to_owned()),
        None => Ok(all),
    }
}

fn is_address(one: &str, schemes: &[&str]) -> bool {
    let Some(rest) = schemes.iter().find_map(|s| one.strip_prefix(s)) else { return false };
    let (rest, transport) = rest.split_once('?').unwrap_or((rest, "transport=udp"));
    let (host, port) = match rest.rsplit_once(':') {
        // Within the brackets of an IPv6 address.
        Some((_, port)) if port.ends_with(']') => (rest, "3478"),
        Some((host, port)) => (host, port),
        None => (rest, "3478"),
    };
    let is_host = |h: &str| h.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
    let is_v6 = |h: &str| h.parse::<std::net::Ipv6Addr>().is_ok();
    let named = match host.strip_prefix('[') {
        Some(host) => host.strip_suffix(']').is_some_and(is_v6),
        None => !host.is_empty() && host.len() <= 253 && is_host(host),
    };
    named && port.parse::<u16>().is_ok_and(|p| p > 0) && matches!(transport, "transport=udp" | "transport=tcp")
}

/// Without the secret.
impl fmt::Debug for Ice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ice(stun {:?}, turn {:?}, relay only {})", self.stun, self.turn, self.relay_only)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "north-gate-river-seven";

    #[test]
    fn the_password_is_the_hmac_that_a_relay_computes_itself() {
        // RFC 2202, case 2.
        let known = hex::decode("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79").unwrap();
        assert_eq!(password("Jefe", "what do ya want for nothing?"), STANDARD.encode(known));
        let ice = Ice::new("", Some(("turn:relay.example:3478?transport=udp", SECRET)), true).unwrap();
        let told = ice.configuration(1_000_000, "9f2c");
        let server = &told["iceServers"][0];
        assert_eq!(server["username"], "1021600:9f2c");
        assert_eq!(server["credential"], password(SECRET, "1021600:9f2c"));
        assert_eq!(told["iceTransportPolicy"], "relay");
        assert!(!told.to_string().contains(SECRET) && !format!("{ice:?}").contains(SECRET));
    }

    #[test]
    fn nothing_is_named_by_default() {
        let told = Ice::default().configuration(5, "x");
        assert_eq!(told, json!({"iceServers": [], "iceTransportPolicy": "all"}));
    }

    #[test]
    fn an_address_is_one_of_the_right_sort_or_refused_by_name() {
        let good = "stun:a.example stun:192.0.2.1:3478 stuns:b.example:5349 stun:[2001:db8::1]:3478";
        assert_eq!(Ice::new(good, None, false).unwrap().stun.len(), 4);
        for evil in [
            "http://a",
            "stun:",
            "stun:a:0",
            "stun:a:70000",
            "stun:a b",
            "stun:a/../x",
            "turn:a",
            "stun:[::x]:1",
            "stun:a?x=1",
            " ",
            "stun:a stun:a stun:a stun:a stun:a",
            "stun:[::1",
            "stun:]",
        ] {
            assert!(matches!(Ice::new(evil, None, false), Err(IceError::Stun(_))), "{evil}");
        }
        assert_eq!(Ice::new("", Some(("stun:a", SECRET)), false).unwrap_err(), IceError::Turn("stun:a".into()));
        assert_eq!(Ice::new("", Some(("turn:a", "short")), false).unwrap_err(), IceError::Secret);
        assert_eq!(Ice::new("stun:a", None, true).unwrap_err(), IceError::NoRelay);
    }
}
