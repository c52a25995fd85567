//! The online room of a record.

use super::part::{Part, part};
use crate::{EntityId, Micros, Text};

/// Sound and picture between the browsers of a record's members, with the time of whoever has the word. The host lets in who is in the
/// record's field of members, and nobody else; what is written, decided and kept is the record's own business, on the same page.
#[derive(Clone, PartialEq, Debug)]
pub struct OnlineRoom(Part);

impl OnlineRoom {
    /// `of` is the record. `fallback` leads to the talk in text: it is all there is without a script, and on a host that does not know
    /// rooms.
    pub fn new(fallback: impl Into<Text>, of: EntityId) -> OnlineRoom {
        OnlineRoom(Part::new("room", fallback).set("room", of))
    }

    /// In place of the host's own word for it.
    pub fn title(self, title: impl Into<String>) -> OnlineRoom {
        OnlineRoom(self.0.set("title", title.into()))
    }

    /// What somebody is called in the room: a part in the matter rather than a name.
    pub fn member(self, account: EntityId, label: impl Into<Text>) -> OnlineRoom {
        OnlineRoom(self.0.add(Part::new("member", label).key(account).set("account", account)))
    }

    /// Who has the word: one of the members.
    pub fn speaks(self, account: EntityId) -> OnlineRoom {
        OnlineRoom(self.0.set("speaker", account))
    }

    /// When the speaking time ends: counted down on the page, and said when it is over.
    pub fn until(self, at: Micros) -> OnlineRoom {
        OnlineRoom(self.0.set("until", at))
    }
}

part!(OnlineRoom);
