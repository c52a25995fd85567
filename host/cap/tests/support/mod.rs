//! What the tests share: the shared samples, a Python with packages, alerts of any kind that keep the rules.
#![allow(dead_code)]

use changzhi_cap::{
    Alert, Area, Category, Certainty, Circle, Info, Moment, MsgType, Pair, Point, Reference, Resource, Response, Ring,
    Scope, Severity, Status, Urgency, Version,
};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The shared samples; `None`, said visibly, where they are absent.
pub fn samples() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("CHANGZHI_SHARED").map_or(root, PathBuf::from);
    let folder = shared.join("data/cap-samples");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no shared data at {} (set CHANGZHI_SHARED)", folder.display());
    None
}

/// A Python that validates by XML Schema; `None`, said visibly, when it cannot be had.
pub fn lxml() -> Option<PathBuf> {
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cap-lxml");
    let python = venv.join("bin/python");
    let works = || Command::new(&python).args(["-c", "import lxml.etree"]).output().is_ok_and(|o| o.status.success());
    if !works() {
        let _ = Command::new("python3").args(["-m", "venv"]).arg(&venv).status();
        let _ = Command::new(&python).args(["-m", "pip", "install", "--quiet", "lxml"]).status();
    }
    if works() {
        return Some(python);
    }
    eprintln!("skipped: no Python with lxml: it needs python3-venv and a package index");
    None
}

fn text() -> impl Strategy<Value = String> {
    // Blanks, Chinese, and the signs XML has to escape; trimmed, as the reader trims.
    "[a-z0-9 .,:;(%=>'\"\\-\n暴雨红色预警信号①]{0,40}[a-z雨]".prop_map(|t| t.trim().to_owned())
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9_.@:雨-]{1,30}"
}

fn moment() -> impl Strategy<Value = Moment> {
    (0..4_000_000_000_i64, -56_i16..=56).prop_map(|(s, q)| Moment::new(s, q * 15).unwrap())
}

fn ring() -> impl Strategy<Value = Ring> {
    // A star around a point: its corners go round once, so it crosses itself nowhere.
    (-80.0..80.0_f64, -170.0..170.0_f64, prop::collection::vec(0.01..5.0_f64, 3..12)).prop_map(|(lat, lon, arms)| {
        let count = arms.len() as f64;
        let corner = |(n, arm): (usize, &f64)| {
            let turn = n as f64 / count * std::f64::consts::TAU;
            Point::new(lat + arm * turn.sin(), lon + arm * turn.cos()).unwrap()
        };
        let mut points: Vec<Point> = arms.iter().enumerate().map(corner).collect();
        points.push(points[0]);
        Ring(points)
    })
}

fn one<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(all)
}

fn pairs() -> impl Strategy<Value = Vec<Pair>> {
    prop::collection::vec((text(), text()).prop_map(|(name, value)| Pair { name, value }), 0..4)
}

fn area() -> impl Strategy<Value = Area> {
    let circle = (-90.0..90.0_f64, -180.0..180.0_f64, 0.0..500.0_f64);
    let circle = circle.prop_map(|(lat, lon, km)| Circle { centre: Point::new(lat, lon).unwrap(), km });
    let feet = prop::option::of((-100..90_000_i32).prop_map(|n| format!("{}.{}", n / 10, n.abs() % 10)));
    (text(), prop::collection::vec(ring(), 0..3), prop::collection::vec(circle, 0..3), pairs(), feet.clone(), feet)
        .prop_map(|(desc, polygons, circles, geocodes, altitude, ceiling)| {
            let ceiling = ceiling.filter(|_| altitude.is_some());
            Area { desc, polygons, circles, geocodes, altitude, ceiling, unread: Vec::new() }
        })
}

