//! Running a job to its end.

use crate::person::split;
use crate::refused::Refused;
use crate::{Done, Person, TestError};
use changzhi_model::{Fact, Seq, Transaction, body};
use changzhi_pipeline::{JobInfo, JobState, Outcome};
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
        let known = city.manifest(plugin).is_some_and(|m| m.job(name).is_some());
        if !known {
            return Err(TestError::Unknown(job.into()));
        }
        let refused = |refused| TestError::Refused { asked: job.into(), refused };
        let failed = |why: String| TestError::Failed { asked: job.into(), why };
        let checked = self
            .host()
            .gate()
            .check_job(&*self.session()?, &self.ask(plugin, name), |fields| body::parse(fields, params))
            .map_err(|e| refused(Refused::by_gate(&e)))?;
        let id = checked.request;
        match city.start_job(checked).wait() {
            Outcome::Done { .. } => {}
            Outcome::Refused(refusal) => return Err(refused(Refused::by_plugin(&refusal))),
            Outcome::Unavailable { reason: why, .. } | Outcome::Failed(why) => return Err(failed(why)),
            Outcome::Outdated(_) => return Err(failed("what it is about has changed".into())),
        }
        let ended = || city.job(id).ok().flatten().filter(|j| j.ended.is_some());
        let info = self.host().poll(job, ended)?;
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
