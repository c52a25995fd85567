//! Rendering over HTTP: a page with a table of 500 rows and eight columns, 200 times a second, in the reader's language.
//!
//! Each request goes the whole way: session, gate, a call of a real plugin (the museum's piece, asked for as many cells as the
//! table has), the tree, the markup, and the packing a browser asks for. One JSON line a figure. The load is open: requests leave
//! by the clock, and each is timed from when it should have left, so a server that falls behind is seen. The load generator runs
//! in the same process on the same cores: the figures are an upper bound.
//!
//! The peer is the least a server can do: one maud loop over cells whose words are ready, no plugin, no session, no frame, behind
//! the same server library with the same packing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use changzhi_gate::{
    Backend, CityBackend, Gate, GateOptions, Identity, Look, NewAccount, Outcome, Records, Submission,
};
use changzhi_model::*;
use changzhi_pipeline::{Approve, City, CityOptions, JobInfo};
use changzhi_plugins::Limits;
use changzhi_portal::shape::{self, Cell, Col, Due, Node, NodeKind, Page, Row, Section, Table};
use changzhi_portal::{CityTown, Fresh, PortalOptions, Server, Standing, Town, Verified, ViewFuture, WatchFuture};
use changzhi_trail::Trail;
use maud::{DOCTYPE, Markup, html};
use serde_json::json;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

const ROWS: usize = 500;
const RATE: u32 = 200;
const SECONDS: u32 = 10;
const CLIENTS: u32 = 20;
const RUNS: usize = 3;
/// Calls every import and shows tables of three cells.
const MUSEUM: &[u8] = include_bytes!("../../../tests/museum/0.1.0.wasm");
/// Rows of its table that have as many cells as ours.
const AS_MANY: usize = ROWS * 8 / 3;
/// What Chromium sends.
const BROWSER: &str = "gzip, deflate, br, zstd";

/// A real city: its plugin is called, and then this page is answered instead of the plugin's.
struct Bench {
    city: CityTown,
    page: Page,
}

impl Backend for Bench {
    fn read(&self, look: &mut dyn FnMut(&dyn Records)) {
        self.city.read(look);
    }
    fn manifest(&self, plugin: &str) -> Option<Arc<Manifest>> {
        self.city.manifest(plugin)
    }
    fn submit_then(&self, submission: Submission, tell: Box<dyn FnOnce(Outcome) + Send>) {
        self.city.submit_then(submission, tell);
    }
    fn secret(&self, entity: EntityId, facet: &str, field: &str) -> Result<Option<Value>, String> {
        self.city.secret(entity, facet, field)
    }
}

impl Town for Bench {
    fn manifests(&self) -> Vec<Arc<Manifest>> {
        self.city.manifests()
    }
    fn view(&self, look: Look) -> ViewFuture {
        let (called, page) = (self.city.view(look), self.page.clone());
        Box::pin(async move {
            let (answer, seq) = called.await?;
            assert_eq!(answer.nodes.len(), AS_MANY + 1);
            Ok((page, seq))
        })
    }
    fn watch(&self, look: Look) -> WatchFuture {
        self.city.watch(look)
    }
    fn durable(&self) -> tokio::sync::watch::Receiver<Seq> {
        self.city.durable()
    }
    fn standing(&self) -> Standing {
        self.city.standing()
    }
    fn fresh(&self) -> Fresh {
        self.city.fresh()
    }
    fn looked(&self, by: &Actor, purpose: &Name, of: &Name, id: EntityId, field: (&str, &str)) -> Result<(), String> {
        self.city.looked(by, purpose, of, id, field)
    }
    fn erase(&self, entity: EntityId, purpose: &Name) -> Result<(), String> {
        self.city.erase(entity, purpose)
    }
    fn trail(&self) -> Arc<Trail> {
        self.city.trail()
    }
    fn transaction(&self, seq: Seq) -> Result<Transaction, String> {
        self.city.transaction(seq)
    }
    fn verify(&self, pace: &mut dyn FnMut(Seq) -> ControlFlow<()>) -> Result<Verified, String> {
        self.city.verify(pace)
    }
    fn start_job_then(&self, submission: Submission, tell: Box<dyn FnOnce(Outcome) + Send>) {
        self.city.start_job_then(submission, tell);
    }
    fn jobs(&self) -> Result<Vec<JobInfo>, String> {
        self.city.jobs()
    }
    fn job(&self, id: RequestId) -> Result<Option<JobInfo>, String> {
        self.city.job(id)
    }
    fn cancel_job(&self, id: RequestId, by: &Actor) -> Result<Option<JobInfo>, String> {
        self.city.cancel_job(id, by)
    }
    fn state(&self) -> Result<(Seq, [u8; 32]), String> {
        self.city.state()
    }
    fn install(&self, component: Bytes, by: EntityId, percent: &dyn Fn(u8)) -> Result<(Name, Name), String> {
        self.city.install(component, by, percent)
    }
    fn retry(&self, plugin: &str) -> Result<usize, String> {
        self.city.retry(plugin)
    }
}

