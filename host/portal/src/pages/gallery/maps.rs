//! Maps with areas, tracks and spots. The shapes are made up.

use super::sample::{Part, Say, at, call, other, part, section, text};
use crate::shape::{Layer, NodeKind, Spot, Text, Value};

fn layer(key: &str, label: Text, shape: &str, token: &str, points: Vec<Spot>) -> Part {
    part(key, NodeKind::Layer(Layer { label, shape: shape.to_owned(), points, token: token.to_owned() }))
}

fn spot(key: &str, lon: f64, lat: f64, label: Text) -> Spot {
    Spot {
        key: key.to_owned(),
        at: at(lon, lat),
        label,
        open: Some(call("nothing", vec![("place", Value::Entity(3))])),
    }
}

/// A ring of six corners around a middle.
fn ring(lon: f64, lat: f64, size: f64) -> String {
    let corners = [(1.0, 0.1), (0.5, 0.9), (-0.6, 0.8), (-1.0, -0.2), (-0.4, -0.9), (0.6, -0.8)];
    corners
        .iter()
        .map(|(x, y)| format!("{:.5},{:.5}", lon + x * size, lat + y * size * 0.8))
        .collect::<Vec<_>>()
        .join(" ")
}

pub(super) fn parts(s: Say) -> Vec<Part> {
    let area = |key: &str, zh: &str, en: &str, lon: f64, lat: f64, level: i64| {
        other(
            key,
            "area",
            s.t(zh, en),
            vec![
                ("ring", text(&ring(lon, lat, 0.012))),
                ("level", Value::Int(level)),
                ("value", Value::Int(level * 12)),
                ("open", text("nothing")),
                ("open.grid", Value::Entity(9)),
            ],
        )
    };
    vec![
        section(
            "grids",
            s.t("网格与告警", "Grids and alarms"),
            vec![part("m", NodeKind::Map).with(vec![
                area("g1", "第一网格", "Grid one", 115.880, 28.680, 1),
                area("g2", "第二网格", "Grid two", 115.905, 28.684, 2),
                area("g3", "第三网格", "Grid three", 115.884, 28.660, 3),
                area("g4", "第四网格", "Grid four", 115.909, 28.663, 4),
                other(
                    "t",
                    "track",
                    s.t("洒水车作业路线", "Round of the sprinkler"),
                    vec![
                        ("of", text("route")),
                        ("line", text("115.868,28.672 115.880,28.671 115.893,28.674 115.905,28.672 115.918,28.676")),
                    ],
                ),
                layer(
                    "a",
                    s.t("告警", "Alarms"),
                    "pin",
                    "level-1",
                    vec![
                        spot("1", 115.8835, 28.6815, s.t("枫林小区烟感", "Smoke, Maple Court")),
                        spot("2", 115.9035, 28.6655, s.t("地下通道积水", "Flooded underpass")),
                    ],
                ),
                layer(
                    "s",
                    s.t("消防站", "Fire stations"),
                    "dot",
                    "info",
                    vec![spot("3", 115.8951, 28.6702, s.t("朝阳洲消防站", "Chaoyangzhou station"))],
                ),
                layer(
                    "c",
                    s.t("公共摄像头", "Public cameras"),
                    "camera",
                    "",
                    vec![spot("4", 115.9112, 28.6801, s.t("广场北口", "Square, north gate"))],
                ),
            ])],
        ),
        section(
            "heat",
            s.t("热度", "Heat"),
            vec![part("m", NodeKind::Map).with(vec![
            layer("h", s.t("近七日诉求", "Matters of 7 days"), "heat", "level-2", (0..24).map(|i| {
                let (x, y) = (f64::from(i % 6) * 0.008, f64::from(i * 7 % 5) * 0.006);
                spot(&i.to_string(), 115.87 + x, 28.655 + y, s.t("诉求", "Matter"))
            }).collect()),
        ])],
        ),
        section("empty", s.t("没有内容的地图", "A map with nothing on it"), vec![part("m", NodeKind::Map)]),
    ]
}
