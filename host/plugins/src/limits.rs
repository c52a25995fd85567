//! What one plugin may use. No `Default`: whoever loads a plugin says which limits hold.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// An export of a plugin.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Export {
    Describe,
    Handle,
    React,
    View,
    Job,
    Migrate,
}

impl Export {
    pub const ALL: [Export; 6] =
        [Export::Describe, Export::Handle, Export::React, Export::View, Export::Job, Export::Migrate];

    pub const fn name(self) -> &'static str {
        match self {
            Export::Describe => "describe",
            Export::Handle => "handle",
            Export::React => "react",
            Export::View => "view",
            Export::Job => "job",
            Export::Migrate => "migrate",
        }
    }
}

impl fmt::Display for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Longest time one call of each export may take, in the guest. Time the host spends opening stored fields is not counted, and
/// a call that is over its time may use as much processor time again, for machines where others are busy: a guest that spins
/// is stopped after at most twice its deadline of processor time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deadlines {
    pub describe: Duration,
    pub handle: Duration,
    pub react: Duration,
    pub view: Duration,
    /// one step of a job
    pub job: Duration,
    /// one step of a migration
    pub migrate: Duration,
}

impl Deadlines {
    pub const fn of(&self, export: Export) -> Duration {
        match export {
            Export::Describe => self.describe,
            Export::Handle => self.handle,
            Export::React => self.react,
            Export::View => self.view,
            Export::Job => self.job,
            Export::Migrate => self.migrate,
        }
    }
}

/// Every limit of one plugin. Exceeding one is a [`Fault`](crate::Fault) naming it, or the value `budget-exceeded` where the
/// interface has one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    pub deadline: Deadlines,
    /// Bytes of one instance: all its memories, and its tables at eight bytes an element.
    pub memory: usize,
    /// Calls of imports in one call; over it they answer `budget-exceeded`, at twice it the call is stopped.
    pub host_calls: u32,
    /// Bytes a guest may make the host copy in one crossing.
    pub crossing: usize,
    /// Rows one query may return.
    pub rows: u32,
    /// Bytes the host hands to the guest in one call, over all imports.
    pub answer_bytes: usize,
    /// Bytes of texts and values in what a call returns.
    pub output: usize,
    pub changes: u32,
    /// Nodes of one page.
    pub nodes: u32,
    /// Levels of nodes in one page.
    pub depth: u32,
    /// Lines to the log in one call; the rest is dropped and counted.
    pub log_lines: u32,
    /// Bytes of one line of the log; the rest is cut.
    pub log_line: usize,
    /// Handles (streams, errors) one instance may hold.
    pub handles: usize,
    /// Instances that answer views at the same time.
    pub readers: usize,
}

impl Limits {
    /// What a city runs with.
    pub const fn production() -> Limits {
        Limits {
            deadline: Deadlines {
                describe: Duration::from_secs(1),
                handle: Duration::from_millis(50),
                react: Duration::from_millis(200),
                view: Duration::from_millis(200),
                job: Duration::from_secs(2),
                migrate: Duration::from_secs(2),
            },
            memory: 64 << 20,
            host_calls: 10_000,
            crossing: 16 << 20,
            rows: 100_000,
            answer_bytes: 64 << 20,
            output: 4 << 20,
            changes: 10_000,
            nodes: 20_000,
            depth: 32,
            log_lines: 100,
            log_line: 2_000,
            handles: 64,
            readers: 4,
        }
    }

    /// The same with deadlines times `factor`: for tests and slow machines, where a busy processor is not a plugin's fault.
    pub fn patient(self, factor: u32) -> Limits {
        let d = self.deadline;
        let deadline = Deadlines {
            describe: d.describe * factor,
            handle: d.handle * factor,
            react: d.react * factor,
            view: d.view * factor,
            job: d.job * factor,
            migrate: d.migrate * factor,
        };
        Limits { deadline, ..self }
    }
}
