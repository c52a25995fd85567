//! What a command asks for: a list of wishes that the host checks and applies all or nothing.

use crate::bindings::changzhi::platform::changes as wit;
use crate::bindings::changzhi::platform::types::Named;
use crate::value::named;
use crate::{EntityId, Facet, Field, FieldValue, Intent, Micros, Point, Text, Value};

/// The changes of one call. Order is kept; an entity made by [`Changes::create`] may be named by the wishes after it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Changes {
    ops: Vec<wit::Change>,
    answer: Vec<Named>,
    created: u64,
}

impl Changes {
    pub fn new() -> Changes {
        Changes::default()
    }

    /// Nothing changes and nothing is answered.
    pub fn none() -> Changes {
        Changes::default()
    }

    /// A new entity. The id given back is provisional: use it in the same changes, and in the answer; the host puts the
    /// real one in its place.
    pub fn create(&mut self, new: New) -> EntityId {
        let id = EntityId(EntityId::PROVISIONAL | self.created);
        self.created += 1;
        self.ops.push(wit::Change::Create(new.0));
        id
    }

    /// Puts a whole facet. Fields that are `None` stay as they are; use [`Changes::clear`] to empty one.
    pub fn put<F: Facet>(&mut self, entity: EntityId, facet: F) -> &mut Self {
        let fields = facet.into_fields().into_iter().filter(|f| !f.value.is_none()).collect();
        self.put_fields(entity, F::NAME, fields)
    }

    /// Sets one field, whatever place it is kept in.
    pub fn set<T: FieldValue, W>(&mut self, entity: EntityId, field: Field<T, W>, value: impl Into<T>) -> &mut Self {
        let value: T = value.into();
        self.put_fields(entity, field.facet(), vec![named(field.name(), value)])
    }

    /// Empties one field.
    pub fn clear<T, W>(&mut self, entity: EntityId, field: Field<T, W>) -> &mut Self {
        self.put_fields(entity, field.facet(), vec![named(field.name(), Value::None)])
    }

    /// Wishes for the same facet of the same entity, one right after the other, become one.
    fn put_fields(&mut self, entity: EntityId, facet: &str, fields: Vec<Named>) -> &mut Self {
        match self.ops.last_mut() {
            Some(wit::Change::Put(last)) if last.entity == entity.0 && last.facet == facet => {
                for field in fields {
                    match last.fields.iter_mut().find(|f| f.name == field.name) {
                        Some(old) => old.value = field.value,
                        None => last.fields.push(field),
                    }
                }
            }
            _ => self.ops.push(wit::Change::Put(wit::Put { entity: entity.0, facet: facet.to_owned(), fields })),
        }
        self
    }

    /// Raises an event of the entity's flow. The host knows the state and refuses what the flow does not allow.
    pub fn advance(&mut self, entity: EntityId, event: &str, reason: impl Into<String>) -> &mut Self {
        self.ops.push(wit::Change::Advance(wit::Advance {
            entity: entity.0,
            event: event.to_owned(),
            reason: reason.into(),
        }));
        self
    }

    /// A line of the entity's history. Plain words, no personal data.
    pub fn note(&mut self, entity: EntityId, kind: &str, text: impl Into<Text>) -> &mut Self {
        self.ops.push(wit::Change::Note(wit::Note { entity: entity.0, kind: kind.to_owned(), text: text.into() }));
        self
    }

    /// A wish for an effect outside ([`crate::Notify`], [`crate::NotifyRoles`]): done after commit, retried, its result journaled.
    pub fn intent(&mut self, intent: impl Into<Intent>) -> &mut Self {
        self.ops.push(wit::Change::Intent(intent.into().0));
        self
    }

    /// Where the entity is, when that itself changes.
    pub fn move_to(&mut self, entity: EntityId, within: Option<EntityId>, position: Option<Point>) -> &mut Self {
        let within = within.map(|w| w.0);
        self.ops.push(wit::Change::Move(wit::Move { entity: entity.0, within, position }));
        self
    }

    /// The entity's category was wrong.
    pub fn recategorise(&mut self, entity: EntityId, category: impl Into<String>) -> &mut Self {
        self.ops.push(wit::Change::Recategorise(wit::Recategorise { entity: entity.0, category: category.into() }));
        self
    }

    /// What the caller gets back beside the revision. Provisional ids become the real ones.
    pub fn answer(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.answer.push(named(name, value));
        self
    }

    /// How many wishes there are.
    pub fn len(&self) -> usize {
        self.ops.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// The wishes, as the interface has them: for unit tests.
    pub fn ops(&self) -> &[wit::Change] {
        &self.ops
    }
}

impl From<Changes> for wit::Changes {
    fn from(c: Changes) -> wit::Changes {
        wit::Changes { ops: c.ops, answer: c.answer }
    }
}

/// A new entity, for [`Changes::create`]. Its state comes from the kind's flow.
#[derive(Clone, PartialEq, Debug)]
pub struct New(wit::Create);

impl New {
    /// Of a kind; `at` is when it happened (events) or began (places, people).
    pub fn of(kind: &str, at: Micros) -> New {
        New(wit::Create { kind: kind.to_owned(), category: String::new(), at: at.0, within: None, position: None })
    }

    pub fn category(mut self, category: impl Into<String>) -> New {
        self.0.category = category.into();
        self
    }

    /// The place it lies in; for a place its parent.
    pub fn within(mut self, place: impl Into<Option<EntityId>>) -> New {
        self.0.within = place.into().map(|p| p.0);
        self
    }

    pub fn position(mut self, at: impl Into<Option<Point>>) -> New {
        self.0.position = at.into();
        self
    }
}
