//! What plugins may ask of the host while they run: the host side of the imports.

use crate::check::sealed_aad;
use crate::city::City;
use crate::commit::Origin;
use crate::members::{self, Needs};
use changzhi_flow::{Event, Rest, Why};
use changzhi_model::{Actor, Context, EntityId, Fact, Name, Seq, Stored, Value};
use changzhi_plugins::{ClockStands, ClockStretch, Happened, HostError, Look, Opened, Platform};
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
        _plugin: &Name,
        entity: EntityId,
        facet: &str,
        field: &str,
    ) -> Result<Opened, HostError> {
        self.city()?.stored(ctx, entity, facet, field)
    }

    fn looked(&self, ctx: &Context, plugin: &Name, looks: &[Look]) -> Result<(), HostError> {
        let city = self.city()?;
        let mut left: Vec<&Look> = looks.iter().collect();
        // One transaction for each purpose; a call has one or two.
        while let Some(purpose) = left.first().map(|l| l.purpose.clone()) {
            let (these, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(|l| l.purpose == purpose);
            left = rest;
            let all = these.into_iter().map(|l| (l.entity, l.facet.as_str(), l.field.as_str()));
            city.looked_at(&ctx.actor, &purpose, plugin, all).map_err(HostError::Other)?;
        }
        Ok(())
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
    /// A value that is not in a column: a long text from the journal, or a personal field opened for a stated purpose. The plugin gets
    /// it, and can tell nobody: the look is in the access log before the call's answer is handed out (CHARTER 7).
    pub(crate) fn stored(
        &self,
        ctx: &Context,
        entity: EntityId,
        facet: &str,
        field: &str,
    ) -> Result<Opened, HostError> {
        let cell = self.read(|w| w.cell(entity, facet, field));
        let (seq, change, sealed) = match cell {
            None => return Ok(Opened::default()),
            Some(Cell::Here(value)) => return Ok(value.into()),
            Some(Cell::InJournal { seq, change }) => (seq, change, false),
            Some(Cell::Sealed { seq, change }) => (seq, change, true),
        };
        let purpose = match sealed.then(|| self.needs(ctx.actor.id, entity, facet)) {
            None => None,
            Some(Needs::Member) => Some(members::PURPOSE),
            Some(Needs::Membership) => {
                return Err(HostError::NotGranted(format!("{facet}.{field} of {entity} opens for its members alone")));
            }
            Some(Needs::Purpose) if ctx.purpose.is_empty() => {
                return Err(HostError::PurposeNeeded(format!("{facet}.{field}: state the purpose of the look")));
            }
            Some(Needs::Purpose) => Some(ctx.purpose.clone()),
        };
        let value = self.fetch(entity, facet, field, seq, change).map_err(HostError::Other)?;
        // Erased reads as nothing.
        Ok(Opened { value: value.unwrap_or_default(), purpose })
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
    pub(crate) fn fetch(
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
        self.looked_at(actor, purpose, plugin, [(entity, facet, field)].into_iter())
    }

    /// The same for several fields: one entry.
    fn looked_at<'a>(
        &self,
        actor: &Actor,
        purpose: &Name,
        plugin: &Name,
        fields: impl Iterator<Item = (EntityId, &'a str, &'a str)>,
    ) -> Result<(), String> {
        let command = Name::new_static("look");
        let origin =
            Origin { actor, purpose, plugin, command: &command, request: self.fresh_request(), digest: [0; 16] };
        let mut facts: Vec<Fact> = Vec::new();
        for (of, in_facet, field) in fields {
            self.stats.looks.fetch_add(1, Ordering::Relaxed);
            match facts.last_mut() {
                Some(Fact::Looked { entity, facet, fields }) if *entity == of && facet == in_facet => {
                    fields.push(field.into())
                }
                _ => facts.push(Fact::Looked { entity: of, facet: in_facet.into(), fields: vec![field.into()] }),
            }
        }
        let seq = self.append(origin, facts, Vec::new()).map_err(|e| format!("access log: {e:?}"))?;
        self.journal.wait_durable(seq).map_err(|e| e.to_string())
    }
}