fn page() -> Page {
    let text = |s: &str| shape::Text::Plain(s.to_owned());
    let col = |key: &str, priority| Col { key: key.into(), label: text(key), priority, sortable: true, numeric: false };
    let names = ["code", "title", "level", "state", "due", "created", "place", "voices"];
    let cols = names.iter().zip(1_u8..).map(|(name, priority)| col(name, priority)).collect();
    let head = Section { title: text("matters"), help: None, empty: None, live: true };
    let mut nodes = vec![
        Node { key: "s".into(), children: 1, kind: NodeKind::Section(head) },
        Node {
            key: "t".into(),
            children: ROWS as u32,
            kind: NodeKind::Table(Table { cols, total: 9_000, next: None }),
        },
    ];
    for i in 0..ROWS {
        let n = i as i64;
        let cells = vec![
            Cell::Text(text(&format!("NC-2026-{i:05}"))),
            Cell::Text(text("枫林小区 3 栋楼道堆放电动车和纸箱，影响消防通道")),
            Cell::Level((i % 4) as u8 + 1),
            Cell::Status("state-open".into()),
            Cell::Due(Due { at: 0, limit: (n - 100) * 3_600_000_000 }),
            Cell::Time(1_795_396_800_000_000 - n * 60_000_000),
            Cell::Code("category-fire".into()),
            Cell::Int(n * 37 % 1_000),
        ];
        let open = Some(shape::Call {
            name: "matter".into(),
            args: vec![shape::Named { name: "matter".into(), value: shape::Value::Entity(i as u64) }],
        });
        nodes.push(Node { key: i.to_string(), children: 0, kind: NodeKind::Row(Row { cells, open }) });
    }
    Page { title: text("bench"), nodes }
}

/// One exchange on a connection that stays.
async fn exchange(stream: &mut TcpStream, request: &[u8], buffer: &mut Vec<u8>) -> (String, usize) {
    stream.write_all(request).await.unwrap();
    buffer.clear();
    loop {
        let n = stream.read_buf(buffer).await.unwrap();
        assert!(n > 0, "the server closed: {}", String::from_utf8_lossy(buffer));
        let Some(head) = buffer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&buffer[..head]).into_owned();
        let body = &buffer[head + 4..];
        let declared =
            text.lines().find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned));
        let length = match declared {
            Some(length) => Some(length.trim().parse().unwrap()).filter(|length| body.len() >= *length),
            None => chunks(body),
        };
        if let Some(length) = length {
            return (text, length);
        }
    }
}

/// Bytes in a body that comes in chunks, once the last is there.
fn chunks(mut rest: &[u8]) -> Option<usize> {
    let mut bytes = 0;
    loop {
        let line = rest.windows(2).position(|w| w == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        rest = rest.get(line + 2 + size + 2..)?;
        if size == 0 {
            return Some(bytes);
        }
        bytes += size;
    }
}

async fn sign_in(addr: SocketAddr) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let mut buffer = Vec::new();
    let cookie = |head: &str| {
        let line = head
            .lines()
            .find_map(|l| l.split_once(": ").filter(|(n, _)| n.eq_ignore_ascii_case("set-cookie")))
            .unwrap();
        line.1.split(';').next().unwrap().to_owned()
    };
    let get = b"GET /sign-in HTTP/1.1\r\nHost: bench\r\nAccept: text/html\r\n\r\n";
    let (head, _) = exchange(&mut stream, get, &mut buffer).await;
    let form = String::from_utf8_lossy(&buffer).into_owned();
    let csrf = form.split("name=\"_csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let body = format!("_csrf={csrf}&login=bench&password=a+long+bench+password");
    let post = format!(
        "POST /sign-in HTTP/1.1\r\nHost: bench\r\nCookie: {}\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        cookie(&head),
        body.len()
    );
    let (head, _) = exchange(&mut stream, post.as_bytes(), &mut buffer).await;
    assert!(head.starts_with("HTTP/1.1 303"), "{head}");
    cookie(&head)
}

/// Milliseconds of each request from when it should have left, and the bytes of a page.
async fn load(addr: SocketAddr, request: Arc<Vec<u8>>) -> (Vec<f64>, usize) {
    let begin = Instant::now() + Duration::from_millis(50);
    let tasks: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let request = Arc::clone(&request);
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(addr).await.unwrap();
                stream.set_nodelay(true).unwrap();
                let mut buffer = Vec::with_capacity(1 << 20);
                let (mut times, mut bytes) = (Vec::new(), 0);
                for n in 0..RATE * SECONDS / CLIENTS {
                    let due = begin + Duration::from_secs(1) * (n * CLIENTS + client) / RATE;
                    tokio::time::sleep_until(due.into()).await;
                    let (head, length) = exchange(&mut stream, &request, &mut buffer).await;
                    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
                    times.push(due.elapsed().as_secs_f64() * 1e3);
                    bytes = length;
                }
                (times, bytes)
            })
        })
        .collect();
    let (mut times, mut bytes) = (Vec::new(), 0);
    for task in tasks {
        let (own, length) = task.await.unwrap();
        times.extend(own);
        bytes = length;
    }
    times.sort_by(f64::total_cmp);
    (times, bytes)
}

