//! `changzhi up`.

use crate::outside::CityHost;
use crate::{buttons, cap, channels, demo, town};
use changzhi_blobs::Folder;
use changzhi_devices::Mqtt;
use changzhi_gate::CityBackend;
use changzhi_outbox::Outbox;
use changzhi_plugins::Limits;
use changzhi_portal::edge::{Archive, ArchiveError, BaseMap, BaseMapError, Datum};
use changzhi_portal::{
    CityTown, FileOptions, Footer, Ice, IceError, Outside, PortalOptions, RoomOptions, Server, SettingLine, Tls,
    TlsFile,
};
use changzhi_print::Press;
use changzhi_settings::{Settings, SettingsError};
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
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
        let given = [
            ("data", self.data.is_some()),
            ("listen", self.listen.is_some()),
            ("plugins", self.plugins.is_some()),
            ("demo", self.demo),
        ];
        settings.data = self.data.unwrap_or(settings.data);
        settings.listen = self.listen.unwrap_or(settings.listen);
        settings.plugins = self.plugins.unwrap_or(settings.plugins);
        settings.demo |= self.demo;
        given.iter().filter(|g| g.1).for_each(|g| settings.given_on_the_command_line(g.0));
        // Before anything is opened: a wrong file is told at once.
        let certificate = certificate(&settings)?;
        let archive = archive(&settings)?;
        let base_map = base_map(&settings, archive.as_deref())?;
        let press = press(&settings)?;
        cap::check(&settings)?;
        let broker = buttons::broker(&settings)?;
        let room = RoomOptions { ice: ice(&settings)?, ..RoomOptions::default() };
        let town = town::open(&settings)?;
        let files = files(&settings)?;
        if settings.demo {
            demo::make(&town, &files)?;
        }
        cap::name_the_sender(&town, &settings)?;
        let out = channels::of(&settings, &town.gate)?;
        let host = Arc::new(CityHost::new(Arc::clone(&town.city), &settings.portal.title));
        let outbox = Arc::new(Outbox::begin(Arc::clone(town.city.journal()), host, out.adapters, out.options)?);
        let sending = Arc::clone(&outbox);
        let outside = Outside { outbox: Some(outbox), receipts: out.receipts, push_key: out.push_key };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let portal = Arc::new(CityTown::new(Arc::clone(&town.city), Limits::production()));
            let scheme = if certificate.is_some() { "https" } else { "http" };
            let tls = settings.tls.proxy;
            let backend = Arc::new(CityBackend(Arc::clone(&town.city)));
            let buttons = broker.map(|broker| Mqtt::start(broker, Arc::clone(&town.gate), backend));
            let options = PortalOptions {
                certificate,
                tls,
                base_map,
                tiles: archive,
                files,
                press,
                room,
                outside,
                buttons: buttons.as_ref().map(Mqtt::line),
                ..looks(&settings)
            };
            let running = Server::bind(settings.listen, portal, Arc::clone(&town.gate), options).await?;
            println!("listening on {scheme}://{}", running.addr);
            let (mut end, mut stop) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
            tokio::select! {
                _ = end.recv() => {}
                _ = stop.recv() => {}
            }
            running.shutdown().await;
            if let Some(buttons) = buttons {
                buttons.shutdown().await;
            }
            anyhow::Ok(())
        })?;
        drop(runtime);
        // What is being sent ends first, and what came of it is journaled.
        sending.end();
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

fn files(settings: &Settings) -> anyhow::Result<FileOptions> {
    let set = settings.files;
    let store = Folder::open(settings.data.join("blobs"))?;
    let usual = FileOptions::default();
    let limits = changzhi_blobs::Limits {
        bytes: (set.max_mib as usize) << 20,
        pixels: u64::from(set.max_megapixels) * 1_000_000,
        ..usual.limits
    };
    let wait = Duration::from_secs(u64::from(set.wait_hours) * 3600);
    Ok(FileOptions { store: Arc::new(store), limits, wait, ..usual })
}

