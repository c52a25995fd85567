//! A city told the slow way: plain lists beside the world, and random transactions that fit both.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, dead_code)]

use changzhi_model::*;
use changzhi_world::World;
use proptest::prelude::*;
use std::collections::BTreeMap;

pub const CODES: [&str; 4] = ["light", "road", "noise", "water"];
pub const STATES: [&str; 4] = ["new", "open", "done", "shut"];
pub const CATEGORIES: [&str; 5] = ["", "a", "b", "c", "d"];
pub const FIELDS: [&str; 7] = ["code", "n", "x", "note", "flag", "when", "who"];

pub fn facet() -> FacetDecl {
    let open = |name: &str, kind| FieldDecl::new(name, kind);
    let mut unique = FieldDecl::new("key", FieldType::Text);
    unique.unique = true;
    let mut secret = FieldDecl::new("phone", FieldType::Text);
    secret.sensitivity = Sensitivity::Personal;
    FacetDecl {
        name: "services.report".into(),
        on: Family::Events,
        label: "report".into(),
        fields: vec![
            open("code", FieldType::Code),
            open("n", FieldType::Int),
            open("x", FieldType::Num),
            open("note", FieldType::Text),
            open("flag", FieldType::Flag),
            open("when", FieldType::Time),
            open("who", FieldType::Entity(None)),
            open("spot", FieldType::Point),
            open("story", FieldType::LongText),
            unique,
            secret,
        ],
    }
}

pub fn extent() -> FacetDecl {
    let ring = FieldDecl::new("ring", FieldType::LongText);
    FacetDecl { name: "host.extent".into(), on: Family::Places, label: "extent".into(), fields: vec![ring] }
}

pub fn kinds() -> Vec<KindDecl> {
    let kind = |name: &str, on| KindDecl { name: name.into(), on, label: name.into(), flow: None };
    vec![
        kind("district", Family::Places),
        kind("grid", Family::Places),
        kind("matter", Family::Events),
        kind("alarm", Family::Events),
        kind("resident", Family::People),
    ]
}

pub fn tx(at: i64, facts: Vec<Fact>) -> Transaction {
    Transaction {
        at: Micros(at),
        epoch: 1,
        actor: EntityId(0),
        purpose: "".into(),
        plugin: "services".into(),
        command: "c".into(),
        request: RequestId([0; 16]),
        digest: [0; 16],
        facts,
        answer: Vec::new(),
    }
}

pub fn declared() -> Transaction {
    tx(
        0,
        vec![Fact::Declared {
            plugin: "services".into(),
            facets: vec![facet(), extent()],
            kinds: kinds(),
            flows: Vec::new(),
        }],
    )
}

#[derive(Clone, Debug)]
pub struct Thing {
    pub kind: &'static str,
    pub category: String,
    pub state: String,
    pub at: i64,
    pub within: u64,
    pub position: Option<Point>,
    pub fields: BTreeMap<&'static str, Value>,
    pub changed: u64,
}

#[derive(Clone, Debug, Default)]
pub struct City {
    pub things: Vec<Thing>,
    pub log: Vec<Transaction>,
}

/// One random wish; numbers are taken modulo what there is.
pub type Wish = (u8, u32, u32, u32, i64, (f64, f64));

pub fn wish() -> impl Strategy<Value = Wish> {
    (
        0u8..12,
        any::<u32>(),
        any::<u32>(),
        any::<u32>(),
        -40_000_000_000_000i64..900_000_000_000_000,
        (110.0..111.0f64, 30.0..31.0f64),
    )
}

pub fn wishes() -> impl Strategy<Value = Vec<Vec<Wish>>> {
    prop::collection::vec(prop::collection::vec(wish(), 1..6), 1..60)
}

impl City {
    pub fn of(wishes: &[Vec<Wish>]) -> City {
        let mut city = City { things: Vec::new(), log: vec![declared()] };
        for part in wishes {
            let seq = city.log.len() as u64 + 1;
            let mut facts = Vec::new();
            for wish in part {
                city.want(wish, seq, &mut facts);
            }
            city.log.push(tx(seq as i64 * 1000, facts));
        }
        city
    }

