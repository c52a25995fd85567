//! Builds the guest fixtures and stands in for the city.
#![allow(dead_code)]

use changzhi_model::{Actor, Context, EntityId, Fact, Micros, Name, RequestId, Seq, Stored, Transaction, Value};
use changzhi_plugins::{Call, Fault, Grants, HostError, Limits, Look, Opened, Platform, Plugin, ReadSet, Runtime, RuntimeOptions};
use changzhi_world::World;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, RwLock};

/// The component of `tests/fixtures/evil` with a feature, built once and kept under `target/fixtures`.
pub fn evil(feature: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = root.join("target/fixtures");
    std::fs::create_dir_all(&target).unwrap();
    let lock = std::fs::File::create(target.join("build.lock")).unwrap();
    lock.lock().unwrap();
    eprintln!("building fixture evil ({feature:?}) for wasm32-wasip2");
    let done = std::process::Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
        .args([
            "build",
            "--quiet",
            "--release",
            "-p",
            "evil",
            "--target",
            "wasm32-wasip2",
            "--features",
            feature,
            "--target-dir",
        ])
        .arg(&target)
        .current_dir(root.join("tests/fixtures"))
        .env_remove("RUSTFLAGS")
        .status()
        .unwrap();
    assert!(done.success(), "cargo could not build tests/fixtures");
    let built: PathBuf = target.join("wasm32-wasip2/release/evil.wasm");
    std::fs::read(built).unwrap()
}

pub static EVIL: LazyLock<Vec<u8>> = LazyLock::new(|| evil(""));
pub static RUNTIME: LazyLock<Arc<Runtime>> = LazyLock::new(|| Runtime::new(RuntimeOptions::default()).unwrap());

/// A world in memory behind the imports.
pub struct Stand(pub RwLock<World>);

impl Platform for Stand {
    fn with_world(&self, look: &mut dyn FnMut(&World)) {
        look(&self.0.read().unwrap());
    }
    fn stored(&self, _: &Context, _: &Name, _: EntityId, facet: &str, field: &str) -> Result<Opened, HostError> {
        Err(HostError::Unknown(format!("{facet}.{field}")))
    }
    fn looked(&self, _: &Context, _: &Name, _: &[Look]) -> Result<(), HostError> {
        Ok(())
    }
    fn allowed(&self, _: &Context, _: EntityId) -> Result<Vec<(Name, Name)>, HostError> {
        Ok(Vec::new())
    }
}

/// A world with `rows` things of the fixture, seven numbers each.
pub fn stand(rows: u64) -> Arc<Stand> {
    let manifest = RUNTIME.inspect(&EVIL).unwrap();
    let mut world = World::new();
    for facet in &manifest.facets {
        world.declare(facet).unwrap();
    }
    for kind in &manifest.kinds {
        world.declare_kind(kind).unwrap();
    }
    let mut facts = Vec::new();
    for n in 1..=rows {
        let id = EntityId(n);
        facts.push(Fact::Created {
            id,
            kind: "thing".into(),
            category: "".into(),
            state: "".into(),
            at: Micros(0),
            within: None,
            position: None,
        });
        let mut fields: Vec<(Name, Stored)> = ["a", "b", "c", "d", "e", "f", "g"]
            .iter()
            .map(|f| ((*f).into(), Stored::Open(Value::Num(n as f64))))
            .collect();
        fields.push(("code".into(), Stored::Open(Value::text(format!("c{n}")))));
        facts.push(Fact::Put { entity: id, facet: "evil.thing".into(), fields });
    }
    let tx = Transaction {
        at: Micros(1),
        epoch: 1,
        actor: EntityId(0),
        purpose: "".into(),
        plugin: "evil".into(),
        command: "seed".into(),
        request: RequestId::default(),
        digest: [0; 16],
        facts,
        answer: vec![],
    };
    if rows > 0 {
        world.apply(Seq(1), &tx).unwrap();
    }
    Arc::new(Stand(RwLock::new(world)))
}

pub fn context(seed: u64) -> Context {
    Context {
        actor: Actor { id: EntityId(7), roles: vec!["clerk".into()], divisions: vec![EntityId(1)] },
        purpose: "handling".into(),
        now: Micros(1_700_000_000_000_000),
        seed,
        place: None,
        revision: Seq(1),
        locale: "zh-CN".into(),
    }
}

/// Limits for a machine that other tests keep busy.
pub fn limits() -> Limits {
    Limits::production().patient(20)
}

pub fn load_with(bytes: &[u8], limits: Limits, rows: u64) -> Arc<Plugin> {
    let manifest = RUNTIME.inspect(bytes).unwrap();
    RUNTIME.load(bytes, &Grants::all_of(&manifest), limits, stand(rows)).unwrap()
}

pub fn load() -> Arc<Plugin> {
    load_with(&EVIL, limits(), 0)
}

/// The first answer of a command as text.
pub fn ask(plugin: &Plugin, name: &str, seed: u64) -> Result<String, Fault> {
    let (ctx, reads) = (context(seed), ReadSet::at(Seq(1)));
    let answer = plugin.handle(&Call { ctx: &ctx, reads: &reads }, name, &[])?;
    Ok(match answer {
        Ok(changes) => changes.answer.first().and_then(|n| n.value.as_text()).unwrap_or_default().to_owned(),
        Err(refusal) => format!("{refusal:?}"),
    })
}

pub fn show(plugin: &Plugin, name: &str) -> Result<usize, Fault> {
    let (ctx, reads) = (context(1), ReadSet::at(Seq(1)));
    Ok(plugin.view(&Call { ctx: &ctx, reads: &reads }, name, &[])?.unwrap().nodes.len())
}
