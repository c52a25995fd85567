//! Mail through a server of the deployment (SMTP, RFC 5321), by lettre.

use super::{Adapter, AdapterError, Authority, wrong};
use crate::{Address, Channel, Key, Letter, Trouble, Why};
use lettre::Transport;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::{Error, SmtpTransport};
use std::time::Duration;
use zeroize::Zeroizing;

/// How the connection is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MailTls {
    /// Not at all: a server on the same machine.
    None,
    /// STARTTLS, or nothing is sent.
    #[default]
    StartTls,
    /// From the first byte.
    Wrapped,
}

/// A mail server.
#[derive(Clone)]
pub struct MailOptions {
    pub host: String,
    pub port: u16,
    pub tls: MailTls,
    /// Who writes: `昌治 <notice@example.gov.cn>`.
    pub from: String,
    /// User and password.
    pub login: Option<(String, Zeroizing<String>)>,
    /// The portal's address, before the path of a page; without it a mail names no page.
    pub address: Option<String>,
    pub authority: Authority,
    pub time: Duration,
}

/// See the module.
pub struct Mail {
    transport: SmtpTransport,
    from: Mailbox,
    address: Option<String>,
}

impl Mail {
    /// # Errors
    /// The settings do not fit one another; nothing is sent to find out.
    pub fn new(options: MailOptions) -> Result<Mail, AdapterError> {
        let from = options.from.parse().map_err(|e| wrong("from", format!("it is no mail address: {e}")))?;
        if options.login.is_some() && options.tls == MailTls::None {
            return Err(wrong(
                "tls",
                "a password would travel in the open; use starttls or tls, or take mail.user out",
            ));
        }
        let tls = match options.tls {
            MailTls::None => Tls::None,
            MailTls::StartTls => Tls::Required(parameters(&options)?),
            MailTls::Wrapped => Tls::Wrapper(parameters(&options)?),
        };
        let mut builder = SmtpTransport::builder_dangerous(&options.host).port(options.port).tls(tls);
        if let Some((user, password)) = &options.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.to_string()));
        }
        let transport = builder.timeout(Some(options.time)).build();
        Ok(Mail { transport, from, address: options.address })
    }
}

fn parameters(options: &MailOptions) -> Result<TlsParameters, AdapterError> {
    let mut builder = TlsParameters::builder(options.host.clone());
    if let Some(pem) = options.authority.pem() {
        let certificate = Certificate::from_pem(pem).map_err(|e| wrong("ca", e.to_string()))?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(certificate);
    }
    builder.build_rustls().map_err(|e| wrong("tls", e.to_string()))
}

impl Adapter for Mail {
    fn channel(&self) -> Channel {
        Channel::Mail
    }

    fn send(&self, letter: &Letter, key: Key) -> Result<(), Trouble> {
        let Address::Mail(to) = &letter.to else { return Err(Trouble::Never(Why::NoAddress)) };
        let no_address = |_| Trouble::Never(Why::NoAddress);
        let to: lettre::Address = to.parse().map_err(no_address)?;
        let mut body = letter.body.to_string();
        if let (Some(address), Some(page)) = (&self.address, &letter.page) {
            body = format!("{body}\n\n{}{page}\n", address.trim_end_matches('/'));
        }
        // The same key is the same Message-ID: a repeat is seen to be one.
        let id = format!("<{key}@{}>", self.from.email.domain());
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject.as_str())
            .message_id(Some(id))
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .map_err(|_| Trouble::Never(Why::NoWords))?;
        self.transport.send(&message).map(|_| ()).map_err(|e| trouble(&e))
    }
}

/// What a server's reply means for the letter. A refused password is an operator's to mend, so it is tried again.
fn trouble(error: &Error) -> Trouble {
    if let Some(code) = error.status() {
        let code = u16::from(code);
        return match code {
            500..=529 | 531..=533 | 536 | 537 | 539..=599 => Trouble::Never(Why::Reply(code)),
            _ => Trouble::Later(Why::Reply(code)),
        };
    }
    Trouble::Later(if error.is_timeout() {
        Why::Timeout
    } else if error.is_tls() || error.to_string().contains("certificate") {
        Why::Untrusted
    } else {
        Why::Unreachable
    })
}
