//! Extents of places in an R-tree of their boxes.
//!
//! Price: the ring's points, 16 bytes each, and a tree node; a look-up tests the few rings whose box holds the point.

use crate::ring::Ring;
use bevy_ecs::prelude::Resource;
use changzhi_model::Point;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};
use std::collections::BTreeMap;

type Boxed = GeomWithData<Rectangle<[f64; 2]>, u32>;

#[derive(Resource, Default)]
pub(crate) struct Extents {
    rings: BTreeMap<u32, Ring>,
    tree: RTree<Boxed>,
}

fn boxed(id: u32, ring: &Ring) -> Boxed {
    Boxed::new(Rectangle::from_corners(ring.low, ring.high), id)
}

impl Extents {
    pub fn set(&mut self, id: u32, ring: Option<Ring>) {
        if let Some(old) = self.rings.remove(&id) {
            self.tree.remove(&boxed(id, &old));
        }
        if let Some(ring) = ring {
            self.tree.insert(boxed(id, &ring));
            self.rings.insert(id, ring);
        }
    }

    pub fn bulk(rings: BTreeMap<u32, Ring>) -> Extents {
        let tree = RTree::bulk_load(rings.iter().map(|(id, ring)| boxed(*id, ring)).collect());
        Extents { rings, tree }
    }

    pub fn of(&self, id: u32) -> Option<&Ring> {
        self.rings.get(&id)
    }

    /// By id.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Ring)> {
        self.rings.iter().map(|(id, ring)| (*id, ring))
    }

    /// Places whose extent holds the point, with its area.
    pub fn holding(&self, at: Point) -> impl Iterator<Item = (u32, f64)> + '_ {
        let point = AABB::from_point([at.lon, at.lat]);
        let near = self.tree.locate_in_envelope_intersecting(point);
        near.filter_map(move |found| {
            let ring = self.rings.get(&found.data)?;
            ring.holds(at).then_some((found.data, ring.area))
        })
    }
}
