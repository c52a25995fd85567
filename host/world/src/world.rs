//! The world itself: what it holds and how single things are read.
//!
//! Contract: state is a fold of the journal. Reads need `&World` and never block each other; the one writer needs `&mut`.

use crate::calendar::Calendar;
use crate::component::{Event, Person, Place, Position, Spine};
use crate::directory::Directory;
use crate::error::QueryError;
use crate::facet::Facet;
use crate::field::{CoreField, FieldRef};
use crate::intern::Interner;
use crate::keys::key;
use crate::ledger::Ledger;
use crate::systems;
use bevy_ecs::prelude::{Schedule, With, World as Ecs};
use changzhi_model::{EntityId, FacetDecl, Family, KindDecl, Micros, Name, Point, Seq, Value};
use hashbrown::HashMap;
use std::sync::Arc;

/// The fields every entity has.
#[derive(Clone, PartialEq, Debug)]
pub struct Core {
    pub family: Family,
    pub kind: Name,
    pub category: Name,
    pub state: Name,
    pub at: Micros,
    pub within: Option<EntityId>,
    pub position: Option<Point>,
    /// The transaction that last touched the entity, its facets included.
    pub changed: Seq,
}

/// Where a field's value is.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    Here(Value),
    /// A long text: fact number `change` of transaction `seq`.
    InJournal {
        seq: Seq,
        change: u32,
    },
    /// A personal or secret field, sealed there.
    Sealed {
        seq: Seq,
        change: u32,
    },
}

/// There is no time zone of this name.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("no time zone {0:?}: use an IANA name such as Asia/Shanghai")]
pub struct ZoneError(pub String);

/// A fold of the journal in memory. See the crate's documentation.
pub struct World {
    pub(crate) ecs: Ecs,
    pub(crate) schedule: Schedule,
    pub(crate) ids: Directory,
    pub(crate) kinds: Interner,
    pub(crate) families: Vec<Family>,
    pub(crate) kind_revisions: Vec<u64>,
    pub(crate) categories: Interner,
    pub(crate) states: Interner,
    pub(crate) kind_decls: Vec<KindDecl>,
    pub(crate) facets: Vec<Facet>,
    pub(crate) facet_numbers: HashMap<Name, usize>,
    pub(crate) ledger: Ledger,
    pub(crate) calendar: Arc<Calendar>,
    pub(crate) revision: Seq,
    pub(crate) last_at: Micros,
}

impl Default for World {
    fn default() -> World {
        World::new()
    }
}

impl World {
    /// An empty world that counts months in Asia/Shanghai.
    pub fn new() -> World {
        World::on(Calendar::home())
    }

    /// An empty world that counts days and months in the named zone.
    pub fn in_zone(name: &str) -> Result<World, ZoneError> {
        Calendar::of(name).map(World::on).ok_or_else(|| ZoneError(name.to_owned()))
    }

    pub(crate) fn on(calendar: Arc<Calendar>) -> World {
        let (mut ecs, schedule) = (Ecs::new(), systems::schedule());
        ecs.register_component::<Spine>();
        ecs.register_component::<Position>();
        ecs.register_component::<Person>();
        ecs.register_component::<Place>();
        ecs.register_component::<Event>();
        systems::install(&mut ecs, systems::Derived::new(calendar.clone()));
        World {
            ecs,
            schedule,
            ids: Directory::default(),
            kinds: Interner::default(),
            families: Vec::new(),
            kind_revisions: Vec::new(),
            categories: Interner::default(),
            states: Interner::default(),
            kind_decls: Vec::new(),
            facets: Vec::new(),
            facet_numbers: HashMap::new(),
            ledger: Ledger::default(),
            calendar,
            revision: Seq::ZERO,
            last_at: Micros(0),
        }
    }

    /// The last transaction applied.
    pub fn revision(&self) -> Seq {
        self.revision
    }

    /// The host time of the last transaction applied; never goes back.
    pub fn last_at(&self) -> Micros {
        self.last_at
    }

    /// The id the next created entity must have.
    pub fn next_id(&self) -> EntityId {
        EntityId(self.ids.len() as u64 + 1)
    }

    /// How many entities there are.
    pub fn len(&self) -> u64 {
        self.ids.len() as u64
    }

    pub fn is_empty(&self) -> bool {
        self.ids.len() == 0
    }

    /// The core fields of one entity.
    pub fn core(&self, entity: EntityId) -> Option<Core> {
        let spine = self.spine(entity.0)?;
        Some(Core {
            family: self.ids.address(spine.id)?.family(),
            kind: self.kinds.name(spine.kind.into()),
            category: self.categories.name(spine.category.into()),
            state: self.states.name(spine.state.into()),
            at: Micros(spine.at),
            within: (spine.within != 0).then_some(EntityId(spine.within.into())),
            position: self.position(entity.0),
            changed: self.entity_revision(entity),
        })
    }

    /// One field of one facet of one entity; `None` = nothing there (or no such entity, facet or field).
    pub fn cell(&self, entity: EntityId, facet: &str, field: &str) -> Option<Cell> {
        let facet = self.facet_by_name(facet)?;
        let column = facet.columns.get(facet.field(field)?)?;
        let row = facet.rows.get(u32::try_from(entity.0).ok()?)? as usize;
        match column.locator(row) {
            Some((seq, change)) if column.is_sealed() => Some(Cell::Sealed { seq: Seq(seq), change }),
            Some((seq, change)) => Some(Cell::InJournal { seq: Seq(seq), change }),
            None => column.value(row).map(Cell::Here),
        }
    }

