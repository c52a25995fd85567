//! A city of hash maps that does what the identity commands ask for: tests of the gate need no disk and no plugins.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, dead_code)]

use changzhi_gate::{Backend, Core, Gate, GateOptions, Identity, NewAccount, Outcome, Records, Submission};
use changzhi_model::*;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
pub struct Tables {
    pub cores: BTreeMap<u64, Core>,
    pub cells: HashMap<(u64, String, String), Value>,
    pub sealed: HashMap<(u64, String, String), Value>,
    pub facets: HashMap<String, Seq>,
    pub seq: u64,
    pub at: i64,
}

impl Records for Tables {
    fn core(&self, entity: EntityId) -> Option<Core> {
        self.cores.get(&entity.0).cloned()
    }
    fn value(&self, entity: EntityId, facet: &str, field: &str) -> Value {
        self.cells.get(&(entity.0, facet.into(), field.into())).cloned().unwrap_or_default()
    }
    fn find(&self, facet: &str, field: &str, value: &Value) -> Option<EntityId> {
        let hit = self.cells.iter().find(|((_, a, b), v)| a == facet && b == field && *v == value);
        hit.map(|((id, _, _), _)| EntityId(*id))
    }
    fn referring(&self, kind: &str, facet: &str, field: &str, to: EntityId) -> Vec<EntityId> {
        let of_kind = self.cores.iter().filter(|(_, c)| c.kind == kind).map(|(id, _)| EntityId(*id));
        of_kind.filter(|id| self.value(*id, facet, field) == Value::Entity(to)).collect()
    }
    fn saying(&self, kind: &str, facet: &str, field: &str, text: &str, after: EntityId, limit: u32) -> Vec<EntityId> {
        let of_kind = self.cores.iter().filter(|(id, c)| c.kind == kind && **id > after.0);
        let says = of_kind.map(|(id, _)| EntityId(*id)).filter(|id| self.value(*id, facet, field) == Value::text(text));
        says.take(limit as usize).collect()
    }
    fn holding(&self, kind: &str, after: EntityId, limit: u32) -> Vec<EntityId> {
        let of_kind = self.cores.iter().filter(|(id, c)| c.kind == kind && **id > after.0);
        of_kind.map(|(id, _)| EntityId(*id)).take(limit as usize).collect()
    }
    fn newest(&self, kind: &str, within: Option<EntityId>, limit: u32) -> Vec<EntityId> {
        let inside = |c: &Core| {
            let mut at = c.within;
            within.is_none_or(|w| {
                while let Some(here) = at.filter(|h| *h != w) {
                    at = self.core(here).and_then(|c| c.within);
                }
                at.is_some()
            })
        };
        let of_kind = self.cores.iter().rev().filter(|(_, c)| c.kind == kind && inside(c));
        of_kind.map(|(id, _)| EntityId(*id)).take(limit as usize).collect()
    }
    fn at(&self) -> Micros {
        Micros(self.at)
    }
    fn facet_revision(&self, facet: &str) -> Seq {
        self.facets.get(facet).copied().unwrap_or(Seq::ZERO)
    }
}

pub type Handler = Box<dyn Fn(&Submission) -> Outcome + Send + Sync>;

pub struct Town {
    pub tables: Mutex<Tables>,
    pub manifests: Mutex<Vec<Arc<Manifest>>>,
    pub done: Mutex<HashMap<RequestId, (Vec<Value>, Outcome)>>,
    pub submitted: Mutex<Vec<Submission>>,
    pub clock: Arc<ManualClock>,
    pub other: Mutex<Option<Handler>>,
    /// What was done, as a journal has it.
    pub journal: Mutex<Vec<Transaction>>,
}

impl Town {
    pub fn new() -> Arc<Town> {
        Arc::new(Town {
            tables: Mutex::default(),
            manifests: Mutex::new(vec![Arc::new(Identity.manifest())]),
            done: Mutex::default(),
            submitted: Mutex::default(),
            clock: Arc::new(ManualClock::at(Micros(1_700_000_000 * Micros::SECOND))),
            other: Mutex::default(),
            journal: Mutex::default(),
        })
    }

    pub fn gate(self: &Arc<Town>) -> Arc<Gate> {
        Arc::new(Gate::new(self.clone(), self.clock.clone(), GateOptions::default()).unwrap())
    }

