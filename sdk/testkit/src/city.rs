//! A city for one test: the host's own domain in force, accounts and places made by its own commands.

use crate::journal::FaultyJournal;
use crate::{Person, Refused, TestError, component};
use changzhi_gate::{CityBackend, Gate, GateOptions, Identity, NewAccount};
use changzhi_model::{Clock, EntityId, Fact, ManualClock, Micros, Name, Seq, Stored, Transaction, Value, Wish};
use changzhi_pipeline::{Approve, City, CityOptions};
use changzhi_plugins::Limits;
use changzhi_world::{Cell, World};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Deadlines are so many times production's: a busy build machine is not a plugin's fault.
const PATIENCE: u32 = 40;
/// 2026-01-01T00:00:00Z.
const BEGIN: Micros = Micros(1_767_225_600 * Micros::SECOND);
/// Nobody is signed out by a test's clock.
const LONG: Duration = Duration::from_secs(100 * 365 * 86_400);
/// How long something that happens by itself is waited for.
const WAIT: Duration = Duration::from_secs(120);
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// The real host in-process, in memory, on a clock that stands still until it is told.
pub struct TestCity {
    city: Arc<City>,
    gate: Gate,
    clock: Arc<ManualClock>,
    journal: Arc<FaultyJournal>,
    components: Mutex<HashMap<Name, Vec<u8>>>,
}

impl TestCity {
    /// An empty city, 2026-01-01T00:00:00Z, with nobody and nothing in it.
    pub fn new() -> Result<TestCity, TestError> {
        TestCity::made(None)
    }

    /// A city that keeps everything in a folder, with these plugins in force: for tests that look at the bytes once it is dropped.
    /// Its journal is the real one, so it cannot be made to fail.
    pub fn in_dir(dir: &Path, plugins: &[&str]) -> Result<TestCity, TestError> {
        let city = TestCity::made(Some(dir.to_owned()))?;
        for plugin in plugins {
            city.load(&component(plugin)?)?;
        }
        Ok(city)
    }

    fn made(dir: Option<PathBuf>) -> Result<TestCity, TestError> {
        let clock = Arc::new(ManualClock::at(BEGIN));
        let journal = Arc::new(FaultyJournal::default());
        // Compiled plugins are kept from test to test: the host checks what it finds there.
        let cache = crate::component::workspace().ok().map(|root| root.join("target/tmp/testkit-cache"));
        let options = CityOptions {
            dir,
            cache,
            clock: clock.clone(),
            journal: Some(journal.clone()),
            ..CityOptions::in_memory()
        };
        let (city, _) = City::open(options)?;
        city.native(Arc::new(Identity))?;
        let options = GateOptions { idle: LONG, absolute: LONG, ..GateOptions::default() };
        let gate = Gate::new(Arc::new(CityBackend(Arc::clone(&city))), clock.clone(), options);
        let gate = gate.map_err(TestError::Wrong)?;
        Ok(TestCity { city, gate, clock, journal, components: Mutex::default() })
    }

    /// A city with the built components of these plugins in force: see [`component`].
    pub fn with(plugins: &[&str]) -> Result<TestCity, TestError> {
        let city = TestCity::new()?;
        for plugin in plugins {
            city.load(&component(plugin)?)?;
        }
        Ok(city)
    }

    /// Puts a component in force with everything it asks for, or swaps it in when its plugin runs already.
    pub fn load(&self, component: &[u8]) -> Result<(), TestError> {
        self.load_within(component, TestCity::limits())
    }

    /// The same under other limits; [`TestCity::limits`] is what to begin with.
    pub fn load_within(&self, component: &[u8], limits: Limits) -> Result<(), TestError> {
        let done = self.city.install(component, Approve::All, limits)?;
        self.components.lock().insert(done.plugin, component.to_vec());
        Ok(())
    }

    /// Production's limits with patient deadlines.
    pub fn limits() -> Limits {
        Limits::production().patient(PATIENCE)
    }

