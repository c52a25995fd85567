//! The city behind the gate: the host's own domain as a native, and the world as the records it reads.

use crate::{Backend, Core, Identity, Records};
use changzhi_model::{Changes, Context, EntityId, Manifest, Micros, Name, Refusal, Seq, Value};
use changzhi_pipeline::view::Page;
use changzhi_pipeline::{City, Native, Outcome, Submission};
use changzhi_world::{Cell, Condition, Op, Query, World};
use std::sync::Arc;

/// The world, read as the gate needs it.
#[derive(Clone, Copy)]
pub struct WorldRecords<'a>(pub &'a World);

/// Grants and tokens of one account at most; more would be a mistake.
const REFERRING_MAX: u32 = 10_000;

impl WorldRecords<'_> {
    fn ids(&self, query: &Query) -> Vec<EntityId> {
        // Before the first `Declared` of the host there is nothing to find.
        self.0.query(query).map(|batch| batch.ids.into_iter().map(EntityId).collect()).unwrap_or_default()
    }

    /// Entities of a kind in id order, those with this value in a field where one is named.
    fn in_order(&self, kind: &str, is: Option<(&str, &str, Value)>, after: EntityId, limit: u32) -> Vec<EntityId> {
        let equals =
            |(facet, field, value)| Condition { field: Name::from(format!("{facet}.{field}")), op: Op::Eq, value };
        let filter = is.map(equals).into_iter().collect();
        let (kind, fields) = (kind.into(), Vec::new());
        let mut ids = self.ids(&Query { kind, fields, filter, order: None, ascending: true, limit, after });
        ids.sort_unstable();
        ids
    }
}

impl Records for WorldRecords<'_> {
    fn core(&self, entity: EntityId) -> Option<Core> {
        self.0.core(entity).map(|c| Core {
            family: c.family,
            kind: c.kind,
            category: c.category,
            state: c.state,
            at: c.at,
            within: c.within,
        })
    }

    fn value(&self, entity: EntityId, facet: &str, field: &str) -> Value {
        match self.0.cell(entity, facet, field) {
            Some(Cell::Here(value)) => value,
            _ => Value::None,
        }
    }

    fn find(&self, facet: &str, field: &str, value: &Value) -> Option<EntityId> {
        self.0.find(facet, field, value)
    }

    fn referring(&self, kind: &str, facet: &str, field: &str, to: EntityId) -> Vec<EntityId> {
        self.in_order(kind, Some((facet, field, Value::Entity(to))), EntityId::NONE, REFERRING_MAX)
    }

    fn saying(&self, kind: &str, facet: &str, field: &str, text: &str, after: EntityId, limit: u32) -> Vec<EntityId> {
        self.in_order(kind, Some((facet, field, Value::text(text))), after, limit)
    }

    fn holding(&self, kind: &str, after: EntityId, limit: u32) -> Vec<EntityId> {
        self.in_order(kind, None, after, limit)
    }

    fn newest(&self, kind: &str, within: Option<EntityId>, limit: u32) -> Vec<EntityId> {
        let below = |place| Condition { field: "within".into(), op: Op::Le, value: Value::Entity(place) };
        self.ids(&Query {
            kind: kind.into(),
            fields: Vec::new(),
            filter: within.map(below).into_iter().collect(),
            order: None,
            ascending: false,
            limit,
            after: EntityId::NONE,
        })
    }

    fn at(&self) -> Micros {
        self.0.last_at()
    }

    fn facet_revision(&self, facet: &str) -> Seq {
        self.0.facet_revision(facet)
    }
}

impl Native for Identity {
    fn manifest(&self) -> Manifest {
        Identity::manifest(self)
    }

    fn handle(&self, ctx: &Context, command: &str, body: &[Value], world: &World) -> Result<Changes, Refusal> {
        Identity::handle(self, ctx, command, body, &WorldRecords(world))
    }

    fn view(&self, ctx: &Context, view: &str, params: &[Value], world: &World) -> Result<Page, Refusal> {
        Identity::view(self, ctx, view, params, &WorldRecords(world))
    }
}

/// A city as the gate and the portal take it.
#[derive(Clone)]
pub struct CityBackend(pub Arc<City>);

impl Backend for CityBackend {
    fn read(&self, look: &mut dyn FnMut(&dyn Records)) {
        self.0.read(|world| look(&WorldRecords(world)));
    }

    fn manifest(&self, plugin: &str) -> Option<Arc<Manifest>> {
        self.0.manifest(plugin)
    }

    fn submit_then(&self, submission: Submission, tell: Box<dyn FnOnce(Outcome) + Send>) {
        self.0.submit_then(submission, tell);
    }

    fn secret(&self, entity: EntityId, facet: &str, field: &str) -> Result<Option<Value>, String> {
        self.0.secret(entity, facet, field)
    }
}
