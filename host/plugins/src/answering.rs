//! The host side of the imports: grants, budgets and the notes of what was read.

use crate::bindings::changzhi::platform::types::{Point, Value};
use crate::bindings::changzhi::platform::{flow, log, people, types, world as ww};
use crate::convert;
use crate::guest_state::{GuestState, Stopped};
use crate::platform::{HostError, Look, Platform};
use crate::source::{Batch, Cell, Query, QueryCursor, TallyCursor, TallySpec, TallyTable, World};
use changzhi_model::{self as model, EntityId, Seq};
use std::sync::Arc;
use std::time::Instant;

type Answer<T> = wasmtime::Result<Result<T, types::HostError>>;

/// Rows scanned under one hold of the world's lock.
const CHUNK: usize = 1 << 16;

/// Fields every entity has.
const CORE: [&str; 8] = ["kind", "category", "state", "at", "within", "lon", "lat", "changed"];

fn split(field: &str) -> Option<(&str, &str)> {
    field.rsplit_once('.')
}

fn give<T>(answer: Result<T, HostError>) -> Answer<T> {
    Ok(answer.map_err(convert::host_error))
}

impl GuestState {
    /// Counts a call of an import. Over the budget it is a value, far over it the guest is stopped.
    fn count(&mut self) -> wasmtime::Result<Result<(), HostError>> {
        let limit = self.shared.limits.host_calls;
        self.meter.host_calls = self.meter.host_calls.saturating_add(1);
        if self.meter.host_calls <= limit {
            return Ok(Ok(()));
        }
        if self.meter.host_calls > limit.saturating_mul(2) {
            return Err(wasmtime::Error::new(Stopped::HostCalls));
        }
        Ok(Err(HostError::BudgetExceeded(format!("{limit} host calls in one call"))))
    }

    fn weigh(&mut self, bytes: usize) -> Result<(), HostError> {
        let limit = self.shared.limits.answer_bytes;
        self.meter.answer_bytes = self.meter.answer_bytes.saturating_add(bytes);
        if self.meter.answer_bytes > limit {
            return Err(HostError::BudgetExceeded(format!(
                "{limit} bytes of answers in one call: ask for fewer rows or fields"
            )));
        }
        Ok(())
    }

    fn platform(&self) -> Result<Arc<dyn Platform>, HostError> {
        self.shared.platform.clone().ok_or_else(|| HostError::Other("describe reads nothing".into()))
    }

    fn see<T>(&self, mut look: impl FnMut(&World) -> T) -> Result<T, HostError> {
        let mut seen = None;
        self.platform()?.with_world(&mut |world| seen = Some(look(world)));
        seen.ok_or_else(|| HostError::Other("the city is closed".into()))
    }

    /// Asks a query chunk by chunk, so that a long scan never holds the world's lock for long.
    fn chunked(&self, query: &Query) -> Result<Batch, HostError> {
        let mut cursor = self.see(|w| QueryCursor::new(w, query))?.map_err(|e| convert::query_error(&e))?;
        while !self.see(|w| cursor.step(w, CHUNK))? {}
        let mut cursor = Some(cursor);
        let batch = self.see(|w| cursor.take().map(|c| c.finish(w)))?;
        batch.ok_or_else(|| HostError::Other("the query was finished twice".into()))
    }

    /// Counts chunk by chunk, for the same reason.
    fn counted(&self, spec: &TallySpec) -> Result<TallyTable, HostError> {
        let mut cursor = self.see(|w| TallyCursor::new(w, spec))?.map_err(|e| convert::query_error(&e))?;
        while !self.see(|w| cursor.step(w, CHUNK))? {}
        cursor.finish().map_err(|e| convert::query_error(&e))
    }

    /// Time the host takes for itself here does not count against the guest.
    fn unhurried<T>(&mut self, ask: impl FnOnce(&mut Self) -> T) -> T {
        let from = Instant::now();
        let answer = ask(self);
        self.meter.credit += from.elapsed();
        answer
    }

    fn may_read_facet(&self, facet: &str) -> Result<(), HostError> {
        let own = facet.split_once('.').is_some_and(|(owner, _)| owner == self.shared.id);
        if own || self.shared.grants.may_read(facet) {
            return Ok(());
        }
        Err(HostError::NotGranted(format!("facet {facet}: add a grant {{ name: \"{facet}\", access: \"r\" }}")))
    }

