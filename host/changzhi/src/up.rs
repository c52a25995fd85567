//! `changzhi up`.

use crate::{demo, town};
use changzhi_plugins::Limits;
use changzhi_portal::{CityTown, PortalOptions, Server, Tls, TlsFile};
use changzhi_settings::{Settings, SettingsError};
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Args)]
pub struct Up {
    /// Data folder
    #[arg(long)]
    data: Option<PathBuf>,
    /// Address to listen on; port 0 takes a free one
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Folder with the plugins' components
    #[arg(long)]
    plugins: Option<PathBuf>,
    /// Make the demo city when the data folder has none, and print its sign-ins
    #[arg(long)]
    demo: bool,
}

impl Up {
    pub fn run(self, mut settings: Settings) -> anyhow::Result<ExitCode> {
        settings.data = self.data.unwrap_or(settings.data);
        settings.listen = self.listen.unwrap_or(settings.listen);
        settings.plugins = self.plugins.unwrap_or(settings.plugins);
        settings.demo |= self.demo;
        // Before anything is opened: a wrong file is told at once.
        let certificate = certificate(&settings)?;
        let town = town::open(&settings)?;
        if settings.demo {
            demo::make(&town)?;
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let portal = Arc::new(CityTown::new(Arc::clone(&town.city), Limits::production()));
            let scheme = if certificate.is_some() { "https" } else { "http" };
            let options = PortalOptions { certificate, tls: settings.tls.proxy, ..PortalOptions::default() };
            let running = Server::bind(settings.listen, portal, Arc::clone(&town.gate), options).await?;
            println!("listening on {scheme}://{}", running.addr);
            let (mut end, mut stop) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
            tokio::select! {
                _ = end.recv() => {}
                _ = stop.recv() => {}
            }
            running.shutdown().await;
            anyhow::Ok(())
        })?;
        drop(runtime);
        town.city.close()?;
        Ok(ExitCode::SUCCESS)
    }
}

fn certificate(settings: &Settings) -> Result<Option<Tls>, SettingsError> {
    let (Some(certificate), Some(key)) = (&settings.tls.certificate, &settings.tls.key) else { return Ok(None) };
    Tls::read(certificate, key).map(Some).map_err(|error| {
        let key = match error.file {
            TlsFile::Certificate => "tls.certificate",
            TlsFile::Key => "tls.key",
        };
        SettingsError { problems: vec![settings.problem(key, error.reason)] }
    })
}
