//! Buttons on walls over MQTT. Nothing given: they send by HTTP alone.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The broker; there is one when `broker` is given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mqtt {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broker: Option<String>,
    /// The name of the broker's session.
    pub client: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<PathBuf>,
    /// First levels of the topics.
    pub prefix: String,
    /// Who signs the broker's certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// Seconds it may be down before the seats are told.
    pub patience: u32,
}

impl Default for Mqtt {
    fn default() -> Mqtt {
        let (client, prefix) = ("changzhi".into(), "changzhi".into());
        Mqtt { broker: None, client, user: None, password: None, prefix, ca: None, patience: 30 }
    }
}
