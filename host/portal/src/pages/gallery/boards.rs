//! Boards and checklists.

use super::sample::{HOUR, NOW, Part, Say, call, line, other, part, section, text};
use crate::shape::{Branch, Cell, Due, NodeKind, Value};

pub(super) fn parts(s: Say) -> Vec<Part> {
    let card = |key: &str, zh: &str, en: &str, level: u8, left: i64| {
        let open = Some(call("nothing", vec![("matter", Value::Entity(5))]));
        part(key, NodeKind::Branch(Branch { label: s.t(zh, en), value: Cell::Level(level), open })).with(vec![
            line("due", s.t("期限", "Due"), Cell::Due(Due { at: NOW, limit: NOW + left * HOUR })),
            line("unit", s.t("调解员", "Mediator"), Cell::Person(88)),
        ])
    };
    let lane = |key: &str, zh: &str, en: &str, limit: i64, cards: Vec<Part>| {
        other(key, "lane", s.t(zh, en), vec![("limit", Value::Int(limit))]).with(cards)
    };
    let item = |key: &str, zh: &str, en: &str, done: bool, required: bool| {
        let mut attributes = vec![("done", Value::Flag(done)), ("required", Value::Flag(required))];
        if done {
            attributes.extend([("by", text(&s.s("王", "Wang"))), ("at", Value::Time(NOW - HOUR))]);
        }
        other(key, "item", s.t(zh, en), attributes)
    };
    vec![
        section(
            "board",
            s.t("看板", "Board"),
            vec![
                other(
                    "b",
                    "board",
                    s.t("调解看板", "Mediation board"),
                    vec![("move", text("nothing")), ("card-param", text("matter")), ("lane-param", text("state"))],
                )
                .with(vec![
                    lane(
                        "new",
                        "待受理",
                        "New",
                        5,
                        vec![
                            card("1", "漏水赔偿", "Damage by water", 3, 60),
                            card("2", "宠物扰邻", "A neighbour's dog", 4, 90),
                        ],
                    ),
                    lane(
                        "talk",
                        "调解中",
                        "In talks",
                        1,
                        vec![
                            card("3", "院落停车", "Parking in the yard", 2, 8),
                            card("4", "欠付工钱", "Unpaid wages", 1, -3),
                        ],
                    ),
                    lane("sign", "待签署", "To be signed", 3, vec![]),
                ]),
            ],
        ),
        section(
            "list",
            s.t("清单", "Checklist"),
            vec![
                other("c", "checklist", s.t("入户检查清单", "Checklist of a visit"), vec![("toggle", text("nothing"))])
                    .with(vec![
                        item("1", "出示证件，说明来意", "Show the card, say why", true, true),
                        item("2", "检查燃气软管", "Check the gas hose", true, true),
                        item("3", "检查楼道通道", "Check the stairwell", false, true),
                        item("4", "发放联系卡", "Leave a contact card", false, false),
                    ]),
            ],
        ),
    ]
}
