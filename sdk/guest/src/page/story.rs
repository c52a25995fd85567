//! Parts that tell how something went: timelines and progress.

use super::element::Element;
use super::media::File;
use crate::bindings::changzhi::platform::view as wit;
use crate::{Micros, Text};

/// What happened, in order.
#[derive(Clone, PartialEq, Debug)]
pub struct Timeline(Element);

impl Default for Timeline {
    fn default() -> Timeline {
        Timeline::new()
    }
}

impl Timeline {
    pub fn new() -> Timeline {
        Timeline(Element::new(wit::NodeKind::Timeline))
    }

    pub fn moment(mut self, at: Micros, actor: impl Into<Text>, text: impl Into<Text>) -> Timeline {
        self.0.push_leaf("", moment(at, actor.into(), text.into(), None));
        self
    }

    /// The same with its urgency from 1 (most) to 4, and what was added to it.
    pub fn moment_with(
        mut self,
        at: Micros,
        actor: impl Into<Text>,
        text: impl Into<Text>,
        level: Option<u8>,
        files: impl IntoIterator<Item = File>,
    ) -> Timeline {
        let mut element = Element::new(moment(at, actor.into(), text.into(), level));
        for file in files {
            element.push(file);
        }
        self.0.push(element);
        self
    }
}

fn moment(at: Micros, actor: Text, text: Text, level: Option<u8>) -> wit::NodeKind {
    wit::NodeKind::Moment(wit::Moment { at: at.0, actor, text, level })
}

impl From<Timeline> for Element {
    fn from(t: Timeline) -> Element {
        t.0
    }
}

/// The steps of something and how far it is.
#[derive(Clone, PartialEq, Debug)]
pub struct Progress(Element);

impl Default for Progress {
    fn default() -> Progress {
        Progress::new()
    }
}

impl Progress {
    pub fn new() -> Progress {
        Progress(Element::new(wit::NodeKind::Progress))
    }

    fn step(mut self, label: impl Into<Text>, state: &str, at: Option<Micros>) -> Progress {
        let step = wit::Step { label: label.into(), state: state.to_owned(), at: at.map(|a| a.0) };
        self.0.push_leaf("", wit::NodeKind::Step(step));
        self
    }

    pub fn done(self, label: impl Into<Text>, at: Micros) -> Progress {
        self.step(label, "done", Some(at))
    }

    pub fn current(self, label: impl Into<Text>) -> Progress {
        self.step(label, "current", None)
    }

    pub fn open(self, label: impl Into<Text>) -> Progress {
        self.step(label, "open", None)
    }
}

impl From<Progress> for Element {
    fn from(p: Progress) -> Element {
        p.0
    }
}
