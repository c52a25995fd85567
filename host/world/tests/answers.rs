//! Queries, tallies and places against the slow way.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod naive;
use changzhi_model::*;
use changzhi_world::*;
use naive::{CATEGORIES, CODES, City, FIELDS, STATES, wishes};
use proptest::prelude::*;
use std::cmp::Ordering;
use std::collections::BTreeMap;

fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::None, Value::None) => Some(Ordering::Equal),
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Num(a), Value::Num(b)) => a.partial_cmp(b),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Entity(a), Value::Entity(b)) => Some(a.cmp(b)),
        (Value::Flag(a), Value::Flag(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn holds(op: Op, a: &Value, b: &Value) -> bool {
    let o = order(a, b);
    match op {
        Op::Eq => o == Some(Ordering::Equal),
        Op::Ne => o != Some(Ordering::Equal),
        Op::Lt => o == Some(Ordering::Less),
        Op::Le => o == Some(Ordering::Less) || o == Some(Ordering::Equal),
        Op::Gt => o == Some(Ordering::Greater),
        Op::Ge => o == Some(Ordering::Greater) || o == Some(Ordering::Equal),
    }
}

fn condition() -> impl Strategy<Value = Condition> {
    let op = prop::sample::select(vec![Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge]);
    (0usize..11, op, any::<u32>()).prop_map(|(field, op, n)| {
        let n = n as usize;
        let equality = if n.is_multiple_of(2) { Op::Eq } else { Op::Ne };
        let (field, op, value) = match field {
            0 => ("category".to_owned(), equality, Value::text(CATEGORIES[n % 5])),
            1 => ("state".into(), Op::Eq, Value::text(STATES[n % 4])),
            2 => ("within".into(), equality, Value::Entity(EntityId(n as u64 % 12))),
            3 => ("at".into(), op, Value::Time(Micros(n as i64 * 100_000))),
            n_field => {
                let name = FIELDS[n_field - 4];
                let value = match (n % 8, name) {
                    (0, _) => Value::None,
                    (_, "code") => Value::text(CODES[n % 4]),
                    (_, "n") => Value::Int(n as i64 % 5),
                    (_, "x") => Value::Num((n % 7) as f64 / 2.0),
                    (_, "note") => Value::text(format!("路灯 {}", n % 6)),
                    (_, "flag") => Value::Flag(n.is_multiple_of(3)),
                    (_, "when") => Value::Time(Micros(n as i64 * 100_000)),
                    _ => Value::Entity(EntityId(n as u64 % 12)),
                };
                (format!("services.report.{name}"), op, value)
            }
        };
        Condition { field: field.into(), op, value }
    })
}

fn values(batch: &Batch, column: usize) -> Vec<Value> {
    let missing = |row: usize| batch.missing[column].contains(&(row as u32));
    (0..batch.ids.len())
        .map(|row| {
            if missing(row) {
                return Value::None;
            }
            match &batch.columns[column] {
                Column::Flags(v) => Value::Flag(v[row] == 1),
                Column::Ints(v) => Value::Int(v[row]),
                Column::Nums(v) => Value::Num(v[row]),
                Column::Times(v) => Value::Time(Micros(v[row])),
                Column::Entities(v) => Value::Entity(EntityId(v[row])),
                Column::Codes(c) => Value::text(c.names[c.index[row] as usize].clone()),
                Column::Texts(t) => {
                    let start = if row == 0 { 0 } else { t.ends[row - 1] as usize };
                    Value::text(&t.arena[start..t.ends[row] as usize])
                }
            }
        })
        .collect()
}

fn matching(city: &City, kind: &str, filter: &[Condition]) -> Vec<u64> {
    let all =
        (1u64..=city.things.len() as u64).filter(|id| kind.is_empty() || city.things[*id as usize - 1].kind == kind);
    all.filter(|id| filter.iter().all(|c| holds(c.op, &city.value(*id, &c.field), &c.value))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_query_is_a_filter_in_order(
        wishes in wishes(), filter in prop::collection::vec(condition(), 0..3), limit in 0u32..20,
        ascending: bool, after in 0u64..20, by in 0usize..6, chunk in 1usize..40,
    ) {
        let city = City::of(&wishes);
        let world = city.world();
        prop_assume!(world.kind_revision("matter") > Seq(0));
        let by = ["", "at", "id", "services.report.n", "services.report.note", "state"][by];
        let fields: Vec<Name> = ["kind", "category", "state", "at", "within", "lon"].iter().map(|s| Name::from(*s))
            .chain(FIELDS.iter().map(|f| Name::from(format!("services.report.{f}")))).collect();
        let q = Query {
            kind: "matter".into(), fields: fields.clone(), filter: filter.clone(),
            order: (!by.is_empty()).then(|| by.into()), ascending, limit, after: EntityId(after),
        };
        let mut cursor = QueryCursor::new(&world, &q).unwrap();
        while !cursor.step(&world, chunk) {}
        let batch = cursor.finish(&world);

        let mut ids: Vec<u64> = matching(&city, "matter", &filter).into_iter().filter(|id| *id > after).collect();
        prop_assert_eq!(batch.total, ids.len() as u64);
        let up = ascending || (by.is_empty() && after > 0);
        ids.sort_by(|a, b| {
            let turn = |o: Ordering| if up { o } else { o.reverse() };
            let (x, y) = match by { "" | "id" => (Value::Int(0), Value::Int(0)), by => (city.value(*a, by), city.value(*b, by)) };
            let by_key = match (x.is_none(), y.is_none()) {
                (false, false) => turn(order(&x, &y).unwrap()),
                (x, y) => x.cmp(&y),
            };
            by_key.then(turn(a.cmp(b)))
        });
        ids.truncate(limit as usize);
        prop_assert_eq!(&batch.ids, &ids);
        for (column, field) in fields.iter().enumerate() {
            let expected: Vec<Value> = ids.iter().map(|id| city.value(*id, field)).collect();
            prop_assert_eq!(values(&batch, column), expected);
        }
    }

    #[test]
    fn a_query_without_a_kind_asks_whatever_has_the_facet(
        wishes in wishes(), ascending: bool, after in 0u64..20, limit in 0u32..40,
    ) {
        let city = City::of(&wishes);
        let world = city.world();
        let fields: Vec<Name> = ["id", "changed"].iter().map(|s| Name::from(*s))
            .chain(FIELDS.iter().map(|f| Name::from(format!("services.report.{f}")))).collect();
        let q = Query { fields: fields.clone(), ascending, limit, after: EntityId(after), ..Query::default() };
        let with = (1u64..).zip(&city.things).filter(|(id, t)| *id > after && !t.fields.is_empty());
        let mut expected: Vec<u64> = with.map(|(id, _)| id).collect();
        if !ascending && after == 0 {
            expected.reverse();
        }
        let batch = world.query(&q).unwrap();
        prop_assert_eq!(batch.total, expected.len() as u64);
        expected.truncate(limit as usize);
        prop_assert_eq!(&batch.ids, &expected);
        for (column, field) in fields.iter().enumerate().skip(2) {
            let held: Vec<Value> = expected.iter().map(|id| city.value(*id, field)).collect();
            prop_assert_eq!(values(&batch, column), held);
        }
        let changed: Vec<Value> = expected.iter().map(|id| Value::Int(world.core(EntityId(*id)).unwrap().changed.0 as i64)).collect();
        prop_assert_eq!(values(&batch, 1), changed);
    }

    #[test]
    fn a_tally_counts_what_counting_one_by_one_counts(
        wishes in wishes(), filter in prop::collection::vec(condition(), 0..2), by in prop::collection::vec(0usize..9, 0..4),
        budget in 0usize..40,
    ) {
        let city = City::of(&wishes);
        let world = city.world();
        prop_assume!(world.kind_revision("matter") > Seq(0));
        let all = [("category", ""), ("within", ""), ("at", "month"), ("state", ""), ("at", "day"), ("within", "district"),
            ("services.report.code", ""), ("services.report.flag", ""), ("kind", "")];
        let by: Vec<(&str, &str)> = by.into_iter().map(|n| all[n]).collect();
        let spec = TallySpec {
            kind: "matter".into(), filter: filter.clone(),
            by: by.iter().map(|(f, b)| Dimension { field: (*f).into(), bucket: (*b).into() }).collect(),
        };
        let known_district = world.kind_revision("district") > Seq(0);
        let mut expected: BTreeMap<Vec<String>, u64> = BTreeMap::new();
        for id in matching(&city, "matter", &filter) {
            let key = by.iter().map(|(field, bucket)| name(&city, id, field, bucket, known_district)).collect();
            *expected.entry(key).or_insert(0) += 1;
        }
        let mut cursor = TallyCursor::new(&world, &spec).unwrap();
        while !cursor.step(&world, budget) {}
        for table in [world.tally(&spec).unwrap(), world.tally_by_scan(&spec).unwrap(), cursor.finish().unwrap()] {
            prop_assert_eq!(table.keys.len(), spec.by.len());
            prop_assert_eq!(table.revision, world.revision());
            let rows: Vec<Vec<u32>> =
                (0..table.counts.len()).map(|row| table.keys.iter().map(|k| k.index[row]).collect()).collect();
            prop_assert!(rows.is_sorted());
            let mut found = BTreeMap::new();
            for (row, count) in table.counts.iter().enumerate() {
                let key: Vec<String> = table.keys.iter().map(|k| k.names[k.index[row] as usize].clone()).collect();
                prop_assert_eq!(found.insert(key, *count), None);
            }
            prop_assert_eq!(&found, &expected);
            prop_assert!(table.keys.iter().all(|k| k.index.len() == table.counts.len()));
        }
    }

    #[test]
    fn a_tally_under_way_counts_what_was_there_once_while_the_world_goes_on(
        wishes in wishes(), begun in 0.0..1.0f64, budget in 1usize..5, by in prop::sample::select(vec!["state", "category", "within", "services.report.code"]),
    ) {
        let city = City::of(&wishes);
        let mut world = World::new();
        let begun = 1 + (begun * (city.log.len() - 1) as f64) as usize;
        for (seq, tx) in (1u64..).zip(&city.log[..begun]) {
            world.apply(Seq(seq), tx).unwrap();
        }
        let by = vec![Dimension { field: by.into(), bucket: "".into() }, Dimension { field: "at".into(), bucket: "day".into() }];
        let spec = TallySpec { kind: "matter".into(), by, filter: vec![] };
        let everything = TallySpec { kind: "matter".into(), ..TallySpec::default() };
        let there: u64 = world.tally(&everything).unwrap().counts.iter().sum();
        let mut cursor = TallyCursor::new(&world, &spec).unwrap();
        let mut rest = (begun as u64 + 1..).zip(&city.log[begun..]);
        while !cursor.step(&world, budget) {
            if let Some((seq, tx)) = rest.next() {
                world.apply(Seq(seq), tx).unwrap();
            }
        }
        let table = cursor.finish().unwrap();
        prop_assert_eq!(table.revision, Seq(begun as u64));
        let counted: u64 = table.counts.iter().sum();
        prop_assert!(counted <= there);
        if begun == city.log.len() {
            prop_assert_eq!(counted, there);
        }
    }

    #[test]
    fn near_finds_what_measuring_everything_finds(wishes in wishes(), lon in 109.9..111.1f64, lat in 29.9..31.1f64, metres in 0.0..80_000.0f64) {
        let city = City::of(&wishes);
        let world = city.world();
        let center = Point { lon, lat };
        let mut expected: Vec<(f64, u64)> = (1u64..).zip(&city.things)
            .filter_map(|(id, t)| Some((center.metres_to(t.position?), id))).filter(|(far, _)| *far <= metres).collect();
        expected.sort_by(|a, b| a.partial_cmp(b).unwrap());
        let found: Vec<(f64, u64)> = world.near(center, metres, "", 10_000).unwrap().iter().map(|h| (h.metres, h.id.0)).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn near_works_over_the_antimeridian_and_at_the_poles(
        points in prop::collection::vec((-180.0..=180.0f64, -90.0..=90.0f64), 1..40), lon in prop::sample::select(vec![-180.0, -179.99, 0.0, 179.99, 180.0]),
        lat in prop::sample::select(vec![-90.0, -89.99, 0.0, 60.0, 89.99, 90.0]), metres in 0.0..20_100_000.0f64,
    ) {
        let mut world = World::new();
        world.apply(Seq(1), &naive::declared()).unwrap();
        let facts = (1u64..).zip(&points).map(|(id, (lon, lat))| created(id, "matter", None, Some(Point { lon: *lon, lat: *lat })));
        world.apply(Seq(2), &naive::tx(1, facts.collect())).unwrap();
        let center = Point { lon, lat };
        let expected = points.iter().filter(|(lon, lat)| center.metres_to(Point { lon: *lon, lat: *lat }) <= metres).count();
        prop_assert_eq!(world.near(center, metres, "matter", 10_000).unwrap().len(), expected);
    }
}

fn name(city: &City, id: u64, field: &str, bucket: &str, known_district: bool) -> String {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    match (city.value(id, field), bucket) {
        (Value::Time(t), "month") => {
            zone.to_datetime(jiff::Timestamp::from_microsecond(t.0).unwrap()).strftime("%Y-%m").to_string()
        }
        (Value::Time(t), _) => zone.to_datetime(jiff::Timestamp::from_microsecond(t.0).unwrap()).date().to_string(),
        (Value::Entity(e), "district") => {
            let mut at = e.0;
            while at != 0 && city.things[at as usize - 1].kind != "district" {
                at = city.things[at as usize - 1].within;
            }
            if at == 0 || !known_district { String::new() } else { at.to_string() }
        }
        (Value::Entity(e), _) => e.0.to_string(),
        (Value::Text(s), _) => s,
        (Value::Flag(b), _) => b.to_string(),
        _ => String::new(),
    }
}

fn created(id: u64, kind: &str, within: Option<u64>, position: Option<Point>) -> Fact {
    Fact::Created {
        id: EntityId(id),
        kind: kind.into(),
        category: "a".into(),
        state: "new".into(),
        at: Micros(0),
        within: within.map(EntityId),
        position,
    }
}

fn ring(entity: u64, text: &str) -> Fact {
    let fields = vec![("ring".into(), Stored::Open(Value::text(text)))];
    Fact::Put { entity: EntityId(entity), facet: "host.extent".into(), fields }
}

#[test]
fn locate_takes_the_smallest_extent_then_the_nearest_place_without_one() {
    let mut world = World::new();
    world.apply(Seq(1), &naive::declared()).unwrap();
    let at = |lon, lat| Point { lon, lat };
    let facts = vec![
        created(1, "grid", None, None),
        created(2, "grid", Some(1), None),
        created(3, "grid", None, Some(at(120.0, 40.0))),
        created(4, "matter", None, Some(at(120.0, 40.0))),
        ring(1, "110,30 112,32"),
        ring(2, "110,30 111,30 110.5,31"),
    ];
    world.apply(Seq(2), &naive::tx(1, facts)).unwrap();
    let mut bytes = Vec::new();
    world.write_snapshot(Seq(2), [0; 32], &mut bytes).unwrap();
    let (opened, ..) = World::read_snapshot(&mut bytes.as_slice()).unwrap();
    for world in [&world, &opened] {
        assert_eq!(world.locate(at(110.5, 30.5), "grid").unwrap(), Some(EntityId(2)));
        assert_eq!(world.locate(at(111.5, 31.5), "grid").unwrap(), Some(EntityId(1)));
        assert_eq!(world.locate(at(120.001, 40.0), "grid").unwrap(), Some(EntityId(3)));
        assert_eq!(world.locate(at(121.0, 40.0), "grid").unwrap(), None);
        assert_eq!(world.place_of(EntityId(2), "grid"), Some(EntityId(2)));
    }
    world.apply(Seq(3), &naive::tx(1, vec![ring(2, "0,0 1,1")])).unwrap();
    assert_eq!(world.locate(at(110.5, 30.5), "grid").unwrap(), Some(EntityId(1)));
}

#[test]
fn a_place_and_all_below_it_are_asked_with_within_at_most() {
    let mut world = World::new();
    world.apply(Seq(1), &naive::declared()).unwrap();
    let facts = vec![
        created(1, "district", None, None),
        created(2, "grid", Some(1), None),
        created(3, "matter", Some(2), None),
        created(4, "matter", Some(1), None),
        created(5, "matter", None, None),
    ];
    world.apply(Seq(2), &naive::tx(1, facts)).unwrap();
    let ask = |op| {
        let filter = vec![Condition { field: "within".into(), op, value: Value::Entity(EntityId(1)) }];
        world
            .query(&Query { kind: "matter".into(), filter, ascending: true, limit: 9, ..Query::default() })
            .unwrap()
            .ids
    };
    assert_eq!(ask(Op::Le), [3, 4]);
    assert_eq!(ask(Op::Lt), [3]);
    assert_eq!(ask(Op::Eq), [4]);
}
