//! Durable commands end to end: gate, plugin, check, journal on disk, world; in process and over HTTP.
//!
//! One JSON line a figure. The load generator runs in the same process on the same cores, as a small deployment's would not:
//! the figures are a lower bound. Each figure is the median of [`RUNS`]. Needs the plugins: `cargo xtask plugins`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod rig;

use changzhi_gate::Ask;
use changzhi_model::EntityId;
use changzhi_pipeline::Outcome;
use changzhi_portal::PortalOptions;
use rig::{Rig, at, exchange, tell};
use serde_json::{Value as Json, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tokio::net::TcpStream;

/// Commands are made on one thread and let go on another: mimalloc is made for that, and a page of a thousand small texts costs less.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RUNS: usize = 5;
/// Commands of one run in process, over HTTP, and by one client alone.
const COMMANDS: u64 = 200_000;
const REQUESTS: u64 = 40_000;
const ALONE: usize = 2_000;
const CLIENTS: u64 = 256;
/// Commands under way at once in process: a little less than a plugin's queue holds.
const WINDOW: usize = 1_000;

/// What is sent.
#[derive(Clone, Copy, PartialEq)]
enum Load {
    /// A hazard a grid worker finds: a record in a place. What the spine itself costs.
    Hazard,
    /// A report without personal words: beside the record its number, its PIN, the flow it stands in and the clocks of that.
    Plain,
    /// With a key: it is remembered for ever.
    Keyed,
    /// With personal words.
    Personal,
}

impl Load {
    /// Plugin and command.
    fn command(self) -> (&'static str, &'static str) {
        match self {
            Load::Hazard => ("risk", "report-hazard"),
            Load::Plain | Load::Keyed | Load::Personal => ("services", "file-report"),
        }
    }
}

struct Bench {
    rig: Rig,
    number: AtomicU64,
    /// Where hazards lie.
    grid: EntityId,
}

impl Bench {
    fn new() -> Bench {
        let rig = Rig::with(&["services", "risk"]);
        let grid = rig.grid("G-1");
        Bench { rig, number: AtomicU64::new(0), grid }
    }

    fn body(&self, load: Load) -> Json {
        let n = self.number.fetch_add(1, Ordering::Relaxed);
        if load == Load::Hazard {
            return json!({"place": self.grid.0, "category": "wiring", "title": format!("hazard {n}")});
        }
        let mut body = json!({"title": format!("report {n}"), "category": "street-light", "channel": "web"});
        if load == Load::Personal {
            body["body"] = "路灯不亮，晚上看不清路。".into();
            body["contact"] = "0791-00000000".into();
        }
        body
    }

    fn submit(&self, load: Load, then: Box<dyn FnOnce(Outcome) + Send>) {
        let key = format!("bench-{}", self.number.load(Ordering::Relaxed));
        let key = (load == Load::Keyed).then_some(key.as_str());
        let (plugin, command) = load.command();
        let body = self.body(load);
        let ask = Ask { plugin, command, purpose: None, place: None, key, locale: "zh-CN" };
        let checked = self.rig.gate.check(&self.rig.session, &ask, &body).map_err(|e| e.to_string()).unwrap();
        self.rig.city.submit_then(checked.submission, then);
    }

    /// Commands a second, acknowledged durable.
    fn in_process(&self, load: Load, commands: u64) -> f64 {
        let (tell, told) = crossbeam_channel::bounded(WINDOW);
        let from = Instant::now();
        let (mut sent, mut done) = (0, 0);
        while done < commands {
            while sent < commands && sent - done < WINDOW as u64 {
                let tell = tell.clone();
                self.submit(load, Box::new(move |outcome| tell.send(outcome).unwrap()));
                sent += 1;
                for outcome in told.try_iter() {
                    expect_done(&outcome);
                    done += 1;
                }
            }
            expect_done(&told.recv().unwrap());
            done += 1;
        }
        commands as f64 / from.elapsed().as_secs_f64()
    }

    /// Microseconds of each command of one client that waits for each.
    fn alone(&self, load: Load) -> Vec<f64> {
        let (tell, told) = crossbeam_channel::bounded(1);
        let one = || {
            let tell = tell.clone();
            let from = Instant::now();
            self.submit(load, Box::new(move |outcome| tell.send(outcome).unwrap()));
            expect_done(&told.recv().unwrap());
            from.elapsed().as_secs_f64() * 1e6
        };
        let mut times: Vec<f64> = (0..ALONE).map(|_| one()).collect();
        times.sort_by(f64::total_cmp);
        times
    }

    fn request(&self, load: Load) -> Vec<u8> {
        self.rig.request(load.command(), &self.body(load).to_string())
    }
}

fn expect_done(outcome: &Outcome) {
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
}

/// Microseconds of each request of `clients` that each wait for their answers, and requests a second over all.
async fn over_http(bench: &Arc<Bench>, addr: SocketAddr, load: Load, clients: u64, requests: u64) -> (Vec<f64>, f64) {
    let from = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let bench = Arc::clone(bench);
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(addr).await.unwrap();
                stream.set_nodelay(true).unwrap();
                let mut buffer = Vec::with_capacity(4096);
                let mut times = Vec::new();
                for _ in 0..requests / clients {
                    let request = bench.request(load);
                    let from = Instant::now();
                    exchange(&mut stream, &request, &mut buffer).await;
                    assert!(buffer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&buffer));
                    times.push(from.elapsed().as_secs_f64() * 1e6);
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    let rate = times.len() as f64 / from.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    (times, rate)
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

fn main() {
    let bench = Arc::new(Bench::new());
    bench.in_process(Load::Hazard, COMMANDS / 10);
    let hazards = (0..RUNS).map(|_| bench.in_process(Load::Hazard, COMMANDS)).collect();
    tell("durable commands end to end, in process: a hazard in a place", median(hazards), "1/s", Some("≥ 50,000"));
    bench.in_process(Load::Plain, COMMANDS / 10);
    let plain = (0..RUNS).map(|_| bench.in_process(Load::Plain, COMMANDS)).collect();
    tell("the same: a report with its number, its PIN and its flow", median(plain), "1/s", None);
    let keyed = (0..RUNS).map(|_| bench.in_process(Load::Keyed, COMMANDS)).collect();
    tell("such reports, each under a key of its own that can come again", median(keyed), "1/s", None);
    let sealed = (0..RUNS).map(|_| bench.in_process(Load::Personal, COMMANDS / 4)).collect();
    tell("such reports with personal words, each sealed under a new key", median(sealed), "1/s", None);
    for (load, what) in [(Load::Hazard, "a hazard"), (Load::Plain, "a report")] {
        let alone = bench.alone(load);
        tell(&format!("one client in process: {what}, p50"), at(&alone, 50), "µs", None);
        tell(&format!("one client in process: {what}, p99"), at(&alone, 99), "µs", None);
    }

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let running = runtime.block_on(bench.rig.serve(PortalOptions::default()));
    let addr = running.addr;
    for (load, what, target) in [(Load::Hazard, "a hazard", Some("≥ 10,000")), (Load::Plain, "a report", None)] {
        runtime.block_on(over_http(&bench, addr, load, CLIENTS, REQUESTS / 4));
        let many: Vec<_> =
            (0..RUNS).map(|_| runtime.block_on(over_http(&bench, addr, load, CLIENTS, REQUESTS))).collect();
        let rates = many.iter().map(|(_, rate)| *rate).collect();
        let http = "durable commands over HTTP, 256 clients in the same process";
        tell(&format!("{http}: {what}"), median(rates), "1/s", target);
        let slowest = many.iter().map(|(times, _)| at(times, 99)).collect();
        tell(&format!("{http}: {what}, p99"), median(slowest), "µs", None);
        let (times, _) = runtime.block_on(over_http(&bench, addr, load, 1, ALONE as u64));
        tell(&format!("one client over HTTP: {what}, p50"), at(&times, 50), "µs", None);
        tell(&format!("one client over HTTP: {what}, p99"), at(&times, 99), "µs", None);
    }
    runtime.block_on(running.shutdown());
    bench.rig.city.close().unwrap();
}