fn at(times: &[f64], percent: usize) -> f64 {
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

/// The peer's rows: everything decided, looked up and formatted before.
fn ready() -> Vec<[String; 8]> {
    let levels = ["特急", "紧急", "一般", "提示"];
    (0..ROWS)
        .map(|i| {
            [
                format!("NC-2026-{i:05}"),
                "枫林小区 3 栋楼道堆放电动车和纸箱，影响消防通道".to_owned(),
                levels[i % 4].to_owned(),
                "state-open".to_owned(),
                format!("超期 {} 天 {} 小时", i / 24, i % 24),
                format!("2026-11-23 {:02}:{:02}", i / 60, i % 60),
                "category-fire".to_owned(),
                (i * 37 % 1_000).to_string(),
            ]
        })
        .collect()
}

fn bare(rows: &[[String; 8]]) -> Markup {
    let shape = || html! { svg.icon viewBox="0 0 16 16" aria-hidden="true" { polygon points="8,1 15.5,15 0.5,15" {} } };
    let body = html! {
        table.view {
            thead { tr { @for name in ["code", "title", "level", "state", "due", "created", "place", "voices"] { th scope="col" { (name) } } } }
            tbody { @for (i, [code, title, level, state, due, at, place, voices]) in rows.iter().enumerate() { tr {
                td data-label="code" { a href={"/p/museum/matter?matter=" (i)} { (code) } }
                td data-label="title" { (title) }
                td data-label="level" { span.level.l2 { (shape()) (level) } }
                td data-label="state" { span.status { (state) } }
                td.minor data-label="due" { span.due.over { (shape()) (due) " " small.muted { (at) } } }
                td.minor data-label="created" { time datetime=(at) { (at) } }
                td.minor.least data-label="place" { (place) }
                td.minor.least data-label="voices" { span.num { (voices) } }
            } } }
        }
    };
    html! { (DOCTYPE) html lang="zh-CN" { head { title { "bench" } } body { (body) } } }
}

/// Serves the peer until the program ends.
async fn peer() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let rows: &'static [[String; 8]] = ready().leak();
    let router = Router::new()
        .route("/", get(move || async move { bare(rows) }))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(4)));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    addr
}

/// The run with the median p99 of several, after one that warms up.
fn median(runtime: &tokio::runtime::Runtime, addr: SocketAddr, request: &str) -> (Vec<f64>, usize) {
    let request = Arc::new(request.as_bytes().to_vec());
    let mut runs: Vec<(Vec<f64>, usize)> =
        (0..=RUNS).map(|_| runtime.block_on(load(addr, Arc::clone(&request)))).skip(1).collect();
    runs.sort_by(|(a, _), (b, _)| at(a, 99).total_cmp(&at(b, 99)));
    runs.swap_remove(RUNS / 2)
}

fn tell(name: &str, ours: f64, peer: f64, unit: &str, target: Option<&str>) {
    println!(
        "{}",
        json!({"name": name, "ours": ours, "peer": peer, "ratio": ours / peer, "unit": unit, "target": target})
    );
}

fn main() {
    let (city, _) = City::open(CityOptions::in_memory()).unwrap();
    city.native(Arc::new(Identity)).unwrap();
    city.install(MUSEUM, Approve::All, Limits::production()).unwrap();
    let backend = Arc::new(CityBackend(Arc::clone(&city)));
    let gate = Arc::new(Gate::new(backend, Arc::new(SystemClock), GateOptions::default()).unwrap());
    let account = NewAccount {
        login: "bench",
        name: "bench",
        password: "a long bench password",
        roles: &[("admin", None)],
        purposes: &[],
    };
    gate.ensure_account(&account).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let town = Arc::new(Bench { city: CityTown::new(Arc::clone(&city), Limits::production()), page: page() });
    let local = "127.0.0.1:0".parse().unwrap();
    let running = runtime.block_on(Server::bind(local, town, gate, PortalOptions::default())).unwrap();
    let peer = runtime.block_on(peer());
    let cookie = runtime.block_on(sign_in(running.addr));
    for (packing, accept) in [("as it is", "identity"), ("packed as a browser asks", BROWSER)] {
        let head = format!("Host: bench\r\nAccept: text/html\r\nAccept-Encoding: {accept}\r\nCookie: {cookie}\r\n\r\n");
        let (ours, bytes) =
            median(&runtime, running.addr, &format!("GET /p/museum/list?limit={AS_MANY} HTTP/1.1\r\n{head}"));
        let (theirs, least) = median(&runtime, peer, &format!("GET / HTTP/1.1\r\n{head}"));
        let name = |what: &str| format!("page with a 500-row table at 200 requests a second, {packing}: {what}");
        tell(&name("p50"), at(&ours, 50), at(&theirs, 50), "ms", None);
        tell(&name("p99"), at(&ours, 99), at(&theirs, 99), "ms", Some("≤ 20"));
        tell(&name("size"), bytes as f64 / 1024.0, least as f64 / 1024.0, "KiB", None);
    }
    runtime.block_on(running.shutdown());
    city.close().unwrap();
}