    /// Somebody with an account that holds these roles in the whole city.
    pub fn person(&self, login: &str, roles: &[&str]) -> Result<Person<'_>, TestError> {
        let roles: Vec<_> = roles.iter().map(|role| (*role, None)).collect();
        self.account(login, &roles, &[])?;
        Person::sign_in(self, login, &password(login))
    }

    /// Whoever has the PIN of a matter: no account, about this matter alone.
    ///
    /// # Errors
    /// The gate's refusal: a wrong PIN, or too many of them.
    pub fn visitor(&self, matter: EntityId, pin: &str) -> Result<Person<'_>, Refused> {
        Person::visit(self, matter, pin)
    }

    pub(crate) fn account(
        &self,
        login: &str,
        roles: &[(&str, Option<EntityId>)],
        purposes: &[&str],
    ) -> Result<EntityId, TestError> {
        let password = password(login);
        let new = NewAccount { login, name: login, password: &password, roles, purposes };
        self.gate.ensure_account(&new).map_err(TestError::Wrong)
    }

    /// A place of a kind the host knows (`division`, `grid`, `compound`, …) with its category (a division's level), its code,
    /// which is its name too, and the code of the place it lies in.
    pub fn place(&self, kind: &str, category: &str, code: &str, parent: Option<&str>) -> Result<EntityId, TestError> {
        let parent = parent.map_or(Value::None, Value::text);
        let body =
            vec![Value::text(kind), Value::text(category), Value::text(code), Value::text(code), parent, Value::None];
        let answer = self.gate.as_host("create-place", body).map_err(TestError::Wrong)?;
        let found = answer.iter().find_map(|n| n.value.as_entity());
        found.ok_or_else(|| TestError::Wrong(format!("place {code}: no id in {answer:?}")))
    }

    pub fn now(&self) -> Micros {
        self.clock.now()
    }

    /// Lets time pass, in microseconds ([`Micros::HOUR`], …).
    pub fn pass(&self, time: i64) {
        self.clock.set(Micros(self.now().0.saturating_add(time)));
    }

    /// The state of the flow an entity is in.
    pub fn state(&self, entity: EntityId) -> Result<String, TestError> {
        let core = self.city.read(|w| w.core(entity));
        core.map(|c| c.state.to_string()).ok_or_else(|| TestError::Wrong(format!("there is no entity {entity}")))
    }

    /// A field of an entity, `plugin.facet.field`; long texts are read from the journal. `None` when it is not set.
    ///
    /// # Errors
    /// When it is sealed: only somebody who states a purpose may open it, in a view.
    pub fn value(&self, entity: EntityId, field: &str) -> Result<Value, TestError> {
        let (seq, change) = match self.cell(entity, field) {
            None => return Ok(Value::None),
            Some(Cell::Here(value)) => return Ok(value),
            Some(Cell::Sealed { .. }) => return Err(TestError::Wrong(format!("{field} of {entity} is sealed"))),
            Some(Cell::InJournal { seq, change }) => (seq, change),
        };
        let tx = self.transaction(seq)?;
        let fact = usize::try_from(change).ok().and_then(|at| tx.facts.into_iter().nth(at));
        let name = field.rsplit('.').next().unwrap_or_default();
        let stored = match fact {
            Some(Fact::Put { fields, .. }) => fields.into_iter().find(|(n, _)| n == name).map(|(_, stored)| stored),
            _ => None,
        };
        match stored {
            Some(Stored::Open(value)) => Ok(value),
            _ => Err(TestError::Wrong(format!("{field} of {entity} is not in transaction {seq}"))),
        }
    }

    /// What plugins and clocks asked the outbox to tell, in order, each with what it is about. Nothing is sent in a test.
    pub fn wishes(&self) -> Result<Vec<(EntityId, Wish)>, TestError> {
        let (mut all, upto) = (Vec::new(), self.city.read(World::revision));
        self.city.journal().wait_durable(upto).map_err(|e| TestError::Wrong(e.to_string()))?;
        for seq in 1..=upto.0 {
            for fact in self.transaction(Seq(seq))?.facts {
                if let Fact::Intended { kind, entity, args } = fact {
                    let wish = Wish::read(&kind, &args).map_err(|e| TestError::Wrong(e.to_string()))?;
                    all.push((entity.unwrap_or_default(), wish));
                }
            }
        }
        Ok(all)
    }

    /// True when the field is set and sealed under the entity's own key.
    pub fn is_sealed(&self, entity: EntityId, field: &str) -> bool {
        matches!(self.cell(entity, field), Some(Cell::Sealed { .. }))
    }

    fn cell(&self, entity: EntityId, field: &str) -> Option<Cell> {
        let (facet, name) = field.rsplit_once('.')?;
        self.city.read(|w| w.cell(entity, facet, name))
    }

    /// Waits until `look` finds in the world what happens by itself, such as a reaction.
    pub fn wait_for<T>(&self, what: &str, mut look: impl FnMut(&World) -> Option<T>) -> Result<T, TestError> {
        self.poll(what, || self.city.read(&mut look))
    }

    /// Waits until every plugin that subscribes to changes was shown those so far, and what it answered was shown as well.
    pub fn settle(&self) -> Result<(), TestError> {
        self.poll("the end of reactions", || {
            let upto = self.city.read(World::revision);
            (self.city.is_shown(upto) && self.city.read(World::revision) == upto).then_some(())
        })
    }

    pub(crate) fn poll<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> Result<T, TestError> {
        let end = Instant::now() + WAIT;
        loop {
            if let Some(found) = look() {
                return Ok(found);
            }
            if Instant::now() > end {
                return Err(TestError::Wrong(format!("{what} did not come about in {WAIT:?}")));
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// The city itself, for what the kit has no word for.
    pub fn city(&self) -> &Arc<City> {
        &self.city
    }

    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    pub(crate) fn clock(&self) -> &ManualClock {
        &self.clock
    }

    pub(crate) fn journal(&self) -> &FaultyJournal {
        &self.journal
    }

    pub(crate) fn loaded(&self, plugin: &str) -> Result<Vec<u8>, TestError> {
        let found = self.components.lock().get(plugin).cloned();
        found.ok_or_else(|| TestError::Wrong(format!("plugin {plugin} is not loaded")))
    }

    pub(crate) fn transaction(&self, seq: Seq) -> Result<Transaction, TestError> {
        self.city.transaction(seq).map_err(TestError::Wrong)
    }
}

fn password(login: &str) -> String {
    format!("password of {login}")
}

impl Drop for TestCity {
    fn drop(&mut self) {
        // After a journal that was made to fail there is nothing to close in order.
        if let Err(e) = self.city.close() {
            eprintln!("the test's city did not close: {e}");
        }
    }
}
