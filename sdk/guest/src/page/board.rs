//! Cards in lanes, and lists of things to be done.

use super::cell::Cell;
use super::element::Element;
use super::form::Action;
use super::media::File;
use super::part::{Part, To, part};
use crate::bindings::changzhi::platform::view as wit;
use crate::{Micros, Text};

/// Cards in lanes. Moving a card is a command; the host offers it as a menu on each card.
#[derive(Clone, PartialEq, Debug)]
pub struct Board(Part);

impl Board {
    /// `fallback` is what a host that knows no boards shows.
    pub fn new(fallback: impl Into<Text>) -> Board {
        Board(Part::new("board", fallback))
    }

    /// Moving a card gives this command, with the card's key and the lane's key in these parameters.
    pub fn moves(self, command: impl Into<To>, card_param: &str, lane_param: &str) -> Board {
        Board(self.0.to("move", command).set("card-param", card_param).set("lane-param", lane_param))
    }

    pub fn lane(self, lane: Lane) -> Board {
        Board(self.0.add(lane))
    }
}

/// A lane; its key is what a moved card is sent with.
#[derive(Clone, PartialEq, Debug)]
pub struct Lane(Part);

impl Lane {
    pub fn new(key: &str, title: impl Into<Text>) -> Lane {
        Lane(Part::new("lane", title).key(key))
    }

    /// Cards that should lie in it at most: more are shown as too many, and never refused.
    pub fn limit(self, limit: u32) -> Lane {
        Lane(self.0.set("limit", limit))
    }

    pub fn card(self, card: Card) -> Lane {
        Lane(self.0.add(card))
    }
}

/// A card: of a matter, a place, a task.
#[derive(Clone, PartialEq, Debug)]
pub struct Card {
    head: wit::Branch,
    body: Element,
}

impl Card {
    /// `key` is what it is moved by: the id of its entity, mostly.
    pub fn new(key: impl ToString, title: impl Into<Text>, value: impl Into<Cell>) -> Card {
        let head = wit::Branch { label: title.into(), value: value.into().0, open: None };
        let mut body = Element::new(wit::NodeKind::Detail);
        body.set_key(key);
        Card { head, body }
    }

    pub fn opens(mut self, view: impl Into<To>) -> Card {
        self.head.open = Some(view.into().into_call());
        self
    }

    pub fn line(mut self, label: impl Into<Text>, value: impl Into<Cell>) -> Card {
        let line = wit::Labelled { label: label.into(), value: value.into().0 };
        self.body.push_leaf("", wit::NodeKind::Labelled(line));
        self
    }

    pub fn action(mut self, action: Action) -> Card {
        self.body.push(action);
        self
    }
}

impl From<Card> for Element {
    fn from(c: Card) -> Element {
        let mut body = c.body;
        if let Some(kind) = body.root_mut() {
            *kind = wit::NodeKind::Branch(c.head);
        }
        body
    }
}

/// Things to do, each done by somebody at some time.
#[derive(Clone, PartialEq, Debug)]
pub struct Checklist(Part);

impl Checklist {
    pub fn new(fallback: impl Into<Text>) -> Checklist {
        Checklist(Part::new("checklist", fallback))
    }

    /// Marking an item gives this command: the item's key in this parameter, and `done` as a flag.
    pub fn toggles(self, command: impl Into<To>, item_param: &str) -> Checklist {
        Checklist(self.0.to("toggle", command).set("item-param", item_param))
    }

    pub fn item(self, item: CheckItem) -> Checklist {
        Checklist(self.0.add(item))
    }
}

/// One thing to do.
#[derive(Clone, PartialEq, Debug)]
pub struct CheckItem(Part);

impl CheckItem {
    pub fn new(key: impl ToString, label: impl Into<Text>) -> CheckItem {
        CheckItem(Part::new("item", label).key(key))
    }

    pub fn required(self) -> CheckItem {
        CheckItem(self.0.set("required", true))
    }

    /// Who is data: a name the reader may see.
    pub fn done(self, by: impl Into<String>, at: Micros) -> CheckItem {
        CheckItem(self.0.set("done", true).set("by", by.into()).set("at", at))
    }

    pub fn evidence(self, file: File) -> CheckItem {
        CheckItem(self.0.add(file))
    }
}

part!(Board, Lane, Checklist, CheckItem);