    fn may_read_kind(&self, kind: &str) -> Result<(), HostError> {
        if self.shared.kinds.iter().any(|k| k == kind) || self.shared.grants.may_read(&format!("kind:{kind}")) {
            return Ok(());
        }
        Err(HostError::NotGranted(format!("kind {kind}: add a grant {{ name: \"kind:{kind}\", access: \"r\" }}")))
    }

    /// Notes a field of a scan after checking that it may be read.
    fn scanned(&mut self, field: &str) -> Result<(), HostError> {
        if CORE.contains(&field) || field.is_empty() || field == "id" {
            return Ok(());
        }
        let (facet, _) = split(field).ok_or_else(|| HostError::Unknown(format!("field {field}: write facet.field")))?;
        self.may_read_facet(facet)?;
        self.notes.facet(facet);
        Ok(())
    }

    fn scan<'a>(&mut self, kind: &str, fields: impl Iterator<Item = &'a str>) -> Result<(), HostError> {
        if !kind.is_empty() {
            self.may_read_kind(kind)?;
            self.notes.kind(kind);
        }
        let mut facets = 0;
        for field in fields {
            self.scanned(field)?;
            facets += usize::from(split(field).is_some());
        }
        if kind.is_empty() && facets == 0 {
            return Err(HostError::Invalid("name a kind, or a field of a facet".into()));
        }
        Ok(())
    }

    fn one(&mut self, entity: u64, field: &str) -> Result<model::Value, HostError> {
        let id = EntityId(entity);
        if CORE.contains(&field) {
            let core = self.see(|w| w.core(id))?;
            let core = core.ok_or_else(|| HostError::Unknown(format!("entity {entity}")))?;
            self.may_read_kind(&core.kind)?;
            return Ok(match field {
                "kind" => model::Value::text(core.kind.as_str()),
                "category" => model::Value::text(core.category.as_str()),
                "state" => model::Value::text(core.state.as_str()),
                "at" => model::Value::Time(core.at),
                "within" => core.within.map_or(model::Value::None, model::Value::Entity),
                "lon" => core.position.map_or(model::Value::None, |p| model::Value::Num(p.lon)),
                "lat" => core.position.map_or(model::Value::None, |p| model::Value::Num(p.lat)),
                _ => model::Value::Int(i64::try_from(core.changed.0).unwrap_or(i64::MAX)),
            });
        }
        let (facet, name) =
            split(field).ok_or_else(|| HostError::Unknown(format!("field {field}: write facet.field")))?;
        self.may_read_facet(facet)?;
        match self.see(|w| w.cell(id, facet, name))? {
            None => Ok(model::Value::None),
            Some(Cell::Here(value)) => Ok(value),
            Some(Cell::Sealed { .. }) => {
                Err(HostError::PurposeNeeded(format!("{field} is personal: open it with people.reveal")))
            }
            Some(Cell::InJournal { .. }) => self.open(id, facet, name),
        }
    }

    fn open(&mut self, entity: EntityId, facet: &str, field: &str) -> Result<model::Value, HostError> {
        let platform = self.platform()?;
        let opened = self.unhurried(|s| platform.stored(&s.ctx, &s.shared.id, entity, facet, field))?;
        if let Some(purpose) = opened.purpose {
            let look = Look { entity, facet: facet.into(), field: field.into(), purpose };
            self.notes.opened = true;
            if !self.looks.contains(&look) {
                self.looks.push(look);
            }
        }
        Ok(opened.value)
    }

    fn each(
        &mut self,
        fields: &[String],
        mut read: impl FnMut(&mut Self, &str) -> Result<model::Value, HostError>,
    ) -> Result<Vec<Value>, HostError> {
        let mut values = Vec::with_capacity(fields.len());
        for field in fields {
            let value = read(self, field)?;
            self.weigh(16 + value.as_text().map_or(0, str::len))?;
            values.push(convert::value_into(&value));
        }
        Ok(values)
    }
}

impl types::Host for GuestState {}

