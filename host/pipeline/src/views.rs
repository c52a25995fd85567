//! Reading through plugins: views, on the read lane, never in the way of a writer.

use crate::city::City;
use crate::registry::Runner;
use changzhi_model::{Actor, Context, Name, Refusal, Seq, Text, Value};
use changzhi_plugins::view::Page;
use changzhi_plugins::{Call, Plugin, ReadSet};
use std::sync::Arc;
use std::time::Duration;

/// When to ask a stopping host again.
const STOPPED: Duration = Duration::from_secs(60);

/// A view asked for by somebody the gate let through; one value for each declared parameter.
#[derive(Clone, Debug)]
pub struct ViewCall {
    pub plugin: Name,
    pub view: Name,
    pub params: Vec<Value>,
    pub actor: Actor,
    pub purpose: Name,
    pub locale: Name,
}

/// Why there is no page.
#[derive(Clone, PartialEq, Debug)]
pub enum ViewError {
    Refused(Refusal),
    /// Quarantined or busy.
    Unavailable {
        reason: String,
        retry_after: Duration,
    },
    /// The plugin broke its contract or a limit.
    Failed(String),
}

impl City {
    /// Renders a view. Blocks the calling thread for at most the view's deadline and one group commit: the page leaves only
    /// when everything it may show is durable. Returns the revision it is good for.
    pub fn view(&self, call: &ViewCall) -> Result<(Page, Seq), ViewError> {
        let registry = self.registry();
        let installed = registry.plugin(&call.plugin).ok_or_else(|| {
            ViewError::Refused(Refusal::NotFound(Text::plain(format!("plugin {:?} is not installed", call.plugin))))
        })?;
        let (now, revision) = self.read(|w| (self.clock.now().max(w.last_at()), w.revision()));
        let ctx = Context {
            actor: call.actor.clone(),
            purpose: call.purpose.clone(),
            now,
            seed: revision.0,
            place: None,
            revision,
            locale: call.locale.clone(),
        };
        let answer = match &installed.runner {
            Runner::Native(native) => native.view(&ctx, &call.view, &call.params, &self.world.read()),
            Runner::Wasm(slot) => {
                let reads = ReadSet::at(revision);
                let render =
                    |plugin: &Arc<Plugin>| plugin.view(&Call { ctx: &ctx, reads: &reads }, &call.view, &call.params);
                match slot.read(render) {
                    Ok(Ok(answer)) => answer,
                    Ok(Err(fault)) => return Err(ViewError::Failed(fault.to_string())),
                    Err(closed) => {
                        let retry_after = closed.retry_after().unwrap_or(STOPPED);
                        return Err(ViewError::Unavailable { reason: closed.to_string(), retry_after });
                    }
                }
            }
        };
        // What it read may be newer than where it began: wait for all that is applied by now.
        let shown = self.read(changzhi_world::World::revision);
        self.journal
            .wait_durable(shown)
            .map_err(|e| ViewError::Unavailable { reason: e.to_string(), retry_after: Duration::from_secs(60) })?;
        answer.map(|page| (page, revision)).map_err(ViewError::Refused)
    }

    /// As [`City::view`], off the async runtime's threads.
    pub async fn view_async(self: &Arc<Self>, call: ViewCall) -> Result<(Page, Seq), ViewError> {
        let city = Arc::clone(self);
        match tokio::task::spawn_blocking(move || city.view(&call)).await {
            Ok(answer) => answer,
            Err(e) => Err(ViewError::Failed(format!("the view's thread ended: {e}"))),
        }
    }
}
