//! Which broker, and how the host shows itself to it. A wrong setting is told with its part and the way to mend it.

use rumqttc::{MqttOptions, TlsConfiguration, Transport};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};
use zeroize::Zeroizing;

/// A broker that says nothing for twice this is gone.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Bytes of a packet that are read. The broker's own limit (`message_size_limit`) is lower: see docs/mqtt.md.
const PACKET: usize = 1 << 20;

/// As the settings have it.
#[derive(Clone)]
pub struct BrokerOptions<'a> {
    /// `mqtts://HOST:PORT`, or `mqtt://` on this machine.
    pub url: &'a str,
    /// The name of the broker's session: one host, one name.
    pub client: &'a str,
    pub login: Option<(&'a str, Zeroizing<String>)>,
    pub prefix: &'a str,
    /// PEM: who signs the broker's certificate. Needed with `mqtts`.
    pub ca: Option<&'a Path>,
    /// How long it may be down before the seats are told.
    pub patience: Duration,
}

/// What is wrong with a setting.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{why}")]
pub struct BrokerError {
    /// Its name within its group: `broker`, `ca`.
    pub part: &'static str,
    pub why: String,
}

fn wrong(part: &'static str, why: impl Into<String>) -> BrokerError {
    BrokerError { part, why: why.into() }
}

/// A broker that can be connected to.
#[derive(Clone)]
pub struct Broker {
    options: MqttOptions,
    /// What may be shown: without a password.
    pub(crate) shown: String,
    pub(crate) prefix: String,
    pub(crate) patience: Duration,
}

impl Broker {
    /// Reads the authority's file; connects to nothing.
    ///
    /// # Errors
    /// The first part that is wrong.
    pub fn new(given: BrokerOptions<'_>) -> Result<Broker, BrokerError> {
        let (encrypted, host, port) = address(given.url)?;
        if !is_name(given.client) {
            return Err(wrong("client", "must have 1 to 64 letters, digits, hyphens, dots and underscores"));
        }
        let mut options = MqttOptions::new(given.client, host, port);
        if encrypted {
            let ca = given.ca.ok_or_else(|| wrong("ca", "is missing; mqtts:// needs the authority's certificate"))?;
            let config = Arc::new(authority(ca)?);
            options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(config)));
        }
        if let Some((user, password)) = &given.login {
            options.set_credentials(*user, password.as_str());
        }
        options.set_keep_alive(KEEP_ALIVE).set_max_packet_size(PACKET, PACKET);
        // What came while the host was down is kept by the broker; what is not in the journal yet is delivered again.
        options.set_clean_session(false).set_manual_acks(true);
        let prefix = prefix(given.prefix)?.to_owned();
        Ok(Broker { options, shown: given.url.to_owned(), prefix, patience: given.patience })
    }

    pub(crate) fn options(&self) -> MqttOptions {
        self.options.clone()
    }
}

fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

fn prefix(text: &str) -> Result<&str, BrokerError> {
    let fits = text.len() <= 64 && !text.starts_with('$') && text.split('/').all(is_name);
    fits.then_some(text).ok_or_else(|| {
        wrong("prefix", "must be names with / between them, 64 characters at most, for example changzhi or city/alarm")
    })
}

/// Whether it is encrypted, host and port.
fn address(url: &str) -> Result<(bool, &str, u16), BrokerError> {
    let shape =
        || wrong("broker", "write it as mqtts://broker.example.gov.cn:8883, or mqtt://127.0.0.1:1883 on this machine");
    let (encrypted, rest) = match url.split_once("://") {
        Some(("mqtts", rest)) => (true, rest),
        Some(("mqtt", rest)) => (false, rest),
        _ => return Err(shape()),
    };
    if rest.contains('@') {
        return Err(wrong("broker", "holds a user; give `mqtt.user` and `mqtt.password`, which is a file"));
    }
    let usual = if encrypted { 8883 } else { 1883 };
    let (host, port) = match rest.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
        Some((host, "")) => (host, usual),
        Some((host, port)) => (host, port.strip_prefix(':').and_then(|p| p.parse().ok()).ok_or_else(shape)?),
        None => match rest.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| shape())?),
            None => (rest, usual),
        },
    };
    let legal = |c: char| c.is_ascii_alphanumeric() || ".-_:".contains(c);
    if host.is_empty() || !host.chars().all(legal) {
        return Err(shape());
    }
    let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if !encrypted && !here {
        let why =
            "mqtt:// would send the password openly to another machine; use mqtts://, or a broker on this machine";
        return Err(wrong("broker", why));
    }
    Ok((encrypted, host, port))
}

