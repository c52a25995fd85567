//! Tables: sorted, filtered, chosen from, paged.

use super::sample::{DAY, HOUR, NOW, Part, Say, call, command, field, input, other, part, section, text};
use crate::shape::{Cell, Choice, Col, Due, NodeKind, Row, Style, Table, Text, Value};

fn col(key: &str, label: Text, priority: u8, numeric: bool) -> Col {
    Col { key: key.to_owned(), label, priority, sortable: true, numeric }
}

fn cols(s: Say) -> Vec<Col> {
    vec![
        col("code", s.t("编号", "Code"), 1, false),
        col("title", s.t("事项", "Matter"), 2, false),
        col("level", s.t("级别", "Level"), 3, false),
        col("state", s.t("状态", "State"), 4, false),
        col("due", s.t("期限", "Due"), 5, false),
        col("voices", s.t("声音", "Voices"), 6, true),
        col("agency", s.t("承办单位", "Unit"), 7, false),
    ]
}

fn rows(s: Say, n: usize) -> Vec<Part> {
    let titles = [
        ("路灯不亮", "Street light out"),
        ("楼道堆物", "Stairwell blocked"),
        ("井盖松动", "Loose manhole cover"),
        ("噪声扰民", "Noise at night"),
    ];
    let units = [("城管局", "City works"), ("消防大队", "Fire brigade"), ("朝阳洲街道", "Chaoyangzhou")];
    (0..n)
        .map(|i| {
            let (zh, en) = titles.get(i % titles.len()).copied().unwrap_or_default();
            let (unit_zh, unit_en) = units.get(i % units.len()).copied().unwrap_or_default();
            let step = i64::try_from(i).unwrap_or(0);
            let cells = vec![
                Cell::Text(Text::Plain(format!("NC-2026-{:05}", 431 + i))),
                s.c(zh, en),
                Cell::Level(u8::try_from(i % 4).unwrap_or(0) + 1),
                Cell::Status(if i % 3 == 0 { s.s("已签收", "accepted") } else { s.s("办理中", "under way") }),
                Cell::Due(Due { at: NOW, limit: NOW + (step * 17 - 20) * HOUR }),
                Cell::Int(step * 7 % 23),
                s.c(unit_zh, unit_en),
            ];
            part(
                &format!("{}", 431 + i),
                NodeKind::Row(Row {
                    cells,
                    open: Some(call("nothing", vec![("matter", Value::Entity(431 + i as u64))])),
                }),
            )
        })
        .collect()
}

pub(super) fn parts(s: Say) -> Vec<Part> {
    let state = crate::shape::Input {
        options: vec![
            Choice { value: "open".into(), label: s.t("办理中", "under way") },
            Choice { value: "closed".into(), label: s.t("已办结", "closed") },
        ],
        ..input("state", "code", s.t("状态", "State"))
    };
    let filters = other("filters", "filters", s.t("筛选事项", "Filter the matters"), vec![])
        .with(vec![field(state), field(input("words", "text", s.t("关键词", "Words")))]);
    let bulk =
        other("bulk", "bulk", s.t("批量办理", "Several at once"), vec![("row-param", text("matter"))]).with(vec![
            command("accept", s.t("签收", "Accept"), Style::Primary),
            command("return", s.t("退回", "Return"), Style::Plain),
        ]);
    let mut chosen = vec![filters, bulk];
    chosen.extend(rows(s, 8));
    let next = Some(call("nothing", vec![("page", Value::Int(1))]));
    vec![
        section(
            "full",
            s.t("筛选、选择、翻页", "Filter, choose, page"),
            vec![part("t", NodeKind::Table(Table { cols: cols(s), total: 1_284, next })).with(chosen)],
        ),
        section(
            "whole",
            s.t("完整的表：可排序", "A whole table: sortable"),
            vec![part("w", NodeKind::Table(Table { cols: cols(s), total: 6, next: None })).with(rows(s, 6))],
        ),
        section(
            "small",
            s.t("小表", "A small table"),
            vec![
                part(
                    "s",
                    NodeKind::Table(Table {
                        cols: vec![col("day", s.t("日期", "Day"), 1, false), col("n", s.t("件数", "Count"), 2, true)],
                        total: 0,
                        next: None,
                    }),
                )
                .with(
                    (0..3)
                        .map(|i| {
                            let cells = vec![Cell::Date(NOW - i * DAY), Cell::Int(40 + i * 3)];
                            part(&i.to_string(), NodeKind::Row(Row { cells, open: None }))
                        })
                        .collect(),
                ),
            ],
        ),
    ]
}
