//! Durable commands end to end: gate, plugin, check, journal on disk, world; in process and over HTTP.
//!
//! One JSON line a figure. The load generator runs in the same process on the same cores, as a small deployment's would not:
//! the figures are a lower bound. Each figure is the median of [`RUNS`]. Needs the plugins: `cargo xtask plugins`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_gate::{Ask, CityBackend, Gate, GateOptions, Identity, NewAccount, Session};
use changzhi_model::{Clock, EntityId, Micros, SystemClock, Value};
use changzhi_pipeline::{Approve, City, CityOptions, Outcome};
use changzhi_plugins::Limits;
use changzhi_portal::{CityTown, PortalOptions, Server};
use serde_json::{Value as Json, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
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

struct Rig {
    city: Arc<City>,
    gate: Arc<Gate>,
    session: Arc<Session>,
    token: String,
    number: AtomicU64,
    /// Where hazards lie.
    grid: EntityId,
    _dir: tempfile::TempDir,
}

impl Rig {
    fn new() -> Rig {
        // Beside the build, on the disk that the build is on: the system's temporary folder may be memory.
        let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
        let dir = tempfile::tempdir_in(&target).unwrap();
        let (city, _) = City::open(CityOptions::in_dir(dir.path())).unwrap();
        city.native(Arc::new(Identity)).unwrap();
        for plugin in ["services", "risk"] {
            let component = target.join(format!("plugins/{plugin}.wasm"));
            let bytes = std::fs::read(&component)
                .unwrap_or_else(|e| panic!("{}: {e}; build it with `cargo xtask plugins`", component.display()));
            city.install(&bytes, Approve::All, Limits::production()).unwrap();
        }
        let backend = Arc::new(CityBackend(Arc::clone(&city)));
        let gate = Arc::new(Gate::new(backend, Arc::new(SystemClock), GateOptions::default()).unwrap());
        let account = NewAccount {
            login: "bench",
            name: "bench",
            password: "a long bench password",
            roles: &[("operator", None), ("admin", None)],
            purposes: &[],
        };
        let id = gate.ensure_account(&account).unwrap();
        let token = gate.issue_token(id, "bench", Micros(SystemClock.now().0 + Micros::DAY)).unwrap();
        let session = gate.by_token(&token).unwrap();
        let grid = grid(&gate);
        Rig { city, gate, session, token, number: AtomicU64::new(0), grid, _dir: dir }
    }

    /// A report without personal words, or with: those are sealed under a key of their own.
    fn body(&self, words: bool) -> Json {
        let n = self.number.fetch_add(1, Ordering::Relaxed);
        let mut body = json!({"title": format!("report {n}"), "category": "street-light", "channel": "web"});
        if words {
            body["body"] = "路灯不亮，晚上看不清路。".into();
            body["contact"] = "0791-00000000".into();
        }
        body
    }

    fn submit(&self, load: Load, then: Box<dyn FnOnce(Outcome) + Send>) {
        let key = format!("bench-{}", self.number.load(Ordering::Relaxed));
        let key = (load == Load::Keyed).then_some(key.as_str());
        let (plugin, command) = match load {
            Load::Hazard => ("risk", "report-hazard"),
            Load::Plain | Load::Keyed | Load::Personal => ("services", "file-report"),
        };
        let body = match load {
            Load::Hazard => {
                let n = self.number.fetch_add(1, Ordering::Relaxed);
                json!({"place": self.grid.0, "category": "wiring", "title": format!("hazard {n}")})
            }
            Load::Plain | Load::Keyed | Load::Personal => self.body(load == Load::Personal),
        };
        let ask = Ask { plugin, command, purpose: None, place: None, key, locale: "zh-CN" };
        let checked = self.gate.check(&self.session, &ask, &body).map_err(|e| e.to_string()).unwrap();
        self.city.submit_then(checked.submission, then);
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
    fn alone(&self) -> Vec<f64> {
        let (tell, told) = crossbeam_channel::bounded(1);
        let one = || {
            let tell = tell.clone();
            let from = Instant::now();
            self.submit(Load::Plain, Box::new(move |outcome| tell.send(outcome).unwrap()));
            expect_done(&told.recv().unwrap());
            from.elapsed().as_secs_f64() * 1e6
        };
        let mut times: Vec<f64> = (0..ALONE).map(|_| one()).collect();
        times.sort_by(f64::total_cmp);
        times
    }

    fn request(&self) -> Vec<u8> {
        let body = self.body(false).to_string();
        format!(
            "POST /api/v1/services/file-report HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        )
        .into_bytes()
    }
}

/// A place with nothing in it yet.
fn grid(gate: &Gate) -> EntityId {
    let text = |t: &str| Value::Text(t.into());
    let body = vec![text("grid"), text("grid"), text("G-1"), text("G-1"), Value::None, Value::None];
    let made = gate.as_host("create-place", body).unwrap();
    made.iter().find_map(|n| n.value.as_entity()).unwrap()
}

fn expect_done(outcome: &Outcome) {
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
}

/// Sends one request on a connection that stays and reads the whole answer.
async fn exchange(stream: &mut TcpStream, request: &[u8], buffer: &mut Vec<u8>) {
    stream.write_all(request).await.unwrap();
    buffer.clear();
    loop {
        let n = stream.read_buf(buffer).await.unwrap();
        assert!(n > 0, "the server closed: {}", String::from_utf8_lossy(buffer));
        let Some(head) = buffer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
        let length: usize = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map(|n| n.trim().parse().unwrap())
            .expect("an answer says its length");
        if buffer.len() >= head + 4 + length {
            assert!(buffer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(buffer));
            return;
        }
    }
}

/// Microseconds of each request of `clients` that each wait for their answers, and requests a second over all.
async fn over_http(rig: &Arc<Rig>, addr: SocketAddr, clients: u64, requests: u64) -> (Vec<f64>, f64) {
    let from = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let rig = Arc::clone(rig);
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(addr).await.unwrap();
                stream.set_nodelay(true).unwrap();
                let mut buffer = Vec::with_capacity(4096);
                let mut times = Vec::new();
                for _ in 0..requests / clients {
                    let request = rig.request();
                    let from = Instant::now();
                    exchange(&mut stream, &request, &mut buffer).await;
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

fn at(times: &[f64], percent: usize) -> f64 {
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

fn tell(name: &str, ours: f64, unit: &str, target: Option<&str>) {
    let none: Option<f64> = None;
    let line = json!({"name": name, "ours": ours, "peer": none, "ratio": none, "unit": unit, "target": target});
    println!("{line}");
}

fn main() {
    let rig = Arc::new(Rig::new());
    rig.in_process(Load::Hazard, COMMANDS / 10);
    let hazards = (0..RUNS).map(|_| rig.in_process(Load::Hazard, COMMANDS)).collect();
    tell("durable commands end to end, in process: a hazard in a place", median(hazards), "1/s", Some("≥ 50,000"));
    rig.in_process(Load::Plain, COMMANDS / 10);
    let plain = (0..RUNS).map(|_| rig.in_process(Load::Plain, COMMANDS)).collect();
    tell("the same: a report with its number, its PIN and its flow", median(plain), "1/s", Some("≥ 50,000"));
    let keyed = (0..RUNS).map(|_| rig.in_process(Load::Keyed, COMMANDS)).collect();
    tell("such reports, each under a key of its own that can come again", median(keyed), "1/s", None);
    let sealed = (0..RUNS).map(|_| rig.in_process(Load::Personal, COMMANDS / 4)).collect();
    tell("such reports with personal words, each sealed under a new key", median(sealed), "1/s", None);
    let alone = rig.alone();
    tell("one client in process, p50", at(&alone, 50), "µs", None);
    tell("one client in process, p99", at(&alone, 99), "µs", None);

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let town = Arc::new(CityTown::new(Arc::clone(&rig.city), Limits::production()));
    let local = "127.0.0.1:0".parse().unwrap();
    let options = PortalOptions::default();
    let running = runtime.block_on(Server::bind(local, town, Arc::clone(&rig.gate), options)).unwrap();
    let addr = running.addr;
    runtime.block_on(over_http(&rig, addr, CLIENTS, REQUESTS / 4));
    let many: Vec<_> = (0..RUNS).map(|_| runtime.block_on(over_http(&rig, addr, CLIENTS, REQUESTS))).collect();
    let rates = many.iter().map(|(_, rate)| *rate).collect();
    tell("durable commands over HTTP, 256 clients in the same process", median(rates), "1/s", Some("≥ 10,000"));
    tell("their p99", median(many.iter().map(|(times, _)| at(times, 99)).collect()), "µs", None);
    let (times, _) = runtime.block_on(over_http(&rig, addr, 1, ALONE as u64));
    tell("one client over HTTP, p50", at(&times, 50), "µs", None);
    tell("one client over HTTP, p99", at(&times, 99), "µs", None);
    runtime.block_on(running.shutdown());
    rig.city.close().unwrap();
}
