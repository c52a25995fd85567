//! What the runtime costs over bare wasmtime: the same component, the same engine settings, no limits there.
//!
//! One JSON line a figure. Ours and the peer take turns, and the median of [`SAMPLES`] is told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_model::{
    Actor, Context, EntityId, Fact, Micros, Name, Refusal, RequestId, Seq, Stored, Transaction, Value,
};
use changzhi_plugins::{
    Call, Fault, Grants, HostError, Limits, Look, Opened, Platform, Plugin, Quarantined, ReadSet, RolledBack, Runtime,
    RuntimeOptions, Slot, SlotEvents, SlotOptions, engine_config,
};
use changzhi_world::World;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Engine, Store};

mod bare {
    wasmtime::component::bindgen!({ path: "../../wit", world: "plugin", imports: { default: trappable } });
}
use bare::changzhi::platform::{flow, log, people, types, world as ww};
use bare::exports::changzhi::platform::guest;

/// Commands are made on one thread and let go on another: mimalloc is made for that, and a page of a thousand small texts costs less.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PIECE: &[u8] = include_bytes!("../../../tests/museum/0.1.0.wasm");
const SAMPLES: usize = 41;
const ROWS: u64 = 10_000;
const NODES: i64 = 1_000;
/// The piece lists rows of three cells.
const NODES_A_ROW: i64 = 4;
const COLUMNS: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];

struct City(RwLock<World>);

impl Platform for City {
    fn with_world(&self, look: &mut dyn FnMut(&World)) {
        look(&self.0.read().unwrap());
    }
    fn stored(&self, _: &Context, _: &Name, _: EntityId, _: &str, field: &str) -> Result<Opened, HostError> {
        Err(HostError::Unknown(field.into()))
    }
    fn looked(&self, _: &Context, _: &Name, _: &[Look]) -> Result<(), HostError> {
        Ok(())
    }
    fn allowed(&self, _: &Context, _: EntityId) -> Result<Vec<(Name, Name)>, HostError> {
        Ok(Vec::new())
    }
}

/// The peer's host: hands out the same columns, made beforehand, and knows nothing else.
struct Bare(ww::Batch);

type Answer<T> = wasmtime::Result<Result<T, types::HostError>>;

fn none<T>() -> Answer<T> {
    Ok(Err(types::HostError::Other("bare".into())))
}

impl types::Host for Bare {}
impl ww::Host for Bare {
    fn select(&mut self, _: ww::Query) -> Answer<ww::Batch> {
        Ok(Ok(self.0.clone()))
    }
    fn get(&mut self, _: u64, _: Vec<String>) -> Answer<Vec<types::Value>> {
        none()
    }
    fn find(&mut self, _: String, _: types::Value) -> Answer<Option<u64>> {
        none()
    }
    fn tally(&mut self, _: ww::TallySpec) -> Answer<ww::TallyTable> {
        none()
    }
    fn near(&mut self, _: types::Point, _: f64, _: String, _: u32) -> Answer<Vec<ww::Hit>> {
        none()
    }
    fn since(&mut self, _: String, _: u64) -> Answer<ww::Delta> {
        none()
    }
    fn locate(&mut self, _: types::Point, _: String) -> Answer<Option<u64>> {
        none()
    }
}
impl people::Host for Bare {
    fn reveal(&mut self, _: u64, _: Vec<String>) -> Answer<Vec<types::Value>> {
        none()
    }
}
impl flow::Host for Bare {
    fn clocks(&mut self, _: u64) -> Answer<Vec<flow::Clock>> {
        Ok(Ok(Vec::new()))
    }

    fn explain(&mut self, _: u64, _: String) -> Answer<Vec<flow::Stretch>> {
        Ok(Ok(Vec::new()))
    }

    fn story(&mut self, _: u64) -> Answer<Vec<flow::Happened>> {
        Ok(Ok(Vec::new()))
    }

    fn allowed(&mut self, _: u64) -> Answer<Vec<flow::Step>> {
        none()
    }
}
impl log::Host for Bare {
    fn write(&mut self, _: log::Level, _: String) -> wasmtime::Result<()> {
        Ok(())
    }
}

struct Peer {
    store: Store<Bare>,
    exports: bare::Plugin,
    ctx: types::Context,
}