fn authority(file: &Path) -> Result<ClientConfig, BrokerError> {
    let bad = |why: String| wrong("ca", format!("{}: {why}", file.display()));
    let all = CertificateDer::pem_file_iter(file)
        .and_then(|all| all.collect::<Result<Vec<_>, _>>())
        .map_err(|e| bad(format!("{e}; give a readable PEM file")))?;
    let mut roots = RootCertStore::empty();
    let (good, _) = roots.add_parsable_certificates(all);
    if good == 0 {
        return Err(bad("holds no certificate; it must have a part `BEGIN CERTIFICATE`".into()));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| bad(e.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(change: impl FnOnce(&mut BrokerOptions<'_>)) -> Option<(&'static str, String)> {
        let mut given = BrokerOptions {
            url: "mqtt://127.0.0.1:1883",
            client: "changzhi",
            login: Some(("host", Zeroizing::new("secret-of-the-broker".into()))),
            prefix: "changzhi",
            ca: None,
            patience: Duration::from_secs(30),
        };
        change(&mut given);
        let made = Broker::new(given);
        made.err().map(|e| (e.part, e.why))
    }

    #[test]
    fn a_broker_is_read_or_the_wrong_part_is_named() {
        for url in ["mqtt://127.0.0.1", "mqtt://localhost:1", "mqtt://[::1]:1883", "mqtt://[::1]"] {
            assert_eq!(part(|g| g.url = url), None, "{url}");
        }
        for url in ["", "127.0.0.1:1883", "http://a", "mqtt://", "mqtt://a b", "mqtt://127.0.0.1:x", "mqtt://[::1]x"] {
            assert_eq!(part(|g| g.url = url).unwrap().0, "broker", "{url}");
        }
        assert!(
            part(|g| g.url = "mqtt://10.0.0.8:1883").unwrap().1.contains("mqtts://"),
            "a password is not sent openly"
        );
        assert!(part(|g| g.url = "mqtt://u:p@127.0.0.1").unwrap().1.contains("mqtt.password"));
        assert_eq!(part(|g| g.client = "a/b").unwrap().0, "client");
        for prefix in ["", "/a", "a/", "a/+/b", "#", "$SYS", "a b"] {
            assert_eq!(part(|g| g.prefix = prefix).unwrap().0, "prefix", "{prefix}");
        }
        assert_eq!(part(|g| g.prefix = "city/alarm"), None);
    }

    #[test]
    fn an_encrypted_broker_needs_an_authority_that_reads() {
        let tls = |g: &mut BrokerOptions<'_>| g.url = "mqtts://broker.example.gov.cn";
        assert!(part(tls).unwrap().1.contains("is missing"));
        let dir = tempfile::tempdir().unwrap();
        let (none, empty, good) = (dir.path().join("none"), dir.path().join("empty"), dir.path().join("ca.pem"));
        std::fs::write(&empty, "no certificate").unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let made = rcgen::CertificateParams::new(vec!["ca".into()]).unwrap().self_signed(&key).unwrap();
        std::fs::write(&good, made.pem()).unwrap();
        let with = |file: &Path| {
            let given = BrokerOptions {
                url: "mqtts://broker.example.gov.cn",
                client: "c",
                login: None,
                prefix: "p",
                ca: Some(file),
                patience: Duration::ZERO,
            };
            Broker::new(given).err().map(|e| (e.part, e.why))
        };
        for file in [&none, &empty] {
            let (part, why) = with(file).unwrap();
            assert!(part == "ca" && why.contains(file.to_str().unwrap()), "{why}");
        }
        assert_eq!(with(&good), None);
    }
}
