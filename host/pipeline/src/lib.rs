//! One flow of data: command, plugin, check, journal, world, feed.
//!
//! [`City`] is the whole of it. A [`Submission`] the gate let through goes to its plugin's own lane; what the plugin asks for is
//! checked and committed in one short serial section ([`commit`]); the journal makes it durable in groups; and only then is
//! anybody told. Reading waits the same way: nobody is shown what a power cut could still take back.
//!
//! Threads of a city: one lane a plugin, the host's own lane, the journal's log thread, `ack`, `indexer`, `feed`, `snapshot`,
//! `timers`, one a running job.

mod acks;
mod check;
mod city;
mod commit;
mod faults;
mod feed;
mod files;
mod indexer;
mod install;
mod job_run;
mod jobs;
mod lane;
mod matters;
mod members;
mod native;
mod open;
mod options;
mod outside;
mod platform;
mod react;
mod recounts;
mod registry;
mod requests;
mod rules;
mod snapshot;
mod snapshotting;
mod source;
mod stopping;
mod story;
mod submission;
mod submit;
mod switch;
mod timers;
mod views;
mod wishes;

pub use changzhi_plugins::view;
pub use city::{City, Health};
pub use install::{Approve, InForce, InstallError, InstallStep, Standing};
pub use jobs::{JobInfo, JobState};
pub use native::{HOST, Native};
pub use open::{OpenError, Opening};
pub use options::{CityOptions, DEFAULT_OPTIMISTIC_TRIES, DEFAULT_SNAPSHOT_EVERY, OnFatal, SNAPSHOTS_KEPT};
pub use outside::{SENDING, Unsealed};
pub use submission::{ACTED_FOR, Expected, Outcome, Pending, Submission};
pub use views::{ViewCall, ViewError, Watch};
