//! The world is a fold of the journal, however it came to be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod naive;
use changzhi_model::*;
use changzhi_world::{Cell, ENDED_KEPT, World};
use naive::{City, snapshot, wishes};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn replay_and_snapshot_with_tail_give_the_state_of_the_live_world(wishes in wishes(), cut in 0.0..1.0f64) {
        let city = City::of(&wishes);
        let live = city.world();
        prop_assert_eq!(live.state_hash(), city.world().state_hash());

        let upto = ((city.log.len() as f64 * cut) as usize).max(1);
        let mut half = City { things: Vec::new(), log: city.log[..upto].to_vec() }.world();
        let (mut opened, seq, chain) = World::read_snapshot(&mut snapshot(&half).as_slice()).unwrap();
        prop_assert_eq!((seq, chain), (Seq(upto as u64), [7; 32]));
        prop_assert_eq!(opened.state_hash(), half.state_hash());
        city.replay(&mut opened);
        city.replay(&mut half);
        prop_assert_eq!(opened.state_hash(), live.state_hash());
        prop_assert_eq!(half.state_hash(), live.state_hash());
        prop_assert_eq!(snapshot(&opened), snapshot(&live));
    }

    #[test]
    fn every_entity_reads_back_as_the_transactions_left_it(wishes in wishes()) {
        let city = City::of(&wishes);
        let world = city.world();
        prop_assert_eq!(world.len(), city.things.len() as u64);
        for (id, thing) in (1u64..).zip(&city.things) {
            let core = world.core(EntityId(id)).unwrap();
            prop_assert_eq!(&core.kind, thing.kind);
            prop_assert_eq!(&core.category, &thing.category);
            prop_assert_eq!(&core.state, &thing.state);
            prop_assert_eq!(core.within.map_or(0, |w| w.0), thing.within);
            prop_assert_eq!(core.position, thing.position);
            prop_assert_eq!(core.changed, Seq(thing.changed));
            for (field, value) in &thing.fields {
                let cell = world.cell(EntityId(id), "services.report", field);
                prop_assert_eq!(cell, Some(Cell::Here(value.clone())).filter(|_| !value.is_none()));
            }
        }
    }

    #[test]
    fn since_tells_exactly_what_changed_also_after_a_restart(wishes in wishes(), at in 0.0..1.0f64) {
        let city = City::of(&wishes);
        let live = city.world();
        let (opened, ..) = World::read_snapshot(&mut snapshot(&live).as_slice()).unwrap();
        let from = (city.log.len() as f64 * at) as u64;
        for world in [&live, &opened] {
            for kind in ["", "matter", "grid"] {
                let delta = world.since(kind, Seq(from)).unwrap();
                let expected: Vec<EntityId> = (1u64..).zip(&city.things)
                    .filter(|(_, t)| t.changed > from && (kind.is_empty() || t.kind == kind))
                    .map(|(id, _)| EntityId(id)).collect();
                prop_assert_eq!(delta.changed, expected);
                prop_assert!(!delta.resync);
            }
        }
    }

    #[test]
    fn a_unique_value_finds_its_entity_and_an_overwritten_one_finds_nobody(wishes in wishes()) {
        let city = City::of(&wishes);
        let live = city.world();
        let (opened, ..) = World::read_snapshot(&mut snapshot(&live).as_slice()).unwrap();
        let mut last = std::collections::BTreeMap::new();
        for fact in city.log.iter().flat_map(|tx| &tx.facts) {
            if let Fact::Put { entity, fields, .. } = fact {
                let (_, key) = fields.iter().find(|(name, _)| name == "key").unwrap();
                let Stored::Open(key) = key else { panic!("open") };
                last.entry(*entity).or_insert_with(Vec::new).push(key.clone());
            }
        }
        for world in [&live, &opened] {
            for (entity, keys) in &last {
                let newest = keys.last().unwrap();
                prop_assert_eq!(world.find("services.report", "key", newest), Some(*entity));
                for old in keys.iter().filter(|old| *old != newest) {
                    prop_assert_eq!(world.find("services.report", "key", old), None);
                }
            }
        }
    }
}

