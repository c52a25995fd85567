//! Long work: who may start it, and who may see and stop it.

use super::Gate;
use super::check::{Ask, Door, cut};
use crate::{GateRefusal, Session, Submission, scope};
use changzhi_model::{FieldDecl, Problem, Value};
use changzhi_pipeline::JobInfo;

impl Gate {
    /// Decides about starting a job: `ask.command` names it. The same rules as for a command; a job asks for no purpose, but one
    /// may be stated.
    ///
    /// # Errors
    /// As [`Gate::check`].
    pub fn check_job(
        &self,
        session: &Session,
        ask: &Ask<'_>,
        read: impl FnOnce(&[FieldDecl]) -> Result<Vec<Value>, Vec<Problem>>,
    ) -> Result<Submission, GateRefusal> {
        self.rates.admit(session, self.options.rate, self.clock.now())?;
        let missing = || GateRefusal::NotFound(format!("job {}/{}", cut(ask.plugin), cut(ask.command)));
        let manifest = self.backend.manifest(ask.plugin).ok_or_else(missing)?;
        let decl = manifest.job(ask.command).ok_or_else(missing)?;
        let door = Door { name: &decl.name, roles: &decl.roles, fields: &decl.params, purpose: false };
        self.submission(session, ask, &manifest.id, &door, read)
    }

    /// May see a job and stop it: the administrator of the whole city, and whoever may start such a job and either started this
    /// one or holds the role wherever it works.
    pub fn oversees(&self, session: &Session, job: &JobInfo) -> bool {
        if session.is_city_wide("admin") {
            return true;
        }
        let Some(manifest) = self.backend.manifest(&job.plugin) else { return false };
        let Some(decl) = manifest.job(&job.name) else { return false };
        if !session.holds_any(&decl.roles) {
            return false;
        }
        if job.actor.id == session.account {
            return true;
        }
        let held: Vec<_> =
            session.held.iter().filter(|h| decl.roles.is_empty() || decl.roles.contains(&h.role)).collect();
        if held.iter().any(|h| h.division.is_none()) {
            return true;
        }
        let own: Vec<_> = held.iter().filter_map(|h| h.division).collect();
        let at = &job.actor.divisions;
        !at.is_empty() && self.read(|r| at.iter().all(|d| scope::lies_within(r, *d, &own))).unwrap_or(false)
    }
}
