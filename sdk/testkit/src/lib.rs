//! The real host in-process, for tests of plugins.
//!
//! [`TestCity`] is a city in memory on a clock that stands still: the same runtime, gate rules aside the same pipeline, checks,
//! journal and world as in production. Load a component, send commands as whoever you like, look at the world, render views.
//! Deadlines are patient, because a busy build machine is not a plugin's fault.

use changzhi_model::{Actor, EntityId, ManualClock, Micros, Name, Named, RequestId, Value, body};
use changzhi_pipeline::{
    Approve, City, CityOptions, InstallError, OpenError, Outcome, Submission, ViewCall, ViewError, view::Page,
};
use changzhi_plugins::Limits;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Deadlines are so many times production's.
const PATIENCE: u32 = 40;

/// Why the kit could not do what a test asked. Tests unwrap it.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Install(#[from] InstallError),
    #[error("no command or view {0}")]
    Unknown(String),
    #[error("the body does not fit the declaration: {0}")]
    Body(String),
    #[error("view: {0:?}")]
    View(ViewError),
    #[error("{0}")]
    Outcome(String),
}

/// A city for one test.
pub struct TestCity {
    city: Arc<City>,
    clock: Arc<ManualClock>,
    requests: AtomicU64,
    actor: Actor,
}

impl TestCity {
    /// An empty city at a fixed time, 2026-01-01T00:00:00Z.
    pub fn new() -> Result<TestCity, TestError> {
        let clock = Arc::new(ManualClock::at(Micros(1_767_225_600 * Micros::SECOND)));
        let options = CityOptions { clock: clock.clone(), ..CityOptions::in_memory() };
        let (city, _) = City::open(options)?;
        Ok(TestCity { city, clock, requests: AtomicU64::new(0), actor: Actor::default() })
    }

    /// Loads a component with everything it asks for, or swaps it in when it runs already.
    pub fn load(&self, component: &[u8]) -> Result<(), TestError> {
        self.city.install(component, Approve::All, Limits::production().patient(PATIENCE))?;
        Ok(())
    }

    /// Acts with these roles from here on.
    pub fn as_roles(mut self, roles: &[&str]) -> TestCity {
        self.actor.roles = roles.iter().map(|r| Name::from(*r)).collect();
        self
    }

    /// Sets the clock.
    pub fn at(&self, now: Micros) {
        self.clock.set(now);
    }

    /// The city itself, for whatever the kit has no word for.
    pub fn city(&self) -> &Arc<City> {
        &self.city
    }

    /// Sends a command with a JSON body, checked against its declaration like a request from outside.
    pub fn send(&self, plugin: &str, command: &str, json: &serde_json::Value) -> Result<Outcome, TestError> {
        let unknown = || TestError::Unknown(format!("{plugin}/{command}"));
        let manifest = self.city.manifest(plugin).ok_or_else(unknown)?;
        let decl = manifest.command(command).ok_or_else(unknown)?;
        let values = body::parse(&decl.fields, json)
            .map_err(|p| TestError::Body(p.iter().map(body::explain).collect::<Vec<_>>().join("; ")))?;
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let submission = Submission {
            plugin: plugin.into(),
            command: command.into(),
            body: values,
            actor: self.actor.clone(),
            purpose: Name::new_static("test"),
            place: None,
            request: RequestId::from_key(EntityId::NONE, &format!("test:{number}")),
            locale: Name::new_static("en"),
        };
        Ok(self.city.submit(submission).wait())
    }

    /// Sends a command that must succeed; gives its answer.
    pub fn done(&self, plugin: &str, command: &str, json: &serde_json::Value) -> Result<Vec<Named>, TestError> {
        match self.send(plugin, command, json)? {
            Outcome::Done { answer, .. } => Ok(answer),
            other => Err(TestError::Outcome(format!("{plugin}/{command}: {other:?}"))),
        }
    }

    /// Renders a view with a JSON object of parameters.
    pub fn view(&self, plugin: &str, view: &str, params: &serde_json::Value) -> Result<Page, TestError> {
        let unknown = || TestError::Unknown(format!("{plugin}/{view}"));
        let manifest = self.city.manifest(plugin).ok_or_else(unknown)?;
        let decl = manifest.view(view).ok_or_else(unknown)?;
        let params: Vec<Value> = body::parse(&decl.params, params)
            .map_err(|p| TestError::Body(p.iter().map(body::explain).collect::<Vec<_>>().join("; ")))?;
        let call = ViewCall {
            plugin: plugin.into(),
            view: view.into(),
            params,
            actor: self.actor.clone(),
            purpose: Name::new_static("test"),
            locale: Name::new_static("en"),
        };
        self.city.view(&call).map(|(page, _)| page).map_err(TestError::View)
    }
}

impl Drop for TestCity {
    fn drop(&mut self) {
        if let Err(e) = self.city.close() {
            eprintln!("the test's city did not close: {e}");
        }
    }
}
