//! Plugins that do their worst: each costs itself an instance and nobody else anything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use changzhi_model::{EntityId, Micros, Refusal, Seq, Value};
use changzhi_plugins::{Call, Export, Fault, FaultKind, Grants, Kept, LoadError, Notice, ReadSet, RuntimeOptions};
use support::{EVIL, RUNTIME, ask, context, evil, limits, load, load_with, show, stand};

fn kind(fault: Result<String, Fault>) -> FaultKind {
    fault.unwrap_err().kind
}

#[test]
fn every_way_to_misbehave_is_a_fault_with_its_name_and_the_next_call_is_answered() {
    let mut strict = limits();
    strict.deadline.handle = std::time::Duration::from_millis(300);
    let plugin = load_with(&EVIL, strict, 0);
    let mut faults = 0;
    let mut after = |name: &str, test: fn(&FaultKind) -> bool| {
        let kind = kind(ask(&plugin, name, 1));
        assert!(test(&kind), "{name}: {kind}");
        assert_eq!(ask(&plugin, "version", 1).unwrap(), "0.1.0", "after {name}");
        faults += 1;
    };
    after("spin", |k| matches!(k, FaultKind::Deadline { ms: 300 }));
    after("oom", |k| matches!(k, FaultKind::Memory { .. }));
    after("recurse", |k| matches!(k, FaultKind::Stack));
    after("recurse-wide", |k| matches!(k, FaultKind::Trap(what) if what.contains("out of bounds memory")));
    after("trap", |k| matches!(k, FaultKind::Trap(_)));
    after("panic", |k| matches!(k, FaultKind::Trap(_)));
    after("exit", |k| matches!(k, FaultKind::Exit(_)));
    after("sleep", |k| matches!(k, FaultKind::Wait));
    after("giant", |k| matches!(k, FaultKind::Crossing { .. }));
    after("long", |k| matches!(k, FaultKind::Output { .. }));
    after("changes", |k| matches!(k, FaultKind::Changes { was: 10_001, .. }));
    let entry = plugin.ledger().of(Export::Handle);
    assert_eq!((entry.faults, entry.calls), (faults, 2 * faults));
    assert!(entry.max_ns > 0 && entry.total_ns >= entry.max_ns);
}

#[test]
fn a_guest_that_ignores_its_spent_budget_of_host_calls_is_stopped() {
    assert!(matches!(kind(ask(&load(), "ask-for-ever", 1)), FaultKind::HostCalls { budget: 10_000, .. }));
}

#[test]
fn log_lines_over_the_budget_are_dropped_and_counted() {
    let plugin = load();
    ask(&plugin, "chatter", 1).unwrap();
    let (dropped, lines) = (plugin.ledger().of(Export::Handle).log_dropped, plugin.limits().log_lines);
    assert_eq!(dropped + u64::from(lines), 1000);
}

#[test]
fn a_trap_in_any_export_is_a_fault_of_that_export() {
    let plugin = load();
    let (ctx, reads) = (context(1), ReadSet::at(Seq(1)));
    let call = Call { ctx: &ctx, reads: &reads };
    let notice = Notice { seq: Seq(1), at: Micros(1), entity: EntityId(1), kind: "thing".into(), what: "trap".into() };
    let exports = [
        plugin.handle(&call, "trap", &[]).unwrap_err(),
        plugin.react(&call, &[notice]).unwrap_err(),
        plugin.view(&call, "trap", &[]).unwrap_err(),
        plugin.job(&call, "trap", &[], None).unwrap_err(),
    ]
    .map(|f| f.export.unwrap());
    assert_eq!(exports, [Export::Handle, Export::React, Export::View, Export::Job]);
    assert!(matches!(RUNTIME.inspect(&evil("trap-describe")), Err(LoadError::Describe(_))));
}

#[test]
fn a_page_that_is_huge_deep_or_no_tree_is_refused_and_a_good_one_of_a_thousand_nodes_passes() {
    let plugin = load();
    assert_eq!(show(&plugin, "good").unwrap(), 1000);
    assert!(matches!(show(&plugin, "huge").unwrap_err().kind, FaultKind::Nodes { was: 20_001, .. }));
    for name in ["claims", "twins", "deep", "overflow"] {
        let fault = show(&plugin, name).unwrap_err();
        assert!(matches!(fault.kind, FaultKind::Page(_)), "{name}: {fault}");
    }
    assert_eq!(show(&plugin, "good").unwrap(), 1000);
}

#[test]
fn the_same_call_gives_the_same_bytes_even_with_a_hash_map_a_clock_and_randomness() {
    let plugin = load();
    let first = ask(&plugin, "chance", 42).unwrap();
    assert_eq!(ask(&plugin, "chance", 42).unwrap(), first);
    assert_eq!(ask(&load(), "chance", 42).unwrap(), first, "in another instance of another load too");
    assert_ne!(ask(&plugin, "chance", 43).unwrap(), first, "another seed, another order");
    assert!(first.contains("at 1700000000000000"), "{first}");
}