impl ww::Host for GuestState {
    fn select(&mut self, q: ww::Query) -> Answer<ww::Batch> {
        if let Err(e) = self.count()? {
            return give(Err(e));
        }
        let rows = self.shared.limits.rows;
        if q.limit > rows {
            return give(Err(HostError::BudgetExceeded(format!(
                "{} rows asked, the limit is {rows}: page with `after`",
                q.limit
            ))));
        }
        let named = q.fields.iter().map(String::as_str);
        let named = named.chain(q.filter.iter().map(|c| c.field.as_str())).chain(q.order.as_deref());
        if let Err(e) = self.scan(&q.kind, named) {
            return give(Err(e));
        }
        let query = convert::query(q);
        let batch = self.unhurried(|s| s.chunked(&query));
        give(batch.and_then(|batch| {
            let (batch, bytes) = convert::batch(batch);
            self.weigh(bytes).map(|()| batch)
        }))
    }

    fn get(&mut self, entity: u64, fields: Vec<String>) -> Answer<Vec<Value>> {
        if let Err(e) = self.count()? {
            return give(Err(e));
        }
        self.note_entity(entity);
        give(self.each(&fields, |s, field| s.one(entity, field)))
    }

    fn find(&mut self, field: String, value: Value) -> Answer<Option<u64>> {
        if let Err(e) = self.count()? {
            return give(Err(e));
        }
        let Some((facet, name)) = split(&field) else {
            return give(Err(HostError::Unknown(format!("field {field}: write facet.field"))));
        };
        if let Err(e) = self.scanned(&field) {
            return give(Err(e));
        }
        let value = convert::value_from(value);
        give(self.see(|w| w.find(facet, name, &value)).map(|found| found.map(|e| e.0)))
    }

    fn tally(&mut self, spec: ww::TallySpec) -> Answer<ww::TallyTable> {
        if let Err(e) = self.count()? {
            return give(Err(e));
        }
        let named = spec.by.iter().map(|d| d.field.as_str()).chain(spec.filter.iter().map(|c| c.field.as_str()));
        if let Err(e) = self.scan(&spec.kind, named) {
            return give(Err(e));
        }
        let spec = convert::tally_spec(spec);
        let table = self.unhurried(|s| s.counted(&spec));
        give(table.and_then(|table| {
            let (table, bytes) = convert::tally(table);
            self.weigh(bytes).map(|()| table)
        }))
    }

    fn near(&mut self, center: Point, metres: f64, kind: String, limit: u32) -> Answer<Vec<ww::Hit>> {
        if let Err(e) = self.count()? {
            return give(Err(e));
        }
        if let Err(e) = self.scan(&kind, std::iter::empty()) {
            return give(Err(e));
        }
        let center = model::Point { lon: center.lon, lat: center.lat };
        let limit = limit.min(self.shared.limits.rows);
        let hits =
            self.see(|w| w.near(center, metres, &kind, limit)).and_then(|r| r.map_err(|e| convert::query_error(&e)));
        give(hits.and_then(|hits| {
            self.weigh(hits.len() * 16)?;
            Ok(hits.into_iter().map(|h| ww::Hit { id: h.id.0, metres: h.metres }).collect())
        }))
    }

    fn since(&mut self, kind: String, revision: u64) -> Answer<ww::Delta> {
        if let Err(e) = self.count()? {
            return give(Err(e));
        }
        if let Err(e) = self.scan(&kind, std::iter::empty()) {
            return give(Err(e));
        }
        let delta = self.see(|w| w.since(&kind, Seq(revision))).and_then(|r| r.map_err(|e| convert::query_error(&e)));
        give(delta.and_then(|delta| {
            self.weigh(delta.changed.len() * 8)?;
            Ok(convert::delta(delta))
        }))
    }

    fn locate(&mut self, at: Point, kind: String) -> Answer<Option<u64>> {
        if let Err(e) = self.count()? {
            return give(Err(e));
        }
        if let Err(e) = self.scan(&kind, std::iter::empty()) {
            return give(Err(e));
        }
        let at = model::Point { lon: at.lon, lat: at.lat };
        let found = self.see(|w| w.locate(at, &kind)).and_then(|r| r.map_err(|e| convert::query_error(&e)));
        give(found.map(|found| found.map(|e| e.0)))
    }
}

impl people::Host for GuestState {
    fn reveal(&mut self, entity: u64, fields: Vec<String>) -> Answer<Vec<Value>> {
        if let Err(e) = self.count()? {
            return give(Err(e));
        }
        let id = self.note_entity(entity);
        give(self.each(&fields, |s, field| {
            let (facet, name) =
                split(field).ok_or_else(|| HostError::Unknown(format!("field {field}: write facet.field")))?;
            s.may_read_facet(facet)?;
            s.open(id, facet, name)
        }))
    }
}