#[test]
fn long_texts_and_personal_fields_leave_only_where_they_are() {
    let put = |field: &str, stored| Fact::Put {
        entity: EntityId(1),
        facet: "services.report".into(),
        fields: vec![(field.into(), stored)],
    };
    let city = City {
        things: Vec::new(),
        log: vec![
            naive::declared(),
            naive::tx(
                5,
                vec![
                    Fact::Created {
                        id: EntityId(1),
                        kind: "matter".into(),
                        category: "a".into(),
                        state: "new".into(),
                        at: Micros(1),
                        within: None,
                        position: None,
                    },
                    put("story", Stored::Open(Value::text("the secret marker of a long story"))),
                    put("phone", Stored::Sealed(b"sealed marker".to_vec())),
                ],
            ),
        ],
    };
    let mut world = city.world();
    let cell = |w: &World, f| w.cell(EntityId(1), "services.report", f);
    assert_eq!(cell(&world, "story"), Some(Cell::InJournal { seq: Seq(2), change: 1 }));
    assert_eq!(cell(&world, "phone"), Some(Cell::Sealed { seq: Seq(2), change: 2 }));
    let before = world.entity_revision(EntityId(1));
    world.apply(Seq(3), &naive::tx(6, vec![Fact::Erased { entity: EntityId(1) }])).unwrap();
    assert_eq!(cell(&world, "phone"), None);
    assert!(world.entity_revision(EntityId(1)) > before);
    assert_eq!(world.facet_revision("services.report"), Seq(3));
    assert_eq!(world.kind_revision("matter"), Seq(3));
}

#[test]
fn the_ledger_of_plugins_reactions_and_jobs_survives_a_snapshot() {
    let job = RequestId([9; 16]);
    let started = |job| Fact::JobStarted {
        job,
        plugin: "risk".into(),
        name: "train".into(),
        params: vec![Value::Int(3)],
        actor: Actor { id: EntityId(4), roles: vec!["clerk".into()], divisions: vec![EntityId(2)] },
        purpose: "training".into(),
        place: Some(EntityId(2)),
        locale: "en".into(),
    };
    let step = |job, done, ended| Fact::Stepped { job, done, total: 10, cursor: Some(vec![1]), ended };
    let mut world = World::new();
    let switched = Fact::PluginSwitched { plugin: "risk".into(), version: "1.0.0".into(), digest: [3; 32] };
    let reacted = Fact::Reacted { plugin: "risk".into(), upto: Seq(1) };
    world.apply(Seq(1), &naive::tx(1, vec![switched, reacted, started(job)])).unwrap();
    world.apply(Seq(2), &naive::tx(2, vec![step(job, 4, None)])).unwrap();
    let (mut opened, ..) = World::read_snapshot(&mut snapshot(&world).as_slice()).unwrap();
    assert_eq!(opened.reacted("risk"), Seq(1));
    assert_eq!(opened.in_force("risk").unwrap().digest, [3; 32]);
    let known = opened.job(job).unwrap();
    assert_eq!(
        (known.done, known.cursor.clone(), known.actor.divisions.clone()),
        (4, Some(vec![1]), vec![EntityId(2)])
    );
    opened.apply(Seq(3), &naive::tx(3, vec![step(job, 10, Some(Ok(())))])).unwrap();
    assert_eq!(opened.job(job).unwrap().ended, Some((Micros(3), Ok(()))));
}

#[test]
fn a_job_ends_once_and_only_the_newest_ended_ones_are_remembered() {
    let id = |n: usize| RequestId((n as u128).to_be_bytes());
    let started = |n| Fact::JobStarted {
        job: id(n),
        plugin: "risk".into(),
        name: "train".into(),
        params: vec![],
        actor: Actor::default(),
        purpose: "".into(),
        place: None,
        locale: "en".into(),
    };
    let ended = |n| Fact::Stepped { job: id(n), done: 1, total: 1, cursor: None, ended: Some(Err("cancelled".into())) };
    let mut world = World::new();
    let mut seq = Seq::ZERO;
    let mut apply = |world: &mut World, fact| {
        seq = seq.next();
        let done = world.apply(seq, &naive::tx(seq.0 as i64, vec![fact]));
        if done.is_err() {
            seq = Seq(seq.0 - 1);
        }
        done
    };
    assert!(apply(&mut world, ended(0)).is_err(), "it was never started");
    let last = ENDED_KEPT + 3;
    for n in 0..=last {
        apply(&mut world, started(n)).unwrap();
    }
    for n in 0..last {
        apply(&mut world, ended(n)).unwrap();
        assert!(apply(&mut world, ended(n)).is_err(), "it ended before");
    }
    assert!(apply(&mut world, started(last)).is_err(), "it runs");
    let known: Vec<_> = world.jobs().map(|(id, _)| id).collect();
    assert_eq!(known, (3..=last).map(id).collect::<Vec<_>>());
}
