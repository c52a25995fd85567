//! The broker of buttons on walls, as the settings have it.

use crate::channels::{secret, wrong};
use changzhi_devices::{Broker, BrokerOptions};
use changzhi_settings::{Settings, SettingsError};
use std::time::Duration;

/// `None`: buttons send by HTTP alone. Connects to nothing: a wrong setting is told before anything is opened.
pub fn broker(settings: &Settings) -> Result<Option<Broker>, SettingsError> {
    let set = &settings.mqtt;
    let Some(url) = &set.broker else { return Ok(None) };
    let login = match (&set.user, &set.password) {
        (Some(user), Some(file)) => Some((user.as_str(), secret(settings, "mqtt.password", file)?)),
        (None, None) => None,
        _ => return Err(wrong(settings, "mqtt.user", "give both `mqtt.user` and `mqtt.password`, or neither")),
    };
    let patience = Duration::from_secs(u64::from(set.patience));
    let (client, prefix, ca) = (&set.client, &set.prefix, set.ca.as_deref());
    Broker::new(BrokerOptions { url, client, login, prefix, ca, patience })
        .map(Some)
        .map_err(|e| wrong(settings, &format!("mqtt.{}", e.part), e.why))
}
