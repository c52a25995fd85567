//! What happened to one matter, read back from the journal by its track, and its clocks explained.

use crate::city::City;
use crate::matters::{TRACK, kept, newest};
use changzhi_flow::{Account, Engine, Event, Standing};
use changzhi_model::{EntityId, Fact, Micros, Name, Seq, Stored, Value};
use std::sync::Arc;

/// Events read back of one matter at most.
const MOST: usize = 10_000;

impl City {
    /// Every event of a matter, oldest first; empty for what has no rules. Waits until the newest is durable. Price: one read of the
    /// journal for each event.
    ///
    /// # Errors
    /// The journal cannot be read, or an event in it does not read.
    pub fn story(&self, entity: EntityId) -> Result<Vec<Event>, String> {
        let mut seq = self.read(|w| newest(w, entity));
        let mut story = Vec::new();
        if seq > 0 {
            self.journal.wait_durable(Seq(seq.unsigned_abs())).map_err(|e| e.to_string())?;
        }
        while seq > 0 && story.len() < MOST {
            let tx = self.transaction(Seq(seq.unsigned_abs()))?;
            let mut before = 0;
            // Newest first, here and below.
            for fact in tx.facts.iter().rev() {
                let Fact::Put { entity: of, facet, fields } = fact else { continue };
                if *of != entity || *facet != TRACK {
                    continue;
                }
                let open = |name: &str| match fields.iter().find(|(n, _)| n == name) {
                    Some((_, Stored::Open(value))) => value.clone(),
                    _ => Value::None,
                };
                let json = open("event");
                let read = serde_json::from_str(json.as_text().unwrap_or_default());
                let event: Event = read.map_err(|e| format!("transaction {seq}: the event of {entity}: {e}"))?;
                story.push(Event { at: tx.at, ..event });
                before = open("prev").as_int().unwrap_or_default();
            }
            // Each names one before it: damage cannot make a circle.
            seq = if before < seq { before } else { 0 };
        }
        story.reverse();
        Ok(story)
    }

    /// The engine an entity goes on under, with its track.
    pub(crate) fn engine_of(&self, entity: EntityId) -> Result<Option<(Arc<Engine>, changzhi_flow::Track)>, String> {
        let registry = self.registry();
        let (core, track) = self.read(|w| (w.core(entity), kept(w, entity)));
        let (Some(core), Some(track)) = (core, track?) else { return Ok(None) };
        let flow = registry.kinds.get(&core.kind).and_then(|k| k.flow.clone()).unwrap_or_default();
        Ok(registry.engines.at(&flow, track.version, track.edition).map(|e| (Arc::clone(e), track)))
    }

    /// How each clock of a matter stands; none for what has no rules or rests.
    ///
    /// # Errors
    /// Its track does not read.
    pub fn clocks(&self, entity: EntityId, now: Micros) -> Result<Vec<Standing>, String> {
        Ok(self.engine_of(entity)?.map(|(engine, track)| engine.standing(&track, now)).unwrap_or_default())
    }

    /// Every run of a clock of a matter, second by second, oldest first: one that ended by the calendar that was in force when it
    /// did, one that is open by the calendar in force now.
    ///
    /// # Errors
    /// As [`City::story`].
    pub fn explain(&self, entity: EntityId, clock: &Name, now: Micros) -> Result<Vec<Account>, String> {
        let Some((engine, _)) = self.engine_of(entity)? else { return Ok(Vec::new()) };
        let story = self.story(entity)?;
        let mut runs = engine.explain(clock, &story, now);
        // When a run begins and ends is not the calendar's to say, so by every version there are the same runs.
        for (number, run) in runs.iter_mut().enumerate() {
            let Some((ended, _)) = &run.ended else { continue };
            let Some(then) = self.calendar_at(&engine.calendar().name, *ended)? else { continue };
            if let Some(as_ended) = engine.by(then).explain(clock, &story, now).into_iter().nth(number) {
                *run = as_ended;
            }
        }
        Ok(runs)
    }
}