impl GuestState {
    /// Asks the host about one matter: counted, noted as read, and off the plugin's own deadline.
    fn of_matter<T>(
        &mut self,
        entity: u64,
        ask: impl FnOnce(&dyn crate::Platform, &changzhi_model::Context, changzhi_model::EntityId) -> Result<T, HostError>,
    ) -> wasmtime::Result<Result<T, HostError>> {
        if let Err(e) = self.count()? {
            return Ok(Err(e));
        }
        let id = self.note_entity(entity);
        let platform = match self.platform() {
            Ok(platform) => platform,
            Err(e) => return Ok(Err(e)),
        };
        Ok(self.unhurried(|s| ask(&*platform, &s.ctx, id)))
    }
}

impl flow::Host for GuestState {
    fn allowed(&mut self, entity: u64) -> Answer<Vec<flow::Step>> {
        if let Err(e) = self.count()? {
            return give(Err(e));
        }
        let id = self.note_entity(entity);
        let platform = match self.platform() {
            Ok(platform) => platform,
            Err(e) => return give(Err(e)),
        };
        let steps = self.unhurried(|s| platform.allowed(&s.ctx, id));
        give(steps.map(|steps| {
            steps.into_iter().map(|(event, target)| flow::Step { event: event.into(), target: target.into() }).collect()
        }))
    }

    fn clocks(&mut self, entity: u64) -> Answer<Vec<flow::Clock>> {
        let clocks = match self.of_matter(entity, |platform, ctx, id| platform.clocks(ctx, id))? {
            Ok(clocks) => clocks,
            Err(e) => return give(Err(e)),
        };
        let clock = |c: crate::platform::ClockStands| flow::Clock {
            name: c.name.into(),
            owner: c.owner.into(),
            begun: c.begun.0,
            due: c.due.0,
            paused: c.paused,
            light: c.light.to_owned(),
            day: c.day,
            days: c.days,
        };
        give(Ok(clocks.into_iter().map(clock).collect()))
    }

    fn explain(&mut self, entity: u64, clock: String) -> Answer<Vec<flow::Stretch>> {
        let stretches = match self.of_matter(entity, |platform, ctx, id| platform.explain(ctx, id, &clock))? {
            Ok(stretches) => stretches,
            Err(e) => return give(Err(e)),
        };
        let stretch = |s: crate::platform::ClockStretch| flow::Stretch {
            begin: s.begin.0,
            end: s.end.0,
            counts: s.counts,
            why: s.why.to_owned(),
            detail: s.detail,
        };
        give(Ok(stretches.into_iter().map(stretch).collect()))
    }

    fn story(&mut self, entity: u64) -> Answer<Vec<flow::Happened>> {
        let story = match self.of_matter(entity, |platform, ctx, id| platform.story(ctx, id))? {
            Ok(story) => story,
            Err(e) => return give(Err(e)),
        };
        let happened = |h: crate::platform::Happened| flow::Happened {
            at: h.at.0,
            event: h.event.into(),
            source: h.source.into(),
            target: h.target.into(),
            reason: h.reason,
            clock: h.clock.into(),
        };
        give(Ok(story.into_iter().map(happened).collect()))
    }
}

impl log::Host for GuestState {
    fn write(&mut self, level: log::Level, line: String) -> wasmtime::Result<()> {
        if self.meter.log_lines >= self.shared.limits.log_lines {
            self.meter.log_dropped = self.meter.log_dropped.saturating_add(1);
            return Ok(());
        }
        self.meter.log_lines += 1;
        let mut cut = self.shared.limits.log_line.min(line.len());
        while !line.is_char_boundary(cut) {
            cut -= 1;
        }
        let line = line.get(..cut).unwrap_or_default();
        let plugin = self.shared.id.as_str();
        match level {
            log::Level::Debug => tracing::debug!(target: "plugin", plugin, "{line}"),
            log::Level::Info => tracing::info!(target: "plugin", plugin, "{line}"),
            log::Level::Warn => tracing::warn!(target: "plugin", plugin, "{line}"),
            log::Level::Error => tracing::error!(target: "plugin", plugin, "{line}"),
        }
        Ok(())
    }
}