#[test]
fn values_come_back_as_they_went_and_a_refusal_is_a_value() {
    let plugin = load();
    let body = [
        Value::None,
        Value::Flag(true),
        Value::Int(-3),
        Value::Num(0.5),
        Value::text("昌治"),
        Value::Time(Micros(9)),
        Value::Entity(EntityId(4)),
    ];
    let (ctx, reads) = (context(1), ReadSet::at(Seq(1)));
    let call = Call { ctx: &ctx, reads: &reads };
    let answer = plugin.handle(&call, "echo", &body).unwrap().unwrap().answer;
    assert_eq!(answer.into_iter().map(|n| n.value).collect::<Vec<_>>(), body);
    assert!(matches!(plugin.handle(&call, "refuse", &[]).unwrap(), Err(Refusal::Denied(_))));
    assert!(reads.is_empty());
}

#[test]
fn reads_are_columns_are_noted_and_stop_at_the_grant() {
    let plugin = load_with(&EVIL, limits(), 1000);
    let (ctx, reads) = (context(1), ReadSet::at(Seq(1)));
    let call = Call { ctx: &ctx, reads: &reads };
    let expected = 7 * (1..=1000).sum::<u64>();
    let answer = plugin.handle(&call, "sum", &[]).unwrap().unwrap().answer;
    assert_eq!(answer[0].value.as_text(), Some(format!("1000 rows {expected}").as_str()));
    assert_eq!(reads.facets(), ["evil.thing"]);
    assert_eq!(ask(&plugin, "find", 1).unwrap(), "Some(7)");
    assert!(ask(&plugin, "foreign", 1).unwrap().contains("NotGranted"));
}

#[test]
fn an_import_that_was_not_granted_is_refused_by_name_with_the_grant_to_add() {
    let refused = RUNTIME.load(&EVIL, &Grants::none(), limits(), stand(0)).unwrap_err();
    let LoadError::Import { import, mend } = refused else { panic!("{refused}") };
    assert!(import.starts_with("changzhi:platform/world@"), "{import}");
    assert!(mend.contains("name: \"world\""), "{mend}");
}

#[test]
fn a_score_on_a_person_is_refused_at_load() {
    let refused = RUNTIME.inspect(&evil("score")).unwrap_err();
    let LoadError::Charter(breaches) = &refused else { panic!("{refused}") };
    assert!(breaches.iter().any(|b| b.rule == 1 && b.field.as_deref() == Some("risk-score")), "{refused}");
}

#[test]
fn bytes_that_are_no_component_are_refused() {
    for bytes in [&b""[..], b"\0asm\x01\0\0\0", b"not wasm at all", &EVIL[..EVIL.len() / 2]] {
        assert!(RUNTIME.inspect(bytes).is_err());
    }
}

#[test]
fn a_kept_input_reproduces_its_fault() {
    let plugin = load();
    let fault =
        plugin.handle(&Call { ctx: &context(5), reads: &ReadSet::at(Seq(1)) }, "trap", &[Value::Int(1)]).unwrap_err();
    let kept = Kept::decode(fault.kept.as_ref().unwrap()).unwrap();
    assert_eq!((kept.name.as_str(), &kept.ctx, kept.export), ("trap", &context(5), Export::Handle));
    assert_eq!(plugin.again(&kept).unwrap_err().kind, fault.kind);
    assert!(plugin.again(&Kept { name: "version".into(), ..kept }).is_ok());
}

#[test]
fn a_cached_component_is_read_back_and_a_planted_or_cut_one_is_compiled_again() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = || changzhi_plugins::Runtime::new(RuntimeOptions { cache_dir: Some(dir.path().into()) }).unwrap();
    let counts =
        |r: &changzhi_plugins::Runtime| (r.cache_counts().hits, r.cache_counts().compiled, r.cache_counts().rejected);
    let first = runtime();
    first.inspect(&EVIL).unwrap();
    assert_eq!(counts(&first), (0, 1, 0));
    let second = runtime();
    second.inspect(&EVIL).unwrap();
    assert_eq!(counts(&second), (1, 0, 0));
    let entry = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "cwasm"))
        .unwrap();
    let good = std::fs::read(&entry).unwrap();
    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    for bad in [flipped, good[..middle].to_vec(), Vec::new()] {
        std::fs::write(&entry, bad).unwrap();
        let again = runtime();
        again.inspect(&EVIL).unwrap();
        assert_eq!(counts(&again), (0, 1, 1));
    }
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(dir.path().join("key")).unwrap().permissions().mode() & 0o777, 0o600);
}
