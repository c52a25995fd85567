//! From the press to every screen: fifty alarms a second while a thousand and ten thousand browsers look on.
//!
//! ```text
//! 50 presses a second, by the clock ──► gate · plugin · journal ──► the answer on the phone
//!                                                    │
//!                                                    ▼
//!            every screen on the common picture hears `event: alarm` with the alarm's number
//! ```
//!
//! Two processes on the same cores: this program starts itself again as the host and plays phones and screens. Each alarm is taken and
//! cleared after a while, so that the picture stays as large as a city's on its worst day. A press is timed from when it should have
//! been sent. One JSON line a figure. Needs the plugins: `cargo xtask plugins`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation
)]

// The other programs send from the rig's own process; here it is the host, and the phones are elsewhere.
#[allow(dead_code)]
mod rig;

use changzhi_portal::{LiveOptions, PortalOptions};
use rig::{Rig, at, exchange, request, tell};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value as Json, json};
use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PICTURE: &str = "/p/command/board";
/// What screens look at that are not on the picture.
const ELSEWHERE: &str = "/p/services/overview";
const RATE: u32 = 50;
const SECONDS: u32 = 20;
/// Those of the first seconds only warm it up.
const WARM: u32 = 2;
const PHONES: u32 = 8;
const SEATS: u32 = 8;
/// More than are pressed while one is open, so that no press joins another.
const PLACES: u32 = 400;
/// From the press until somebody has taken and cleared it.
const OPEN: Duration = Duration::from_millis(500);

fn main() {
    // Each browser is a file descriptor in both processes.
    let most = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most }).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if std::env::args().any(|a| a == "host") {
        return runtime.block_on(host());
    }
    // One of them alone: `bench_alarm 10000 10000`.
    let given: Vec<u64> = std::env::args().skip(1).map(|a| a.parse().unwrap()).collect();
    let all = [(1_000, 1_000), (10_000, 1_000), (10_000, 10_000)];
    for (screens, on_picture) in all.into_iter().filter(|(s, p)| given.is_empty() || given == [*s, *p]) {
        runtime.block_on(run(screens, on_picture));
    }
}

/// Serves until its input ends.
async fn host() {
    let rig = Rig::with(&["services", "command"]);
    let places: Vec<String> = (0..PLACES).map(|n| rig.grid(&format!("A-{n:03}")).0.to_string()).collect();
    let live = LiveOptions { streams_each: 20_000, streams: 20_000, ..LiveOptions::default() };
    let running = rig.serve(PortalOptions { live, ..PortalOptions::default() }).await;
    println!("{} {} {}", running.addr, rig.token, places.join(","));
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await.unwrap().unwrap();
    running.shutdown().await;
    rig.city.close().unwrap();
}

/// Where the host is, a token for it, places to press at.
#[derive(Clone)]
struct Address {
    addr: SocketAddr,
    token: String,
    places: Vec<u64>,
}

struct Host {
    child: Child,
    address: Address,
}

