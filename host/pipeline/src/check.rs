//! From what a plugin asks for to what becomes so: all or nothing.
//!
//! Runs under the commit lock, so that what it reads of the world is what the transaction will be applied to. Every wish is
//! held against the plugin's grants, the declarations, the flow and the unique fields; provisional ids become real ones; and
//! personal values are sealed. A plugin that breaks its own declarations gets [`CheckError::Breach`] (a bug of the plugin,
//! kept in its quarantine), a command that loses against the world gets a [`Refusal`] (told to the caller).

use crate::commit::Origin;
use crate::matters::{Tracks, Walk};
use crate::registry::{Installed, Registry};
use changzhi_model::{
    Actor, Change, Changes, Create, EntityId, FacetDecl, Fact, Family, FieldDecl, FieldType, Micros, Move, Name, Named,
    Note, Point, Problem, Put, Refusal, RequestId, Stored, Text, Value,
};
use changzhi_seal::Vault;
use changzhi_world::World;
use hashbrown::{HashMap, HashSet};

/// Wishes in one list; the journal's locators count facts in 16 bits.
const MAX_OPS: usize = 50_000;
const MAX_NAME: usize = 64;
const MAX_REASON: usize = 2_000;

/// Why nothing was committed.
#[derive(Debug)]
pub(crate) enum CheckError {
    /// Told to the caller.
    Refused(Refusal),
    /// The plugin broke its contract: what, and how its author mends it.
    Breach(String),
    /// A key could not be made or used: the host cannot go on.
    Seal(String),
}

impl From<Refusal> for CheckError {
    fn from(refusal: Refusal) -> CheckError {
        CheckError::Refused(refusal)
    }
}

pub(crate) fn breach<T>(what: impl Into<String>) -> Result<T, CheckError> {
    Err(CheckError::Breach(what.into()))
}

/// What a change list has made of an entity so far, over the world's own view of it.
#[derive(Clone)]
pub(crate) struct Shape {
    pub(crate) kind: Name,
    family: Family,
    state: Name,
    category: Name,
}

/// A value of a unique field, as a list of changes remembers it. Types that cannot be unique are all alike.
#[derive(PartialEq, Eq, Hash)]
enum Unique {
    Number(i64),
    Entity(EntityId),
    Text(String),
    Other,
}

impl Unique {
    fn of(value: &Value) -> Unique {
        match value {
            Value::Int(n) => Unique::Number(*n),
            Value::Time(t) => Unique::Number(t.0),
            Value::Entity(id) => Unique::Entity(*id),
            Value::Text(s) => Unique::Text(s.clone()),
            _ => Unique::Other,
        }
    }
}