    pub fn run(&self, s: Submission) -> Outcome {
        self.submitted.lock().unwrap().push(s.clone());
        if let Some((body, outcome)) = self.done.lock().unwrap().get(&s.request) {
            if *body != s.body {
                return Outcome::Refused(Refusal::Conflict(Text::key("core-request-id-reused")));
            }
            let Outcome::Done { seq, answer, changed, .. } = outcome.clone() else { panic!() };
            return Outcome::Done { seq, answer, changed, replayed: true };
        }
        if s.plugin != "host" {
            return (self.other.lock().unwrap().as_ref().unwrap())(&s);
        }
        let ctx = Context {
            actor: s.actor.clone(),
            purpose: s.purpose.clone(),
            now: self.clock.now().max(Micros(self.tables.lock().unwrap().at)),
            seed: s.request.seed(),
            place: s.place,
            revision: Seq(0),
            locale: s.locale.clone(),
        };
        let mut tables = self.tables.lock().unwrap();
        let changes = match Identity.handle(&ctx, &s.command, &s.body, &*tables) {
            Ok(changes) => changes,
            Err(refusal) => return Outcome::Refused(refusal),
        };
        tables.at = ctx.now.0;
        let (answer, facts) = apply(&mut tables, changes);
        self.journal.lock().unwrap().push(Transaction {
            at: ctx.now,
            epoch: 1,
            actor: s.actor.id,
            purpose: s.purpose,
            plugin: s.plugin,
            command: s.command,
            request: s.request,
            digest: [0; 16],
            facts,
            answer: Vec::new(),
        });
        let outcome = Outcome::Done { seq: Seq(tables.seq), answer, changed: true, replayed: false };
        self.done.lock().unwrap().insert(s.request, (s.body, outcome.clone()));
        outcome
    }
}

fn apply(t: &mut Tables, changes: Changes) -> (Vec<Named>, Vec<Fact>) {
    let mut facts = Vec::new();
    t.seq += 1;
    let manifest = Identity.manifest();
    let first = t.cores.keys().last().copied().unwrap_or(0) + 1;
    let real = |id: EntityId| id.as_provisional().map_or(id, |n| EntityId(first + n));
    let mut next = first;
    for op in changes.ops {
        match op {
            Change::Create(c) => {
                let kind = manifest.kinds.iter().find(|k| k.name == c.kind).expect("declared kind");
                let (family, within) = (kind.on, c.within.map(real));
                facts.push(Fact::Created {
                    id: EntityId(next),
                    kind: c.kind.clone(),
                    category: c.category.clone(),
                    state: Name::default(),
                    at: c.at,
                    within,
                    position: None,
                });
                let core =
                    Core { family, kind: c.kind, category: c.category, state: Name::default(), at: c.at, within };
                t.cores.insert(next, core);
                next += 1;
            }
            Change::Put(p) => {
                let facet = manifest.facet(&p.facet).expect("declared facet").clone();
                t.facets.insert(p.facet.to_string(), Seq(t.seq));
                let open = p.fields.iter().map(|f| (f.name.clone(), Stored::Open(f.value.clone()))).collect();
                facts.push(Fact::Put { entity: real(p.entity), facet: p.facet.clone(), fields: open });
                for f in p.fields {
                    let decl = facet.field(&f.name).expect("declared field");
                    let cells = if decl.sensitivity.is_sealed() { &mut t.sealed } else { &mut t.cells };
                    cells.insert((real(p.entity).0, p.facet.to_string(), f.name.to_string()), f.value);
                }
            }
            other => panic!("unexpected {other:?}"),
        }
    }
    let named = |mut n: Named| {
        if let Value::Entity(e) = n.value {
            n.value = Value::Entity(real(e));
        }
        n
    };
    (changes.answer.into_iter().map(named).collect(), facts)
}

impl Backend for Town {
    fn read(&self, look: &mut dyn FnMut(&dyn Records)) {
        look(&*self.tables.lock().unwrap());
    }
    fn manifest(&self, plugin: &str) -> Option<Arc<Manifest>> {
        self.manifests.lock().unwrap().iter().find(|m| m.id == plugin).cloned()
    }
    fn submit_then(&self, submission: Submission, tell: Box<dyn FnOnce(Outcome) + Send>) {
        tell(self.run(submission));
    }
    fn secret(&self, entity: EntityId, facet: &str, field: &str) -> Result<Option<Value>, String> {
        let sealed = &self.tables.lock().unwrap().sealed;
        Ok(sealed.get(&(entity.0, facet.into(), field.into())).cloned().filter(|v| !v.is_none()))
    }
}

pub const PASSWORD: &str = "correct horse";

pub fn account(gate: &Gate, login: &str, roles: &[(&str, Option<EntityId>)], purposes: &[&str]) -> EntityId {
    gate.ensure_account(&NewAccount { login, name: "李四", password: PASSWORD, roles, purposes }).unwrap()
}

pub fn place(gate: &Gate, kind: &str, code: &str, parent: Option<&str>) -> EntityId {
    let parent = parent.map_or(Value::None, Value::text);
    let body = vec![Value::text(kind), Value::text("level"), Value::text(code), Value::text(code), parent, Value::None];
    gate.as_host("create-place", body).unwrap()[0].value.as_entity().unwrap()
}