impl Peer {
    fn new() -> Peer {
        let engine = Engine::new(&engine_config()).unwrap();
        let component = Component::new(&engine, PIECE).unwrap();
        let mut linker = Linker::<Bare>::new(&engine);
        types::add_to_linker::<_, HasSelf<Bare>>(&mut linker, |s| s).unwrap();
        ww::add_to_linker::<_, HasSelf<Bare>>(&mut linker, |s| s).unwrap();
        people::add_to_linker::<_, HasSelf<Bare>>(&mut linker, |s| s).unwrap();
        flow::add_to_linker::<_, HasSelf<Bare>>(&mut linker, |s| s).unwrap();
        log::add_to_linker::<_, HasSelf<Bare>>(&mut linker, |s| s).unwrap();
        linker.define_unknown_imports_as_traps(&component).unwrap();
        let column = || ww::Column::Nums((1..=ROWS).map(|n| n as f64).collect());
        let batch = ww::Batch {
            revision: 1,
            ids: (1..=ROWS).collect(),
            columns: COLUMNS.iter().map(|_| column()).collect(),
            missing: vec![Vec::new(); COLUMNS.len()],
            total: ROWS,
        };
        let mut store = Store::new(&engine, Bare(batch));
        store.set_epoch_deadline(u64::MAX / 2);
        let exports = bare::Plugin::instantiate(&mut store, &component, &linker).unwrap();
        let ctx = context();
        let ctx = types::Context {
            actor: types::Actor {
                id: ctx.actor.id.0,
                roles: ctx.actor.roles.iter().map(ToString::to_string).collect(),
                divisions: ctx.actor.divisions.iter().map(|d| d.0).collect(),
            },
            purpose: ctx.purpose.to_string(),
            now: ctx.now.0,
            seed: ctx.seed,
            place: ctx.place.map(|p| p.0),
            revision: ctx.revision.0,
            locale: ctx.locale.to_string(),
        };
        Peer { store, exports, ctx }
    }

    fn handle(&mut self, name: &str, body: Vec<types::Value>) {
        let command = guest::Command { name: name.to_owned(), body };
        let guest = self.exports.changzhi_platform_guest();
        black_box(guest.call_handle(&mut self.store, &self.ctx, &command).unwrap().unwrap());
    }

    fn view(&mut self, rows: i64) {
        let guest = self.exports.changzhi_platform_guest();
        let page = guest.call_view(&mut self.store, &self.ctx, "list", &[types::Value::Int(rows)]);
        black_box(page.unwrap().unwrap());
    }
}

fn context() -> Context {
    Context {
        actor: Actor { id: EntityId(7), roles: vec!["clerk".into()], divisions: vec![EntityId(1)] },
        purpose: "handling".into(),
        now: Micros(1_700_000_000_000_000),
        seed: 1,
        place: Some(EntityId(1)),
        revision: Seq(1),
        locale: "zh-CN".into(),
    }
}

fn city(runtime: &Runtime) -> Arc<City> {
    let manifest = runtime.inspect(PIECE).unwrap();
    let mut world = World::new();
    manifest.facets.iter().for_each(|f| world.declare(f).unwrap());
    manifest.kinds.iter().for_each(|k| world.declare_kind(k).unwrap());
    let mut facts = Vec::new();
    for n in 1..=ROWS {
        let id = EntityId(n);
        let at = Micros(0);
        let (kind, category, state) = ("thing".into(), "noise".into(), "open".into());
        facts.push(Fact::Created { id, kind, category, state, at, within: None, position: None });
        let fields = COLUMNS.iter().map(|f| ((*f).into(), Stored::Open(Value::Num(n as f64)))).collect();
        facts.push(Fact::Put { entity: id, facet: "museum.thing".into(), fields });
    }
    let tx = Transaction {
        at: Micros(1),
        epoch: 1,
        actor: EntityId(0),
        purpose: "".into(),
        plugin: "museum".into(),
        command: "seed".into(),
        request: RequestId::default(),
        digest: [0; 16],
        facts,
        answer: vec![],
    };
    world.apply(Seq(1), &tx).unwrap();
    Arc::new(City(RwLock::new(world)))
}

/// Production limits; only the deadlines wait out a machine that others keep busy.
fn load(runtime: &Runtime, city: &Arc<City>) -> Arc<Plugin> {
    load_with(runtime, city, Limits::production().patient(20))
}

fn load_with(runtime: &Runtime, city: &Arc<City>, limits: Limits) -> Arc<Plugin> {
    let manifest = runtime.inspect(PIECE).unwrap();
    runtime.load(PIECE, &Grants::all_of(&manifest), limits, Arc::clone(city) as Arc<dyn Platform>).unwrap()
}

fn handle(plugin: &Plugin, ctx: &Context, name: &str, body: &[Value]) -> Result<Result<(), Refusal>, Fault> {
    let reads = ReadSet::at(ctx.revision);
    Ok(plugin.handle(&Call { ctx, reads: &reads }, name, body)?.map(|changes| drop(black_box(changes))))
}

