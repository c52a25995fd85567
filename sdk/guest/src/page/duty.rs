//! Alarms, video, and the one-key alarm.

use super::cell::Cell;
use super::element::Element;
use super::part::{Part, To, part};
use crate::bindings::changzhi::platform::view as wit;
use crate::{Micros, Point, Text};

/// The queue of alarms: of places and matters. The host orders it; the pop-up, the sound and the clock of escalation are its own.
#[derive(Clone, PartialEq, Debug)]
pub struct Alarms(Part);

impl Alarms {
    /// The commands below get the alarm's key in this parameter.
    pub fn new(fallback: impl Into<Text>, alarm_param: &str) -> Alarms {
        Alarms(Part::new("alarms", fallback).set("alarm-param", alarm_param))
    }

    pub fn acknowledges(self, command: impl Into<To>) -> Alarms {
        Alarms(self.0.to("acknowledge", command))
    }

    pub fn dispatches(self, command: impl Into<To>) -> Alarms {
        Alarms(self.0.to("dispatch", command))
    }

    pub fn closes(self, command: impl Into<To>) -> Alarms {
        Alarms(self.0.to("close", command))
    }

    pub fn alarm(self, alarm: Alarm) -> Alarms {
        Alarms(self.0.add(alarm))
    }
}

/// One alarm.
#[derive(Clone, PartialEq, Debug)]
pub struct Alarm(Part);

impl Alarm {
    /// `level` from 1 (most urgent) to 4; `key` is what the commands get.
    pub fn new(key: impl ToString, level: u8, since: Micros, text: impl Into<Text>) -> Alarm {
        Alarm(Part::new("alarm", text).key(key).set("level", i64::from(level)).set("since", since))
    }

    /// Somebody has taken it. That is not its end.
    pub fn acknowledged(self) -> Alarm {
        Alarm(self.0.set("acknowledged", true))
    }

    /// It is shown and makes no sound: somebody may be listening where it comes from.
    pub fn quiet(self) -> Alarm {
        Alarm(self.0.set("quiet", true))
    }

    /// It rings beside the page, not over it: nobody's life hangs on it, and whoever works on what does must see it.
    pub fn aside(self) -> Alarm {
        Alarm(self.0.set("aside", true))
    }

    pub fn state(self, state: impl Into<String>) -> Alarm {
        Alarm(self.0.set("state", state.into()))
    }

    pub fn place(self, name: impl Into<String>, at: Option<Point>) -> Alarm {
        Alarm(self.0.set("place", name.into()).set("at", at))
    }

    pub fn line(self, label: impl Into<Text>, value: impl Into<Cell>) -> Alarm {
        let line = wit::Labelled { label: label.into(), value: value.into().0 };
        Alarm(self.0.add(Element::new(wit::NodeKind::Labelled(line))))
    }

    pub fn opens(self, view: impl Into<To>) -> Alarm {
        Alarm(self.0.to("open", view))
    }
}

/// How pictures are laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VideoMode {
    Single,
    Grid4,
    Grid9,
    Grid16,
    Room,
}

/// Pictures of cameras, of facilities and public places. What may be seen is decided when one is opened.
#[derive(Clone, PartialEq, Debug)]
pub struct Video(Part);

impl Video {
    pub fn new(fallback: impl Into<Text>, mode: VideoMode) -> Video {
        let mode = match mode {
            VideoMode::Single => "single",
            VideoMode::Grid4 => "grid-4",
            VideoMode::Grid9 => "grid-9",
            VideoMode::Grid16 => "grid-16",
            VideoMode::Room => "room",
        };
        Video(Part::new("video", fallback).set("mode", mode))
    }

    /// A camera, live; 16 sources at most.
    pub fn live(self, label: impl Into<Text>, opens: impl Into<To>) -> Video {
        Video(self.0.add(Part::new("source", label).set("kind", "live").to("open", opens)))
    }

    /// What a camera recorded from a moment on.
    pub fn replay(self, label: impl Into<Text>, from: Micros, opens: impl Into<To>) -> Video {
        Video(self.0.add(Part::new("source", label).set("kind", "replay").set("from", from).to("open", opens)))
    }

    /// A camera that sends nothing.
    pub fn down(self, label: impl Into<Text>) -> Video {
        Video(self.0.add(Part::new("source", label).set("down", true)))
    }
}

/// The one-key alarm of a site.
#[derive(Clone, PartialEq, Debug)]
pub struct Sos(Part);

impl Sos {
    /// Pressing gives this command, with the key of the kind in this parameter.
    pub fn new(fallback: impl Into<Text>, command: impl Into<To>, kind_param: &str) -> Sos {
        Sos(Part::new("sos", fallback).to("command", command).set("kind-param", kind_param))
    }

    pub fn site(self, name: impl Into<String>) -> Sos {
        Sos(self.0.set("site", name.into()))
    }

    /// Goes the whole way and is marked as a drill: `drill` is sent along.
    pub fn drill(self) -> Sos {
        Sos(self.0.set("drill", true))
    }

    /// How long the button is held where a script runs; 0 to 5,000.
    pub fn hold_ms(self, ms: u32) -> Sos {
        Sos(self.0.set("hold-ms", ms))
    }

    pub fn kind(self, key: &str, label: impl Into<Text>) -> Sos {
        Sos(self.0.add(Part::new("kind", label).key(key)))
    }

    /// Who to ring when nobody answers.
    pub fn contact(self, label: impl Into<Text>, phone: impl Into<String>) -> Sos {
        Sos(self.0.add(Part::new("contact", label).set("phone", phone.into())))
    }
}

part!(Alarms, Alarm, Video, Sos);
