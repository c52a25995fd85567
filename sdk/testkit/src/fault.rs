//! What a test can break: the plugin's next call, the journal, the clock.

use crate::{TestCity, TestError};
use changzhi_model::{Micros, Name};
use changzhi_pipeline::Approve;
use changzhi_plugins::{Deadlines, Limits};
use std::time::Duration;

impl TestCity {
    /// The plugin's next call (command, view, reaction or step of a job) is stopped in the guest like one that spins: its
    /// instance is gone, the input is kept, and calls after it go well again.
    ///
    /// The real fault on the real path: the component is swapped in once more with no time to run, faults on trial, and the
    /// one before is put back.
    pub fn trap_next(&self, plugin: &str) -> Result<(), TestError> {
        let component = self.loaded(plugin)?;
        let patient = TestCity::limits();
        let none = Duration::ZERO;
        let deadline = Deadlines { handle: none, react: none, view: none, job: none, ..patient.deadline };
        self.city().install(&component, Approve::Same, Limits { deadline, ..patient })?;
        Ok(())
    }

    /// Inputs kept of a plugin's faults, by their reasons, oldest first.
    pub fn kept(&self, plugin: &str) -> Result<Vec<String>, TestError> {
        self.city().settle_lane(plugin);
        let kept = self.city().kept(&Name::from(plugin)).map_err(TestError::Wrong)?;
        Ok(kept.into_iter().map(|k| k.reason).collect())
    }

    /// While it is full, commands that change something are told to come again and reading goes on; it recovers by itself.
    pub fn journal_full(&self, full: bool) {
        self.journal().set_full(full);
    }

    /// As after an fsync error: nothing is acknowledged any more. Final for this city.
    pub fn journal_fails(&self) {
        self.journal().fail("the test broke it");
    }

    /// Sets the wall clock, which may jump either way. The journal's time never runs back.
    pub fn at(&self, now: Micros) {
        self.clock().set(now);
    }
}