pub(crate) struct Checker<'a> {
    pub(crate) world: &'a World,
    pub(crate) registry: &'a Registry,
    pub(crate) plugin: &'a Installed,
    pub(crate) vault: &'a Vault,
    pub(crate) actor: &'a Actor,
    /// The request the list answers.
    pub(crate) request: RequestId,
    /// The time the transaction will have.
    pub(crate) at: Micros,
    /// Where matters of this list stand by now, and what it puts where.
    pub(crate) tracks: Tracks,
    first: u64,
    created: u64,
    shapes: HashMap<EntityId, Shape>,
    uniques: HashSet<(Name, Name, Unique)>,
    pub(crate) facts: Vec<Fact>,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(
        world: &'a World,
        registry: &'a Registry,
        plugin: &'a Installed,
        vault: &'a Vault,
        origin: &Origin<'a>,
        at: Micros,
    ) -> Checker<'a> {
        Checker {
            world,
            registry,
            plugin,
            vault,
            actor: origin.actor,
            request: origin.request,
            at,
            tracks: Tracks::default(),
            first: world.next_id().0,
            created: 0,
            shapes: HashMap::new(),
            uniques: HashSet::new(),
            facts: Vec::new(),
        }
    }

    /// The facts of the whole list and the answer with real ids.
    pub(crate) fn resolve(mut self, changes: Changes) -> Result<(Vec<Fact>, Vec<Named>), CheckError> {
        if changes.ops.len() > MAX_OPS {
            return breach(format!(
                "{} changes in one list; at most {MAX_OPS}: split the work into a job",
                changes.ops.len()
            ));
        }
        self.facts.reserve(changes.ops.len());
        self.tracks.read(&changes.ops);
        for op in changes.ops {
            match op {
                Change::Create(c) => self.create(c)?,
                Change::Put(p) => self.put(p)?,
                Change::Advance(a) => self.advance(a.entity, &a.event, a.reason)?,
                Change::Note(n) => self.note(n)?,
                Change::Intent(i) => self.intent(i)?,
                Change::Move(m) => self.relocate(m)?,
                Change::Recategorise(r) => {
                    let entity = self.shaped(r.entity)?;
                    check_name("category", &r.category)?;
                    self.facts.push(Fact::Recategorised { entity, category: r.category });
                }
            }
        }
        let mut answer = changes.answer;
        for named in &mut answer {
            if let Value::Entity(id) = &mut named.value {
                *id = self.real(*id)?;
            }
        }
        Ok((self.facts, answer))
    }

    /// The entity an id of the list means; it must exist.
    pub(crate) fn real(&self, id: EntityId) -> Result<EntityId, CheckError> {
        match id.as_provisional() {
            Some(n) if n < self.created => Ok(EntityId(self.first + n)),
            Some(n) => {
                breach(format!("new#{n} is used but only {} entities are created before it in this list", self.created))
            }
            None if self.world.core(id).is_some() => Ok(id),
            None => Err(Refusal::NotFound(Text::plain(format!("entity {id}"))).into()),
        }
    }

    pub(crate) fn shape(&self, entity: EntityId) -> Result<Shape, CheckError> {
        if let Some(shape) = self.shapes.get(&entity) {
            return Ok(shape.clone());
        }
        match self.world.core(entity) {
            Some(core) => {
                Ok(Shape { kind: core.kind, family: core.family, state: core.state, category: core.category })
            }
            None => Err(Refusal::NotFound(Text::plain(format!("entity {entity}"))).into()),
        }
    }

    /// The real id of an entity whose kind this plugin may shape.
    fn shaped(&self, id: EntityId) -> Result<EntityId, CheckError> {
        let entity = self.real(id)?;
        let shape = self.shape(entity)?;
        if !self.plugin.may_shape(&shape.kind) {
            return breach(format!(
                "plugin {} may not change a {}: add grant {{ name = \"kind:{}\", access = \"rw\" }} with its reason",
                self.plugin.manifest.id, shape.kind, shape.kind
            ));
        }
        Ok(entity)
    }

    fn create(&mut self, c: Create) -> Result<(), CheckError> {
        let registry = self.registry;
        let Some(kind) = registry.kinds.get(&c.kind) else {
            return breach(format!("kind {:?} is not declared by any installed plugin", c.kind));
        };
        if !self.plugin.may_shape(&c.kind) {
            return breach(format!(
                "plugin {} may not create a {}: it is another plugin's kind",
                self.plugin.manifest.id, c.kind
            ));
        }
        if !c.category.is_empty() {
            check_name("category", &c.category)?;
        }
        let within = c.within.map(|w| self.place(w)).transpose()?;
        check_position(c.position)?;
        let state = match &kind.flow {
            Some(flow) => match self.registry.flows.initial(flow) {
                Some(state) => state.clone(),
                None => return breach(format!("kind {:?} names flow {flow:?}, which is not declared", c.kind)),
            },
            None => Name::default(),
        };
        let id = EntityId(self.first + self.created);
        self.created += 1;
        self.shapes.insert(
            id,
            Shape { kind: c.kind.clone(), family: kind.on, state: state.clone(), category: c.category.clone() },
        );
        let begun = kind.flow.as_ref().map(|flow| (flow.clone(), state.clone(), c.category.clone()));
        self.facts.push(Fact::Created {
            id,
            kind: c.kind,
            category: c.category,
            state,
            at: c.at,
            within,
            position: c.position,
        });
        if let Some((flow, state, category)) = begun {
            self.begun(id, &flow, &state, &category);
        }
        Ok(())
    }

    fn place(&self, id: EntityId) -> Result<EntityId, CheckError> {
        let place = self.real(id)?;
        match self.shape(place)?.family {
            Family::Places => Ok(place),
            _ => Err(Refusal::Invalid(vec![Problem {
                field: Name::new_static("within"),
                message: Text::plain(format!("entity {place} is not a place")),
            }])
            .into()),
        }
    }

    fn relocate(&mut self, m: Move) -> Result<(), CheckError> {
        let entity = self.shaped(m.entity)?;
        let within = m.within.map(|w| self.place(w)).transpose()?;
        check_position(m.position)?;
        self.facts.push(Fact::Moved { entity, within, position: m.position });
        Ok(())
    }

    fn advance(&mut self, id: EntityId, event: &Name, reason: String) -> Result<(), CheckError> {
        let entity = self.shaped(id)?;
        let shape = self.shape(entity)?;
        let flow = self.registry.kinds.get(&shape.kind).and_then(|k| k.flow.clone());
        let Some(flow) = flow else {
            return breach(format!("kind {:?} has no flow to advance", shape.kind));
        };
        if reason.len() > MAX_REASON {
            return Err(too_long("reason", MAX_REASON));
        }
        let walk = Walk { id, entity, kind: &shape.kind, state: &shape.state, category: &shape.category, flow: &flow };
        let (target, track) = self.walked(&walk, event, &reason)?;
        self.shapes.insert(entity, Shape { state: target.clone(), ..shape.clone() });
        self.facts.push(Fact::Advanced { entity, event: event.clone(), source: shape.state, target, reason });
        self.facts.extend(track);
        Ok(())
    }

    fn note(&mut self, n: Note) -> Result<(), CheckError> {
        let entity = self.real(n.entity)?;
        check_name("note kind", &n.kind)?;
        let length = match &n.text {
            Text::Plain(s) => s.len(),
            Text::Msg(m) => m.key.len(),
        };
        if length > MAX_REASON {
            return Err(too_long("note", MAX_REASON));
        }
        self.facts.push(Fact::Noted { entity, kind: n.kind, text: n.text });
        Ok(())
    }

    fn put(&mut self, p: Put) -> Result<(), CheckError> {
        let registry = self.registry;
        let Some(facet) = registry.facets.get(&p.facet) else {
            return breach(format!("facet {:?} is not declared by any installed plugin", p.facet));
        };
        if !self.plugin.may_write(&p.facet) {
            return breach(format!(
                "plugin {} may not write {}: add grant {{ name = \"{}\", access = \"rw\" }} with its reason",
                self.plugin.manifest.id, p.facet, p.facet
            ));
        }
        let entity = self.real(p.entity)?;
        let shape = self.shape(entity)?;
        if shape.family != facet.on {
            return breach(format!(
                "facet {} is for {:?}, entity {entity} is one of {:?}",
                facet.name, facet.on, shape.family
            ));
        }
        let (mut problems, mut claims) = (Vec::new(), Vec::new());
        let mut fields = Vec::with_capacity(p.fields.len());
        let mut next = 0;
        for Named { name, value } in p.fields {
            let at = facet.position(next, &name);
            let Some((at, decl)) = at.and_then(|at| Some((at, facet.fields.get(at)?))) else {
                return breach(format!("facet {} has no field {name:?}", facet.name));
            };
            next = at + 1;
            let value = self.value(decl, value, &mut problems)?;
            if decl.unique {
                self.unique(entity, facet, decl, &value, &mut problems);
            }
            if decl.kind == FieldType::Members {
                crate::members::check(self.world, decl, &value, &mut problems);
            }
            if decl.kind == FieldType::Files {
                crate::files::claim(self, entity, decl, &value, &mut claims, &mut problems);
            }
            let stored = if decl.sensitivity.is_sealed() && !value.is_none() {
                let plain = postcard::to_stdvec(&value).map_err(|e| CheckError::Seal(e.to_string()))?;
                let bound = sealed_aad(entity, &facet.name, &name);
                Stored::Sealed(self.vault.seal(entity, &bound, &plain).map_err(|e| CheckError::Seal(e.to_string()))?)
            } else {
                Stored::Open(value)
            };
            fields.push((name, stored));
        }
        self.required(entity, facet, &fields, &mut problems);
        if !problems.is_empty() {
            return Err(Refusal::Invalid(problems).into());
        }
        self.facts.push(Fact::Put { entity, facet: p.facet, fields });
        self.facts.append(&mut claims);
        Ok(())
    }

    /// Required fields must be there from the facet's first put on, and are never cleared.
    fn required(&self, entity: EntityId, facet: &FacetDecl, fields: &[(Name, Stored)], problems: &mut Vec<Problem>) {
        for decl in facet.fields.iter().filter(|d| d.required) {
            let given = fields.iter().find(|(name, _)| *name == decl.name);
            let missing = match given {
                Some((_, Stored::Open(Value::None))) => true,
                Some(_) => false,
                None => {
                    self.world.cell(entity, &facet.name, &decl.name).is_none()
                        && !self.facts.iter().any(|f| puts_field(f, entity, &facet.name, &decl.name))
                }
            };
            if missing {
                problems.push(problem(decl, "core-required"));
            }
        }
    }

    fn unique(
        &mut self,
        entity: EntityId,
        facet: &FacetDecl,
        decl: &FieldDecl,
        value: &Value,
        problems: &mut Vec<Problem>,
    ) {
        if value.is_none() {
            return;
        }
        let taken = self.world.find(&facet.name, &decl.name, value).is_some_and(|other| other != entity);
        let again = !self.uniques.insert((facet.name.clone(), decl.name.clone(), Unique::of(value)));
        if taken || again {
            problems.push(problem(decl, "core-not-unique"));
        }
    }

    /// The value as the declaration wants it, with real ids.
    fn value(&self, decl: &FieldDecl, value: Value, problems: &mut Vec<Problem>) -> Result<Value, CheckError> {
        let fits = match (&decl.kind, &value) {
            (_, Value::None) => true,
            (FieldType::Flag, Value::Flag(_))
            | (FieldType::Int, Value::Int(_))
            | (FieldType::Time, Value::Time(_))
            | (
                FieldType::Code | FieldType::Text | FieldType::LongText | FieldType::Files | FieldType::Members,
                Value::Text(_),
            )
            | (FieldType::Entity(_), Value::Entity(_)) => true,
            (FieldType::Num, Value::Num(n)) => n.is_finite(),
            (FieldType::Point, Value::Point(p)) => p.is_valid(),
            _ => false,
        };
        if !fits {
            return breach(format!("field {} wants {:?}, the plugin gave {value:?}", decl.name, decl.kind));
        }
        match &value {
            Value::Text(s) => {
                if s.len() > decl.text_limit() as usize {
                    problems.push(problem(decl, "core-too-long"));
                }
                if !decl.options.is_empty() && !decl.options.iter().any(|o| o == s) {
                    problems.push(problem(decl, "core-not-an-option"));
                }
            }
            Value::Int(i) => check_range(decl, *i as f64, problems),
            Value::Num(n) => check_range(decl, *n, problems),
            Value::Entity(id) => {
                let entity = self.real(*id)?;
                if let FieldType::Entity(Some(family)) = &decl.kind
                    && self.shape(entity)?.family != *family
                {
                    problems.push(problem(decl, "core-wrong-family"));
                }
                return Ok(Value::Entity(entity));
            }
            _ => {}
        }
        Ok(value)
    }
}