fn resource() -> impl Strategy<Value = Resource> {
    let maybe = || prop::option::of(name());
    let address = prop::option::of("[a-z][a-z0-9+.-]{0,5}:[a-z0-9/?&=+,;@!$'()*~._-]{1,30}(%[0-9A-F]{2}){0,3}");
    (text(), name(), prop::option::of(any::<u64>()), address, maybe(), maybe()).prop_map(
        |(desc, mime, size, uri, deref_uri, digest)| Resource { desc, mime: Some(mime), size, uri, deref_uri, digest },
    )
}

/// Texts of one language begin with it, so that no two languages say the same.
fn info(language: &'static str) -> impl Strategy<Value = Info> {
    let said = || prop::option::of(text().prop_map(move |t| format!("{language} {t}")));
    let words = (
        text(),
        prop::collection::vec(one(Category::ALL), 1..3),
        prop::collection::vec(one(Response::ALL), 0..3),
        one(Urgency::ALL),
        one(Severity::ALL),
        one(Certainty::ALL),
        prop::option::of(text()),
        prop::option::of(text()),
    );
    let said = (said(), said(), said(), prop::option::of(text()));
    let lists = (pairs(), pairs(), prop::collection::vec(resource(), 0..2), prop::collection::vec(area(), 0..3));
    (words, said, lists, prop::option::of(1..1_000_000_i64), any::<bool>()).prop_map(move |(w, s, l, lives, web)| {
        let (event, categories, responses, urgency, severity, certainty, audience, sender_name) = w;
        let (headline, description, instruction, contact) = s;
        let (event_codes, parameters, resources, areas) = l;
        Info {
            categories,
            responses,
            urgency,
            severity,
            certainty,
            audience,
            event_codes,
            // Put right when it is known when the message is sent.
            expires: lives.and_then(|s| Moment::new(s, 480)),
            sender_name,
            headline,
            description,
            instruction,
            web: web.then(|| "https://example.gov.cn/a?b=1&c=2".to_owned()),
            contact,
            parameters,
            resources,
            areas,
            ..Info::new(language, Category::Other, &event)
        }
    })
}

/// Any alert that keeps the rules.
pub fn alert() -> impl Strategy<Value = Alert> {
    let head = (name(), name(), moment(), one(Status::ALL), one(MsgType::ALL), one(Scope::ALL));
    let texts = (prop::option::of(text()), text(), text(), text(), prop::option::of(text()));
    let reference = (name(), name(), 1..1_000_000_i64);
    let lists = (
        prop::collection::vec(text(), 0..3),
        prop::collection::vec(reference, 1..4),
        (info("zh-CN"), prop::option::of(info("en"))),
    );
    (head, texts, lists).prop_map(|(head, texts, lists)| {
        let (identifier, sender, sent, status, message, scope) = head;
        let (source, restriction, addresses, note, incidents) = texts;
        let (codes, references, (first, second)) = lists;
        let mut infos: Vec<Info> = std::iter::once(first).chain(second).collect();
        for info in &mut infos {
            let after = info.expires.map_or(0, Moment::seconds);
            info.effective = Some(sent).filter(|_| after % 2 == 0);
            info.onset = Moment::new(sent.seconds() + after / 2, sent.offset()).filter(|_| after % 3 == 0);
            info.expires = info.expires.and_then(|_| Moment::new(sent.seconds() + after, sent.offset()));
        }
        let earlier = |(n, (sender, identifier, before)): (usize, (String, String, i64))| Reference {
            sender,
            identifier: format!("{n}{identifier}"),
            sent: Moment::new(sent.seconds() - before, 0),
        };
        let references: Vec<Reference> = references.into_iter().enumerate().map(earlier).collect();
        Alert {
            version: Version::V1_2,
            identifier,
            sender,
            sent,
            status,
            message,
            source,
            scope,
            restriction: (scope == Scope::Restricted).then_some(restriction),
            addresses: (scope == Scope::Private).then_some(addresses),
            codes,
            note: Some(note),
            references: if message == MsgType::Alert { Vec::new() } else { references },
            incidents,
            infos,
        }
    })
}
