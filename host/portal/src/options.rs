//! Limits and looks of the portal.

use crate::live::LiveOptions;
use crate::tls::Tls;
use jiff::tz::TimeZone;
use std::time::Duration;

/// Every limit has a default that fits a city on one machine.
#[derive(Clone, Debug)]
pub struct PortalOptions {
    /// Shown in the head of each page.
    pub title: String,
    /// Local time of people in the city. Default `Asia/Shanghai`.
    pub zone: TimeZone,
    /// Bytes of a request body. Default 1 MiB.
    pub body: usize,
    /// Bytes of a component sent for installation. Default 32 MiB.
    pub component: usize,
    /// A request that takes longer is answered 504. Default 30 s.
    pub time: Duration,
    /// A client that has not sent its head by then is cut off. Default 10 s.
    pub head: Duration,
    /// Requests worked on at once; more are answered 503. Default 1,024.
    pub requests: usize,
    /// Connections open at once; more wait to be accepted. Default 16,384.
    pub connections: usize,
    /// Bounds of live pages.
    pub live: LiveOptions,
    /// Encrypts with this, and speaks nothing else on its port.
    pub certificate: Option<Tls>,
    /// True behind TLS, of the portal's own or a proxy's: cookies become `Secure` and HSTS is sent.
    pub tls: bool,
}

impl Default for PortalOptions {
    fn default() -> PortalOptions {
        PortalOptions {
            title: "昌治 Changzhi".into(),
            zone: TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC),
            body: 1 << 20,
            component: 32 << 20,
            time: Duration::from_secs(30),
            head: Duration::from_secs(10),
            requests: 1_024,
            connections: 16_384,
            live: LiveOptions::default(),
            certificate: None,
            tls: false,
        }
    }
}
