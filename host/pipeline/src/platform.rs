//! What plugins may ask of the host while they run: the host side of the imports.

use crate::check::sealed_aad;
use crate::city::City;
use crate::commit::Origin;
use changzhi_flow::{Event, Rest, Why};
use changzhi_model::{Actor, Context, EntityId, Fact, Name, Seq, Stored, Value};
use changzhi_plugins::{ClockStands, ClockStretch, Happened, HostError, Platform};
use changzhi_world::{Cell, World};
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock, Weak};

/// Handed to plugins at load; knows the city once there is one.
#[derive(Default)]
pub(crate) struct CityPlatform(OnceLock<Weak<City>>);

impl CityPlatform {
    pub(crate) fn attach(&self, city: &Arc<City>) {
        // A second attach would be a bug of `open`; the first one stays.
        let _ = self.0.set(Arc::downgrade(city));
    }

    fn city(&self) -> Result<Arc<City>, HostError> {
        self.0.get().and_then(Weak::upgrade).ok_or_else(|| HostError::Other("the city is closed".into()))
    }
}

impl Platform for CityPlatform {
    fn with_world(&self, look: &mut dyn FnMut(&World)) {
        if let Ok(city) = self.city() {
            look(&city.world.read());
        }
    }

    fn stored(
        &self,
        ctx: &Context,
        plugin: &Name,
        entity: EntityId,
        facet: &str,
        field: &str,
    ) -> Result<Value, HostError> {
        self.city()?.stored(ctx, plugin, entity, facet, field)
    }

    fn allowed(&self, ctx: &Context, entity: EntityId) -> Result<Vec<(Name, Name)>, HostError> {
        let city = self.city()?;
        let registry = city.registry();
        let core = city.read(|w| w.core(entity)).ok_or_else(|| HostError::Unknown(format!("entity {entity}")))?;
        let Some(flow) = registry.kinds.get(&core.kind).and_then(|k| k.flow.clone()) else { return Ok(Vec::new()) };
        let flows = &registry.flows;
        let Some((engine, track)) = city.engine_of(entity).map_err(HostError::Other)? else {
            let newest = flows.newest_version(&flow).unwrap_or_default();
            let ruled = registry.engines.newest(&flow, newest).is_some();
            let version = flows.oldest_version(&flow).filter(|_| ruled).unwrap_or(newest);
            return Ok(flows.allowed_at(&flow, version, &core.state, &ctx.actor.roles));
        };
        let mut steps = flows.allowed_at(&flow, track.version, &core.state, &ctx.actor.roles);
        steps.retain(|(event, target)| {
            let told = engine.rules().event(event).is_some_and(|r| r.told);
            let wish = Event::new(ctx.now, event.clone(), core.state.clone(), target.clone()).by(ctx.actor.id);
            // What is only missing arguments can still be given them.
            !told && engine.judge(&track, &wish).err().is_none_or(|guard| guard.is_about_arguments())
        });
        Ok(steps)
    }

    fn clocks(&self, ctx: &Context, entity: EntityId) -> Result<Vec<ClockStands>, HostError> {
        let clocks = self.city()?.clocks(entity, ctx.now).map_err(HostError::Other)?;
        let whole = |n: i64| u32::try_from(n).unwrap_or_default();
        let stands = |s: changzhi_flow::Standing| ClockStands {
            name: s.clock,
            owner: s.owner,
            begun: s.begun,
            due: s.due,
            paused: s.paused,
            light: s.light.name(),
            day: s.day.map_or(0, |d| whole(d.0)),
            days: s.day.map_or(0, |d| whole(d.1)),
        };
        Ok(clocks.into_iter().map(stands).collect())
    }

    fn explain(&self, ctx: &Context, entity: EntityId, clock: &str) -> Result<Vec<ClockStretch>, HostError> {
        let runs = self.city()?.explain(entity, &clock.into(), ctx.now).map_err(HostError::Other)?;
        let stretches = runs.into_iter().next_back().map(|run| run.stretches).unwrap_or_default();
        Ok(stretches.into_iter().map(stretch).collect())
    }

    fn story(&self, _ctx: &Context, entity: EntityId) -> Result<Vec<Happened>, HostError> {
        let story = self.city()?.story(entity).map_err(HostError::Other)?;
        let happened = |e: Event| Happened {
            at: e.at,
            event: e.name,
            source: e.from,
            target: e.to,
            reason: e.reason,
            clock: e.fired.map(|f| f.clock).unwrap_or_default(),
        };
        Ok(story.into_iter().map(happened).collect())
    }
}

