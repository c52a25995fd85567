//! Ten million synthetic events: memory, apply rate, tally with and without the cube, snapshot, against DuckDB.
//!
//! `bench_world [EVENTS] [PYTHON] [placed]`: PYTHON is an interpreter that can `import duckdb`; without it the peer is left out
//! and said to be so on stderr. `placed` gives every event a position.
//! Prints one JSON object a line: {name, ours, peer, ratio, unit}.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_model::*;
use changzhi_world::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::io::{BufReader, BufWriter, Write};
use std::time::Instant;

const GRIDS: usize = 9_323;
const CATEGORIES: usize = 29;
const MONTHS: i64 = 36;
const START: i64 = 1_672_502_400; // 2023-01-01T00:00:00+08:00
const SPAN: i64 = 1_096 * 86_400;

fn line(name: &str, ours: f64, peer: Option<f64>, unit: &str) {
    println!(
        "{}",
        serde_json::json!({"name": name, "ours": ours, "peer": peer, "ratio": peer.map(|p| ours / p), "unit": unit})
    );
}

fn rss() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let row = status.lines().find(|l| l.starts_with("VmRSS")).unwrap();
    row.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1024.0
}

/// A number by a skewed weight table.
fn pick(cumulated: &[f64], rng: &mut StdRng) -> usize {
    let at = rng.random::<f64>() * cumulated[cumulated.len() - 1];
    cumulated.partition_point(|c| *c < at).min(cumulated.len() - 1)
}

fn cumulate(weights: impl Iterator<Item = f64>) -> Vec<f64> {
    weights
        .scan(0.0, |sum, w| {
            *sum += w;
            Some(*sum)
        })
        .collect()
}

fn tx(facts: Vec<Fact>) -> Transaction {
    Transaction {
        at: Micros(0),
        epoch: 1,
        actor: EntityId(0),
        purpose: "".into(),
        plugin: "bench".into(),
        command: "c".into(),
        request: RequestId([0; 16]),
        digest: [0; 16],
        facts,
        answer: Vec::new(),
    }
}

/// Every place and event somewhere in a city of half a degree.
fn somewhere(id: usize) -> Point {
    let (x, y) = (id.wrapping_mul(7_919) % 50_021, id.wrapping_mul(104_729) % 50_023);
    Point { lon: 119.0 + x as f64 / 100_000.0, lat: 26.0 + y as f64 / 100_000.0 }
}

fn created(id: usize, kind: &str, category: &Name, at: i64, within: Option<usize>, placed: bool) -> Fact {
    Fact::Created {
        id: EntityId(id as u64),
        kind: kind.into(),
        category: category.clone(),
        state: "new".into(),
        at: Micros(at * 1_000_000),
        within: within.map(|w| EntityId(w as u64)),
        position: placed.then(|| somewhere(id)),
    }
}

/// The shortest of some rounds, as the peer is measured: the machine may be busy with other things.
fn best<T>(rounds: usize, mut run: impl FnMut() -> T) -> (f64, T) {
    let mut shortest = f64::INFINITY;
    let mut last = None;
    for _ in 0..rounds {
        drop(last.take());
        let start = Instant::now();
        last = Some(run());
        shortest = shortest.min(start.elapsed().as_secs_f64());
    }
    (shortest, last.unwrap())
}