/// Microseconds of one call, over `calls` in a row.
fn timed(calls: u32, mut call: impl FnMut()) -> f64 {
    let from = Instant::now();
    for _ in 0..calls {
        call();
    }
    from.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

/// Both by turns: what disturbs one disturbs the other.
fn turns(calls: u32, mut ours: impl FnMut(), mut peer: impl FnMut()) -> (f64, f64) {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    timed(calls, &mut ours);
    timed(calls, &mut peer);
    for _ in 0..SAMPLES {
        a.push(timed(calls, &mut ours));
        b.push(timed(calls, &mut peer));
    }
    (median(a), median(b))
}

fn tell(name: &str, ours: f64, peer: Option<f64>, unit: &str, target: &str) {
    let ratio = peer.map(|p| ours / p);
    println!(
        "{}",
        serde_json::json!({ "name": name, "ours": ours, "peer": peer, "ratio": ratio, "unit": unit, "target": target })
    );
}

struct Quiet;

impl SlotEvents for Quiet {
    fn quarantined(&self, _: Quarantined) {}
    fn rolled_back(&self, _: RolledBack) {}
}

/// Sends a command through the write lane and waits until it is done; false when the slot refuses.
fn through(slot: &Slot, name: &'static str) -> bool {
    let (tell, told) = crossbeam_channel::bounded(1);
    let sent = slot.write(Box::new(move |plugin| {
        let done = match plugin {
            Ok(plugin) => handle(plugin, &context(), name, &[Value::text("c"), Value::Num(1.0), Value::None]).map(drop),
            Err(_) => Ok(()),
        };
        // The measuring side waits for this; when it is gone nobody asks any more.
        let _ = tell.send(());
        done
    }));
    sent.is_ok() && told.recv().is_ok()
}

/// 99th percentile of commands to the four, in microseconds.
fn p99(four: &[Arc<Slot>]) -> f64 {
    let mut times: Vec<f64> = (0..8_000)
        .map(|n| {
            let from = Instant::now();
            assert!(through(&four[n % four.len()], "file"));
            from.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() * 99 / 100]
}

fn neighbours(runtime: &Runtime, city: &Arc<City>, how: &'static str) {
    let slot = |plugin| Slot::start(plugin, SlotOptions::production(Arc::new(Quiet))).unwrap();
    let four: Vec<_> = (0..4).map(|_| slot(load(runtime, city))).collect();
    let fifth = slot(load_with(runtime, city, Limits::production()));
    let (mut before, mut during) = (Vec::new(), Vec::new());
    p99(&four);
    for _ in 0..9 {
        before.push(p99(&four));
        fifth.reset();
        let stop = Arc::new(AtomicBool::new(false));
        let bad = {
            let (fifth, stop) = (Arc::clone(&fifth), Arc::clone(&stop));
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    if !through(&fifth, how) {
                        // A caller that is told when to come again: the pace of a patient client.
                        std::thread::sleep(Duration::from_millis(10));
                    }
                }
            })
        };
        during.push(p99(&four));
        stop.store(true, Ordering::Relaxed);
        bad.join().unwrap();
    }
    let name = format!("p99 of four plugins while a fifth does {how} on every call");
    tell(&name, median(during), Some(median(before)), "µs", "≤ 1.05×");
}

fn main() {
    let cache = tempfile::tempdir().unwrap();
    let options = || RuntimeOptions { cache_dir: Some(cache.path().into()) };
    let runtime = Runtime::new(options()).unwrap();
    let city = city(&runtime);
    let plugin = load(&runtime, &city);
    let ctx = context();
    let mut peer = Peer::new();

    let ours = || handle(&plugin, &ctx, "nothing", &[]).unwrap().unwrap();
    let (a, b) = turns(2_000, ours, || peer.handle("nothing", vec![]));
    tell("no-op command, host to plugin and back", a, Some(b), "µs", "≤ 1.5×");

    let body = [Value::text("a report of the street"), Value::Num(2.5), Value::None];
    let ours = || handle(&plugin, &ctx, "file", &body).unwrap().unwrap();
    let text = || types::Value::Text("a report of the street".into());
    let bare = || peer.handle("file", vec![text(), types::Value::Num(2.5), types::Value::None]);
    let (a, b) = turns(2_000, ours, bare);
    tell("typed command, host to plugin and back", a, Some(b), "µs", "≤ 1.5×");

    let ours = || handle(&plugin, &ctx, "sum", &[]).unwrap().unwrap();
    let (a, b) = turns(50, ours, || peer.handle("sum", vec![]));
    tell("10,000 rows of 7 fields into a plugin", a, Some(b), "µs", "≤ 2×");

    // A row of this interface carries its cells; the study that set the target counted each cell as a node of its own.
    for (rows, name, target) in [
        (NODES / NODES_A_ROW, "view of 1,000 nodes: 250 rows and their 750 cells", "≤ 150 µs"),
        (NODES - 1, "view of 1,000 rows of 3 cells", ""),
    ] {
        let view = || {
            let reads = ReadSet::at(ctx.revision);
            let page = plugin.view(&Call { ctx: &ctx, reads: &reads }, "list", &[Value::Int(rows)]);
            black_box(page.unwrap().unwrap());
        };
        let (a, b) = turns(50, view, || peer.view(rows));
        tell(name, a, Some(b), "µs", target);
    }

    let mut starts = Vec::new();
    for _ in 0..SAMPLES {
        let from = Instant::now();
        let fresh = Runtime::new(options()).unwrap();
        let five: Vec<_> = (0..5).map(|_| load(&fresh, &city)).collect();
        starts.push(from.elapsed().as_secs_f64() * 1e3);
        assert_eq!((five.len(), fresh.cache_counts().compiled), (5, 0));
    }
    tell("five plugins ready, warm cache", median(starts), None, "ms", "< 50 ms");

    neighbours(&runtime, &city, "trap");
    neighbours(&runtime, &city, "spin");
}
