//! Live pages under load: a thousand and ten thousand browsers on one page that changes once a second.
//!
//! Two processes on the same cores: this program starts itself again as the host (a real city with a real plugin, the page
//! rendered once for all) and plays the browsers. Delivery is from the moment the change is sent as a command until a browser has
//! read the section, so it holds the commit, the rendering and the way to all. One JSON line a figure. Needs the plugins:
//! `cargo xtask plugins`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss
)]

use changzhi_gate::{CityBackend, Gate, GateOptions, Identity, NewAccount};
use changzhi_model::{Clock, Micros, SystemClock};
use changzhi_pipeline::{Approve, City, CityOptions};
use changzhi_plugins::Limits;
use changzhi_portal::{CityTown, LiveOptions, PortalOptions, Server};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::cell::RefCell;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PAGE: &str = "/p/services/overview";
/// Changes of one run, after those that warm it up.
const TICKS: usize = 30;
const WARM: usize = 3;
/// A little more than the pace of a section, so that no change waits for it.
const EVERY: Duration = Duration::from_millis(1_100);

fn main() {
    // Each browser is a file descriptor in both processes.
    let most = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most }).unwrap();
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build().unwrap();
    if std::env::args().any(|a| a == "host") {
        runtime.block_on(host());
    } else {
        for subscribers in [1_000, 10_000] {
            runtime.block_on(run(subscribers));
        }
    }
}

/// Serves until its input ends.
async fn host() {
    let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
    let dir = tempfile::tempdir_in(&target).unwrap();
    let (city, _) = City::open(CityOptions::in_dir(dir.path())).unwrap();
    city.native(Arc::new(Identity)).unwrap();
    let component = target.join("plugins/services.wasm");
    let bytes = std::fs::read(&component)
        .unwrap_or_else(|e| panic!("{}: {e}; build it with `cargo xtask plugins`", component.display()));
    city.install(&bytes, Approve::All, Limits::production()).unwrap();
    let gate = Arc::new(
        Gate::new(Arc::new(CityBackend(Arc::clone(&city))), Arc::new(SystemClock), GateOptions::default()).unwrap(),
    );
    let account = NewAccount {
        login: "bench",
        name: "bench",
        password: "a long bench password",
        roles: &[("operator", None)],
        purposes: &[],
    };
    let id = gate.ensure_account(&account).unwrap();
    let token = gate.issue_token(id, "bench", Micros(SystemClock.now().0 + Micros::DAY)).unwrap();
    let town = Arc::new(CityTown::new(Arc::clone(&city), Limits::production()));
    let live = LiveOptions { streams_each: 20_000, streams: 20_000, ..LiveOptions::default() };
    let options = PortalOptions { live, ..PortalOptions::default() };
    let running = Server::bind("127.0.0.1:0".parse().unwrap(), town, gate, options).await.unwrap();
    println!("{} {token}", running.addr);
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await.unwrap().unwrap();
    running.shutdown().await;
    city.close().unwrap();
}

struct Host {
    child: Child,
    addr: SocketAddr,
    token: String,
}

impl Host {
    fn start() -> Host {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg("host")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (addr, token) = line.trim().split_once(' ').expect("the host did not say where it is");
        Host { addr: addr.parse().unwrap(), token: token.to_owned(), child }
    }

