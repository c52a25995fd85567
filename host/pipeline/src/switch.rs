//! The city's side of a hot swap: contexts for `migrate`, and the commit of its steps.

use crate::city::City;
use crate::commit::{CommitError, Origin};
use crate::install::took_over;
use crate::registry::{Installed, Runner};
use changzhi_model::{Actor, Context, EntityId, Fact, Manifest, Name};
use changzhi_plugins::{Grants, Migrated, Migration, ReadSet, Slot, Step};
use std::sync::Arc;

/// One swap under way. Steps are checked against what the new version declares and was granted.
pub(crate) struct Switch<'a> {
    city: &'a Arc<City>,
    manifest: Arc<Manifest>,
    grants: Grants,
    digest: [u8; 32],
    slot: Option<Arc<Slot>>,
    /// The account that asked for it.
    by: EntityId,
}

impl<'a> Switch<'a> {
    pub(crate) fn new(
        city: &'a Arc<City>,
        slot: &Arc<Slot>,
        manifest: &Arc<Manifest>,
        grants: &Grants,
        digest: [u8; 32],
        by: EntityId,
    ) -> Switch<'a> {
        let (manifest, grants, slot) = (Arc::clone(manifest), grants.clone(), Some(Arc::clone(slot)));
        Switch { city, manifest, grants, digest, slot, by }
    }
}

impl Migration for Switch<'_> {
    fn context(&mut self) -> Context {
        let (now, revision) = self.city.read(|w| (self.city.clock.now().max(w.last_at()), w.revision()));
        Context {
            actor: system(),
            purpose: Name::default(),
            now,
            seed: revision.0,
            place: None,
            revision,
            locale: Name::new_static("zh-CN"),
        }
    }

    fn commit(&mut self, step: &Step, reads: &ReadSet, last: bool) -> Result<Migrated, String> {
        let Some(slot) = &self.slot else { return Err("the slot is gone".into()) };
        let installed = Installed {
            manifest: Arc::clone(&self.manifest),
            grants: self.grants.clone(),
            runner: Runner::Wasm(Arc::clone(slot)),
        };
        let (mut extra, mut changes) = (Vec::new(), step.changes.clone());
        if last {
            let before = self.city.read(|w| w.in_force(&self.manifest.id).cloned());
            changes.answer = took_over(before.as_ref());
            extra.push(Fact::PluginSwitched {
                plugin: self.manifest.id.clone(),
                version: self.manifest.version.clone(),
                digest: self.digest,
            });
        }
        let actor = Actor { id: self.by, ..system() };
        let origin = Origin {
            actor: &actor,
            purpose: &Name::default(),
            plugin: &self.manifest.id,
            command: &Name::new_static("migrate"),
            request: self.city.fresh_request(),
            digest: [0; 16],
        };
        match self.city.commit_changes(&installed, origin, changes, Some(reads), extra) {
            Ok(done) => self.city.journal.wait_durable(done.seq).map(|()| Migrated::Done).map_err(|e| e.to_string()),
            Err(CommitError::Stale) => Ok(Migrated::Stale),
            Err(e) => Err(format!("{e:?}")),
        }
    }
}

/// The actor of what nobody asked for: timers, reactions, migrations.
pub(crate) fn system() -> Actor {
    Actor { roles: vec![Name::new_static("system")], ..Actor::default() }
}
