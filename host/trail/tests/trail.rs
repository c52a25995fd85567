//! The journal by account and by record.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_journal::{Journal, MemoryJournal};
use changzhi_model::*;
use changzhi_trail::{About, Following, KEPT, Trail};
use proptest::prelude::*;
use std::sync::Arc;

const LI: EntityId = EntityId(1);
const WANG: EntityId = EntityId(2);
const ZHAO: EntityId = EntityId(3);
const MATTER: EntityId = EntityId(90);

fn tx(at: i64, actor: EntityId, facts: Vec<Fact>) -> Transaction {
    Transaction {
        at: Micros(at),
        epoch: 1,
        actor,
        purpose: "mediation".into(),
        plugin: "desk".into(),
        command: "file".into(),
        request: RequestId([7; 16]),
        digest: [0; 16],
        facts,
        answer: Vec::new(),
    }
}

fn declared() -> Fact {
    let kind = |name: &str, flow: Option<&str>| KindDecl {
        name: name.into(),
        on: Family::Events,
        label: name.into(),
        flow: flow.map(Name::from),
    };
    let kinds = vec![kind("matter", Some("matter")), kind("note", None)];
    Fact::Declared { plugin: "desk".into(), facets: Vec::new(), kinds, flows: Vec::new() }
}

fn created(id: EntityId, kind: &str) -> Fact {
    let (category, state) = (Name::default(), Name::default());
    Fact::Created { id, kind: kind.into(), category, state, at: Micros(0), within: None, position: None }
}

fn advanced(entity: EntityId) -> Fact {
    let (source, target) = (Name::from("a"), Name::from("b"));
    Fact::Advanced { entity, event: "go".into(), source, target, reason: String::new() }
}

fn put(entity: EntityId, facet: &str, fields: &[(&str, Value)]) -> Fact {
    let fields = fields.iter().map(|(n, v)| (Name::from(*n), Stored::Open(v.clone()))).collect();
    Fact::Put { entity, facet: facet.into(), fields }
}

fn looked(entity: EntityId) -> Fact {
    Fact::Looked { entity, facet: "desk.matter".into(), fields: vec!["words".into()] }
}

fn trail(all: Vec<Transaction>) -> Trail {
    let trail = Trail::default();
    for (seq, tx) in (1..).zip(&all) {
        trail.apply(Seq(seq), tx);
    }
    trail
}

#[test]
fn each_account_sees_what_it_did_and_each_record_who_looked() {
    let t = trail(vec![
        tx(1, EntityId::NONE, vec![declared()]),
        tx(2, LI, vec![created(MATTER, "matter"), created(EntityId(91), "note")]),
        tx(3, WANG, vec![looked(MATTER)]),
        tx(4, WANG, vec![advanced(MATTER)]),
    ]);
    assert_eq!((t.deeds(LI), t.deeds(WANG)), (vec![Seq(2)], vec![Seq(4), Seq(3)]));
    assert_eq!(t.looks(MATTER), [Seq(3)]);
    assert!(t.looks(LI).is_empty() && t.deeds(EntityId::NONE).is_empty());
    assert_eq!((t.filed(LI), t.handled(WANG)), (vec![MATTER], vec![MATTER]), "a note is no matter");
    assert_eq!((t.upto(), t.at()), (Seq(4), Micros(4)));
}

