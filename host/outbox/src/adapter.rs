//! What carries letters out. Each adapter speaks one protocol, in plain blocking calls on its lane's workers.
//!
//! Every answer is read up to a limit, every call ends by a time limit, nothing follows a redirect, and what the other side says is
//! turned into a [`Why`]: no text from outside goes into the journal or the log.

pub(crate) mod mail;
pub(crate) mod push;
pub(crate) mod sms;

use crate::{Channel, Key, Letter, Trouble, Why};
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::tls::{PemItem, RootCerts, TlsConfig};

/// Bytes read of an answer; what matters of one is a line.
const ANSWER: u64 = 64 * 1024;

/// A way out.
pub trait Adapter: Send + Sync + 'static {
    fn channel(&self) -> Channel;

    /// Sends one letter; `Ok` when the other side took it. The key goes with it, so that a repeat can be dropped there.
    ///
    /// # Errors
    /// `Later` for what may mend itself or be mended by an operator, `Never` for what this letter cannot get by.
    fn send(&self, letter: &Letter, key: Key) -> Result<(), Trouble>;
}

/// A setting of an adapter is wrong: which part, and how to mend it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{why}")]
pub struct AdapterError {
    /// The setting's name within its group: `url`, `template`.
    pub part: &'static str,
    pub why: String,
}

fn wrong(part: &'static str, why: impl Into<String>) -> AdapterError {
    AdapterError { part, why: why.into() }
}

/// Whose certificates are trusted: the public authorities, or a deployment's own alone.
#[derive(Clone, Default)]
pub struct Authority(Option<Vec<u8>>);

impl Authority {
    /// The certificates in a PEM file.
    ///
    /// # Errors
    /// When there is none in it.
    pub fn of_pem(pem: Vec<u8>) -> Result<Authority, AdapterError> {
        let found = ureq::tls::parse_pem(&pem).any(|item| matches!(item, Ok(PemItem::Certificate(_))));
        let why = "there is no certificate in it; give a PEM file with the authority's certificate";
        if found { Ok(Authority(Some(pem))) } else { Err(wrong("ca", why)) }
    }

    fn pem(&self) -> Option<&[u8]> {
        self.0.as_deref()
    }
}

/// An HTTP client for one service.
fn agent(authority: &Authority, time: Duration) -> Agent {
    let mut tls = TlsConfig::builder();
    if let Some(pem) = authority.pem() {
        let certificates: Vec<_> = ureq::tls::parse_pem(pem)
            .filter_map(|item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            })
            .collect();
        tls = tls.root_certs(RootCerts::Specific(Arc::new(certificates)));
    }
    let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None);
    config.timeout_global(Some(time)).tls_config(tls.build()).build().into()
}

/// What went wrong on the way, without what it was said in.
fn trouble(error: &ureq::Error) -> Trouble {
    Trouble::Later(match error {
        ureq::Error::Timeout(_) => Why::Timeout,
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) => Why::Untrusted,
        ureq::Error::BodyExceedsLimit(_) | ureq::Error::LargeResponseHeader(..) => Why::TooLarge,
        ureq::Error::BadUri(_) => return Trouble::Never(Why::NoAddress),
        // rustls says a bad certificate through the connection.
        ureq::Error::Io(e) if e.get_ref().is_some_and(|inner| inner.to_string().contains("certificate")) => {
            Why::Untrusted
        }
        ureq::Error::Io(e) if e.kind() == std::io::ErrorKind::TimedOut => Why::Timeout,
        _ => Why::Unreachable,
    })
}

/// What an HTTP status that is no success means for the letter: a wrong secret or path is an operator's to mend, so it is tried again.
fn status(code: u16) -> Trouble {
    match code {
        400 | 404 | 410 | 413 | 422 => Trouble::Never(Why::Status(code)),
        _ => Trouble::Later(Why::Status(code)),
    }
}
