//! Structured tracing to stderr.

use changzhi_settings::{LogFormat, Settings};
use tracing_subscriber::EnvFilter;

pub fn start(settings: &Settings) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.log.level)?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match settings.log.format {
        LogFormat::Json => lines.json().try_init(),
        LogFormat::Text => lines.with_ansi(false).try_init(),
    };
    started.map_err(|e| anyhow::anyhow!("tracing: {e}"))
}