/// Binds a sealed value to where it belongs: moved elsewhere it does not open.
pub(crate) fn sealed_aad(entity: EntityId, facet: &str, field: &str) -> Vec<u8> {
    let mut aad = Vec::with_capacity(10 + facet.len() + field.len());
    aad.extend_from_slice(&entity.0.to_le_bytes());
    aad.extend_from_slice(facet.as_bytes());
    aad.push(0);
    aad.extend_from_slice(field.as_bytes());
    aad
}

fn puts_field(fact: &Fact, entity: EntityId, facet: &str, field: &str) -> bool {
    match fact {
        Fact::Put { entity: e, facet: f, fields } => {
            *e == entity && f == facet && fields.iter().any(|(n, _)| n == field)
        }
        _ => false,
    }
}

pub(crate) fn problem(decl: &FieldDecl, key: &str) -> Problem {
    Problem { field: decl.name.clone(), message: Text::key(key) }
}

fn check_range(decl: &FieldDecl, n: f64, problems: &mut Vec<Problem>) {
    if decl.min.is_some_and(|min| n < min) || decl.max.is_some_and(|max| n > max) {
        problems.push(problem(decl, "core-out-of-range"));
    }
}

fn check_position(position: Option<Point>) -> Result<(), CheckError> {
    match position {
        Some(p) if !p.is_valid() => Err(Refusal::Invalid(vec![Problem {
            field: Name::new_static("position"),
            message: Text::key("core-not-on-earth"),
        }])
        .into()),
        _ => Ok(()),
    }
}

fn check_name(what: &str, name: &str) -> Result<(), CheckError> {
    if name.is_empty() || name.len() > MAX_NAME || name.chars().any(char::is_control) {
        return breach(format!("{what} {name:?} must have 1 to {MAX_NAME} bytes and no control characters"));
    }
    Ok(())
}

fn too_long(field: &'static str, limit: usize) -> CheckError {
    Refusal::Invalid(vec![Problem {
        field: Name::new_static(field),
        message: Text::plain(format!("at most {limit} bytes")),
    }])
    .into()
}
