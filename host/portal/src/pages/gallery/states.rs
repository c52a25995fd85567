//! What a part looks like with nothing in it, while it is on its way, and when it cannot be shown.

use super::sample::{Part, Say, other, part, section, text};
use crate::shape::{Chart, Col, NodeKind, Section, Table, Value};

pub(super) fn parts(s: Say) -> Vec<Part> {
    let empty = |key: &str, zh: &str, en: &str, kind: NodeKind| {
        let head = Section {
            title: s.t(zh, en),
            help: None,
            empty: Some(s.t("今天没有新增。", "Nothing new today.")),
            live: false,
        };
        part(key, NodeKind::Section(head)).with(vec![part("x", kind)])
    };
    let col = Col { key: "a".into(), label: s.t("编号", "Code"), priority: 1, sortable: true, numeric: false };
    vec![
        section("none", s.t("空的一节", "An empty part"), vec![]),
        empty("table", "空表", "An empty table", NodeKind::Table(Table { cols: vec![col], total: 0, next: None })),
        empty(
            "chart",
            "空图",
            "An empty chart",
            NodeKind::Chart(Chart { shape: "line".into(), x: s.t("月", "Month"), unit: s.t("件", "n") }),
        ),
        empty("timeline", "空的经过", "An empty story", NodeKind::Timeline),
        section(
            "pending",
            s.t("稍后显示", "On its way"),
            vec![other("p", "pending", s.t("全市统计", "Figures of the city"), vec![("open", text("nothing"))])],
        ),
        section(
            "unknown",
            s.t("更新版本的组件", "A part of a later version"),
            vec![other(
                "u",
                "calendar-2",
                s.t("本周值班：周一李，周二王。", "On duty: Li on Monday, Wang on Tuesday."),
                vec![],
            )],
        ),
        section(
            "wrong",
            s.t("有误的组件", "A part with a mistake"),
            vec![
                other(
                    "w",
                    "checklist",
                    s.t("入户检查清单共 4 项。", "The checklist has 4 items."),
                    vec![("toggle", Value::Int(4))],
                )
                .with(vec![part("x", NodeKind::Detail)]),
            ],
        ),
    ]
}
