//! One browser in a room.

use super::line::Line;
use super::pace::Pace;
use changzhi_model::EntityId;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Instant;

/// What a peer is known by, to the others as well: 32 hexadecimal digits, new each time somebody joins.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct PeerId(String);

impl PeerId {
    pub(super) fn new() -> PeerId {
        PeerId(hex::encode(rand::random::<[u8; 16]>()))
    }
}

impl TryFrom<String> for PeerId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<PeerId, &'static str> {
        let fits = text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if fits { Ok(PeerId(text)) } else { Err("a peer is 32 hexadecimal digits") }
    }
}

pub(super) struct Peer {
    pub(super) id: PeerId,
    pub(super) account: EntityId,
    /// The sign-in it joined with: by it alone the peer can speak, and with it the peer ends.
    pub(super) cookie: String,
    pub(super) line: Arc<Line>,
    pub(super) heard: Mutex<Instant>,
    pub(super) pace: Mutex<Pace>,
}