    /// Bytes of memory in use.
    fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() * 1024.0
    }

    /// Seconds of processor time used so far.
    fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        // Ticks of a hundredth of a second, on every Linux that runs this.
        (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
    }

    async fn file(&self, n: usize) {
        let body = format!("{{\"title\":\"report {n}\",\"category\":\"lighting\"}}");
        let request = format!(
            "POST /api/v1/services/file-report HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        );
        let mut to = TcpStream::connect(self.addr).await.unwrap();
        to.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        to.read_to_end(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// What the browsers tell.
struct Told {
    begun: Instant,
    /// When the last change was sent, in microseconds after `begun`.
    sent: AtomicU64,
    streams: AtomicU64,
    sections: AtomicU64,
    /// Which change was sent last, and how many browsers heard something after one.
    change: AtomicU64,
    delivered: AtomicU64,
    bytes: AtomicU64,
    /// Microseconds of each delivery that counts.
    times: parking_lot::Mutex<Vec<u64>>,
    counts: std::sync::atomic::AtomicBool,
}

/// Reads events as they come, in whatever pieces. JSON has no line breaks, so an empty line ends an event.
#[derive(Default)]
struct Ear {
    /// How the line begins.
    line: Vec<u8>,
    html: bool,
}

impl Ear {
    /// How many whole `html` events end in this piece.
    fn hear(&mut self, mut piece: &[u8]) -> u64 {
        let mut heard = 0;
        while !piece.is_empty() {
            let before = piece;
            let n = BufRead::skip_until(&mut piece, b'\n').unwrap();
            let part = &before[..n];
            self.line.extend(&part[..part.len().min(16_usize.saturating_sub(self.line.len()))]);
            if part.ends_with(b"\n") {
                match self.line.as_slice() {
                    b"event: html\n" => self.html = true,
                    b"\n" if std::mem::take(&mut self.html) => heard += 1,
                    _ => {}
                }
                self.line.clear();
            }
        }
        heard
    }
}

thread_local! {
    /// What all browsers of a thread read into, one after the other: ten thousand buffers would be read from cold memory, and that
    /// would be measured.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; 16 << 10]);
}

/// Bytes that came, how many sections end in them, and whether an answer begins well with them; `None` where nothing is there yet.
fn hear(stream: &TcpStream, ear: &mut Ear) -> std::io::Result<(usize, u64, bool)> {
    BUFFER.with_borrow_mut(|bytes| {
        let n = stream.try_read(bytes)?;
        Ok((n, ear.hear(&bytes[..n]), bytes.starts_with(b"HTTP/1.1 200")))
    })
}

async fn browser(addr: SocketAddr, request: Arc<str>, told: Arc<Told>) {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut ear = Ear::default();
    let (mut first, mut last) = (true, 0);
    while stream.readable().await.is_ok() {
        let (n, heard, well) = match hear(&stream, &mut ear) {
            Err(e) if e.kind() == ErrorKind::WouldBlock => continue,
            Err(_) | Ok((0, ..)) => break,
            Ok(came) => came,
        };
        if first {
            assert!(well, "the stream was refused");
            told.streams.fetch_add(1, Ordering::Relaxed);
            first = false;
        }
        told.bytes.fetch_add(n as u64, Ordering::Relaxed);
        if heard > 0 {
            let now = told.begun.elapsed().as_micros() as u64;
            told.sections.fetch_add(heard, Ordering::Relaxed);
            let change = told.change.load(Ordering::Relaxed);
            told.delivered.fetch_add(u64::from(change > last), Ordering::Relaxed);
            last = change;
            if told.counts.load(Ordering::Relaxed) {
                told.times.lock().push(now.saturating_sub(told.sent.load(Ordering::Relaxed)));
            }
        }
    }
}

async fn run(subscribers: u64) {
    let host = Host::start();
    host.file(0).await;
    let told = Arc::new(Told {
        begun: Instant::now(),
        sent: AtomicU64::new(0),
        streams: AtomicU64::new(0),
        sections: AtomicU64::new(0),
        change: AtomicU64::new(0),
        delivered: AtomicU64::new(0),
        bytes: AtomicU64::new(0),
        times: parking_lot::Mutex::default(),
        counts: false.into(),
    });
    let request: Arc<str> = format!(
        "GET /live?t=999999999:{PAGE} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\nAccept: text/event-stream\r\n\r\n",
        host.token
    )
    .into();
    let before = host.memory();
    for n in 0..subscribers {
        tokio::spawn(browser(host.addr, Arc::clone(&request), Arc::clone(&told)));
        // As browsers come: not all in the same instant.
        if n % 50 == 49 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    while told.streams.load(Ordering::Relaxed) < subscribers {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (mut cpu, mut from) = (0.0, Instant::now());
    let mut clock = tokio::time::interval(EVERY);
    clock.tick().await;
    for tick in 0..WARM + TICKS {
        clock.tick().await;
        if tick == WARM {
            told.counts.store(true, Ordering::Relaxed);
            told.sections.store(0, Ordering::Relaxed);
            told.delivered.store(0, Ordering::Relaxed);
            told.bytes.store(0, Ordering::Relaxed);
            (cpu, from) = (host.cpu(), Instant::now());
        }
        told.change.store(tick as u64 + 1, Ordering::Relaxed);
        told.sent.store(told.begun.elapsed().as_micros() as u64, Ordering::Relaxed);
        host.file(tick + 1).await;
    }
    tokio::time::sleep(EVERY).await;
    let seconds = from.elapsed().as_secs_f64();
    let cpu = (host.cpu() - cpu) / seconds;
    let each = (host.memory() - before) / subscribers as f64;
    let mut times = std::mem::take(&mut *told.times.lock());
    times.sort_unstable();
    let at = |part: f64| times.get((times.len() as f64 * part) as usize).copied().unwrap_or(u64::MAX) as f64 / 1000.0;
    let missed = (subscribers * TICKS as u64).saturating_sub(told.delivered.load(Ordering::Relaxed));
    let (sections, bytes) = (told.sections.load(Ordering::Relaxed) as f64, told.bytes.load(Ordering::Relaxed) as f64);
    let line = |name: &str, ours: f64, unit: &str, target: Option<&str>| {
        let name = format!("live, {subscribers} browsers: {name}");
        println!(
            "{}",
            serde_json::json!({"name": name, "ours": ours, "peer": null, "ratio": null, "unit": unit, "target": target})
        );
    };
    line("delivery p50", at(0.5), "ms", None);
    line("delivery p99", at(0.99), "ms", Some("≤ 300"));
    line("delivery max", times.last().map_or(f64::MAX, |t| *t as f64 / 1000.0), "ms", None);
    line("memory of each", each / 1024.0, "KiB", Some("≤ 40"));
    line("cores used by the host", cpu, "cores", None);
    line("sent", bytes / seconds / 1e6, "MB/s", None);
    line("sections of a change", sections / (subscribers * TICKS as u64) as f64, "sections", None);
    line("bytes of a change", bytes / (subscribers * TICKS as u64) as f64 / 1024.0, "KiB", None);
    line("changes missed", missed as f64, "changes", Some("0"));
}
