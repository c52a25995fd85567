//! Maps: spots, areas and lines, in WGS84.

use super::cell::Cell;
use super::element::{Element, call_about};
use super::part::{Part, To, part};
use crate::bindings::changzhi::platform::view as wit;
use crate::{EntityId, Point, Text};

/// A map with layers.
#[derive(Clone, PartialEq, Debug)]
pub struct WorldMap(Element);

impl Default for WorldMap {
    fn default() -> WorldMap {
        WorldMap::new()
    }
}

impl WorldMap {
    pub fn new() -> WorldMap {
        WorldMap(Element::new(wit::NodeKind::Map))
    }

    pub fn layer(mut self, layer: Layer) -> WorldMap {
        self.0.push_leaf("", wit::NodeKind::Layer(layer.head));
        self
    }

    pub fn area(mut self, area: Area) -> WorldMap {
        self.0.push(area);
        self
    }

    pub fn track(mut self, track: Track) -> WorldMap {
        self.0.push(track);
        self
    }

    /// Must be in the picture, whatever else is.
    pub fn around(mut self, center: Point) -> WorldMap {
        self.0.push(Part::new("map-view", Text::plain("")).set("center", center));
        self
    }
}

impl From<WorldMap> for Element {
    fn from(m: WorldMap) -> Element {
        m.0
    }
}

/// Spots of one sort on a map.
#[derive(Clone, PartialEq, Debug)]
pub struct Layer {
    head: wit::Layer,
    open: Option<(String, String)>,
}

impl Layer {
    /// `shape` such as `pin`, `dot`, `camera`, `heat`; `token` names a colour of the design system: `level-1` to `level-4`, `good`.
    pub fn new(label: impl Into<Text>, shape: &str, token: &str) -> Layer {
        let head =
            wit::Layer { label: label.into(), shape: shape.to_owned(), points: Vec::new(), token: token.to_owned() };
        Layer { head, open: None }
    }

    /// Spots open this view with their entity in this parameter.
    pub fn opens(mut self, view: &str, param: &str) -> Layer {
        self.open = Some((view.to_owned(), param.to_owned()));
        self
    }

    pub fn spot(mut self, entity: EntityId, at: Point, label: impl Into<Text>) -> Layer {
        let open = self.open.as_ref().map(|(view, param)| call_about(view, param, entity));
        self.head.points.push(wit::Spot { key: entity.to_string(), at, label: label.into(), open });
        self
    }
}

fn line(points: impl IntoIterator<Item = Point>) -> String {
    points.into_iter().map(|p| format!("{},{}", p.lon, p.lat)).collect::<Vec<_>>().join(" ")
}

/// A place with an extent: a ring of at least three corners.
#[derive(Clone, PartialEq, Debug)]
pub struct Area(Part);

impl Area {
    pub fn new(label: impl Into<Text>, ring: impl IntoIterator<Item = Point>) -> Area {
        Area(Part::new("area", label).set("ring", line(ring)))
    }

    /// From 1 (most urgent) to 4.
    pub fn level(self, level: u8) -> Area {
        Area(self.0.set("level", i64::from(level)))
    }

    /// A figure of it, listed beside its name.
    pub fn value(self, value: f64) -> Area {
        Area(self.0.set("value", value))
    }

    pub fn opens(self, view: impl Into<To>) -> Area {
        Area(self.0.to("open", view))
    }
}

/// What a line on a map is of. A person is not on this list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TrackOf {
    Route,
    Vehicle,
    Event,
    Pipe,
}

/// A line on a map.
#[derive(Clone, PartialEq, Debug)]
pub struct Track(Part);

impl Track {
    pub fn new(of: TrackOf, label: impl Into<Text>, points: impl IntoIterator<Item = Point>) -> Track {
        let of = match of {
            TrackOf::Route => "route",
            TrackOf::Vehicle => "vehicle",
            TrackOf::Event => "event",
            TrackOf::Pipe => "pipe",
        };
        Track(Part::new("track", label).set("of", of).set("line", line(points)))
    }
}

part!(Area, Track);

/// A tree of things that hold things.
#[derive(Clone, PartialEq, Debug)]
pub struct Tree(Element);

impl Default for Tree {
    fn default() -> Tree {
        Tree::new()
    }
}

impl Tree {
    pub fn new() -> Tree {
        Tree(Element::new(wit::NodeKind::Tree))
    }

    pub fn branch(mut self, branch: Branch) -> Tree {
        self.0.push(branch.into_element());
        self
    }
}

impl From<Tree> for Element {
    fn from(t: Tree) -> Element {
        t.0
    }
}

/// A thing of a tree and what it holds.
#[derive(Clone, PartialEq, Debug)]
pub struct Branch {
    head: wit::Branch,
    body: Element,
}

impl Branch {
    pub fn new(label: impl Into<Text>, value: impl Into<Cell>) -> Branch {
        let head = wit::Branch { label: label.into(), value: value.into().0, open: None };
        Branch { head, body: Element::new(wit::NodeKind::Detail) }
    }

    pub fn key(mut self, key: impl ToString) -> Branch {
        self.body.set_key(key);
        self
    }

    /// Opens this view with the entity in this parameter.
    pub fn opens(mut self, view: &str, param: &str, entity: EntityId) -> Branch {
        self.head.open = Some(call_about(view, param, entity));
        self
    }

    pub fn branch(mut self, branch: Branch) -> Branch {
        self.body.push(branch.into_element());
        self
    }

    fn into_element(self) -> Element {
        let mut body = self.body;
        if let Some(kind) = body.root_mut() {
            *kind = wit::NodeKind::Branch(self.head);
        }
        body
    }
}
