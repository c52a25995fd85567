//! One compiled plugin per released interface, driven for ever: a host that cannot run it has broken its promise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_model::{Actor, Change, Context, EntityId, FieldType, Micros, Name, Refusal, Sensitivity, Seq, Value};
use changzhi_plugins::{
    Call, Export, FaultKind, Grants, HostError, Limits, Look, Notice, Opened, Platform, Plugin, ReadSet, Runtime, RuntimeOptions,
};
use changzhi_world::World;
use std::path::Path;
use std::sync::Arc;

struct Empty(World);

impl Platform for Empty {
    fn with_world(&self, look: &mut dyn FnMut(&World)) {
        look(&self.0);
    }
    fn stored(&self, _: &Context, _: &Name, _: EntityId, _: &str, field: &str) -> Result<Opened, HostError> {
        Ok(Value::text(format!("opened {field}")).into())
    }
    fn looked(&self, _: &Context, _: &Name, _: &[Look]) -> Result<(), HostError> {
        Ok(())
    }
    fn allowed(&self, _: &Context, _: EntityId) -> Result<Vec<(Name, Name)>, HostError> {
        Ok(vec![("finish".into(), "finished".into())])
    }
}

fn context() -> Context {
    Context {
        actor: Actor { id: EntityId(7), roles: vec!["clerk".into()], divisions: vec![EntityId(1)] },
        purpose: "handling".into(),
        now: Micros(1_700_000_000_000_000),
        seed: 1,
        place: Some(EntityId(5)),
        revision: Seq(0),
        locale: "zh-CN".into(),
    }
}

/// Every piece of the museum with its version, oldest name first.
fn pieces() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/museum");
    let mut pieces: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "wasm"))
        .map(|p| (p.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read(&p).unwrap()))
        .collect();
    pieces.sort();
    pieces
}

fn load(bytes: &[u8]) -> Arc<Plugin> {
    let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
    let manifest = runtime.inspect(bytes).unwrap();
    let mut world = World::new();
    manifest.facets.iter().for_each(|f| world.declare(f).unwrap());
    manifest.kinds.iter().for_each(|k| world.declare_kind(k).unwrap());
    let limits = Limits::production().patient(20);
    runtime.load(bytes, &Grants::all_of(&manifest), limits, Arc::new(Empty(world))).unwrap()
}

#[test]
fn every_released_interface_has_a_piece() {
    let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit/frozen");
    let mut released: Vec<String> =
        std::fs::read_dir(frozen).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    released.sort();
    assert_eq!(pieces().into_iter().map(|(version, _)| version).collect::<Vec<_>>(), released);
}

#[test]
fn every_piece_is_described_and_answers_each_export() {
    for (version, bytes) in pieces() {
        let plugin = load(&bytes);
        let manifest = plugin.manifest();
        assert_eq!((manifest.id.as_str(), manifest.version.as_str()), ("museum", version.as_str()));
        let thing = &manifest.facets[0];
        let kind = |name: &str| &thing.fields.iter().find(|f| f.name == name).unwrap().kind;
        assert_eq!((kind("story"), kind("spot")), (&FieldType::LongText, &FieldType::Point));
        assert_eq!(thing.fields.last().unwrap().sensitivity, Sensitivity::Personal);
        assert_eq!(manifest.flows[0].transitions[0].target, "finished");

        let (ctx, reads) = (context(), ReadSet::at(Seq(0)));
        let call = Call { ctx: &ctx, reads: &reads };
        let body = [Value::text("c1"), Value::Num(2.5), Value::None];
        let filed = plugin.handle(&call, "file", &body).unwrap().unwrap();
        let Change::Create(create) = &filed.ops[0] else { panic!("{filed:?}") };
        assert_eq!((create.within, create.at), (ctx.place, ctx.now));
        assert!(filed.answer[0].name == "thing" && matches!(filed.answer[0].value, Value::Entity(_)));
        assert!(matches!(plugin.handle(&call, "file", &[]).unwrap(), Err(Refusal::Invalid(p)) if p[0].field == "code"));

        let every = plugin.handle(&call, "every", &[]).unwrap().unwrap();
        let sorts = every.ops.iter().map(|c| format!("{c:?}").split('(').next().unwrap().to_owned());
        let all = ["Create", "Put", "Advance", "Note", "Intent", "Move", "Recategorise"];
        assert_eq!(sorts.collect::<Vec<_>>(), all);

        let asked = plugin.handle(&call, "ask", &[]).unwrap().unwrap();
        let asked = asked.answer[0].value.as_text().unwrap().to_owned();
        for line in ["find Ok(None)", "near Ok(0)", "locate Ok(None)", "allowed Ok([\"finish\"])"] {
            assert!(asked.lines().any(|l| l == line), "{line} in {asked}");
        }
        assert!(asked.contains("reveal Ok([Value::Text(\"opened caller\")])"), "{asked}");

        let page = plugin.view(&call, "list", &[Value::Int(25)]).unwrap().unwrap();
        assert_eq!((page.nodes.len(), page.nodes[0].children), (26, 25));
        let notice =
            Notice { seq: Seq(1), at: Micros(1), entity: EntityId(1), kind: "thing".into(), what: "put".into() };
        let reacted = plugin.react(&call, &[notice]).unwrap().unwrap();
        assert_eq!(reacted.answer[0].value.as_text(), Some("thing put"));
        let step = plugin.job(&call, "count", &[], None).unwrap().unwrap();
        assert_eq!((step.done, step.total, step.cursor.as_deref()), (1, 3, Some(&[0][..])));
        let step = plugin.migrate(&call, "0.0.9", Some(&[0, 0])).unwrap().unwrap();
        assert_eq!((step.done, step.cursor), (3, None));

        let fault = plugin.handle(&call, "trap", &[]).unwrap_err();
        assert!(matches!(fault.kind, FaultKind::Trap(_)) && fault.export == Some(Export::Handle), "{fault}");
        assert!(plugin.handle(&call, "nothing", &[]).unwrap().unwrap().ops.is_empty());
    }
}