#[test]
fn whoever_filed_follows_or_handled_is_told_of_what_others_do_and_of_nothing_of_their_own() {
    let follow = EntityId(95);
    let entities =
        |pairs: &[(&'static str, EntityId)]| pairs.iter().map(|(n, e)| (*n, Value::Entity(*e))).collect::<Vec<_>>();
    let t = trail(vec![
        tx(1, EntityId::NONE, vec![declared()]),
        tx(2, LI, vec![created(MATTER, "matter")]),
        tx(3, LI, vec![put(follow, "host.follow", &entities(&[("matter", MATTER), ("account", ZHAO), ("by", LI)]))]),
        tx(4, WANG, vec![advanced(MATTER), put(MATTER, "desk.matter", &[("reply", Value::text("ok"))])]),
        tx(5, LI, vec![put(follow, "host.follow", &[("ended", Value::Flag(true))])]),
        tx(6, LI, vec![advanced(MATTER)]),
    ]);
    let told = |who| t.news(who).iter().map(|n| n.seq.0).collect::<Vec<_>>();
    assert_eq!(told(LI), [4], "one line a transaction, however much it changed");
    assert_eq!(told(ZHAO), [4, 3], "copied, told, and then no more");
    assert_eq!(told(WANG), [6], "whoever handled it hears how it goes on");
    assert_eq!(t.news(LI)[0].about, About::Matter(MATTER));
}

#[test]
fn a_job_that_ends_and_rights_that_change_are_told_to_those_they_concern() {
    let job = RequestId([9; 16]);
    let started = Fact::JobStarted {
        job,
        plugin: "desk".into(),
        name: "count".into(),
        params: Vec::new(),
        actor: Actor { id: LI, ..Actor::default() },
        purpose: Name::default(),
        place: None,
        locale: Name::default(),
    };
    let step = |ended| Fact::Stepped { job, done: 1, total: 2, cursor: None, ended };
    let both = [("account", Value::Entity(LI)), ("delegate", Value::Entity(WANG))];
    let t = trail(vec![
        tx(1, LI, vec![started]),
        tx(2, LI, vec![step(None)]),
        tx(3, LI, vec![step(Some(Ok(())))]),
        tx(4, LI, vec![put(EntityId(50), "host.delegation", &both)]),
        tx(5, WANG, vec![put(EntityId(50), "host.delegation", &[("ended", Value::Flag(true))])]),
        tx(6, ZHAO, vec![put(EntityId(51), "host.grant", &[("account", Value::Entity(LI))])]),
    ]);
    let abouts = |who| t.news(who).iter().map(|n| (n.seq.0, n.about)).collect::<Vec<_>>();
    assert_eq!(
        abouts(LI),
        [(6, About::Grant(EntityId(51))), (5, About::Delegation(EntityId(50))), (3, About::Job(job))]
    );
    assert_eq!(abouts(WANG), [(4, About::Delegation(EntityId(50)))]);
}

#[test]
fn sources_and_versions_say_when_they_last_came() {
    let put = |source: &str| put(MATTER, "desk.matter", &[("source", Value::text(source))]);
    let switched =
        |version: &str| Fact::PluginSwitched { plugin: "desk".into(), version: version.into(), digest: [1; 32] };
    let t = trail(vec![
        tx(1, LI, vec![put("hotline"), switched("1.0.0")]),
        tx(2, LI, vec![put("import")]),
        tx(3, LI, vec![put("hotline"), switched("1.1.0")]),
    ]);
    let sources: Vec<_> = t.sources().into_iter().map(|s| (s.name.to_string(), s.seq.0, s.at.0)).collect();
    assert_eq!(sources, [("hotline".to_owned(), 3, 3), ("import".to_owned(), 2, 2)]);
    assert_eq!(t.switches().iter().map(|s| s.version.as_str()).collect::<Vec<_>>(), ["1.1.0", "1.0.0"]);
}

#[test]
fn lists_are_bounded_and_the_newest_stay() {
    let mut all = vec![tx(0, EntityId::NONE, vec![declared()])];
    let most = KEPT as u64 + 20;
    all.extend((0..most).map(|i| tx(1, LI, vec![created(EntityId(1000 + i), "matter"), looked(MATTER)])));
    let t = trail(all);
    assert_eq!((t.deeds(LI).len(), t.filed(LI).len(), t.looks(MATTER).len()), (KEPT, KEPT, KEPT));
    assert_eq!(t.filed(LI)[0], EntityId(1000 + most - 1));
}

#[test]
fn it_follows_a_journal_from_its_beginning_and_ends_when_it_is_dropped() {
    let journal = Arc::new(MemoryJournal::new());
    let append = |t: &Transaction| journal.append(&t.encode().unwrap()).unwrap();
    append(&tx(1, EntityId::NONE, vec![declared()]));
    let following = Following::begin(Arc::clone(&journal) as Arc<dyn Journal>).unwrap();
    append(&tx(2, LI, vec![created(MATTER, "matter")]));
    journal.append(b"not a transaction").unwrap();
    let last = append(&tx(4, LI, vec![advanced(MATTER)]));
    journal.wait_durable(last).unwrap();
    let begun = std::time::Instant::now();
    while following.trail().upto() < last {
        assert!(begun.elapsed().as_secs() < 30, "the trail does not catch up");
        std::thread::yield_now();
    }
    assert_eq!(following.trail().deeds(LI), [Seq(4), Seq(2)]);
}

proptest! {
    /// In whatever pieces the journal is read, and however often a piece comes again, the trail is the same.
    #[test]
    fn reading_on_from_anywhere_gives_the_same_trail(
        steps in proptest::collection::vec((1..4_u64, 90..93_u64, 0..4_u8), 1..60), again in 0..60_usize,
    ) {
        let mut all = vec![tx(0, EntityId::NONE, vec![declared()])];
        for (actor, matter, what) in steps {
            let matter = EntityId(matter);
            let fact = match what {
                0 => created(matter, "matter"),
                1 => advanced(matter),
                2 => looked(matter),
                _ => put(matter, "desk.matter", &[("source", Value::text("x"))]),
            };
            all.push(tx(all.len() as i64, EntityId(actor), vec![fact]));
        }
        let once = trail(all.clone());
        let twice = trail(all.clone());
        for (seq, tx) in (1..).zip(&all).skip(again) {
            twice.apply(Seq(seq), tx);
        }
        for who in [LI, WANG, ZHAO] {
            prop_assert_eq!(once.news(who), twice.news(who));
            prop_assert_eq!(once.deeds(who), twice.deeds(who));
            prop_assert_eq!(once.handled(who), twice.handled(who));
            // Nobody is told of what they did themselves.
            for news in once.news(who) {
                prop_assert_ne!(all[news.seq.0 as usize - 1].actor, who);
            }
        }
    }
}
