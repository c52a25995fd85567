//! Ten million synthetic events: memory, apply rate, tally with and without the cube, snapshot, against DuckDB.
//!
//! `bench_world [EVENTS] [PYTHON]`: PYTHON is an interpreter that can `import duckdb`; without it the peer is left out.
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

fn created(id: usize, kind: &str, category: &Name, at: i64, within: Option<usize>) -> Fact {
    Fact::Created {
        id: EntityId(id as u64),
        kind: kind.into(),
        category: category.clone(),
        state: "new".into(),
        at: Micros(at * 1_000_000),
        within: within.map(|w| EntityId(w as u64)),
        position: None,
    }
}

fn best<T>(rounds: usize, mut run: impl FnMut() -> T) -> (f64, T) {
    let mut times = Vec::new();
    let mut last = None;
    for _ in 0..rounds {
        let start = Instant::now();
        last = Some(run());
        times.push(start.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], last.unwrap())
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let events: usize = args.get(1).map_or(10_000_000, |n| n.parse().unwrap());
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
        .apply(Seq(2), &tx((1..=GRIDS).map(|id| created(id, "grid", &Name::default(), START, None)).collect()))
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
                created(GRIDS + made + n + 1, "report", &names[category], at as i64, Some(grid))
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
    let (scan, scanned) = best(5, || world.tally_by_scan(&spec).unwrap());
    let (cube, cubed) = best(5, || world.tally(&spec).unwrap());
    assert_eq!(scanned.counts, cubed.counts, "scan and cube must agree");
    let peer = args.get(2).and_then(|python| {
        let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/peer_duckdb.py");
        let out = std::process::Command::new(python).arg(script).arg(dir.path().join("events.csv")).output().ok()?;
        let found: serde_json::Value = serde_json::from_slice(&out.stdout).ok()?;
        assert_eq!(found["cells"].as_u64(), Some(cubed.counts.len() as u64), "the peer must count the same cells");
        assert_eq!(found["events"].as_u64(), Some(events as u64));
        found["median_s"].as_f64()
    });
    line("tally grid × category × month, cold scan", scan, peer, "s");
    line("tally grid × category × month, cube", cube, peer, "s");

    let month = START + SPAN + 10 * 86_400;
    let (_, more) = (MONTHS, events / 36);
    let mut adding = 0.0;
    for start in (0..more).step_by(1000) {
        let facts = (start..more.min(start + 1000)).map(|n| {
            let (grid, category) = (pick(&grids, &mut rng) + 1, pick(&mix, &mut rng));
            created(GRIDS + events + n + 1, "report", &names[category], month, Some(grid))
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
    let mut times = Vec::new();
    for _ in 0..3 {
        let start = Instant::now();
        let mut input = BufReader::with_capacity(1 << 20, std::fs::File::open(&path).unwrap());
        let (opened, ..) = World::read_snapshot(&mut input).unwrap();
        times.push(start.elapsed().as_secs_f64());
        assert_eq!(opened.state_hash(), expected);
    }
    times.sort_by(f64::total_cmp);
    line("snapshot load", times[1], None, "s");
}
