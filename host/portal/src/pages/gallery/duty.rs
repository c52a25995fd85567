//! Alarms, video, the one-key alarm.

use super::sample::{MINUTE, NOW, Part, Say, at, other, section, text};
use crate::shape::Value;

pub(super) fn parts(s: Say) -> Vec<Part> {
    let alarm = |key: &str, zh: &str, en: &str, level: i64, ago: i64, seen: bool| {
        other(
            key,
            "alarm",
            s.t(zh, en),
            vec![
                ("level", Value::Int(level)),
                ("since", Value::Time(NOW - ago * MINUTE)),
                ("acknowledged", Value::Flag(seen)),
                ("place", text(&s.s("枫林小区 3 栋", "Maple Court 3"))),
                ("at", Value::Point(at(115.8835, 28.6815))),
                ("state", text(&if seen { s.s("已接警", "taken") } else { s.s("待接警", "waiting") })),
                ("open", text("nothing")),
            ],
        )
    };
    let source = |key: &str, zh: &str, en: &str, kind: &str, down: bool| {
        other(
            key,
            "source",
            s.t(zh, en),
            vec![("kind", text(kind)), ("down", Value::Flag(down)), ("open", text("nothing"))],
        )
    };
    let kind = |key: &str, zh: &str, en: &str| other(key, "kind", s.t(zh, en), vec![]);
    vec![
        section(
            "alarms",
            s.t("告警队列", "Queue of alarms"),
            vec![
                other(
                    "a",
                    "alarms",
                    s.t("告警队列", "Queue of alarms"),
                    vec![("acknowledge", text("nothing")), ("dispatch", text("nothing")), ("close", text("nothing"))],
                )
                .with(vec![
                    alarm("1", "烟感报警", "Smoke detected", 1, 2, false),
                    alarm("2", "安全出口堵塞", "Exit blocked", 2, 14, false),
                    alarm("3", "地下通道积水", "Underpass flooded", 2, 41, true),
                    alarm("4", "设备自检", "Self-test of a device", 4, 55, true),
                ]),
            ],
        ),
        section(
            "video",
            s.t("视频", "Video"),
            vec![other("v", "video", s.t("视频", "Video"), vec![("mode", text("grid-4"))]).with(vec![
                source("1", "广场北口", "Square, north gate", "live", false),
                source("2", "地下通道", "Underpass", "live", true),
                source("3", "枫林小区南门", "Maple Court, south gate", "replay", false),
            ])],
        ),
        section(
            "sos",
            s.t("一键求助", "One-key alarm"),
            vec![
                other(
                    "s",
                    "sos",
                    s.t("一键求助", "One-key alarm"),
                    vec![
                        ("command", text("nothing")),
                        ("site", text(&s.s("市第一医院急诊", "First hospital, emergency"))),
                        ("drill", Value::Flag(true)),
                    ],
                )
                .with(vec![
                    kind("violence", "有人闹事", "Violence"),
                    kind("fire", "火情", "Fire"),
                    other("c1", "contact", s.t("保卫科", "Guards"), vec![("phone", text("0791-8888 1234"))]),
                    other("c2", "contact", s.t("报警", "Police"), vec![("phone", text("110"))]),
                ]),
            ],
        ),
    ]
}
