//! Limits and looks of the portal.

use crate::edge::{Archive, BaseMap};
use crate::files::FileOptions;
use crate::live::LiveOptions;
use crate::outside::Outside;
use crate::room::RoomOptions;
use crate::tls::Tls;
use changzhi_devices::Line;
use changzhi_print::Press;
use jiff::tz::TimeZone;
use std::sync::Arc;
use std::time::Duration;

/// What Chinese government sites show at their foot (国办发〔2017〕47号). Absent items are not shown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Footer {
    /// 主办单位.
    pub sponsor: Option<String>,
    /// 网站标识码.
    pub site_code: Option<String>,
    /// ICP 备案.
    pub icp: Option<String>,
    /// 公安备案.
    pub police: Option<String>,
    /// How to reach whoever runs it.
    pub contact: Option<String>,
}

/// One setting as it holds, for the administrator's page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettingLine {
    pub key: String,
    pub value: String,
    /// The file or variable it came from; `None`: the default.
    pub from: Option<String>,
    /// What it means, in Chinese and English.
    pub zh: String,
    pub en: String,
}

/// Every limit has a default that fits a city on one machine.
#[derive(Clone, Debug)]
pub struct PortalOptions {
    /// Shown in the head of each page: the agency's full name.
    pub title: String,
    pub footer: Footer,
    /// The settings in force.
    pub settings: Vec<SettingLine>,
    /// Plugin sets by name: plugins and codes of divisions.
    pub sets: Vec<(String, Vec<String>, Vec<String>)>,
    /// A source that brought nothing for so long is shown as late. Default 24 h.
    pub late: Duration,
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
    /// Attached files: where they lie, and how large they may be.
    pub files: FileOptions,
    /// Bounds of live pages.
    pub live: LiveOptions,
    /// Bounds of online rooms, and what browsers find each other by.
    pub room: RoomOptions,
    /// Encrypts with this, and speaks nothing else on its port.
    pub certificate: Option<Tls>,
    /// True behind TLS, of the portal's own or a proxy's: cookies become `Secure` and HSTS is sent.
    pub tls: bool,
    /// Under the layers of interactive maps. Default none: maps are whole without one.
    pub base_map: Option<BaseMap>,
    /// The archive its tiles come from, when the host serves them itself.
    pub tiles: Option<Arc<Archive>>,
    /// What makes PDFs. Default none: pages do not offer any.
    pub press: Option<Arc<Press>>,
    /// Messages to the outside. Default none: nothing is sent, no page shows any.
    pub outside: Outside,
    /// The line to the broker of buttons on walls. Default none: they come by HTTP alone.
    pub buttons: Option<Line>,
}

impl Default for PortalOptions {
    fn default() -> PortalOptions {
        PortalOptions {
            title: "昌治 Changzhi".into(),
            footer: Footer::default(),
            settings: Vec::new(),
            sets: Vec::new(),
            late: Duration::from_secs(24 * 3600),
            zone: TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC),
            body: 1 << 20,
            component: 32 << 20,
            time: Duration::from_secs(30),
            head: Duration::from_secs(10),
            requests: 1_024,
            connections: 16_384,
            files: FileOptions::default(),
            live: LiveOptions::default(),
            room: RoomOptions::default(),
            certificate: None,
            tls: false,
            base_map: None,
            tiles: None,
            press: None,
            outside: Outside::default(),
            buttons: None,
        }
    }
}
