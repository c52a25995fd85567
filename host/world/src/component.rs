//! What every entity is made of in the ECS.
//!
//! Contract: an entity's family never changes, nothing is despawned, and the position is kept in a sparse set, so a row of
//! a family's table never moves: row number and id order agree. Price: 24 bytes of core, 8 of ticks, about 40 of ECS book-keeping.

use bevy_ecs::prelude::Component;
use changzhi_model::Point;

/// The core fields, in codes. `within` 0 = nowhere.
#[derive(Component, Clone, Copy, PartialEq, Debug)]
pub(crate) struct Spine {
    pub at: i64,
    pub id: u32,
    pub within: u32,
    pub kind: u16,
    pub category: u16,
    pub state: u16,
}

#[derive(Component, Clone, Copy, PartialEq, Debug)]
#[component(storage = "SparseSet")]
pub(crate) struct Position(pub Point);

#[derive(Component, Clone, Copy)]
pub(crate) struct Person;
#[derive(Component, Clone, Copy)]
pub(crate) struct Place;
#[derive(Component, Clone, Copy)]
pub(crate) struct Event;
