//! Running a job to its end.

use crate::person::split;
use crate::refused::Refused;
use crate::{Done, Person, TestError};
use changzhi_gate::GateRefusal;
use changzhi_model::{Actor, Fact, Seq, Transaction, body};
use changzhi_pipeline::{JobInfo, JobState};
use serde_json::Value as Json;
use std::ops::ControlFlow;

/// A job that ended well.
#[derive(Clone, Debug)]
pub struct Ran {
    pub info: JobInfo,
    /// Its steps in order, each with what it changed.
    pub steps: Vec<Done>,
}

impl Person<'_> {
    /// Starts a job and waits for its end.
    ///
    /// # Errors
    /// When it is refused, fails or is cancelled.
    pub fn runs(&self, job: &str, params: &Json) -> Result<Ran, TestError> {
        let (plugin, name) = split(job)?;
        let city = self.host().city();
        let manifest = city.manifest(plugin);
        let decl = manifest.as_ref().and_then(|m| m.jobs.iter().find(|j| j.name == name));
        let decl = decl.ok_or_else(|| TestError::Unknown(job.into()))?;
        let refused = |by: GateRefusal| TestError::Refused { asked: job.into(), refused: Refused::by_gate(&by) };
        let session = self.session()?;
        if !session.holds_any(&decl.roles) {
            return Err(refused(GateRefusal::Role { needed: decl.roles.clone() }));
        }
        let params = body::parse(&decl.params, params).map_err(|all| refused(GateRefusal::Invalid(all)))?;
        let actor = Actor { id: self.id(), roles: session.roles(), divisions: session.divisions() };
        let failed = |why: String| TestError::Failed { asked: job.into(), why };
        let id = city.start_job(plugin, name, params, actor, self.purpose().into()).map_err(failed)?;
        let shown = id.to_string();
        let info = self
            .host()
            .poll(job, || city.jobs().into_iter().find(|j| j.id == shown).filter(|j| j.state != JobState::Running))?;
        match &info.state {
            JobState::Done => {}
            JobState::Failed(why) => return Err(failed(why.clone())),
            other => return Err(failed(format!("{other:?}"))),
        }
        let mut steps = Vec::new();
        let read = city.journal().read(Seq(1), &mut |seq, bytes| {
            if let Ok(tx) = Transaction::decode(bytes)
                && tx.facts.iter().any(|f| matches!(f, Fact::Stepped { job, .. } if *job == id))
            {
                steps.push(Done { seq, replayed: false, answer: tx.answer, facts: tx.facts });
            }
            ControlFlow::Continue(())
        });
        read.map_err(|e| failed(e.to_string()))?;
        Ok(Ran { info, steps })
    }
}