/// The base map's local file: a wrong one is told with its setting, its name and the reason.
fn archive(settings: &Settings) -> Result<Option<Arc<Archive>>, SettingsError> {
    let Some(file) = &settings.map.file else { return Ok(None) };
    let wrong = |e: ArchiveError| SettingsError { problems: vec![settings.problem("map.file", e.to_string())] };
    Archive::open(file).map(|archive| Some(Arc::new(archive))).map_err(wrong)
}

/// What makes PDFs. Set and not there is an error; not there at all is a host whose pages offer none.
fn press(settings: &Settings) -> Result<Option<Arc<Press>>, SettingsError> {
    let set = &settings.print;
    let wrong = |key: &str, reason: &str| SettingsError { problems: vec![settings.problem(key, reason.to_owned())] };
    if set.program.as_ref().is_some_and(|program| !program.is_file()) {
        return Err(wrong(
            "print.program",
            "there is no such program; build it with `cargo xtask typeset`, or take the setting out",
        ));
    }
    if set.fonts.as_ref().is_some_and(|fonts| !fonts.is_dir()) {
        return Err(wrong("print.fonts", "there is no such folder; make it, or take the setting out"));
    }
    let Some(program) = set.program.clone().or_else(Press::beside_the_host) else {
        tracing::info!("changzhi-typeset is not beside the host and print.program is not set: pages offer no PDF");
        return Ok(None);
    };
    Ok(Some(Arc::new(Press::new(program, set.fonts.clone()))))
}

fn base_map(settings: &Settings, archive: Option<&Archive>) -> Result<Option<BaseMap>, SettingsError> {
    let datum = match settings.map.datum {
        changzhi_settings::Datum::Wgs84 => Datum::Wgs84,
        changzhi_settings::Datum::Gcj02 => Datum::Gcj02,
        changzhi_settings::Datum::Bd09 => Datum::Bd09,
    };
    let attribution = settings.map.attribution.as_deref().unwrap_or("");
    if let Some(archive) = archive {
        return Ok(Some(BaseMap::of_archive(archive, datum, attribution)));
    }
    let Some(tiles) = &settings.map.tiles else { return Ok(None) };
    BaseMap::new(tiles, datum, attribution, settings.map.max_zoom).map(Some).map_err(|error| {
        let key = match error {
            BaseMapError::Tiles(_) => "map.tiles",
            BaseMapError::Zoom(_) => "map.max_zoom",
        };
        SettingsError { problems: vec![settings.problem(key, error.to_string())] }
    })
}

/// What browsers in a room find each other by; the secret is read here and told to nobody.
fn ice(settings: &Settings) -> Result<Ice, SettingsError> {
    let set = &settings.room;
    let wrong = |key: &str, reason: String| SettingsError { problems: vec![settings.problem(key, reason)] };
    let secret = match &set.turn_secret {
        None => None,
        Some(file) => {
            let read = std::fs::read_to_string(file);
            Some(read.map_err(|e| wrong("room.turn_secret", format!("{} cannot be read: {e}", file.display())))?)
        }
    };
    let turn = set.turn.as_deref().zip(secret.as_deref());
    Ice::new(set.stun.as_deref().unwrap_or(""), turn, set.relay_only).map_err(|error| {
        let key = match error {
            IceError::Stun(_) => "room.stun",
            IceError::Turn(_) => "room.turn",
            IceError::Secret => "room.turn_secret",
            IceError::NoRelay => "room.relay_only",
        };
        wrong(key, error.to_string())
    })
}

/// What the pages show of the settings.
fn looks(settings: &Settings) -> PortalOptions {
    let p = &settings.portal;
    let line = |e: changzhi_settings::Effective| SettingLine {
        key: e.key,
        value: e.value,
        from: e.from,
        zh: e.zh.to_owned(),
        en: e.en.to_owned(),
    };
    PortalOptions {
        title: p.title.clone(),
        footer: Footer {
            sponsor: p.sponsor.clone(),
            site_code: p.site_code.clone(),
            icp: p.icp.clone(),
            police: p.police.clone(),
            contact: p.contact.clone(),
        },
        settings: settings.effective().into_iter().map(line).collect(),
        sets: settings.sets.iter().map(|(n, s)| (n.clone(), s.plugins.clone(), s.divisions.clone())).collect(),
        late: Duration::from_secs(u64::from(p.late_hours) * 3600),
        ..PortalOptions::default()
    }
}