    /// Named fields of one entity, core or `facet.field`, in the order asked. `None` = nothing there.
    pub fn get(&self, entity: EntityId, fields: &[Name]) -> Result<Vec<Option<Cell>>, QueryError> {
        let core = self.core(entity).ok_or_else(|| QueryError::Unknown(format!("entity {entity}")))?;
        let one = |name: &Name| match FieldRef::parse(self, name)? {
            FieldRef::Core(field) => {
                Ok(Some(Cell::Here(field.value(entity, &core))).filter(|c| *c != Cell::Here(Value::None)))
            }
            FieldRef::Facet { facet, field, part } => {
                let Some(facet) = self.facets.get(facet) else { return Ok(None) };
                let name = facet.decl.fields.get(field).map(|f| f.name.clone()).unwrap_or_default();
                Ok(self.cell(entity, &facet.decl.name, &name).map(|cell| match (cell, part) {
                    (Cell::Here(Value::Point(p)), Some(CoreField::Lon)) => Cell::Here(Value::Num(p.lon)),
                    (Cell::Here(Value::Point(p)), Some(CoreField::Lat)) => Cell::Here(Value::Num(p.lat)),
                    (cell, _) => cell,
                }))
            }
        };
        fields.iter().map(one).collect()
    }

    /// The entity whose unique field has this value.
    pub fn find(&self, facet: &str, field: &str, value: &Value) -> Option<EntityId> {
        let facet = self.facet_by_name(facet)?;
        facet.holder(facet.field(field)?, key(value)?, value)
    }

    /// The transaction that last touched the entity; zero for one that does not exist.
    pub fn entity_revision(&self, entity: EntityId) -> Seq {
        let row = entity.0.checked_sub(1).and_then(|row| usize::try_from(row).ok());
        Seq(row.map_or(0, |row| self.ids.changed.get(row)))
    }

    /// The transaction that last put anything into the facet.
    pub fn facet_revision(&self, facet: &str) -> Seq {
        Seq(self.facet_by_name(facet).map_or(0, |f| f.revision))
    }

    /// The transaction that last touched any entity of the kind, its facets included.
    pub fn kind_revision(&self, kind: &str) -> Seq {
        let number = self.kinds.number(kind).and_then(|k| self.kind_revisions.get(k as usize));
        Seq(number.copied().unwrap_or(0))
    }

    /// The declaration in force of a facet.
    pub fn facet(&self, name: &str) -> Option<&FacetDecl> {
        self.facet_by_name(name).map(|f| &f.decl)
    }

    /// The declaration in force of a kind.
    pub fn kind(&self, name: &str) -> Option<&KindDecl> {
        self.kind_decls.iter().find(|k| k.name == name)
    }

    /// The nearest place of a kind that holds the entity, itself included.
    pub fn place_of(&self, entity: EntityId, kind: &str) -> Option<EntityId> {
        let kind = u16::try_from(self.kinds.number(kind)?).ok()?;
        self.ancestor(u32::try_from(entity.0).ok()?, kind).map(|id| EntityId(id.into()))
    }

    pub(crate) fn ancestor(&self, id: u32, kind: u16) -> Option<u32> {
        let mut at = self.spine(id.into())?;
        // Cycles are refused when they would arise; the bound is for damage only.
        for _ in 0..64 {
            if at.kind == kind {
                return Some(at.id);
            }
            at = self.spine(at.within.into())?;
        }
        None
    }

    pub(crate) fn facet_by_name(&self, name: &str) -> Option<&Facet> {
        self.facets.get(*self.facet_numbers.get(name)?)
    }

    pub(crate) fn spine(&self, id: u64) -> Option<&Spine> {
        self.ecs.get::<Spine>(self.ids.entity(id)?)
    }

    pub(crate) fn position(&self, id: u64) -> Option<Point> {
        self.ecs.get::<Position>(self.ids.entity(id)?).map(|p| p.0)
    }

    /// All rows of a family in id order, as one slice of the ECS table.
    pub(crate) fn spines(&self, family: Family) -> &[Spine] {
        match family {
            Family::People => self.slice::<Person>(),
            Family::Places => self.slice::<Place>(),
            Family::Events => self.slice::<Event>(),
        }
    }

    /// The rows of every family, for who looks at many entities.
    pub(crate) fn all_spines(&self) -> Spines<'_> {
        Spines {
            people: self.spines(Family::People),
            places: self.spines(Family::Places),
            events: self.spines(Family::Events),
        }
    }

    fn slice<M: bevy_ecs::component::Component>(&self) -> &[Spine] {
        let Some(mut query) = self.ecs.try_query_filtered::<&Spine, With<M>>() else { return &[] };
        query.contiguous_iter(&self.ecs).ok().and_then(|mut tables| tables.next()).unwrap_or(&[])
    }

    pub(crate) fn family_of_kind(&self, kind: u16) -> Family {
        self.families.get(usize::from(kind)).copied().unwrap_or(Family::Events)
    }
}

/// The three tables of rows, found once: a look is then two array reads.
pub(crate) struct Spines<'w> {
    people: &'w [Spine],
    places: &'w [Spine],
    events: &'w [Spine],
}

impl<'w> Spines<'w> {
    pub fn get(&self, world: &World, id: u32) -> Option<&'w Spine> {
        let address = world.ids.address(id)?;
        let table = match address.family() {
            Family::People => self.people,
            Family::Places => self.places,
            Family::Events => self.events,
        };
        table.get(address.row())
    }
}
