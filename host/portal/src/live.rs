//! Live pages: what changes on a page somebody has open comes by itself.
//!
//! **Flow.** `GET /live?t=SINCE:ADDRESS&t=…` is one stream of server-sent events for a whole browser ([`handler`]). An address is
//! that of a page as it stands in the browser (`/p/command/board?place=5`); with who looks and in which words it names a
//! [`topic`]. The [`hub`] has each topic's view rendered when what it read has changed ([`crate::town::Watched`], kept with
//! every rendering), at most once a second, once for all who may see the same ([`audience`]), and puts the same bytes into
//! everybody's [`inbox`], some readers at a time, alarms before sections: a large audience delays nobody's answer.
//!
//! **Events.** `html {topic,id,n,rev,html}` a live section as it is now, or `html {…,z}` gzipped, where the stream was asked for with `z=1`; `alarm {topic,id,key,level,title}` a row of level 1 or 2
//! that was not there; `resync {topic?}` fetch the page again; `auth {topic?}` this may not be seen (any more), without a topic:
//! nor anything else, the stream ends; `build {build,boot}` which files the host serves, and which start of it; `beat {rev}` every ten seconds.
//!
//! **Invariants.**
//! - A section is state, not an event: only its newest form is kept, for a topic and in an inbox. Whoever comes back with
//!   `Last-Event-ID` gets every section said since, so nothing is lost and nothing grows with a slow reader.
//! - Nobody is shown what was rendered for other rights: an audience is made of roles, divisions, purpose and language. A view
//!   that shows an account its own things, or personal data, has an audience of one account.
//! - After roles, accounts or sessions changed nothing is delivered before every stream was checked again; a stream whose rights
//!   changed gets `auth` and ends.
//! - A live section of a shared audience is rendered for nobody in particular: it has no account id and no form secrets, which
//!   the page fills in from its own.
//!
//! **Price.** A rendering for each topic somebody looks at and each change it may depend on; for a subscriber an inbox and the
//! connection's own buffers.

mod address;
mod audience;
mod handler;
mod hub;
mod inbox;
mod message;
mod news;
mod sections;
mod stream;
mod topic;

pub(crate) use handler::live;
pub(crate) use hub::{Hub, run};

use std::time::Duration;

/// Every bound of live pages.
#[derive(Clone, Copy, Debug)]
pub struct LiveOptions {
    /// Streams of one sign-in at once: a browser has one, and a second while it changes over. Default 12.
    pub streams_each: usize,
    /// Streams at once. Default 16,000.
    pub streams: usize,
    /// Topics of one stream. Default 32.
    pub topics_each: usize,
    /// Topics at once. Default 8,192.
    pub topics: usize,
    /// Letters waiting for one reader; beyond it the reader is told to fetch its pages again. Default 128.
    pub inbox: usize,
    /// From one form of a section to the next, at least. Default 1 s.
    pub pace: Duration,
    /// The same for a view of personal data: each rendering is a look that is accounted for. Default 10 s.
    pub personal_pace: Duration,
    /// How often a topic that holds alarms is looked at, so that they come at once. Default 50 ms.
    pub alarm_pace: Duration,
    /// A view that shows ages or remaining time is rendered again after this. Default 20 s.
    pub clock: Duration,
    /// Default 10 s.
    pub beat: Duration,
    /// Renderings at once. Default 4.
    pub renders: usize,
}

impl Default for LiveOptions {
    fn default() -> LiveOptions {
        LiveOptions {
            streams_each: 12,
            streams: 16_000,
            topics_each: 32,
            topics: 8_192,
            inbox: 128,
            pace: Duration::from_secs(1),
            personal_pace: Duration::from_secs(10),
            alarm_pace: Duration::from_millis(50),
            clock: Duration::from_secs(20),
            beat: Duration::from_secs(10),
            renders: 4,
        }
    }
}
