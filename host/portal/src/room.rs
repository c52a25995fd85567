//! The online room of a record: who is there, and the few words browsers say to one another before sound and picture flow between
//! them.
//!
//! ```text
//! POST /room/ID/join    {}                  → {peer, account, peers, ice, most}
//! GET  /room/ID/events?peer=PEER            → came, left, said, beat, over (server-sent events)
//! POST /room/ID/signal  {peer, to, say}     → passed on to one peer of the same room ([`letter::Say`])
//! POST /room/ID/leave   {peer}
//! ```
//!
//! **Flow.** Joining gives a fresh peer and who is there already; the newcomer offers a connection to each of them (WebRTC, a mesh).
//! What peers say to each other waits in the other's [`line`], numbered, so that a stream that broke goes on where it was.
//! Sound and picture go from browser to browser, encrypted; where they cannot, through a relay of the deployment's own
//! ([`ice`]), which sees what is encrypted only. The host sees none of it, and nothing of a room is kept: no journal, no file, and no
//! log line but counts.
//!
//! **Invariants.**
//! - Whoever is not a member ([`crate::Town::membership`]) is told what is told of a record that is not there. Roles do not matter.
//! - Membership and sign-in are asked again with every message, of who says it and of who would hear it, and of everybody in a room
//!   when anything is journaled or a sign-in ends ([`hall::run`]): whoever leaves a dispute is out of its room at once.
//! - A peer is known by its number and by the sign-in it joined with: nobody speaks for another. Rooms are apart: of two records the
//!   peers of one are not there for those of the other.
//! - What browsers say is of a closed list of shapes with limits of size and rate, and goes to no page.
//!
//! **Price.** A peer is a few hundred bytes and at most [`RoomOptions::backlog`] of letters; a mesh costs each browser one upload
//! for each other member, so a room holds six.

mod hall;
mod handler;
mod ice;
mod letter;
mod line;
mod pace;
mod peer;

pub(crate) use hall::{Hall, run};
pub(crate) use handler::routes;
pub use ice::{Ice, IceError};

use std::time::Duration;

/// Every bound of rooms, and what browsers are told to find each other by.
#[derive(Clone, Debug)]
pub struct RoomOptions {
    /// Default: none, and browsers find each other in the same network only.
    pub ice: Ice,
    /// Peers of one room. Default 6.
    pub most: usize,
    /// Peers of one account in one room: a telephone beside a desk. Default 2.
    pub each: usize,
    /// Peers in all rooms. Default 1,200.
    pub peers: usize,
    /// Bytes of a message. Default 32 KiB.
    pub message: usize,
    /// Messages a second of one peer, and how many may be saved up. Default 20 and 200.
    pub pace: (u32, u32),
    /// Bytes that wait for one peer; one that is further behind joins again. Default 512 KiB.
    pub backlog: usize,
    /// A peer that says nothing for so long is gone. Default 30 s.
    pub silent: Duration,
    /// How often a stream says that it is there, and a browser that it is. Default 10 s.
    pub beat: Duration,
}

impl Default for RoomOptions {
    fn default() -> RoomOptions {
        RoomOptions {
            ice: Ice::default(),
            most: 6,
            each: 2,
            peers: 1_200,
            message: 32 << 10,
            pace: (20, 200),
            backlog: 512 << 10,
            silent: Duration::from_secs(30),
            beat: Duration::from_secs(10),
        }
    }
}
