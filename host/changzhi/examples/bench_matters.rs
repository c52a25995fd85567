//! 100,000 open matters: the board, the search and the tracking page while commands arrive.
//!
//! ```text
//! file 100,000 reports in a hundred grids ──► portal on a free port ──► 200 filings a second over the API, and beside them
//! the desk's list of tasks · the list of all reports · a search by words · the tracking page of a report, by code and PIN
//! ```
//!
//! The load is open: requests leave by the clock and each is timed from when it should have left, so a server that falls behind is
//! seen. Pages are asked for as a browser asks, packed. The load generator runs in the same process on the same cores: the figures
//! are an upper bound. One JSON line a figure. Needs the plugins: `cargo xtask plugins`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod rig;

use changzhi_gate::Ask;
use changzhi_model::EntityId;
use changzhi_pipeline::Outcome;
use changzhi_portal::PortalOptions;
use rig::{LOGIN, PASSWORD, Rig, at, exchange, tell};
use serde_json::{Value as Json, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// Commands are made on one thread and let go on another: mimalloc is made for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const MATTERS: usize = 100_000;
const GRIDS: usize = 100;
/// Commands under way at once while the matters are filed.
const WINDOW: usize = 1_000;
const SECONDS: u32 = 20;
/// Filings a second, from as many connections as would be open.
const COMMANDS: u32 = 200;
/// Of each page, a second.
const PAGES: u32 = 10;
const CLIENTS: u32 = 8;
/// Reports that are tracked.
const TRACKED: usize = 16;
const FILE: (&str, &str) = ("services", "file-report");
const TARGET: &str = "< 100";
const CATEGORIES: [&str; 4] = ["street-light", "noise", "road", "refuse"];
/// What titles are made of.
const WHAT: [&str; 8] = ["路灯不亮", "深夜施工", "路面塌陷", "垃圾堆放", "占道经营", "井盖缺失", "漏水", "违停"];

fn body(n: usize, grid: EntityId) -> Json {
    let title = format!("{}，{} 号楼旁 {n}", WHAT[n % WHAT.len()], n % 97);
    json!({"title": title, "category": CATEGORIES[n / 3 % CATEGORIES.len()], "channel": "web", "place": grid.0})
}

fn file_all(rig: &Rig, grids: &[EntityId]) {
    let (tell, told) = crossbeam_channel::bounded::<Outcome>(WINDOW);
    let done = |outcome: Outcome| assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    let mut under_way = 0;
    for n in 0..MATTERS {
        if under_way == WINDOW {
            done(told.recv().unwrap());
            under_way -= 1;
        }
        let ask =
            Ask { plugin: "services", command: "file-report", purpose: None, place: None, key: None, locale: "zh-CN" };
        let checked = rig.gate.check(&rig.session, &ask, &body(n, grids[n % grids.len()]));
        let tell = tell.clone();
        let submission = checked.map_err(|e| e.to_string()).unwrap().submission;
        rig.city.submit_then(submission, Box::new(move |outcome| tell.send(outcome).unwrap()));
        under_way += 1;
    }
    (0..under_way).for_each(|_| done(told.recv().unwrap()));
}

/// A browser: a connection and its cookies.
struct Browser {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Browser {
    async fn open(addr: SocketAddr) -> Browser {
        let stream = TcpStream::connect(addr).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Browser { stream, buffer: Vec::with_capacity(1 << 20) }
    }

    async fn send(&mut self, request: &[u8]) -> (&str, &[u8]) {
        let body = exchange(&mut self.stream, request, &mut self.buffer).await;
        (std::str::from_utf8(&self.buffer[..body]).unwrap(), &self.buffer[body..])
    }

    /// Fills a page's form in and gives the cookie that came of it.
    async fn through(&mut self, path: &str, fields: &str) -> String {
        let get = format!("GET {path} HTTP/1.1\r\nHost: bench\r\nAccept: text/html\r\n\r\n");
        let (head, form) = self.send(get.as_bytes()).await;
        let secret = cookie(head, "");
        let form = String::from_utf8_lossy(form);
        let csrf = form.split("name=\"_csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let body = format!("_csrf={csrf}&{fields}");
        let post = format!(
            "POST {path} HTTP/1.1\r\nHost: bench\r\nCookie: {secret}\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let (head, answer) = self.send(post.as_bytes()).await;
        assert!(head.starts_with("HTTP/1.1 303"), "{head}{}", String::from_utf8_lossy(answer));
        cookie(head, "changzhi")
    }
}

/// The first cookie an answer sets whose name begins so.
fn cookie(head: &str, name: &str) -> String {
    let set = head.lines().filter_map(|l| l.split_once(": ")).filter(|(n, _)| n.eq_ignore_ascii_case("set-cookie"));
    let mut pairs = set.map(|(_, v)| v.split(';').next().unwrap().to_owned());
    pairs.find(|p| p.starts_with(name) && !p.ends_with('=')).expect("the answer sets a cookie")
}

fn page(path: &str, cookie: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: bench\r\nAccept: text/html\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nCookie: {cookie}\r\n\r\n"
    )
    .into_bytes()
}

/// Milliseconds of each of `rate` requests a second, in order of their length.
async fn load(
    addr: SocketAddr,
    begin: Instant,
    rate: u32,
    make: impl Fn(u32) -> Vec<u8> + Send + Sync + 'static,
) -> Vec<f64> {
    let make = Arc::new(make);
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let make = Arc::clone(&make);
            tokio::spawn(async move {
                let mut browser = Browser::open(addr).await;
                let mut times = Vec::new();
                for n in (client..rate * SECONDS).step_by(CLIENTS as usize) {
                    let due = begin + Duration::from_secs(1) * n / rate;
                    tokio::time::sleep_until(due.into()).await;
                    let (head, _) = browser.send(&make(n)).await;
                    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
                    times.push(due.elapsed().as_secs_f64() * 1e3);
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.await.unwrap());
    }
    times.sort_by(f64::total_cmp);
    times
}

/// Cookies of visitors who gave the code and the PIN of a report of their own.
async fn tracked(rig: &Rig, addr: SocketAddr, grids: &[EntityId]) -> Vec<String> {
    let mut cookies = Vec::new();
    for n in 0..TRACKED {
        let mut browser = Browser::open(addr).await;
        let (head, answer) = browser.send(&rig.request(FILE, &body(n, grids[0]).to_string())).await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let answer: Json = serde_json::from_slice(answer).unwrap();
        let told = |name: &str| answer["answer"][name].as_str().unwrap_or_else(|| panic!("{answer}")).replace(' ', "");
        let fields = format!("code={}&pin={}", told("code"), told("pin"));
        cookies.push(browser.through("/track", &fields).await);
    }
    cookies
}

async fn measure(rig: &Arc<Rig>, grids: Vec<EntityId>) {
    let running = rig.serve(PortalOptions::default()).await;
    let addr = running.addr;
    let fields = format!("login={LOGIN}&password={}", PASSWORD.replace(' ', "+"));
    let desk = Browser::open(addr).await.through("/sign-in", &fields).await;
    let visitors = tracked(rig, addr, &grids).await;
    let begin = Instant::now() + Duration::from_millis(200);
    let filing = Arc::clone(rig);
    let commands = load(addr, begin, COMMANDS, move |n| {
        filing.request(FILE, &body(n as usize, grids[n as usize % grids.len()]).to_string())
    });
    let (a, b, c) = (desk.clone(), desk.clone(), desk);
    let tasks = load(addr, begin, PAGES, move |_| page("/p/services/tasks", &a));
    let list = load(addr, begin, PAGES, move |_| page("/p/services/reports", &b));
    let search = load(addr, begin, PAGES, move |n| page(&format!("/search?q=%E8%B7%AF%E7%81%AF%20{}", n % 90), &c));
    let track = load(addr, begin, PAGES, move |n| page("/track/matter", &visitors[n as usize % visitors.len()]));
    let (commands, tasks, list, search, track) = tokio::join!(commands, tasks, list, search, track);
    let beside = format!("100,000 open matters, {COMMANDS} filings a second");
    for (name, times) in
        [("tasks of the desk", tasks), ("list of reports", list), ("search", search), ("tracking page", track)]
    {
        tell(&format!("{beside}: {name}, p50"), at(&times, 50), "ms", None);
        tell(&format!("{beside}: {name}, p99"), at(&times, 99), "ms", Some(TARGET));
    }
    tell(&format!("{beside}: a filing, p99"), at(&commands, 99), "ms", None);
    running.shutdown().await;
}

fn main() {
    let rig = Arc::new(Rig::with(&["services", "risk"]));
    let grids: Vec<EntityId> = (0..GRIDS).map(|n| rig.grid(&format!("G-{n:03}"))).collect();
    file_all(&rig, &grids);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(measure(&rig, grids));
    rig.city.close().unwrap();
}
