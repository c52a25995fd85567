//! Messages to the outside: the outbox and its channels. Nothing given: nothing is sent, and every message says so.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How it tries, and what all channels share.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbox {
    /// Times after which the same channel is tried again, spaces between them.
    pub retry: String,
    /// Seconds one sending may take.
    pub seconds: u32,
    /// The portal's own address, for links in mails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Certificates of the deployment's own authority; with it no other is trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
}

impl Default for Outbox {
    fn default() -> Outbox {
        Outbox { retry: "1s 5s 30s 2min 10min 1h 6h".into(), seconds: 10, address: None, ca: None }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmsMethod {
    Post,
    Get,
}

/// The SMS gateway; there is one when `url` is given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sms {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    pub method: SmsMethod,
    pub template: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success: Option<String>,
    /// File with what the gateway's delivery reports prove themselves by; none: reports are not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipts: Option<PathBuf>,
    pub receipt_key: String,
    pub receipt_state: String,
    pub receipt_delivered: String,
}

impl Default for Sms {
    fn default() -> Sms {
        Sms {
            url: None,
            method: SmsMethod::Post,
            template: r#"{"to":"{to}","text":"{text}","id":"{key}"}"#.into(),
            header: None,
            secret: None,
            success: None,
            receipts: None,
            receipt_key: "/id".into(),
            receipt_state: "/state".into(),
            receipt_delivered: "delivered".into(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    StartTls,
    Tls,
    None,
}

/// The mail server; there is one when `server` is given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    pub tls: MailTls,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<PathBuf>,
}

impl Default for Mail {
    fn default() -> Mail {
        Mail { server: None, tls: MailTls::StartTls, from: None, user: None, password: None }
    }
}

/// Web Push; there is some when `contact` is given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Push {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    pub services: String,
}

impl Default for Push {
    fn default() -> Push {
        let services = "https://updates.push.services.mozilla.com https://*.notify.windows.com https://web.push.apple.com https://fcm.googleapis.com";
        Push { contact: None, services: services.into() }
    }
}
