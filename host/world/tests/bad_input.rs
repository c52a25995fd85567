//! What does not fit is refused whole, with where and why; damage in a snapshot is found before a world is returned.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod naive;
use changzhi_model::*;
use changzhi_world::*;
use naive::{City, snapshot};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

fn created(id: u64, kind: &str, within: Option<u64>) -> Fact {
    Fact::Created {
        id: EntityId(id),
        kind: kind.into(),
        category: "a".into(),
        state: "new".into(),
        at: Micros(0),
        within: within.map(EntityId),
        position: None,
    }
}

fn put(id: u64, facet: &str, field: &str, stored: Stored) -> Fact {
    Fact::Put { entity: EntityId(id), facet: facet.into(), fields: vec![(field.into(), stored)] }
}

/// A matter 1, a grid 2, a matter 3 that has the key "taken".
fn town() -> World {
    let mut world = World::new();
    world.apply(Seq(1), &naive::declared()).unwrap();
    let key = put(3, "services.report", "key", Stored::Open(Value::text("taken")));
    let facts = vec![created(1, "matter", None), created(2, "grid", None), created(3, "matter", Some(2)), key];
    world.apply(Seq(2), &naive::tx(1, facts)).unwrap();
    world
}

#[test]
fn a_wrong_fact_is_named_and_changes_nothing() {
    let open = |v| Stored::Open(v);
    let report = "services.report";
    let wrong: Vec<(Fact, &str)> = vec![
        (created(9, "matter", None), "ids are dense"),
        (created(5, "ghost", None), "kind \"ghost\" is not declared"),
        (created(5, "matter", Some(77)), "entity #77 does not exist"),
        (created(5, "matter", Some(1)), "not a place"),
        (put(1, "no.facet", "n", open(Value::Int(1))), "facet \"no.facet\" is not declared"),
        (put(1, report, "nope", open(Value::Int(1))), "no field \"nope\""),
        (put(1, report, "n", open(Value::text("x"))), "does not take this type"),
        (put(99, report, "n", open(Value::Int(1))), "entity #99 does not exist"),
        (put(2, report, "n", open(Value::Int(1))), "not for the family"),
        (put(1, report, "phone", open(Value::text("138"))), "must be sealed"),
        (put(1, report, "n", Stored::Sealed(vec![1])), "must not be sealed"),
        (put(1, report, "x", open(Value::Num(f64::NAN))), "not finite"),
        (put(1, report, "spot", open(Value::Point(Point { lon: 200.0, lat: 0.0 }))), "off the globe"),
        (put(1, report, "key", open(Value::text("taken"))), "unique"),
        (put(2, "host.extent", "ring", open(Value::text("1,2 nonsense"))), "not lon,lat"),
        (Fact::Moved { entity: EntityId(2), within: Some(EntityId(2)), position: None }, "within itself"),
        (
            Fact::Advanced {
                entity: EntityId(1),
                event: "e".into(),
                source: "done".into(),
                target: "new".into(),
                reason: "".into(),
            },
            "not in \"done\"",
        ),
    ];
    let mut world = town();
    let before = world.state_hash();
    for (fact, message) in wrong {
        let error = world.apply(Seq(3), &naive::tx(2, vec![created(4, "matter", None), fact])).unwrap_err();
        assert!(error.to_string().contains(message), "{error} does not say {message:?}");
        assert_eq!((error.seq, error.fact), (Seq(3), 1));
        assert_eq!(world.state_hash(), before);
    }
    let error = world.apply(Seq(9), &naive::tx(2, Vec::new())).unwrap_err();
    assert!(matches!(error.wrong, Wrong::OutOfOrder { at: Seq(2) }));
}

#[test]
fn a_unique_value_can_change_hands_inside_one_transaction() {
    let mut world = town();
    let key = |id, v| put(id, "services.report", "key", Stored::Open(v));
    let swap = vec![key(3, Value::text("other")), key(1, Value::text("taken"))];
    world.apply(Seq(3), &naive::tx(2, swap)).unwrap();
    assert_eq!(world.find("services.report", "key", &Value::text("taken")), Some(EntityId(1)));
    let twice = vec![key(3, Value::text("new")), key(1, Value::text("new"))];
    assert!(world.apply(Seq(4), &naive::tx(2, twice)).is_err());
    assert!(world.apply(Seq(4), &naive::tx(2, vec![key(3, Value::None), key(1, Value::text("other"))])).is_ok());
}

#[test]
fn a_unique_value_given_up_and_taken_stays_taken_when_its_old_holder_gets_another() {
    let mut world = town();
    let key = |id, v| put(id, "services.report", "key", Stored::Open(v));
    let handed_on = vec![
        key(3, Value::None),
        key(1, Value::text("taken")),
        key(3, Value::text("other")),
        created(4, "matter", None),
        key(4, Value::text("taken")),
    ];
    let refused = world.apply(Seq(3), &naive::tx(2, handed_on.clone())).unwrap_err();
    assert_eq!(refused.fact, 4);
    assert!(matches!(refused.wrong, Wrong::Duplicate { .. }));
    world.apply(Seq(3), &naive::tx(2, handed_on[..4].to_vec())).unwrap();
    assert_eq!(world.find("services.report", "key", &Value::text("taken")), Some(EntityId(1)));
    assert_eq!(world.find("services.report", "key", &Value::text("other")), Some(EntityId(3)));
}

