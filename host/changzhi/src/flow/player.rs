//! A city whose clock is moved by what is brought through it: each command at its own time, and before it whatever clocks do until then.
//! Everything goes the way of any command: guards, journal, world.

use crate::town::Town;
use anyhow::{Context as _, anyhow, bail};
use changzhi_gate::NewAccount;
use changzhi_model::{Actor, Clock as _, EntityId, Manifest, ManualClock, Micros, Name, Named, RequestId, body};
use changzhi_pipeline::{Outcome, Pending, Submission};
use std::sync::Arc;

pub(super) struct Player<'a> {
    pub(super) town: &'a Town,
    clock: &'a ManualClock,
    manifest: Arc<Manifest>,
    /// Whatever any step of the plugin asks for: a source seldom says who did it.
    roles: Vec<Name>,
    /// Steps that clocks took.
    pub(super) steps: usize,
}

impl<'a> Player<'a> {
    pub(super) fn new(town: &'a Town, clock: &'a ManualClock, plugin: &str) -> anyhow::Result<Player<'a>> {
        let manifest = town.city.manifest(plugin).with_context(|| format!("plugin {plugin} is not in force"))?;
        let mut roles = vec![Name::new_static("admin")];
        roles.extend(manifest.flows.iter().flat_map(|f| f.transitions.iter().flat_map(|t| t.roles.clone())));
        roles.sort_unstable();
        roles.dedup();
        Ok(Player { town, clock, manifest, roles, steps: 0 })
    }

    /// Whoever the events are of: the source names nobody. The password is known to nobody.
    pub(super) fn account(&self, login: &str, name: &str, role: &str) -> anyhow::Result<EntityId> {
        let password = hex::encode(rand::random::<[u8; 24]>());
        let new = NewAccount { login, name, password: &password, roles: &[(role, None)], purposes: &[] };
        self.town.gate.ensure_account(&new).map_err(|e| anyhow!("account {login}: {e}"))
    }

    pub(super) fn now(&self) -> Micros {
        self.clock.now()
    }

    /// The time at which the next thing happens, after everything that clocks do before.
    pub(super) fn until(&mut self, at: Micros) -> anyhow::Result<()> {
        while let Some(next) = self.town.city.next_timer().filter(|next| *next < at) {
            self.clock.set(next);
            let taken = self.town.city.run_timers();
            self.steps += taken;
            if taken == 0 && self.town.city.next_timer() == Some(next) {
                bail!("a clock's step at {} is not taken", next.to_rfc3339());
            }
        }
        self.clock.set(at);
        Ok(())
    }

    /// `key` names it for ever: what was sent once is not done twice.
    pub(super) fn submit(
        &self,
        who: EntityId,
        key: &str,
        command: &str,
        json: &serde_json::Value,
    ) -> anyhow::Result<Pending> {
        let plugin = &self.manifest.id;
        let decl = self.manifest.command(command).with_context(|| format!("no command {plugin}/{command}"))?;
        let body = body::parse(&decl.fields, json).map_err(|problems| {
            let all = problems.iter().map(body::explain).collect::<Vec<_>>().join("; ");
            anyhow!("{key}: {command}: {all}")
        })?;
        Ok(self.town.city.submit(Submission {
            plugin: plugin.clone(),
            command: decl.name.clone(),
            body,
            actor: Actor { id: who, roles: self.roles.clone(), divisions: Vec::new() },
            purpose: Name::new_static("replay"),
            place: None,
            request: RequestId::from_key(EntityId::NONE, &format!("replay:{key}:{command}")),
            locale: Name::new_static("zh-CN"),
            expected: None,
            acting_for: None,
        }))
    }

    /// Submits and waits.
    pub(super) fn does(
        &self,
        who: EntityId,
        key: &str,
        command: &str,
        json: &serde_json::Value,
    ) -> anyhow::Result<Vec<Named>> {
        match self.submit(who, key, command, json)?.wait() {
            Outcome::Done { answer, .. } => Ok(answer),
            other => bail!("{key}: {command}: {other:?}"),
        }
    }
}

/// What an answer names.
pub(super) fn named(answer: &[Named], name: &str) -> Option<EntityId> {
    answer.iter().find(|n| n.name == name).and_then(|n| n.value.as_entity())
}
