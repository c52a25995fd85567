//! A running demo city with its sign-ins.

use crate::tab::Tab;
use anyhow::{Context, Result};
use changzhi_system_tests::{Host, Start};
use std::net::SocketAddr;
use std::path::PathBuf;
use tempfile::TempDir;

/// A host with the demo city; ends when dropped.
pub struct City {
    pub host: Host,
    folder: TempDir,
    said: Vec<String>,
}

impl City {
    pub fn start() -> Result<City> {
        City::start_with(&[])
    }

    /// With further settings, as variables.
    pub fn start_with(env: &'static [(&'static str, &'static str)]) -> Result<City> {
        let folder = tempfile::tempdir()?;
        let host = Host::start(&folder.path().join("data"), Start { demo: true, env, ..Start::default() })?;
        let said = host.said.clone();
        Ok(City { host, folder, said })
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Kills the host, and starts it again on the same folder and another port: its sign-ins stay.
    pub fn restart(&mut self) -> Result<()> {
        self.host.stop_hard()?;
        self.host = Host::start(&self.data(), Start { demo: true, ..Start::default() })?;
        self.host.said = self.said.clone();
        Ok(())
    }

    pub fn url(&self, path: &str) -> String {
        url(self.host.addr, path)
    }

    /// Signs in through the page's own form, as a person does.
    pub fn sign_in(&self, tab: &Tab, login: &str) -> Result<()> {
        self.sign_in_at(tab, login, self.host.addr)
    }

    /// The same by another address, of a [`crate::Wire`].
    pub fn sign_in_at(&self, tab: &Tab, login: &str, addr: SocketAddr) -> Result<()> {
        tab.goto(&url(addr, "/sign-in"))?;
        tab.fill("input[name=login]", login)?;
        tab.fill("input[name=password]", &self.host.password(login)?)?;
        tab.leave(|tab| tab.press("Enter"))?;
        let at = tab.text("location.pathname")?;
        anyhow::ensure!(
            !at.starts_with("/sign-in"),
            "{login} is not signed in: {}",
            tab.text("document.body.innerText")?
        );
        Ok(())
    }

    /// An API client of the same person.
    pub fn client(&self, login: &str) -> Result<changzhi_system_tests::Client> {
        let token = self.host.token(login).with_context(|| format!("a token for {login}"))?;
        Ok(self.host.client(&token))
    }
}

pub(crate) fn url(addr: SocketAddr, path: &str) -> String {
    format!("http://{addr}{path}")
}