#[test]
fn a_declaration_may_grow_and_never_change() {
    let mut world = town();
    let before = world.state_hash();
    let mut more = naive::facet();
    more.fields.push(FieldDecl::new("extra", FieldType::Int));
    world.declare(&more).unwrap();
    world.declare(&naive::facet()).unwrap();
    assert_eq!(world.state_hash(), before, "a field nobody used is not state");
    let mut other = naive::facet();
    other.fields[1].kind = FieldType::Text;
    assert!(matches!(world.declare(&other), Err(DeclareError::Type { .. })));
    let mut open = naive::facet();
    open.fields.iter_mut().for_each(|f| f.sensitivity = Sensitivity::Public);
    assert!(matches!(world.declare(&open), Err(DeclareError::Type { .. })));
    let mut moved = naive::facet();
    moved.on = Family::People;
    assert!(matches!(world.declare(&moved), Err(DeclareError::Family { .. })));
    let kind = KindDecl { name: "matter".into(), on: Family::People, label: "x".into(), flow: None };
    assert!(matches!(world.declare_kind(&kind), Err(DeclareError::KindFamily { .. })));
}

#[test]
fn questions_that_cannot_be_answered_are_refused() {
    let world = town();
    let ask = |fields: &[&str], limit| {
        let fields = fields.iter().map(|f| Name::from(*f)).collect();
        world.query(&Query { kind: "matter".into(), fields, limit, ..Query::default() })
    };
    assert!(matches!(ask(&["services.report.phone"], 5), Err(QueryError::Personal(_))));
    assert!(matches!(ask(&["services.report.story"], 5), Err(QueryError::LongText(_))));
    assert!(matches!(ask(&["services.report.ghost"], 5), Err(QueryError::Unknown(_))));
    assert!(matches!(ask(&["services.report.spot"], 5), Err(QueryError::Invalid(_))));
    assert!(matches!(ask(&[], LIMIT_MAX + 1), Err(QueryError::TooMuch(_))));
    assert!(matches!(world.query(&Query::default()), Err(QueryError::Invalid(_))));
    let filter = vec![Condition { field: "services.report.phone".into(), op: Op::Eq, value: Value::text("138") }];
    assert!(matches!(
        world.query(&Query { kind: "matter".into(), filter, ..Query::default() }),
        Err(QueryError::Personal(_))
    ));
    let filter = vec![Condition { field: "at".into(), op: Op::Eq, value: Value::Int(3) }];
    assert!(matches!(
        world.query(&Query { kind: "matter".into(), filter, ..Query::default() }),
        Err(QueryError::Invalid(_))
    ));
    assert!(matches!(world.near(Point { lon: 0.0, lat: 99.0 }, 1.0, "", 1), Err(QueryError::Invalid(_))));
    assert!(matches!(world.since("ghost", Seq(0)), Err(QueryError::Unknown(_))));
    assert!(world.since("matter", Seq(77)).unwrap().resync);
    assert!(World::in_zone("Nowhere/Land").is_err());
}

fn a_city() -> City {
    let mut runner = TestRunner::deterministic();
    City::of(&naive::wishes().new_tree(&mut runner).unwrap().current())
}

#[test]
fn every_single_flipped_bit_in_a_snapshot_is_found() {
    let bytes = snapshot(&a_city().world());
    assert!(bytes.len() > 600);
    let total = bytes.len() * 8;
    for round in 0..240 {
        let bit = total * round / 240 + round % 8;
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(World::read_snapshot(&mut flipped.as_slice()).is_err(), "bit {bit} of {total} went unnoticed");
    }
}

#[test]
fn a_cut_a_longer_and_a_foreign_snapshot_are_refused() {
    let world = town();
    let bytes = snapshot(&world);
    for cut in 0..bytes.len() {
        assert!(World::read_snapshot(&mut &bytes[..cut]).is_err(), "cut at {cut}");
    }
    let longer = [bytes.as_slice(), b"x"].concat();
    assert!(matches!(World::read_snapshot(&mut longer.as_slice()), Err(SnapshotError::Damaged(_))));
    let mut newer = bytes.clone();
    newer[8] = 2;
    assert!(matches!(World::read_snapshot(&mut newer.as_slice()), Err(SnapshotError::Version { found: 2, known: 1 })));
    let refused = world.write_snapshot(Seq(1), [0; 32], &mut Vec::new());
    assert!(matches!(refused, Err(SnapshotError::Revision { asked: Seq(1), at: Seq(2) })));
}
