//! Systems: what is derived from the world, kept by a schedule that runs after each transaction.
//!
//! Contract: a transaction leaves what it touched in [`Touched`]; every system reads only that and its own resource, so a
//! transaction costs what it touches and never a scan of the world. Everything here can be rebuilt from the entities and
//! is in neither the state hash nor the snapshot. Price: about a microsecond a transaction.

mod book;
mod cells;
mod children;
mod cube;
mod extents;

pub(crate) use book::{BLOCK, Book};
pub(crate) use cells::Cells;
pub(crate) use children::Children;
pub(crate) use cube::{Cube, KindCube};
pub(crate) use extents::Extents;

use crate::calendar::Calendar;
use crate::component::Spine;
use crate::ring::Ring;
use bevy_ecs::prelude::{Res, ResMut, Resource, Schedule, World as Ecs};
use changzhi_model::Point;
use std::sync::Arc;

/// One change of an entity's core, before and after; `before` is `None` when it was created.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Touch {
    pub before: Option<(Spine, Option<Point>)>,
    pub after: Spine,
    pub position: Option<Point>,
}

/// What the transaction just applied did.
#[derive(Resource, Default)]
pub(crate) struct Touched {
    pub cores: Vec<Touch>,
    /// Places whose extent was set or cleared.
    pub extents: Vec<(u32, Option<Ring>)>,
}

/// All derived structures, for building them in one go at load.
pub(crate) struct Derived {
    pub book: Book,
    pub children: Children,
    pub cube: Cube,
    pub cells: Cells,
    pub extents: Extents,
}

impl Derived {
    pub fn new(calendar: Arc<Calendar>) -> Derived {
        Derived {
            book: Book::default(),
            children: Children::default(),
            cube: Cube::new(calendar),
            cells: Cells::default(),
            extents: Extents::default(),
        }
    }
}

pub(crate) fn install(ecs: &mut Ecs, derived: Derived) {
    ecs.insert_resource(Touched::default());
    ecs.insert_resource(derived.book);
    ecs.insert_resource(derived.children);
    ecs.insert_resource(derived.cube);
    ecs.insert_resource(derived.cells);
    ecs.insert_resource(derived.extents);
}

pub(crate) fn schedule() -> Schedule {
    let mut schedule = Schedule::default();
    schedule.add_systems((keep_book, keep_children, keep_cube, keep_cells, keep_extents));
    schedule
}

fn keep_book(touched: Res<Touched>, mut book: ResMut<Book>) {
    touched.cores.iter().for_each(|touch| book.note(touch));
}

fn keep_children(touched: Res<Touched>, mut children: ResMut<Children>) {
    touched.cores.iter().for_each(|touch| children.note(touch));
}

fn keep_cube(touched: Res<Touched>, mut cube: ResMut<Cube>) {
    touched.cores.iter().for_each(|touch| cube.note(touch));
}

fn keep_cells(touched: Res<Touched>, mut cells: ResMut<Cells>) {
    touched.cores.iter().for_each(|touch| cells.note(touch));
}

fn keep_extents(touched: Res<Touched>, mut extents: ResMut<Extents>) {
    touched.extents.iter().for_each(|(id, ring)| extents.set(*id, ring.clone()));
}
