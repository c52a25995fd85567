//! Files, papers, and talk.

use super::cell::Cell;
use super::form::{Action, Form};
use super::part::{Part, To, part};
use crate::bindings::changzhi::platform::view as wit;
use crate::{EntityId, Micros, Stored, Text};

/// Pictures, sounds and files.
#[derive(Clone, PartialEq, Debug)]
pub struct Media(Part);

impl Media {
    pub fn new(fallback: impl Into<Text>) -> Media {
        Media(Part::new("media", fallback))
    }

    /// Files there may be at most; said to the reader.
    pub fn at_most(self, files: u32) -> Media {
        Media(self.0.set("max", files))
    }

    pub fn file(self, file: File) -> Media {
        Media(self.0.add(file))
    }

    pub fn action(self, action: Action) -> Media {
        Media(self.0.add(action))
    }
}

/// What a file holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    File,
    Image,
    Audio,
    Video,
}

impl FileKind {
    const fn word(self) -> &'static str {
        match self {
            FileKind::File => "file",
            FileKind::Image => "image",
            FileKind::Audio => "audio",
            FileKind::Video => "video",
        }
    }
}

/// One file; it opens by a view, so opening it is a look of its own.
#[derive(Clone, PartialEq, Debug)]
pub struct File(Part);

impl File {
    /// `label` is its name; of a picture, also what is read instead of it.
    pub fn new(kind: FileKind, label: impl Into<Text>) -> File {
        File(Part::new("file", label).set("kind", kind.word()))
    }

    /// A file the host keeps: opened by the host, for whoever may open this record's page.
    pub fn stored(label: impl Into<Text>, stored: &Stored) -> File {
        let kind = if stored.is_picture() { FileKind::Image } else { FileKind::File };
        File(File::new(kind, label).0.set("stored", stored.id).set("bytes", stored.bytes))
    }

    pub fn bytes(self, bytes: i64) -> File {
        File(self.0.set("bytes", bytes))
    }

    pub fn made(self, at: Micros, by: impl Into<String>) -> File {
        File(self.0.set("at", at).set("by", by.into()))
    }

    pub fn opens(self, view: impl Into<To>) -> File {
        File(self.0.to("open", view))
    }
}

/// A picture of one floor or ground of a place, with points of it that are named beside it. Where somebody is has no point.
#[derive(Clone, PartialEq, Debug)]
pub struct SitePlan(Part);

impl SitePlan {
    /// `named` is read instead of the picture; it opens for whoever may open this record's page.
    pub fn new(named: impl Into<Text>, picture: &Stored) -> SitePlan {
        SitePlan(Part::new("plan", named).set("stored", picture.id))
    }

    /// A point: `sort` is `entrance` or `assembly`, `x` and `y` are per cent from the left and from the top.
    pub fn mark(self, sort: &str, x: f64, y: f64, name: impl Into<String>) -> SitePlan {
        let point = Part::new("plan-mark", Text::plain(name)).set("sort", sort).set("x", x).set("y", y);
        SitePlan(self.0.add(point))
    }
}

/// How far a paper is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DocumentState {
    Draft,
    Signing,
    Signed,
    Sealed,
    Void,
}

impl DocumentState {
    const fn word(self) -> &'static str {
        match self {
            DocumentState::Draft => "draft",
            DocumentState::Signing => "signing",
            DocumentState::Signed => "signed",
            DocumentState::Sealed => "sealed",
            DocumentState::Void => "void",
        }
    }
}

/// A formal paper, its version, who has signed, and what may be done with it.
#[derive(Clone, PartialEq, Debug)]
pub struct Document(Part);

impl Document {
    pub fn new(title: impl Into<Text>, state: DocumentState) -> Document {
        Document(Part::new("document", title).set("state", state.word()))
    }

    pub fn version(self, version: u32, at: Micros) -> Document {
        Document(self.0.set("version", version).set("at", at))
    }

    pub fn pages(self, pages: u32) -> Document {
        Document(self.0.set("pages", pages))
    }

    /// Checksum of what was signed.
    pub fn hash(self, hash: impl Into<String>) -> Document {
        Document(self.0.set("hash", hash.into()))
    }

    /// Of a sealed paper: the record whose transaction sealed it, with the digest of `text` in an open field `digest`. The host says where in
    /// the journal that is, and gives out the proof.
    pub fn sealed_in(self, record: EntityId, text: impl Into<String>) -> Document {
        Document(self.0.set("record", record).set("text", text.into()))
    }

    pub fn line(self, label: impl Into<Text>, value: impl Into<Cell>) -> Document {
        let line = wit::Labelled { label: label.into(), value: value.into().0 };
        Document(self.0.add(super::element::Element::new(wit::NodeKind::Labelled(line))))
    }

    /// A party that has signed.
    pub fn signed(self, party: impl Into<Text>, at: Micros) -> Document {
        self.party(party.into(), "done", Some(at))
    }

    /// A party whose signature is awaited.
    pub fn awaits(self, party: impl Into<Text>) -> Document {
        self.party(party.into(), "current", None)
    }

    fn party(self, label: Text, state: &str, at: Option<Micros>) -> Document {
        let step = wit::Step { label, state: state.to_owned(), at: at.map(|a| a.0) };
        Document(self.0.add(super::element::Element::new(wit::NodeKind::Step(step))))
    }

    pub fn action(self, action: Action) -> Document {
        Document(self.0.add(action))
    }
}

/// Messages of a thread and where to write one.
#[derive(Clone, PartialEq, Debug)]
pub struct Conversation(Part);

impl Conversation {
    /// Everybody in it reads every message.
    pub fn open(title: impl Into<Text>) -> Conversation {
        Conversation(Part::new("conversation", title).set("visibility", "all"))
    }

    /// Only this side reads it.
    pub fn of_side(title: impl Into<Text>, side: impl Into<String>) -> Conversation {
        Conversation(Part::new("conversation", title).set("visibility", "private").set("side", side.into()))
    }

    pub fn member(self, role: impl Into<Text>, who: impl Into<Cell>) -> Conversation {
        let line = wit::Labelled { label: role.into(), value: who.into().0 };
        Conversation(self.0.add(super::element::Element::new(wit::NodeKind::Labelled(line))))
    }

    pub fn message(self, message: Message) -> Conversation {
        Conversation(self.0.add(message))
    }

    /// Where a message is written.
    pub fn composer(self, form: Form) -> Conversation {
        Conversation(self.0.add(form))
    }
}

/// One message.
#[derive(Clone, PartialEq, Debug)]
pub struct Message(Part);

impl Message {
    pub fn new(key: impl ToString, by: impl Into<String>, at: Micros, text: impl Into<Text>) -> Message {
        Message(Part::new("message", text).key(key).set("by", by.into()).set("at", at))
    }

    /// Written by the reader.
    pub fn own(self) -> Message {
        Message(self.0.set("own", true))
    }

    /// Read by one side only.
    pub fn private(self) -> Message {
        Message(self.0.set("private", true))
    }

    pub fn file(self, file: File) -> Message {
        Message(self.0.add(file))
    }
}

part!(Media, File, SitePlan, Document, Conversation, Message);