/// The peer's best time for the same table; why not, where it has none.
fn peer(python: Option<&String>, csv: &std::path::Path, cells: usize, events: usize) -> Result<f64, String> {
    let python = python.ok_or("no interpreter was named: bench_world EVENTS PYTHON")?;
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/peer_duckdb.py");
    let ran = std::process::Command::new(python).arg(script).arg(csv).output();
    let out = ran.map_err(|e| format!("{python} did not start: {e}"))?;
    let found: serde_json::Value = serde_json::from_slice(&out.stdout)
        .map_err(|_| format!("{}: {}", out.status, String::from_utf8_lossy(&out.stderr).trim()))?;
    if (found["cells"].as_u64(), found["events"].as_u64()) != (Some(cells as u64), Some(events as u64)) {
        return Err(format!("it counted otherwise: {found}, ours {cells} cells of {events} events"));
    }
    found["best_s"].as_f64().ok_or_else(|| format!("no time in {found}"))
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let events: usize = args.get(1).map_or(10_000_000, |n| n.parse().unwrap());
    let placed = args.iter().any(|a| a == "placed");
    let dir = tempfile::tempdir().unwrap();
    let mut rng = StdRng::seed_from_u64(20_251_123);
    let grids = cumulate((0..GRIDS).map(|_| -rng.random::<f64>().max(1e-12).ln()));
    let mix = cumulate((1..=CATEGORIES).map(|c| (c as f64).powf(-0.9)));
    let names: Vec<Name> = (0..CATEGORIES).map(|c| Name::from(format!("category-{c:02}"))).collect();

    let mut world = World::new();
    let kind = |name: &str, on| KindDecl { name: name.into(), on, label: name.into(), flow: None };
    let kinds = vec![kind("grid", Family::Places), kind("report", Family::Events)];
    world
        .apply(Seq(1), &tx(vec![Fact::Declared { plugin: "bench".into(), facets: vec![], kinds, flows: vec![] }]))
        .unwrap();
    world
        .apply(Seq(2), &tx((1..=GRIDS).map(|id| created(id, "grid", &Name::default(), START, None, placed)).collect()))
        .unwrap();
    let empty = rss();
    let mut rows = BufWriter::new(std::fs::File::create(dir.path().join("events.csv")).unwrap());
    let (mut seq, mut applying) = (2, 0.0);
    let mut at = START as f64;
    let mut made = 0;
    while made < events {
        let facts: Vec<Fact> = (0..1000.min(events - made))
            .map(|n| {
                at += rng.random::<f64>() * 2.0 * SPAN as f64 / events as f64 * 0.9999;
                let (grid, category) = (pick(&grids, &mut rng) + 1, pick(&mix, &mut rng));
                writeln!(rows, "{grid},{category},{}", at as i64).unwrap();
                created(GRIDS + made + n + 1, "report", &names[category], at as i64, Some(grid), placed)
            })
            .collect();
        made += facts.len();
        seq += 1;
        let tx = tx(facts);
        let start = Instant::now();
        world.apply(Seq(seq), &tx).unwrap();
        applying += start.elapsed().as_secs_f64();
    }
    rows.flush().unwrap();
    line("apply, 1,000 creations a transaction", made as f64 / applying, None, "events/s");
    line("memory", (rss() - empty) / events as f64, None, "bytes/event");
    line("resident", rss() / f64::from(1 << 30), None, "GiB");

    let by = [("within", ""), ("category", ""), ("at", "month")];
    let by = by.map(|(f, b)| Dimension { field: f.into(), bucket: b.into() }).to_vec();
    let spec = TallySpec { kind: "report".into(), by, filter: Vec::new() };
    let (scan, scanned) = best(3, || world.tally_by_scan(&spec).unwrap());
    let (cube, cubed) = best(3, || world.tally(&spec).unwrap());
    assert_eq!(scanned.counts, cubed.counts, "scan and cube must agree");
    let cells = cubed.counts.len();
    let csv = dir.path().join("events.csv");
    let peer = peer(args.get(2), &csv, cells, events).inspect_err(|why| eprintln!("no peer figures: {why}")).ok();
    line("tally grid × category × month, scan of resident columns", scan, peer, "s");
    line("tally grid × category × month, cube", cube, peer, "s");

    let stated = TallySpec {
        by: [("state", ""), ("at", "month")].map(|(f, b)| Dimension { field: f.into(), bucket: b.into() }).to_vec(),
        ..spec.clone()
    };
    for (name, spec) in [("cube", &spec), ("scan by state × month", &stated)] {
        let start = Instant::now();
        let mut cursor = TallyCursor::new(&world, spec).unwrap();
        let mut longest = start.elapsed().as_secs_f64();
        loop {
            let start = Instant::now();
            let done = cursor.step(&world, 1 << 16);
            longest = longest.max(start.elapsed().as_secs_f64());
            if done {
                break;
            }
        }
        line(&format!("longest of a tally's steps of 65,536, {name}"), longest * 1e3, None, "ms");
        assert!(!cursor.finish().unwrap().counts.is_empty());
    }

    let month = START + SPAN + 10 * 86_400;
    let (_, more) = (MONTHS, events / 36);
    let mut adding = 0.0;
    for start in (0..more).step_by(1000) {
        let facts = (start..more.min(start + 1000)).map(|n| {
            let (grid, category) = (pick(&grids, &mut rng) + 1, pick(&mix, &mut rng));
            created(GRIDS + events + n + 1, "report", &names[category], month, Some(grid), placed)
        });
        let tx = tx(facts.collect());
        seq += 1;
        let begun = Instant::now();
        world.apply(Seq(seq), &tx).unwrap();
        adding += begun.elapsed().as_secs_f64();
    }
    line("adding one month", adding / more as f64 * 1e9, None, "ns/event");

    let page =
        Query { kind: "report".into(), fields: vec!["at".into(), "category".into()], limit: 50, ..Query::default() };
    line("newest 50 with their total", best(101, || world.query(&page).unwrap()).0 * 1e6, None, "µs");
    line("state hash", best(1, || world.state_hash()).0, None, "s");

    let path = dir.path().join("world.snapshot");
    let start = Instant::now();
    let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(&path).unwrap());
    world.write_snapshot(Seq(seq), [0; 32], &mut out).unwrap();
    out.flush().unwrap();
    line("snapshot write", start.elapsed().as_secs_f64(), None, "s");
    line("snapshot size", path.metadata().unwrap().len() as f64 / f64::from(1 << 20), None, "MiB");
    let expected = world.state_hash();
    drop(world);
    let load = || {
        let mut input = BufReader::with_capacity(1 << 20, std::fs::File::open(&path).unwrap());
        World::read_snapshot(&mut input).unwrap().0
    };
    let (time, opened) = best(3, load);
    line("snapshot load", time, None, "s");
    assert_eq!(opened.state_hash(), expected);
}
