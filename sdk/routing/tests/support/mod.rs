//! The labelled messages of the shared data, how they are folded, and how the model fares on them.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use changzhi_routing::{Calibration, Class, LEAST, Model, PRECISION, Profile, TOP};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

pub struct Message {
    pub title: String,
    pub body: String,
    pub class: Class,
}

pub struct Messages {
    pub folder: PathBuf,
    pub all: Vec<Message>,
    pub classes: u16,
    /// Whole path of each node of the tree that has messages.
    pub tree: Vec<(Class, String)>,
}

/// `None`, said visibly, where the data is absent.
pub fn messages() -> Option<Messages> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shared = std::env::var_os("CHANGZHI_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let folder = shared.join("data/gov-messages");
    let Ok(file) = std::fs::File::open(folder.join("labelled.csv.gz")) else {
        eprintln!("skipped: no shared data at {} (set CHANGZHI_SHARED)", folder.display());
        return None;
    };
    let mut labelled = csv::Reader::from_reader(flate2::read::MultiGzDecoder::new(file));
    let rows: Vec<BTreeMap<String, String>> = labelled.deserialize().map(|r| r.unwrap()).collect();
    let mut tree = csv::Reader::from_path(folder.join("categories.csv")).unwrap();
    let nodes: Vec<BTreeMap<String, String>> = tree.deserialize().map(|r| r.unwrap()).collect();
    let names: BTreeSet<&str> = rows.iter().map(|r| r["level1"].as_str()).collect();
    let class = |name: &str| names.iter().position(|n| *n == name).map(|n| Class(n as u16));
    let mut paths = BTreeSet::new();
    for node in &nodes {
        let Some(class) = class(&node["level1"]) else { continue };
        let path = [node["level1"].as_str(), node["level2"].as_str(), node["level3"].as_str()];
        (1..=3).for_each(|depth| _ = paths.insert((class, path[..depth].join(" "))));
    }
    let all = rows.iter().map(|r| Message {
        title: r["subject"].clone(),
        body: r["body"].clone(),
        class: class(&r["level1"]).unwrap(),
    });
    Some(Messages { all: all.collect(), classes: names.len() as u16, tree: paths.into_iter().collect(), folder })
}

/// Four times five folds, each with its share of every category; the same on every machine.
pub fn folds(data: &Messages) -> Vec<Vec<usize>> {
    let mut state = 20_260_101_u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let mut out = Vec::new();
    for _ in 0..4 {
        let mut five = vec![Vec::new(); 5];
        let mut next = 0;
        for class in 0..data.classes {
            let mut of: Vec<usize> = (0..data.all.len()).filter(|i| data.all[*i].class == Class(class)).collect();
            (1..of.len()).rev().for_each(|i| of.swap(i, random() % (i + 1)));
            for message in of {
                five[next % 5].push(message);
                next += 1;
            }
        }
        out.extend(five);
    }
    out
}

pub fn taught(data: &Messages, messages: &[usize]) -> Model {
    let mut model = Model::new(data.classes);
    data.tree.iter().for_each(|(class, path)| model.seed(*class, path));
    for i in messages {
        let m = &data.all[*i];
        model.learn(m.class, &Profile::of(&m.title, &m.body));
    }
    model
}

/// Shares, over all folds.
#[derive(Debug)]
pub struct Accuracy {
    pub first: f64,
    pub top: f64,
    /// The same without a single label: the tree's names alone.
    pub unlabelled: f64,
    /// Of the messages whose margin reaches the threshold found on the learned ones, those that are right.
    pub precision: f64,
    pub coverage: f64,
}

pub fn accuracy(data: &Messages, folds: &[Vec<usize>]) -> Accuracy {
    let profiles: Vec<Profile> = data.all.iter().map(|m| Profile::of(&m.title, &m.body)).collect();
    let tree_only = taught(data, &[]);
    let (mut first, mut top, mut unlabelled, mut asked) = (0, 0, 0, 0);
    let (mut proposed, mut right) = (0, 0);
    for test in folds {
        let learned: Vec<usize> = (0..data.all.len()).filter(|i| !test.contains(i)).collect();
        let model = taught(data, &learned);
        let mut calibration = Calibration::new();
        for i in &learned {
            if let Some((margin, good)) = model.judged(&profiles[*i], data.all[*i].class) {
                calibration.add(margin, good);
            }
        }
        let threshold = calibration.threshold(PRECISION, LEAST);
        for i in test {
            let (ranked, class) = (model.rank(&profiles[*i]), data.all[*i].class);
            let good = ranked[0].class == class;
            asked += 1;
            first += usize::from(good);
            top += usize::from(ranked.iter().take(TOP).any(|r| r.class == class));
            unlabelled += usize::from(tree_only.rank(&profiles[*i]).first().is_some_and(|r| r.class == class));
            if threshold.is_some_and(|t| ranked[0].score - ranked[1].score >= t) {
                proposed += 1;
                right += usize::from(good);
            }
        }
    }
    let share = |n: usize, of: usize| n as f64 / of.max(1) as f64;
    Accuracy {
        first: share(first, asked),
        top: share(top, asked),
        unlabelled: share(unlabelled, asked),
        precision: share(right, proposed),
        coverage: share(proposed, asked),
    }
}
