//! Reading through plugins: views, on the read lane, never in the way of a writer.
//!
//! **A page shows one state of the world.** A view asks the world many times, each under a lock of its own, so that no writer waits for
//! a page. Whether something it read has changed meanwhile is known when it is done ([`ReadSet`]); then the page is made again from the
//! state that is now. Where that goes on for longer than [`CALM`] the last page is shown as it is: rather late and mended by the next
//! rendering than not at all. What opened a personal field is not made again, because the access log would have it twice.

use crate::city::City;
use crate::registry::Runner;
use changzhi_model::{Actor, Context, Manifest, Name, Refusal, Seq, Text, Value};
use changzhi_plugins::view::Page;
use changzhi_plugins::{Call, Fault, Plugin, ReadSet};
use changzhi_world::World;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long, and how often, a page is made again because the world moved under it.
const CALM: (Duration, u32) = (Duration::from_millis(100), 16);
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

/// What a page was made from, so that it can be told when it may have changed.
pub struct Watch {
    city: Arc<City>,
    made: Made,
}

struct Made {
    /// `None`: what it read is not known.
    reads: Option<ReadSet>,
    revision: Seq,
    manifest: Arc<Manifest>,
}

impl Watch {
    /// True while nothing the view read has changed and its plugin is still the same. Price: one short look at the world.
    pub fn is_fresh(&self) -> bool {
        let made = &self.made;
        let unread = |w: &changzhi_world::World| match &made.reads {
            Some(reads) => reads.is_fresh(w),
            None => w.revision() <= made.revision,
        };
        self.city.read(unread) && self.city.manifest(&made.manifest.id).is_some_and(|m| Arc::ptr_eq(&m, &made.manifest))
    }
}

impl City {
    /// Renders a view. Blocks the calling thread for at most the view's deadline and one group commit: the page leaves only
    /// when everything it may show is durable. Returns the revision it is good for.
    pub fn view(&self, call: &ViewCall) -> Result<(Page, Seq), ViewError> {
        self.made(call).map(|(page, made)| (page, made.revision))
    }

    fn made(&self, call: &ViewCall) -> Result<(Page, Made), ViewError> {
        let registry = self.registry();
        let installed = registry.plugin(&call.plugin).ok_or_else(|| {
            ViewError::Refused(Refusal::NotFound(Text::plain(format!("plugin {:?} is not installed", call.plugin))))
        })?;
        let (answer, revision, reads) = match &installed.runner {
            Runner::Native(native) => {
                let world = self.world.read();
                let ctx = self.moment(call, &world);
                (native.view(&ctx, &call.view, &call.params, &world), ctx.revision, None)
            }
            Runner::Wasm(slot) => match slot.read(|plugin| self.of_one_state(plugin, call)) {
                Ok(Ok((answer, reads))) => (answer, reads.revision(), Some(reads)),
                Ok(Err(fault)) => return Err(ViewError::Failed(fault.to_string())),
                Err(closed) => {
                    let retry_after = closed.retry_after().unwrap_or(STOPPED);
                    return Err(ViewError::Unavailable { reason: closed.to_string(), retry_after });
                }
            },
        };
        // What it read may be newer than where it began: wait for all that is applied by now.
        let shown = self.read(changzhi_world::World::revision);
        self.journal
            .wait_durable(shown)
            .map_err(|e| ViewError::Unavailable { reason: e.to_string(), retry_after: Duration::from_secs(60) })?;
        let made = Made { reads, revision, manifest: Arc::clone(&installed.manifest) };
        answer.map(|page| (page, made)).map_err(ViewError::Refused)
    }

    /// A page none of whose parts is of another state than the rest, if that can be had; see the module. Within the slot's one call:
    /// a page that was torn apart by a writer is no fault of its plugin.
    fn of_one_state(&self, plugin: &Arc<Plugin>, call: &ViewCall) -> Result<(Result<Page, Refusal>, ReadSet), Fault> {
        let begun = Instant::now();
        let mut left = CALM.1;
        loop {
            let ctx = self.read(|w| self.moment(call, w));
            let reads = ReadSet::at(ctx.revision);
            let answer = plugin.view(&Call { ctx: &ctx, reads: &reads }, &call.view, &call.params);
            left -= 1;
            let last = left == 0 || begun.elapsed() >= CALM.0 || reads.opened();
            if last || self.read(|w| reads.is_fresh(w)) {
                return answer.map(|answer| (answer, reads));
            }
        }
    }

    /// Where a view begins: who asks, when, and of which state.
    fn moment(&self, call: &ViewCall, world: &World) -> Context {
        let revision = world.revision();
        Context {
            actor: call.actor.clone(),
            purpose: call.purpose.clone(),
            now: self.clock.now().max(world.last_at()),
            seed: revision.0,
            place: None,
            revision,
            locale: call.locale.clone(),
        }
    }

    /// As [`City::view`], off the async runtime's threads.
    pub async fn view_async(self: &Arc<Self>, call: ViewCall) -> Result<(Page, Seq), ViewError> {
        let city = Arc::clone(self);
        match tokio::task::spawn_blocking(move || city.view(&call)).await {
            Ok(answer) => answer,
            Err(e) => Err(ViewError::Failed(format!("the view's thread ended: {e}"))),
        }
    }

    /// As [`City::view_async`], with what tells when to ask again.
    pub async fn watch_async(self: &Arc<Self>, call: ViewCall) -> Result<(Page, Seq, Watch), ViewError> {
        let city = Arc::clone(self);
        match tokio::task::spawn_blocking(move || city.made(&call)).await {
            Ok(Ok((page, made))) => Ok((page, made.revision, Watch { city: Arc::clone(self), made })),
            Ok(Err(error)) => Err(error),
            Err(e) => Err(ViewError::Failed(format!("the view's thread ended: {e}"))),
        }
    }
}
