//! How often a proposal is right, on 295 labelled messages of a real city in 7 categories, beside two peers on the same folds.
//!
//! Four times five stratified folds: 236 messages are learned, 59 asked, twenty times over. Peers run in Python where scikit-learn
//! can be had (its path is the first argument): linear character n-grams, and complement naive Bayes seeded from the tree's names.
//! One JSON line a figure; the texts stay where they are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../../tests/support/mod.rs"]
mod support;

use changzhi_routing::{Calibration, Class, Model, Profile, Proposal, Rules};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Instant;
use support::{Messages, accuracy, folds, taught};

fn figure(name: &str, ours: f64, peer: Option<f64>, unit: &str, target: Option<&str>) {
    let ratio = peer.map(|p| ours / p);
    println!(
        "{}",
        serde_json::json!({"name": name, "ours": ours, "peer": peer, "ratio": ratio, "unit": unit, "target": target})
    );
}

/// The peers' accuracies: linear, seeded complement naive Bayes.
fn peers(python: &str, data: &Messages, folds: &[Vec<usize>]) -> Option<(f64, f64)> {
    let mut child = Command::new(python)
        .args(["-c", include_str!("peers.py"), &data.folder.to_string_lossy()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(serde_json::to_string(folds).ok()?.as_bytes()).ok()?;
    let out = child.wait_with_output().ok().filter(|o| o.status.success())?;
    let said: Vec<f64> = serde_json::from_slice(&out.stdout).ok()?;
    Some((*said.first()?, *said.get(1)?))
}

fn main() {
    let Some(data) = support::messages() else { return };
    let folds = folds(&data);
    let peers = std::env::args().nth(1).and_then(|python| peers(&python, &data, &folds));
    if peers.is_none() {
        eprintln!("skipped: the peers; they need a Python with scikit-learn as the first argument");
    }
    let ours = accuracy(&data, &folds);
    figure(
        "routing/right first, tree and 236 labels",
        ours.first,
        peers.map(|p| p.1),
        "share",
        Some("≥ peer: seeded complement naive Bayes (.854)"),
    );
    figure(
        "routing/right first, beside linear n-grams",
        ours.first,
        peers.map(|p| p.0),
        "share",
        Some("> peer: linear character n-grams (.718)"),
    );
    figure("routing/right among the three shown", ours.top, None, "share", None);
    figure("routing/right first, tree only, no label", ours.unlabelled, None, "share", Some("≥ .84"));
    figure("routing/of proposals made, right", ours.precision, None, "share", Some("≥ .95"));
    figure("routing/proposals made, the rest abstains", ours.coverage, None, "share", None);
    let model = taught(&data, &(0..data.all.len()).collect::<Vec<_>>());
    let profiles: Vec<Profile> = data.all.iter().map(|m| Profile::of(&m.title, &m.body)).collect();
    let begun = Instant::now();
    let known = (0..20).flat_map(|_| &profiles).filter(|p| !model.rank(p).is_empty()).count();
    assert!(known > 0);
    let each = begun.elapsed().as_secs_f64() * 1e6 / (20 * data.all.len()) as f64;
    figure("routing/one message ranked, 390 characters on average", each, None, "µs", Some("≤ 50"));
    let begun = Instant::now();
    let mut kept = 0;
    for message in &data.all {
        let profile = Profile::of(&message.title, &message.body);
        kept += Proposal::of(&model, &Rules::new(), &profile, None).top.len();
    }
    assert!(kept > 0);
    let each = begun.elapsed().as_secs_f64() * 1e6 / data.all.len() as f64;
    figure("routing/one message cut, ranked and explained", each, None, "µs", None);
    let profiles: Vec<(Class, Profile)> = data.all.iter().map(|m| (m.class, Profile::of(&m.title, ""))).collect();
    let begun = Instant::now();
    let rounds = 20;
    for _ in 0..rounds {
        let mut model = Model::new(data.classes);
        profiles.iter().for_each(|(class, p)| model.learn(*class, p));
        let mut calibration = Calibration::new();
        for (class, p) in &profiles {
            if let Some((margin, right)) = model.judged(p, *class) {
                calibration.add(margin, right);
            }
        }
        assert!(!calibration.is_empty());
    }
    let each = begun.elapsed().as_secs_f64() * 1e6 / (f64::from(rounds) * profiles.len() as f64);
    figure("routing/learning and judging one title", each, None, "µs", None);
}