impl Host {
    fn start() -> Host {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut child = command.arg("host").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut parts = line.split_whitespace();
        let mut part = || parts.next().expect("the host did not say where it is");
        let (addr, token) = (part().parse().unwrap(), part().to_owned());
        let places = part().split(',').map(|p| p.parse().unwrap()).collect();
        Host { child, address: Address { addr, token, places } }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// A connection that sends commands.
struct Phone {
    stream: TcpStream,
    buffer: Vec<u8>,
    token: String,
}

impl Phone {
    async fn of(host: &Address) -> Phone {
        let stream = TcpStream::connect(host.addr).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Phone { stream, buffer: Vec::new(), token: host.token.clone() }
    }

    async fn does(&mut self, command: &str, body: &Json) -> Json {
        let sent = request(&self.token, ("command", command), &body.to_string());
        let begins = exchange(&mut self.stream, &sent, &mut self.buffer).await;
        let (head, body) = self.buffer.split_at(begins);
        assert!(head.starts_with(b"HTTP/1.1 200"), "{command}: {}", String::from_utf8_lossy(&self.buffer));
        serde_json::from_slice::<Json>(body).unwrap()["answer"].take()
    }
}

/// What the screens tell: which alarm came when, in microseconds after `begun`.
struct Told {
    begun: Instant,
    streams: AtomicU64,
    resyncs: AtomicU64,
    bytes: AtomicU64,
    heard: parking_lot::Mutex<Vec<Vec<(u64, u32)>>>,
}

/// Reads events as they come, in whatever pieces. JSON has no line breaks, so an empty line ends an event.
#[derive(Default)]
struct Ear {
    /// How the line begins: enough for the number of an alarm.
    line: Vec<u8>,
    alarm: bool,
}

impl Ear {
    const KEPT: usize = 160;

    fn hear(&mut self, mut piece: &[u8], mut alarm: impl FnMut(u64), mut resync: impl FnMut()) {
        while !piece.is_empty() {
            let before = piece;
            let n = BufRead::skip_until(&mut piece, b'\n').unwrap();
            let part = &before[..n];
            // A whole line is looked at where it lies: what is kept of each browser is cold memory.
            if self.line.is_empty() && part.ends_with(b"\n") {
                Ear::line(part, &mut self.alarm, &mut alarm, &mut resync);
                continue;
            }
            self.line.extend(&part[..part.len().min(Ear::KEPT.saturating_sub(self.line.len()))]);
            if part.ends_with(b"\n") {
                Ear::line(&self.line, &mut self.alarm, &mut alarm, &mut resync);
                self.line.clear();
            }
        }
    }

    fn line(line: &[u8], is_alarm: &mut bool, alarm: &mut impl FnMut(u64), resync: &mut impl FnMut()) {
        match line {
            b"event: alarm\n" => *is_alarm = true,
            b"event: resync\n" => resync(),
            line if *is_alarm && line.starts_with(b"data:") => {
                *is_alarm = false;
                alarm(number(&line[..line.len().min(Ear::KEPT)]));
            }
            _ => {}
        }
    }
}

/// The `key` of an alarm's data.
fn number(line: &[u8]) -> u64 {
    let text = std::str::from_utf8(line).unwrap();
    let key = text.split("\"key\":\"").nth(1).and_then(|k| k.split('"').next()).unwrap_or_else(|| panic!("{text}"));
    key.parse().unwrap_or_else(|_| panic!("{text}"))
}

thread_local! {
    /// What all browsers of a thread read into, one after the other: ten thousand buffers would be read from cold memory, and that
    /// would be measured.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; 64 << 10]);
    /// What they heard: one list of a thread, handed over when it is full.
    static HEARD: RefCell<Vec<(u64, u32)>> = RefCell::new(Vec::with_capacity(LIST));
}

const LIST: usize = 1 << 16;

/// Keeps what a screen heard.
fn keep(told: &Told, heard: (u64, u32)) {
    HEARD.with_borrow_mut(|list| {
        list.push(heard);
        if list.len() == LIST {
            told.heard.lock().push(std::mem::replace(list, Vec::with_capacity(LIST)));
        }
    });
}

async fn screen(addr: SocketAddr, request: Arc<str>, told: Arc<Told>) {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut ear, mut first) = (Ear::default(), true);
    loop {
        // By `poll_read`: a buffer that is not filled says that there is no more, and saves asking once more for each piece.
        let read = std::future::poll_fn(|cx| {
            BUFFER.with_borrow_mut(|bytes| {
                let mut buffer = ReadBuf::new(bytes);
                std::task::ready!(Pin::new(&mut stream).poll_read(cx, &mut buffer))?;
                let (now, bytes) = (told.begun.elapsed().as_micros() as u32, buffer.filled());
                assert!(!first || bytes.starts_with(b"HTTP/1.1 200"), "the stream was refused");
                let resync = || _ = told.resyncs.fetch_add(1, Ordering::Relaxed);
                ear.hear(bytes, |id| keep(&told, (id, now)), resync);
                Poll::Ready(Ok::<_, std::io::Error>(bytes.len()))
            })
        });
        let Ok(read @ 1..) = read.await else { break };
        told.bytes.fetch_add(read as u64, Ordering::Relaxed);
        told.streams.fetch_add(u64::from(std::mem::take(&mut first)), Ordering::Relaxed);
    }
    // The stream is over: what its thread still holds is handed over.
    HEARD.with_borrow_mut(|list| told.heard.lock().push(std::mem::take(list)));
}

/// Alarms by number: microseconds after `begun` at which each should have been pressed, and until the phone had its answer.
async fn press(host: &Address, begun: Instant) -> Vec<(u64, u32, u32)> {
    let (pressed, to_clear) = tokio::sync::mpsc::unbounded_channel::<(u64, Instant)>();
    let from = Instant::now() + Duration::from_millis(200);
    let mut phones = Vec::new();
    for phone in 0..PHONES {
        let (mut line, pressed, places) = (Phone::of(host).await, pressed.clone(), host.places.clone());
        phones.push(tokio::spawn(async move {
            let mut done = Vec::new();
            for n in (phone..RATE * (WARM + SECONDS)).step_by(PHONES as usize) {
                let due = from + Duration::from_secs(1) * n / RATE;
                tokio::time::sleep_until(due.into()).await;
                let body = json!({"place": places[(n % PLACES) as usize], "category": "help", "spot": "3F"});
                let answer = line.does("ring", &body).await;
                assert_eq!(answer["outcome"], "rung", "{answer}");
                let alarm = answer["alarm"].as_u64().unwrap();
                pressed.send((alarm, due + OPEN)).unwrap();
                if n >= RATE * WARM {
                    done.push((alarm, (due - begun).as_micros() as u32, due.elapsed().as_micros() as u32));
                }
            }
            done
        }));
    }
    drop(pressed);
    // More than one seat: a picture that is full has no room for the next alarm, and that would be measured.
    let to_clear = Arc::new(tokio::sync::Mutex::new(to_clear));
    let mut seats = Vec::new();
    for _ in 0..SEATS {
        let (mut seat, to_clear) = (Phone::of(host).await, Arc::clone(&to_clear));
        seats.push(tokio::spawn(async move {
            loop {
                let Some((alarm, at)) = to_clear.lock().await.recv().await else { return };
                tokio::time::sleep_until(at.into()).await;
                seat.does("acknowledge", &json!({"alarm": alarm})).await;
                let clear = json!({"alarm": alarm, "verdict": "mistaken", "called_back": true, "reason": "bench"});
                seat.does("clear", &clear).await;
            }
        }));
    }
    for seat in seats {
        seat.await.unwrap();
    }
    let mut all = Vec::new();
    for phone in phones {
        all.extend(phone.await.unwrap());
    }
    all
}

/// Seconds of processor time a process has used.
fn worked(process: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    // Behind the name, which may hold anything: fields 14 and 15 of the whole, in ticks of a hundredth of a second.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks = |n: usize| fields[n].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / 100.0
}

async fn run(screens: u64, on_picture: u64) {
    let host = Host::start();
    let told = Arc::new(Told {
        begun: Instant::now(),
        streams: AtomicU64::new(0),
        resyncs: AtomicU64::new(0),
        bytes: AtomicU64::new(0),
        heard: parking_lot::Mutex::default(),
    });
    let mut tasks = Vec::new();
    for n in 0..screens {
        let page = if n % (screens / on_picture) == 0 { PICTURE } else { ELSEWHERE };
        let line = format!(
            "GET /live?z=1&t=999999999:{page} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\nAccept: text/event-stream\r\n\r\n",
            host.address.token
        );
        tasks.push(tokio::spawn(screen(host.address.addr, line.into(), Arc::clone(&told))));
        // As browsers come: not all in the same instant.
        if n % 50 == 49 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    while told.streams.load(Ordering::Relaxed) < screens {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let before = (told.bytes.load(Ordering::Relaxed), worked("self"), worked(&host.child.id().to_string()));
    // Phones and seats have a thread of their own: in a city none of them waits until ten thousand browsers have read.
    let (addr, begun) = (host.address.clone(), told.begun);
    let alarms = tokio::task::spawn_blocking(move || {
        let own = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        own.block_on(press(&addr, begun))
    });
    let alarms = alarms.await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let bytes = told.bytes.load(Ordering::Relaxed) - before.0;
    let (players, served) = (worked("self") - before.1, worked(&host.child.id().to_string()) - before.2);
    drop(host);
    for task in tasks {
        task.await.unwrap();
    }
    let pressed: std::collections::HashMap<u64, u32> = alarms.iter().map(|(id, at, _)| (*id, *at)).collect();
    let heard = std::mem::take(&mut *told.heard.lock());
    let times =
        heard.iter().flatten().filter_map(|(id, came)| Some(f64::from(came.saturating_sub(*pressed.get(id)?)) / 1e3));
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    let mut answers: Vec<f64> = alarms.iter().map(|(.., took)| f64::from(*took) / 1e3).collect();
    answers.sort_by(f64::total_cmp);
    let missed = (on_picture * alarms.len() as u64).saturating_sub(times.len() as u64);
    let line = |name: &str, ours: f64, unit: &str, target: Option<&str>| {
        tell(
            &format!("{RATE} alarms a second, {screens} screens, {on_picture} on the picture: {name}"),
            ours,
            unit,
            target,
        );
    };
    line("answer on the phone, p50", at(&answers, 50), "ms", None);
    line("answer on the phone, p99", at(&answers, 99), "ms", Some("≤ 100"));
    line("press to screen, p50", at(&times, 50), "ms", None);
    line("press to screen, p99", at(&times, 99), "ms", Some("≤ 250"));
    line("press to screen, max", times.last().copied().unwrap_or(f64::MAX), "ms", None);
    let each = f64::from(WARM + SECONDS);
    line("sent to all screens", bytes as f64 / each / 1e6, "MB/s", None);
    line("processor time of the host", served / each, "cores", None);
    line("processor time of phones and screens", players / each, "cores", None);
    line("alarms missed on a screen", missed as f64, "alarms", Some("0"));
    line("screens told to fetch the page anew", told.resyncs.load(Ordering::Relaxed) as f64, "times", None);
}