fn stretch(of: changzhi_flow::Stretch) -> ClockStretch {
    let (why, detail) = match &of.why {
        Why::Counted => ("counted", String::new()),
        Why::FirstDay => ("first-day", String::new()),
        Why::Rest(Rest::Holiday(name)) => ("holiday", name.clone()),
        Why::Rest(Rest::Weekend) => ("weekend", String::new()),
        Why::Rest(Rest::OutOfHours) => ("out-of-hours", String::new()),
        Why::Paused(code) => ("paused", code.clone()),
        Why::PastCap => ("past-cap", String::new()),
    };
    ClockStretch { begin: of.from, end: of.to, counts: of.why.counts(), why, detail }
}

impl City {
    /// A value that is not in a column: a long text from the journal, or a personal field opened for a stated purpose.
    /// The look is in the access log before the value is handed out (CHARTER 7).
    pub(crate) fn stored(
        &self,
        ctx: &Context,
        plugin: &Name,
        entity: EntityId,
        facet: &str,
        field: &str,
    ) -> Result<Value, HostError> {
        let cell = self.read(|w| w.cell(entity, facet, field));
        let (seq, change, sealed) = match cell {
            None => return Ok(Value::None),
            Some(Cell::Here(value)) => return Ok(value),
            Some(Cell::InJournal { seq, change }) => (seq, change, false),
            Some(Cell::Sealed { seq, change }) => (seq, change, true),
        };
        if sealed {
            if ctx.purpose.is_empty() {
                return Err(HostError::PurposeNeeded(format!("{facet}.{field}")));
            }
            self.look(ctx, plugin, entity, facet, field)?;
        }
        let value = self.fetch(entity, facet, field, seq, change).map_err(HostError::Other)?;
        // Erased reads as nothing.
        Ok(value.unwrap_or_default())
    }

    /// A sealed field of the host's own facets, for the host's own use (checking a password): shown to nobody, so it leaves no
    /// entry in the access log. `None`: nothing there, or erased.
    pub fn secret(&self, entity: EntityId, facet: &str, field: &str) -> Result<Option<Value>, String> {
        if !facet.starts_with("host.") {
            return Err(format!("{facet} is not the host's own"));
        }
        match self.read(|w| w.cell(entity, facet, field)) {
            None => Ok(None),
            Some(Cell::Here(value)) => Ok(Some(value)),
            Some(Cell::InJournal { seq, change } | Cell::Sealed { seq, change }) => {
                self.fetch(entity, facet, field, seq, change)
            }
        }
    }

    /// Reads a field back from the transaction that wrote it. `None`: erased.
    fn fetch(
        &self,
        entity: EntityId,
        facet: &str,
        field: &str,
        seq: Seq,
        change: u32,
    ) -> Result<Option<Value>, String> {
        // A reader may come for what is not written yet: the locator's transaction must be durable first.
        self.journal.wait_durable(seq).map_err(|e| e.to_string())?;
        let tx = self.transaction(seq)?;
        let fact = usize::try_from(change).ok().and_then(|i| tx.facts.get(i));
        let Some(Fact::Put { fields, .. }) = fact else {
            return Err(format!("transaction {seq} has no field at change {change}: run `changzhi journal verify`"));
        };
        match fields.iter().find(|(name, _)| name == field).map(|(_, stored)| stored) {
            Some(Stored::Open(value)) => Ok(Some(value.clone())),
            Some(Stored::Sealed(bytes)) => {
                let aad = sealed_aad(entity, facet, field);
                let opened = self.vault.unseal(entity, &aad, bytes).map_err(|e| e.to_string())?;
                opened.map(|plain| postcard::from_bytes(&plain).map_err(|e| e.to_string())).transpose()
            }
            None => Ok(None),
        }
    }

    fn look(&self, ctx: &Context, plugin: &Name, entity: EntityId, facet: &str, field: &str) -> Result<(), HostError> {
        self.looked(&ctx.actor, &ctx.purpose, plugin, entity, (facet, field)).map_err(HostError::Other)
    }

    /// Enters a look of somebody at personal data of an entity (`facet`, `field`) in the access log, durable on return: what is
    /// looked at is handed out after it and never before (CHARTER 7).
    ///
    /// # Errors
    /// The journal takes nothing: then nothing may be shown.
    pub fn looked(
        &self,
        actor: &Actor,
        purpose: &Name,
        plugin: &Name,
        entity: EntityId,
        (facet, field): (&str, &str),
    ) -> Result<(), String> {
        self.stats.looks.fetch_add(1, Ordering::Relaxed);
        let command = Name::new_static("look");
        let origin =
            Origin { actor, purpose, plugin, command: &command, request: self.fresh_request(), digest: [0; 16] };
        let fact = Fact::Looked { entity, facet: facet.into(), fields: vec![field.into()] };
        let seq = self.append(origin, vec![fact], Vec::new()).map_err(|e| format!("access log: {e:?}"))?;
        self.journal.wait_durable(seq).map_err(|e| e.to_string())
    }
}
