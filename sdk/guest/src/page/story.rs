//! Parts that tell how something went: timelines and progress.

use super::element::Element;
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
        let moment = wit::Moment { at: at.0, actor: actor.into(), text: text.into(), level: None };
        self.0.push_leaf("", wit::NodeKind::Moment(moment));
        self
    }
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