    fn want(&mut self, (what, a, b, c, at, (lon, lat)): &Wish, seq: u64, facts: &mut Vec<Fact>) {
        let (a, b, c) = (*a as usize, *b as usize, *c as usize);
        let places: Vec<u64> = (1u64..)
            .zip(&self.things)
            .filter(|(_, t)| ["district", "grid"].contains(&t.kind))
            .map(|(id, _)| id)
            .collect();
        let point = (c % 3 != 0).then_some(Point { lon: *lon, lat: *lat });
        let pick = |n: usize| if places.is_empty() || n.is_multiple_of(7) { 0 } else { places[n % places.len()] };
        let events: Vec<u64> = (1u64..)
            .zip(&self.things)
            .filter(|(_, t)| ["matter", "alarm"].contains(&t.kind))
            .map(|(id, _)| id)
            .collect();
        let id = if self.things.is_empty() { 0 } else { (a % self.things.len()) as u64 + 1 };
        match what {
            0..=4 => {
                let kind = ["district", "grid", "matter", "matter", "alarm", "resident"][a % 6];
                let within = if kind == "district" { 0 } else { pick(b) };
                let thing = Thing {
                    kind,
                    category: CATEGORIES[c % 5].into(),
                    state: STATES[b % 2].into(),
                    at: *at,
                    within,
                    position: point,
                    fields: BTreeMap::new(),
                    changed: seq,
                };
                facts.push(Fact::Created {
                    id: EntityId(self.things.len() as u64 + 1),
                    kind: kind.into(),
                    category: thing.category.as_str().into(),
                    state: thing.state.as_str().into(),
                    at: Micros(*at),
                    within: (within != 0).then_some(EntityId(within)),
                    position: point,
                });
                self.things.push(thing);
            }
            5..=8 if !events.is_empty() => {
                let id = events[a % events.len()];
                let field = FIELDS[b % FIELDS.len()];
                let value = match (c % 9, field) {
                    (0, _) => Value::None,
                    (_, "code") => Value::text(CODES[c % 4]),
                    (_, "n") => Value::Int(c as i64 % 5),
                    (_, "x") => Value::Num((c % 7) as f64 / 2.0),
                    (_, "note") => Value::text(format!("路灯 {}", c % 6)),
                    (_, "flag") => Value::Flag(c % 2 == 0),
                    (_, "when") => Value::Time(Micros(*at)),
                    _ => Value::Entity(EntityId(1 + (c % self.things.len()) as u64)),
                };
                let mut fields = vec![
                    (Name::from(field), Stored::Open(value.clone())),
                    ("key".into(), Stored::Open(Value::text(format!("k{id}-{seq}")))),
                    ("story".into(), Stored::Open(Value::text("a long story"))),
                    ("spot".into(), Stored::Open(Value::Point(Point { lon: *lon, lat: *lat }))),
                ];
                if c % 4 == 0 {
                    fields.push(("phone".into(), Stored::Sealed(vec![1, 2, 3])));
                }
                facts.push(Fact::Put { entity: EntityId(id), facet: "services.report".into(), fields });
                let thing = &mut self.things[id as usize - 1];
                thing.fields.insert(field, value);
                thing.changed = seq;
            }
            9 if id != 0 => {
                let thing = &mut self.things[id as usize - 1];
                let target = STATES[b % 4];
                facts.push(Fact::Advanced {
                    entity: EntityId(id),
                    event: "go".into(),
                    source: thing.state.as_str().into(),
                    target: target.into(),
                    reason: "".into(),
                });
                thing.state = target.into();
                thing.changed = seq;
            }
            10 if id != 0
                && self.things[id as usize - 1].kind != "district"
                && self.things[id as usize - 1].kind != "grid" =>
            {
                let within = pick(b);
                facts.push(Fact::Moved {
                    entity: EntityId(id),
                    within: (within != 0).then_some(EntityId(within)),
                    position: point,
                });
                let thing = &mut self.things[id as usize - 1];
                (thing.within, thing.position, thing.changed) = (within, point, seq);
            }
            11 if id != 0 => {
                let category = CATEGORIES[b % 5];
                facts.push(match c % 4 {
                    0 => Fact::Erased { entity: EntityId(id) },
                    1 => Fact::Noted { entity: EntityId(id), kind: "n".into(), text: Text::plain("x") },
                    _ => Fact::Recategorised { entity: EntityId(id), category: category.into() },
                });
                let thing = &mut self.things[id as usize - 1];
                if c % 4 > 1 {
                    thing.category = category.into();
                }
                thing.changed = seq;
            }
            _ => {}
        }
    }

    pub fn world(&self) -> World {
        let mut world = World::new();
        self.replay(&mut world);
        world
    }

    /// Applies what the world has not seen.
    pub fn replay(&self, world: &mut World) {
        for (seq, tx) in (1u64..).zip(&self.log) {
            if seq > world.revision().0 {
                world.apply(Seq(seq), tx).unwrap();
            }
        }
    }

    pub fn value(&self, id: u64, field: &str) -> Value {
        let thing = &self.things[id as usize - 1];
        match field {
            "kind" => Value::text(thing.kind),
            "category" => Value::text(thing.category.clone()),
            "state" => Value::text(thing.state.clone()),
            "at" => Value::Time(Micros(thing.at)),
            "within" if thing.within == 0 => Value::None,
            "within" => Value::Entity(EntityId(thing.within)),
            "lon" => thing.position.map_or(Value::None, |p| Value::Num(p.lon)),
            other => thing.fields.get(other.rsplit('.').next().unwrap()).cloned().unwrap_or_default(),
        }
    }
}

pub fn snapshot(world: &World) -> Vec<u8> {
    let mut bytes = Vec::new();
    world.write_snapshot(world.revision(), [7; 32], &mut bytes).unwrap();
    bytes
}
